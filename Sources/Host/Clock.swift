// Clocks. KVM/MIPS computes a guest's Count from the host's monotonic clock, so that clock is the unit of this project.

import CHost

/// The monotonic and the calendar clock, read as one instant.
public struct ClockReading: Equatable, Sendable {
    /// Nanoseconds of CLOCK_MONOTONIC.
    public var monotonic: UInt64
    /// Nanoseconds since 1970 UTC.
    public var realtime: Int64
    /// Nanoseconds within which both were read: the two differ from one instant by at most this.
    public var width: UInt64

    public init(monotonic: UInt64, realtime: Int64, width: UInt64) {
        self.monotonic = monotonic
        self.realtime = realtime
        self.width = width
    }
}

public enum Clock {
    /// Nanoseconds of CLOCK_MONOTONIC.
    public static func monotonic() -> UInt64 { chost_clock_monotonic() }

    /// Nanoseconds since 1970 UTC.
    public static func realtime() -> Int64 { chost_clock_realtime() }

    /// Nanoseconds of processor time this process has used.
    public static func cpuTime() -> UInt64 { chost_clock_cpu() }

    /// Both clocks: monotonic, calendar, monotonic again; the first try within 10 us, or the narrowest of a few.
    public static func read() -> ClockReading {
        var reading = ClockReading(monotonic: 0, realtime: 0, width: 0)
        // Three places to write to, used during the call.
        unsafe chost_clock_read(&reading.monotonic, &reading.realtime, &reading.width)
        return reading
    }

    /// Sleeps until a monotonic instant, whatever signals arrive.
    public static func sleep(until monotonic: UInt64) {
        while !sleepInterruptibly(until: monotonic) {}
    }

    /// Sleeps until a monotonic instant or a signal. True when the instant has come.
    public static func sleepInterruptibly(until monotonic: UInt64) -> Bool {
        // An instant beyond what the kernel counts is never reached in practice; the longest it takes is as good.
        let answer = chost_sleep_until(min(monotonic, UInt64(Int64.max)))
        return answer >= 0 || self.monotonic() >= monotonic
    }

    /// Identifies this run of the host's kernel, and so of its monotonic clock: an instant of one boot means nothing in
    /// another. Zeros when the kernel does not tell.
    public static func bootID() -> (UInt64, UInt64) {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var digits = 0
        do throws(Errno) {
            // 36 characters: hexadecimal digits and dashes.
            for byte in try Files.readWhole("/proc/sys/kernel/random/boot_id", limit: 64) {
                guard let digit = hexadecimal(byte) else { continue }
                if digits < 16 { high = high << 4 | digit } else { low = low << 4 | digit }
                digits += 1
            }
        } catch {
            return (0, 0)
        }
        return digits == 32 ? (high, low) : (0, 0)
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a")) + 10
        default: nil
        }
    }
}
