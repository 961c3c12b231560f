// How `stasis conformance` prints: TAP while it runs, or JSON at the end, and the list of rows.

import CommandLine
import Conformance
import Host
import Hypervisor
import JSON

/// A report that grows row by row.
struct ConformanceReport {
    private let options: ConformanceOptions
    private let total: Int
    private var number = 0
    private var passed = 0
    private var failed = 0
    private var skipped = 0
    private var profile = ""
    private var output = Output.standardOutput
    private var json = JSONWriter()
    private var progress: ProgressLine

    init(_ options: ConformanceOptions, _ backend: Backend, rows: Int, profiles: Int) {
        self.options = options
        total = rows * profiles
        // Lines that run over a terminal are progress enough.
        let isStreaming = !options.json && !options.quiet && Terminal.isTerminal(1)
        progress = ProgressLine(quiet: options.quiet || isStreaming)
        if options.json {
            json.beginObject()
            json.member("version", Program.version)
            json.member("backend", backend.name)
            json.member("reason", backend.reason)
            json.key("rows")
            json.beginArray()
        } else if !options.quiet {
            output.write("TAP version 13\n1..\(total)\n# backend \(backend.name): \(Self.oneLine(backend.reason))\n")
        }
    }

    /// No row failed, and at least one passed.
    var isSuccess: Bool { failed == 0 && passed > 0 }

    mutating func begin(_ profile: Profile) {
        self.profile = profile.name
        if !options.json && !options.quiet { output.line("# profile " + profile.name) }
    }

    /// Says on a terminal which row is being checked.
    mutating func announce(_ row: RowID, _ profile: Profile) {
        progress.show("\(profile.name): row \(row.name), \(number + 1) of \(total)")
    }

    mutating func add(_ result: RowResult) {
        number += 1
        switch result.outcome {
        case .passed: passed += 1
        case .failed: failed += 1
        case .skipped: skipped += 1
        }
        if options.json {
            write(result)
            return
        }
        let line = tap(result)
        guard !line.utf8.isEmpty else { return }
        progress.hide()
        output.write(line)
        output.flush()
    }

    /// Ends the report and writes what is left of it.
    mutating func finish() -> ExitStatus {
        progress.hide()
        if options.json {
            json.endArray()
            json.member("passed", passed)
            json.member("failed", failed)
            json.member("skipped", skipped)
            json.endObject()
            output.write(json.text)
        } else {
            output.line("# \(passed) passed, \(failed) failed, \(skipped) skipped")
        }
        return Program.finish(&output)
    }

    /// The lines of a row (Test Anything Protocol 13). With --quiet those that failed only; their profile stands in the
    /// diagnostic, as there is no heading.
    private func tap(_ result: RowResult) -> String {
        let name = "\(number) \(result.row.name) " + result.row.title.description
        switch result.outcome {
        case .passed: return options.quiet ? "" : "ok \(name)\n"
        case .skipped(let reason): return options.quiet ? "" : "ok \(name) # SKIP \(Self.oneLine(reason))\n"
        case .failed(let text): return "not ok \(name)\n# \(profile): \(Self.oneLine(text))\n"
        }
    }

    private mutating func write(_ result: RowResult) {
        json.beginObject()
        json.member("profile", profile)
        json.member("row", result.row.name)
        json.member("title", result.row.title.description)
        switch result.outcome {
        case .passed: json.member("outcome", "passed")
        case .failed(let text):
            json.member("outcome", "failed")
            json.member("reason", text)
        case .skipped(let reason):
            json.member("outcome", "skipped")
            json.member("reason", reason)
        }
        json.member("nanoseconds", result.nanoseconds)
        json.endObject()
    }

    /// A diagnostic must not begin lines of its own.
    private static func oneLine(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 { bytes.append(byte < 0x20 ? 0x20 : byte) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

// The list of rows, without checking them.
extension ConformanceReport {
    private static let profiles: [Profile] = [.te510, .teFixed, .vz]

    /// A table for people.
    static func list(_ rows: [RowID]) -> String {
        var table = TextTable([.init("row"), .init("title"), .init("profiles")])
        for row in rows {
            var names = ""
            for profile in profiles where row.applicability(profile) == .yes {
                names += (names.utf8.isEmpty ? "" : " ") + profile.name
            }
            table.row([row.name, row.title.description, names])
        }
        return table.text
    }

    /// The same for programs.
    static func json(_ rows: [RowID]) -> String {
        var json = JSONWriter()
        json.beginArray()
        for row in rows {
            json.beginObject()
            json.member("row", row.name)
            json.member("title", row.title.description)
            json.key("profiles")
            json.beginArray()
            for profile in profiles where row.applicability(profile) == .yes { json.value(profile.name) }
            json.endArray()
            json.endObject()
        }
        json.endArray()
        return json.text
    }
}
