// The main job, shown and checked: a ticking guest is frozen, thawed by each policy, saved, and restored by another process, and
// not a tick may be lost, doubled or late.
//
// Each phase is a gap and then some running. What the guest must have seen is worked out from the host's clock (TimeAccount);
// what it did see is read from its own trace in memory (TickerState). The two meet in `judge`.

public import Hypervisor
import Timekeeping
import Host
import Machine
public import Timeline

/// The policies shown. Times in nanoseconds.
enum DemonstrationPolicy: Equatable {
    case freeze
    case catchUp
    case catchUpMax(Int64)
    case at(realtime: Int64)

    var policy: ClockPolicy {
        switch self {
        case .freeze: .freeze
        case .catchUp: .catchUp
        case .catchUpMax(let limit): .catchUpMax(nanoseconds: UInt64(limit))
        case .at(let realtime): .at(realtimeNanoseconds: realtime)
        }
    }
}

/// A look at a guest that stands still.
public struct StillSample: Equatable, Sendable {
    /// Nanoseconds since the freeze, by the host's clock.
    public var elapsed: UInt64
    public var count: UInt32
    public var timerInterrupt: Bool
    /// COUNT_RESUME.
    public var resume: UInt64
}

/// One phase: a gap under a policy, then running.
public struct DemonstrationPhase: Sendable {
    public var name: String
    /// Nanoseconds the guest stood still, by the host's clock.
    public var stood: Int64
    /// Nanoseconds from freeze to freeze, by the host's clock.
    public var hostElapsed: Int64
    /// The same by the guest's Count.
    public var guestElapsed: Int64
    /// Ticks the guest has to have taken.
    public var expected: Span
    public var got: Int64
    /// The latest tick, in nanoseconds after it was due.
    public var worst: Int64
    /// What was wrong, a line each.
    public var faults: [String]
}

/// What a demonstration found.
public struct DemonstrationReport: Sendable {
    public var rate: UInt32
    public var samples: [StillSample] = []
    public var phases: [DemonstrationPhase] = []

    public var faults: [String] {
        var all: [String] = []
        for phase in phases { for fault in phase.faults { all.append(phase.name + ": " + fault) } }
        return all
    }
}

/// Why a demonstration could not be held.
public enum DemonstrationError: Error {
    case machine(MonitorError)
    /// The guest stopped by itself.
    case stopped(Stop)
    /// No ticker armed its timer.
    case notATicker
    /// The other process did not do its part: what it said or how it ended.
    case elsewhere(String)
}

extension DemonstrationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .machine(let error): error.description
        case .stopped(.failure(let failure)): failure.description
        case .stopped(.powerOff(let code)): "the guest powered off with code \(code) before the demonstration was over"
        case .stopped(.signal(let number)): "stopped by signal \(number)"
        case .stopped: "the guest stopped before the demonstration was over"
        case .notATicker:
            "the guest armed no timer where ticker does; build it with Scripts/build-guests and name it, or leave IMAGE out"
        case .elsewhere(let what): "restoring in another process: " + what
        }
    }
}

/// The demonstration on a machine that has booted `ticker` with `arguments`.
public struct Demonstration<System: HypervisorSystem> {
    /// Ticks a second: a tick is long enough that a busy host does not make it late.
    public static var rate: UInt32 { 20 }
    /// What the guest has to be started with.
    public static var arguments: [String] { ["hz=\(rate)", "ticks=0", "print=none", "work=wait"] }
    /// Nanoseconds the other process runs the guest.
    public static var elsewhereRun: UInt64 { 400_000_000 }

    private let vm: VirtualMachine<System>
    private let progress: (String) -> Void
    /// Where the guest's timer is written down, if anywhere.
    private let trace: TraceWriter?
    private var report = DemonstrationReport(rate: Self.rate)
    /// The guest at the last freeze.
    private var last: (state: TickerState, frozen: Frozen, moment: Moment)

