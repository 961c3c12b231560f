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

    /// The operands in written order.
    public var operands: [Operand] {
        switch self {
        case .none, .raw: []
        case .rdRsRt: [.rd, .rs, .rt]
        case .rdRtRs: [.rd, .rt, .rs]
        case .rdRtSa: [.rd, .rt, .sa]
        case .rdRs: [.rd, .rs]
        case .rdRt: [.rd, .rt]
        case .rd: [.rd]
        case .rs: [.rs]
        case .rsRt: [.rs, .rt]
        case .rdRsCondition: [.rd, .rs, .testedCondition]
        case .rtRsSigned: [.rt, .rs, .signedImmediate]
        case .rtRsUnsigned: [.rt, .rs, .unsignedImmediate]
        case .rtUnsigned: [.rt, .unsignedImmediate]
        case .rsSigned: [.rs, .signedImmediate]
        case .rtRsExt: [.rt, .rs, .sa, .extSize]
        case .rtRsIns: [.rt, .rs, .sa, .insSize]
        case .rsRtBranch: [.rs, .rt, .branchTarget]
        case .rsBranch: [.rs, .branchTarget]
        case .conditionBranch: [.branchCondition, .branchTarget]
        case .jump: [.jumpTarget]
        case .rtMemory: [.rt, .memory]
        case .ftMemory: [.ft, .memory]
        case .cop2Memory: [.cop2Register, .memory]
        case .hintMemory: [.hint, .memory]
        case .memory: [.memory]
        case .rsRtCode: [.rs, .rt, .trapCode]
        case .code: [.code]
        case .breakCode: [.upperCode, .lowerCode]
        case .waitCode: [.waitCode]
        case .hypcallCode: [.hypcallCode]
        case .stype: [.stype]
        case .rtSelect: [.rt, .numberedRd, .sel]
        case .rtHardware: [.rt, .numberedRd]
        case .optionalRt: [.optionalRt]
        case .rtFs: [.rt, .fs]
        case .rtControl: [.rt, .numberedRd]
        case .fdFsFt: [.fd, .fs, .ft]
        case .fdFs: [.fd, .fs]
        case .fdFsCondition: [.fd, .fs, .testedCondition]
        case .fdFsRt: [.fd, .fs, .rt]
        case .fdFrFsFt: [.fd, .fr, .fs, .ft]
        case .compare: [.comparedCondition, .fs, .ft]
        case .fdIndexed: [.fd, .indexed]
        case .fsIndexed: [.fs, .indexed]
        case .hintIndexed: [.indexedHint, .indexed]
        }
    }

    /// The bits of a word that are operands. What neither these nor the encoding's mask cover should be zero.
    public var operandMask: UInt32 {
        // The comparison is part of the name, not of the operands.
        var mask: UInt32 = self == .compare ? 0xF : 0
        for operand in operands { mask |= operand.mask }
        return mask
    }
}

/// One operand as assemblers write it.
public enum Operand: UInt8, CaseIterable, Sendable {
    // General registers. The optional one is left out if it is register 0.
    case rs, rt, rd, optionalRt
    // Registers known by number alone: of coprocessor 0 and 2, floating-point control, hardware.
    case numberedRd, cop2Register
    // Floating-point registers and condition codes. Those of branches and comparisons are left out if 0.
    case fr, ft, fs, fd, testedCondition, branchCondition, comparedCondition
    // Numbers.
    case sa, extSize, insSize, sel, signedImmediate, unsignedImmediate, hint, indexedHint
    // Absolute addresses.
    case branchTarget, jumpTarget
    // Codes, left out if 0. Those of `break` are written in halves.
    case code, upperCode, lowerCode, trapCode, waitCode, hypcallCode, stype
    // Memory: offset(base) and index(base).
    case memory, indexed

    /// The bits of a word it is read from.
    public var mask: UInt32 {
        switch self {
        case .rs, .fr: 0x03E0_0000
        case .rt, .ft, .optionalRt, .cop2Register, .hint: 0x001F_0000
        case .rd, .fs, .numberedRd, .extSize, .insSize, .indexedHint: 0xF800
        case .sa, .fd, .stype: 0x07C0
        case .sel: 0x7
        case .testedCondition, .branchCondition: 0x001C_0000
        case .comparedCondition: 0x0700
        case .signedImmediate, .unsignedImmediate, .branchTarget: 0xFFFF
        case .jumpTarget: 0x03FF_FFFF
        case .code: 0x03FF_FFC0
        case .upperCode: 0x03FF_0000
        case .lowerCode, .trapCode: 0xFFC0
        case .waitCode: 0x01FF_FFC0
        case .hypcallCode: 0x001F_F800
        case .memory: 0x03E0_FFFF
        case .indexed: 0x03FF_0000
        }
    }
}
