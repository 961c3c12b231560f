// Thousands of random freezes of a guest that keeps working its timer, judged by an oracle that knows nothing of
// kernels and plans: exact integer arithmetic of how far guest time has come.
//
// The oracle's position is in units of 10^-9 tick. It grows by what the kernel's clock grows while the guest runs, and
// by what the ledger says the guest caught up at a thaw. From it follow the Count the guest must read, and when the
// timer interrupt must come.

import Foundation
import Hypervisor
import Simulator
import Testing

@testable import Timekeeping

private let unit: Int128 = 1_000_000_000

/// T(t) without the wrap, in units.
private func kernelPosition(_ t: UInt64, _ grid: TickGrid) -> Int128 {
    Int128(t / grid.period) * (unit << 32) + Int128(t % grid.period) * Int128(grid.hz)
}

/// A guest with one vCPU, and what it should see.
private struct Subject {
    var system: LabSystem
    var vcpu: LabVCPU
    var keeper: Timekeeper<LabSystem>
    let grid: TickGrid
    /// Where guest time should be, at `asOf`.
    var ideal: Int128
    var asOf: UInt64
    /// Where Count reaches Compare next.
    var due: Int128
    var carry: Int128 = 0
    var interrupts = 0

    init(_ profile: Profile, hz: UInt32, now: UInt64) throws {
        system = LabSystem(profile, now: now)
        vcpu = system.vcpu()
        keeper = Timekeeper(system)
        grid = TickGrid(hz: hz)
        try vcpu.setRegister(.countHz, UInt64(hz))
        ideal = Int128(try vcpu.count) * unit + Int128(grid.phase(at: now))
        asOf = now
        let compare: UInt32 = hz < 1000 ? 1000 : 0
        vcpu.guestCompare(compare)
        due = (compare == 0 ? 1 << 32 : Int128(compare)) * unit
    }

    mutating func run(_ span: UInt64) {
        system.now += span
        settle()
    }

    mutating func settle() {
        ideal += kernelPosition(system.now, grid) - kernelPosition(asOf, grid)
        asOf = system.now
    }

    /// The kernel's actual position must be the ideal one plus the carry, to the unit.
    func check() throws {
        let position = ideal + carry
        #expect(carry >= 0 && carry < unit)
        let expected = UInt32(truncatingIfNeeded: position / unit)
        let count = try vcpu.count
        try #require(
            count == expected,
            "hz \(grid.hz) at \(system.now): off by \(Int32(bitPattern: count &- expected)) ticks, carry \(Int64(carry))"
        )
        #expect(position % unit == Int128(grid.phase(at: system.now)))
    }

    /// The guest looks for its interrupt and, if it has come, sets Compare anew.
    mutating func look(_ random: inout Random) throws {
        let position = ideal + carry
        let got = vcpu.guestInterrupt()
        // The soft timer counts whole ticks from a moment inside one, rounded down to a nanosecond: a tick late, a
        // nanosecond early. An interrupt that came a nanosecond early before a freeze is there after it, when the carry
        // may have become less.
        let early = 100...250_000_000 ~= grid.hz ? 3 * Int128(grid.hz) : unit
        if position - due >= unit {
            try #require(got, "hz \(grid.hz): interrupt lost, \(Int64((position - due) / unit)) ticks ago")
        }
        if position < due - early {
            try #require(!got, "hz \(grid.hz): interrupt \(Int64((due - position) / unit)) ticks early or invented")
        }
        guard got else { return }
        interrupts += 1
        let count = vcpu.guestCount()
        let ahead: UInt32
        switch random.next() % 4 {
        case 0: ahead = UInt32.random(in: 1...50, using: &random)
        case 1: ahead = UInt32.random(in: 1...1_000_000, using: &random)
        case 2 where grid.hz >= 1000: ahead = UInt32.random(in: 1...0x4000_0000, using: &random)
        case 3 where grid.hz < 1000: ahead = UInt32.random(in: 1...10_000, using: &random)
        default: ahead = 0 &- UInt32.random(in: 0...0x4000_0000, using: &random)
        }
        vcpu.guestCompare(count &+ ahead)
        due = ((ideal + carry) / unit + Int128(TickGrid.distance(from: count, to: count &+ ahead))) * unit
    }

    /// A thaw or release happened: guest time has caught up by what the entry says.
    mutating func caughtUp(_ entry: LedgerEntry) {
        let from = Int64(system.now) - entry.caughtUp
        ideal += kernelPosition(system.now, grid)
        if from >= 0 { ideal -= kernelPosition(UInt64(from), grid) } else { ideal += Int128(-from) * Int128(grid.hz) }
        asOf = system.now
        carry = Int128(entry.carry)
    }
}

