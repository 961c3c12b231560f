// Stopping the guest's time and letting it go on.

public import Timekeeping
import Devices
import Host
import Hypervisor
import Machine

/// How a paused machine stands still.
enum Pause {
    /// It ran and was frozen.
    case frozen(Frozen)
    /// It was restored and has not run yet.
    case restored(Restoration)

    /// The timers as they stand.
    var frozen: Frozen {
        switch self {
        case .frozen(let frozen): frozen
        case .restored(let restoration): restoration.frozen
        }
    }
}

extension VirtualMachine {
    /// Freezes the guest's time. The machine is not in `run`. Returns what stands still: Count, Compare and Cause at one instant.
    @discardableResult
    public func pause() throws(MonitorError) -> Frozen {
        try check(.pause)
        try completeMMIO()
        var exits: [Exit] = []
        let frozen: Frozen
        do throws(TimekeepingError) {
            frozen = try keeper.freeze([vcpu]) { _, exit in
                exits.append(exit)
                if case .mmio(let access) = exit { self.answer(access) }
            }
        } catch {
            throw .time(error)
        }
        // The freeze may have entered the guest for a moment; what it left at has to be complete as well.
        if !exits.isEmpty { try completeMMIO() }
        try awaitVerification()
        quiesceDevices()
        try step(.pause)
        paused = .frozen(frozen)
        return frozen
    }

    /// Lets the guest's time go on. What it sees of the gap is the policy's choice; the gap is entered in the ledger.
    ///
    /// When a policy cannot be kept (`at=T` before the freeze) the machine stays paused and another one may do.
    ///
    /// - Parameter cause: what the ledger says: `.pause`, or `.save` after a save. A restored machine's entry says `.restore` or
    ///   `.migration` by itself.
    @discardableResult
    public func resume(_ policy: ClockPolicy, cause: LedgerEntry.Cause = .pause) throws(MonitorError) -> LedgerEntry {
        try check(.resume)
        guard let paused else { preconditionFailure("a paused machine knows how") }
        let entry: LedgerEntry
        switch paused {
        case .frozen(let frozen):
            do throws(TimekeepingError) {
                entry = try keeper.thaw([vcpu], frozen, policy, cause: cause)
            } catch {
                throw .time(error)
            }
        case .restored(let restoration):
            lines.forget()
            try tellLines()
            do throws(TimekeepingError) {
                entry = try keeper.release([vcpu], restoration, policy)
            } catch {
                throw .time(error)
            }
        }
        try step(.resume)
        self.paused = nil
        try continueGuestClock(from: paused)
        beginVerification()
        return entry
    }

    /// Nanoseconds of the gap that a policy would show the guest if it went on now.
    func visible(_ policy: ClockPolicy) throws(MonitorError) -> UInt64 {
        try check(.resume)
        guard let paused else { preconditionFailure("a paused machine knows how") }
        do throws(TimekeepingError) {
            switch paused {
            case .frozen(let frozen): return try keeper.visible(frozen, policy, restored: false)
            case .restored(let restoration): return try keeper.visible(restoration.frozen, policy, restored: true)
            }
        } catch {
            throw .time(error)
        }
    }

    /// What stands still, while the machine is paused.
    public var frozen: Frozen? { paused?.frozen }

    /// Every freeze of this guest, those before a restore included.
    public var ledger: TimeLedger { keeper.ledger }

    /// All registers of the vCPU as they are now. The machine is not in `run`.
    public func registers() throws(MonitorError) -> SavedRegisters {
        try doing(.registers) { () throws(HypervisorError) in try SavedRegisters(of: vcpu) }
    }

    /// Brings a load from a device to its end, so that registers are those of between two instructions: KVM_RUN completes it and returns
    /// before it enters the guest (reference 6.2).
    private func completeMMIO() throws(MonitorError) {
        vcpu.runArea.immediateExit = true
        defer { vcpu.runArea.immediateExit = false }
        do throws(HypervisorError) {
            _ = try vcpu.run()
        } catch {
            guard error.errno == .intr else { throw .call(.run, error) }
        }
    }

    /// Serves an access in the middle of a freeze. Switching off waits until the next run.
    private func answer(_ access: MMIO) {
        let result = board.handleMMIO(
            MMIOAccess(address: access.address, size: access.length, isWrite: access.isWrite, data: access.data))
        if access.isWrite {
            if board.hasOutput { console.write(board.drainOutput()) }
        } else {
            vcpu.runArea.mmioData = result.value
        }
        if result.event == .attention { return pumpDevices() }
        if result.event != .none { deferredEvent = result.event }
    }

    /// Asks whether a step is allowed, without taking it.
    func check(_ step: LifeCycle.Step) throws(MonitorError) {
        var copy = lifeCycle
        do throws(LifeCycle.Refusal) {
            try copy.take(step)
        } catch {
            throw .refused(error)
        }
    }
}
