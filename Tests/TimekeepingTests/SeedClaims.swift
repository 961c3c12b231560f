// The claims of the master disable (S1 to S8), each shown on the simulated kernel through the contract alone.

import Host
import Hypervisor
import Simulator
import Testing
import Timekeeping

/// One vCPU on a virtual clock that only the test moves.
private struct Bench {
    let system: SimulatedSystem
    let vcpu: SimulatedVCPU
    let machine: SimulatedMachine

    init(_ profile: Profile, start: UInt64 = 1_000_000_000_000) throws {
        system = SimulatedSystem(
            profile: profile,
            clock: .virtual(start: start, nanosecondsPerInstruction: 10, realtime: 1_700_000_000_000_000_000))
        machine = try system.createMachine(profile.machineType)
        vcpu = try machine.createVCPU(0)
        try vcpu.setRegister(.countHz, 100_000_000)
    }

    var now: UInt64 { system.clock().monotonic }
    func pass(_ nanoseconds: UInt64) { system.sleep(until: now + nanoseconds) }
    /// TI as a guest about to be entered would find it.
    func pendingTI() throws -> Bool {
        if !system.profile.isTE { try exposePendingInterrupts(vcpu) { _ in } }
        return try vcpu.ti
    }
}

private let millisecond: UInt64 = 1_000_000

@Suite struct SeedClaims {
    @Test("S1 COUNT_CTL and COUNT_RESUME are reachable by GET and SET_ONE_REG", arguments: kinds)
    func S1(profile: Profile) throws {
        let b = try Bench(profile)
        #expect(try b.vcpu.registerList().contains(.countControl))
        #expect(try b.vcpu.registerList().contains(.countResume))
        #expect(try b.vcpu.register(.countControl) == 0)
        try b.vcpu.setRegister(.countControl, 1)
        #expect(try b.vcpu.register(.countControl) == 1)
        #expect(try b.vcpu.register(.countResume) == b.now)
        try b.vcpu.setRegister(.countResume, 12345)
        #expect(try b.vcpu.register(.countResume) == 12345)
        #expect(throws: HypervisorError(.setOneRegister, .inval)) { try b.vcpu.setRegister(.countControl, 2) }
        #expect(throws: HypervisorError(.setOneRegister, .inval)) { try b.vcpu.setRegister(.countResume, b.now + 1) }
    }

    @Test("S2 while the master disable is set, Count and TI are one still picture", arguments: kinds)
    func S2(profile: Profile) throws {
        let b = try Bench(profile)
        try b.vcpu.setRegister(.compare, UInt64(try b.vcpu.count &+ 100_000))
        b.pass(millisecond / 2)
        try b.vcpu.setRegister(.countControl, 1)
        let count = try b.vcpu.count
        // Compare passes outside; the picture stays, however often and in whatever order it is looked at.
        for _ in 0..<5 {
            b.pass(millisecond)
            #expect(try !b.pendingTI())
            #expect(try b.vcpu.count == count)
        }
        // And when TI was due before, it is in the picture, with a Count that says so.
        let c = try Bench(profile)
        try c.vcpu.setRegister(.compare, UInt64(try c.vcpu.count &+ 100_000))
        c.pass(2 * millisecond)
        let frozen = try freeze(c)
        #expect(frozen.timers[0].interruptPending)
        #expect(Int32(bitPattern: frozen.timers[0].count &- frozen.timers[0].compare) >= 0)
    }

    /// Saves a timer that is about to go off with Cause.DC as the stop switch: read Cause, and write it back with DC
    /// set. The host's timer fires in between.
    private func saveWithCauseDC(_ b: Bench) throws -> TimerState {
        try b.vcpu.setRegister(.compare, UInt64(try b.vcpu.count &+ 100_000))
        b.pass(millisecond - 10)
        let cause = try b.vcpu.register(.cause)
        b.pass(20)
        try b.vcpu.setRegister(.cause, cause | UInt64(TimerState.causeDC))
        return TimerState(
            count: try b.vcpu.count, compare: UInt32(try b.vcpu.register(.compare)),
            cause: UInt32(try b.vcpu.register(.cause)) & ~TimerState.causeDC, hz: 100_000_000, resume: b.now)
    }

