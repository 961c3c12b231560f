// The guest timer of KVM/MIPS as a pure value.
//
// Purpose. This is the state machine of arch/mips/kvm/emulate.c (kvm-mips reference 4.1 to 4.3), told as a value: every
// operation takes `now` and nothing here reads a clock. It is what the simulated backend runs and, at the same time, an
// executable prediction of what a real kernel does, defects included.
//
// Glossary.
//   Count, Compare   the guest's registers; the interrupt falls due when they become equal
//   master disable   COUNT_CTL.DC: user space's switch, the feature this project exists for
//   Cause.DC         the guest's own switch; both are ORed
//   bias             what is added to the clock in ticks to give Count while the timer runs
//   static Count     Count while it stands still, authoritative only then
//   expiry           E: the instant the soft timer fires. Kept when the soft timer is cancelled: that is how defect Q1 works
//   pend             a timer interrupt is queued for delivery; TE keeps it apart from Cause.TI
//
// Life cycle. Created running at a given instant (the clock runs before the first KVM_RUN); disabled and enabled by either
// switch; destroyed with its vCPU.
//
// Units: instants and spans in nanoseconds of the monotonic clock, Count and Compare in ticks of 1/hz second modulo 2^32.

/// The timer's state. `cause` is passed in by its owner, because Cause lives with the other CP0 registers.
public struct TimerModel: Equatable, Sendable {
    /// Nanoseconds in a second.
    public static let second: UInt64 = 1_000_000_000
    /// Cause.TI and Cause.IP7, what a queued timer interrupt sets.
    public static let causeTI: UInt32 = 0x4000_8000
    /// Cause.DC.
    public static let causeDC: UInt32 = 1 << 27

    /// COUNT_HZ, ticks a second.
    public private(set) var hz: UInt32
    /// Nanoseconds Count needs for a full turn, rounded down.
    public private(set) var period: UInt64
    /// Added to the clock in ticks to give the running Count.
    public private(set) var bias: UInt32
    /// COUNT_CTL.DC.
    public private(set) var masterDisabled = false
    /// COUNT_RESUME.
    public private(set) var resume: UInt64 = 0
    /// The guest's Cause.DC as the timer last saw it.
    public private(set) var causeDisabled = false
    /// Count while disabled.
    public private(set) var staticCount: UInt32 = 0
    public private(set) var compare: UInt32 = 0
    /// When the soft timer fires, or last would have.
    public private(set) var expiry: UInt64
    /// The soft timer is running.
    public private(set) var armed: Bool
    /// A timer interrupt is queued for delivery.
    public var pend = false
    /// VZ: the queue has not been copied to Cause yet; happens at the next guest entry.
    public private(set) var transfer = Transfer.none
    /// Whether Cause changes at once (TE) or at the next guest entry (VZ).
    public let defersCause: Bool

    /// A change of Cause that waits for guest entry.
    public enum Transfer: UInt8, Sendable {
        case none
        case raise
        case lower
    }

    /// The timer of a vCPU created at `now`: Count is 0 and runs at 100 MHz.
    public init(now: UInt64, defersCause: Bool, hz: UInt32 = 100_000_000) {
        self.hz = hz
        self.defersCause = defersCause
        period = Self.period(hz)
        bias = 0
        expiry = 0
        armed = false
        bias = 0 &- ticks(now)
        arm(now, 0)
    }

    private static func period(_ hz: UInt32) -> UInt64 { (second << 32) / UInt64(hz) }

    // MARK: Formulas (reference 4.2)

