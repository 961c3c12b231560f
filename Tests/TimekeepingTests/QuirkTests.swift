// The kernel's defects that a thaw or restore has to work around. Each shows first that the plain order suffers.

import Host
import Hypervisor
import Simulator
import Testing

@testable import Timekeeping

private let millisecond: UInt64 = 1_000_000
private let second: UInt64 = 1_000_000_000

/// Count past Compare, the interrupt long acknowledged: the picture Q1 makes something of.
private func stale(_ profile: Profile) throws -> (LabSystem, LabVCPU) {
    let system = LabSystem(profile, now: 100 * second)
    let vcpu = system.vcpu()
    vcpu.guestCompare(vcpu.guestCount() &- 1000)
    return (system, vcpu)
}

@Suite struct QuirkTests {
    @Test("Q1 a long pause invents an interrupt without the re-arm, and none with it", arguments: kinds)
    func spuriousAfterPause(profile: Profile) throws {
        // Plain: COUNT_RESUME, Count, COUNT_CTL := 0. The old expiry is 43 s after the Compare write.
        let (plain, victim) = try stale(profile)
        try victim.setRegister(.countControl, 1)
        let count = try victim.register(.count)
        plain.now += 3600 * second
        try victim.setRegister(.countResume, plain.now)
        try victim.setRegister(.count, count)
        try victim.setRegister(.countControl, 0)
        #expect(victim.guestInterrupt(), "the defect is there")

        let (system, vcpu) = try stale(profile)
        var keeper = Timekeeper(system)
        let frozen = try keeper.freeze([vcpu])
        system.now += 3600 * second
        try keeper.thaw([vcpu], frozen, .freeze)
        #expect(!vcpu.guestInterrupt())
        #expect(try vcpu.count == frozen.timers[0].count)
        // The true one comes when Count gets round to Compare.
        system.now += 42 * second
        #expect(!vcpu.guestInterrupt())
        system.now += second
        #expect(vcpu.guestInterrupt())
    }

    @Test("Q1 a vCPU that waited for its restore", arguments: kinds, [1, 33, 35, 40, 400] as [UInt64])
    func spuriousAfterWait(profile: Profile, wait: UInt64) throws {
        let (source, vcpu) = try stale(profile)
        var keeper = Timekeeper(source)
        let frozen = try keeper.freeze([vcpu])

        func restore(_ body: (LabSystem, LabVCPU, inout Timekeeper<LabSystem>, Restoration) throws -> Void) throws
            -> Bool
        {
            let system = LabSystem(profile, now: 5 * second, identity: 2)
            let fresh = system.vcpu()
            var keeper = Timekeeper(system)
            let restoration = try keeper.beginRestore([fresh], frozen)
            try keeper.finishRestore([fresh], restoration)
            system.now += wait * second
            try body(system, fresh, &keeper, restoration)
            return fresh.guestInterrupt()
        }
        let plain = try restore { system, fresh, _, _ in
            try fresh.setRegister(.countResume, system.now)
            try fresh.setRegister(.count, UInt64(frozen.timers[0].count))
            try fresh.setRegister(.countControl, 0)
        }
        #expect(plain == (wait > 32), "three quarters of a turn are 32.2 s")
        let kept = try restore { _, fresh, keeper, restoration in try keeper.release([fresh], restoration, .freeze) }
        #expect(!kept)
    }

    @Test("Q1 COUNT_HZ lowered while frozen; the restore sets it before", arguments: kinds)
    func loweredRate(profile: Profile) throws {
        let system = LabSystem(profile, now: 100 * second)
        let victim = system.vcpu()
        try victim.setRegister(.countControl, 1)
        try victim.setRegister(.countHz, 1_000_000)
        try victim.setRegister(.compare, 500)
        try victim.setRegister(.countResume, system.now)
        try victim.setRegister(.count, 1000)
        try victim.setRegister(.countControl, 0)
        #expect(victim.guestInterrupt(), "the defect is there")

        let vcpu = system.vcpu()
        let state = TimerState(count: 1000, compare: 500, cause: 0, hz: 1_000_000, resume: 1)
        let frozen = Frozen(timers: [state], instant: FreezeInstant(reading: system.clock(), domain: system.timeDomain))
        var keeper = Timekeeper(system)
        system.log = []
        let restoration = try keeper.beginRestore([vcpu], frozen)
        #expect(system.log.map(\.0) == [.countHz, .countControl])
        try keeper.finishRestore([vcpu], restoration)
        try keeper.release([vcpu], restoration, .freeze)
        #expect(!vcpu.guestInterrupt())
    }

