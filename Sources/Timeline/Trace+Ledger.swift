// A trace made of a snapshot's time ledger.
//
// A ledger has every freeze, with its instant, its length and what the policy hid; between freezes a guest's clock runs at its rate. So the
// line of Count can be drawn backward from the last freeze, which the snapshot holds as well. What a ledger does not
// have is Compare: such a picture has no hits.

/// A freeze of a ledger.
public struct LedgerFreeze: Equatable, Sendable {
    /// R, nanoseconds of the monotonic clock of the host it happened on.
    public var frozenAt: UInt64
    /// The wall clock at R, nanoseconds since 1970 UTC.
    public var frozenRealtime: Int64
    /// The guest went on by another monotonic clock.
    public var changesClock: Bool
    public var thaw: Thaw

    public init(frozenAt: UInt64, frozenRealtime: Int64, changesClock: Bool, _ thaw: Thaw) {
        self.frozenAt = frozenAt
        self.frozenRealtime = frozenRealtime
        self.changesClock = changesClock
        self.thaw = thaw
    }
}

/// What a snapshot says about a guest's clock.
public struct LedgerStory: Equatable, Sendable {
    public var hz: UInt32
    public var isVirtual: Bool
    /// Oldest first.
    public var freezes: [LedgerFreeze]
    /// The freeze the snapshot was taken in; of a guest that runs, the instant of the look.
    public var frozenAt: UInt64
    public var frozenRealtime: Int64
    public var timer: TimerView
    /// The guest stands at the end.
    public var stands: Bool

    public init(
        hz: UInt32, isVirtual: Bool, freezes: [LedgerFreeze], frozenAt: UInt64, frozenRealtime: Int64,
        timer: TimerView, stands: Bool = true
    ) {
        self.stands = stands
        self.hz = hz
        self.isVirtual = isVirtual
        self.freezes = freezes
        self.frozenAt = frozenAt
        self.frozenRealtime = frozenRealtime
        self.timer = timer
    }
}

extension Trace {
    /// Freezes and thaws from the first freeze to the last. Instants begin with 0 at the first one: across a change of hosts there is no
    /// clock that they could share.
    public init(ledger: LedgerStory) {
        self.init(hz: ledger.hz, isVirtual: ledger.isVirtual)
        // Nanoseconds of host and guest time since the first freeze.
        var (host, guest): (Int64, Int64) = (0, 0)
        var seen: [Int64] = []
        for (index, freeze) in ledger.freezes.enumerated() {
            if index > 0 {
                let ran = Self.ran(ledger.freezes[index - 1], until: (freeze.frozenAt, freeze.frozenRealtime))
                host = Self.sum(host, ran)
                guest = Self.sum(guest, ran)
            }
            add(host, .freeze)
            seen.append(guest)
            host = Self.sum(host, max(0, freeze.thaw.gap))
            guest = Self.sum(guest, freeze.thaw.caughtUp)
            add(host, .thaw(freeze.thaw))
            seen.append(guest)
        }
        if let last = ledger.freezes.last {
            let ran = Self.ran(last, until: (ledger.frozenAt, ledger.frozenRealtime))
            host = Self.sum(host, ran)
            guest = Self.sum(guest, ran)
        }
        add(host, ledger.stands ? .freeze : .sample)
        seen.append(guest)
        // Count backward from what it is now.
        for index in events.indices {
            let count = ledger.timer.count &- Self.ticks(guest - seen[index], ledger.hz)
            // Compare was never reached, as far as anybody knows.
            events[index].timer = TimerView(
                count: count, compare: count, flags: events[index].kind == .freeze ? .frozen : [])
        }
        events[events.count - 1].timer = ledger.timer
    }

    private mutating func add(_ at: Int64, _ kind: TimelineEvent.Kind) {
        events.append(TimelineEvent(at: UInt64(max(0, at)), TimerView(count: 0, compare: 0), kind))
    }

    /// Nanoseconds the guest ran after a freeze until the next: by the monotonic clock, or if that changed by the wall clock. A wall clock
    /// that went backwards says nothing, and is taken as no time.
    private static func ran(_ freeze: LedgerFreeze, until next: (at: UInt64, realtime: Int64)) -> Int64 {
        let (now, then) =
            freeze.changesClock
            ? (next.realtime, freeze.frozenRealtime) : (Int64(clamping: next.at), Int64(clamping: freeze.frozenAt))
        let (elapsed, overflow) = now.subtractingReportingOverflow(then)
        guard !overflow, elapsed >= 0 else { return 0 }
        // Both are below 2^63 and the gap at least -2^63 + 1.
        let (ran, under) = elapsed.subtractingReportingOverflow(freeze.thaw.gap)
        return under ? 0 : max(0, ran)
    }

    /// Sums stay within 2^61 either way, so that differences of two can be taken.
    private static func sum(_ a: Int64, _ b: Int64) -> Int64 {
        let limit: Int64 = 1 << 61
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? (b < 0 ? -limit : limit) : max(-limit, min(limit, sum))
    }

    /// Ticks in so many nanoseconds, by which a 32-bit Count goes on.
    private static func ticks(_ nanoseconds: Int64, _ hz: UInt32) -> UInt32 {
        let second: Int64 = 1_000_000_000
        let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: second)
        return UInt32(truncatingIfNeeded: whole &* Int64(hz) &+ rest * Int64(hz) / second)
    }
}
