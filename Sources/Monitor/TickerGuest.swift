// The guest `ticker` as a host sees it: what it leaves in memory, and whether that is a faithful account of time.
//
// Layout: Tests/Guests/ticker.h. Words, little endian; `ticker_state` at physical 0x00103000, the ring `ticker_trace` at 0x00104000.

/// What `ticker` says about itself.
public struct TickerState: Equatable, Sendable {
    public static let address: UInt64 = 0x0010_3000
    /// Words of the structure.
    static let words: UInt64 = 16
    /// "TICK", once the timer is armed.
    static let magic: UInt32 = 0x4B43_4954

    /// Ticks handled.
    public var ticks: UInt32
    /// Ticks whose successor was due before they were handled.
    public var late: UInt32
    /// What the guest itself found wrong: lost, doubled, early.
    public var lost: UInt32
    public var doubled: UInt32
    public var early: UInt32
    /// Counts a tick.
    public var period: UInt32
    /// Compare of tick 1.
    public var firstCompare: UInt32

    /// Reads it; nil when no ticker has armed its timer there.
    public init?(_ word: (UInt64) -> UInt32) {
        func field(_ offset: UInt64) -> UInt32 { word(Self.address + offset) }
        guard field(0) == Self.magic, field(0x20) != 0 else { return nil }
        ticks = field(0x04)
        late = field(0x08)
        lost = field(0x14)
        doubled = field(0x18)
        early = field(0x1C)
        period = field(0x20)
        firstCompare = field(0x28)
    }
}

/// One line of the guest's own trace.
public struct TickerEntry: Equatable, Sendable {
    static let address: UInt64 = 0x0010_4000
    static let size: UInt64 = 16
    /// Entries the ring holds.
    public static let capacity: UInt32 = 1024

    public var tick: UInt32
    /// The Compare it was due at.
    public var compare: UInt32
    /// Count when its handler first looked.
    public var count: UInt32
    public var cause: UInt32

    public init(tick: UInt32, compare: UInt32, count: UInt32, cause: UInt32) {
        self.tick = tick
        self.compare = compare
        self.count = count
        self.cause = cause
    }

    /// The entry of a tick, from 1.
    public init(tick: UInt32, _ word: (UInt64) -> UInt32) {
        let at = Self.address + UInt64((tick &- 1) % Self.capacity) * Self.size
        self.init(tick: word(at), compare: word(at + 4), count: word(at + 8), cause: word(at + 12))
    }
}

/// What is wrong with a trace.
public enum TickerFault: Equatable, Sendable {
    /// The entry of this tick belongs to another one.
    case missing(tick: UInt32, found: UInt32)
    /// Compare is not where whole periods lead.
    case displaced(tick: UInt32, compare: UInt32, expected: UInt32)
    /// Taken before it was due.
    case early(tick: UInt32, counts: UInt32)
    /// Taken so many Counts after it was due.
    case late(tick: UInt32, counts: UInt32, allowed: UInt32)
    /// Taken without Cause.TI: there was no timer interrupt.
    case invented(tick: UInt32)
}

extension TickerState {
    /// Checks the ticks after `previous` up to now.
    ///
    /// - Parameter allowed: Counts a tick may be taken after it was due.
    public func faults(after previous: TickerState, allowed: UInt32, _ word: (UInt64) -> UInt32) -> [TickerFault] {
        var faults: [TickerFault] = []
        let fresh = min(ticks &- previous.ticks, TickerEntry.capacity)
        for back in (0..<fresh).reversed() {
            let tick = ticks - back
            let entry = TickerEntry(tick: tick, word)
            guard entry.tick == tick else {
                faults.append(.missing(tick: tick, found: entry.tick))
                continue
            }
            let due = firstCompare &+ (tick - 1) &* period
            if entry.compare != due { faults.append(.displaced(tick: tick, compare: entry.compare, expected: due)) }
            let distance = entry.count &- entry.compare
            if Int32(bitPattern: distance) < 0 {
                faults.append(.early(tick: tick, counts: 0 &- distance))
            } else if distance > allowed {
                faults.append(.late(tick: tick, counts: distance, allowed: allowed))
            }
            if entry.cause & 1 << 30 == 0 { faults.append(.invented(tick: tick)) }
        }
        return faults
    }

    /// Ticks due when Count is `count`, which is less than half a turn away from the first.
    public func due(at count: UInt32) -> Int64 { due(after: Int64(Int32(bitPattern: count &- firstCompare))) }

    /// Ticks due so many Counts after the first was.
    func due(after counts: Int64) -> Int64 { counts < 0 ? 0 : counts / Int64(period) + 1 }
}

extension TickerFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missing(let tick, let found): "tick \(tick) was lost: its place in the trace has tick \(found)"
        case .displaced(let tick, let compare, let expected):
            "tick \(tick) was due at Count \(hex(compare)), not \(hex(expected))"
        case .early(let tick, let counts): "tick \(tick) came \(counts) Counts early"
        case .late(let tick, let counts, let allowed):
            "tick \(tick) came \(counts) Counts late, where \(allowed) are allowed"
        case .invented(let tick): "tick \(tick) came without a timer interrupt"
        }
    }
}
