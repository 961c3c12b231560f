// How good this host's clocks are: a guest's Count is computed from the monotonic one.

import Host

/// Measured, not looked up.
struct ClockFacts {
    /// The kernel's clock source: "tsc", "kvm-clock", "MIPS"; nil when it does not say.
    let source: String?
    /// The smallest step seen between two readings of the monotonic clock, in nanoseconds: resolution, or the time that reading takes
    /// where that is longer.
    let step: UInt64
    /// Nanoseconds within which the monotonic and the calendar clock can be read as one instant.
    let width: UInt64
    /// By how much a sleep of one millisecond ends late, in nanoseconds: the median of some.
    let lateness: UInt64

    init() {
        source = Self.readSource()
        var smallest = UInt64.max
        var last = Clock.monotonic()
        for _ in 0..<1000 {
            let now = Clock.monotonic()
            if now > last { smallest = min(smallest, now - last) }
            last = now
        }
        step = smallest
        width = Clock.read().width
        var delays: [UInt64] = []
        for _ in 0..<9 {
            let instant = Clock.monotonic() + 1_000_000
            Clock.sleep(until: instant)
            delays.append(Clock.monotonic() - instant)
        }
        delays.sort { $0 < $1 }
        lateness = delays[delays.count / 2]
    }

    private static func readSource() -> String? {
        let path = "/sys/devices/system/clocksource/clocksource0/current_clocksource"
        guard let bytes = try? Files.readWhole(path, limit: 256) else { return nil }
        // One word and a line end.
        var word: [UInt8] = []
        for byte in bytes where byte > 0x20 && byte < 0x7F { word.append(byte) }
        return word.isEmpty ? nil : String(decoding: word, as: UTF8.self)
    }

    var problems: [Diagnosis.Problem] {
        var problems: [Diagnosis.Problem] = []
        if step > 10_000 {
            problems.append(
                Diagnosis.Problem(
                    text: "the monotonic clock moves in steps of \(duration(step)), and a guest's Count with it",
                    remedy: "boot with a finer clock source; /sys/devices/system/clocksource/clocksource0 lists them"))
        }
        if lateness > 2_000_000 {
            problems.append(
                Diagnosis.Problem(
                    text:
                        "a sleep of 1 ms ends \(duration(lateness)) late, and so do timer interrupts of a guest that waits",
                    remedy: "run less beside it, or use --clock virtual, which no load can disturb"))
        }
        return problems
    }
}

/// Nanoseconds for people.
func duration(_ nanoseconds: UInt64) -> String {
    if nanoseconds < 10_000 { return "\(nanoseconds) ns" }
    if nanoseconds < 10_000_000 { return "\(nanoseconds / 1000) us" }
    return "\(nanoseconds / 1_000_000) ms"
}
