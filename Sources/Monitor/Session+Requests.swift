// What clients of the control socket ask for, done and answered. docs/control.md says what each command means.

import Control
import Hypervisor
import Machine
import Timekeeping
import Timeline

extension Session {
    /// Takes the requests that have come, and answers each when it is done.
    func attend() throws(MonitorError) {
        guard let server else { return }
        for pending in server.take() { pending.reply(answer(pending.request)) }
    }

    private func answer(_ request: ControlRequest) -> ControlReply {
        do throws(ControlFailure) {
            return try carryOut(request)
        } catch {
            return .failure(error)
        }
    }

    private func carryOut(_ request: ControlRequest) throws(ControlFailure) -> ControlReply {
        if hasQuit { throw ControlFailure(.ended, "the machine is about to end") }
        switch request {
        case .pause: try attempt { () throws(MonitorError) in try pause() }
        case .resume(let words):
            let policy = try read(words)
            try attempt { () throws(MonitorError) in try goOn(policy, .pause) }
        case .save(let file, let words, let staysPaused):
            let policy = try read(words)
            try attempt { () throws(MonitorError) in try save(file, policy, staysPaused: staysPaused) }
        case .quit: hasQuit = true
        case .status: return .status(try attempt { () throws(MonitorError) in try status() })
        case .clock: return .clock(try attempt { () throws(MonitorError) in try vm.clockView() })
        case .ledger: return .ledger(ledger)
        }
        return .done
    }

    private func read(_ words: String?) throws(ControlFailure) -> ClockPolicy {
        guard let words else { return policy }
        guard let policy = readPolicy(words) else {
            throw ControlFailure(
                .badArgument,
                text([
                    "policy: ", words.utf8.count > 64 ? "a text of over 64 bytes" : words,
                    " is none; there are freeze, catch-up, catch-up-max=DURATION and at=TIME",
                ]))
        }
        return policy
    }

    /// What the machine refuses is a matter of its state; everything else did not work.
    @discardableResult
    private func attempt<Result>(_ body: () throws(MonitorError) -> Result) throws(ControlFailure) -> Result {
        do throws(MonitorError) {
            return try body()
        } catch {
            var kind = ControlFailure.Kind.failed
            if case .refused = error { kind = .wrongState }
            throw ControlFailure(kind, error.description)
        }
    }

    private func status() throws(MonitorError) -> ControlStatus {
        var devices: [ControlDevice] = []
        for view in vm.devices {
            devices.append(ControlDevice(name: view.name, kind: view.model, failure: view.failure ?? ""))
        }
        var health: ControlHealth?
        switch vm.health?.verdict {
        case .waiting: health = .waiting
        case .good: health = .good
        case .bad: health = .bad
        case nil: break
        }
        return ControlStatus(
            state: vm.frozen == nil ? .running : .paused, backend: backend, profile: vm.profile.name,
            memory: vm.memory.size, uptime: vm.guestUptime, count: try vm.timerView().count, health: health,
            devices: devices)
    }

    private var ledger: ControlLedger {
        let ledger = vm.ledger
        let total = ledger.total
        var entries: [ControlLedgerEntry] = []
        for entry in ledger.entries {
            entries.append(
                ControlLedgerEntry(
                    frozenRealtime: entry.frozenRealtime, frozenMonotonic: entry.frozenAt, gap: entry.gap,
                    hidden: entry.hidden, cause: entry.cause.description, policy: entry.policy.description,
                    isClamped: entry.clamped))
        }
        return ControlLedger(freezes: total.count, gap: total.gap, hidden: total.hidden, entries: entries)
    }
}
