// Which function executes which instruction: the interpreter's column of the instruction list.
//
// The switch is exhaustive, so an instruction added to module MIPS does not compile until it is handled here.

import MIPS

/// What a handler is called with: the memory behind `Core`, and the op.
private typealias State = UnsafeMutableRawPointer
private typealias Code = UnsafeRawPointer

/// The handler of `instruction`: one C function each, that ends in a jump to the next op's handler. (They are functions and not
/// closures because the optimizer folds an always-inlined function into its C entry, but leaves a closure one jump away: a tenth of the
/// interpreter's speed.)
func handler(_ instruction: Instruction) -> Handler {
    switch instruction {
    case .addiu: unsafe run_addiu
    case .addu: unsafe run_addu
    case .subu: unsafe run_subu
    case .and: unsafe run_and
    case .or: unsafe run_or
    case .xor: unsafe run_xor
    case .nor: unsafe run_nor
    case .andi: unsafe run_andi
    case .ori: unsafe run_ori
    case .xori: unsafe run_xori
    case .lui: unsafe run_lui
    case .slt: unsafe run_slt
    case .sltu: unsafe run_sltu
    case .slti: unsafe run_slti
    case .sltiu: unsafe run_sltiu
    case .sll: unsafe run_sll
    case .srl: unsafe run_srl
    case .sra: unsafe run_sra
    case .sllv: unsafe run_sllv
    case .srlv: unsafe run_srlv
    case .srav: unsafe run_srav
    case .rotr: unsafe run_rotr
    case .rotrv: unsafe run_rotrv
    case .clz: unsafe run_clz
    case .clo: unsafe run_clo
    case .seb: unsafe run_seb
    case .seh: unsafe run_seh
    case .wsbh: unsafe run_wsbh
    case .ext: unsafe run_ext
    case .ins: unsafe run_ins
    case .movz: unsafe run_movz
    case .movn: unsafe run_movn
    case .movf: unsafe run_movf
    case .movt: unsafe run_movt
    case .mfhi: unsafe run_mfhi
    case .mflo: unsafe run_mflo
    case .mthi: unsafe run_mthi
    case .mtlo: unsafe run_mtlo
    case .mult: unsafe run_mult
    case .multu: unsafe run_multu
    case .madd: unsafe run_madd
    case .maddu: unsafe run_maddu
    case .msub: unsafe run_msub
    case .msubu: unsafe run_msubu
    case .mul: unsafe run_mul
    case .div: unsafe run_div
    case .divu: unsafe run_divu
    case .rdpgpr: unsafe run_rdpgpr
    case .wrpgpr: unsafe run_wrpgpr
    case .mov_s: unsafe run_mov_s
    case .mov_d: unsafe run_mov_d
    case .movf_s: unsafe run_movf_s
    case .movf_d: unsafe run_movf_d
    case .movt_s: unsafe run_movt_s
    case .movt_d: unsafe run_movt_d
    case .movn_s: unsafe run_movn_s
    case .movn_d: unsafe run_movn_d
    case .movz_s: unsafe run_movz_s
    case .movz_d: unsafe run_movz_d
    case .mfc1: unsafe run_mfc1
    case .mtc1: unsafe run_mtc1
    case .mfhc1: unsafe run_mfhc1
    case .mthc1: unsafe run_mthc1
    case .cfc1: unsafe run_cfc1
    case .add: unsafe run_add
    case .addi: unsafe run_addi
    case .sub: unsafe run_sub
    case .beq: unsafe run_beq
    case .bne: unsafe run_bne
    case .blez: unsafe run_blez
    case .bgtz: unsafe run_bgtz
    case .bltz: unsafe run_bltz
    case .bgez: unsafe run_bgez
    case .beql: unsafe run_beql
    case .bnel: unsafe run_bnel
    case .blezl: unsafe run_blezl
    case .bgtzl: unsafe run_bgtzl
    case .bltzl: unsafe run_bltzl
    case .bgezl: unsafe run_bgezl
    case .bltzal: unsafe run_bltzal
    case .bgezal: unsafe run_bgezal
    case .bltzall: unsafe run_bltzall
    case .bgezall: unsafe run_bgezall
    case .j: unsafe run_j
    case .jal: unsafe run_jal
    case .jr: unsafe run_jr
    case .jalr: unsafe run_jalr
    case .bc1t: unsafe run_bc1t
    case .bc1f: unsafe run_bc1f
    case .bc1tl: unsafe run_bc1tl
    case .bc1fl: unsafe run_bc1fl
    case .lb: unsafe run_lb
    case .lbu: unsafe run_lbu
    case .lh: unsafe run_lh
    case .lhu: unsafe run_lhu
    case .lw: unsafe run_lw
    case .sb: unsafe run_sb
    case .sh: unsafe run_sh
    case .sw: unsafe run_sw
    case .lwl: unsafe run_lwl
    case .lwr: unsafe run_lwr
    case .swl: unsafe run_swl
    case .swr: unsafe run_swr
    case .ll: unsafe run_ll
    case .sc: unsafe run_sc
    case .teq: unsafe run_teq
    case .tne: unsafe run_tne
    case .tge: unsafe run_tge
    case .tgeu: unsafe run_tgeu
    case .tlt: unsafe run_tlt
    case .tltu: unsafe run_tltu
    case .teqi: unsafe run_teqi
    case .tnei: unsafe run_tnei
    case .tgei: unsafe run_tgei
    case .tgeiu: unsafe run_tgeiu
    case .tlti: unsafe run_tlti
    case .tltiu: unsafe run_tltiu
    case .syscall: unsafe run_syscall
    case .`break`: unsafe run_break
    case .mfc0: unsafe run_mfc0
    case .mtc0: unsafe run_mtc0
    case .dmfc0: unsafe run_dmfc0
    case .dmtc0: unsafe run_dmtc0
    case .ei: unsafe run_ei
    case .di: unsafe run_di
    case .eret: unsafe run_eret
    case .wait: unsafe run_wait
    case .hypcall: unsafe run_hypcall
    case .cache: unsafe run_cache
    case .synci: unsafe run_synci
    case .tlbp: unsafe run_tlbp
    case .tlbr: unsafe run_tlbr
    case .tlbwi: unsafe run_tlbwi
    case .tlbwr: unsafe run_tlbwr
    case .rdhwr: unsafe run_rdhwr
    case .add_s: unsafe run_add_s
    case .add_d: unsafe run_add_d
    case .sub_s: unsafe run_sub_s
    case .sub_d: unsafe run_sub_d
    case .mul_s: unsafe run_mul_s
    case .mul_d: unsafe run_mul_d
    case .div_s: unsafe run_div_s
    case .div_d: unsafe run_div_d
    case .sqrt_s: unsafe run_sqrt_s
    case .sqrt_d: unsafe run_sqrt_d
    case .recip_s: unsafe run_recip_s
    case .recip_d: unsafe run_recip_d
    case .rsqrt_s: unsafe run_rsqrt_s
    case .rsqrt_d: unsafe run_rsqrt_d
    case .abs_s: unsafe run_abs_s
    case .abs_d: unsafe run_abs_d
    case .neg_s: unsafe run_neg_s
    case .neg_d: unsafe run_neg_d
    case .madd_s: unsafe run_madd_s
    case .madd_d: unsafe run_madd_d
    case .msub_s: unsafe run_msub_s
    case .msub_d: unsafe run_msub_d
    case .nmadd_s: unsafe run_nmadd_s
    case .nmadd_d: unsafe run_nmadd_d
    case .nmsub_s: unsafe run_nmsub_s
    case .nmsub_d: unsafe run_nmsub_d
    case .cvt_s_d: unsafe run_cvt_s_d
    case .cvt_s_w: unsafe run_cvt_s_w
    case .cvt_s_l: unsafe run_cvt_s_l
    case .cvt_d_s: unsafe run_cvt_d_s
    case .cvt_d_w: unsafe run_cvt_d_w
    case .cvt_d_l: unsafe run_cvt_d_l
    case .cvt_w_s: unsafe run_cvt_w_s
    case .cvt_w_d: unsafe run_cvt_w_d
    case .cvt_l_s: unsafe run_cvt_l_s
    case .cvt_l_d: unsafe run_cvt_l_d
    case .round_w_s: unsafe run_round_w_s
    case .round_w_d: unsafe run_round_w_d
    case .round_l_s: unsafe run_round_l_s
    case .round_l_d: unsafe run_round_l_d
    case .trunc_w_s: unsafe run_trunc_w_s
    case .trunc_w_d: unsafe run_trunc_w_d
    case .trunc_l_s: unsafe run_trunc_l_s
    case .trunc_l_d: unsafe run_trunc_l_d
    case .ceil_w_s: unsafe run_ceil_w_s
    case .ceil_w_d: unsafe run_ceil_w_d
    case .ceil_l_s: unsafe run_ceil_l_s
    case .ceil_l_d: unsafe run_ceil_l_d
    case .floor_w_s: unsafe run_floor_w_s
    case .floor_w_d: unsafe run_floor_w_d
    case .floor_l_s: unsafe run_floor_l_s
    case .floor_l_d: unsafe run_floor_l_d
    case .c_s: unsafe run_c_s
    case .c_d: unsafe run_c_d
    case .ctc1: unsafe run_ctc1
    case .lwc1: unsafe run_lwc1
    case .swc1: unsafe run_swc1
    case .ldc1: unsafe run_ldc1
    case .sdc1: unsafe run_sdc1
    case .lwxc1: unsafe run_lwxc1
    case .swxc1: unsafe run_swxc1
    case .ldxc1: unsafe run_ldxc1
    case .sdxc1: unsafe run_sdxc1
    case .luxc1: unsafe run_luxc1
    case .suxc1: unsafe run_suxc1
    // Hints, and orderings that one thread of execution keeps anyway.
    case .pref, .prefx, .sync: unsafe run_pref
    // No coprocessor 2: usable it never is (CE = 2).
    case .cop2, .lwc2, .ldc2, .swc2, .sdc2: unsafe run_cop2
    // No EJTAG, so no debug mode either.
    case .sdbbp, .deret, .reserved: unsafe run_sdbbp
    }
}

