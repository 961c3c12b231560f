// What can go wrong with a guest's time, one line each.

public import Host
public import Hypervisor

/// Why a freeze, thaw, save or restore did not happen.
public enum TimekeepingError: Error, Equatable, Sendable {
    /// A call on a vCPU failed. `doing` says what for.
    case call(vcpu: UInt32, doing: TimerCall, HypervisorError)
    /// A signal or descriptor call failed.
    case host(Errno)
    /// The number of vCPUs is not that of the saved timers.
    case wrongVCPUs(have: Int, need: Int)
    /// `at=T` names an instant before the freeze. Both in nanoseconds since 1970.
    case wouldRunBackwards(frozen: Int64, requested: Int64)
    /// The wall clock of this host is behind the instant of the freeze, so the length of the gap is unknown.
    case wallClockBehind(frozen: Int64, now: Int64)
    /// Instants further apart than arithmetic allows: 146 years.
    case outOfRange
    /// The vCPU's timer has gone off before the restore; a queued timer interrupt cannot be taken back.
    case notFresh(vcpu: UInt32)
    /// This process was held up so often while it set a timer that it cannot be sure of it.
    case stalled(vcpu: UInt32)
    /// A run with a pending signal did not return EINTR.
    case notInterrupted(vcpu: UInt32, exits: Int)
    /// Saved bytes were refused.
    case layout(LayoutError)
}

/// The step of the timer protocol that failed.
public enum TimerCall: Equatable, Sendable {
    case read(RegisterID)
    case write(RegisterID)
    case expose
}

/// Why saved bytes were refused.
public enum LayoutError: Error, Equatable, Sendable {
    /// The bytes end inside a field.
    case truncated(Record, have: Int, need: Int)
    /// Bytes are left over.
    case trailing(Record, count: Int)
    /// A layout this build cannot read.
    case version(Record, found: UInt8, known: UInt8)
    /// A field holds what cannot be.
    case field(Record, Field, value: UInt64)

    /// What was being read.
    public enum Record: UInt8, Sendable {
        case timer, instant, frozen, ledger
    }

    /// The field at fault.
    public enum Field: UInt8, Sendable {
        case hz, resume, flags, carry, clock, realtime, reserved, count, cause, policy, sum
    }
}

extension LayoutError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .truncated(let record, let have, let need):
            record.text + ": \(have) bytes where \(need) are needed; the file is cut short or damaged"
        case .trailing(let record, let count):
            record.text + ": \(count) bytes too many; the file is damaged"
        case .version(let record, let found, let known):
            record.text + ": layout version \(found), this build reads version \(known); use the build that saved it"
        case .field(let record, let field, let value):
            record.text + ": field " + field.text + " holds 0x" + String(value, radix: 16)
                + ", which no save writes; the file is damaged"
        }
    }
}

extension LayoutError.Record {
    var text: String {
        switch self {
        case .timer: "timer state"
        case .instant: "instant of the freeze"
        case .frozen: "saved timers"
        case .ledger: "time ledger"
        }
    }
}

extension LayoutError.Field {
    var text: String {
        switch self {
        case .hz: "COUNT_HZ"
        case .resume: "COUNT_RESUME"
        case .flags: "flags"
        case .carry: "carry"
        case .clock: "monotonic clock"
        case .realtime: "wall clock"
        case .reserved: "reserved"
        case .count: "number of entries"
        case .cause: "cause"
        case .policy: "policy"
        case .sum: "sum"
        }
    }
}

extension TimerCall: CustomStringConvertible {
    public var description: String {
        switch self {
        case .read(let register): "reading \(register)"
        case .write(let register): "writing \(register)"
        case .expose: "moving a pending interrupt into Cause"
        }
    }
}

extension TimekeepingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .call(let vcpu, let doing, let error): "vCPU \(vcpu): \(doing): \(error)"
        case .host(let errno): "signals of this thread: \(errno)"
        case .wrongVCPUs(let have, let need):
            "\(have) vCPUs where \(need) timers were saved; create as many vCPUs as the guest had"
        case .wouldRunBackwards(let frozen, let requested):
            "the guest was frozen at " + calendarText(frozen) + " and would run backwards to " + calendarText(requested)
                + "; choose a later instant or another clock policy"
        case .wallClockBehind(let frozen, let now):
            "the guest was frozen at " + calendarText(frozen) + " but this host's clock says " + calendarText(now)
                + "; set the clock or choose the policy freeze"
        case .outOfRange: "the instants are more than 146 years apart; the saved clock or this host's is wrong"
        case .notFresh(let vcpu):
            "vCPU \(vcpu): its timer has already gone off, which cannot be undone; restore into a new vCPU"
        case .stalled(let vcpu):
            "vCPU \(vcpu): this process was held up while it set the timer, which may now go off too early; "
                + "restore again"
        case .notInterrupted(let vcpu, let exits):
            "vCPU \(vcpu): a run that a signal should have ended went on for \(exits) exits"
        case .layout(let error): error.description
        }
    }
}
