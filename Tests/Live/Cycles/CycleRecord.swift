// What a child tells its parent: lines on its standard output.

import Host

/// The figures of one stage.
struct CycleRecord {
    /// The restore was in another process than the save.
    var isNewProcess: Bool
    /// A timer interrupt was pending when the guest was frozen.
    var pending: Bool
    /// Nanoseconds the guest stood still.
    var stood: Int64
    /// Nanoseconds of the remaining time to Compare that were gone right after the thaw.
    var gone: Int64
    /// Nanoseconds those may be at most: from before the thaw to after the look at Count.
    var bracket: Int64
    /// How far, in nanoseconds, the instant at which the guest went on by its Count is from the one the ledger has.
    var error: Int64
    /// Ticks taken in the stage.
    var ticks: Int64
    /// Nanoseconds after its deadline that the run came back.
    var overrun: Int64

    /// `R` and eight numbers.
    var line: String {
        "R \(isNewProcess ? 1 : 0) \(pending ? 1 : 0) \(stood) \(gone) \(bracket) \(error) \(ticks) \(overrun)"
    }

    /// Reads it back.
    init?(_ words: [ArraySlice<UInt8>]) {
        guard words.count == 9 else { return nil }
        var numbers: [Int64] = []
        for word in words.dropFirst() {
            guard let number = Int64(String(decoding: word, as: UTF8.self)) else { return nil }
            numbers.append(number)
        }
        isNewProcess = numbers[0] == 1
        pending = numbers[1] == 1
        stood = numbers[2]
        gone = numbers[3]
        bracket = numbers[4]
        error = numbers[5]
        ticks = numbers[6]
        overrun = numbers[7]
    }

    init(
        isNewProcess: Bool, pending: Bool, stood: Int64, gone: Int64, bracket: Int64, error: Int64, ticks: Int64,
        overrun: Int64
    ) {
        self.isNewProcess = isNewProcess
        self.pending = pending
        self.stood = stood
        self.gone = gone
        self.bracket = bracket
        self.error = error
        self.ticks = ticks
        self.overrun = overrun
    }
}

/// Everything the children said.
struct CycleRecords {
    var stages: [CycleRecord] = []
    var faults: [String] = []
    /// A child made the mutation.
    var mutated = false

    init(_ bytes: [UInt8]) throws(CycleError) {
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let words = line.split(separator: UInt8(ascii: " "))
            if line.first == UInt8(ascii: "R"), let record = CycleRecord(words) {
                stages.append(record)
            } else if line.first == UInt8(ascii: "F") {
                faults.append(String(decoding: line.dropFirst(2), as: UTF8.self))
            } else if line.first == UInt8(ascii: "M") {
                mutated = true
            } else {
                throw CycleError("a child said: " + String(decoding: line, as: UTF8.self))
            }
        }
    }
}
