// The instruction list: the one place that says which instructions there are, how they are encoded and what they do.
//
// Decoder, names, disassembler, dispatch and whatever a translator asks are derived from it. The switch has no default:
// an instruction without a row does not compile.

// Fields that select an accumulator of the DSP module. Without that module, any but accumulator 0 is reserved.
private let accumulatorInRd: UInt32 = 0x1800
private let accumulatorInRs: UInt32 = 0x0060_0000
private let accumulatorOfMultiply: UInt32 = 0x1FC0
private let rsField: UInt32 = 0x03E0_0000
private let saField: UInt32 = 0x07C0

// Traits that many rows share.
extension InstructionTraits {
    fileprivate static let threeRegisters: Self = [.readsRs, .readsRt, .writesRd]
    fileprivate static let immediate: Self = [.readsRs, .writesRt]
    fileprivate static let toAccumulator: Self = [.readsRs, .readsRt, .writesHI, .writesLO]
    fileprivate static let onAccumulator: Self = [.readsRs, .readsRt, .readsHI, .readsLO, .writesHI, .writesLO]
    fileprivate static let conditionalBranch: Self = [.branch, .delaySlot, .conditional]
    fileprivate static let jump: Self = [.branch, .delaySlot]
    fileprivate static let floatBranch: Self = [.conditionalBranch, .fpu, .readsCondition]
    fileprivate static let moveIfCode: Self = [.fpu, .conditional, .readsRs, .writesRd, .readsCondition]
    fileprivate static let load: Self = [.loads, .mayTrap, .readsRs, .writesRt]
    fileprivate static let store: Self = [.stores, .mayTrap, .readsRs, .readsRt]
    fileprivate static let trap: Self = [.mayTrap, .conditional, .readsRs]
    fileprivate static let indexedLoad: Self = [.fpu, .loads, .mayTrap, .readsRs, .readsRt, .writesFd]
    fileprivate static let indexedStore: Self = [.fpu, .stores, .mayTrap, .readsRs, .readsRt, .readsFs]
    fileprivate static let floatUnary: Self = [.fpu, .mayTrap, .readsFs, .writesFd]
    fileprivate static let floatBinary: Self = [.fpu, .mayTrap, .readsFs, .readsFt, .writesFd]
    fileprivate static let floatTernary: Self = [.fpu, .mayTrap, .readsFr, .readsFs, .readsFt, .writesFd]
    fileprivate static let floatCompare: Self = [.fpu, .mayTrap, .readsFs, .readsFt, .writesCondition]
    fileprivate static let floatMove: Self = [.fpu, .readsFs, .writesFd]
    fileprivate static let floatMoveIfCode: Self = [.floatMove, .conditional, .readsCondition]
    fileprivate static let floatMoveIfRegister: Self = [.floatMove, .conditional, .readsRt]
}

