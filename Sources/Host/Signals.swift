// Signals: masks, a handler that only records, timers, and a descriptor to wait for them.

import CHost

/// Signals of this process. A mask has signal n at bit n - 1; signals above 64, which MIPS has, are left alone.
public enum Signals {
    public enum Action: Int32, Sendable {
        case standard, ignore
        /// Note the signal for `recorded`, write to the descriptor of `notify`, and interrupt what waits.
        case record
    }

    public static var hangup: Int32 { chost_signal_number(0) }
    public static var interrupt: Int32 { chost_signal_number(1) }
    public static var quit: Int32 { chost_signal_number(2) }
    public static var kill: Int32 { chost_signal_number(3) }
    public static var pipe: Int32 { chost_signal_number(4) }
    public static var alarm: Int32 { chost_signal_number(5) }
    public static var terminate: Int32 { chost_signal_number(6) }
    public static var user1: Int32 { chost_signal_number(7) }
    public static var user2: Int32 { chost_signal_number(8) }
    public static var child: Int32 { chost_signal_number(9) }
    public static var windowChange: Int32 { chost_signal_number(10) }
    public static var `continue`: Int32 { chost_signal_number(11) }
    public static var stop: Int32 { chost_signal_number(12) }
    public static var busError: Int32 { chost_signal_number(13) }
    public static var segmentationViolation: Int32 { chost_signal_number(14) }
    public static var abort: Int32 { chost_signal_number(15) }
    public static var illegalInstruction: Int32 { chost_signal_number(16) }
    public static var trap: Int32 { chost_signal_number(17) }
    /// The stop that a terminal or `kill -TSTP` asks for and a program may put off, unlike `stop`.
    public static var terminalStop: Int32 { chost_signal_number(18) }
    /// The signal that gets a vCPU thread out of KVM_RUN: SIGUSR1, whose number differs between architectures.
    public static var kick: Int32 { user1 }

    /// The mask with one signal, empty for a number outside 1...64.
    public static func mask(_ signal: Int32) -> UInt64 {
        signal >= 1 && signal <= 64 ? 1 << UInt64(signal - 1) : 0
    }

    /// Blocks signals in this thread. Answers the mask before.
    @discardableResult
    public static func block(_ mask: UInt64) -> UInt64 { change(0, mask) }

    /// Unblocks signals in this thread. Answers the mask before.
    @discardableResult
    public static func unblock(_ mask: UInt64) -> UInt64 { change(1, mask) }

    /// Blocks exactly these signals in this thread. Answers the mask before.
    @discardableResult
    public static func setMask(_ mask: UInt64) -> UInt64 { change(2, mask) }

    /// The signals blocked in this thread.
    public static func blocked() -> UInt64 { change(0, 0) }

    private static func change(_ how: Int32, _ mask: UInt64) -> UInt64 {
        var old: UInt64 = 0
        unsafe chost_signal_mask(how, mask, &old)
        return old
    }

    /// Signals that have arrived for this thread or process and are blocked.
    public static func pending() -> UInt64 { chost_signal_pending() }

    /// Sets what a signal does in this process. EINVAL for SIGKILL, SIGSTOP and numbers that are none.
    public static func install(_ signal: Int32, _ action: Action) throws(Errno) {
        _ = try value(chost_signal_install(signal, action.rawValue))
    }

    /// The signals the recording handler has seen, without forgetting them.
    public static func recorded() -> UInt64 { chost_signal_recorded(0) }

    /// The same, forgetting those in `mask`.
    public static func takeRecorded(_ mask: UInt64 = .max) -> UInt64 { chost_signal_recorded(mask) & mask }

    /// The event counter the recording handler adds to, or -1. The caller keeps the descriptor open.
    public static func notify(_ descriptor: Int32) { chost_signal_notify(descriptor) }

    /// Sends a signal to this thread.
    public static func raise(_ signal: Int32) throws(Errno) {
        _ = try value(chost_signal_raise(signal))
    }

    /// Has SIGALRM sent to this process once, after so many nanoseconds, rounded up to microseconds; 0 calls it off.
    /// The C function is `setitimer` with `ITIMER_REAL`.
    public static func alarm(after nanoseconds: UInt64) throws(Errno) {
        _ = try value(chost_signal_alarm(min(nanoseconds, UInt64(Int32.max) * 1_000_000_000)))
    }

    /// A descriptor that is readable while one of these signals is pending; block them as well.
    public static func descriptor(for mask: UInt64) throws(Errno) -> FileDescriptor {
        FileDescriptor(raw: Int32(truncatingIfNeeded: try value(chost_signalfd(mask))))
    }
}