    /// T(t): the clock in ticks.
    @inlinable
    public func ticks(_ t: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: (t % period) &* UInt64(hz) / 1_000_000_000)
    }

    /// The running Count at `t`.
    @inlinable
    public func running(_ t: UInt64) -> UInt32 { bias &+ ticks(t) }

    /// D(c) in nanoseconds: from Count `c` to the next time Count equals Compare, a full turn if they are equal now.
    func delay(_ count: UInt32) -> UInt64 {
        (UInt64(compare &- count &- 1) + 1) * Self.second / UInt64(hz)
    }

    /// Neither switch lets Count run.
    @inlinable
    public var disabled: Bool { masterDisabled || causeDisabled }

    /// The instant writes refer to: the disable while the master disable is set, now otherwise.
    private func base(_ now: UInt64) -> UInt64 { masterDisabled ? resume : now }

    // MARK: Helpers (reference 4.2)

    private mutating func queue(_ cause: inout UInt32) {
        pend = true
        if defersCause { transfer = .raise } else { cause |= Self.causeTI }
    }

    private mutating func dequeue(_ cause: inout UInt32) {
        pend = false
        if defersCause { transfer = .lower } else { cause &= ~Self.causeTI }
    }

    private mutating func arm(_ now: UInt64, _ count: UInt32) {
        expiry = now &+ delay(count)
        armed = true
    }

    /// A read of the running Count, which can itself queue the interrupt.
    private mutating func readRunning(_ now: UInt64, _ cause: inout UInt32) -> UInt32 {
        let count = running(now)
        if Int32(bitPattern: count &- compare) >= 0, expiry < now &+ period / 4 {
            queue(&cause)
            if armed { expiry &+= period }
        }
        return count
    }

    // MARK: Operations (reference 4.3)

    /// The soft timer fired: call when `armed` and `now` ≥ `expiry`. Returns whether it did. A timer several turns late fires for
    /// all of them at once: the kernel's callback runs again and again before the guest gets to see the first.
    @discardableResult
    public mutating func expire(now: UInt64, cause: inout UInt32) -> Bool {
        guard armed, now >= expiry else { return false }
        queue(&cause)
        expiry &+= ((now - expiry) / period + 1) * period
        return true
    }

    /// VZ: the guest is entered, what is queued reaches Cause.
    public mutating func enterGuest(cause: inout UInt32) {
        switch transfer {
        case .none: return
        case .raise: cause |= Self.causeTI
        case .lower: cause &= ~Self.causeTI
        }
        transfer = .none
    }

    /// Reads Count (guest, user or RDHWR 2).
    public mutating func readCount(now: UInt64, cause: inout UInt32) -> UInt32 {
        disabled ? staticCount : readRunning(now, &cause)
    }

    /// Writes Count, by the guest or the user alike. Never touches TI.
    public mutating func writeCount(_ count: UInt32, now: UInt64) {
        bias = count &- ticks(base(now))
        if disabled { staticCount = count } else { arm(now, count) }
    }

    /// The guest writes Compare: always acknowledges the interrupt.
    public mutating func guestWriteCompare(_ value: UInt32, now: UInt64, cause: inout UInt32) {
        moveCompare(value, now: now, cause: &cause, acknowledge: true)
        if defersCause {
            // On VZ the guest is running on hardware, which clears TI with the write itself.
            cause &= ~Self.causeTI
            transfer = .none
        }
    }

    /// The user writes Compare: never acknowledges the interrupt.
    public mutating func userWriteCompare(_ value: UInt32, now: UInt64, cause: inout UInt32) {
        if value != compare { moveCompare(value, now: now, cause: &cause, acknowledge: false) }
    }

    private mutating func moveCompare(_ value: UInt32, now: UInt64, cause: inout UInt32, acknowledge: Bool) {
        guard value != compare else {
            dequeue(&cause)
            return
        }
        var count: UInt32 = 0
        if !disabled {
            armed = false
            count = readRunning(now, &cause)
        }
        if acknowledge { dequeue(&cause) }
        compare = value
        if !disabled { arm(now, count) }
    }

    /// The user writes Cause: every bit is stored, DC changes have their effects, `pend` is untouched.
    public mutating func userWriteCause(_ value: UInt32, now: UInt64, cause: inout UInt32) {
        let wanted = value & Self.causeDC != 0
        if wanted == (cause & Self.causeDC != 0) {
            cause = value
        } else if wanted {
            disableByCause(now: now, cause: &cause)
            cause = value
        } else {
            cause = value
            enableByCause(now: now)
        }
    }

    /// The guest writes Cause: the bits of `writable` change, with the effects of a DC change.
    public mutating func guestWriteCause(_ value: UInt32, writable: UInt32, now: UInt64, cause: inout UInt32) {
        let new = cause & ~writable | value & writable
        let changed = (cause ^ new) & Self.causeDC != 0
        if changed, new & Self.causeDC != 0 { disableByCause(now: now, cause: &cause) }
        cause = cause & ~writable | value & writable
        if changed, new & Self.causeDC == 0 { enableByCause(now: now) }
    }

    private mutating func disableByCause(now: UInt64, cause: inout UInt32) {
        causeDisabled = true
        guard !masterDisabled else { return }
        armed = false
        staticCount = readRunning(now, &cause)
    }

    private mutating func enableByCause(now: UInt64) {
        causeDisabled = false
        writeCount(staticCount, now: now)
    }

    /// The user writes COUNT_CTL. Returns false (EINVAL) when a bit other than DC would change.
    public mutating func writeControl(_ value: UInt64, now: UInt64, cause: inout UInt32) -> Bool {
        guard value & ~1 == 0 else { return false }
        let disable = value & 1 != 0
        guard disable != masterDisabled else { return true }
        if disable {
            if causeDisabled {
                resume = now
            } else {
                armed = false
                staticCount = readRunning(now, &cause)
                resume = now
            }
            masterDisabled = true
        } else {
            masterDisabled = false
            guard !causeDisabled else { return true }
            // Did Compare pass between the disable and now? Asked of the static Count, while the Count that goes on
            // comes from the bias: the two agree only if Count was written after COUNT_RESUME (O1 to O3).
            if now >= resume &+ delay(staticCount) { queue(&cause) }
            arm(now, readRunning(now, &cause))
        }
        return true
    }

    /// The user writes COUNT_RESUME. Returns false (EINVAL) for an instant that is negative or still to come.
    public mutating func writeResume(_ value: UInt64, now: UInt64) -> Bool {
        guard value <= now, value >> 63 == 0 else { return false }
        resume = value
        return true
    }

    /// The user writes COUNT_HZ; Count goes on from where it is. Returns false (EINVAL) outside 1 … 10^9.
    public mutating func writeHz(_ value: UInt64, now: UInt64, cause: inout UInt32) -> Bool {
        guard value >= 1, value <= Self.second else { return false }
        let new = UInt32(truncatingIfNeeded: value)
        guard new != hz else { return true }
        let instant: UInt64
        let count: UInt32
        if disabled {
            instant = base(now)
            count = staticCount
        } else {
            armed = false
            instant = now
            count = readRunning(now, &cause)
        }
        hz = new
        period = Self.period(new)
        bias = count &- ticks(instant)
        if !disabled { arm(now, count) }
        return true
    }
}
