// What a trace is made of.

/// What a look at the timer found besides its numbers.
public struct TimerFlags: OptionSet, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Cause.TI: a timer interrupt is pending.
    public static var pending: TimerFlags { TimerFlags(rawValue: 1) }
    /// The master disable is set: the guest stands.
    public static var frozen: TimerFlags { TimerFlags(rawValue: 2) }
    /// Cause.DC: the guest itself has stopped Count.
    public static var disabled: TimerFlags { TimerFlags(rawValue: 4) }

    /// What Cause says.
    public init(cause: UInt32, frozen: Bool) {
        var flags: TimerFlags = frozen ? .frozen : []
        if cause & 1 << 30 != 0 { flags.insert(.pending) }
        if cause & 1 << 27 != 0 { flags.insert(.disabled) }
        self = flags
    }
}

/// A look at a guest's timer.
public struct TimerView: Equatable, Sendable {
    public var count: UInt32
    public var compare: UInt32
    public var flags: TimerFlags

    public init(count: UInt32, compare: UInt32, flags: TimerFlags = []) {
        self.count = count
        self.compare = compare
        self.flags = flags
    }

    /// From the registers.
    public init(count: UInt32, compare: UInt32, cause: UInt32, frozen: Bool = false) {
        self.init(count: count, compare: compare, flags: TimerFlags(cause: cause, frozen: frozen))
    }
}

/// How a freeze ended.
public struct Thaw: Equatable, Sendable {
    /// Why the guest stood: a word, such as `pause` or `restore`.
    public var cause: String
    /// The clock policy: a word, such as `freeze` or `catch-up-max=500ms`.
    public var policy: String
    /// Nanoseconds the guest stood by the host's clock. Negative only by wall clocks that disagree.
    public var gap: Int64
    /// Nanoseconds of it the guest did not see. Negative if it saw more.
    public var hidden: Int64

    public init(cause: String, policy: String, gap: Int64, hidden: Int64) {
        self.cause = cause
        self.policy = policy
        self.gap = gap
        self.hidden = hidden
    }

    /// Nanoseconds the guest saw pass at once.
    public var caughtUp: Int64 {
        let (difference, overflow) = gap.subtractingReportingOverflow(hidden)
        return overflow ? (gap < 0 ? .min : .max) : difference
    }
}

/// Something that happened, with the timer as it was then.
public struct TimelineEvent: Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        /// The timer was looked at.
        case sample
        /// The guest stands from here on.
        case freeze
        /// The guest goes on from here on; the timer is that after the step.
        case thaw(Thaw)
        /// The guest took the timer interrupt of this Compare.
        case interrupt
        /// A remark; it has no timer.
        case note(String)
    }

    /// Nanoseconds of the host's monotonic clock, below 2^62.
    public var at: UInt64
    public var timer: TimerView
    public var kind: Kind

    public init(at: UInt64, _ timer: TimerView, _ kind: Kind) {
        self.at = at
        self.timer = timer
        self.kind = kind
    }

    /// A remark.
    public static func note(at: UInt64, _ text: String) -> TimelineEvent {
        TimelineEvent(at: at, TimerView(count: 0, compare: 0), .note(text))
    }

    /// Instants are below this, so that a difference fits a signed word.
    static var latest: UInt64 { 1 << 62 }
}

/// Events in the order of their instants.
public struct Trace: Equatable, Sendable {
    /// Ticks of Count a second, 1 to 10^9.
    public var hz: UInt32
    /// Host time is a virtual clock's.
    public var isVirtual: Bool
    public var events: [TimelineEvent]

    public init(hz: UInt32, isVirtual: Bool, events: [TimelineEvent] = []) {
        self.hz = hz
        self.isVirtual = isVirtual
        self.events = events
    }
}
