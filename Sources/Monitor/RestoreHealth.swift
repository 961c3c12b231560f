// Whether a restored guest lives: it has to take the timer interrupt that it had armed.
//
// Count and Compare go on by themselves, so a guest that was restored wrongly can look well for a while: its registers are there, its
// clock runs, and no interrupt ever reaches it. So a restore counts as good only when the guest has shown that one did: it
// has written Compare, which every handler does, or the interrupt that was pending is gone. A guest that has none enabled needs
// none. A value; the machine asks it when to look and shows it the registers then.

import Hypervisor
import Timekeeping

/// The judgement of one restore.
public struct RestoreHealth: Equatable, Sendable {
    public enum Verdict: Equatable, Sendable {
        /// There is still time for it.
        case waiting
        /// It lives; by what one can tell.
        case good(String)
        /// It should have taken an interrupt and did not; what differs.
        case bad(String)
    }

    /// The registers that tell.
    public struct Look: Equatable, Sendable {
        public var count: UInt32
        public var compare: UInt32
        public var cause: UInt32
        public var status: UInt32

        public init(count: UInt32, compare: UInt32, cause: UInt32, status: UInt32) {
            self.count = count
            self.compare = compare
            self.cause = cause
            self.status = status
        }
    }

    /// Nanoseconds an interrupt may take from when it is due.
    static let patience: UInt64 = 1_000_000_000
    /// Nanoseconds between two looks once it is due.
    static let interval: UInt64 = 20_000_000

    public private(set) var verdict = Verdict.waiting
    /// When to look next, by the clock of COUNT_RESUME; nil when there is nothing left to find out.
    public private(set) var next: UInt64?

    private let first: Look
    /// When the interrupt is due, and when it must have been taken.
    private let due: UInt64
    private let latest: UInt64
    /// The bit of Status that lets the timer interrupt through.
    private let mask: UInt32
    /// At some look the guest would have taken an interrupt.
    private var wasOpen = false

    // MIPS32 PRA, 9.34 (Status) and 9.36 (Cause).
    private static let timerInterrupt: UInt32 = 1 << 30
    private static let interruptEnable: UInt32 = 1
    private static let levels: UInt32 = 6
    private static let timerMask: UInt32 = 1 << 15
    /// What trap-and-emulate of Linux 5.8 to 5.12 looks at instead (reference 6.4).
    private static let defectiveMask: UInt32 = 1 << 8

    /// - Parameters:
    ///   - look: the registers right after the guest's time went on, at `now`.
    ///   - hz: ticks of Count a second.
    init(_ look: Look, hz: UInt32, now: UInt64, isDefective: Bool) {
        first = look
        mask = isDefective ? Self.defectiveMask : Self.timerMask
        let isPending = look.cause & Self.timerInterrupt != 0
        let ticks = isPending || hz == 0 ? 0 : UInt64(look.compare &- look.count)
        due = now + ticks * 1_000_000_000 / max(1, UInt64(hz))
        latest = due + Self.patience
        if look.cause & TimerState.causeDC != 0 {
            verdict = .good("its timer is stopped (Cause.DC)")
        } else {
            next = due + Self.interval
        }
    }

    /// Looks later: nobody knows yet whether this is the guest that was saved.
    mutating func postpone(at now: UInt64) { next = now + Self.interval }

    /// Judges by the registers at `now`.
    mutating func examine(_ look: Look, at now: UInt64) {
        guard verdict == .waiting else { return }
        if look.compare != first.compare { return end(.good("it took its timer interrupt and armed the next")) }
        let isPending = look.cause & Self.timerInterrupt != 0
        if first.cause & Self.timerInterrupt != 0, !isPending {
            return end(.good("it took the pending timer interrupt"))
        }
        let isOpen =
            look.status & (Self.interruptEnable | Self.levels) == Self.interruptEnable && look.status & mask != 0
        // Pending and let through at two looks, one after the other: it is not being delivered.
        let isStuck = wasOpen && isOpen && isPending
        wasOpen = isOpen && isPending
        guard now >= latest || isStuck && now >= due + 2 * Self.interval else {
            next = now + Self.interval
            return
        }
        if !isPending {
            return end(
                .bad(
                    "no timer interrupt: Cause.TI is 0 (Cause " + hex(look.cause) + ") though Count " + hex(look.count)
                        + " has passed Compare " + hex(look.compare)))
        }
        if isOpen {
            return end(
                .bad(
                    "the timer interrupt is pending and is not taken: Status " + hex(look.status) + " (saved "
                        + hex(first.status) + "), Cause " + hex(look.cause) + " (saved " + hex(first.cause) + ")"))
        }
        end(.good("it lets no timer interrupt through (Status " + hex(look.status) + ")"))
    }

    private mutating func end(_ verdict: Verdict) {
        self.verdict = verdict
        next = nil
    }
}
