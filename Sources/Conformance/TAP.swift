// Results as text: the Test Anything Protocol, version 13 (testanything.org).

/// Writes TAP. Diagnostics follow their row as comments.
struct TAP {
    private var number = 0

    /// The version and the plan.
    func head(_ rows: Int) -> String { "TAP version 13\n1..\(rows)\n" }

    /// The line of a row, with a diagnostic if it failed.
    mutating func line(_ result: RowResult) -> String {
        number += 1
        let name = "\(number) \(result.row.name) \(result.row.title)"
        switch result.outcome {
        case .passed: return "ok \(name)\n"
        case .skipped(let reason): return "ok \(name) # SKIP \(Self.oneLine(reason))\n"
        case .failed(let text): return "not ok \(name)\n# \(Self.oneLine(text))\n"
        }
    }

    /// The counts.
    func summary(_ results: Results) -> String {
        "# \(results.passed) passed, \(results.failed) failed, \(results.skipped) skipped\n"
    }

    /// A diagnostic must not begin lines of its own.
    static func oneLine(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 { bytes.append(byte < 0x20 ? 0x20 : byte) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
