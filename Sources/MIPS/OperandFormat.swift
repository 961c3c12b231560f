// How operands lie in a word and are written.

/// How an instruction's operands lie in the word and are written in assembler. Cases name operands in written order.
public enum OperandFormat: UInt8, CaseIterable, Sendable {
    /// No operands; and no text either, for words that are not instructions.
    case none, raw
    // General registers.
    case rdRsRt, rdRtRs, rdRtSa, rdRs, rdRt, rd, rs, rsRt, rdRsCondition
    // Registers and an immediate.
    case rtRsSigned, rtRsUnsigned, rtUnsigned, rsSigned
    // Bit fields: position and size.
    case rtRsExt, rtRsIns
    // Branches and jumps.
    case rsRtBranch, rsBranch, conditionBranch, jump
    // Memory at a register plus an offset.
    case rtMemory, ftMemory, cop2Memory, hintMemory, memory
    // Codes that hardware does not look at.
    case rsRtCode, code, breakCode, waitCode, hypcallCode, stype
    // Coprocessor 0 and hardware registers.
    case rtSelect, rtHardware, optionalRt
    // Floating point.
    case rtFs, rtControl
    case fdFsFt, fdFs, fdFsCondition, fdFsRt, fdFrFsFt, compare
    // Memory at a register plus a register.
    case fdIndexed, fsIndexed, hintIndexed

    /// The bits of a word that are operands. What neither these nor the encoding's mask cover should be zero.
    public var operandMask: UInt32 {
        let (rs, rt, rd, sa): (UInt32, UInt32, UInt32, UInt32) = (0x03E0_0000, 0x001F_0000, 0xF800, 0x07C0)
        let (immediate, condition): (UInt32, UInt32) = (0xFFFF, 0x001C_0000)
        return switch self {
        case .none: 0
        case .raw: 0x03FF_FFFF
        case .rdRsRt, .rdRtRs: rd | rs | rt
        case .rdRtSa: rd | rt | sa
        case .rdRs: rd | rs
        case .rdRt: rd | rt
        case .rd: rd
        case .rs: rs
        case .rsRt: rs | rt
        case .rdRsCondition: rd | rs | condition
        case .rtRsSigned, .rtRsUnsigned: rt | rs | immediate
        case .rtUnsigned: rt | immediate
        case .rsSigned: rs | immediate
        case .rtRsExt, .rtRsIns: rt | rs | sa | rd
        case .rsRtBranch: rs | rt | immediate
        case .rsBranch: rs | immediate
        case .conditionBranch: condition | immediate
        case .jump: 0x03FF_FFFF
        case .rtMemory, .ftMemory, .cop2Memory, .hintMemory: rt | rs | immediate
        case .memory: rs | immediate
        case .rsRtCode: rs | rt | 0xFFC0
        case .code, .breakCode: 0x03FF_FFC0
        case .waitCode: 0x01FF_FFC0
        case .hypcallCode: 0x001F_F800
        case .stype: sa
        case .rtSelect: rt | rd | 7
        case .rtHardware: rt | rd
        case .optionalRt: rt
        case .rtFs, .rtControl: rt | rd
        case .fdFsFt: sa | rd | rt
        case .fdFs: sa | rd
        case .fdFsCondition: sa | rd | condition
        case .fdFsRt: sa | rd | rt
        case .fdFrFsFt: sa | rs | rd | rt
        case .compare: rd | rt | 0x070F
        case .fdIndexed: sa | rs | rt
        case .fsIndexed, .hintIndexed: rd | rs | rt
        }
    }
}
