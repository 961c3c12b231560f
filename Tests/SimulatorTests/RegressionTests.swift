// What the comparison with another processor (Tests/Differential/cpu) or a user once found wrong, each as a small program of its
// own. A test here fails without the change that it came with.

import Hypervisor
import MIPS
import Simulator
import Testing

@Suite struct RegressionTests {
    /// A 24Kf keeps 20 bits of a page frame number: EntryLo bits 31 to 26 read as zero.
    @Test func entryLoHoldsTwentyBitsOfFrameNumber() throws {
        let p = try SmallProgram([
            0x2402_FFFF,  // addiu v0, zero, -1
            0x4082_1000,  // mtc0 v0, EntryLo0
            0x4082_1800,  // mtc0 v0, EntryLo1
            0x4003_1000,  // mfc0 v1, EntryLo0
            0x4004_1800,  // mfc0 a0, EntryLo1
        ])
        try p.run()
        #expect(try p[3] == 0x03FF_FFFF)
        #expect(try p[4] == 0x03FF_FFFF)
    }

    /// Coprocessor Unusable goes before Reserved Instruction: a coprocessor 1 word that is no instruction, with CU1 clear.
    @Test(arguments: [0x4600_0014, 0x4EC0_003F] as [UInt32])
    func unusableGoesBeforeReserved(word: UInt32) throws {
        #expect(Instruction(decoding: word) == .reserved)
        let without = try SmallProgram([word], status: 0)
        try without.run()
        #expect(without.exceptionCode == 11)
        #expect(without.cause >> 28 & 3 == 1)
        let with = try SmallProgram([word], status: 1 << 29)
        try with.run()
        #expect(with.exceptionCode == 10)
    }

    /// In user mode every coprocessor 0 word is unusable, also one that is no instruction.
    @Test func reservedCoprocessor0WordInUserMode() throws {
        // The program goes to user mode through ERET with the reserved word at virtual 0x2000, mapped by TLB entry 0.
        let p = try SmallProgram([
            0x2402_2000,  // addiu v0, zero, 0x2000
            0x4082_5000,  // mtc0 v0, EntryHi
            0x4082_7000,  // mtc0 v0, EPC
            0x2403_009F,  // addiu v1, zero, 0x9f: frame 2, cached, D, V, G
            0x4083_1000,  // mtc0 v1, EntryLo0
            0x4083_1800,  // mtc0 v1, EntryLo1
            0x4200_0002,  // tlbwi
            0x2404_0012,  // addiu a0, zero, 0x12: UM and EXL
            0x4084_6000,  // mtc0 a0, Status
            0x4200_0018,  // eret
        ])
        p.machine.write(SmallProgram.bytes([0x4200_0005]), at: 0x2000)
        #expect(Instruction(decoding: 0x4200_0005) == .reserved)
        try p.run()
        #expect(p.exceptionCode == 11)
        #expect(p.cause >> 28 & 3 == 0)
    }

    /// SDC1 over two instructions changes both, even if the second one starts a block of its own.
    @Test func doubleStoreOverCodeChangesBothWords() throws {
        let target: UInt32 = 0x8010_0100
        let p = try SmallProgram(
            [
                0x0C04_0041,  // jal 0x80100104: the second word, as a block of its own
                0x0000_0000,
                0x0040_1821,  // addu v1, v0, zero: what it gave
                0x3C08_8010,  // lui t0, 0x8010
                0xD500_0200,  // ldc1 f0, 0x200(t0)
                0xF500_0100,  // sdc1 f0, 0x100(t0)
                0x0C04_0041,  // jal 0x80100104
                0x0000_0000,
            ], status: 1 << 29)
        let routine: [UInt32] = [0x2402_0001, 0x2402_0002, 0x03E0_0008, 0]
        p.machine.write(SmallProgram.bytes(routine), at: Int(target & 0x1FFF_FFFF))
        p.machine.write(SmallProgram.bytes([0x2402_0003, 0x2402_0004]), at: 0x10_0200)
        try p.run()
        #expect(try p[3] == 2)
        #expect(try p[2] == 4)
    }

