// A trace made whole: what has to be drawn, in nanoseconds.
//
// Numbers are Doubles from here on: exact to the nanosecond over a hundred days, and no sum of hostile ones can trap.

/// A point of the line of Count: nanoseconds of host time, and of guest time, since the first event.
struct StoryPoint: Equatable {
    var host: Double
    var guest: Double
    /// The line is interrupted before it.
    var isStart = false
}

/// A time the guest stood.
struct StoryWindow: Equatable {
    /// Nanoseconds of host time.
    var from: Double
    var to: Double
    /// Guest time before and after the step at its end.
    var before: Double
    var after: Double
    /// How it ended; nil if it had not when the trace did.
    var thaw: Thaw?
}

/// Sums over all windows. They stop at the ends of 64 bits.
struct StoryTotals: Equatable {
    var freezes = 0
    var gap: Int64 = 0
    var hidden: Int64 = 0
    var caughtUp: Int64 = 0

    mutating func add(_ thaw: Thaw) {
        freezes += 1
        gap = Self.sum(gap, thaw.gap)
        hidden = Self.sum(hidden, thaw.hidden)
        caughtUp = Self.sum(caughtUp, thaw.caughtUp)
    }

    private static func sum(_ a: Int64, _ b: Int64) -> Int64 {
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? (b < 0 ? .min : .max) : sum
    }
}

/// Nothing in a trace can be drawn: it has less than two looks at the timer.
public struct NothingToDraw: Error, CustomStringConvertible {
    public var description: String { "nothing to draw: the timer was looked at less than twice" }
}

struct Story {
    /// Ticks of Count a second.
    let hz: Double
    let isVirtual: Bool
    private(set) var line: [StoryPoint] = []
    private(set) var windows: [StoryWindow] = []
    /// Count reached Compare.
    private(set) var hits: [StoryPoint] = []
    /// TI was pending: `from` and `to` as windows have them.
    private(set) var pending: [(from: Double, to: Double)] = []
    private(set) var notes: [(at: Double, text: String)] = []
    private(set) var totals = StoryTotals()
    /// Host time of the last event.
    private(set) var duration = 0.0
    /// The least and the most guest time of the line.
    private(set) var lowest = 0.0
    private(set) var highest = 0.0

    // While it is being made.
    private var last: Look?
    private var origin: Double?
    /// Where the guest was frozen, while it is.
    private var frozen: Look?

    /// A look at the timer, and where it lies.
    private struct Look {
        var timer: TimerView
        var host: Double
        /// Count without its wrap, since the first one.
        var ticks: Double
    }

    init(_ trace: Trace) throws(NothingToDraw) {
        hz = Double(trace.hz)
        isVirtual = trace.isVirtual
        for event in trace.events { take(event) }
        guard line.count >= 2, let last else { throw NothingToDraw() }
        if let frozen {
            let guest = time(frozen.ticks)
            windows.append(StoryWindow(from: frozen.host, to: last.host, before: guest, after: guest, thaw: nil))
        }
        duration = last.host
    }

    private func time(_ ticks: Double) -> Double { ticks * 1e9 / hz }

    private mutating func take(_ event: TimelineEvent) {
        let at = Double(event.at)
        switch event.kind {
        case .note(let text):
            // Before anything is known there is nothing to hang it on.
            if let origin { notes.append((at - origin, text)) }
        case .thaw(let thaw):
            if frozen == nil {
                // The freeze was not seen: it happened before the trace began, or in another process. The ledger knows when.
                let start = max(at - Double(max(0, thaw.gap)), (origin ?? -.infinity) + (last?.host ?? 0))
                let seen = Double(thaw.caughtUp) * hz / 1e9
                var timer = event.timer
                // Within 2^63 whatever the span: the low bits of what a span beyond that says mean nothing.
                let moved = max(-9e18, min(9e18, seen))
                timer.count = timer.count &- UInt32(truncatingIfNeeded: Int64(moved))
                look(start, timer, .freeze)
            }
            look(at, event.timer, event.kind)
        case .freeze, .sample, .interrupt:
            look(at, event.timer, event.kind)
        }
    }

    private mutating func look(_ at: Double, _ timer: TimerView, _ kind: TimelineEvent.Kind) {
        guard let last, let origin else {
            origin = at
            let look = Look(timer: timer, host: 0, ticks: 0)
            self.last = look
            line.append(StoryPoint(host: 0, guest: 0, isStart: true))
            if kind == .freeze { frozen = look }
            return
        }
        let host = at - origin
        let ticks = last.ticks + moved(last, timer, host, kind)
        let now = Look(timer: timer, host: host, ticks: ticks)
        let guest = time(ticks)
        if case .thaw(let thaw) = kind {
            let before = time(last.ticks)
            line.append(StoryPoint(host: host, guest: before))
            if ticks != last.ticks { line.append(StoryPoint(host: host, guest: guest, isStart: true)) }
            windows.append(
                StoryWindow(from: frozen?.host ?? last.host, to: host, before: before, after: guest, thaw: thaw))
            totals.add(thaw)
            frozen = nil
        } else {
            line.append(StoryPoint(host: host, guest: guest))
            // A second freeze without a thaw between them changes nothing.
            if kind == .freeze, frozen == nil { frozen = now }
        }
        hit(last, now, kind)
        if last.timer.flags.contains(.pending) { addPending(last.host, host) }
        lowest = min(lowest, guest)
        highest = max(highest, guest)
        self.last = now
    }

    /// Ticks between two looks: those that Count shows, and as many turns of 2^32 as make that nearest to what the clock says.
    private func moved(_ last: Look, _ timer: TimerView, _ host: Double, _ kind: TimelineEvent.Kind) -> Double {
        let expected: Double
        if case .thaw(let thaw) = kind {
            expected = Double(thaw.caughtUp) * hz / 1e9
        } else if frozen != nil || last.timer.flags.contains(.disabled) {
            expected = 0
        } else {
            expected = (host - last.host) * hz / 1e9
        }
        let turn = 4_294_967_296.0
        let shown = Double(timer.count &- last.timer.count)
        let turns = (expected - shown) / turn
        // Within 2^31: an instant is below 2^62 ns and a tick at least one.
        let whole = Double(Int64(turns + (turns < 0 ? -0.5 : 0.5)))
        return shown + whole * turn
    }

    /// Whether Count reached Compare between two looks, and where.
    private mutating func hit(_ last: Look, _ now: Look, _ kind: TimelineEvent.Kind) {
        let moved = now.ticks - last.ticks
        let distance: Double
        if kind == .interrupt {
            // How long ago it was. Before the last look: that one has found it.
            let since = Double(now.timer.count &- now.timer.compare)
            guard since < moved else { return }
            distance = moved - since
        } else {
            let ahead = last.timer.compare &- last.timer.count
            guard ahead != 0 else { return }
            distance = Double(ahead)
        }
        guard moved > 0, distance <= moved else { return }
        let point: StoryPoint
        if case .thaw = kind {
            point = StoryPoint(host: now.host, guest: time(last.ticks + distance))
        } else {
            let host = last.host + (now.host - last.host) * (distance / moved)
            point = StoryPoint(host: host, guest: time(last.ticks + distance))
        }
        hits.append(point)
    }

    private mutating func addPending(_ from: Double, _ to: Double) {
        if let end = pending.last?.to, end == from {
            pending[pending.count - 1].to = to
        } else {
            pending.append((from, to))
        }
    }
}
