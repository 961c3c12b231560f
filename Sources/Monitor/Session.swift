// A machine on its way from start to end, with everybody who has a say in it: its user's signals, the clients of its control socket, and
// whoever traces it.
//
// Purpose. `VirtualMachine` does one thing after the other for one thread. A session is that thread's work: it runs the machine, and when
// somebody wants something it stands up from the run loop, does it, and goes on.
//
// Glossary.
//   attend     to take the requests that have come to the control socket, and to answer them
//   stand by   to wait, while the machine is paused, for a request or a signal
//   slice      a millisecond of running, after which a traced machine's timer is written down
//   stride     a part of a gap that is too long for the guest's Count to show at once (Session+LongGaps.swift)
//
// Life cycle. Made around a machine that is ready to run or paused; `listen` gives it a control socket; `run` is its life; `close` tells the
// clients why it ended. The machine is left as it was at the end, for whoever wants to save it.
//
// Threads. All of it belongs to the machine's thread. The server's thread only kicks.

import Control
public import Hypervisor
public import Timekeeping
public import Timeline
import Host

/// What a session says to its user, in a line each.
public enum SessionRemark {
    /// The guest's time went on after it stood.
    case wentOn(LedgerEntry)
    /// A snapshot is complete.
    case saved(String)
    /// A device stopped working.
    case trouble(String)
    /// A restored guest does not do what it should.
    case unwell(String)
    /// The guest is shown so many nanoseconds at once, in which its Count goes round.
    case goesRound(nanoseconds: UInt64)
}

/// A machine's life under control.
public final class Session<System: HypervisorSystem> {
    public let vm: VirtualMachine<System>
    /// What the guest sees of a stand when nobody says otherwise.
    public let policy: ClockPolicy
    /// `kvm` or `simulator`.
    let backend: String
    /// Reads a policy in the words of the command line; nil for words that are none.
    let readPolicy: (String) -> ClockPolicy?
    let remark: (SessionRemark) -> Void
    /// Where the guest's timer is written down, if anywhere.
    public var trace: TraceWriter?

    var server: ControlServer?
    /// An instant of the machine's clock at which it stops; an instant of the guest's time, so that it moves with what is hidden.
    private(set) var deadline: UInt64?
    var hasQuit = false
    /// What the guest has yet to be shown of a long gap.
    var strides = Strides()
    /// How long it may take to see a stride.
    var patience = Strides.patience

    /// Nanoseconds between two looks at a traced timer.
    private static var slice: UInt64 { 1_000_000 }

    /// - Parameters:
    ///   - policy: what the guest sees of the time it stands.
    ///   - backend: the backend's name, for `status`.
    ///   - readPolicy: gives a policy's words their meaning; nil if they have none.
    ///   - remark: told what a user may want to know.
    public init(
        _ vm: VirtualMachine<System>, policy: ClockPolicy, backend: String,
        readPolicy: @escaping (String) -> ClockPolicy?, remark: @escaping (SessionRemark) -> Void
    ) {
        self.vm = vm
        self.policy = policy
        self.backend = backend
        self.readPolicy = readPolicy
        self.remark = remark
        vm.onTrouble = { device, reason in
            remark(.trouble(reason))
            self.publish(.deviceFailed(device: device, reason: reason))
        }
        vm.onReset = { self.publish(.reset) }
        vm.onHealth = { verdict in
            switch verdict {
            case .waiting: break
            case .good(let detail): self.publish(.restoreHealth(.good, detail: detail))
            case .bad(let detail):
                remark(.unwell(detail))
                self.publish(.restoreHealth(.bad, detail: detail))
            }
        }
    }

    /// Serves clients at a path from now on.
    ///
    /// - Parameter version: the program's.
    public func listen(at path: String, version: String) throws(MonitorError) {
        let kick = vm.attentionRequester
        do throws(ControlServerError) {
            server = try ControlServer(path: path, version: version, kick: kick)
        } catch {
            throw .control(error)
        }
    }

    /// Tells the clients that it is over, and why. The last call.
    public func close(_ reason: String) {
        publish(.shutdown(reason: reason))
        server?.close()
        server = nil
        // These hold the session, and it holds the machine.
        vm.onTrouble = nil
        vm.onReset = nil
        vm.onHealth = nil
    }

    func publish(_ event: @autoclosure () -> ControlEvent) {
        // Most machines have no clients, and an event is text.
        if let server { server.publish(event()) }
    }

    // MARK: Running

