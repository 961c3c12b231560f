// What a guest's time must be, worked out from the host's clock alone.
//
// Nothing here asks the kernel when it froze or thawed: an event lies between a look at the clock before the call and one after it.
// All that follows is intervals. They are some ten microseconds wide, and ticks are thousands of times longer.

import Host

/// An interval of whole numbers, both ends included.
public struct Span: Equatable, Sendable {
    public var least: Int64
    public var most: Int64

    public init(_ least: Int64, _ most: Int64) {
        self.least = least
        self.most = most
    }

    static func + (a: Span, b: Span) -> Span { Span(a.least + b.least, a.most + b.most) }
    static func - (a: Span, b: Span) -> Span { Span(a.least - b.most, a.most - b.least) }
    /// Never below zero.
    var positive: Span { Span(max(0, least), max(0, most)) }
    func limited(to limit: Int64) -> Span { Span(min(least, limit), min(most, limit)) }
    public func contains(_ value: Int64) -> Bool { least <= value && value <= most }
}

/// Something that happened between two looks at the clock.
struct Moment: Equatable, Sendable {
    /// Nanoseconds, monotonic.
    let monotonic: Span
    /// Nanoseconds since 1970 UTC.
    let realtime: Span

    init(_ before: ClockReading, _ after: ClockReading) {
        monotonic = Span(Int64(before.monotonic), Int64(after.monotonic))
        realtime = Span(
            before.realtime - Int64(before.width), after.realtime + Int64(after.width))
    }
}

/// How much of a gap the guest has to see, and what its Count has to be afterwards.
enum TimeAccount {
    /// The policies of the demonstration, each with the gap it is shown on.
    /// - Parameter hidden: nanoseconds by which the guest's wall clock is behind the host's.
    static func visible(_ policy: DemonstrationPolicy, frozen: Moment, hidden: Int64, gap: Span) -> Span {
        switch policy {
        case .freeze: Span(0, 0)
        case .catchUp: gap
        case .catchUpMax(let limit): gap.limited(to: limit)
        case .at(let realtime): (Span(realtime + hidden, realtime + hidden) - frozen.realtime).positive
        }
    }

    /// Counts in so many nanoseconds, one more and one less for the parts of a tick at both ends.
    static func counts(_ nanoseconds: Span, hz: UInt32) -> Span {
        Span(counts(nanoseconds.least, hz) - 1, counts(nanoseconds.most, hz) + 2)
    }

    private static func counts(_ nanoseconds: Int64, _ hz: UInt32) -> Int64 {
        // Split, so that an hour at 10^9 a second does not overflow.
        let second: Int64 = 1_000_000_000
        let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: second)
        return whole * Int64(hz) + rest * Int64(hz) / second
    }
}