    /// A branch that was decoded elsewhere before goes where it leads from here, and in a delay slot it is reserved.
    @Test func oneBranchInThreePlaces() throws {
        let p = try SmallProgram(
            [
                0x1000_0002,  // b to the second next
                0x0000_0000,
                0x2442_0001,  // addiu v0, v0, 1: left out
                0x1000_0002,  // b to the second next
                0x0000_0000,
                0x2442_0002,  // addiu v0, v0, 2: left out
                0x2442_0004,  // addiu v0, v0, 4
                0x0C04_000B,  // jal to the second next
                0x0000_0000,
                0x0000_0000,
                0x0000_0000,
                0x2442_0008,  // addiu v0, v0, 8
                0x1400_0002,  // bne zero, zero
                0x1000_0002,  // b, in its delay slot
            ])
        try p.run()
        #expect(try p[2] == 12)
        #expect(try p[31] == SmallProgram.start + 36)
        #expect(p.exceptionCode == 10)
        #expect(p.epc == SmallProgram.start + 48)
        #expect(p.cause >> 31 == 1)
    }

    /// ERET that clears ERL maps KUSEG again: what was loaded while it was unmapped is a TLB refill now.
    @Test(arguments: [Engine.interpreted, .standard])
    func eretMapsTheUserSegmentAgain(engine: Engine) throws {
        let p = try SmallProgram(
            [
                0x8C03_2000,  // lw v1, 0x2000(zero)
                0x3C02_8010,  // lui v0, 0x8010
                0x2442_0014,  // addiu v0, v0, 0x14
                0x4082_F000,  // mtc0 v0, ErrorEPC
                0x4200_0018,  // eret
                0x8C04_2000,  // lw a0, 0x2000(zero)
            ], status: 1 << 2, engine: engine)
        p.machine.write(SmallProgram.bytes([7]), at: 0x2000)
        try p.run()
        #expect(try p[3] == 7)
        #expect(p.exceptionCode == 2)
        #expect(p.badVAddr == 0x2000)
    }
}

/// A few instructions in KSEG0 on a bare machine. An exception, or the end, reaches a handler that keeps Cause, EPC and
/// BadVAddr in RAM and switches the machine off.
final class SmallProgram {
    let machine: BareMachine
    static let start: UInt32 = 0x8010_0000
    static let handler: [UInt32] = [
        0x3C1A_8000,  // lui k0, 0x8000
        0x401B_6800,  // mfc0 k1, Cause
        0xAF5B_0800,  // sw k1, 0x800(k0)
        0x401B_7000,  // mfc0 k1, EPC
        0xAF5B_0804,  // sw k1, 0x804(k0)
        0x401B_4000,  // mfc0 k1, BadVAddr
        0xAF5B_0808,  // sw k1, 0x808(k0)
        0x3C1A_B000,  // lui k0, 0xb000
        0xAF5A_2000,  // sw k0, 0x2000(k0): off
    ]

    static func bytes(_ words: [UInt32]) -> [UInt8] {
        words.flatMap { w in (0..<4).map { UInt8(truncatingIfNeeded: w >> UInt32($0 * 8)) } }
    }

    /// `words` at `SmallProgram.start`, a system call behind them.
    init(
        _ words: [UInt32], status: UInt32 = 0, engine: Engine = .interpreted,
        clock: ClockSource = .virtual(start: 1_000_000_000, nanosecondsPerInstruction: 10, realtime: 0)
    ) throws {
        machine = try BareMachine(profile: .vz, clock: clock, ramSize: 4 << 20, engine: engine)
        machine.write(Self.bytes(words + [0x0000_000C]), at: Int(Self.start & 0x1FFF_FFFF))
        for vector in [0, 0x180] { machine.write(Self.bytes(Self.handler), at: vector) }
        try machine.vcpu.setRegister(.status, UInt64(status))
        try machine.vcpu.setRegister(.pc, UInt64(bitPattern: Int64(Int32(bitPattern: Self.start))))
    }

    func run() throws { try machine.run() }

    /// A GPR after the run.
    subscript(_ n: Int) -> UInt32 {
        get throws { UInt32(truncatingIfNeeded: try machine.vcpu.register(.gpr(n))) }
    }

    /// Sets a GPR before the run.
    func set(_ n: Int, _ value: UInt32) throws { try machine.vcpu.setRegister(.gpr(n), UInt64(value)) }

    var cause: UInt32 { machine.word(at: 0x800) }
    var epc: UInt32 { machine.word(at: 0x804) }
    var badVAddr: UInt32 { machine.word(at: 0x808) }
    var exceptionCode: UInt32 { cause >> 2 & 31 }
}