extension Instruction {
    /// This instruction's row of the list. Asked once per instruction; others read ``facts``.
    var listed: InstructionFacts {
        func row(
            _ mnemonic: StaticString, _ encoding: Encoding, _ format: OperandFormat, _ traits: InstructionTraits,
            size: UInt8 = 0
        ) -> InstructionFacts {
            InstructionFacts(mnemonic, encoding, format, traits, size: size)
        }
        return switch self {
        // Special encodings

        case .reserved: row("reserved", .init(match: 0, mask: 0), .raw, [.endsBlock, .mayTrap])
        case .cop2: row("cop2", .opcode(0x12), .raw, [.endsBlock, .mayTrap])
        case .ldc2: row("ldc2", .opcode(0x36), .cop2Memory, [.endsBlock, .mayTrap])
        case .lwc2: row("lwc2", .opcode(0x32), .cop2Memory, [.endsBlock, .mayTrap])
        case .sdc2: row("sdc2", .opcode(0x3E), .cop2Memory, [.endsBlock, .mayTrap])
        case .swc2: row("swc2", .opcode(0x3A), .cop2Memory, [.endsBlock, .mayTrap])

        // Arithmetic and logic

        case .add: row("add", .special(0x20), .rdRsRt, [.threeRegisters, .mayTrap])
        case .addi: row("addi", .opcode(0x08), .rtRsSigned, [.immediate, .mayTrap])
        case .addiu: row("addiu", .opcode(0x09), .rtRsSigned, .immediate)
        case .addu: row("addu", .special(0x21), .rdRsRt, .threeRegisters)
        case .and: row("and", .special(0x24), .rdRsRt, .threeRegisters)
        case .andi: row("andi", .opcode(0x0C), .rtRsUnsigned, .immediate)
        case .clo: row("clo", .special2(0x21), .rdRs, [.readsRs, .writesRd])
        case .clz: row("clz", .special2(0x20), .rdRs, [.readsRs, .writesRd])
        case .div: row("div", .special(0x1A), .rsRt, .toAccumulator)
        case .divu: row("divu", .special(0x1B), .rsRt, .toAccumulator)
        case .lui: row("lui", .opcode(0x0F), .rtUnsigned, .writesRt)
        case .madd: row("madd", .special2(0x00).requiring(accumulatorInRd, 0), .rsRt, .onAccumulator)
        case .maddu: row("maddu", .special2(0x01).requiring(accumulatorInRd, 0), .rsRt, .onAccumulator)
        case .mfhi: row("mfhi", .special(0x10).requiring(accumulatorInRs, 0), .rd, [.readsHI, .writesRd])
        case .mflo: row("mflo", .special(0x12).requiring(accumulatorInRs, 0), .rd, [.readsLO, .writesRd])
        case .movf: row("movf", .special(0x01).requiring(0x1_0000, 0), .rdRsCondition, .moveIfCode)
        case .movn: row("movn", .special(0x0B), .rdRsRt, [.threeRegisters, .conditional])
        case .movt: row("movt", .special(0x01).requiring(0x1_0000, 0x1_0000), .rdRsCondition, .moveIfCode)
        case .movz: row("movz", .special(0x0A), .rdRsRt, [.threeRegisters, .conditional])
        case .msub: row("msub", .special2(0x04).requiring(accumulatorInRd, 0), .rsRt, .onAccumulator)
        case .msubu: row("msubu", .special2(0x05).requiring(accumulatorInRd, 0), .rsRt, .onAccumulator)
        case .mthi: row("mthi", .special(0x11).requiring(accumulatorInRd, 0), .rs, [.readsRs, .writesHI])
        case .mtlo: row("mtlo", .special(0x13).requiring(accumulatorInRd, 0), .rs, [.readsRs, .writesLO])
        case .mul: row("mul", .special2(0x02), .rdRsRt, [.threeRegisters, .writesHI, .writesLO])
        case .mult: row("mult", .special(0x18).requiring(accumulatorOfMultiply, 0), .rsRt, .toAccumulator)
        case .multu: row("multu", .special(0x19).requiring(accumulatorOfMultiply, 0), .rsRt, .toAccumulator)
        case .nor: row("nor", .special(0x27), .rdRsRt, .threeRegisters)
        case .or: row("or", .special(0x25), .rdRsRt, .threeRegisters)
        case .ori: row("ori", .opcode(0x0D), .rtRsUnsigned, .immediate)
        case .slt: row("slt", .special(0x2A), .rdRsRt, .threeRegisters)
        case .slti: row("slti", .opcode(0x0A), .rtRsSigned, .immediate)
        case .sltiu: row("sltiu", .opcode(0x0B), .rtRsSigned, .immediate)
        case .sltu: row("sltu", .special(0x2B), .rdRsRt, .threeRegisters)
        case .sub: row("sub", .special(0x22), .rdRsRt, [.threeRegisters, .mayTrap])
        case .subu: row("subu", .special(0x23), .rdRsRt, .threeRegisters)
        case .xor: row("xor", .special(0x26), .rdRsRt, .threeRegisters)
        case .xori: row("xori", .opcode(0x0E), .rtRsUnsigned, .immediate)

        // Shifts, rotates, bit fields

        case .ext: row("ext", .special3(0x00), .rtRsExt, [.readsRs, .writesRt])
        case .ins: row("ins", .special3(0x04), .rtRsIns, [.readsRs, .readsRt, .writesRt])
        case .rotr: row("rotr", .special(0x02).requiring(rsField, 1 << 21), .rdRtSa, [.readsRt, .writesRd])
        case .rotrv: row("rotrv", .special(0x06).requiring(saField, 1 << 6), .rdRtRs, .threeRegisters)
        case .seb: row("seb", .bshfl(0x10), .rdRt, [.readsRt, .writesRd])
        case .seh: row("seh", .bshfl(0x18), .rdRt, [.readsRt, .writesRd])
        case .sll: row("sll", .special(0x00), .rdRtSa, [.readsRt, .writesRd])
        case .sllv: row("sllv", .special(0x04), .rdRtRs, .threeRegisters)
        case .sra: row("sra", .special(0x03), .rdRtSa, [.readsRt, .writesRd])
        case .srav: row("srav", .special(0x07), .rdRtRs, .threeRegisters)
        case .srl: row("srl", .special(0x02).requiring(rsField, 0), .rdRtSa, [.readsRt, .writesRd])
        case .srlv: row("srlv", .special(0x06).requiring(saField, 0), .rdRtRs, .threeRegisters)
        case .wsbh: row("wsbh", .bshfl(0x02), .rdRt, [.readsRt, .writesRd])

        // Branches and jumps

        case .beq: row("beq", .opcode(0x04), .rsRtBranch, [.conditionalBranch, .readsRs, .readsRt])
        case .beql: row("beql", .opcode(0x14), .rsRtBranch, [.conditionalBranch, .likely, .readsRs, .readsRt])
        case .bgez: row("bgez", .regimm(0x01), .rsBranch, [.conditionalBranch, .readsRs])
        case .bgezal: row("bgezal", .regimm(0x11), .rsBranch, [.conditionalBranch, .links, .readsRs, .writesRA])
        case .bgezall:
            row("bgezall", .regimm(0x13), .rsBranch, [.conditionalBranch, .likely, .links, .readsRs, .writesRA])
        case .bgezl: row("bgezl", .regimm(0x03), .rsBranch, [.conditionalBranch, .likely, .readsRs])
        case .bgtz: row("bgtz", .opcode(0x07), .rsBranch, [.conditionalBranch, .readsRs])
        case .bgtzl: row("bgtzl", .opcode(0x17), .rsBranch, [.conditionalBranch, .likely, .readsRs])
        case .blez: row("blez", .opcode(0x06), .rsBranch, [.conditionalBranch, .readsRs])
        case .blezl: row("blezl", .opcode(0x16), .rsBranch, [.conditionalBranch, .likely, .readsRs])
        case .bltz: row("bltz", .regimm(0x00), .rsBranch, [.conditionalBranch, .readsRs])
        case .bltzal: row("bltzal", .regimm(0x10), .rsBranch, [.conditionalBranch, .links, .readsRs, .writesRA])
        case .bltzall:
            row("bltzall", .regimm(0x12), .rsBranch, [.conditionalBranch, .likely, .links, .readsRs, .writesRA])
        case .bltzl: row("bltzl", .regimm(0x02), .rsBranch, [.conditionalBranch, .likely, .readsRs])
        case .bne: row("bne", .opcode(0x05), .rsRtBranch, [.conditionalBranch, .readsRs, .readsRt])
        case .bnel: row("bnel", .opcode(0x15), .rsRtBranch, [.conditionalBranch, .likely, .readsRs, .readsRt])
        case .j: row("j", .opcode(0x02), .jump, .jump)
        case .jal: row("jal", .opcode(0x03), .jump, [.jump, .links, .writesRA])
        case .jalr: row("jalr", .special(0x09), .rdRs, [.jump, .indirect, .links, .readsRs, .writesRd])
        case .jr: row("jr", .special(0x08), .rs, [.jump, .indirect, .readsRs])

        // Loads, stores, memory control

        case .lb: row("lb", .opcode(0x20), .rtMemory, .load, size: 1)
        case .lbu: row("lbu", .opcode(0x24), .rtMemory, .load, size: 1)
        case .lh: row("lh", .opcode(0x21), .rtMemory, .load, size: 2)
        case .lhu: row("lhu", .opcode(0x25), .rtMemory, .load, size: 2)
        case .ll: row("ll", .opcode(0x30), .rtMemory, .load, size: 4)
        case .lw: row("lw", .opcode(0x23), .rtMemory, .load, size: 4)
        case .lwl: row("lwl", .opcode(0x22), .rtMemory, [.load, .unaligned, .readsRt], size: 4)
        case .lwr: row("lwr", .opcode(0x26), .rtMemory, [.load, .unaligned, .readsRt], size: 4)
        case .pref: row("pref", .opcode(0x33), .hintMemory, .readsRs)
        case .sb: row("sb", .opcode(0x28), .rtMemory, .store, size: 1)
        case .sc: row("sc", .opcode(0x38), .rtMemory, [.store, .conditional, .writesRt], size: 4)
        case .sh: row("sh", .opcode(0x29), .rtMemory, .store, size: 2)
        case .sw: row("sw", .opcode(0x2B), .rtMemory, .store, size: 4)
        case .swl: row("swl", .opcode(0x2A), .rtMemory, [.store, .unaligned], size: 4)
        case .swr: row("swr", .opcode(0x2E), .rtMemory, [.store, .unaligned], size: 4)
        case .sync: row("sync", .special(0x0F), .stype, [])
        case .synci: row("synci", .regimm(0x1F), .memory, [.mayTrap, .endsBlock, .readsRs])

        // Traps, system calls, breakpoints

        case .`break`: row("break", .special(0x0D), .breakCode, [.mayTrap, .endsBlock])
        case .sdbbp: row("sdbbp", .special2(0x3F), .code, [.mayTrap, .endsBlock])
        case .syscall: row("syscall", .special(0x0C), .code, [.mayTrap, .endsBlock])
        case .teq: row("teq", .special(0x34), .rsRtCode, [.trap, .readsRt])
        case .teqi: row("teqi", .regimm(0x0C), .rsSigned, .trap)
        case .tge: row("tge", .special(0x30), .rsRtCode, [.trap, .readsRt])
        case .tgei: row("tgei", .regimm(0x08), .rsSigned, .trap)
        case .tgeiu: row("tgeiu", .regimm(0x09), .rsSigned, .trap)
        case .tgeu: row("tgeu", .special(0x31), .rsRtCode, [.trap, .readsRt])
        case .tlt: row("tlt", .special(0x32), .rsRtCode, [.trap, .readsRt])
        case .tlti: row("tlti", .regimm(0x0A), .rsSigned, .trap)
        case .tltiu: row("tltiu", .regimm(0x0B), .rsSigned, .trap)
        case .tltu: row("tltu", .special(0x33), .rsRtCode, [.trap, .readsRt])
        case .tne: row("tne", .special(0x36), .rsRtCode, [.trap, .readsRt])
        case .tnei: row("tnei", .regimm(0x0E), .rsSigned, .trap)

        // Privileged, and the hardware registers

        case .cache: row("cache", .opcode(0x2F), .hintMemory, [.coprocessor0, .mayTrap, .endsBlock, .readsRs])
        case .deret: row("deret", .c0(0x1F), .none, [.coprocessor0, .mayTrap, .endsBlock])
        case .di: row("di", .cop0(0x0B).requiring(0xFFFF, 0x6000), .optionalRt, [.coprocessor0, .endsBlock, .writesRt])
        case .dmfc0: row("dmfc0", .cop0(0x01), .rtSelect, [.coprocessor0, .mayTrap, .endsBlock, .writesRt])
        case .dmtc0: row("dmtc0", .cop0(0x05), .rtSelect, [.coprocessor0, .mayTrap, .endsBlock, .readsRt])
        case .ei: row("ei", .cop0(0x0B).requiring(0xFFFF, 0x6020), .optionalRt, [.coprocessor0, .endsBlock, .writesRt])
        case .eret: row("eret", .c0(0x18).requiring(0x40, 0), .none, [.coprocessor0, .endsBlock])
        case .hypcall: row("hypcall", .c0(0x28), .hypcallCode, [.coprocessor0, .mayTrap, .endsBlock])
        case .mfc0: row("mfc0", .cop0(0x00), .rtSelect, [.coprocessor0, .writesRt])
        case .mtc0: row("mtc0", .cop0(0x04), .rtSelect, [.coprocessor0, .endsBlock, .readsRt])
        case .rdhwr: row("rdhwr", .special3(0x3B), .rtHardware, [.mayTrap, .writesRt])
        case .rdpgpr: row("rdpgpr", .cop0(0x0A), .rdRt, [.coprocessor0, .readsRt, .writesRd])
        case .tlbp: row("tlbp", .c0(0x08), .none, [.coprocessor0, .endsBlock])
        case .tlbr: row("tlbr", .c0(0x01), .none, [.coprocessor0, .endsBlock])
        case .tlbwi: row("tlbwi", .c0(0x02), .none, [.coprocessor0, .endsBlock])
        case .tlbwr: row("tlbwr", .c0(0x06), .none, [.coprocessor0, .endsBlock])
        case .wait: row("wait", .c0(0x20), .waitCode, [.coprocessor0, .endsBlock])
        case .wrpgpr: row("wrpgpr", .cop0(0x0E), .rdRt, [.coprocessor0, .readsRt, .writesRd])

        // Floating point: transfers, loads, stores, branches

        case .bc1f: row("bc1f", .bc1(likely: 0, true: 0), .conditionBranch, .floatBranch)
        case .bc1fl: row("bc1fl", .bc1(likely: 1, true: 0), .conditionBranch, [.floatBranch, .likely])
        case .bc1t: row("bc1t", .bc1(likely: 0, true: 1), .conditionBranch, .floatBranch)
        case .bc1tl: row("bc1tl", .bc1(likely: 1, true: 1), .conditionBranch, [.floatBranch, .likely])
        case .cfc1: row("cfc1", .cop1(0x02), .rtControl, [.fpu, .writesRt])
        case .ctc1: row("ctc1", .cop1(0x06), .rtControl, [.fpu, .mayTrap, .readsRt, .writesCondition])
        case .ldc1: row("ldc1", .opcode(0x35), .ftMemory, [.fpu, .mayTrap, .loads, .readsRs, .writesFt], size: 8)
        case .ldxc1: row("ldxc1", .cop1x(0x01), .fdIndexed, .indexedLoad, size: 8)
        case .luxc1: row("luxc1", .cop1x(0x05), .fdIndexed, [.indexedLoad, .unaligned], size: 8)
        case .lwc1: row("lwc1", .opcode(0x31), .ftMemory, [.fpu, .mayTrap, .loads, .readsRs, .writesFt], size: 4)
        case .lwxc1: row("lwxc1", .cop1x(0x00), .fdIndexed, .indexedLoad, size: 4)
        case .mfc1: row("mfc1", .cop1(0x00), .rtFs, [.fpu, .readsFs, .writesRt])
        case .mfhc1: row("mfhc1", .cop1(0x03), .rtFs, [.fpu, .readsFs, .writesRt])
        case .mtc1: row("mtc1", .cop1(0x04), .rtFs, [.fpu, .readsRt, .writesFs])
        case .mthc1: row("mthc1", .cop1(0x07), .rtFs, [.fpu, .readsRt, .writesFs])
        case .prefx: row("prefx", .cop1x(0x0F), .hintIndexed, [.fpu, .readsRs, .readsRt])
        case .sdc1: row("sdc1", .opcode(0x3D), .ftMemory, [.fpu, .mayTrap, .stores, .readsRs, .readsFt], size: 8)
        case .sdxc1: row("sdxc1", .cop1x(0x09), .fsIndexed, .indexedStore, size: 8)
        case .suxc1: row("suxc1", .cop1x(0x0D), .fsIndexed, [.indexedStore, .unaligned], size: 8)
        case .swc1: row("swc1", .opcode(0x39), .ftMemory, [.fpu, .mayTrap, .stores, .readsRs, .readsFt], size: 4)
        case .swxc1: row("swxc1", .cop1x(0x08), .fsIndexed, .indexedStore, size: 4)

        // Floating point: arithmetic

        case .abs_s: row("abs.s", .single(0x05), .fdFs, .floatUnary)
        case .abs_d: row("abs.d", .double(0x05), .fdFs, .floatUnary)
        case .add_s: row("add.s", .single(0x00), .fdFsFt, .floatBinary)
        case .add_d: row("add.d", .double(0x00), .fdFsFt, .floatBinary)
        case .c_s: row("c.s", .compare(0x10), .compare, .floatCompare)
        case .c_d: row("c.d", .compare(0x11), .compare, .floatCompare)
        case .div_s: row("div.s", .single(0x03), .fdFsFt, .floatBinary)
        case .div_d: row("div.d", .double(0x03), .fdFsFt, .floatBinary)
        case .madd_s: row("madd.s", .cop1x(0x20), .fdFrFsFt, .floatTernary)
        case .madd_d: row("madd.d", .cop1x(0x21), .fdFrFsFt, .floatTernary)
        case .msub_s: row("msub.s", .cop1x(0x28), .fdFrFsFt, .floatTernary)
        case .msub_d: row("msub.d", .cop1x(0x29), .fdFrFsFt, .floatTernary)
        case .mul_s: row("mul.s", .single(0x02), .fdFsFt, .floatBinary)
        case .mul_d: row("mul.d", .double(0x02), .fdFsFt, .floatBinary)
        case .neg_s: row("neg.s", .single(0x07), .fdFs, .floatUnary)
        case .neg_d: row("neg.d", .double(0x07), .fdFs, .floatUnary)
        case .nmadd_s: row("nmadd.s", .cop1x(0x30), .fdFrFsFt, .floatTernary)
        case .nmadd_d: row("nmadd.d", .cop1x(0x31), .fdFrFsFt, .floatTernary)
        case .nmsub_s: row("nmsub.s", .cop1x(0x38), .fdFrFsFt, .floatTernary)
        case .nmsub_d: row("nmsub.d", .cop1x(0x39), .fdFrFsFt, .floatTernary)
        case .recip_s: row("recip.s", .single(0x15), .fdFs, .floatUnary)
        case .recip_d: row("recip.d", .double(0x15), .fdFs, .floatUnary)
        case .rsqrt_s: row("rsqrt.s", .single(0x16), .fdFs, .floatUnary)
        case .rsqrt_d: row("rsqrt.d", .double(0x16), .fdFs, .floatUnary)
        case .sqrt_s: row("sqrt.s", .single(0x04), .fdFs, .floatUnary)
        case .sqrt_d: row("sqrt.d", .double(0x04), .fdFs, .floatUnary)
        case .sub_s: row("sub.s", .single(0x01), .fdFsFt, .floatBinary)
        case .sub_d: row("sub.d", .double(0x01), .fdFsFt, .floatBinary)

        // Floating point: moves

        case .mov_s: row("mov.s", .single(0x06), .fdFs, .floatMove)
        case .mov_d: row("mov.d", .double(0x06), .fdFs, .floatMove)
        case .movf_s: row("movf.s", .single(0x11).requiring(0x1_0000, 0), .fdFsCondition, .floatMoveIfCode)
        case .movf_d: row("movf.d", .double(0x11).requiring(0x1_0000, 0), .fdFsCondition, .floatMoveIfCode)
        case .movn_s: row("movn.s", .single(0x13), .fdFsRt, .floatMoveIfRegister)
        case .movn_d: row("movn.d", .double(0x13), .fdFsRt, .floatMoveIfRegister)
        case .movt_s: row("movt.s", .single(0x11).requiring(0x1_0000, 0x1_0000), .fdFsCondition, .floatMoveIfCode)
        case .movt_d: row("movt.d", .double(0x11).requiring(0x1_0000, 0x1_0000), .fdFsCondition, .floatMoveIfCode)
        case .movz_s: row("movz.s", .single(0x12), .fdFsRt, .floatMoveIfRegister)
        case .movz_d: row("movz.d", .double(0x12), .fdFsRt, .floatMoveIfRegister)

        // Floating point: conversions

        case .ceil_l_s: row("ceil.l.s", .single(0x0A), .fdFs, .floatUnary)
        case .ceil_l_d: row("ceil.l.d", .double(0x0A), .fdFs, .floatUnary)
        case .ceil_w_s: row("ceil.w.s", .single(0x0E), .fdFs, .floatUnary)
        case .ceil_w_d: row("ceil.w.d", .double(0x0E), .fdFs, .floatUnary)
        case .floor_l_s: row("floor.l.s", .single(0x0B), .fdFs, .floatUnary)
        case .floor_l_d: row("floor.l.d", .double(0x0B), .fdFs, .floatUnary)
        case .floor_w_s: row("floor.w.s", .single(0x0F), .fdFs, .floatUnary)
        case .floor_w_d: row("floor.w.d", .double(0x0F), .fdFs, .floatUnary)
        case .round_l_s: row("round.l.s", .single(0x08), .fdFs, .floatUnary)
        case .round_l_d: row("round.l.d", .double(0x08), .fdFs, .floatUnary)
        case .round_w_s: row("round.w.s", .single(0x0C), .fdFs, .floatUnary)
        case .round_w_d: row("round.w.d", .double(0x0C), .fdFs, .floatUnary)
        case .trunc_l_s: row("trunc.l.s", .single(0x09), .fdFs, .floatUnary)
        case .trunc_l_d: row("trunc.l.d", .double(0x09), .fdFs, .floatUnary)
        case .trunc_w_s: row("trunc.w.s", .single(0x0D), .fdFs, .floatUnary)
        case .trunc_w_d: row("trunc.w.d", .double(0x0D), .fdFs, .floatUnary)
        case .cvt_d_s: row("cvt.d.s", .single(0x21), .fdFs, .floatUnary)
        case .cvt_d_w: row("cvt.d.w", .word(0x21), .fdFs, .floatUnary)
        case .cvt_d_l: row("cvt.d.l", .long(0x21), .fdFs, .floatUnary)
        case .cvt_l_s: row("cvt.l.s", .single(0x25), .fdFs, .floatUnary)
        case .cvt_l_d: row("cvt.l.d", .double(0x25), .fdFs, .floatUnary)
        case .cvt_s_d: row("cvt.s.d", .double(0x20), .fdFs, .floatUnary)
        case .cvt_s_w: row("cvt.s.w", .word(0x20), .fdFs, .floatUnary)
        case .cvt_s_l: row("cvt.s.l", .long(0x20), .fdFs, .floatUnary)
        case .cvt_w_s: row("cvt.w.s", .single(0x24), .fdFs, .floatUnary)
        case .cvt_w_d: row("cvt.w.d", .double(0x24), .fdFs, .floatUnary)
        }
    }
}
