// The Goldfish RTC: the board's wall clock, a counter of nanoseconds with one alarm.
//
// Registers as drivers know them: Linux's drivers/rtc/rtc-goldfish.c, and QEMU's hw/rtc/goldfish_rtc.c as the other
// implementation. The device has no time of its own. Its owner tells it the time before each access, and it keeps what
// the guest has set as a difference to that, so a clock policy that moves the owner's clock moves the guest's with it.

/// Register offsets; all registers have 32 bits.
public enum GoldfishRTCRegister {
    /// Read: the low half of the time; the high half of the same instant is kept for `timeHigh`. Write: sets it.
    public static let timeLow: UInt32 = 0x00
    /// Read: the high half of the time that `timeLow` was last read of. Write: sets it.
    public static let timeHigh: UInt32 = 0x04
    /// The low half of the alarm; a write arms it with what `alarmHigh` holds.
    public static let alarmLow: UInt32 = 0x08
    /// The high half of the alarm; a write takes the old alarm back.
    public static let alarmHigh: UInt32 = 0x0C
    /// Bit 0: whether a rung alarm raises the line.
    public static let irqEnabled: UInt32 = 0x10
    /// A write takes the alarm back.
    public static let clearAlarm: UInt32 = 0x14
    /// 1 while an alarm is armed and has not rung.
    public static let alarmStatus: UInt32 = 0x18
    /// A write takes back that the alarm has rung.
    public static let clearInterrupt: UInt32 = 0x1C
}

/// A clock with one alarm. Times are nanoseconds since 1970 UTC, 64 bits that wrap.
///
/// Everything the owner says and is told is in the owner's time; what the guest sees is that plus the difference it
/// made when it set the clock.
public struct GoldfishRTC: Sendable {
    /// Everything the guest can observe or influence, except what time it is.
    public private(set) var state = GoldfishRTCState()

    /// What the owner last said it is.
    private var now: UInt64 = 0

    /// A clock as after power-on: set to the owner's time, no alarm.
    public init() {}

    /// Puts a saved state back.
    public mutating func restore(_ saved: GoldfishRTCState) {
        state = saved
    }

    /// As after power-on; a battery keeps the time the guest has set.
    public mutating func reset() {
        let offset = state.offset
        state = GoldfishRTCState()
        state.offset = offset
    }

    // MARK: Time

    /// It is `now`, which may also be earlier than before. An alarm that is due rings.
    public mutating func advance(to now: UInt64) {
        self.now = now
        if isDue(at: now) {
            state.isArmed = false
            state.hasRung = true
        }
    }

    /// The instant at which the line rises by itself, in the owner's time; nil if it will not, because no alarm is
    /// armed, the line is off or high already, or the owner's time ends before. The present instant if a restored alarm
    /// is due.
    public var nextAlarm: UInt64? {
        guard state.isArmed, state.irqEnabled, !state.hasRung else { return nil }
        if isDue(at: now) { return now }
        let (instant, beyond) = now.addingReportingOverflow(state.alarm - guestTime)
        return beyond ? nil : instant
    }

    /// The level of the line if it were `now`.
    public func interruptLevel(at now: UInt64) -> Bool { state.irqEnabled && (state.hasRung || isDue(at: now)) }

    private func isDue(at now: UInt64) -> Bool { state.isArmed && now &+ state.offset >= state.alarm }

    private var guestTime: UInt64 { now &+ state.offset }
}

// MARK: - On a bus

/// Accesses of 4 bytes at a register's offset count; others read 0 and write nothing.
extension GoldfishRTC: Device {
    public var interruptLevel: Bool { state.irqEnabled && state.hasRung }

    public mutating func read(offset: UInt32, size: UInt32) -> UInt32 {
        guard size == 4 else { return 0 }
        switch offset {
        case GoldfishRTCRegister.timeLow:
            let time = guestTime
            state.latchedHigh = UInt32(truncatingIfNeeded: time >> 32)
            return UInt32(truncatingIfNeeded: time)
        case GoldfishRTCRegister.timeHigh: return state.latchedHigh
        case GoldfishRTCRegister.alarmLow: return UInt32(truncatingIfNeeded: state.alarm)
        case GoldfishRTCRegister.alarmHigh: return UInt32(truncatingIfNeeded: state.alarm >> 32)
        case GoldfishRTCRegister.irqEnabled: return state.irqEnabled ? 1 : 0
        case GoldfishRTCRegister.alarmStatus: return state.isArmed ? 1 : 0
        default: return 0
        }
    }

    public mutating func write(offset: UInt32, size: UInt32, value: UInt32) -> DeviceEvent {
        guard size == 4 else { return .none }
        switch offset {
        case GoldfishRTCRegister.timeLow:
            // With the high half written before it this sets the clock to exactly those 64 bits: drivers write high,
            // then low, and the low half must not have wrapped in between.
            let high = state.writtenHigh ?? UInt32(truncatingIfNeeded: guestTime >> 32)
            setTime(UInt64(high) << 32 | UInt64(value))
            state.writtenHigh = nil
        case GoldfishRTCRegister.timeHigh:
            setTime(UInt64(value) << 32 | guestTime & 0xFFFF_FFFF)
            state.writtenHigh = value
        case GoldfishRTCRegister.alarmLow:
            state.alarm = state.alarm & ~0xFFFF_FFFF | UInt64(value)
            state.isArmed = true
            advance(to: now)
        case GoldfishRTCRegister.alarmHigh:
            // Half of a new alarm and half of an old one are none: `alarmLow` follows.
            state.alarm = state.alarm & 0xFFFF_FFFF | UInt64(value) << 32
            state.isArmed = false
        case GoldfishRTCRegister.irqEnabled: state.irqEnabled = value & 1 != 0
        case GoldfishRTCRegister.clearAlarm: state.isArmed = false
        case GoldfishRTCRegister.clearInterrupt: state.hasRung = false
        default: break
        }
        return .none
    }

    private mutating func setTime(_ time: UInt64) {
        state.offset = time &- now
        advance(to: now)
    }
}
