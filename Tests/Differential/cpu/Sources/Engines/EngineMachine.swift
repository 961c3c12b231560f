// One machine of a pair, and what can be seen of it.

import Foundation
import Host
import Hypervisor
import Simulator

/// A machine with RAM and one processor, which takes vector after vector.
final class EngineMachine {
    private let system: SimulatedSystem
    private let machine: SimulatedMachine
    private let vcpu: SimulatedVCPU
    private let ram: Mapping
    /// What a new processor has, for registers a vector says nothing of.
    private let blank: [UInt8]
    private var fresh: [(RegisterID, UInt64)] = []
    private var loads: UInt64 = 0
    private var starts: [(pc: UInt32, status: UInt32)] = []
    private var errors = 0

    init(profile: Profile, engine: Engine, nanoseconds: UInt32, ramSize: Int = GuestPlan.ramSize) throws {
        system = SimulatedSystem(
            profile: profile,
            clock: .virtual(start: 1_000_000_000, nanosecondsPerInstruction: nanoseconds, realtime: 0),
            engine: engine)
        machine = try system.createMachine(profile.machineType)
        ram = try Mapping.anonymous(size: ramSize)
        // Safe: the mapping outlives the machine.
        try machine.setMemoryRegion(
            MemoryRegion(
                slot: 0, guestPhysicalAddress: 0, size: UInt64(ramSize),
                hostAddress: UInt64(UInt(bitPattern: unsafe ram.base))))
        vcpu = try machine.createVCPU(0)
        try vcpu.enable(.mipsFPU, flags: 0, argument: 0)
        try vcpu.setRegister(.config1, vcpu.register(.config1) | 1)
        blank = try vcpu.backendState()
        for id in try vcpu.registerList() where id.rawValue >> 16 & 0xFFFF == RegisterID.Set.cp0.rawValue {
            if let value = try? vcpu.register(id) { fresh.append((id, value)) }
        }
    }

    var retired: UInt64 { vcpu.retiredInstructions }
    var translated: Int { vcpu.translatedBlocks }

    /// Puts a vector into the machine, over whatever the one before left.
    func load(_ vector: EngineVector) throws {
        unsafe vector.ram.withUnsafeBytes {
            unsafe ram.base.copyMemory(from: $0.baseAddress!, byteCount: GuestPlan.ramSize)
        }
        for line in [2, 3, 4, 6] as [Int32] { try vcpu.interrupt(-line) }
        for (id, value) in fresh { try vcpu.setRegister(id, value) }
        var state = blank
        func put(_ value: UInt32, at: Int) {
            for byte in 0..<4 { state[at + byte] = UInt8(truncatingIfNeeded: value >> UInt32(byte * 8)) }
        }
        for (n, word) in vector.tlb.enumerated() { put(word, at: 20 + n * 4) }
        try vcpu.setRegister(.status, UInt64(vector.starts[0].status & ~0x10 | 1 << 29 | 1 << 26))
        try vcpu.setRegister(.fcrCSR, UInt64(vector.fcsr))
        for (n, word) in vector.fpr.enumerated() { put(word, at: state.count - 256 + n * 4) }
        try vcpu.setBackendState(state)
        var registers = Registers()
        for n in 1..<32 { registers.gpr[n] = signExtended(UInt64(vector.gpr[n])) }
        registers.hi = UInt64(vector.hi)
        registers.lo = UInt64(vector.lo)
        try vcpu.setRegisters(registers)
        for (id, value) in vector.coprocessor0 { try vcpu.setRegister(id, UInt64(value)) }
        starts = vector.starts
        errors = 0
        loads = 0
        try start(0)
    }

    private func start(_ n: Int) throws {
        let place = starts[n % starts.count]
        try vcpu.setRegister(.status, UInt64(place.status))
        try vcpu.setRegister(.pc, signExtended(UInt64(place.pc)))
    }

    /// Kernel mode at `pc`, for a program that needs nothing else.
    func start(at pc: UInt32) throws {
        starts = [(pc, 0)]
        try start(0)
    }

    func register(_ n: Int) throws -> Int { Int(try vcpu.register(.gpr(n))) }

