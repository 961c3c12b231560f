// Instructions one by one where the manual (Volume II-A) is easily misread, with results worked out by hand.

import Hypervisor
import MIPS
import Simulator
import Testing

/// One instruction (or a few), what goes in and what comes out. Registers by number; 32 is HI, 33 LO.
private struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    var words: [UInt32]
    var before: [Int: UInt32] = [:]
    var after: [Int: UInt32]
    var testDescription: String { name }
}

/// op rs, rt, rd with SPECIAL function.
private func special(_ function: UInt32, rs: UInt32 = 4, rt: UInt32 = 5, rd: UInt32 = 2, sa: UInt32 = 0) -> UInt32 {
    rs << 21 | rt << 16 | rd << 11 | sa << 6 | function
}

/// INS or EXT of rt = $2, rs = $4.
private func bitField(_ function: UInt32, position: UInt32, rd: UInt32) -> UInt32 {
    0x7C00_0000 | 4 << 21 | 2 << 16 | rd << 11 | position << 6 | function
}

private let readHI: UInt32 = 0x0000_3010  // mfhi a2
private let readLO: UInt32 = 0x0000_3812  // mflo a3

/// mthi t0; mtlo t1; the instruction; mfhi a2; mflo a3.
private func accumulator(_ name: String, _ word: UInt32, _ a: UInt32, _ b: UInt32, from: UInt64 = 0, _ result: UInt64)
    -> Case
{
    Case(
        name: name, words: [0x0100_0011, 0x0120_0013, word, readHI, readLO],
        before: [4: a, 5: b, 8: UInt32(from >> 32), 9: UInt32(truncatingIfNeeded: from)],
        after: [6: UInt32(result >> 32), 7: UInt32(truncatingIfNeeded: result)])
}

