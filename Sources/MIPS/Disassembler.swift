// Words written as assembler.

/// The assembler text of the instruction `word` at address `pc`, such as `addiu $sp, $sp, -32`.
///
/// Forms are those of the manual with no aliases but `nop`: `or $t0, $t1, $zero` stays that. Registers have their o32
/// names; targets are absolute; offsets and arithmetic immediates are decimal, other numbers hexadecimal.
/// Codes, kinds of `sync` and condition codes that are 0 are left out. Reserved words are written `.word 0x...`.
public func disassemble(_ word: UInt32, at pc: UInt32) -> String {
    if word == 0 { return "nop" }
    let instruction = Instruction(decoding: word)
    let facts = instruction.facts
    var text = AssemblerText(word: InstructionWord(word), pc: pc)
    if facts.format == .raw {
        text.write(".word ")
        text.hexadecimal(word)
        return text.text
    }
    if facts.format == .compare {
        text.write("c.")
        text.write(comparisonName(text.word.cond))
        text.write(instruction == .c_s ? ".s" : ".d")
    } else {
        text.write(facts.mnemonic)
    }
    text.operands(facts.format)
    return text.text
}

extension StaticString {
    /// The same text as a `String`.
    public var string: String {
        // The buffer is the literal's own storage, which is never freed.
        withUTF8Buffer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}

/// Names of the sixteen comparisons (Manual Volume II-A, `C.cond.fmt`).
private func comparisonName(_ cond: UInt32) -> StaticString {
    switch cond & 15 {
    case 0: "f"
    case 1: "un"
    case 2: "eq"
    case 3: "ueq"
    case 4: "olt"
    case 5: "ult"
    case 6: "ole"
    case 7: "ule"
    case 8: "sf"
    case 9: "ngle"
    case 10: "seq"
    case 11: "ngl"
    case 12: "lt"
    case 13: "nge"
    case 14: "le"
    default: "ngt"
    }
}

/// A line under construction. Each operand brings its own separator.
private struct AssemblerText {
    let word: InstructionWord
    let pc: UInt32
    var text = ""
    private var operandCount = 0

    init(word: InstructionWord, pc: UInt32) {
        self.word = word
        self.pc = pc
    }

    mutating func write(_ string: StaticString) { text += string.string }

    mutating func hexadecimal(_ value: UInt32) {
        text += "0x"
        text += String(value, radix: 16)
    }

    private mutating func separate() {
        text += operandCount == 0 ? " " : ", "
        operandCount += 1
    }

    private mutating func registerName(_ number: Int) {
        text += "$"
        write((GPR(rawValue: UInt8(truncatingIfNeeded: number)) ?? .zero).name)
    }

    private mutating func general(_ number: Int) {
        separate()
        registerName(number)
    }

    private mutating func floating(_ number: Int) {
        separate()
        text += "$f"
        text += String(number)
    }

    /// A register that is known by number alone: coprocessor 0, floating-point control, hardware.
    private mutating func numbered(_ number: Int) {
        separate()
        text += "$"
        text += String(number)
    }

    private mutating func number(_ value: Int32) {
        separate()
        text += String(value)
    }

    private mutating func code(_ value: UInt32) {
        separate()
        hexadecimal(value)
    }

    private mutating func codeUnlessZero(_ value: UInt32) {
        if value != 0 { code(value) }
    }

    private mutating func conditionUnlessZero(_ number: Int) {
        if number != 0 { condition(number) }
    }

    private mutating func condition(_ number: Int) {
        separate()
        text += "$fcc"
        text += String(number)
    }

    /// An operand of the form offset(base), after what was written before.
    private mutating func memory() {
        number(word.signedImmediate)
        text += "("
        registerName(word.base)
        text += ")"
    }

    private mutating func indexed() {
        general(word.index)
        text += "("
        registerName(word.base)
        text += ")"
    }

    mutating func operands(_ format: OperandFormat) {
        switch format {
        case .none, .raw: break

        case .rdRsRt: general(word.rd); general(word.rs); general(word.rt)
        case .rdRtRs: general(word.rd); general(word.rt); general(word.rs)
        case .rdRtSa: general(word.rd); general(word.rt); number(Int32(word.sa))
        case .rdRs: general(word.rd); general(word.rs)
        case .rdRt: general(word.rd); general(word.rt)
        case .rd: general(word.rd)
        case .rs: general(word.rs)
        case .rsRt: general(word.rs); general(word.rt)
        case .rdRsCondition: general(word.rd); general(word.rs); condition(word.testedCondition)

        case .rtRsSigned: general(word.rt); general(word.rs); number(word.signedImmediate)
        case .rtRsUnsigned: general(word.rt); general(word.rs); code(word.unsignedImmediate)
        case .rtUnsigned: general(word.rt); code(word.unsignedImmediate)
        case .rsSigned: general(word.rs); number(word.signedImmediate)

        case .rtRsExt: bitField(size: word.extSize)
        case .rtRsIns: bitField(size: word.insSize)

        case .rsRtBranch: general(word.rs); general(word.rt); code(word.branchTarget(at: pc))
        case .rsBranch: general(word.rs); code(word.branchTarget(at: pc))
        case .conditionBranch: conditionUnlessZero(word.testedCondition); code(word.branchTarget(at: pc))
        case .jump: code(word.jumpTarget(at: pc))

        case .rtMemory: general(word.rt); memory()
        case .ftMemory: floating(word.ft); memory()
        case .cop2Memory: numbered(word.rt); memory()
        case .hintMemory: code(word.hint); memory()
        case .memory: memory()

        case .rsRtCode: general(word.rs); general(word.rt); codeUnlessZero(word.trapCode)
        case .code: codeUnlessZero(word.code)
        case .breakCode: breakCode()
        case .waitCode: codeUnlessZero(word.waitCode)
        case .hypcallCode: codeUnlessZero(word.hypcallCode)
        case .stype: codeUnlessZero(word.stype)

        case .rtSelect: general(word.rt); numbered(word.rd); number(Int32(word.sel))
        case .rtHardware: general(word.rt); numbered(word.rd)
        case .optionalRt: if word.rt != 0 { general(word.rt) }

        case .rtFs: general(word.rt); floating(word.fs)
        case .rtControl: general(word.rt); numbered(word.fs)
        case .fdFsFt: floating(word.fd); floating(word.fs); floating(word.ft)
        case .fdFs: floating(word.fd); floating(word.fs)
        case .fdFsCondition: floating(word.fd); floating(word.fs); condition(word.testedCondition)
        case .fdFsRt: floating(word.fd); floating(word.fs); general(word.rt)
        case .fdFrFsFt: floating(word.fd); floating(word.fr); floating(word.fs); floating(word.ft)
        case .compare: conditionUnlessZero(word.comparedCondition); floating(word.fs); floating(word.ft)

        case .fdIndexed: floating(word.fd); indexed()
        case .fsIndexed: floating(word.fs); indexed()
        case .hintIndexed: code(word.indexedHint); indexed()
        }
    }

    private mutating func bitField(size: UInt32) {
        general(word.rt)
        general(word.rs)
        number(Int32(word.bitFieldPosition))
        number(Int32(size))
    }

    /// The code of `break` is written as its upper and lower ten bits: assemblers place a single operand in the upper.
    private mutating func breakCode() {
        let (upper, lower) = (word.code >> 10, word.code & 0x3FF)
        if upper != 0 || lower != 0 { code(upper) }
        if lower != 0 { code(lower) }
    }
}