@inline(__always) private func run_addiu(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, ADDIU) }
@inline(__always) private func run_addu(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, ADDU) }
@inline(__always) private func run_subu(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, SUBU) }
@inline(__always) private func run_and(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, AND) }
@inline(__always) private func run_or(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, OR) }
@inline(__always) private func run_xor(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, XOR) }
@inline(__always) private func run_nor(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, NOR) }
@inline(__always) private func run_andi(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, ANDI) }
@inline(__always) private func run_ori(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, ORI) }
@inline(__always) private func run_xori(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, XORI) }
@inline(__always) private func run_lui(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, LUI) }
@inline(__always) private func run_slt(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, SLT) }
@inline(__always) private func run_sltu(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, SLTU) }
@inline(__always) private func run_slti(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, SLTI) }
@inline(__always) private func run_sltiu(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, SLTIU) }
@inline(__always) private func run_sll(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, SLL) }
@inline(__always) private func run_srl(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, SRL) }
@inline(__always) private func run_sra(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, SRA) }
@inline(__always) private func run_sllv(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, SLLV) }
@inline(__always) private func run_srlv(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, SRLV) }
@inline(__always) private func run_srav(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, SRAV) }
@inline(__always) private func run_rotr(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, ROTR) }
@inline(__always) private func run_rotrv(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, ROTRV) }
@inline(__always) private func run_clz(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, CLZ) }
@inline(__always) private func run_clo(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, CLO) }
@inline(__always) private func run_seb(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, SEB) }
@inline(__always) private func run_seh(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, SEH) }
@inline(__always) private func run_wsbh(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, WSBH) }
@inline(__always) private func run_ext(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, EXT) }
@inline(__always) private func run_ins(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, INS) }
@inline(__always) private func run_movz(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MOVZ) }
@inline(__always) private func run_movn(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MOVN) }
@inline(__always) private func run_movf(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MOVF) }
@inline(__always) private func run_movt(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MOVT) }
@inline(__always) private func run_mfhi(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MFHI) }
@inline(__always) private func run_mflo(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MFLO) }
@inline(__always) private func run_mthi(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MTHI) }
@inline(__always) private func run_mtlo(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MTLO) }
@inline(__always) private func run_mult(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MULT) }
@inline(__always) private func run_multu(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MULTU) }
@inline(__always) private func run_madd(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MADD) }
@inline(__always) private func run_maddu(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MADDU) }
@inline(__always) private func run_msub(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MSUB) }
@inline(__always) private func run_msubu(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MSUBU) }
@inline(__always) private func run_mul(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MUL) }
@inline(__always) private func run_div(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, DIV) }
@inline(__always) private func run_divu(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, DIVU) }
@inline(__always) private func run_rdpgpr(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, RDPGPR) }
@inline(__always) private func run_wrpgpr(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, WRPGPR) }
@inline(__always) private func run_mov_s(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MOV_S) }
@inline(__always) private func run_mov_d(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MOV_D) }
@inline(__always) private func run_movf_s(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MOVF_S) }
@inline(__always) private func run_movf_d(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MOVF_D) }
@inline(__always) private func run_movt_s(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MOVT_S) }
@inline(__always) private func run_movt_d(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MOVT_D) }
@inline(__always) private func run_movn_s(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MOVN_S) }
@inline(__always) private func run_movn_d(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MOVN_D) }
@inline(__always) private func run_movz_s(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MOVZ_S) }
@inline(__always) private func run_movz_d(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MOVZ_D) }
@inline(__always) private func run_mfc1(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MFC1) }
@inline(__always) private func run_mtc1(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MTC1) }
@inline(__always) private func run_mfhc1(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MFHC1) }
@inline(__always) private func run_mthc1(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, MTHC1) }
@inline(__always) private func run_cfc1(_ s: State, _ o: Code) -> Outcome { unsafe chain(s, o, CFC1) }
@inline(__always) private func run_add(_ s: State, _ o: Code) -> Outcome { unsafe ADD(Core(s), Op(o)) }
@inline(__always) private func run_addi(_ s: State, _ o: Code) -> Outcome { unsafe ADDI(Core(s), Op(o)) }
@inline(__always) private func run_sub(_ s: State, _ o: Code) -> Outcome { unsafe SUB(Core(s), Op(o)) }
@inline(__always) private func run_beq(_ s: State, _ o: Code) -> Outcome { unsafe BEQ(Core(s), Op(o)) }
@inline(__always) private func run_bne(_ s: State, _ o: Code) -> Outcome { unsafe BNE(Core(s), Op(o)) }
@inline(__always) private func run_blez(_ s: State, _ o: Code) -> Outcome { unsafe BLEZ(Core(s), Op(o)) }
@inline(__always) private func run_bgtz(_ s: State, _ o: Code) -> Outcome { unsafe BGTZ(Core(s), Op(o)) }
@inline(__always) private func run_bltz(_ s: State, _ o: Code) -> Outcome { unsafe BLTZ(Core(s), Op(o)) }
@inline(__always) private func run_bgez(_ s: State, _ o: Code) -> Outcome { unsafe BGEZ(Core(s), Op(o)) }
@inline(__always) private func run_beql(_ s: State, _ o: Code) -> Outcome { unsafe BEQL(Core(s), Op(o)) }
@inline(__always) private func run_bnel(_ s: State, _ o: Code) -> Outcome { unsafe BNEL(Core(s), Op(o)) }
@inline(__always) private func run_blezl(_ s: State, _ o: Code) -> Outcome { unsafe BLEZL(Core(s), Op(o)) }
@inline(__always) private func run_bgtzl(_ s: State, _ o: Code) -> Outcome { unsafe BGTZL(Core(s), Op(o)) }
@inline(__always) private func run_bltzl(_ s: State, _ o: Code) -> Outcome { unsafe BLTZL(Core(s), Op(o)) }
@inline(__always) private func run_bgezl(_ s: State, _ o: Code) -> Outcome { unsafe BGEZL(Core(s), Op(o)) }
@inline(__always) private func run_bltzal(_ s: State, _ o: Code) -> Outcome { unsafe BLTZAL(Core(s), Op(o)) }
@inline(__always) private func run_bgezal(_ s: State, _ o: Code) -> Outcome { unsafe BGEZAL(Core(s), Op(o)) }
@inline(__always) private func run_bltzall(_ s: State, _ o: Code) -> Outcome { unsafe BLTZALL(Core(s), Op(o)) }
@inline(__always) private func run_bgezall(_ s: State, _ o: Code) -> Outcome { unsafe BGEZALL(Core(s), Op(o)) }
@inline(__always) private func run_j(_ s: State, _ o: Code) -> Outcome { unsafe J(Core(s), Op(o)) }
@inline(__always) private func run_jal(_ s: State, _ o: Code) -> Outcome { unsafe JAL(Core(s), Op(o)) }
@inline(__always) private func run_jr(_ s: State, _ o: Code) -> Outcome { unsafe JR(Core(s), Op(o)) }
@inline(__always) private func run_jalr(_ s: State, _ o: Code) -> Outcome { unsafe JALR(Core(s), Op(o)) }
@inline(__always) private func run_bc1t(_ s: State, _ o: Code) -> Outcome { unsafe BC1T(Core(s), Op(o)) }
@inline(__always) private func run_bc1f(_ s: State, _ o: Code) -> Outcome { unsafe BC1F(Core(s), Op(o)) }
@inline(__always) private func run_bc1tl(_ s: State, _ o: Code) -> Outcome { unsafe BC1TL(Core(s), Op(o)) }
@inline(__always) private func run_bc1fl(_ s: State, _ o: Code) -> Outcome { unsafe BC1FL(Core(s), Op(o)) }
@inline(__always) private func run_lb(_ s: State, _ o: Code) -> Outcome { unsafe LB(Core(s), Op(o)) }
@inline(__always) private func run_lbu(_ s: State, _ o: Code) -> Outcome { unsafe LBU(Core(s), Op(o)) }
@inline(__always) private func run_lh(_ s: State, _ o: Code) -> Outcome { unsafe LH(Core(s), Op(o)) }
@inline(__always) private func run_lhu(_ s: State, _ o: Code) -> Outcome { unsafe LHU(Core(s), Op(o)) }
@inline(__always) private func run_lw(_ s: State, _ o: Code) -> Outcome { unsafe LW(Core(s), Op(o)) }
@inline(__always) private func run_sb(_ s: State, _ o: Code) -> Outcome { unsafe SB(Core(s), Op(o)) }
@inline(__always) private func run_sh(_ s: State, _ o: Code) -> Outcome { unsafe SH(Core(s), Op(o)) }
@inline(__always) private func run_sw(_ s: State, _ o: Code) -> Outcome { unsafe SW(Core(s), Op(o)) }
@inline(__always) private func run_lwl(_ s: State, _ o: Code) -> Outcome { unsafe LWL(Core(s), Op(o)) }
@inline(__always) private func run_lwr(_ s: State, _ o: Code) -> Outcome { unsafe LWR(Core(s), Op(o)) }
@inline(__always) private func run_swl(_ s: State, _ o: Code) -> Outcome { unsafe SWL(Core(s), Op(o)) }
@inline(__always) private func run_swr(_ s: State, _ o: Code) -> Outcome { unsafe SWR(Core(s), Op(o)) }
@inline(__always) private func run_ll(_ s: State, _ o: Code) -> Outcome { unsafe LL(Core(s), Op(o)) }
@inline(__always) private func run_sc(_ s: State, _ o: Code) -> Outcome { unsafe SC(Core(s), Op(o)) }
@inline(__always) private func run_teq(_ s: State, _ o: Code) -> Outcome { unsafe TEQ(Core(s), Op(o)) }
@inline(__always) private func run_tne(_ s: State, _ o: Code) -> Outcome { unsafe TNE(Core(s), Op(o)) }
@inline(__always) private func run_tge(_ s: State, _ o: Code) -> Outcome { unsafe TGE(Core(s), Op(o)) }
@inline(__always) private func run_tgeu(_ s: State, _ o: Code) -> Outcome { unsafe TGEU(Core(s), Op(o)) }
@inline(__always) private func run_tlt(_ s: State, _ o: Code) -> Outcome { unsafe TLT(Core(s), Op(o)) }
@inline(__always) private func run_tltu(_ s: State, _ o: Code) -> Outcome { unsafe TLTU(Core(s), Op(o)) }
@inline(__always) private func run_teqi(_ s: State, _ o: Code) -> Outcome { unsafe TEQI(Core(s), Op(o)) }
@inline(__always) private func run_tnei(_ s: State, _ o: Code) -> Outcome { unsafe TNEI(Core(s), Op(o)) }
@inline(__always) private func run_tgei(_ s: State, _ o: Code) -> Outcome { unsafe TGEI(Core(s), Op(o)) }
@inline(__always) private func run_tgeiu(_ s: State, _ o: Code) -> Outcome { unsafe TGEIU(Core(s), Op(o)) }
@inline(__always) private func run_tlti(_ s: State, _ o: Code) -> Outcome { unsafe TLTI(Core(s), Op(o)) }
@inline(__always) private func run_tltiu(_ s: State, _ o: Code) -> Outcome { unsafe TLTIU(Core(s), Op(o)) }
@inline(__always) private func run_syscall(_ s: State, _ o: Code) -> Outcome { unsafe SYSCALL(Core(s), Op(o)) }
@inline(__always) private func run_break(_ s: State, _ o: Code) -> Outcome { unsafe BREAK(Core(s), Op(o)) }
@inline(__always) private func run_mfc0(_ s: State, _ o: Code) -> Outcome { unsafe MFC0(Core(s), Op(o)) }
@inline(__always) private func run_mtc0(_ s: State, _ o: Code) -> Outcome { unsafe MTC0(Core(s), Op(o)) }
@inline(__always) private func run_dmfc0(_ s: State, _ o: Code) -> Outcome { unsafe DMFC0(Core(s), Op(o)) }
@inline(__always) private func run_dmtc0(_ s: State, _ o: Code) -> Outcome { unsafe DMTC0(Core(s), Op(o)) }
@inline(__always) private func run_ei(_ s: State, _ o: Code) -> Outcome { unsafe EI(Core(s), Op(o)) }
@inline(__always) private func run_di(_ s: State, _ o: Code) -> Outcome { unsafe DI(Core(s), Op(o)) }
@inline(__always) private func run_eret(_ s: State, _ o: Code) -> Outcome { unsafe ERET(Core(s), Op(o)) }
@inline(__always) private func run_wait(_ s: State, _ o: Code) -> Outcome { unsafe WAIT(Core(s), Op(o)) }
@inline(__always) private func run_hypcall(_ s: State, _ o: Code) -> Outcome { unsafe HYPCALL(Core(s), Op(o)) }
@inline(__always) private func run_cache(_ s: State, _ o: Code) -> Outcome { unsafe CACHE(Core(s), Op(o)) }
@inline(__always) private func run_synci(_ s: State, _ o: Code) -> Outcome { unsafe SYNCI(Core(s), Op(o)) }
@inline(__always) private func run_tlbp(_ s: State, _ o: Code) -> Outcome { unsafe TLBP(Core(s), Op(o)) }
@inline(__always) private func run_tlbr(_ s: State, _ o: Code) -> Outcome { unsafe TLBR(Core(s), Op(o)) }
@inline(__always) private func run_tlbwi(_ s: State, _ o: Code) -> Outcome { unsafe TLBWI(Core(s), Op(o)) }
@inline(__always) private func run_tlbwr(_ s: State, _ o: Code) -> Outcome { unsafe TLBWR(Core(s), Op(o)) }
@inline(__always) private func run_rdhwr(_ s: State, _ o: Code) -> Outcome { unsafe RDHWR(Core(s), Op(o)) }
@inline(__always) private func run_add_s(_ s: State, _ o: Code) -> Outcome { unsafe ADD_S(Core(s), Op(o)) }
@inline(__always) private func run_add_d(_ s: State, _ o: Code) -> Outcome { unsafe ADD_D(Core(s), Op(o)) }
@inline(__always) private func run_sub_s(_ s: State, _ o: Code) -> Outcome { unsafe SUB_S(Core(s), Op(o)) }
@inline(__always) private func run_sub_d(_ s: State, _ o: Code) -> Outcome { unsafe SUB_D(Core(s), Op(o)) }
@inline(__always) private func run_mul_s(_ s: State, _ o: Code) -> Outcome { unsafe MUL_S(Core(s), Op(o)) }
@inline(__always) private func run_mul_d(_ s: State, _ o: Code) -> Outcome { unsafe MUL_D(Core(s), Op(o)) }
@inline(__always) private func run_div_s(_ s: State, _ o: Code) -> Outcome { unsafe DIV_S(Core(s), Op(o)) }
@inline(__always) private func run_div_d(_ s: State, _ o: Code) -> Outcome { unsafe DIV_D(Core(s), Op(o)) }
@inline(__always) private func run_sqrt_s(_ s: State, _ o: Code) -> Outcome { unsafe SQRT_S(Core(s), Op(o)) }
@inline(__always) private func run_sqrt_d(_ s: State, _ o: Code) -> Outcome { unsafe SQRT_D(Core(s), Op(o)) }
@inline(__always) private func run_recip_s(_ s: State, _ o: Code) -> Outcome { unsafe RECIP_S(Core(s), Op(o)) }
@inline(__always) private func run_recip_d(_ s: State, _ o: Code) -> Outcome { unsafe RECIP_D(Core(s), Op(o)) }
@inline(__always) private func run_rsqrt_s(_ s: State, _ o: Code) -> Outcome { unsafe RSQRT_S(Core(s), Op(o)) }
@inline(__always) private func run_rsqrt_d(_ s: State, _ o: Code) -> Outcome { unsafe RSQRT_D(Core(s), Op(o)) }
@inline(__always) private func run_abs_s(_ s: State, _ o: Code) -> Outcome { unsafe ABS_S(Core(s), Op(o)) }
@inline(__always) private func run_abs_d(_ s: State, _ o: Code) -> Outcome { unsafe ABS_D(Core(s), Op(o)) }
@inline(__always) private func run_neg_s(_ s: State, _ o: Code) -> Outcome { unsafe NEG_S(Core(s), Op(o)) }
@inline(__always) private func run_neg_d(_ s: State, _ o: Code) -> Outcome { unsafe NEG_D(Core(s), Op(o)) }
@inline(__always) private func run_madd_s(_ s: State, _ o: Code) -> Outcome { unsafe MADD_S(Core(s), Op(o)) }
@inline(__always) private func run_madd_d(_ s: State, _ o: Code) -> Outcome { unsafe MADD_D(Core(s), Op(o)) }
@inline(__always) private func run_msub_s(_ s: State, _ o: Code) -> Outcome { unsafe MSUB_S(Core(s), Op(o)) }
@inline(__always) private func run_msub_d(_ s: State, _ o: Code) -> Outcome { unsafe MSUB_D(Core(s), Op(o)) }
@inline(__always) private func run_nmadd_s(_ s: State, _ o: Code) -> Outcome { unsafe NMADD_S(Core(s), Op(o)) }
@inline(__always) private func run_nmadd_d(_ s: State, _ o: Code) -> Outcome { unsafe NMADD_D(Core(s), Op(o)) }
@inline(__always) private func run_nmsub_s(_ s: State, _ o: Code) -> Outcome { unsafe NMSUB_S(Core(s), Op(o)) }
@inline(__always) private func run_nmsub_d(_ s: State, _ o: Code) -> Outcome { unsafe NMSUB_D(Core(s), Op(o)) }
@inline(__always) private func run_cvt_s_d(_ s: State, _ o: Code) -> Outcome { unsafe CVT_S_D(Core(s), Op(o)) }
@inline(__always) private func run_cvt_s_w(_ s: State, _ o: Code) -> Outcome { unsafe CVT_S_W(Core(s), Op(o)) }
@inline(__always) private func run_cvt_s_l(_ s: State, _ o: Code) -> Outcome { unsafe CVT_S_L(Core(s), Op(o)) }
@inline(__always) private func run_cvt_d_s(_ s: State, _ o: Code) -> Outcome { unsafe CVT_D_S(Core(s), Op(o)) }
@inline(__always) private func run_cvt_d_w(_ s: State, _ o: Code) -> Outcome { unsafe CVT_D_W(Core(s), Op(o)) }
@inline(__always) private func run_cvt_d_l(_ s: State, _ o: Code) -> Outcome { unsafe CVT_D_L(Core(s), Op(o)) }
@inline(__always) private func run_cvt_w_s(_ s: State, _ o: Code) -> Outcome { unsafe CVT_W_S(Core(s), Op(o)) }
@inline(__always) private func run_cvt_w_d(_ s: State, _ o: Code) -> Outcome { unsafe CVT_W_D(Core(s), Op(o)) }
@inline(__always) private func run_cvt_l_s(_ s: State, _ o: Code) -> Outcome { unsafe CVT_L_S(Core(s), Op(o)) }
@inline(__always) private func run_cvt_l_d(_ s: State, _ o: Code) -> Outcome { unsafe CVT_L_D(Core(s), Op(o)) }
@inline(__always) private func run_round_w_s(_ s: State, _ o: Code) -> Outcome { unsafe ROUND_W_S(Core(s), Op(o)) }
@inline(__always) private func run_round_w_d(_ s: State, _ o: Code) -> Outcome { unsafe ROUND_W_D(Core(s), Op(o)) }
@inline(__always) private func run_round_l_s(_ s: State, _ o: Code) -> Outcome { unsafe ROUND_L_S(Core(s), Op(o)) }
@inline(__always) private func run_round_l_d(_ s: State, _ o: Code) -> Outcome { unsafe ROUND_L_D(Core(s), Op(o)) }
@inline(__always) private func run_trunc_w_s(_ s: State, _ o: Code) -> Outcome { unsafe TRUNC_W_S(Core(s), Op(o)) }
@inline(__always) private func run_trunc_w_d(_ s: State, _ o: Code) -> Outcome { unsafe TRUNC_W_D(Core(s), Op(o)) }
@inline(__always) private func run_trunc_l_s(_ s: State, _ o: Code) -> Outcome { unsafe TRUNC_L_S(Core(s), Op(o)) }
@inline(__always) private func run_trunc_l_d(_ s: State, _ o: Code) -> Outcome { unsafe TRUNC_L_D(Core(s), Op(o)) }
@inline(__always) private func run_ceil_w_s(_ s: State, _ o: Code) -> Outcome { unsafe CEIL_W_S(Core(s), Op(o)) }
@inline(__always) private func run_ceil_w_d(_ s: State, _ o: Code) -> Outcome { unsafe CEIL_W_D(Core(s), Op(o)) }
@inline(__always) private func run_ceil_l_s(_ s: State, _ o: Code) -> Outcome { unsafe CEIL_L_S(Core(s), Op(o)) }
@inline(__always) private func run_ceil_l_d(_ s: State, _ o: Code) -> Outcome { unsafe CEIL_L_D(Core(s), Op(o)) }
@inline(__always) private func run_floor_w_s(_ s: State, _ o: Code) -> Outcome { unsafe FLOOR_W_S(Core(s), Op(o)) }
@inline(__always) private func run_floor_w_d(_ s: State, _ o: Code) -> Outcome { unsafe FLOOR_W_D(Core(s), Op(o)) }
@inline(__always) private func run_floor_l_s(_ s: State, _ o: Code) -> Outcome { unsafe FLOOR_L_S(Core(s), Op(o)) }
@inline(__always) private func run_floor_l_d(_ s: State, _ o: Code) -> Outcome { unsafe FLOOR_L_D(Core(s), Op(o)) }
@inline(__always) private func run_c_s(_ s: State, _ o: Code) -> Outcome { unsafe C_S(Core(s), Op(o)) }
@inline(__always) private func run_c_d(_ s: State, _ o: Code) -> Outcome { unsafe C_D(Core(s), Op(o)) }
@inline(__always) private func run_ctc1(_ s: State, _ o: Code) -> Outcome { unsafe CTC1(Core(s), Op(o)) }
@inline(__always) private func run_lwc1(_ s: State, _ o: Code) -> Outcome { unsafe LWC1(Core(s), Op(o)) }
@inline(__always) private func run_swc1(_ s: State, _ o: Code) -> Outcome { unsafe SWC1(Core(s), Op(o)) }
@inline(__always) private func run_ldc1(_ s: State, _ o: Code) -> Outcome { unsafe LDC1(Core(s), Op(o)) }
@inline(__always) private func run_sdc1(_ s: State, _ o: Code) -> Outcome { unsafe SDC1(Core(s), Op(o)) }
@inline(__always) private func run_lwxc1(_ s: State, _ o: Code) -> Outcome { unsafe LWXC1(Core(s), Op(o)) }
@inline(__always) private func run_swxc1(_ s: State, _ o: Code) -> Outcome { unsafe SWXC1(Core(s), Op(o)) }
@inline(__always) private func run_ldxc1(_ s: State, _ o: Code) -> Outcome { unsafe LDXC1(Core(s), Op(o)) }
@inline(__always) private func run_sdxc1(_ s: State, _ o: Code) -> Outcome { unsafe SDXC1(Core(s), Op(o)) }
@inline(__always) private func run_luxc1(_ s: State, _ o: Code) -> Outcome { unsafe LUXC1(Core(s), Op(o)) }
@inline(__always) private func run_suxc1(_ s: State, _ o: Code) -> Outcome { unsafe SUXC1(Core(s), Op(o)) }
@inline(__always) private func run_pref(_ s: State, _ o: Code) -> Outcome { unsafe proceed(Core(s), Op(o)) }
@inline(__always) private func run_cop2(_ s: State, _ o: Code) -> Outcome { unsafe UNUSABLE(Core(s), Op(o)) }
@inline(__always) private func run_sdbbp(_ s: State, _ o: Code) -> Outcome { unsafe RESERVED(Core(s), Op(o)) }