    /// Starts the guest and freezes it for the first time.
    ///
    /// - Parameters:
    ///   - trace: told what the guest's timer does.
    ///   - progress: told what happens now.
    public init(
        _ vm: VirtualMachine<System>, trace: TraceWriter? = nil, progress: @escaping (String) -> Void
    ) throws(DemonstrationError) {
        self.vm = vm
        self.trace = trace
        self.progress = progress
        progress("starting the guest")
        for _ in 0..<100 {
            try Self.run(vm, 20 * millisecond, trace)
            if TickerState(Self.reader(vm)) != nil { break }
        }
        guard let state = TickerState(Self.reader(vm)) else { throw .notATicker }
        let (frozen, moment) = try Self.freeze(vm, trace)
        last = (state, frozen, moment)
        // What was handled up to the freeze itself.
        last.state = TickerState(Self.reader(vm)) ?? state
    }

    /// Holds it.
    ///
    /// - Parameters:
    ///   - file: where the guest is saved.
    ///   - elsewhere: restores the file in a new process with policy freeze, runs it there for `elsewhereRun`, has it
    ///     saved, and returns what was saved.
    public mutating func hold(
        file: String, elsewhere: (String) throws(DemonstrationError) -> SnapshotContents
    ) throws(DemonstrationError) -> DemonstrationReport {
        try phase("run", gap: 0, .freeze, run: 500 * millisecond)
        try phase("freeze", gap: 2000 * millisecond, .freeze, run: 400 * millisecond, sampling: true)
        try phase("catch-up", gap: 400 * millisecond, .catchUp, run: 400 * millisecond)
        try phase(
            "catch-up-max=500ms", gap: 800 * millisecond, .catchUpMax(500_000_000), run: 400 * millisecond)
        // One second after the freeze by the guest's clock, though only a fifth of one will have passed.
        let instant = last.moment.realtime.least - vm.ledger.total.hidden + 1_000_000_000
        try phase("at=freeze+1s", gap: 200 * millisecond, .at(realtime: instant), run: 400 * millisecond)
        try restoreElsewhere(file, elsewhere)
        return report
    }

    // MARK: Phases

    private mutating func phase(
        _ name: String, gap: UInt64, _ policy: DemonstrationPolicy, run: UInt64, sampling: Bool = false
    ) throws(DemonstrationError) {
        progress(name)
        var faults: [String] = []
        let system = vm.system
        let start = UInt64(last.moment.monotonic.most)
        let samples: UInt64 = sampling ? 5 : 1
        for index in 0...samples {
            if sampling { try sample(since: start, &faults) }
            if index < samples { system.sleep(until: start + gap * (index + 1) / samples) }
        }
        let before = system.clock()
        let hidden = vm.ledger.total.hidden
        do throws(MonitorError) {
            let entry = try vm.resume(policy.policy)
            if let trace { trace.thaw(entry, try vm.timerView()) }
        } catch {
            throw .machine(error)
        }
        let thawed = Moment(before, system.clock())
        let stood = thawed.monotonic - last.moment.monotonic
        let visible = TimeAccount.visible(policy, frozen: last.moment, hidden: hidden, gap: stood)
        try Self.run(vm, run, trace)
        let (frozen, moment) = try Self.freeze(vm, trace)
        let span = visible + (moment.monotonic - thawed.monotonic)
        try judge(
            name, frozen, moment, stood: stood.least, hostElapsed: (moment.monotonic - last.moment.monotonic).least,
            span: span, visible: visible.most, faults)
    }