private let cases: [Case] = [
    // Bit fields: EXT carries size - 1 in rd, INS the highest bit.
    Case(
        name: "ext whole word", words: [bitField(0, position: 0, rd: 31)], before: [4: 0x89AB_CDEF],
        after: [2: 0x89AB_CDEF]),
    Case(name: "ext top bit", words: [bitField(0, position: 31, rd: 0)], before: [4: 0x8000_0000], after: [2: 1]),
    Case(name: "ext middle", words: [bitField(0, position: 8, rd: 11)], before: [4: 0x89AB_CDEF], after: [2: 0xBCD]),
    Case(
        name: "ins whole word", words: [bitField(4, position: 0, rd: 31)], before: [2: 0x1111_1111, 4: 0x89AB_CDEF],
        after: [2: 0x89AB_CDEF]),
    Case(
        name: "ins top bit", words: [bitField(4, position: 31, rd: 31)], before: [2: 0x1111_1111, 4: 1],
        after: [2: 0x9111_1111]),
    Case(
        name: "ins middle takes low bits", words: [bitField(4, position: 8, rd: 19)],
        before: [2: 0x1111_1111, 4: 0xF_FABC],
        after: [2: 0x111A_BC11]),
    Case(name: "wsbh", words: [0x7C04_10A0], before: [4: 0x1122_3344], after: [2: 0x2211_4433]),
    Case(name: "seb", words: [0x7C04_1420], before: [4: 0x1122_3380], after: [2: 0xFFFF_FF80]),
    Case(name: "clz of zero", words: [0x7082_1020], before: [4: 0], after: [2: 32]),
    Case(name: "clo of ones", words: [0x7082_1021], before: [4: 0xFFFF_FFFF], after: [2: 32]),
    // Variable shifts look at five bits; ROTRV by 0 is the value itself.
    Case(name: "sllv by 33", words: [special(4)], before: [4: 33, 5: 0x4000_0001], after: [2: 0x8000_0002]),
    Case(name: "srav by 31", words: [special(7)], before: [4: 31, 5: 0x8000_0000], after: [2: 0xFFFF_FFFF]),
    Case(name: "rotrv by 32", words: [special(6, sa: 1)], before: [4: 32, 5: 0x1234_5678], after: [2: 0x1234_5678]),
    Case(name: "rotr by 4", words: [0x0025_1102], before: [5: 0x1234_5678], after: [2: 0x8123_4567]),
    // Comparisons with a sign-extended immediate, the unsigned one too.
    Case(name: "sltiu -1", words: [0x2C82_FFFF], before: [4: 0xFFFF_FFFE], after: [2: 1]),
    Case(name: "slti -1", words: [0x2882_FFFF], before: [4: 0x8000_0000], after: [2: 1]),
    Case(name: "movz to the same", words: [special(0x0A)], before: [2: 7, 4: 9, 5: 1], after: [2: 7]),
    Case(
        name: "writes to zero vanish", words: [special(0x21, rd: 0), special(0x25, rs: 0, rt: 0)],
        before: [4: 5, 5: 6], after: [2: 0]),
    // The accumulator wraps at 64 bits.
    accumulator("mult", special(0x18, rd: 0), 0xFFFF_FFFF, 2, 0xFFFF_FFFF_FFFF_FFFE),
    accumulator("multu", special(0x19, rd: 0), 0xFFFF_FFFF, 2, 0x1_FFFF_FFFE),
    accumulator("mult corner", special(0x18, rd: 0), 0x8000_0000, 0x8000_0000, 0x4000_0000_0000_0000),
    accumulator("madd wraps", 0x7085_0000, 1, 1, from: 0xFFFF_FFFF_FFFF_FFFF, 0),
    accumulator("madd negative", 0x7085_0000, 0xFFFF_FFFF, 3, from: 2, 0xFFFF_FFFF_FFFF_FFFF),
    accumulator("maddu", 0x7085_0001, 0xFFFF_FFFF, 3, from: 2, 0x2_FFFF_FFFF),
    accumulator("msub wraps", 0x7085_0004, 1, 1, from: 0, 0xFFFF_FFFF_FFFF_FFFF),
    accumulator("msubu", 0x7085_0005, 0xFFFF_FFFF, 1, from: 0, 0xFFFF_FFFF_0000_0001),
    // HI is the remainder, with the sign of the dividend.
    accumulator("div -7 by 2", special(0x1A, rd: 0), 0xFFFF_FFF9, 2, 0xFFFF_FFFF_FFFF_FFFD),
    accumulator("div 7 by -2", special(0x1A, rd: 0), 7, 0xFFFF_FFFE, 0x1_FFFF_FFFD),
    accumulator("div of the lowest by -1", special(0x1A, rd: 0), 0x8000_0000, 0xFFFF_FFFF, 0x8000_0000),
    accumulator("divu", special(0x1B, rd: 0), 0xFFFF_FFF9, 2, 0x1_7FFF_FFFC),
    // Branches: base address 0x80100000.
    Case(
        name: "bltzal not taken links all the same", words: [0x0490_0003, 0, 0], before: [4: 0, 31: 1],
        after: [31: 0x8010_0008]),
    Case(
        name: "bgezal taken", words: [0x0491_0002, 0x2442_0001, 0x2442_0010, 0x2442_0100], before: [2: 0, 4: 0],
        after: [2: 0x101, 31: 0x8010_0008]),
    Case(
        name: "beql not taken nullifies", words: [0x5085_0002, 0x2442_0001, 0x2442_0010], before: [2: 0, 4: 0, 5: 1],
        after: [2: 0x10]),
    Case(
        name: "beql taken runs its slot", words: [0x5085_0002, 0x2442_0001, 0x2442_0010, 0x2442_0100],
        before: [2: 0, 4: 1, 5: 1], after: [2: 0x101]),
    Case(
        name: "jalr: the slot may change the target register",
        words: [0x0080_1009, 0x2404_0000, 0x2403_0001, 0x2463_0010],
        before: [3: 0, 4: 0x8010_000C], after: [2: 0x8010_0008, 3: 0x10, 4: 0]),
]

