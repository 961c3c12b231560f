// The run loop.

import Hypervisor
import Devices
import Host
import Machine

extension VirtualMachine {
    /// Runs the guest on this thread until there is a reason to stop.
    ///
    /// Signals that ask a program to end (SIGTERM, SIGINT, SIGHUP) or to stand still (SIGTSTP), if this process records them (`Signals.install`), end the run and
    /// are consumed.
    ///
    /// - Parameter deadline: an instant of the system's clock, in nanoseconds.
    public func run(until deadline: UInt64? = nil) throws(MonitorError) -> Stop {
        try step(.run)
        self.deadline = deadline
        setAlarm()
        runner.begin(vcpu.runArea)
        defer {
            runner.end()
            system.setAlarm(nil)
        }
        do throws(Errno) {
            let runner = self.runner
            try console.start { runner.kick() }
        } catch {
            throw .console(error)
        }
        defer { console.stop() }
        let signals = try SignalWindow(vcpu)
        defer { signals.close() }
        do throws(MonitorError) {
            let stop = try loop(deadline, signals)
            // How a guest ends counts once it is known to be the one that was saved.
            if stop != .attention { try awaitVerification() }
            return stop
        } catch {
            lifeCycle.end()
            // With damaged memory a guest may fail in any way; the damage is what to tell.
            try awaitVerification()
            throw error
        }
    }

    /// Makes `run` return `.request` soon. From any thread. A machine that does not run stops at its next run.
    public func requestStop() { Self.requester(flags, runner)() }

    /// The same as a value other threads can keep.
    public var stopRequester: @Sendable () -> Void { Self.requester(flags, runner) }

    /// Makes `run` return `.attention` soon, as a value other threads can keep.
    public var attentionRequester: @Sendable () -> Void { Self.requester(flags, runner, Flags.attention) }

    private static func requester(
        _ flags: Flags, _ runner: Runner, _ bit: UInt32 = Flags.stop
    ) -> @Sendable () -> Void {
        {
            flags.set(bit)
            runner.kick()
        }
    }

    private func loop(_ deadline: UInt64?, _ signals: SignalWindow<System.Machine.VCPU>) throws(MonitorError) -> Stop {
        if let number = signals.take() { return .signal(number) }
        if let onStart {
            self.onStart = nil
            onStart()
        }
        // Until a reset makes another.
        var vcpu = self.vcpu
        let thread = HostThread.current
        // Whoever sets a flag sets `immediate_exit` after it, and this loop clears that before it looks.
        let (asked, typed) = (FlagsView(flags), FlagsView(console.flags))
        while true {
            vcpu.runArea.immediateExit = false
            Atomics.memoryBarrier()
            if asked.value | typed.value != 0, let stop = try requested() { return stop }
            if deferredEvent != .none {
                let event = deferredEvent
                deferredEvent = .none
                if let stop = try act(on: event, signals) { return stop }
                vcpu = self.vcpu
            }
            try tellLines(vcpu)
            statistics.runs &+= 1
            let exit: Exit
            do throws(HypervisorError) {
                exit = try vcpu.run(on: thread)
            } catch {
                guard error.errno == .intr else { throw .call(.run, error) }
                if let number = signals.take() { return .signal(number) }
                if let deadline, system.monotonic >= deadline { return .deadline }
                // It may have been another alarm, which goes on being in force.
                try examineHealth()
                setAlarm()
                continue
            }
            switch exit {
            case .mmio(let access):
                let event = serve(access, vcpu.runArea)
                if event != .none {
                    if let stop = try act(on: event, signals) { return stop }
                    vcpu = self.vcpu
                }
            case .interruptWindowOpen: break
            case .internalError, .other:
                lifeCycle.end()
                return .failure(failure(exit))
            }
        }
    }

