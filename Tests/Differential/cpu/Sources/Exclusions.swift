// What programs do not contain, and why: places where the manual leaves the outcome open, or where the two machines differ on
// purpose.

import MIPS

/// Left out because the architecture manual (Volumes I to III) calls the outcome UNPREDICTABLE or leaves it to the part:
///
/// - branches and ERET in delay slots; JALR with rd = rs; linking branches that test register 31;
/// - division by zero (the divisor is made odd first);
/// - EXT and INS with sizes that do not fit;
/// - SC without an LL of the same address before it; QEMU then fails it before it looks at the address, the simulator after;
/// - Index after a TLBP without a match (only its P bit is looked at);
/// - PageMask values that are not pairs of ones from the bottom, TLB entries that overlap;
/// - EntryHi.VPN2 and Context.BadVPN2 after an address error;
/// - LUXC1, SUXC1 and the 64-bit integer formats with Status.FR clear;
/// - changing Status.FR, which makes all FPRs unpredictable;
/// - Count, Compare, Random, TLBWR: time and chance;
/// - hint CACHE operations, Config, cache tags: implementation-defined.
///
/// Left out because the machines differ on purpose:
///
/// - jalx and odd jump targets enter MIPS16 on QEMU's 24Kf, which the simulated part does not have;
/// - reserved words of the opcode that was MDMX do nothing on QEMU; here they are reserved;
/// - QEMU fetches the slot of a likely branch on the next page even if it is not taken, and knows no delay slot behind a branch
///   whose operands alone decide that it is not taken (`bltz $zero`);
/// - SYNCI at an address without a translation: QEMU never faults;
/// - two reserved functions of SPECIAL are calls of old simulators to QEMU;
/// - coprocessor 1 words of unknown formats with CU1 clear: the manual wants Coprocessor Unusable, QEMU Reserved Instruction;
/// - coprocessor 2, TLB instructions and WAIT with bits that should be zero: the order of checks differs;
/// - DERET, SDBBP: no debug mode here; HYPCALL: none there;
/// - ABS and NEG of a format are arithmetic by the manual (FCSR.ABS2008 is clear): they write FCSR.Cause and trap on
///   signaling NaNs. On QEMU they only change the sign. Tests/Differential/fpu compares their results;
/// - WAIT: nothing would wake it.
/// - UserLocal and RDHWR 29: QEMU's 24Kf has no Config3.ULRI; RDHWR 2 (Count) is time.
/// - words whose must-be-zero fields are not zero, except as the seldom random words of user mode.
enum Exclusions {
    static let instructions: Set<Instruction> = [
        .reserved, .cop2, .lwc2, .swc2, .ldc2, .sdc2, .deret, .sdbbp, .hypcall, .wait, .cache, .tlbwr, .tlbwi, .tlbp,
        .tlbr, .dmfc0, .dmtc0, .mfc0, .mtc0, .eret, .rdhwr, .div, .divu, .jr, .jalr, .ll, .sc, .ei, .di,
        .abs_s, .abs_d, .neg_s, .neg_d, .synci,
    ]

    /// Unpredictable unless Status.FR is set.
    static let needsWideRegisters: Set<Instruction> = [
        .luxc1, .suxc1, .cvt_l_s, .cvt_l_d, .cvt_s_l, .cvt_d_l, .round_l_s, .round_l_d, .trunc_l_s, .trunc_l_d,
        .ceil_l_s,
        .ceil_l_d, .floor_l_s, .floor_l_d,
    ]

    /// May a random word stand in a program of user mode as it is?
    static func allowsRandom(_ word: UInt32, status: UInt32) -> Bool {
        let opcode = word >> 26
        let fr = status & 1 << 26 != 0
        // jalx and MDMX
        if opcode == 0x1D || opcode == 0x1E { return false }
        let instruction = Instruction(decoding: word)
        let traits = instruction.traits
        if traits.contains(.branch) || !fr && needsWideRegisters.contains(instruction) { return false }
        if instruction == .reserved { return allowsReserved(word, status) }
        // Bits that should be zero.
        if word & ~(instruction.facts.encoding.mask | instruction.facts.format.operandMask) != 0 { return false }
        if !fr, traits.contains(.fpu) { return false }
        return !instructions.contains(instruction) || [.eret, .mfc0, .tlbp, .tlbr, .tlbwi].contains(instruction)
    }

    private static func allowsReserved(_ word: UInt32, _ status: UInt32) -> Bool {
        switch word >> 26 {
        // Calls of the PMON and SPIM simulators.
        case 0 where [0x05, 0x0E].contains(word & 0x3F): false
        // Some are reserved only because bits that should be zero are not.
        case 0, 0x1C, 0x1F: Instruction(decoding: word & 0xFFFF_003F) == .reserved
        // Coprocessor Unusable goes first, which QEMU does not do for all formats of coprocessor 1.
        case 0x10, 0x12, 0x32, 0x36, 0x3A, 0x3E: false
        // Nor does it need MIPS-3D for that extension's comparisons.
        case 0x11, 0x13: status & 1 << 29 != 0 && word & 0x70 != 0x70
        default: true
        }
    }
}