    func write(_ words: [UInt32], at physical: Int) {
        for (n, word) in words.enumerated() {
            unsafe ram.base.storeBytes(of: word, toByteOffset: physical + n * 4, as: UInt32.self)
        }
    }

    /// Runs for some instructions and answers with what left the guest meanwhile.
    func run(_ instructions: Int, step: UInt64) throws -> [String] {
        system.setAlarm(system.clock().monotonic + UInt64(instructions) * step)
        var exits: [String] = []
        while exits.count < 100 {
            let exit: Exit
            do throws(HypervisorError) {
                exit = try vcpu.run()
            } catch {
                guard error.errno == .intr else { throw error }
                return exits
            }
            exits.append("\(exit) at PC \(Comparison.hex(UInt32(truncatingIfNeeded: try vcpu.register(.pc))))")
            switch exit {
            case .mmio(let access):
                if !access.isWrite {
                    loads += 1
                    vcpu.runArea.mmioData = (access.address &+ loads) &* 0x9E37_79B9_7F4A_7C15 >> 16
                }
            case .interruptWindowOpen: break
            case .internalError, .other:
                // What KVM cannot emulate: the guest goes on elsewhere.
                errors += 1
                try start(errors)
            }
        }
        return exits
    }

    func apply(_ event: EngineVector.Event) throws {
        switch event {
        case .none: break
        case .interrupt(let line): try vcpu.interrupt(line)
        case .write(let at, let word): unsafe ram.base.storeBytes(of: word, toByteOffset: at, as: UInt32.self)
        }
    }

    /// Changes a general register, as a wrong translation could have done.
    func spoil() throws { try vcpu.setRegister(.gpr(9), try vcpu.register(.gpr(9)) ^ 1) }

    // MARK: What can be seen

    /// Everything but RAM, in an order with names.
    func state() throws -> [UInt64] {
        var words: [UInt64] = [retired, system.clock().monotonic]
        for id in try registerNames() { words.append((try? vcpu.register(id)) ?? 0) }
        for byte in try vcpu.backendState() { words.append(UInt64(byte)) }
        return words
    }

    private var names: [RegisterID]?
    private func registerNames() throws -> [RegisterID] {
        if let names { return names }
        let list = try vcpu.registerList().filter { $0.width != .u128 }
        names = list
        return list
    }

    /// What word `n` of the state is.
    func name(_ n: Int) throws -> String {
        let list = try registerNames()
        if n < 2 { return n == 0 ? "retired instructions" : "clock" }
        if n < 2 + list.count { return "\(list[n - 2])" }
        let byte = n - 2 - list.count
        switch byte {
        case 4..<8: return "Random"
        case 8..<20: return "LL state"
        case 20..<1044:
            return "TLB[\((byte - 20) / 16)].\(["EntryHi", "EntryLo0", "EntryLo1", "PageMask"][(byte - 20) / 4 & 3])"
        case 1044..<2068: return "CP0 register \((byte - 1044) / 32) select \((byte - 1044) / 4 & 7)"
        default: return "f\((byte - 2068) / 8), byte \(byte & 7 ^ 4)"
        }
    }

    /// Physical address of the first word of RAM that differs.
    func difference(from other: EngineMachine) -> Int? {
        guard unsafe memcmp(ram.base, other.ram.base, GuestPlan.ramSize) != 0 else { return nil }
        return stride(from: 0, to: GuestPlan.ramSize, by: 4).first { word(at: $0) != other.word(at: $0) }
    }

    /// What the handler noted of the latest exceptions: code, and whether it was a delay slot's.
    func exceptions() -> [(code: Int, isInSlot: Bool)] {
        stride(from: Int(GuestPlan.log), to: Int(GuestPlan.log) + 0x1000, by: 32).compactMap { at in
            // Count is never zero for long: who has neither it nor a PC was not written.
            guard word(at: at + 4) != 0 || word(at: at + 16) != 0 else { return nil }
            let cause = word(at: at)
            return (Int(cause >> 2 & 31), cause >> 31 != 0)
        }
    }

    func word(at physical: Int) -> UInt32 { unsafe ram.base.load(fromByteOffset: physical, as: UInt32.self) }
}
