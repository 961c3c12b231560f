// Writing a trace while a guest runs.
//
// What the run loop pays for an event is a comparison or a line in a buffer; the file is written when 32 KiB have gathered. A file
// that could make the run loop wait (a FIFO that nobody empties) is never waited for: tracing then ends, and `failure` says why.

public import Host

/// Appends events to a file. Belongs to one thread.
///
/// An event is written at the instant of the one before if it is stamped earlier: clocks are read before or after the registers they
/// belong to, and a trace goes forward only.
public final class TraceWriter {
    /// Why tracing ended early: an error of the file. Nil also at the limit, which is no failure.
    public private(set) var failure: Errno?
    /// Bytes of the file so far, those in the buffer included.
    public private(set) var count: UInt64

    private var file: FileDescriptor
    private var buffer: [UInt8]
    private let limit: UInt64
    /// Samples closer than so many nanoseconds to the last one are left out, unless they say something new.
    private let spacing: UInt64
    private var isOver = false
    private var last = TimelineEvent(at: 0, TimerView(count: 0, compare: 0), .note(""))

    private static var portion: Int { 32768 }
    /// What has to be left for the last line.
    private static var reserve: UInt64 { 128 }

    /// Makes the file, or empties it.
    ///
    /// - Parameters:
    ///   - hz: COUNT_HZ.
    ///   - isVirtual: instants are a virtual clock's.
    ///   - limit: bytes after which one note ends the trace.
    ///   - spacing: nanoseconds between samples that say nothing new.
    public init(
        path: String, hz: UInt32, isVirtual: Bool, limit: UInt64 = 16 << 20, spacing: UInt64 = 1_000_000
    ) throws(Errno) {
        file = try FileDescriptor.open(path: path, [.write, .create, .truncate, .nonblocking], mode: 0o644)
        self.limit = limit
        self.spacing = spacing
        buffer = Trace.headLine(hz: hz, isVirtual: isVirtual)
        count = UInt64(buffer.count)
    }

    /// What a buffer still holds is written; whoever wants to hear of errors calls `close`.
    deinit { flush() }

    // MARK: Events

    /// The timer as it is now. Left out if the last event was a moment ago and neither Compare nor TI has changed.
    public func sample(at now: UInt64, _ timer: TimerView) {
        if last.timer.compare == timer.compare, last.timer.flags == timer.flags, now &- last.at < spacing { return }
        append(TimelineEvent(at: now, timer, .sample))
    }

    /// The guest stands since `now`.
    public func freeze(at now: UInt64, _ timer: TimerView) { append(TimelineEvent(at: now, timer, .freeze)) }

    /// The guest goes on since `now`; `timer` is what it goes on with.
    public func thaw(at now: UInt64, _ timer: TimerView, _ thaw: Thaw) {
        append(TimelineEvent(at: now, timer, .thaw(thaw)))
    }

    /// The guest took the timer interrupt of `timer.compare`, and Count was `timer.count` then.
    public func interrupt(at now: UInt64, _ timer: TimerView) { append(TimelineEvent(at: now, timer, .interrupt)) }

    /// A remark.
    public func note(at now: UInt64, _ text: String) { append(.note(at: now, text)) }

    private func append(_ event: TimelineEvent) {
        guard !isOver else { return }
        var event = event
        event.at = min(max(event.at, last.at), TimelineEvent.latest - 1)
        let start = buffer.count
        event.write(to: &buffer)
        count += UInt64(buffer.count - start)
        if count + Self.reserve > limit {
            // The line that was one too many makes room for the last.
            count -= UInt64(buffer.count - start)
            buffer.removeSubrange(start...)
            let line = buffer.count
            TimelineEvent.note(at: event.at, "the trace ends here: its limit is \(limit) bytes").write(to: &buffer)
            count += UInt64(buffer.count - line)
            isOver = true
        }
        // A note has no timer: what was known stays.
        let timer = last.timer
        last = event
        if case .note = event.kind { last.timer = timer }
        if buffer.count >= Self.portion || isOver { flush() }
    }

    // MARK: The file

    /// Writes what is in the buffer.
    public func flush() {
        guard failure == nil else { return }
        do throws(Errno) {
            try file.writeAll(buffer)
        } catch {
            failure = error
            isOver = true
        }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Writes the rest and closes the file.
    public func close() throws(Errno) {
        flush()
        isOver = true
        if let failure { throw failure }
        try file.close()
    }
}
