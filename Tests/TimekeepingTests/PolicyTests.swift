// What each policy shows of a gap, in numbers.

import Host
import Hypervisor
import Simulator
import Testing

@testable import Timekeeping

private let second: UInt64 = 1_000_000_000

/// A guest frozen at instant 100 s of one host, at Count 5, and another host.
private struct Move {
    let source: LabSystem
    let frozen: Frozen
    let system: LabSystem
    let vcpu: LabVCPU
    var keeper: Timekeeper<LabSystem>

    /// - Parameters:
    ///   - uptime: of the other host, at the release.
    ///   - gap: by the wall clocks.
    init(_ profile: Profile, uptime: UInt64, gap: Int64, compare: UInt32 = 0, cause: UInt32 = 0) throws {
        source = LabSystem(profile, now: 100 * second)
        frozen = Frozen(
            timers: [TimerState(count: 5, compare: compare, cause: cause, hz: 100_000_000, resume: 100 * second)],
            instant: FreezeInstant(reading: source.clock(), domain: source.timeDomain))
        system = LabSystem(profile, now: uptime, identity: 2)
        system.realtimeBase = frozen.realtime + gap - Int64(uptime)
        vcpu = system.vcpu()
        keeper = Timekeeper(system)
    }

    mutating func release(_ policy: ClockPolicy) throws -> LedgerEntry {
        let restoration = try keeper.beginRestore([vcpu], frozen)
        try keeper.finishRestore([vcpu], restoration)
        return try keeper.release([vcpu], restoration, policy)
    }
}

