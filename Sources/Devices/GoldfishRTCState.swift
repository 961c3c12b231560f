// What a Goldfish RTC remembers, as a plain struct, and its bytes in a snapshot.
//
// Layout, version 1, little endian:
//
//   offset size  field
//   0      1     layout version, 1
//   1      1     bit 0: the line is enabled; 1: an alarm is armed; 2: one has rung; 3: TIME_HIGH was written and
//                TIME_LOW not yet
//   2      2     0
//   4      4     what TIME_HIGH reads
//   8      8     the guest's time less the owner's, nanoseconds, wrapping
//   16     8     the alarm, nanoseconds since 1970 UTC as the guest counts them
//   24     4     what was written to TIME_HIGH; 0 without bit 3

/// The complete state of a `GoldfishRTC`. The default value is the state after power-on.
public struct GoldfishRTCState: Equatable, Sendable {
    /// Layout version written and read by this build.
    public static let version: UInt8 = 1

    public var irqEnabled = false
    public var isArmed = false
    /// The alarm has rung and the guest has not acknowledged it.
    public var hasRung = false
    public var latchedHigh: UInt32 = 0
    /// What the guest's time is ahead of the owner's, in nanoseconds; wraps.
    public var offset: UInt64 = 0
    public var alarm: UInt64 = 0
    /// The high half of a time whose low half the guest has not written yet.
    public var writtenHigh: UInt32?

    public init() {}

    private enum Flag {
        static let irqEnabled: UInt8 = 1
        static let isArmed: UInt8 = 2
        static let hasRung: UInt8 = 4
        static let writtenHigh: UInt8 = 8
    }

    /// The bytes of the layout above.
    public func encode() -> [UInt8] {
        var flags: UInt8 = 0
        if irqEnabled { flags |= Flag.irqEnabled }
        if isArmed { flags |= Flag.isArmed }
        if hasRung { flags |= Flag.hasRung }
        if writtenHigh != nil { flags |= Flag.writtenHigh }
        var writer = StateWriter()
        writer.write(Self.version)
        writer.write(flags)
        writer.write(UInt16(0))
        writer.write(latchedHigh)
        writer.write(offset)
        writer.write(alarm)
        writer.write(writtenHigh ?? 0)
        return writer.bytes
    }

    /// Reads hostile bytes; the result is a state the device can reach.
    public static func decode(_ bytes: [UInt8]) throws(DeviceStateError) -> GoldfishRTCState {
        var reader = StateReader(bytes, of: name)
        try reader.expectVersion(version)
        var state = GoldfishRTCState()
        let flags = try reader.readUInt8()
        try check(flags < 16, "flags", UInt32(flags))
        let zero = try reader.readUInt16()
        try check(zero == 0, "flags", UInt32(zero))
        state.irqEnabled = flags & Flag.irqEnabled != 0
        state.isArmed = flags & Flag.isArmed != 0
        state.hasRung = flags & Flag.hasRung != 0
        state.latchedHigh = try reader.readUInt32()
        state.offset = try reader.readUInt64()
        state.alarm = try reader.readUInt64()
        let high = try reader.readUInt32()
        if flags & Flag.writtenHigh != 0 {
            state.writtenHigh = high
        } else {
            try check(high == 0, "written TIME_HIGH", high)
        }
        try reader.expectEnd()
        return state
    }

    private static let name: StaticString = "the RTC"

    private static func check(_ holds: Bool, _ field: StaticString, _ value: UInt32) throws(DeviceStateError) {
        guard holds else { throw .impossible(device: name, field: field, value: value) }
    }
}
