// The table agrees with itself, and everything made from it is fit to print.

import Foundation
import Testing

@testable import CommandLine

@Suite struct TableTests {
    @Test func rowsStandAtTheirIndex() {
        #expect(OptionSpec.table.map(\.option) == Option.allCases)
        #expect(CommandSpec.table.map(\.command) == Command.allCases)
    }

    @Test func namesAreUnique() {
        #expect(Set(OptionSpec.table.map(\.long)).count == OptionSpec.table.count)
        let letters = OptionSpec.table.map(\.short).filter { $0 != 0 }
        #expect(Set(letters).count == letters.count)
        #expect(Set(Command.names).count == Command.names.count)
    }

    @Test func everyOptionBelongsToACommand() {
        for option in Option.allCases {
            #expect(CommandSpec.table.contains { $0.takes(option) }, "\(option)")
        }
    }

    @Test func whatHelpCallsTheDefaultIsTheDefault() throws {
        // Saying the default must be the same as saying nothing, for every command and option that claims one.
        for spec in CommandSpec.table {
            let operands = spec.operands.map {
                if case .choice(let names) = $0.kind { names[0] } else { "file" }
            }
            let words = [spec.command.name] + operands
            for use in spec.options where !["", "all", "FILE's", "run's"].contains(use.fallback) {
                // The simulator's profile stays open until the backend is known.
                if use.option == .profile { continue }
                let explicit = try Invocation.parse(words + [OptionSpec.of(use.option).name, use.fallback])
                #expect(explicit == (try Invocation.parse(words)))
            }
        }
    }

    @Test(arguments: [nil] + Command.allCases)
    func helpFitsOneScreen(_ command: Command?) {
        let text = Help.text(for: command)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        #expect(lines.count <= 24)
        for line in lines {
            #expect(line.count < 80, "\(line)")
            #expect(!line.hasSuffix(" "))
        }
        #expect(text.hasPrefix("Usage: stasis "))
        #expect(text.contains("--help") && text.contains("--version"))
    }

    @Test func helpNamesEveryOptionOfTheCommand() {
        for spec in CommandSpec.table {
            for use in spec.allOptions {
                #expect(Help.text(for: spec.command).contains(OptionSpec.of(use.option).name))
            }
        }
    }

    @Test func theManualNamesEverything() {
        let page = Manual.page.replacingOccurrences(of: "\\-", with: "-")
        for spec in CommandSpec.table { #expect(page.contains(".SS \(spec.command.name)\n")) }
        for spec in OptionSpec.table { #expect(page.contains(spec.name)) }
        #expect(page.hasPrefix(".TH STASIS 1"))
        for line in page.split(separator: "\n") { #expect(!line.hasPrefix("'")) }
    }

    @Test(arguments: Shell.allCases)
    func completionNamesEverything(_ shell: Shell) {
        let script = Completion.script(for: shell)
        for name in Command.names { #expect(script.contains(name)) }
        for spec in OptionSpec.table { #expect(script.contains(spec.long)) }
        for name in ProfileChoice.names { #expect(script.contains(name)) }
    }

    /// What bash offers for the words so far; the last one is being typed.
    func offered(_ words: [String]) throws -> [String] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments =
            [
                "-c",
                Completion.script(for: .bash) + """

                    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _stasis; printf '%s\\n' "${COMPREPLY[@]}"
                    """, "bash", "stasis",
            ] + words
        process.currentDirectoryURL = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return output.split(separator: "\n").map(String.init)
    }

    @Test func bashCompletes() throws {
        #expect(try offered(["re"]) == ["restore", "resume"])
        #expect(try offered(["run", "--mem"]) == ["--memory"])
        #expect(try offered(["inspect", "--mem"]) == [])
        #expect(try offered(["run", "--backend", "s"]) == ["simulator"])
        #expect(try offered(["run", "--backend", "=", "k"]) == ["kvm"])
        #expect(try offered(["run", "--backend", "="]) == ["auto", "kvm", "simulator"])
        #expect(try offered(["run", "TableT"]) == ["TableTests.swift"])
        #expect(try offered(["run", "--save", "ValueT"]) == ["ValueTests.swift"])
        #expect(try offered(["timeline", "x", "-o", "ValueT"]) == ["ValueTests.swift"])
        #expect(try offered(["completion", ""]) == ["bash", "zsh", "fish"])
        #expect(try offered(["run", "x", "--", "--mem"]) == [])
        #expect(try offered(["-"]) == ["-h", "--help", "-V", "--version"])
    }

    @Test func theChangelogKnowsTheVersion() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let changelog = try String(contentsOf: root.appendingPathComponent("CHANGELOG.md"), encoding: .utf8)
        #expect(changelog.contains("## [\(Program.version)]"))
        #expect(Program.versionLine == "stasis \(Program.version)\n")
    }
}