@Suite struct PolicyTests {
    @Test(
        "a pause of 2 s in one process", arguments: kinds,
        [
            (.freeze, 0), (.catchUp, 2 * second), (.catchUpMax(nanoseconds: second / 2), second / 2),
            (.catchUpMax(nanoseconds: 9 * second), 2 * second), (.catchUpMax(nanoseconds: 0), 0),
        ] as [(ClockPolicy, UInt64)])
    func pause(profile: Profile, vector: (policy: ClockPolicy, visible: UInt64)) throws {
        let system = LabSystem(profile, now: 100 * second)
        let vcpu = system.vcpu()
        var keeper = Timekeeper(system)
        system.now += 10
        let frozen = try keeper.freeze([vcpu])
        system.now += 2 * second
        let entry = try keeper.thaw([vcpu], frozen, vector.policy)
        #expect(try vcpu.count == 1 + UInt32(vector.visible / 10))
        #expect(
            entry
                == LedgerEntry(
                    frozenRealtime: frozen.realtime, frozenAt: 100 * second + 10, gap: 2 * Int64(second),
                    hidden: 2 * Int64(second) - Int64(vector.visible), cause: .pause, policy: vector.policy, carry: 0))
        #expect(keeper.ledger.entries == [entry])
    }

    @Test("at=T", arguments: kinds)
    func at(profile: Profile) throws {
        for visible in [0, 1, 2, 30] as [Int64] {
            let system = LabSystem(profile, now: 100 * second)
            let vcpu = system.vcpu()
            var keeper = Timekeeper(system)
            let frozen = try keeper.freeze([vcpu])
            system.now += 2 * second
            let instant = frozen.realtime + visible * Int64(second)
            let entry = try keeper.thaw([vcpu], frozen, .at(realtimeNanoseconds: instant))
            #expect(try vcpu.count == UInt32(visible) * 100_000_000)
            #expect(entry.hidden == (2 - visible) * Int64(second), "negative when the guest is put ahead of the clock")
        }
        let system = LabSystem(profile, now: 100 * second)
        let vcpu = system.vcpu()
        var keeper = Timekeeper(system)
        let frozen = try keeper.freeze([vcpu])
        let error = TimekeepingError.wouldRunBackwards(frozen: frozen.realtime, requested: frozen.realtime - 1)
        #expect(throws: error) { try keeper.thaw([vcpu], frozen, .at(realtimeNanoseconds: frozen.realtime - 1)) }
        #expect(
            error.description
                == "the guest was frozen at 2023-11-14T22:15:00.000000000Z and would run backwards to "
                + "2023-11-14T22:14:59.999999999Z; choose a later instant or another clock policy")
        #expect(throws: TimekeepingError.self) { try keeper.thaw([vcpu], frozen, .at(realtimeNanoseconds: .min)) }
        #expect(throws: TimekeepingError.outOfRange) { try keeper.thaw([vcpu], frozen, .at(realtimeNanoseconds: .max)) }
        // Still frozen, and another policy will do.
        #expect(try vcpu.register(.countControl) == 1)
        try keeper.thaw([vcpu], frozen, .freeze)
    }

    @Test("at=T is the guest's wall clock, whatever was hidden before", arguments: kinds)
    func atAfterOthers(profile: Profile) throws {
        let system = LabSystem(profile, now: 100 * second)
        let vcpu = system.vcpu()
        var keeper = Timekeeper(system)
        let first = try keeper.freeze([vcpu])
        system.now += 5 * second
        try keeper.thaw([vcpu], first, .freeze)
        let count = try vcpu.count
        // The guest's clock is 5 s behind now. It is asked to be 2 s further than it is.
        let frozen = try keeper.freeze([vcpu])
        let guest = frozen.realtime - 5 * Int64(second)
        #expect(throws: TimekeepingError.wouldRunBackwards(frozen: guest, requested: guest - 1)) {
            try keeper.thaw([vcpu], frozen, .at(realtimeNanoseconds: guest - 1))
        }
        system.now += 7 * second
        let entry = try keeper.thaw([vcpu], frozen, .at(realtimeNanoseconds: guest + 2 * Int64(second)))
        #expect(try vcpu.count == count + 200_000_000)
        #expect(entry.hidden == 5 * Int64(second))
        #expect(keeper.ledger.total.hidden == 10 * Int64(second))
    }

    @Test("another host, up for longer than the gap", arguments: kinds)
    func olderHost(profile: Profile) throws {
        var hidden = try Move(profile, uptime: 500 * second, gap: 60 * Int64(second))
        let entry = try hidden.release(.freeze)
        #expect(try hidden.vcpu.count == 5)
        #expect(entry.cause == .migration && entry.gap == 60_000_000_000 && entry.hidden == entry.gap)
        var caught = try Move(profile, uptime: 500 * second, gap: 60 * Int64(second), compare: 5 + 1000)
        let other = try caught.release(.catchUp)
        #expect(try caught.vcpu.count == 5 &+ UInt32(truncatingIfNeeded: 6_000_000_000 as UInt64))
        #expect(other.caughtUp == 60_000_000_000 && other.hidden == 0)
        #expect(caught.vcpu.guestInterrupt())
    }

    @Test(
        "another host, younger than the gap: Count is moved on and a passed Compare raises its interrupt",
        arguments: kinds)
    func youngerHost(profile: Profile) throws {
        // 10 s of uptime, 15 s of gap: 5 s lie before the clock began, then 10 s on it.
        for (compare, due) in [
            (5 + 1, true), (5 + 400_000_000, true), (5 + 500_000_000, true), (5 + 500_000_001, true),
            (5 + 1_400_000_000, true), (5 + 1_600_000_000, false), (5, false), (4, false),
        ] as [(UInt32, Bool)] {
            var move = try Move(profile, uptime: 10 * second, gap: 15 * Int64(second), compare: compare)
            let entry = try move.release(.catchUp)
            #expect(entry.caughtUp == 15_000_000_000)
            #expect(try move.vcpu.count == 5 + 1_500_000_000)
            #expect(move.vcpu.guestInterrupt() == due, "Compare \(compare)")
            // Once, and the next one is in order.
            move.vcpu.guestCompare(move.vcpu.guestCount() &+ 1000)
            #expect(!move.vcpu.guestInterrupt())
            move.system.now += 10_000
            #expect(move.vcpu.guestInterrupt())
        }
        // Many turns of Count before the clock began.
        var years = try Move(profile, uptime: 10 * second, gap: 100_000_000_000_000_000, compare: 5)
        #expect(try years.release(.catchUp).caughtUp == 100_000_000_000_000_000)
        #expect(try years.vcpu.count == 5 &+ UInt32(truncatingIfNeeded: 10_000_000_000_000_000 as UInt64))
        #expect(years.vcpu.guestInterrupt())
    }

    @Test("a wall clock that is behind", arguments: kinds)
    func behind(profile: Profile) throws {
        for policy in [ClockPolicy.catchUp, .catchUpMax(nanoseconds: second)] {
            var move = try Move(profile, uptime: 10 * second, gap: -5)
            let error = TimekeepingError.wallClockBehind(frozen: move.frozen.realtime, now: move.frozen.realtime - 5)
            #expect(throws: error) { try move.release(policy) }
            var clamped = try Move(profile, uptime: 10 * second, gap: -5)
            clamped.keeper.clampsNegativeGaps = true
            let entry = try clamped.release(policy)
            #expect(entry.clamped && entry.gap == -5 && entry.hidden == -5 && entry.caughtUp == 0)
            #expect(try clamped.vcpu.count == 5)
        }
        var frozen = try Move(profile, uptime: 10 * second, gap: -5)
        #expect(try !frozen.release(.freeze).clamped)
    }

    @Test("clocks are told apart")
    func clocks() throws {
        let system = LabSystem(.vz, now: 5)
        let here = FreezeInstant(reading: system.clock(), domain: system.timeDomain)
        #expect(here.sameClock(as: system.timeDomain))
        #expect(!here.sameClock(as: TimeDomain(kind: .host, identity: (1, 8), nanosecondsPerInstruction: 0)))
        #expect(!here.sameClock(as: TimeDomain(kind: .virtual, identity: (1, 7), nanosecondsPerInstruction: 1)))
        let unknown = TimeDomain(kind: .host, identity: (0, 0), nanosecondsPerInstruction: 0)
        #expect(!FreezeInstant(reading: system.clock(), domain: unknown).sameClock(as: unknown))
        let virtual = TimeDomain(kind: .virtual, identity: (0, 0), nanosecondsPerInstruction: 10)
        #expect(FreezeInstant(reading: system.clock(), domain: virtual).sameClock(as: virtual))
    }

    @Test("on a host without a boot id a pause is still measured on its clock", arguments: kinds)
    func noBootID(profile: Profile) throws {
        let system = LabSystem(profile, now: 100 * second)
        system.timeDomain = TimeDomain(kind: .host, identity: (0, 0), nanosecondsPerInstruction: 0)
        let vcpu = system.vcpu()
        var keeper = Timekeeper(system)
        let frozen = try keeper.freeze([vcpu])
        system.now += second
        // The wall clock is set back meanwhile: of no concern.
        system.realtimeBase -= Int64(5 * second)
        #expect(try keeper.thaw([vcpu], frozen, .catchUp).caughtUp == Int64(second))
    }

    @Test("the order of the calls is that of the reference", arguments: kinds)
    func order(profile: Profile) throws {
        var move = try Move(profile, uptime: 500 * second, gap: 0, compare: 9, cause: 0x400)
        let restoration = try move.keeper.beginRestore([move.vcpu], move.frozen)
        try move.keeper.finishRestore([move.vcpu], restoration)
        try move.keeper.release([move.vcpu], restoration, .freeze)
        #expect(
            move.system.log.map(\.0) == [
                .countHz, .countControl, .compare, .cause, .count,
                // Compare is 40 ns ahead: the timer is re-armed near it.
                .countResume, .count, .countControl, .countControl,
                .countResume, .count, .countControl,
            ])
        var far = try Move(profile, uptime: 500 * second, gap: 0, compare: 0x7000_0000, cause: 0x400)
        let other = try far.keeper.beginRestore([far.vcpu], far.frozen)
        try far.keeper.finishRestore([far.vcpu], other)
        try far.keeper.release([far.vcpu], other, .freeze)
        #expect(
            far.system.log.map(\.0) == [
                .countHz, .countControl, .compare, .cause, .count, .countResume, .count, .countControl,
            ])
        #expect(far.system.log.map(\.1).suffix(3) == [500 * second, 5, 0])
    }

    @Test("on the host's clock", arguments: kinds)
    func hostClock(profile: Profile) throws {
        let system = SimulatedSystem(profile: profile, clock: .host)
        let machine = try system.createMachine(.auto)
        let vcpus = [try machine.createVCPU(0), try machine.createVCPU(1)]
        var keeper = Timekeeper(system)
        var first: UInt32 = 0
        var hidden: Int64 = 0
        let start = system.clock().monotonic
        first = try vcpus[0].count
        for _ in 0..<20 {
            let frozen = try keeper.freeze(vcpus)
            #expect(frozen.timers[0].resume <= frozen.timers[1].resume)
            #expect(frozen.timers[1].resume <= frozen.instant.reading.monotonic)
            system.sleep(until: system.clock().monotonic + 1_000_000)
            let entry = try keeper.thaw(vcpus, frozen, .freeze)
            #expect(entry.gap >= 1_000_000 && entry.caughtUp == 0)
            hidden += entry.hidden
        }
        let before = system.clock().monotonic
        let count = try vcpus[0].count
        let after = system.clock().monotonic
        // Host time minus what the ledger hides is guest time, within the calls around.
        let ticks = UInt64(count &- first) * 10
        #expect(ticks <= after - start - UInt64(hidden))
        #expect(ticks + 1_000_000_000 >= before - start - UInt64(hidden))
        #expect(keeper.ledger.total.hidden == hidden && keeper.ledger.total.count == 20)
    }
}
