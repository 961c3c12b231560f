// The time ledger: every nanosecond a guest did not see, when, and why.
//
// Accounts. Every entry obeys  gap = hidden + caughtUp  exactly, by construction: `caughtUp` is computed from the other
// two. `hidden` is the shift of the guest's time line, R' - R wherever both are instants of one clock. So at any
// instant at which the guest runs, its time is the host's minus the sum of `hidden` up to then, to within the carry
// (below one tick), and totals are sums over all entries ever made.

/// One freeze that ended.
public struct LedgerEntry: Equatable, Sendable {
    /// Why the guest stood still.
    public enum Cause: UInt8, Sendable {
        /// Paused and resumed.
        case pause = 0
        /// Stopped to be saved, and went on in the same process.
        case save = 1
        /// Restored from a file on the same host and boot.
        case restore = 2
        /// Restored from a file by the measure of the wall clock: another host, or the same after a boot.
        case migration = 3
    }

    /// The wall clock at the freeze, nanoseconds since 1970 UTC.
    public var frozenRealtime: Int64
    /// R, nanoseconds of the source's monotonic clock.
    public var frozenAt: UInt64
    /// Nanoseconds the clock went on until the guest did. Negative only if the wall clocks of two hosts say so.
    public var gap: Int64
    /// Nanoseconds of it the guest did not see. Negative when `at=T` made it see more than there was.
    public var hidden: Int64
    public var cause: Cause
    public var policy: ClockPolicy
    /// The first vCPU's carry afterwards, in 10^-9 tick.
    public var carry: UInt32
    /// The wall clock had gone backwards and the gap was taken as nothing for the policy.
    public var clamped: Bool

    public init(
        frozenRealtime: Int64, frozenAt: UInt64, gap: Int64, hidden: Int64, cause: Cause, policy: ClockPolicy,
        carry: UInt32,
        clamped: Bool = false
    ) {
        self.frozenRealtime = frozenRealtime
        self.frozenAt = frozenAt
        self.gap = gap
        self.hidden = hidden
        self.cause = cause
        self.policy = policy
        self.carry = carry
        self.clamped = clamped
    }

    /// Nanoseconds of the gap the guest saw pass at once.
    public var caughtUp: Int64 { gap - hidden }

    static let size = 48
    /// Spans are kept below this, so that an entry's arithmetic cannot overflow.
    static let largest: UInt64 = 1 << 62
}

extension LedgerEntry.Cause: CustomStringConvertible {
    public var description: String {
        switch self {
        case .pause: "pause"
        case .save: "save"
        case .restore: "restore"
        case .migration: "migration"
        }
    }
}

extension LedgerEntry: CustomStringConvertible {
    public var description: String {
        calendarText(frozenRealtime) + " \(cause), \(policy): stood " + spanText(gap) + ", hidden " + spanText(hidden)
            + ", caught up " + spanText(caughtUp) + (clamped ? " (the wall clock went backwards)" : "")
    }
}

/// All freezes of a guest, the older ones as sums.
///
/// Layout, little endian:
///
/// | offset | size | field |
/// |---|---|---|
/// | 0 | 1 | layout version, 1 |
/// | 1 | 3 | 0 |
/// | 4 | 4 | number of entries n, at most 1024 |
/// | 8 | 8 | number of older freezes kept as sums only |
/// | 16 | 8 | sum of their gaps |
/// | 24 | 8 | sum of what they hid |
/// | 32 | 48 n | entries, oldest first |
///
/// An entry: cause (1 byte), policy (1: 0 freeze, 1 catch-up, 2 catch-up-max, 3 at), flags (1: bit 0 clamped), 0 (1),
/// carry (4), the policy's value (8, else 0), wall clock at the freeze (8), R (8), gap (8), hidden (8).
public struct TimeLedger: Equatable, Sendable {
    /// Entries kept one by one; older ones are folded into `older`.
    public static let capacity = 1024

    /// Sums over several freezes. They stop at the ends of 64 bits, 292 years.
    public struct Sum: Equatable, Sendable {
        public var count: UInt64 = 0
        public var gap: Int64 = 0
        public var hidden: Int64 = 0

        public init() {}

        /// What the guest saw pass at once. `gap` = `hidden` + `caughtUp`.
        public var caughtUp: Int64 { clamping(gap.subtractingReportingOverflow(hidden), gap) }

