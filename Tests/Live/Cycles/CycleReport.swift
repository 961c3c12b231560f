// The figures of all cycles, as a table.

import CommandLine

struct CycleReport {
    private var stages: [CycleRecord] = []
    private var lateness: [Int64] = []
    private var ticks = 0
    private var lost = 0
    private var doubled = 0
    private var early = 0
    private var faults: [String] = []
    private(set) var mutated = false

    /// The children's records of one guest, and what it printed.
    mutating func add(_ records: CycleRecords, _ trace: CycleTrace) {
        stages += records.stages
        lateness += trace.lateness
        ticks += trace.ticks
        lost += trace.lost
        doubled += trace.doubled
        early += trace.early
        faults += records.faults + trace.faults
        if records.mutated { mutated = true }
        var counted: Int64 = 0
        for stage in records.stages { counted += stage.ticks }
        // A tick may be counted and its line cut off by the last freeze, or counted before the first restore.
        if abs(counted - Int64(trace.ticks)) > 8 {
            faults.append("\(trace.ticks) ticks were printed, and \(counted) taken")
        }
    }

    /// Nothing was wrong in `count` cycles.
    func passed(_ count: Int) -> Bool { faults.isEmpty && stages.count == count && ticks > 0 }

    func text(_ what: String) -> String {
        var fresh = 0
        var pending = 0
        for stage in stages {
            if stage.isNewProcess { fresh += 1 }
            if stage.pending { pending += 1 }
        }
        var text = "\(stages.count) cycles, \(fresh) of them into a new process; " + what + "\n\n"
        var counts = TextTable([.init("", .left), .init("", .right)])
        counts.row(["ticks seen", "\(ticks)"])
        counts.row(["lost", "\(lost)"])
        counts.row(["doubled", "\(doubled)"])
        counts.row(["early", "\(early)"])
        counts.row(["freezes with an interrupt pending", "\(pending)"])
        text += counts.text + "\n"
        var table = TextTable([.init("nanoseconds", .left), .init("median", .right), .init("worst", .right)])
        func row(_ name: String, _ values: [Int64]) {
            let sorted = values.sorted()
            guard let worst = sorted.last else { return }
            table.row([name, "\(sorted[sorted.count / 2])", "\(worst)"])
        }
        row("remaining time to Compare: error by COUNT_RESUME", stages.map { $0.error })
        row("... gone when first looked at after the thaw", stages.map { $0.gone })
        row("... of at most, by the clock around the calls", stages.map { $0.bracket })
        row("stood still, hidden from the guest", stages.map { $0.stood })
        row("run came back after its deadline", stages.map { $0.overrun })
        row("tick taken after it was due", lateness)
        text += table.text + "\n"
        for fault in faults.prefix(20) { text += "FAILED: " + fault + "\n" }
        if faults.count > 20 { text += "FAILED: and \(faults.count - 20) more\n" }
        text += faults.isEmpty ? "passed\n" : "failed\n"
        return text
    }
}
