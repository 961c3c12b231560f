// The RTC on the bus. It needs to know what time it is, which costs the host something: it is asked for accesses to
// the RTC and, while an alarm is armed, when the lines are looked at, and never otherwise.

import Devices

/// The RTC in its box, and the clock it goes by.
final class RTCPort: BusPort {
    var device = GoldfishRTC()
    /// Nanoseconds since 1970 UTC; without one it is always 0.
    var clock: (() -> UInt64)?

    /// The instant, by `clock`, at which the line will rise by itself.
    var nextAlarm: UInt64? {
        advance()
        return device.nextAlarm
    }

    override func read(offset: UInt32, size: UInt32) -> UInt32 {
        advance()
        return device.read(offset: offset, size: size)
    }

    override func write(offset: UInt32, size: UInt32, value: UInt32) -> DeviceEvent {
        advance()
        let event = device.write(offset: offset, size: size, value: value)
        // The next alarm may be another now.
        return event == .none ? .attention : event
    }

    override var interruptLevel: Bool {
        if device.state.isArmed { advance() }
        return device.interruptLevel
    }

    private func advance() { device.advance(to: clock?() ?? 0) }
}