        mutating func add(_ entry: LedgerEntry) {
            count += 1
            gap = clamping(gap.addingReportingOverflow(entry.gap), entry.gap)
            hidden = clamping(hidden.addingReportingOverflow(entry.hidden), entry.hidden)
        }

        private func clamping(_ result: (partialValue: Int64, overflow: Bool), _ sign: Int64) -> Int64 {
            result.overflow ? (sign < 0 ? .min : .max) : result.partialValue
        }
    }

    /// The latest freezes, oldest first.
    public private(set) var entries: [LedgerEntry] = []
    /// The freezes before those.
    public private(set) var older = Sum()

    public init() {}

    /// Over all freezes ever.
    public var total: Sum {
        var sum = older
        for entry in entries { sum.add(entry) }
        return sum
    }

    /// Enters a freeze. Folds half of the entries into `older` when there is no room.
    @inline(__always)
    public mutating func append(_ entry: LedgerEntry) {
        if entries.count == Self.capacity { fold() }
        entries.append(entry)
    }

    private mutating func fold() {
        for old in entries.prefix(Self.capacity / 2) { older.add(old) }
        entries.removeFirst(Self.capacity / 2)
    }
}

extension TimeLedger {
    /// The layout above.
    public var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 32 + entries.count * LedgerEntry.size)
        writer.write(UInt8(1))
        writer.write(UInt8(0))
        writer.write(UInt16(0))
        writer.write(UInt32(truncatingIfNeeded: entries.count))
        writer.write(older.count)
        writer.write(older.gap)
        writer.write(older.hidden)
        for entry in entries { entry.write(to: &writer) }
        return writer.bytes
    }

    /// Reads the layout above. Throws for anything `bytes` does not write.
    public init(bytes: [UInt8]) throws(LayoutError) {
        var reader = ByteReader(bytes[...], .ledger)
        try reader.version(1)
        try reader.reserved(3)
        let count: UInt32 = try reader.read()
        guard count <= UInt32(Self.capacity) else { throw reader.refuse(.count, UInt64(count)) }
        older.count = try reader.read()
        older.gap = try reader.read()
        older.hidden = try reader.read()
        guard older.count < LedgerEntry.largest else { throw reader.refuse(.sum, older.count) }
        try reader.need(Int(count) * LedgerEntry.size)
        for _ in 0..<count { entries.append(try LedgerEntry(from: &reader)) }
        try reader.end()
    }
}

extension LedgerEntry {
    func write(to writer: inout ByteWriter) {
        writer.write(cause.rawValue)
        let (kind, value): (UInt8, UInt64) =
            switch policy {
            case .freeze: (0, 0)
            case .catchUp: (1, 0)
            case .catchUpMax(let nanoseconds): (2, nanoseconds)
            case .at(let realtime): (3, UInt64(bitPattern: realtime))
            }
        writer.write(kind)
        writer.write(UInt8(clamped ? 1 : 0))
        writer.write(UInt8(0))
        writer.write(carry)
        writer.write(value)
        writer.write(frozenRealtime)
        writer.write(frozenAt)
        writer.write(gap)
        writer.write(hidden)
    }

    init(from reader: inout ByteReader) throws(LayoutError) {
        let causeByte: UInt8 = try reader.read()
        guard let cause = Cause(rawValue: causeByte) else { throw reader.refuse(.cause, UInt64(causeByte)) }
        self.cause = cause
        let kind: UInt8 = try reader.read()
        let flags: UInt8 = try reader.read()
        guard flags <= 1 else { throw reader.refuse(.flags, UInt64(flags)) }
        clamped = flags == 1
        try reader.reserved(1)
        carry = try reader.read()
        guard UInt64(carry) < TickGrid.tick else { throw reader.refuse(.carry, UInt64(carry)) }
        let value: UInt64 = try reader.read()
        switch kind {
        case 0 where value == 0: policy = .freeze
        case 1 where value == 0: policy = .catchUp
        case 2: policy = .catchUpMax(nanoseconds: value)
        case 3: policy = .at(realtimeNanoseconds: Int64(bitPattern: value))
        default: throw reader.refuse(.policy, UInt64(kind))
        }
        frozenRealtime = try reader.read()
        frozenAt = try reader.read()
        guard frozenAt < TimerState.latest else { throw reader.refuse(.resume, frozenAt) }
        gap = try reader.read()
        hidden = try reader.read()
        guard gap.magnitude <= Self.largest, hidden.magnitude <= Self.largest else {
            throw reader.refuse(.sum, UInt64(bitPattern: gap))
        }
    }
}
