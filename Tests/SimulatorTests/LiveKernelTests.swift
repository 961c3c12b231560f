// What the differential with live kernels (Tests/Live/Differential) once found wrong, each as a small guest of
// trap-and-emulate. A test here fails without the change that it came with.

import Hypervisor
import Simulator
import Testing

@Suite struct LiveKernelTests {
    /// ERET looks at ERL first, as hardware does.
    @Test func eretLeavesErrorLevelFirst() throws {
        let g = try KernelGuest([0x4200_0018, 0])
        try g.set(.status, 6)
        try g.set(.epc, 0x4000_0180)
        try g.set(.errorEPC, 0x4000_0F00)
        g.machine.write(SmallProgram.bytes([0x3C1A_B400, 0xAF40_0004]), at: 0x0F00)
        #expect(try g.run() == 0x1400_0004)
        #expect(try g.get(.status) == 2)
    }

    /// An exception replaces the low byte of Cause; CE is written for coprocessor 1 and otherwise stays.
    @Test func causeKeepsCoprocessorNumber() throws {
        let g = try KernelGuest([0x4402_0000, 0x0000_000C])
        try g.set(.cause, 0x83)
        #expect(try g.run() == KernelGuest.vector)
        #expect(try g.get(.cause) == 0x1000_002C)
        try g.set(.status, 0)
        try g.set(.pc, 0x4000_1004)
        #expect(try g.run() == KernelGuest.vector)
        #expect(try g.get(.cause) == 0x1000_0020)
    }

    /// An unusable coprocessor 1 reaches the guest even while EXL is set; EPC stays.
    @Test func coprocessorUnusableUnderEXL() throws {
        let g = try KernelGuest([0x4402_0000])
        try g.set(.status, 2)
        try g.set(.epc, 0x4000_0F00)
        #expect(try g.run() == KernelGuest.vector)
        #expect(try g.get(.epc) == 0x4000_0F00)
    }

    /// KVM knows nothing of coprocessor 2.
    @Test func coprocessor2CannotBeEmulated() throws {
        let g = try KernelGuest([0x4A00_0001])
        #expect(try g.run() == nil)
        #expect(try g.get(.pc) == 0x4000_1000)
    }

    /// BD of an interrupt delivered at entry is what Cause had.
    @Test func interruptAtEntryKeepsBD() throws {
        let g = try KernelGuest([0])
        try g.set(.cause, 0x8000_0000)
        try g.set(.status, 0x0501)
        try g.machine.vcpu.interrupt(2)
        #expect(try g.run() == KernelGuest.vector)
        #expect(try g.get(.cause) == 0x8000_0400)
    }

    /// LL runs on the host: the guest's LLAddr does not hear of it. Random is a cell like any other.
    @Test func cellsThatHardwareKeeps() throws {
        let g = try KernelGuest([
            0x3C02_4000,  // lui v0, 0x4000
            0xC044_0800,  // ll a0, 0x800(v0)
            0x4003_8800,  // mfc0 v1, LLAddr
            0x4080_3000,  // mtc0 zero, Wired
            0x4005_0800,  // mfc0 a1, Random
        ])
        #expect(try g.run() == KernelGuest.end)
        #expect(try g.get(.gpr(3)) == 0)
        #expect(try g.get(.gpr(5)) == 0)
    }

    /// TLBR with an Index beyond the TLB, such as TLBP's -1, takes its low bits.
    @Test func tlbrWrapsIndex() throws {
        let g = try KernelGuest([0x4200_0001])
        try g.set(.index, 0xFFFF_FFFF)
        try g.set(.pageMask, 0x6000)
        #expect(try g.run() == KernelGuest.end)
        #expect(try g.get(.pageMask) == 0)
    }

    /// An entry without V hides a later one for the same address, cached translations of which are to be forgotten.
    @Test func invalidEntryHidesOthers() throws {
        let g = try KernelGuest([
            0x4200_0002,  // tlbwi: Index 5
            0x3C02_0010,  // lui v0, 0x10
            0x8C43_0000,  // lw v1, 0(v0)
            0x4080_0000,  // mtc0 zero, Index
            0x4080_1000,  // mtc0 zero, EntryLo0
            0x4200_0002,  // tlbwi
            0x8C44_0000,  // lw a0, 0(v0)
        ])
        try g.set(.index, 5)
        try g.set(.entryHi, 0x10_0000)
        try g.set(.pageMask, 0x6000)
        try g.set(.entryLo0, 0x8000 >> 6 | 6)
        g.machine.write(SmallProgram.bytes([0x1234_5678]), at: 0x8000)
        #expect(try g.run() == KernelGuest.vector)
        #expect(try g.get(.gpr(3)) == 0x1234_5678)
        #expect(try g.get(.epc) == 0x4000_1018)
        #expect(try g.get(.cause) == 8)
    }

    /// A store through an entry without D to where there is no memory: the kernel maps first, and fails.
    @Test func storeToNothingIsNotModified() throws {
        let g = try KernelGuest([0x4200_0002, 0x3C02_0010, 0xAC40_0000])
        try g.set(.entryHi, 0x10_0000)
        try g.set(.pageMask, 0x6000)
        try g.set(.entryLo0, 0x1400_0000 >> 6 | 2)
        #expect(try g.run() == nil)
    }

    /// Any id of 128 bits can be set, without effect.
    @Test func wideRegistersAreAccepted() throws {
        let g = try KernelGuest([0])
        try g.machine.vcpu.setRegister(.vec128(1), 5)
    }

    /// KVM keeps FCSR as the user wrote it, until the FPU has it.
    @Test func floatingPointControlIsStoredWhole() throws {
        let g = try KernelGuest([0x4442_F800])  // cfc1 v0, $31
        try g.set(.fcrCSR, 0x0040_0001)
        #expect(try g.get(.fcrCSR) == 0x0040_0001)
        try g.set(.status, 1 << 29)
        #expect(try g.run() == KernelGuest.end)
        #expect(try g.get(.gpr(2)) == 1)
    }
}

/// A few instructions at guest-physical 0x1000 of a trap-and-emulate guest. Its exception vector and its end report
/// by a store.
final class KernelGuest {
    static let vector: UInt64 = 0x1400_0008
    static let end: UInt64 = 0x1400_000C
    let machine: BareMachine

    init(_ words: [UInt32]) throws {
        machine = try BareMachine(
            profile: .te510, clock: .virtual(start: 1_000_000_000, nanosecondsPerInstruction: 10, realtime: 0),
            ramSize: 1 << 20)
        machine.write(SmallProgram.bytes(words + [0x3C1A_B400, 0xAF40_000C]), at: 0x1000)
        machine.write(SmallProgram.bytes([0x3C1A_B400, 0xAF40_0008]), at: 0x180)
        try set(.status, 0)
        try set(.pc, 0x4000_1000)
    }

    func set(_ id: RegisterID, _ value: UInt64) throws { try machine.vcpu.setRegister(id, value) }
    func get(_ id: RegisterID) throws -> UInt64 { try machine.vcpu.register(id) }

    /// The guest-physical address the guest stores to first; nil for an internal error.
    func run() throws -> UInt64? {
        switch try machine.vcpu.run() {
        case .mmio(let access): return access.address
        case .internalError: return nil
        case let exit: throw BareMachine.Surprise(text: "\(exit)")
        }
    }
}