private func span(_ grid: TickGrid, _ random: inout Random) -> UInt64 {
    let tick = grid.tickLength
    switch random.next() % 8 {
    case 0: return 0
    case 1, 2: return UInt64.random(in: 0...(3 * tick), using: &random)
    case 3, 4: return UInt64.random(in: 0...(1000 * tick), using: &random)
    case 5, 6: return min(UInt64.random(in: 0...(1 << 26), using: &random) * tick, 300_000_000_000_000)
    default: return min(UInt64.random(in: 0...(grid.period &* 2 | 1), using: &random), 100_000_000_000_000)
    }
}

/// Cycles of a run, and which run: more with STASIS_TIME_CYCLES and STASIS_TIME_SEED in the environment.
private func setting(_ name: String, _ standard: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? standard
}

private let rates: [UInt32] = [
    1, 3, 99, 100, 32768, 1_000_000, 33_333_333, 62_500_000, 100_000_000, 500_000_001, 666_666_666, 999_999_999,
    1_000_000_000,
]

@Suite struct CycleProperties {
    @Test("no drift, no interrupt lost, doubled, early or late over random cycles", arguments: kinds, rates)
    func cycles(profile: Profile, hz: UInt32) throws {
        var random = Random(
            UInt64(hz) &* 31 &+ UInt64(profile.kind.rawValue) &+ UInt64(setting("STASIS_TIME_SEED", 0)) &* 7919)
        var s = try Subject(
            profile, hz: hz, now: UInt64.random(in: 1_000_000_000...1_000_000_000_000_000, using: &random))
        for cycle in 0..<min(setting("STASIS_TIME_CYCLES", 1500), hz < 1000 ? 1500 : .max) {
            s.run(span(s.grid, &random))
            try s.check()
            if random.next() % 3 != 0 { try s.look(&random) }
            let frozen = try s.keeper.freeze([s.vcpu])
            let pause = span(s.grid, &random)
            s.system.now += pause
            let before = frozen.timers[0].count
            let entry: LedgerEntry
            let policy: ClockPolicy
            switch random.next() % 4 {
            case 0: policy = .catchUp
            case 1: policy = .catchUpMax(nanoseconds: UInt64.random(in: 0...(pause + 1), using: &random))
            default: policy = .freeze
            }
            switch random.next() % 3 {
            case 0:
                entry = try s.keeper.thaw([s.vcpu], frozen, policy)
            case 1:
                // The same clock, a new vCPU.
                let vcpu = s.system.vcpu()
                var keeper = Timekeeper(s.system)
                let restoration = try keeper.beginRestore([vcpu], try Frozen(bytes: frozen.bytes))
                s.system.now += UInt64.random(
                    in: 0...(s.grid.period / 2 > 1 << 40 ? 1 << 40 : s.grid.period / 2), using: &random)
                try keeper.finishRestore([vcpu], restoration)
                s.system.now += UInt64.random(
                    in: 0...(s.grid.period / 2 > 1 << 40 ? 1 << 40 : s.grid.period / 2), using: &random)
                entry = try keeper.release([vcpu], restoration, policy)
                #expect(entry.cause == .restore)
                (s.vcpu, s.keeper) = (vcpu, keeper)
            default:
                // Another host: its clock is younger or older than the gap.
                let system = LabSystem(
                    profile, now: UInt64.random(in: 2_000_000_000...4_000_000_000_000, using: &random),
                    identity: random.next())
                system.realtimeBase = frozen.realtime + Int64(pause) - Int64(system.now)
                let vcpu = system.vcpu()
                var keeper = Timekeeper(system)
                let restoration = try keeper.beginRestore([vcpu], try Frozen(bytes: frozen.bytes))
                system.now += UInt64.random(in: 0...1_000_000, using: &random)
                try keeper.finishRestore([vcpu], restoration)
                entry = try keeper.release([vcpu], restoration, policy)
                #expect(entry.cause == .migration)
                (s.system, s.vcpu, s.keeper) = (system, vcpu, keeper)
            }
            #expect(entry.gap == entry.hidden + entry.caughtUp)
            if hz >= 100 {
                let tick = Int64(min(s.grid.tickLength, ResumePlan.longestWait))
                let gap = entry.gap
                switch policy {
                case .freeze:
                    // A tick of hardly more than a nanosecond leaves no choice but to show it now and then.
                    if hz <= 250_000_000 {
                        #expect(entry.caughtUp == 0, "cycle \(cycle)")
                    } else {
                        #expect(entry.caughtUp <= tick)
                    }
                case .catchUpMax(let most):
                    #expect(
                        entry.caughtUp <= Int64(most) + (hz <= 250_000_000 ? 0 : tick)
                            && entry.caughtUp >= min(Int64(most), gap) - tick)
                default: #expect(entry.caughtUp >= gap - tick)
                }
            }
            s.caughtUp(entry)
            try s.check()
            // Seen from the guest Count has not gone back.
            let count = try s.vcpu.count
            if entry.caughtUp < Int64(s.grid.period / 4) { #expect(Int32(bitPattern: count &- before) >= 0) }
        }
        #expect(s.interrupts > (hz < 1000 ? 0 : 20))
    }

