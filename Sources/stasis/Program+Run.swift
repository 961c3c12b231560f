// From words to a command that does the work.

import CommandLine
import Host

extension Program {
    /// Carries out a command line. Every command has its own function; this is the only switch over them.
    static func run(words: [String]) -> ExitStatus {
        let invocation: Invocation
        do throws(UsageError) {
            invocation = try Invocation.parse(words)
        } catch {
            log(error.description)
            return .usage
        }
        switch invocation {
        case .completion(let shell): return show(Completion.script(for: shell))
        case .manual: return show(Manual.page)
        case .help(let command): return show(Help.text(for: command))
        case .version: return show(versionLine)
        case .run(let options): return runGuest(options)
        case .doctor(let options): return doctor(options)
        case .restore(let options): return restoreGuest(options)
        case .control(let path, let choice): return control(path, choice)
        case .demo(let options): return demonstrate(options)
        case .inspect(let options): return inspect(options)
        case .diff(let options): return compare(options)
        case .timeline(let options): return timeline(options)
        case .conformance(let options): return conformance(options)
        }
    }

    /// Prints a text that is the whole result.
    static func show(_ text: String) -> ExitStatus {
        var output = Output.standardOutput
        output.write(text)
        return finish(&output)
    }

    /// Writes what is left, and says so if it could not be written. A reader that has seen enough (`stasis manual | head`)
    /// is no failure.
    static func finish(_ output: inout Output) -> ExitStatus {
        output.flush()
        guard let failure = output.failure, failure != .pipe else { return .success }
        log("stasis: standard output: " + failure.description)
        return .failure
    }
}
