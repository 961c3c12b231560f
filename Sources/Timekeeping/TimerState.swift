// One vCPU's saved timer.

/// Everything the kernel's timer of a vCPU is, as read at one instant R while the master disable was set.
///
/// Layout, 32 bytes, little endian:
///
/// | offset | size | field |
/// |---|---|---|
/// | 0 | 1 | layout version, 1 |
/// | 1 | 1 | flags: bit 0 the master disable was already set, others 0 |
/// | 2 | 2 | 0 |
/// | 4 | 4 | Count |
/// | 8 | 4 | Compare |
/// | 12 | 4 | Cause |
/// | 16 | 4 | COUNT_HZ, 1 to 10^9 |
/// | 20 | 4 | carry, below 10^9 |
/// | 24 | 8 | COUNT_RESUME, below 2^62 |
public struct TimerState: Equatable, Sendable {
    /// Cause.TI and Cause.IP7, which a timer interrupt sets.
    public static let causeTI: UInt32 = 0x4000_8000
    /// Cause.DC, the guest's own switch.
    public static let causeDC: UInt32 = 1 << 27
    /// Bytes of a saved timer.
    public static let size = 32
    /// Instants beyond this (146 years of uptime) are refused: sums and differences of two stay within 63 bits.
    public static let latest: UInt64 = 1 << 62

    /// Count at R.
    public var count: UInt32
    public var compare: UInt32
    /// Cause at R; TI in it says an interrupt was pending.
    public var cause: UInt32
    /// Ticks a second, 1 to 10^9.
    public var hz: UInt32
    /// R, in nanoseconds of the source's monotonic clock. It has a meaning only there.
    public var resume: UInt64
    /// COUNT_CTL.DC was set before the freeze; a thaw leaves it set.
    public var masterDisabled: Bool
    /// How far the guest is ahead, in units of 10^-9 tick, below one tick.
    public var carry: UInt32

    public init(
        count: UInt32, compare: UInt32, cause: UInt32, hz: UInt32, resume: UInt64, masterDisabled: Bool = false,
        carry: UInt32 = 0
    ) {
        self.count = count
        self.compare = compare
        self.cause = cause
        self.hz = hz
        self.resume = resume
        self.masterDisabled = masterDisabled
        self.carry = carry
    }

    /// A place for one.
    static var none: TimerState { TimerState(count: 0, compare: 0, cause: 0, hz: 1, resume: 0) }

    /// A timer interrupt was pending: TI is set.
    public var interruptPending: Bool { cause & 1 << 30 != 0 }
    /// The guest's own switch stops Count.
    public var guestDisabled: Bool { cause & Self.causeDC != 0 }
    /// Count moves when the freeze ends.
    public var runs: Bool { !guestDisabled && !masterDisabled }
    var grid: TickGrid { TickGrid(hz: hz) }

    /// The layout above.
    public var bytes: [UInt8] {
        var writer = ByteWriter(capacity: Self.size)
        writer.write(UInt8(1))
        writer.write(UInt8(masterDisabled ? 1 : 0))
        writer.write(UInt16(0))
        writer.write(count)
        writer.write(compare)
        writer.write(cause)
        writer.write(hz)
        writer.write(carry)
        writer.write(resume)
        return writer.bytes
    }

    /// Reads the layout above. Throws for anything `bytes` does not write.
    public init(bytes: [UInt8]) throws(LayoutError) {
        try self.init(slice: bytes[...])
    }

    init(slice: ArraySlice<UInt8>) throws(LayoutError) {
        var reader = ByteReader(slice, .timer)
        try reader.need(Self.size)
        try reader.version(1)
        let flags: UInt8 = try reader.read()
        guard flags <= 1 else { throw reader.refuse(.flags, UInt64(flags)) }
        try reader.reserved(2)
        count = try reader.read()
        compare = try reader.read()
        cause = try reader.read()
        hz = try reader.read()
        carry = try reader.read()
        resume = try reader.read()
        masterDisabled = flags == 1
        guard hz >= 1, UInt64(hz) <= TickGrid.tick else { throw reader.refuse(.hz, UInt64(hz)) }
        guard UInt64(carry) < TickGrid.tick else { throw reader.refuse(.carry, UInt64(carry)) }
        guard resume < Self.latest else { throw reader.refuse(.resume, resume) }
        try reader.end()
    }
}

extension TimerState: CustomStringConvertible {
    public var description: String {
        "Count \(count), Compare \(compare), Cause 0x" + String(cause, radix: 16) + ", \(hz) Hz, R \(resume) ns"
            + (masterDisabled ? ", master disable set before" : "")
            + (carry == 0 ? "" : ", \(carry) units ahead")
    }
}
