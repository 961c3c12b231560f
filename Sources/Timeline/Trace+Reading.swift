// Reading a trace. The bytes may be anything.

extension Trace {
    /// Bytes a file has at most.
    public static var largest: Int { 64 << 20 }
    /// Bytes a line has at most, without its end.
    static var longestLine: Int { 512 }
    /// Events a file has at most.
    static var mostEvents: Int { 1 << 20 }
    /// What a file begins with.
    static var head: String { "stasis-trace " }

    /// Whether a file that begins so is meant to be a trace.
    public static func isTrace(_ bytes: [UInt8]) -> Bool { bytes.starts(with: head.utf8) }

    /// Reads a file.
    public init(bytes: [UInt8]) throws(TraceError) { try self.init(bytes: bytes, atMost: Self.mostEvents) }

    init(bytes: [UInt8], atMost mostEvents: Int) throws(TraceError) {
        guard !bytes.isEmpty else { throw TraceError(1, .empty) }
        guard bytes.count <= Self.largest else { throw TraceError(1, .tooLarge) }
        var lines = LineReader(bytes)
        guard Self.isTrace(bytes), try lines.next() else { throw TraceError(1, .notATrace) }
        hz = 0
        isVirtual = false
        events = []
        try readHead(&lines)
        while try lines.next() {
            guard events.count < mostEvents else { throw lines.error(.tooMany) }
            let event = try Self.event(&lines)
            if let last = events.last, event.at < last.at { throw lines.error(.backwards) }
            events.append(event)
        }
    }

    /// `stasis-trace 1 hz=100000000 clock=host`
    private mutating func readHead(_ line: inout LineReader) throws(TraceError) {
        _ = line.word()
        guard line.take("1") else { throw line.error(.version) }
        guard let rate = line.word(after: "hz="), let rate = line.number(rate), rate >= 1, rate <= 1_000_000_000 else {
            throw line.error(.rate)
        }
        hz = UInt32(truncatingIfNeeded: rate)
        guard let clock = line.word(after: "clock=") else { throw line.error(.clock) }
        isVirtual = line.matches(clock, "virtual")
        guard isVirtual || line.matches(clock, "host") else { throw line.error(.clock) }
        guard line.isAtEnd else { throw line.error(.fields) }
    }

    private static func event(_ line: inout LineReader) throws(TraceError) -> TimelineEvent {
        let name = line.word()
        let isThaw = line.matches(name, "thaw")
        let kind: TimelineEvent.Kind
        if line.matches(name, "note") {
            let at = try line.instant()
            return .note(at: at, line.remainder())
        } else if isThaw || line.matches(name, "sample") {
            kind = .sample
        } else if line.matches(name, "freeze") {
            kind = .freeze
        } else if line.matches(name, "interrupt") {
            kind = .interrupt
        } else {
            throw line.error(.unknownEvent)
        }
        let at = try line.instant()
        let count = try line.register(.count)
        let compare = try line.register(.compare)
        let timer = TimerView(count: count, compare: compare, flags: try line.flags())
        var event = TimelineEvent(at: at, timer, kind)
        if isThaw {
            let (cause, policy) = (line.word(), line.word())
            guard !cause.isEmpty, !policy.isEmpty else { throw line.error(.fields) }
            let gap = try line.span(.gap)
            event.kind = .thaw(
                Thaw(cause: line.text(cause), policy: line.text(policy), gap: gap, hidden: try line.span(.hidden)))
        }
        guard line.isAtEnd else { throw line.error(.fields) }
        return event
    }
}