@Suite struct InstructionTests {
    @Test(arguments: cases)
    fileprivate func result(_ test: Case) throws {
        let p = try SmallProgram(test.words)
        for (n, value) in test.before { try p.set(n, value) }
        try p.run()
        #expect(p.exceptionCode == 8, "exception \(p.exceptionCode) at \(p.epc)")
        for (n, value) in test.after { #expect(try p[n] == value, "$\(n)") }
    }

    /// LWL, LWR, SWL, SWR at each offset, little endian: memory holds 0x44332211, the register 0xDDCCBBAA.
    @Test(
        arguments: [
            (0x22, [0x11CC_BBAA, 0x2211_BBAA, 0x3322_11AA, 0x4433_2211]),
            (0x26, [0x4433_2211, 0xDD44_3322, 0xDDCC_4433, 0xDDCC_BB44]),
            (0x2A, [0x4433_22DD, 0x4433_DDCC, 0x44DD_CCBB, 0xDDCC_BBAA]),
            (0x2E, [0xDDCC_BBAA, 0xCCBB_AA11, 0xBBAA_2211, 0xAA33_2211]),
        ] as [(UInt32, [UInt32])])
    func unaligned(opcode: UInt32, expected: [UInt32]) throws {
        for offset in 0..<4 as Range<UInt32> {
            let p = try SmallProgram([opcode << 26 | 4 << 21 | 2 << 16 | offset, 0x8C83_0000])
            p.machine.write(SmallProgram.bytes([0x4433_2211]), at: 0x2000)
            try p.set(2, 0xDDCC_BBAA)
            try p.set(4, 0x8000_2000)
            try p.run()
            #expect(try p[opcode < 0x28 ? 2 : 3] == expected[Int(offset)], "offset \(offset)")
        }
    }

    /// ADD, ADDI and SUB trap and leave the destination alone; ADDU does not.
    @Test(
        arguments: [
            (special(0x20), 0x7FFF_FFFF, 1, 12), (special(0x22), 0x8000_0000, 1, 12), (0x2082_0001, 0x7FFF_FFFF, 0, 12),
            (special(0x21), 0x7FFF_FFFF, 1, 8), (special(0x20), 0xFFFF_FFFF, 1, 8),
        ] as [(UInt32, UInt32, UInt32, UInt32)])
    func overflow(word: UInt32, a: UInt32, b: UInt32, code: UInt32) throws {
        let p = try SmallProgram([word])
        try p.set(2, 0x5A5A_5A5A)
        try p.set(4, a)
        try p.set(5, b)
        try p.run()
        #expect(p.exceptionCode == code)
        if code == 12 { #expect(try p[2] == 0x5A5A_5A5A) }
    }

    /// SC stores once after an LL, and not again.
    @Test func loadLinked() throws {
        // ll v0; addiu v1, v0, 1; sc v1; addiu a1, zero, 9; sc a1; lw a2
        let p = try SmallProgram([0xC082_0000, 0x2443_0001, 0xE083_0000, 0x2405_0009, 0xE085_0000, 0x8C86_0000])
        p.machine.write(SmallProgram.bytes([41]), at: 0x2000)
        try p.set(4, 0x8000_2000)
        try p.run()
        #expect(try p[2] == 41)
        #expect(try p[3] == 1)
        #expect(try p[5] == 0)
        #expect(try p[6] == 42)
    }

    /// A fault in a delay slot: EPC is the branch, BD is set, and the link is already written.
    @Test func faultInDelaySlot() throws {
        let p = try SmallProgram([0, 0x0C04_0010, 0x8C82_0001])  // nop; jal; lw v0, 1(a0)
        try p.set(4, 0x8000_2000)
        try p.run()
        #expect(p.exceptionCode == 4)
        #expect(p.cause >> 31 == 1)
        #expect(p.epc == 0x8010_0004)
        #expect(p.badVAddr == 0x8000_2001)
        #expect(try p[31] == 0x8010_000C)
    }

    /// A branch in the last word of a page whose successor has no translation: the refill is the branch's, in its slot. A likely
    /// one that is not taken does not need its slot.
    @Test(arguments: [(0x1000_0001, 0x0000_2FFC, 1), (0x5400_0001, 0x0000_3004, 0)] as [(UInt32, UInt32, UInt32)])
    func delaySlotOnAMissingPage(branch: UInt32, epc: UInt32, bd: UInt32) throws {
        // Virtual page 2 is physical page 2; page 3 is invalid.
        let p = try SmallProgram([
            0x2402_2000, 0x4082_5000,  // EntryHi = 0x2000
            0x2403_009F, 0x4083_1000,  // EntryLo0: frame 2, D, V, G
            0x2403_0001, 0x4083_1800,  // EntryLo1: G
            0x4200_0002,  // tlbwi
            0x2404_2FFC, 0x0080_0008, 0,  // jr 0x2ffc
        ])
        p.machine.write(SmallProgram.bytes([branch]), at: 0x2FFC)
        try p.run()
        #expect(p.exceptionCode == 2)
        #expect(p.epc == epc)
        #expect(p.cause >> 31 == bd)
        #expect(p.badVAddr == (bd == 1 ? 0x3000 : 0x3004))
    }

    /// Every page size: both halves go to their frames, one byte before and behind does not match.
    @Test(arguments: 0..<9 as Range<UInt32>)
    func pageMask(step: UInt32) throws {
        let mask = ((1 << (2 * step)) &- 1) << 13 as UInt32
        let half = ((mask | 0x1FFF) &+ 1) >> 1
        // Even half: frame 0 (RAM at 0), odd half likewise; the word at physical 0x2000 modulo the page is read through both.
        let start = (UInt32(0x2000_0000) / (2 * half) * (2 * half))
        let inPage = min(half - 4, 0x2000)
        for (address, code) in [
            (start + inPage, 8), (start + half + inPage, 8), (start &- 4, 2), (start + 2 * half, 2),
        ] as [(UInt32, UInt32)] {
            let p = try SmallProgram([
                0x4084_2800,  // mtc0 a0, PageMask
                0x4085_5000,  // mtc0 a1, EntryHi
                0x2402_001F, 0x4082_1000, 0x4082_1800,  // EntryLo0 and 1: frame 0, D, V, G
                0x4200_0002,  // tlbwi
                0x8CC3_0000,  // lw v1, 0(a2)
            ])
            p.machine.write(SmallProgram.bytes([0x600D_600D]), at: Int(inPage))
            try p.set(4, mask)
            try p.set(5, start)
            try p.set(6, address)
            try p.run()
            #expect(p.exceptionCode == code, "mask \(mask), address \(address)")
            if code == 8 { #expect(try p[3] == 0x600D_600D) } else { #expect(p.badVAddr == address) }
        }
    }

    /// Code that has run is replaced: with SYNCI as the manual asks for, and without, which the simulator sees as well.
    @Test(arguments: [true, false])
    func selfModifyingCode(synci: Bool) throws {
        let p = try SmallProgram([
            0x0C04_0040, 0,  // jal 0x80100100
            0x0040_1821,  // addu v1, v0, zero
            0xAC85_0100,  // sw a1, 0x100(a0)
            synci ? 0x049F_0100 : 0,  // synci 0x100(a0)
            0x0C04_0040, 0,  // jal 0x80100100
        ])
        p.machine.write(SmallProgram.bytes([0x2402_0001, 0x03E0_0008, 0]), at: 0x10_0100)
        try p.set(4, 0x8010_0000)
        try p.set(5, 0x2402_0002)
        try p.run()
        #expect(try p[3] == 1)
        #expect(try p[2] == 2)
    }
}