    private func saveWithMasterDisable(_ b: Bench) throws -> TimerState {
        try b.vcpu.setRegister(.compare, UInt64(try b.vcpu.count &+ 100_000))
        b.pass(millisecond - 10)
        _ = try b.vcpu.register(.cause)
        b.pass(20)
        return try freeze(b).timers[0]
    }

    /// Whether a guest restored from `state` gets the interrupt within a second.
    private func interruptArrives(_ state: TimerState, _ b: Bench) throws -> Bool {
        let vcpu = try b.machine.createVCPU(1)
        var keeper = Timekeeper(b.system)
        let frozen = Frozen(
            timers: [state], instant: FreezeInstant(reading: b.system.clock(), domain: b.system.timeDomain))
        let restoration = try keeper.beginRestore([vcpu], frozen)
        try keeper.finishRestore([vcpu], restoration)
        try keeper.release([vcpu], restoration, .freeze)
        b.pass(1000 * millisecond)
        if !b.system.profile.isTE { try exposePendingInterrupts(vcpu) { _ in } }
        return try vcpu.ti
    }

    @Test(
        "S3 Cause.DC loses an interrupt that comes between reading and writing Cause; the master disable does not",
        arguments: kinds)
    func S3_interrupt(profile: Profile) throws {
        let bad = try saveWithCauseDC(try Bench(profile))
        #expect(Int32(bitPattern: bad.count &- bad.compare) >= 0, "Count has passed Compare")
        #expect(!bad.interruptPending, "and the interrupt is nowhere in the picture")
        #expect(try !interruptArrives(bad, Bench(profile)), "so the restored guest never gets it")

        let good = try saveWithMasterDisable(try Bench(profile))
        #expect(good.interruptPending)
        #expect(try interruptArrives(good, Bench(profile)))
    }

    @Test("S3 Cause.DC loses the time of the stop; the master disable does not", arguments: kinds)
    func S3_time(profile: Profile) throws {
        let bad = try Bench(profile)
        let before = try bad.vcpu.count
        try bad.vcpu.setRegister(.cause, UInt64(TimerState.causeDC))
        bad.pass(5 * millisecond)
        try bad.vcpu.setRegister(.cause, 0)
        #expect(try bad.vcpu.count == before, "5 ms are gone")

        let good = try Bench(profile)
        let start = try good.vcpu.count
        try good.vcpu.setRegister(.countControl, 1)
        good.pass(5 * millisecond)
        try good.vcpu.setRegister(.countControl, 0)
        #expect(try good.vcpu.count == start &+ 500_000)
    }

    @Test("S4 re-enabling loses no time: Count jumps to what it would have been", arguments: kinds)
    func S4(profile: Profile) throws {
        let b = try Bench(profile)
        let other = try b.machine.createVCPU(1)
        let offset = try other.count &- b.vcpu.count
        for _ in 0..<20 {
            b.pass(1_234_567)
            var keeper = Timekeeper(b.system)
            let frozen = try keeper.freeze([b.vcpu])
            b.pass(7_654_321)
            let entry = try keeper.thaw([b.vcpu], frozen, .catchUp)
            #expect(entry.gap == 7_654_321 && entry.hidden == 0 && entry.caughtUp == 7_654_321)
            #expect(try other.count &- b.vcpu.count == offset, "the same as a vCPU that was never stopped")
        }
    }