    /// Looks at Count, TI and COUNT_RESUME of the frozen guest: they must be what they were.
    private mutating func sample(since start: UInt64, _ faults: inout [String]) throws(DemonstrationError) {
        let sample: StillSample
        do throws(MonitorError) {
            let vcpu = vm.vcpu
            sample = try doing(.registers) { () throws(HypervisorError) in
                StillSample(
                    elapsed: vm.system.clock().monotonic - start,
                    count: UInt32(truncatingIfNeeded: try vcpu.register(.count)),
                    timerInterrupt: try vcpu.register(.cause) & 1 << 30 != 0, resume: try vcpu.register(.countResume))
            }
        } catch {
            throw .machine(error)
        }
        report.samples.append(sample)
        if let trace, var view = last.frozen.timers.first.map({ TimerView($0) }) {
            view.count = sample.count
            trace.sample(at: start + sample.elapsed, view)
        }
        guard let timer = last.frozen.timers.first else { return }
        if sample.count != timer.count { faults.append("Count moved to \(hex(sample.count)) while frozen") }
        if sample.timerInterrupt != timer.interruptPending { faults.append("TI changed while frozen") }
        if sample.resume != timer.resume { faults.append("COUNT_RESUME changed while frozen") }
    }

    private mutating func restoreElsewhere(
        _ file: String, _ elsewhere: (String) throws(DemonstrationError) -> SnapshotContents
    ) throws(DemonstrationError) {
        progress("saving")
        do throws(MonitorError) { try vm.save(to: file) } catch { throw .machine(error) }
        progress("restoring in a new process")
        trace?.note(at: vm.system.clock().monotonic, "saved")
        let before = vm.system.clock().monotonic
        let contents = try elsewhere(file)
        let after = vm.system.clock().monotonic
        guard let timer = contents.frozen.timers.first, let entry = contents.ledger.entries.last,
            let saved = last.frozen.timers.first
        else { throw .elsewhere("its snapshot has no timer or no ledger entry") }
        var faults: [String] = []
        // When the guest went on there, and how long it ran, by that process's own account.
        let released = Int64(saved.resume) + entry.gap
        if vm.system.timeDomain.kind == .host, !Span(Int64(before), Int64(after)).contains(released) {
            faults.append("the ledger says it went on at a time when that process did not exist")
        }
        if entry.cause != .restore { faults.append("the ledger calls it \(entry.cause)") }
        let ran = Int64(timer.resume) - released
        if ran < Int64(Self.elsewhereRun) { faults.append("it ran for \(ran) ns only") }
        if let trace { try tell(trace, contents, saved, timer, entry) }
        let moment = Moment(contents.frozen.instant.reading, contents.frozen.instant.reading)
        try judge(
            "save, new process", contents.frozen, moment, stood: entry.gap, hostElapsed: entry.gap + ran,
            span: Span(ran, ran), visible: 0, faults, memory: contents)
    }

    /// What the guest did in the other process: its ledger has the thaw, its own trace the interrupts.
    private func tell(
        _ trace: TraceWriter, _ contents: SnapshotContents, _ before: TimerState, _ after: TimerState,
        _ entry: LedgerEntry
    ) throws(DemonstrationError) {
        let word: (UInt64) -> UInt32
        do throws(MonitorError) { word = try contents.reader(TickerState.address, 0x6000) } catch {
            throw .machine(error)
        }
        var view = TimerView(before)
        view.flags.remove(.frozen)
        trace.thaw(entry, view)
        let released = UInt64(max(0, Int64(before.resume) + entry.gap))
        if let state = TickerState(word) {
            for back in (0..<min(state.ticks &- last.state.ticks, TickerEntry.capacity)).reversed() {
                let tick = TickerEntry(tick: state.ticks &- back, word)
                // Count says when.
                let ran = UInt64(tick.count &- before.count) * 1_000_000_000 / UInt64(after.hz)
                trace.interrupt(at: released + ran, TimerView(count: tick.count, compare: tick.compare))
            }
        }
        trace.freeze(at: after.resume, TimerView(after))
    }

    // MARK: Judgement

