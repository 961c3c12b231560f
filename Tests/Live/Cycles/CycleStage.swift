// One stage: a restored guest is looked at, thawed, run, frozen again, and judged.

import Host
import Hypervisor
import Machine
import Monitor
import Snapshot
import Timekeeping

/// A machine between a restore and its next save.
struct CycleStage<System: HypervisorSystem> {
    let vm: VirtualMachine<System>
    /// The timer as the file has it.
    let before: TimerState
    let isNewProcess: Bool
    private(set) var faults: [String] = []

    /// Nanoseconds and Counts of a millisecond at 100 MHz.
    private static var millisecond: UInt64 { 1_000_000 }
    private static var countsOfMillisecond: UInt32 { 100_000 }

    /// Restores the file.
    init(_ system: System, _ file: String, isNewProcess: Bool) throws(CycleError) {
        self.isNewProcess = isNewProcess
        (vm, before) = try orCycleError { () throws(MonitorError) in
            let contents = try SnapshotContents(path: file)
            let vm = try VirtualMachine(system, restoring: contents, console: try cycleConsole())
            return (vm, contents.frozen.timers[0])
        }
    }

    /// Lets the guest go on, freezes it again after a while, and says how that went.
    /// - Parameter mutation: made as soon as it can be; set to nil once it is.
    mutating func run(
        _ random: inout CycleRandom, _ mutation: inout CycleMutation?
    ) throws(CycleError) -> CycleRecord {
        let handled = TickerState(word)
        if mutation == .frozen {
            mutation = nil
            try write(.count, UInt64(before.count &+ Self.countsOfMillisecond))
        }
        try compareFrozen("after the restore", before)

        let system = vm.system
        let start = system.clock().monotonic
        let entry = try orCycleError { () throws(MonitorError) in try vm.resume(.freeze) }
        let thawed = system.clock().monotonic
        if mutation == .count {
            mutation = nil
            try write(.count, try read(.count) + UInt64(Self.countsOfMillisecond))
        }
        let count = UInt32(truncatingIfNeeded: try read(.count))
        let looked = system.clock().monotonic
        let compare = UInt32(truncatingIfNeeded: try read(.compare))
        let gone = Int64(Int32(bitPattern: (before.compare &- before.count) &- (compare &- count)))
        let most = counts(looked - start)
        if gone < 0 || gone > most {
            faults.append("the remaining time to Compare fell by \(gone) Counts in a thaw that took at most \(most)")
        }
        try spoil(&mutation, count: count, compare: compare)

        let target = target(&random, count: count, compare: compare)
        let stop = try orCycleError { () throws(MonitorError) in try vm.run(until: target) }
        let returned = system.clock().monotonic
        guard stop == .deadline else {
            if case .failure(let failure) = stop { throw CycleError(failure.description) }
            throw CycleError("the guest stopped by itself")
        }

        let stopping = system.clock().monotonic
        let frozen = try orCycleError { () throws(MonitorError) in try vm.pause() }
        let stopped = system.clock().monotonic
        let after = frozen.timers[0]
        try compareFrozen("after the freeze", after)
        if after.resume < stopping || after.resume > stopped {
            faults.append("COUNT_RESUME \(after.resume) is not between \(stopping) and \(stopped)")
        }
        // When the guest went on, worked out backwards from where its clock stands.
        let ran = nanoseconds(Int64(after.count &- before.count))
        let went = Int64(after.resume) - ran
        let slack = 2 * nanoseconds(1)
        if went < Int64(start) - slack || went > Int64(thawed) + slack {
            faults.append(
                "by its Count the guest went on \(went - Int64(start)) ns after the thaw began, "
                    + "which was over after \(thawed - start) ns")
        }
        try judgeInterrupt(after)
        let state = try judgeTrace(after, handled)
        return CycleRecord(
            isNewProcess: isNewProcess, pending: after.interruptPending, stood: entry.gap, gone: nanoseconds(gone),
            bracket: Int64(looked - start), error: abs(went - (Int64(before.resume) + entry.gap)),
            ticks: Int64(state.ticks &- (handled?.ticks ?? 0)), overrun: Int64(returned) - Int64(target))
    }

    // MARK: Checks

