// What the guest printed, in whatever process it was at the time, read as one account.
//
// A line a tick: `tick 7 count=006ae191 compare=006ae12f late=0`. A guest that finds fault with its own time prints a line of
// another form.

import Host

struct CycleTrace {
    private(set) var ticks = 0
    private(set) var lost = 0
    private(set) var doubled = 0
    private(set) var early = 0
    /// Nanoseconds after they were due, of all ticks.
    private(set) var lateness: [Int64] = []
    private(set) var faults: [String] = []

    private var last: (number: UInt32, compare: UInt32)?
    private var period: UInt32 = 0

    init(_ bytes: [UInt8]) {
        // The last line may be cut off by the last freeze.
        var end = bytes.count
        while end > 0, bytes[end - 1] != UInt8(ascii: "\n") { end -= 1 }
        for line in bytes[..<end].split(separator: UInt8(ascii: "\n")) { take(line) }
        if period == 0 { faults.append("the guest did not say what its period is") }
    }

    private mutating func take(_ line: ArraySlice<UInt8>) {
        // A carriage return may end the line.
        let words = line.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == 13 })
        guard words.count >= 4, let count = Self.value("count=", words[2], 16),
            let compare = Self.value("compare=", words[3], 16), Self.text(words[0]) == "tick",
            let number = UInt32(Self.text(words[1]))
        else {
            if words.count >= 3, Self.text(words[0]) == "ticker:", let period = Self.value("period=", words[2], 10) {
                self.period = period
                return
            }
            faults.append("the guest says: " + Self.text(line))
            if words.count >= 2 {
                switch Self.text(words[1]) {
                case "lost": lost += 1
                case "doubled": doubled += 1
                case "early": early += 1
                default: break
                }
            }
            return
        }
        ticks += 1
        let due = last?.number ?? 0
        if number <= due {
            doubled += 1
            faults.append("tick \(number) follows tick \(due)")
        } else if number > due + 1 {
            lost += Int(number - due - 1)
            faults.append("tick \(number) follows tick \(due)")
        }
        if let last, compare &- last.compare != (number &- last.number) &* period {
            faults.append("tick \(number) was due \(compare &- last.compare) Counts after tick \(last.number)")
        }
        let late = Int32(bitPattern: count &- compare)
        if late < 0 {
            early += 1
            faults.append("tick \(number) came \(late.magnitude) Counts early")
        }
        lateness.append(Int64(late) * 10)
        last = (number, compare)
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func value(_ key: StaticString, _ word: ArraySlice<UInt8>, _ radix: Int) -> UInt32? {
        let length = key.utf8CodeUnitCount
        let matches = key.withUTF8Buffer { unsafe word.starts(with: $0) }
        guard matches else { return nil }
        return UInt32(text(word.dropFirst(length)), radix: radix)
    }
}