    /// Compares what the guest did since the last freeze with what the clock says.
    ///
    /// - Parameters:
    ///   - span: nanoseconds of guest time since the last freeze.
    ///   - visible: of which so many, at most, passed at once.
    private mutating func judge(
        _ name: String, _ frozen: Frozen, _ moment: Moment, stood: Int64, hostElapsed: Int64, span: Span,
        visible: Int64, _ found: [String], memory: SnapshotContents? = nil
    ) throws(DemonstrationError) {
        var faults = found
        var word = Self.reader(vm)
        if let memory {
            do throws(MonitorError) { word = try memory.reader(TickerState.address, 0x6000) } catch {
                throw .machine(error)
            }
        }
        guard let state = TickerState(word), let timer = frozen.timers.first, let before = last.frozen.timers.first
        else {
            throw .notATicker
        }
        let counts = TimeAccount.counts(span, hz: timer.hz)
        let elapsed = Int64(timer.count &- before.count)
        if !counts.contains(elapsed) {
            faults.append("Count went on by \(elapsed), not by \(counts.least) to \(counts.most)")
        }
        // Ticks due by the clock, less one that is pending at each end.
        let start = Int64(Int32(bitPattern: before.count &- state.firstCompare))
        let pending: Int64 = timer.interruptPending ? 1 : 0
        let handled = Int64(last.state.ticks)
        let expected = Span(
            state.due(after: start + counts.least) - pending - handled,
            state.due(after: start + counts.most) - pending - handled)
        let got = Int64(state.ticks) - handled
        if got < expected.least { faults.append("\(expected.least - got) ticks lost") }
        if got > expected.most { faults.append("\(got - expected.most) ticks too many") }
        let allowance = TimeAccount.counts(Span(visible, visible), hz: timer.hz).most + Int64(state.period)
        for fault in state.faults(after: last.state, allowed: UInt32(clamping: allowance), word) {
            faults.append(fault.description)
        }
        for (what, now, then) in [
            ("lost", state.lost, last.state.lost), ("doubled", state.doubled, last.state.doubled),
            ("early", state.early, last.state.early),
        ] where now != then { faults.append("the guest itself found \(now &- then) ticks " + what) }
        if visible == 0, state.late != last.state.late {
            faults.append("\(state.late &- last.state.late) ticks late: their successors were due already")
        }
        var worst: UInt32 = 0
        for back in 0..<UInt32(clamping: max(0, min(got, 1024))) {
            let entry = TickerEntry(tick: state.ticks - back, word)
            if Int32(bitPattern: entry.count &- entry.compare) > 0 { worst = max(worst, entry.count &- entry.compare) }
        }
        let second: Int64 = 1_000_000_000
        report.phases.append(
            DemonstrationPhase(
                name: name, stood: stood, hostElapsed: hostElapsed, guestElapsed: elapsed * second / Int64(timer.hz),
                expected: expected, got: got, worst: Int64(worst) * second / Int64(timer.hz), faults: faults))
        last = (state, frozen, moment)
    }

    // MARK: The machine

    /// Runs the guest, and looks at its timer every few milliseconds if somebody wants to know.
    private static func run(
        _ vm: VirtualMachine<System>, _ length: UInt64, _ trace: TraceWriter?
    ) throws(DemonstrationError) {
        let end = vm.system.clock().monotonic + length
        var now = end - length
        while now < end {
            let stop: Stop
            do throws(MonitorError) {
                stop = try vm.run(until: trace == nil ? end : min(end, now + 5 * millisecond))
                now = vm.system.clock().monotonic
                if let trace { trace.sample(at: now, try vm.timerView()) }
            } catch {
                throw .machine(error)
            }
            guard stop == .deadline else { throw .stopped(stop) }
        }
    }

    private static func freeze(
        _ vm: VirtualMachine<System>, _ trace: TraceWriter?
    ) throws(DemonstrationError) -> (Frozen, Moment) {
        let before = vm.system.clock()
        do throws(MonitorError) {
            let frozen = try vm.pause()
            if let trace, let timer = frozen.timers.first { trace.freeze(at: timer.resume, TimerView(timer)) }
            return (frozen, Moment(before, vm.system.clock()))
        } catch {
            throw .machine(error)
        }
    }

    private static func reader(_ vm: VirtualMachine<System>) -> (UInt64) -> UInt32 {
        { address in UInt32(truncatingIfNeeded: vm.memory.load(at: address, size: 4) ?? 0) }
    }
}

/// Nanoseconds.
private let millisecond: UInt64 = 1_000_000