    /// Answers a load or store, and tells what it means for the machine.
    @inline(__always)
    private func serve(_ access: MMIO, _ area: RunArea) -> DeviceEvent {
        statistics.mmio &+= 1
        let result = board.handleMMIO(
            MMIOAccess(address: access.address, size: access.length, isWrite: access.isWrite, data: access.data))
        if access.isWrite {
            if board.hasOutput { console.write(board.drainOutput()) }
        } else {
            area.mmioData = result.value
        }
        return result.event
    }

    /// Does what an access means for the machine as a whole.
    private func act(
        on event: DeviceEvent, _ signals: SignalWindow<System.Machine.VCPU>
    ) throws(MonitorError) -> Stop? {
        switch event {
        case .none: return nil
        case .attention:
            pumpDevices()
            setAlarm()
            return nil
        case .powerOff(let code):
            lifeCycle.end()
            return .powerOff(code: code)
        case .reset:
            try awaitVerification()
            runner.end()
            try reset()
            runner.begin(vcpu.runArea)
            try signals.move(to: vcpu)
            return nil
        }
    }

    /// Tells the CPU which lines changed. Trap-and-emulate takes a delivered interrupt off its queue whatever the line says, so lines
    /// that are high are raised again before each entry (reference 6.4).
    func tellLines() throws(MonitorError) { try tellLines(vcpu) }

    @inline(__always)
    private func tellLines(_ vcpu: System.Machine.VCPU) throws(MonitorError) {
        let asserted = board.assertedLines
        // Nothing is high and nothing was: the usual case.
        if asserted | lines.known != 0 { try tell(asserted, vcpu) }
    }

    private func tell(_ asserted: UInt32, _ vcpu: System.Machine.VCPU) throws(MonitorError) {
        let change = lines.update(asserted)
        let raised = profile.isTE ? asserted : change.raised
        guard raised | change.lowered != 0 else { return }
        try doing(.interrupt) { () throws(HypervisorError) in
            for line in InterruptLine.allCases {
                if change.lowered & line.bit != 0 { try vcpu.interrupt(-Int32(line.rawValue)) }
                if raised & line.bit != 0 { try vcpu.interrupt(Int32(line.rawValue)) }
            }
        }
    }

    /// Bytes of input the board has to have room for before it is offered more.
    private static var inputPortion: Int { 16384 }

    /// What other threads asked for.
    private func requested() throws(MonitorError) -> Stop? {
        if flags.take(Flags.verdict) != 0 {
            try awaitVerification()
            // What is to be told of devices has waited for it.
            pumpDevices()
        }
        if flags.take(Flags.stop) != 0 { return .request }
        if flags.take(Flags.attention) != 0 { return .attention }
        if console.flags.take(Flags.consoleClosed) != 0 { return .consoleClosed }
        if console.flags.take(Flags.quit) != 0 { return .request }
        if console.flags.take(Flags.input) != 0 { takeInput() }
        if flags.take(Flags.devices) != 0 { pumpDevices() }
        return nil
    }

    private func takeInput() {
        // In portions: moving the rest up for every byte the guest takes would cost more than the guest.
        guard board.inputRoom >= Self.inputPortion else {
            console.flags.set(Flags.input)
            return
        }
        let (bytes, breaks) = console.takeInput(board.inputRoom)
        for _ in 0..<breaks { board.sendBreak() }
        _ = board.enqueueInput(bytes)
        // What did not fit is offered again before the next entry.
        if console.hasInput { console.flags.set(Flags.input) }
    }

    private func failure(_ exit: Exit) -> GuestFailure {
        // Registers of a vCPU that just exited can be read; if not, the exit itself is still worth telling.
        let pc = UInt32(truncatingIfNeeded: (try? vcpu.register(.pc)) ?? 0)
        var instruction: UInt32?
        if KernelWindow(of: pc) != nil, let word = memory.load(at: UInt64(KernelWindow.physical(of: pc)), size: 4) {
            instruction = UInt32(truncatingIfNeeded: word)
        }
        return GuestFailure(exit: exit, pc: pc, instruction: instruction)
    }
}