    /// The kernel's own registers, read twice while it stands still.
    private mutating func compareFrozen(_ when: String, _ timer: TimerState) throws(CycleError) {
        for _ in 0..<2 {
            try expect(.countControl, 1, when)
            try expect(.count, UInt64(timer.count), when)
            try expect(.compare, UInt64(timer.compare), when)
            try expect(.cause, UInt64(timer.cause), when)
            try expect(.countHz, UInt64(timer.hz), when)
        }
    }

    private mutating func expect(_ register: RegisterID, _ value: UInt64, _ when: String) throws(CycleError) {
        let found = try read(register)
        if found != value { faults.append("\(register) is \(found) " + when + ", and was \(value)") }
    }

    /// A tick that is due has its interrupt, and the other way round. Only a guest in its handler may have a Compare behind Count
    /// without one: it has just set it and is about to look.
    private mutating func judgeInterrupt(_ timer: TimerState) throws(CycleError) {
        let distance = Int32(bitPattern: timer.count &- timer.compare)
        let inHandler = try read(.status) & 6 != 0
        if distance > 0, !timer.interruptPending, !inHandler {
            faults.append("a tick is lost: Count is \(distance) past Compare and there is no interrupt")
        }
        if distance < 0, timer.interruptPending {
            faults.append("an interrupt is early: Count is \(-distance) before Compare")
        }
    }

    /// The guest's own account in memory.
    private mutating func judgeTrace(_ timer: TimerState, _ handled: TickerState?) throws(CycleError) -> TickerState {
        guard let state = TickerState(word) else { throw CycleError("the guest is no ticker any more") }
        if let handled {
            for fault in state.faults(after: handled, allowed: 0x7FFF_FFFF, word) { faults.append(fault.description) }
        }
        // In its handler the guest sets Compare before it counts the tick.
        let next = state.firstCompare &+ state.ticks &* state.period
        if timer.compare != next, timer.compare != next &+ state.period {
            faults.append("after \(state.ticks) ticks Compare is \(timer.compare), not \(next)")
        }
        return state
    }

    // MARK: The machine

    private func target(
        _ random: inout CycleRandom, count: UInt32, compare: UInt32
    ) -> UInt64 {
        let now = vm.system.clock().monotonic
        let chance = random.next()
        let ahead = Int64(Int32(bitPattern: compare &- count))
        if chance & 1 == 0, ahead > 0 {
            // Within half a millisecond of the next tick.
            let half = Int64(Self.millisecond) / 2
            let offset = Int64(random.next() % Self.millisecond) - half
            return now + UInt64(max(1, nanoseconds(ahead) + offset))
        }
        return now + 1 + random.next() % (50 * Self.millisecond)
    }

    /// Compare is changed behind the guest's back, when it is not in its handler and a tick is more than two milliseconds off.
    private func spoil(_ mutation: inout CycleMutation?, count: UInt32, compare: UInt32) throws(CycleError) {
        guard mutation == .lost || mutation == .early, try read(.status) & 6 == 0,
            Int32(bitPattern: compare &- count) > 2 * Int32(Self.countsOfMillisecond)
        else { return }
        let now = UInt32(truncatingIfNeeded: try read(.count))
        try write(.compare, UInt64(mutation == .lost ? now &- 1000 : now &+ Self.countsOfMillisecond / 2))
        mutation = nil
    }

    private var word: (UInt64) -> UInt32 {
        { [vm] address in UInt32(truncatingIfNeeded: vm.memory.load(at: address, size: 4) ?? 0) }
    }

    private func read(_ register: RegisterID) throws(CycleError) -> UInt64 {
        try orCycleError { () throws(HypervisorError) in try vm.vcpu.register(register) }
    }

    private func write(_ register: RegisterID, _ value: UInt64) throws(CycleError) {
        try orCycleError { () throws(HypervisorError) in
            try vm.vcpu.setRegister(register, value & 0xFFFF_FFFF)
        }
    }

    /// Nanoseconds of so many Counts.
    private func nanoseconds(_ counts: Int64) -> Int64 { counts * 1_000_000_000 / Int64(before.hz) }
    /// Counts of so many nanoseconds, one more for parts of a tick at both ends.
    private func counts(_ nanoseconds: UInt64) -> Int64 {
        Int64(nanoseconds) * Int64(before.hz) / 1_000_000_000 + 2
    }
}

/// A console that keeps what the guest says.
func cycleConsole() throws(MonitorError) -> Console {
    do throws(Errno) {
        return try Console(.capture)
    } catch {
        throw .console(error)
    }
}