    @Test(
        "several vCPUs keep their distance exactly", arguments: kinds,
        [3, 32768, 33_333_333, 100_000_000, 666_666_666] as [UInt32])
    func offsets(profile: Profile, hz: UInt32) throws {
        var random = Random(UInt64(hz))
        var system = LabSystem(profile, now: 5_000_000_000_000)
        var vcpus: [LabVCPU] = []
        for id in 0..<4 as Range<UInt32> {
            system.now += UInt64.random(in: 0...10_000_000_000, using: &random)
            vcpus.append(system.vcpu(id))
            try vcpus[Int(id)].setRegister(.countHz, UInt64(hz))
        }
        func distances() throws -> [UInt32] { try vcpus.map { try $0.count &- vcpus[0].count } }
        let wanted = try distances()
        var keeper = Timekeeper(system)
        for _ in 0..<400 {
            system.now += UInt64.random(in: 0...3_000_000_000, using: &random)
            // Calls take time while the vCPUs are frozen one after the other, and none while distances are read.
            system.cost = UInt64.random(in: 0...3_000, using: &random)
            let frozen = try keeper.freeze(vcpus)
            system.cost = 0
            let pause = UInt64.random(in: 0...200_000_000_000, using: &random)
            let policy: ClockPolicy =
                random.next() % 2 == 0
                ? .freeze : .catchUpMax(nanoseconds: UInt64.random(in: 0...100_000_000_000, using: &random))
            if random.next() % 2 == 0 {
                system.now += pause
                try keeper.thaw(vcpus, frozen, policy)
            } else {
                let other = LabSystem(
                    profile, now: UInt64.random(in: 1_000_000_000...30_000_000_000, using: &random), identity: 99)
                other.realtimeBase = frozen.realtime + Int64(pause) - Int64(other.now)
                let fresh = (0..<4).map { other.vcpu(UInt32($0)) }
                keeper = Timekeeper(other)
                let restoration = try keeper.beginRestore(fresh, frozen)
                try keeper.finishRestore(fresh, restoration)
                try keeper.release(fresh, restoration, policy)
                (system, vcpus) = (other, fresh)
            }
            try #require(try distances() == wanted)
            #expect(Set(keeper.carries).count == 1)
        }
    }

    @Test("on a clock that stood still a freeze and thaw are nothing", arguments: kinds)
    func nothing(profile: Profile) throws {
        var random = Random(9)
        let system = LabSystem(profile, now: 77_777_777_777)
        let vcpu = system.vcpu()
        var keeper = Timekeeper(system)
        for _ in 0..<500 {
            // The clock moves in whole ticks, as a virtual one does whose step is a multiple of the tick.
            system.now += 10 * UInt64.random(in: 0...100_000, using: &random)
            if vcpu.guestInterrupt() || random.next() % 4 == 0 {
                vcpu.guestCompare(vcpu.guestCount() &+ UInt32.random(in: 0...200_000, using: &random))
            }
            let before = (vcpu.timer, vcpu.cause)
            system.log = []
            let frozen = try keeper.freeze([vcpu])
            for policy in [
                ClockPolicy.freeze, .catchUp, .catchUpMax(nanoseconds: 5), .at(realtimeNanoseconds: frozen.realtime),
            ] {
                try keeper.thaw([vcpu], frozen, policy)
                #expect(keeper.ledger.entries.last?.gap == 0)
                _ = try keeper.freeze([vcpu])
            }
            try keeper.thaw([vcpu], frozen, .freeze)
            #expect(system.log.allSatisfy { $0.0 == .countControl }, "nothing else was written")
            #expect(vcpu.timer.bias == before.0.bias && vcpu.timer.expiry == before.0.expiry)
            #expect(vcpu.timer.pend == before.0.pend && vcpu.cause == before.1)
        }
    }
}
