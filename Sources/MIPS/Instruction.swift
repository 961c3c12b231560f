// The instructions of MIPS32 release 2, one case each.

/// An instruction of MIPS32 release 2, without its operands.
///
/// Cases carry the mnemonic of Manual Volume II-A (MD00086) in lower case, a dot written as an underscore. Operands are
/// read from the word itself (``InstructionWord``); what each instruction is and does is in ``facts``.
///
/// Encodings the manual treats as uses of another instruction have no case: `nop`, `ssnop`, `ehb` and `pause` are
/// `sll` into register 0, `jalr.hb` and `jr.hb` are `jalr` and `jr` with a hint, `b` and `bal` are `beq` and `bgezal`.
/// Raw values are dense, start at 0, and may index tables; they are not stable between versions and never stored.
public enum Instruction: UInt8, CaseIterable, Sendable {
    // Special encodings

    /// An encoding this architecture does not define: raises Reserved Instruction.
    case reserved
    /// Coprocessor 2 is absent: these raise Coprocessor Unusable with CE = 2. `cop2` is any operation or transfer.
    case cop2, ldc2, lwc2, sdc2, swc2

    // Arithmetic and logic (CPU)

    case add, addi, addiu, addu, and, andi, clo, clz, div, divu, lui, madd, maddu, movf, movn, movt, movz, mfhi,
        mflo, msub, msubu, mthi, mtlo, mul, mult, multu, nor, or, ori, slt, slti, sltiu, sltu, sub, subu, xor, xori

    // Shifts, rotates, bit fields

    case ext, ins, rotr, rotrv, seb, seh, sll, sllv, sra, srav, srl, srlv, wsbh

    // Branches and jumps

    case beq, beql, bgez, bgezal, bgezall, bgezl, bgtz, bgtzl, blez, blezl, bltz, bltzal, bltzall, bltzl, bne, bnel,
        j, jal, jalr, jr

    // Loads, stores, memory control

    case lb, lbu, lh, lhu, ll, lw, lwl, lwr, pref, sb, sc, sh, sw, swl, swr, sync, synci

    // Traps, system calls, breakpoints

    case `break`, sdbbp, syscall, teq, teqi, tge, tgei, tgeiu, tgeu, tlt, tlti, tltiu, tltu, tne, tnei

    // Privileged, and the hardware registers

    // `dmfc0` and `dmtc0` exist on 64-bit processors only; they are recognized because kernels name them, and a
    // 32-bit processor raises Reserved Instruction. `hypcall` belongs to the virtualization module.

    case cache, deret, di, dmfc0, dmtc0, ei, eret, hypcall, mfc0, mtc0, rdhwr, rdpgpr, tlbp, tlbr, tlbwi, tlbwr,
        wait, wrpgpr

    // Floating point: transfers, loads, stores, branches

    case bc1f, bc1fl, bc1t, bc1tl, cfc1, ctc1, ldc1, ldxc1, luxc1, lwc1, lwxc1, mfc1, mfhc1, mtc1, mthc1, prefx,
        sdc1, sdxc1, suxc1, swc1, swxc1

    // Floating point: arithmetic

    case abs_s, abs_d, add_s, add_d, c_s, c_d, div_s, div_d, madd_s, madd_d, msub_s, msub_d, mul_s, mul_d, neg_s,
        neg_d, nmadd_s, nmadd_d, nmsub_s, nmsub_d, recip_s, recip_d, rsqrt_s, rsqrt_d, sqrt_s, sqrt_d, sub_s, sub_d

    // Floating point: moves

    case mov_s, mov_d, movf_s, movf_d, movn_s, movn_d, movt_s, movt_d, movz_s, movz_d

    // Floating point: conversions

    case ceil_l_s, ceil_l_d, ceil_w_s, ceil_w_d, cvt_d_s, cvt_d_w, cvt_d_l, cvt_l_s, cvt_l_d, cvt_s_d, cvt_s_w,
        cvt_s_l, cvt_w_s, cvt_w_d, floor_l_s, floor_l_d, floor_w_s, floor_w_d, round_l_s, round_l_d, round_w_s,
        round_w_d, trunc_l_s, trunc_l_d, trunc_w_s, trunc_w_d
}