    @Test("Q2 a pending interrupt is delivered after a restore, once", arguments: kinds)
    func pendingInterrupt(profile: Profile) throws {
        let source = LabSystem(profile, now: 50 * second)
        let vcpu = source.vcpu()
        vcpu.guestCompare(1000)
        source.now += millisecond
        var keeper = Timekeeper(source)
        let frozen = try keeper.freeze([vcpu])
        #expect(frozen.timers[0].interruptPending)

        let system = LabSystem(profile, now: 9 * second, identity: 3)
        if profile.isTE {
            let plain = system.vcpu()
            try plain.setRegister(.countControl, 1)
            try plain.setRegister(.compare, UInt64(frozen.timers[0].compare))
            try plain.setRegister(.cause, UInt64(frozen.timers[0].cause))
            try plain.setRegister(.count, UInt64(frozen.timers[0].count))
            try plain.setRegister(.countControl, 0)
            #expect(!plain.guestInterrupt(), "the defect is there")
            #expect(plain.cause & TimerState.causeTI == TimerState.causeTI)
        }
        let fresh = system.vcpu()
        var other = Timekeeper(system)
        let restoration = try other.beginRestore([fresh], frozen)
        try other.finishRestore([fresh], restoration)
        #expect(try fresh.ti)
        #expect(try fresh.register(.cause) == UInt64(frozen.timers[0].cause))
        try other.release([fresh], restoration, .freeze)
        #expect(fresh.guestInterrupt())
        fresh.guestCompare(fresh.guestCount() &+ 500_000)
        #expect(!fresh.guestInterrupt())
        system.now += 6 * millisecond
        #expect(fresh.guestInterrupt())
    }

    @Test("Q3 on VZ an interrupt that is queued but not yet in Cause is saved")
    func queuedOnVZ() throws {
        let system = LabSystem(.vz, now: 50 * second)
        let vcpu = system.vcpu()
        vcpu.guestCompare(1000)
        system.now += millisecond
        #expect(try !vcpu.ti, "the defect is there: due, queued, and not in Cause")
        vcpu.runArea.immediateExit = true
        vcpu.exits = [.mmio(MMIO(address: 0x1000_0000, data: 65, length: 1, isWrite: true))]
        var keeper = Timekeeper(system)
        var exits: [Exit] = []
        let frozen = try keeper.freeze([vcpu]) { index, exit in
            #expect(index == 0)
            exits.append(exit)
        }
        #expect(frozen.timers[0].interruptPending)
        #expect(exits.count == 1, "an exit of the run is handed over")
        #expect(vcpu.runArea.immediateExit, "the caller's flag is as it was")
        #expect(Signals.pending() & Signals.mask(Signals.kick) == 0)
    }

    @Test("Q3 the run on a real vCPU executes nothing")
    func exposeOnSimulator() throws {
        let system = SimulatedSystem(
            profile: .vz, clock: .virtual(start: 5 * second, nanosecondsPerInstruction: 10, realtime: 0))
        let vcpu = try system.createMachine(.vz).createVCPU(0)
        try vcpu.setRegister(.compare, 1000)
        system.sleep(until: 6 * second)
        let pc = try vcpu.register(.pc)
        let blocked = Signals.blocked()
        var keeper = Timekeeper(system)
        let frozen = try keeper.freeze([vcpu]) { _, exit in Issue.record("exit \(exit)") }
        #expect(frozen.timers[0].interruptPending)
        #expect(try vcpu.register(.pc) == pc)
        #expect(vcpu.retiredInstructions == 0)
        #expect(system.clock().monotonic == 6 * second)
        #expect(Signals.blocked() == blocked)
        #expect(Signals.pending() & Signals.mask(Signals.kick) == 0)
    }

    @Test("a run that does not end is an error, and the timers run again")
    func endless() throws {
        let system = LabSystem(.vz, now: second)
        let vcpu = system.vcpu(5)
        vcpu.exits = [Exit](repeating: .interruptWindowOpen, count: 1000)
        var keeper = Timekeeper(system)
        #expect(throws: TimekeepingError.notInterrupted(vcpu: 5, exits: 65)) { try keeper.freeze([vcpu]) }
        #expect(try vcpu.register(.countControl) == 0)
        #expect(Signals.pending() & Signals.mask(Signals.kick) == 0)
    }

