// What can be wrong with a trace, in one line each: where, what, and what to do.

/// Why a trace could not be read.
public struct TraceError: Error, Equatable {
    public enum Reason: Equatable, Sendable {
        case empty
        /// The first line is not that of a trace.
        case notATrace
        case version
        /// The rate is not 1 to 10^9.
        case rate
        /// The clock is neither `host` nor `virtual`.
        case clock
        /// The last line has no end.
        case cutShort
        /// A line, the file or the number of events is beyond its limit.
        case lineTooLong
        case tooLarge
        case tooMany
        case unknownEvent
        /// Too few words, or too many.
        case fields
        /// Not a whole decimal number, or not one of those this field may have.
        case number(Field)
        case flags
        /// The instant is before that of the event before.
        case backwards
    }

    /// A number of a line.
    public enum Field: UInt8, Equatable, Sendable {
        case at, count, compare, gap, hidden
    }

    /// From 1.
    public var line: Int
    public var reason: Reason

    init(_ line: Int, _ reason: Reason) {
        self.line = line
        self.reason = reason
    }
}

extension TraceError: CustomStringConvertible {
    public var description: String { "line \(line): " + reason.description }
}

extension TraceError.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .empty: "the file is empty; a trace is written by --trace"
        case .notATrace: "not the first line of a trace; it is 'stasis-trace 1 hz=RATE clock=host'"
        case .version: "a trace of another version; this Stasis reads version 1"
        case .rate: "hz= is not a rate of Count; it is 1 to 1000000000"
        case .clock: "clock= is neither host nor virtual"
        case .cutShort: "cut short: the line has no end; leave it out, or copy the trace again"
        case .lineTooLong: "longer than the \(Trace.longestLine) bytes a line may have"
        case .tooLarge: "the file is longer than the \(Trace.largest >> 20) MiB a trace may have"
        case .tooMany: "more than the \(Trace.mostEvents) events a trace may have"
        case .unknownEvent: "not an event; there is sample, freeze, thaw, interrupt and note"
        case .fields: "too few words or too many for this event; docs/timeline.md has the format"
        case .number(let field): field.description
        case .flags: "flags are letters of t (TI), f (frozen), d (disabled by the guest), or -"
        case .backwards: "earlier than the line before; events are in the order of their instants"
        }
    }
}

extension TraceError.Field: CustomStringConvertible {
    public var description: String {
        switch self {
        case .at: "the instant is not a whole number of nanoseconds below 2^62"
        case .count: "Count is not a whole number below 2^32"
        case .compare: "Compare is not a whole number below 2^32"
        case .gap: "the gap is not a whole number of nanoseconds within 2^62"
        case .hidden: "what was hidden is not a whole number of nanoseconds within 2^62"
        }
    }
}
