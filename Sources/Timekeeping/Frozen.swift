// A guest's time, stopped: the timers of all its vCPUs and the instant that ties them to the wall clock.

public import Host
public import Hypervisor

/// Both clocks, read right after a freeze, and which clock the monotonic one is.
///
/// Layout, 48 bytes, little endian:
///
/// | offset | size | field |
/// |---|---|---|
/// | 0 | 1 | layout version, 1 |
/// | 1 | 1 | kind of clock: 0 a host's, 1 virtual |
/// | 2 | 2 | 0 |
/// | 4 | 4 | nanoseconds an instruction takes on a virtual clock |
/// | 8 | 16 | boot id of the host, two words |
/// | 24 | 8 | monotonic clock, below 2^62 |
/// | 32 | 8 | wall clock, nanoseconds since 1970 UTC, between -2^62 and 2^62 |
/// | 40 | 8 | nanoseconds within which both were read, below 2^62 |
public struct FreezeInstant: Equatable, Sendable {
    /// Bytes of a saved instant.
    public static let size = 48

    public var reading: ClockReading
    public var domain: TimeDomain

    public init(reading: ClockReading, domain: TimeDomain) {
        self.reading = reading
        self.domain = domain
    }

    /// The wall clock at an instant of the same monotonic clock.
    public func realtime(at resume: UInt64) -> Int64 {
        // Both instants are below 2^62 and the wall clock within ±2^62: nothing overflows.
        reading.realtime &- Int64(bitPattern: reading.monotonic &- resume)
    }

    /// Whether instants of another clock can be compared with this one's: the same host in the same boot, or virtual
    /// clocks. A host that does not tell its boot is never the same.
    public func sameClock(as other: TimeDomain) -> Bool {
        domain == other && (domain.kind == .virtual || domain.identity != (0, 0))
    }

    var inRange: Bool {
        reading.monotonic < TimerState.latest && reading.realtime.magnitude < TimerState.latest
            && reading.width < TimerState.latest
    }

    /// The layout above.
    public var bytes: [UInt8] {
        var writer = ByteWriter(capacity: Self.size)
        writer.write(UInt8(1))
        writer.write(domain.kind.rawValue)
        writer.write(UInt16(0))
        writer.write(domain.nanosecondsPerInstruction)
        writer.write(domain.identity.0)
        writer.write(domain.identity.1)
        writer.write(reading.monotonic)
        writer.write(reading.realtime)
        writer.write(reading.width)
        return writer.bytes
    }

    /// Reads the layout above. Throws for anything `bytes` does not write.
    public init(bytes: [UInt8]) throws(LayoutError) {
        try self.init(slice: bytes[...])
    }

    init(slice: ArraySlice<UInt8>) throws(LayoutError) {
        var reader = ByteReader(slice, .instant)
        try reader.need(Self.size)
        try reader.version(1)
        let kind: UInt8 = try reader.read()
        guard let kind = TimeDomain.Kind(rawValue: kind) else { throw reader.refuse(.flags, UInt64(kind)) }
        try reader.reserved(2)
        let step: UInt32 = try reader.read()
        let identity: (UInt64, UInt64) = (try reader.read(), try reader.read())
        domain = TimeDomain(kind: kind, identity: identity, nanosecondsPerInstruction: step)
        reading = ClockReading(monotonic: try reader.read(), realtime: try reader.read(), width: try reader.read())
        guard reading.monotonic < TimerState.latest else { throw reader.refuse(.clock, reading.monotonic) }
        guard inRange else { throw reader.refuse(.realtime, UInt64(bitPattern: reading.realtime)) }
        try reader.end()
    }
}

/// What a freeze found and a thaw or restore needs.
///
/// Layout, little endian: version 1 (1 byte), 0 (1), number of timers n ≤ 16 (2), 0 (4), the instant (48), n timers (32
/// each) in the order of the vCPUs.
public struct Frozen: Equatable, Sendable {
    /// KVM/MIPS allows no more vCPUs.
    public static let mostTimers = 16

    /// In the order in which the vCPUs were given.
    public var timers: [TimerState]
    public var instant: FreezeInstant

    public init(timers: [TimerState], instant: FreezeInstant) {
        self.timers = timers
        self.instant = instant
    }

    /// The latest R of the vCPUs: from then on all of them stood still. The instant policies refer to.
    public var reference: UInt64 {
        var latest: UInt64 = 0
        for timer in timers { latest = max(latest, timer.resume) }
        return timers.isEmpty ? instant.reading.monotonic : latest
    }

    /// The wall clock at `reference`.
    public var realtime: Int64 { instant.realtime(at: reference) }

    /// The layout above.
    /// - Precondition: at most 16 timers.
    public var bytes: [UInt8] {
        precondition(timers.count <= Self.mostTimers, "a guest has at most 16 vCPUs")
        var writer = ByteWriter(capacity: 8 + FreezeInstant.size + timers.count * TimerState.size)
        writer.write(UInt8(1))
        writer.write(UInt8(0))
        writer.write(UInt16(truncatingIfNeeded: timers.count))
        writer.write(UInt32(0))
        writer.append(instant.bytes)
        for timer in timers { writer.append(timer.bytes) }
        return writer.bytes
    }

    /// Reads the layout above. Throws for anything `bytes` does not write, and for an R after the instant of the
    /// freeze.
    public init(bytes: [UInt8]) throws(LayoutError) {
        var reader = ByteReader(bytes[...], .frozen)
        try reader.version(1)
        try reader.reserved(1)
        let count: UInt16 = try reader.read()
        guard Int(count) <= Self.mostTimers else { throw reader.refuse(.count, UInt64(count)) }
        try reader.reserved(4)
        try reader.need(FreezeInstant.size + Int(count) * TimerState.size)
        instant = try FreezeInstant(slice: try reader.take(FreezeInstant.size))
        timers = []
        for _ in 0..<count {
            let timer = try TimerState(slice: try reader.take(TimerState.size))
            guard timer.resume <= instant.reading.monotonic else { throw reader.refuse(.resume, timer.resume) }
            timers.append(timer)
        }
        try reader.end()
    }
}