    @Test("a crossing inside the tick in which the guest is thawed is not lost", arguments: kinds)
    func lastPartOfTick(profile: Profile) throws {
        // Count reaches Compare 42.0 us after the whole tick, 41.5 us after R'; the guest is thawed 41.7 us after it.
        let state = TimerState(count: 5000, compare: 5042, cause: 0, hz: 1_000_000, resume: 2_000_000_500)
        func thawed(_ body: (LabSystem, LabVCPU, inout Timekeeper<LabSystem>) throws -> Void) throws -> Bool {
            let system = LabSystem(profile, now: 60 * second + 41_700 + 500)
            let vcpu = system.vcpu()
            var keeper = Timekeeper(system)
            try body(system, vcpu, &keeper)
            system.now += 100
            #expect(vcpu.guestCount() == 5042)
            return vcpu.guestInterrupt()
        }
        let plain = try thawed { system, vcpu, _ in
            try vcpu.setRegister(.countHz, 1_000_000)
            try vcpu.setRegister(.countControl, 1)
            try vcpu.setRegister(.compare, 5042)
            try vcpu.setRegister(.countResume, 60 * second + 500)
            try vcpu.setRegister(.count, 5000)
            try vcpu.setRegister(.countControl, 0)
        }
        #expect(!plain, "the kernel loses it")
        let kept = try thawed { system, vcpu, keeper in
            let frozen = Frozen(
                timers: [state],
                instant: FreezeInstant(
                    reading: ClockReading(
                        monotonic: 2_000_000_500, realtime: system.clock().realtime - 41_700, width: 0),
                    domain: TimeDomain(kind: .host, identity: (5, 5), nanosecondsPerInstruction: 0)))
            let restoration = try keeper.beginRestore([vcpu], frozen)
            try keeper.finishRestore([vcpu], restoration)
            try keeper.release([vcpu], restoration, .catchUp)
        }
        #expect(kept)
    }

    @Test("Cause.DC set in the guest: Count stands, nothing is queued", arguments: kinds)
    func guestDisabled(profile: Profile) throws {
        let system = LabSystem(profile, now: 100 * second)
        let vcpu = system.vcpu()
        vcpu.guestCompare(vcpu.guestCount() &+ 1_000_000)
        try vcpu.setRegister(.cause, UInt64(TimerState.causeDC))
        let count = try vcpu.count
        for policy in [ClockPolicy.freeze, .catchUp, .catchUpMax(nanoseconds: 70 * second)] {
            var keeper = Timekeeper(system)
            let frozen = try keeper.freeze([vcpu])
            system.now += 60 * second
            try keeper.thaw([vcpu], frozen, policy)
            #expect(try vcpu.count == count)

            let other = LabSystem(profile, now: 3 * second, identity: 4)
            other.realtimeBase += 1_000 * Int64(second)
            let fresh = other.vcpu()
            var restorer = Timekeeper(other)
            let restoration = try restorer.beginRestore([fresh], frozen)
            try restorer.finishRestore([fresh], restoration)
            other.now += second
            try restorer.release([fresh], restoration, policy)
            other.now += 100 * second
            #expect(try fresh.count == count)
            #expect(try fresh.register(.countControl) == 0)
            #expect(try fresh.register(.cause) == UInt64(TimerState.causeDC))
            #expect(!fresh.guestInterrupt())
            // And when the guest starts it again it goes on from there.
            try fresh.setRegister(.cause, 0)
            other.now += 9 * millisecond
            #expect(try fresh.count == count &+ 900_000)
            #expect(!fresh.guestInterrupt())
            other.now += 2 * millisecond
            #expect(fresh.guestInterrupt())
        }
    }

    @Test("Cause.DC and a pending interrupt", arguments: kinds)
    func guestDisabledPending(profile: Profile) throws {
        let system = LabSystem(profile, now: 100 * second)
        let state = TimerState(
            count: 7, compare: 5, cause: TimerState.causeDC | TimerState.causeTI, hz: 1_000_000, resume: second)
        let frozen = Frozen(timers: [state], instant: FreezeInstant(reading: system.clock(), domain: system.timeDomain))
        let vcpu = system.vcpu()
        var keeper = Timekeeper(system)
        let restoration = try keeper.beginRestore([vcpu], frozen)
        try keeper.finishRestore([vcpu], restoration)
        try keeper.release([vcpu], restoration, .freeze)
        #expect(try vcpu.count == 7)
        #expect(vcpu.guestInterrupt())
    }

