// Which function executes which instruction: the interpreter's column of the instruction list.
//
// The switch is exhaustive, so an instruction added to module MIPS does not compile until it is handled here.

import MIPS

/// The handler of `instruction`. Each closure is one C function that ends in a jump to the next op's handler.
func handler(_ instruction: Instruction) -> Handler {
    switch instruction {
    case .addiu: { unsafe chain($0, $1, ADDIU) }
    case .addu: { unsafe chain($0, $1, ADDU) }
    case .subu: { unsafe chain($0, $1, SUBU) }
    case .and: { unsafe chain($0, $1, AND) }
    case .or: { unsafe chain($0, $1, OR) }
    case .xor: { unsafe chain($0, $1, XOR) }
    case .nor: { unsafe chain($0, $1, NOR) }
    case .andi: { unsafe chain($0, $1, ANDI) }
    case .ori: { unsafe chain($0, $1, ORI) }
    case .xori: { unsafe chain($0, $1, XORI) }
    case .lui: { unsafe chain($0, $1, LUI) }
    case .slt: { unsafe chain($0, $1, SLT) }
    case .sltu: { unsafe chain($0, $1, SLTU) }
    case .slti: { unsafe chain($0, $1, SLTI) }
    case .sltiu: { unsafe chain($0, $1, SLTIU) }
    case .sll: { unsafe chain($0, $1, SLL) }
    case .srl: { unsafe chain($0, $1, SRL) }
    case .sra: { unsafe chain($0, $1, SRA) }
    case .sllv: { unsafe chain($0, $1, SLLV) }
    case .srlv: { unsafe chain($0, $1, SRLV) }
    case .srav: { unsafe chain($0, $1, SRAV) }
    case .rotr: { unsafe chain($0, $1, ROTR) }
    case .rotrv: { unsafe chain($0, $1, ROTRV) }
    case .clz: { unsafe chain($0, $1, CLZ) }
    case .clo: { unsafe chain($0, $1, CLO) }
    case .seb: { unsafe chain($0, $1, SEB) }
    case .seh: { unsafe chain($0, $1, SEH) }
    case .wsbh: { unsafe chain($0, $1, WSBH) }
    case .ext: { unsafe chain($0, $1, EXT) }
    case .ins: { unsafe chain($0, $1, INS) }
    case .movz: { unsafe chain($0, $1, MOVZ) }
    case .movn: { unsafe chain($0, $1, MOVN) }
    case .movf: { unsafe chain($0, $1, MOVF) }
    case .movt: { unsafe chain($0, $1, MOVT) }
    case .mfhi: { unsafe chain($0, $1, MFHI) }
    case .mflo: { unsafe chain($0, $1, MFLO) }
    case .mthi: { unsafe chain($0, $1, MTHI) }
    case .mtlo: { unsafe chain($0, $1, MTLO) }
    case .mult: { unsafe chain($0, $1, MULT) }
    case .multu: { unsafe chain($0, $1, MULTU) }
    case .madd: { unsafe chain($0, $1, MADD) }
    case .maddu: { unsafe chain($0, $1, MADDU) }
    case .msub: { unsafe chain($0, $1, MSUB) }
    case .msubu: { unsafe chain($0, $1, MSUBU) }
    case .mul: { unsafe chain($0, $1, MUL) }
    case .div: { unsafe chain($0, $1, DIV) }
    case .divu: { unsafe chain($0, $1, DIVU) }
    case .rdpgpr: { unsafe chain($0, $1, RDPGPR) }
    case .wrpgpr: { unsafe chain($0, $1, WRPGPR) }
    case .mov_s: { unsafe chain($0, $1, MOV_S) }
    case .mov_d: { unsafe chain($0, $1, MOV_D) }
    case .movf_s: { unsafe chain($0, $1, MOVF_S) }
    case .movf_d: { unsafe chain($0, $1, MOVF_D) }
    case .movt_s: { unsafe chain($0, $1, MOVT_S) }
    case .movt_d: { unsafe chain($0, $1, MOVT_D) }
    case .movn_s: { unsafe chain($0, $1, MOVN_S) }
    case .movn_d: { unsafe chain($0, $1, MOVN_D) }
    case .movz_s: { unsafe chain($0, $1, MOVZ_S) }
    case .movz_d: { unsafe chain($0, $1, MOVZ_D) }
    case .mfc1: { unsafe chain($0, $1, MFC1) }
    case .mtc1: { unsafe chain($0, $1, MTC1) }
    case .mfhc1: { unsafe chain($0, $1, MFHC1) }
    case .mthc1: { unsafe chain($0, $1, MTHC1) }
    case .cfc1: { unsafe chain($0, $1, CFC1) }
    case .add: { unsafe ADD(Core($0), Op($1)) }
    case .addi: { unsafe ADDI(Core($0), Op($1)) }
    case .sub: { unsafe SUB(Core($0), Op($1)) }
    case .beq: { unsafe BEQ(Core($0), Op($1)) }
    case .bne: { unsafe BNE(Core($0), Op($1)) }
    case .blez: { unsafe BLEZ(Core($0), Op($1)) }
    case .bgtz: { unsafe BGTZ(Core($0), Op($1)) }
    case .bltz: { unsafe BLTZ(Core($0), Op($1)) }
    case .bgez: { unsafe BGEZ(Core($0), Op($1)) }
    case .beql: { unsafe BEQL(Core($0), Op($1)) }
    case .bnel: { unsafe BNEL(Core($0), Op($1)) }
    case .blezl: { unsafe BLEZL(Core($0), Op($1)) }
    case .bgtzl: { unsafe BGTZL(Core($0), Op($1)) }
    case .bltzl: { unsafe BLTZL(Core($0), Op($1)) }
    case .bgezl: { unsafe BGEZL(Core($0), Op($1)) }
    case .bltzal: { unsafe BLTZAL(Core($0), Op($1)) }
    case .bgezal: { unsafe BGEZAL(Core($0), Op($1)) }
    case .bltzall: { unsafe BLTZALL(Core($0), Op($1)) }
    case .bgezall: { unsafe BGEZALL(Core($0), Op($1)) }
    case .j: { unsafe J(Core($0), Op($1)) }
    case .jal: { unsafe JAL(Core($0), Op($1)) }
    case .jr: { unsafe JR(Core($0), Op($1)) }
    case .jalr: { unsafe JALR(Core($0), Op($1)) }
    case .bc1t: { unsafe BC1T(Core($0), Op($1)) }
    case .bc1f: { unsafe BC1F(Core($0), Op($1)) }
    case .bc1tl: { unsafe BC1TL(Core($0), Op($1)) }
    case .bc1fl: { unsafe BC1FL(Core($0), Op($1)) }
    case .lb: { unsafe LB(Core($0), Op($1)) }
    case .lbu: { unsafe LBU(Core($0), Op($1)) }
    case .lh: { unsafe LH(Core($0), Op($1)) }
    case .lhu: { unsafe LHU(Core($0), Op($1)) }
    case .lw: { unsafe LW(Core($0), Op($1)) }
    case .sb: { unsafe SB(Core($0), Op($1)) }
    case .sh: { unsafe SH(Core($0), Op($1)) }
    case .sw: { unsafe SW(Core($0), Op($1)) }
    case .lwl: { unsafe LWL(Core($0), Op($1)) }
    case .lwr: { unsafe LWR(Core($0), Op($1)) }
    case .swl: { unsafe SWL(Core($0), Op($1)) }
    case .swr: { unsafe SWR(Core($0), Op($1)) }
    case .ll: { unsafe LL(Core($0), Op($1)) }
    case .sc: { unsafe SC(Core($0), Op($1)) }
    case .teq: { unsafe TEQ(Core($0), Op($1)) }
    case .tne: { unsafe TNE(Core($0), Op($1)) }
    case .tge: { unsafe TGE(Core($0), Op($1)) }
    case .tgeu: { unsafe TGEU(Core($0), Op($1)) }
    case .tlt: { unsafe TLT(Core($0), Op($1)) }
    case .tltu: { unsafe TLTU(Core($0), Op($1)) }
    case .teqi: { unsafe TEQI(Core($0), Op($1)) }
    case .tnei: { unsafe TNEI(Core($0), Op($1)) }
    case .tgei: { unsafe TGEI(Core($0), Op($1)) }
    case .tgeiu: { unsafe TGEIU(Core($0), Op($1)) }
    case .tlti: { unsafe TLTI(Core($0), Op($1)) }
    case .tltiu: { unsafe TLTIU(Core($0), Op($1)) }
    case .syscall: { unsafe SYSCALL(Core($0), Op($1)) }
    case .`break`: { unsafe BREAK(Core($0), Op($1)) }
    case .mfc0: { unsafe MFC0(Core($0), Op($1)) }
    case .mtc0: { unsafe MTC0(Core($0), Op($1)) }
    case .dmfc0: { unsafe DMFC0(Core($0), Op($1)) }
    case .dmtc0: { unsafe DMTC0(Core($0), Op($1)) }
    case .ei: { unsafe EI(Core($0), Op($1)) }
    case .di: { unsafe DI(Core($0), Op($1)) }
    case .eret: { unsafe ERET(Core($0), Op($1)) }
    case .wait: { unsafe WAIT(Core($0), Op($1)) }
    case .hypcall: { unsafe HYPCALL(Core($0), Op($1)) }
    case .cache: { unsafe CACHE(Core($0), Op($1)) }
    case .synci: { unsafe SYNCI(Core($0), Op($1)) }
    case .tlbp: { unsafe TLBP(Core($0), Op($1)) }
    case .tlbr: { unsafe TLBR(Core($0), Op($1)) }
    case .tlbwi: { unsafe TLBWI(Core($0), Op($1)) }
    case .tlbwr: { unsafe TLBWR(Core($0), Op($1)) }
    case .rdhwr: { unsafe RDHWR(Core($0), Op($1)) }
    case .add_s: { unsafe ADD_S(Core($0), Op($1)) }
    case .add_d: { unsafe ADD_D(Core($0), Op($1)) }
    case .sub_s: { unsafe SUB_S(Core($0), Op($1)) }
    case .sub_d: { unsafe SUB_D(Core($0), Op($1)) }
    case .mul_s: { unsafe MUL_S(Core($0), Op($1)) }
    case .mul_d: { unsafe MUL_D(Core($0), Op($1)) }
    case .div_s: { unsafe DIV_S(Core($0), Op($1)) }
    case .div_d: { unsafe DIV_D(Core($0), Op($1)) }
    case .sqrt_s: { unsafe SQRT_S(Core($0), Op($1)) }
    case .sqrt_d: { unsafe SQRT_D(Core($0), Op($1)) }
    case .recip_s: { unsafe RECIP_S(Core($0), Op($1)) }
    case .recip_d: { unsafe RECIP_D(Core($0), Op($1)) }
    case .rsqrt_s: { unsafe RSQRT_S(Core($0), Op($1)) }
    case .rsqrt_d: { unsafe RSQRT_D(Core($0), Op($1)) }
    case .abs_s: { unsafe ABS_S(Core($0), Op($1)) }
    case .abs_d: { unsafe ABS_D(Core($0), Op($1)) }
    case .neg_s: { unsafe NEG_S(Core($0), Op($1)) }
    case .neg_d: { unsafe NEG_D(Core($0), Op($1)) }
    case .madd_s: { unsafe MADD_S(Core($0), Op($1)) }
    case .madd_d: { unsafe MADD_D(Core($0), Op($1)) }
    case .msub_s: { unsafe MSUB_S(Core($0), Op($1)) }
    case .msub_d: { unsafe MSUB_D(Core($0), Op($1)) }
    case .nmadd_s: { unsafe NMADD_S(Core($0), Op($1)) }
    case .nmadd_d: { unsafe NMADD_D(Core($0), Op($1)) }
    case .nmsub_s: { unsafe NMSUB_S(Core($0), Op($1)) }
    case .nmsub_d: { unsafe NMSUB_D(Core($0), Op($1)) }
    case .cvt_s_d: { unsafe CVT_S_D(Core($0), Op($1)) }
    case .cvt_s_w: { unsafe CVT_S_W(Core($0), Op($1)) }
    case .cvt_s_l: { unsafe CVT_S_L(Core($0), Op($1)) }
    case .cvt_d_s: { unsafe CVT_D_S(Core($0), Op($1)) }
    case .cvt_d_w: { unsafe CVT_D_W(Core($0), Op($1)) }
    case .cvt_d_l: { unsafe CVT_D_L(Core($0), Op($1)) }
    case .cvt_w_s: { unsafe CVT_W_S(Core($0), Op($1)) }
    case .cvt_w_d: { unsafe CVT_W_D(Core($0), Op($1)) }
    case .cvt_l_s: { unsafe CVT_L_S(Core($0), Op($1)) }
    case .cvt_l_d: { unsafe CVT_L_D(Core($0), Op($1)) }
    case .round_w_s: { unsafe ROUND_W_S(Core($0), Op($1)) }
    case .round_w_d: { unsafe ROUND_W_D(Core($0), Op($1)) }
    case .round_l_s: { unsafe ROUND_L_S(Core($0), Op($1)) }
    case .round_l_d: { unsafe ROUND_L_D(Core($0), Op($1)) }
    case .trunc_w_s: { unsafe TRUNC_W_S(Core($0), Op($1)) }
    case .trunc_w_d: { unsafe TRUNC_W_D(Core($0), Op($1)) }
    case .trunc_l_s: { unsafe TRUNC_L_S(Core($0), Op($1)) }
    case .trunc_l_d: { unsafe TRUNC_L_D(Core($0), Op($1)) }
    case .ceil_w_s: { unsafe CEIL_W_S(Core($0), Op($1)) }
    case .ceil_w_d: { unsafe CEIL_W_D(Core($0), Op($1)) }
    case .ceil_l_s: { unsafe CEIL_L_S(Core($0), Op($1)) }
    case .ceil_l_d: { unsafe CEIL_L_D(Core($0), Op($1)) }
    case .floor_w_s: { unsafe FLOOR_W_S(Core($0), Op($1)) }
    case .floor_w_d: { unsafe FLOOR_W_D(Core($0), Op($1)) }
    case .floor_l_s: { unsafe FLOOR_L_S(Core($0), Op($1)) }
    case .floor_l_d: { unsafe FLOOR_L_D(Core($0), Op($1)) }
    case .c_s: { unsafe C_S(Core($0), Op($1)) }
    case .c_d: { unsafe C_D(Core($0), Op($1)) }
    case .ctc1: { unsafe CTC1(Core($0), Op($1)) }
    case .lwc1: { unsafe LWC1(Core($0), Op($1)) }
    case .swc1: { unsafe SWC1(Core($0), Op($1)) }
    case .ldc1: { unsafe LDC1(Core($0), Op($1)) }
    case .sdc1: { unsafe SDC1(Core($0), Op($1)) }
    case .lwxc1: { unsafe LWXC1(Core($0), Op($1)) }
    case .swxc1: { unsafe SWXC1(Core($0), Op($1)) }
    case .ldxc1: { unsafe LDXC1(Core($0), Op($1)) }
    case .sdxc1: { unsafe SDXC1(Core($0), Op($1)) }
    case .luxc1: { unsafe LUXC1(Core($0), Op($1)) }
    case .suxc1: { unsafe SUXC1(Core($0), Op($1)) }
    // Hints, and orderings that one thread of execution keeps anyway.
    case .pref, .prefx, .sync: { unsafe proceed(Core($0), Op($1)) }
    // No coprocessor 2: usable it never is (CE = 2).
    case .cop2, .lwc2, .ldc2, .swc2, .sdc2: { unsafe UNUSABLE(Core($0), Op($1)) }
    // No EJTAG, so no debug mode either.
    case .sdbbp, .deret, .reserved: { unsafe RESERVED(Core($0), Op($1)) }
    }
}