    @Test("S5 an interrupt that fell due while disabled is queued at re-enable, once", arguments: kinds)
    func S5(profile: Profile) throws {
        // Two turns of Count pass: still one interrupt.
        for pause in [2 * millisecond, 100_000 * millisecond] {
            let b = try Bench(profile)
            try b.vcpu.setRegister(.compare, UInt64(try b.vcpu.count &+ 100_000))
            var keeper = Timekeeper(b.system)
            let frozen = try keeper.freeze([b.vcpu])
            b.pass(pause)
            #expect(try !b.pendingTI())
            try keeper.thaw([b.vcpu], frozen, .catchUp)
            #expect(try b.pendingTI())
            // User space cannot acknowledge; a second one would come only a turn later. That it is one shows in the
            // lab, where the guest acts.
            let lab = LabSystem(profile, now: 5)
            let vcpu = lab.vcpu()
            vcpu.guestCompare(100_000)
            var labKeeper = Timekeeper(lab)
            let labFrozen = try labKeeper.freeze([vcpu])
            lab.now += pause
            try labKeeper.thaw([vcpu], labFrozen, .catchUp)
            #expect(vcpu.guestInterrupt())
            vcpu.guestCompare(vcpu.guestCount() &+ 1_000_000)
            #expect(!vcpu.guestInterrupt())
            lab.now += 9 * millisecond
            #expect(!vcpu.guestInterrupt())
        }
    }

    @Test(
        "S6 what is read or written while disabled behaves as if done at the instant of the disable", arguments: kinds)
    func S6(profile: Profile) throws {
        let b = try Bench(profile)
        b.pass(millisecond)
        try b.vcpu.setRegister(.countControl, 1)
        b.pass(3 * millisecond)
        try b.vcpu.setRegister(.count, 7000)
        #expect(try b.vcpu.count == 7000)
        try b.vcpu.setRegister(.compare, 7000 + 500_000)
        #expect(try !b.pendingTI())
        b.pass(millisecond)
        #expect(try b.vcpu.count == 7000)
        try b.vcpu.setRegister(.countControl, 0)
        // 4 ms since the disable: Count as if it had been 7000 then; Compare, 5 ms after it, still to come.
        #expect(try b.vcpu.count == 7000 + 400_000)
        #expect(try !b.pendingTI())
        b.pass(millisecond)
        #expect(try b.pendingTI())
    }

    @Test("S7 user space knows the instant of the disable", arguments: kinds)
    func S7(profile: Profile) throws {
        let b = try Bench(profile)
        for step in [1, 3, 999, 123_456_789] as [UInt64] {
            b.pass(step)
            let instant = b.now
            let before = try b.vcpu.count
            var keeper = Timekeeper(b.system)
            let frozen = try keeper.freeze([b.vcpu])
            b.pass(777)
            #expect(frozen.timers[0].resume == instant)
            #expect(frozen.timers[0].count == before)
            #expect(frozen.realtime == 1_700_000_000_000_000_000 + Int64(instant))
            #expect(try keeper.freeze([b.vcpu]).timers[0].resume == instant, "disabling again does not move it")
            try keeper.thaw([b.vcpu], frozen, .catchUp)
        }
    }

    @Test("S8 the timer can be saved atomically and restored in another system", arguments: kinds)
    func S8(profile: Profile) throws {
        for pending in [false, true] {
            let b = try Bench(profile)
            try b.vcpu.setRegister(.compare, UInt64(try b.vcpu.count &+ 300_000))
            b.pass(pending ? 4 * millisecond : millisecond)
            let bytes = try freeze(b).bytes

            // Another clock, another start: as after a restart, or on another host.
            let c = try Bench(profile, start: 7_000_000_123)
            let frozen = try Frozen(bytes: bytes)
            var keeper = Timekeeper(c.system)
            let restoration = try keeper.beginRestore([c.vcpu], frozen)
            c.pass(17 * millisecond)
            try keeper.finishRestore([c.vcpu], restoration)
            #expect(try c.vcpu.count == frozen.timers[0].count)
            c.pass(5 * millisecond)
            try keeper.release([c.vcpu], restoration, .freeze)
            #expect(try c.vcpu.count == frozen.timers[0].count)
            #expect(try c.pendingTI() == pending)
            guard !pending else { continue }
            // 2 ms were left, and 2 ms are left.
            c.pass(2 * millisecond - 1)
            #expect(try !c.pendingTI())
            c.pass(1)
            #expect(try c.pendingTI())
            #expect(try c.vcpu.count == frozen.timers[0].compare)
        }
    }
}

private func freeze(_ b: Bench) throws -> Frozen {
    var keeper = Timekeeper(b.system)
    return try keeper.freeze([b.vcpu])
}