    @Test("a master disable found set stays set", arguments: kinds)
    func foundDisabled(profile: Profile) throws {
        let system = LabSystem(profile, now: 100 * second)
        let vcpu = system.vcpu()
        try vcpu.setRegister(.countControl, 1)
        let count = try vcpu.count
        system.now += second
        var keeper = Timekeeper(system)
        let frozen = try keeper.freeze([vcpu])
        #expect(frozen.timers[0].masterDisabled && frozen.timers[0].resume == 100 * second)
        try keeper.thaw([vcpu], frozen, .freeze)
        #expect(try vcpu.register(.countControl) == 1)
        #expect(try vcpu.count == count)
        let fresh = system.vcpu()
        let restoration = try keeper.beginRestore([fresh], frozen)
        try keeper.finishRestore([fresh], restoration)
        try keeper.release([fresh], restoration, .freeze)
        #expect(try fresh.register(.countControl) == 1)
        #expect(try fresh.count == count)
    }

    @Test(
        "a freeze of what is frozen is the same, and a save out of a pause is not mistaken for a stopped guest",
        arguments: kinds)
    func frozenTwice(profile: Profile) throws {
        let system = LabSystem(profile, now: 100 * second)
        let vcpu = system.vcpu()
        var keeper = Timekeeper(system)
        let frozen = try keeper.freeze([vcpu])
        system.now += second
        #expect(try keeper.freeze([vcpu]).timers == frozen.timers)
        try keeper.thaw([vcpu], keeper.freeze([vcpu]), .freeze)
        #expect(try vcpu.register(.countControl) == 0)
        #expect(keeper.ledger.total.gap == Int64(second))
        #expect(try !keeper.freeze([vcpu]).timers[0].masterDisabled)
    }

    @Test("a process held up while it re-arms tries again, and gives up in the end", arguments: kinds)
    func heldUp(profile: Profile) throws {
        for (stalls, good) in [(2, true), (100, false)] {
            let (system, vcpu) = try stale(profile)
            var keeper = Timekeeper(system)
            let frozen = try keeper.freeze([vcpu])
            system.now += 3600 * second
            var left = stalls
            system.onWrite = { id, value throws(HypervisorError) in
                // The write of the real Count, after the re-arm.
                if id == .count, value == UInt64(frozen.timers[0].count), left > 0 {
                    left -= 1
                    system.now += 8 * second
                }
            }
            if good {
                try keeper.thaw([vcpu], frozen, .freeze)
                system.onWrite = nil
                #expect(!vcpu.guestInterrupt())
            } else {
                #expect(throws: TimekeepingError.stalled(vcpu: 0)) { try keeper.thaw([vcpu], frozen, .freeze) }
            }
        }
    }

    @Test("a vCPU whose timer has gone off is not fresh")
    func notFresh() throws {
        let system = LabSystem(.te510, now: second)
        let vcpu = system.vcpu(3)
        system.now += 43 * second
        let frozen = Frozen(
            timers: [TimerState(count: 1, compare: 2, cause: 0, hz: 100_000_000, resume: 1)],
            instant: FreezeInstant(reading: system.clock(), domain: system.timeDomain))
        var keeper = Timekeeper(system)
        #expect(throws: TimekeepingError.notFresh(vcpu: 3)) { try keeper.beginRestore([vcpu], frozen) }
        #expect(throws: TimekeepingError.wrongVCPUs(have: 0, need: 1)) { try keeper.beginRestore([], frozen) }
    }

    @Test("a freeze that fails on one vCPU lets the others go on")
    func failedFreeze() throws {
        let system = LabSystem(.te510, now: second)
        let vcpus = [system.vcpu(0), system.vcpu(1), system.vcpu(2)]
        var writes = 0
        system.onWrite = { id, value throws(HypervisorError) in
            writes += 1
            if writes == 3 { throw HypervisorError(.setOneRegister, .io) }
        }
        var keeper = Timekeeper(system)
        let error = TimekeepingError.call(vcpu: 2, doing: .write(.countControl), HypervisorError(.setOneRegister, .io))
        #expect(throws: error) { try keeper.freeze(vcpus) }
        #expect(error.description == "vCPU 2: writing COUNT_CTL: \(HypervisorError(.setOneRegister, .io))")
        for vcpu in vcpus { #expect(try vcpu.register(.countControl) == 0) }
    }
}
