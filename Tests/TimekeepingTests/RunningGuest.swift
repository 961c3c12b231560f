// A guest that runs: timer interrupts, each with Count and the place of the interruption folded into a hash. Frozen,
// saved and restored at random instants it must end in the very registers of the run that nobody disturbed.

import Host
import Hypervisor
import Simulator
import Testing
import Timekeeping

/// RAM that moves with its guest.
private final class RAM {
    let mapping: Mapping
    init() throws { mapping = try Mapping.anonymous(size: 1 << 16) }
}

/// The guest on one system.
private final class Guest {
    let system: SimulatedSystem
    let machine: SimulatedMachine
    let vcpu: SimulatedVCPU
    let ram: RAM
    var keeper: Timekeeper<SimulatedSystem>

    /// Its instant on the system's clock when it has run for no time.
    var origin: UInt64

    static let program: [(Int, [UInt32])] = [
        (
            0x180,
            [
                0x401A_5800,  // mfc0 k0, Compare
                0x0350_D021,  // addu k0, k0, s0
                0x409A_5800,  // mtc0 k0, Compare
                0x2631_0001,  // addiu s1, s1, 1
                0x401B_4800,  // mfc0 k1, Count
                0x0012_D140,  // sll k0, s2, 5
                0x0352_9023,  // subu s2, k0, s2
                0x025B_9021,  // addu s2, s2, k1
                0x0012_D140,  // sll k0, s2, 5
                0x0352_9023,  // subu s2, k0, s2
                0x0248_9021,  // addu s2, s2, t0
                0x4200_0018,  // eret
            ]
        ),
        (
            0x1000,
            [
                0x2508_0001,  // 1: addiu t0, t0, 1
                0x1000_FFFE,  // b 1b
                0x2529_0003,  // addiu t1, t1, 3
            ]
        ),
    ]

    init(_ profile: Profile, start: UInt64, ram: RAM) throws {
        system = SimulatedSystem(
            profile: profile,
            clock: .virtual(start: start, nanosecondsPerInstruction: 10, realtime: 1_700_000_000_000_000_000))
        machine = try system.createMachine(profile.machineType)
        self.ram = ram
        try machine.setMemoryRegion(
            MemoryRegion(
                slot: 0, guestPhysicalAddress: 0, size: 1 << 16,
                hostAddress: UInt64(UInt(bitPattern: unsafe ram.mapping.base))))
        vcpu = try machine.createVCPU(0)
        keeper = Timekeeper(system)
        origin = start
    }

    func boot() throws {
        let window = signExtended(UInt64(system.profile.kernelWindow))
        for (address, words) in Self.program {
            for (i, word) in words.enumerated() {
                unsafe ram.mapping.base.storeBytes(of: word, toByteOffset: address + 4 * i, as: UInt32.self)
            }
        }
        try vcpu.setRegister(.pc, window + 0x1000)
        try vcpu.setRegister(.ebase, window)
        // IM0 too, for the kernels that look at nothing else.
        try vcpu.setRegister(.status, 0x8101)
        try vcpu.setRegister(.gpr(16), 1777)
        try vcpu.setRegister(.compare, 1777)
    }

    var guestTime: UInt64 { system.clock().monotonic - origin }

    /// Runs until its own time has come so far.
    func run(until time: UInt64) throws {
        system.setAlarm(origin + time)
        defer { system.setAlarm(nil) }
        while guestTime < time {
            do {
                let exit = try vcpu.run()
                try #require(exit == .interruptWindowOpen)
            } catch let error as HypervisorError where error.errno == .intr {}
        }
    }

    /// The registers, the timer's in the form of a frozen state.
    func picture() throws -> [UInt64] {
        var values: [UInt64] = []
        for id in try vcpu.registerList() where !Self.clockRegisters.contains(id) {
            values.append(try vcpu.register(id))
        }
        return values + [try vcpu.register(.count), try vcpu.register(.compare), try vcpu.register(.cause)]
    }

    static let clockRegisters: Set<RegisterID> = [.countControl, .countResume, .countHz, .count, .compare, .cause]

    /// Another guest that goes on where this one stands, on another clock.
    func moved(start: UInt64, _ policy: ClockPolicy) throws -> Guest {
        let time = guestTime
        let frozen = try Frozen(bytes: keeper.freeze([vcpu]).bytes)
        let other = try Guest(system.profile, start: start, ram: ram)
        let restoration = try other.keeper.beginRestore([other.vcpu], frozen)
        // Status first: it decides which others exist.
        try other.vcpu.setRegister(.status, vcpu.register(.status))
        for id in try vcpu.registerList() where !Self.clockRegisters.contains(id) {
            try? other.vcpu.setRegister(id, vcpu.register(id))
        }
        try other.vcpu.setBackendState(vcpu.backendState())
        try other.keeper.finishRestore([other.vcpu], restoration)
        try other.keeper.release([other.vcpu], restoration, policy)
        other.origin = other.system.clock().monotonic - time
        return other
    }
}

@Suite struct RunningGuest {
    @Test("random freezes and moves of a running guest leave no trace", arguments: kinds)
    func bitForBit(profile: Profile) throws {
        var random = Random(11)
        let end: UInt64 = 12_000_000
        let plain = try Guest(profile, start: 1_000_000_000, ram: RAM())
        try plain.boot()
        try plain.run(until: end)
        #expect(try plain.vcpu.register(.gpr(17)) > 600)

        var guest = try Guest(profile, start: 1_000_000_000, ram: RAM())
        try guest.boot()
        var cycles = 0
        while guest.guestTime < end {
            try guest.run(until: min(end, guest.guestTime + UInt64.random(in: 1...60_000, using: &random)))
            cycles += 1
            switch random.next() % 3 {
            case 0:
                // A pause during which the clock moves, by no whole number of ticks.
                let time = guest.guestTime
                let frozen = try guest.keeper.freeze([guest.vcpu])
                guest.system.sleep(
                    until: guest.system.clock().monotonic + UInt64.random(in: 0...90_000_000_000, using: &random))
                try guest.keeper.thaw([guest.vcpu], frozen, .freeze)
                guest.origin = guest.system.clock().monotonic - time
            case 1:
                // Another clock, younger or older.
                guest = try guest.moved(start: UInt64.random(in: 100...90_000_000_000, using: &random), .freeze)
            default:
                // The same clock, in a new process.
                guest = try guest.moved(start: guest.system.clock().monotonic, .catchUp)
            }
        }
        #expect(cycles > 300)
        #expect(guest.guestTime == plain.guestTime)
        #expect(try guest.picture() == plain.picture())
    }
}