    /// Runs the machine until there is a reason to stop that is the owner's business. A machine that was paused then is paused still.
    ///
    /// - Parameter deadline: an instant of the machine's clock, in nanoseconds; time the guest does not see does not count.
    public func run(until deadline: UInt64? = nil) throws(MonitorError) -> Stop {
        self.deadline = deadline
        while true {
            if hasQuit { return .quit }
            if vm.frozen != nil {
                if let stop = try standBy() { return stop }
                continue
            }
            if strides.left > 0 {
                if let stop = try stride() { return stop }
                continue
            }
            let (until, isSlice) = nextStop
            let stop = try vm.run(until: until)
            if stop == .deadline, isSlice {
                try sample()
            } else if let stop = try see(to: stop) {
                return stop
            }
        }
    }

    /// Does what a stop is about; returns what is the owner's business.
    func see(to stop: Stop) throws(MonitorError) -> Stop? {
        switch stop {
        case .attention: try attend()
        case .signal(Signals.terminalStop): try standStill()
        case .powerOff(let code):
            publish(.powerOff(code: UInt32(code)))
            return stop
        default: return stop
        }
        return nil
    }

    /// The deadline, or the end of a slice before it.
    private var nextStop: (instant: UInt64?, isSlice: Bool) {
        guard trace != nil else { return (deadline, false) }
        let end = vm.system.monotonic + Self.slice
        if let deadline, deadline <= end { return (deadline, false) }
        return (end, true)
    }

    private func sample() throws(MonitorError) { trace?.sample(at: vm.system.monotonic, try vm.timerView()) }

    /// The process stands, and the guest with it, until SIGCONT (Control-Z in a shell).
    private func standStill() throws(MonitorError) {
        let wasPaused = vm.frozen != nil
        if !wasPaused { try pause() }
        // A process can always stop itself.
        try? Signals.raise(Signals.stop)
        if wasPaused { return }
        // What it had yet to be shown is still to come.
        let owed = strides
        remark(.wentOn(try goOn(policy, .pause)))
        if owed.left > 0 { strides = Strides(left: strides.left + owed.left, length: owed.length) }
    }

    /// Waits, while the machine is paused, for a request or a signal, and sees to it. Returns what ends the session.
    private func standBy() throws(MonitorError) -> Stop? {
        // Nobody could let it go on.
        guard let server else { return .request }
        let ending = SignalWindow<System.Machine.VCPU>.ending
        let before = Signals.block(ending)
        defer { _ = Signals.setMask(before) }
        // The signals get through in the wait and nowhere else: none can come between the look and the wait.
        if Signals.recorded() & ending == 0 { _ = server.waitForRequest(signalMask: before) }
        if let number = SignalWindow<System.Machine.VCPU>.takeRecorded() {
            guard number == Signals.terminalStop else { return .signal(number) }
            try standStill()
        }
        try attend()
        return nil
    }

    // MARK: Standing and going on

    func pause() throws(MonitorError) {
        let frozen = try vm.pause()
        guard let timer = frozen.timers.first else { return }
        trace?.freeze(at: frozen.reference, TimerView(timer))
        publish(.pause(count: timer.count))
    }

    /// Lets a paused machine's time go on. A gap that the guest's Count cannot show at once is shown in strides, in the course of `run`.
    ///
    /// - Parameter cause: as for `VirtualMachine.resume`.
    @discardableResult
    public func goOn(_ policy: ClockPolicy, _ cause: LedgerEntry.Cause) throws(MonitorError) -> LedgerEntry {
        let entry = try vm.resume(try begin(policy), cause: cause)
        // What is to be shown in strides is not hidden.
        let hidden = entry.hidden - Int64(clamping: strides.left)
        if hidden > 0, let old = deadline {
            let (sum, overflow) = old.addingReportingOverflow(UInt64(hidden))
            deadline = overflow ? .max : sum
        }
        if let trace { trace.thaw(entry, try vm.timerView()) }
        publish(.resume(policy: entry.policy.description, gap: entry.gap, hidden: entry.hidden))
        return entry
    }

    /// Writes a snapshot. The machine is paused for it, and not afterwards unless it was before or is to stay so. When it could not be
    /// written the machine goes on as before.
    func save(_ file: String, _ policy: ClockPolicy, staysPaused: Bool) throws(MonitorError) {
        let wasPaused = vm.frozen != nil
        if !wasPaused { try pause() }
        do throws(MonitorError) {
            try vm.save(to: file)
        } catch {
            if !wasPaused { try goOn(policy, .save) }
            throw error
        }
        remark(.saved(file))
        publish(.save(file: file, bytes: (try? Files.status(file).size) ?? 0))
        if !wasPaused && !staysPaused { try goOn(policy, .save) }
    }
}
