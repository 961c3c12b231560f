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
    for operand in facts.format.operands { text.write(operand) }
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

    mutating func write(_ operand: Operand) {
        switch operand {
        case .rs: general(word.rs)
        case .rt: general(word.rt)
        case .rd: general(word.rd)
        case .optionalRt: if word.rt != 0 { general(word.rt) }

        case .numberedRd: register("$", word.rd)
        case .cop2Register: register("$", word.rt)
        case .fr: register("$f", word.fr)
        case .ft: register("$f", word.ft)
        case .fs: register("$f", word.fs)
        case .fd: register("$f", word.fd)
        case .testedCondition: register("$fcc", word.testedCondition)
        case .branchCondition: if word.testedCondition != 0 { register("$fcc", word.testedCondition) }
        case .comparedCondition: if word.comparedCondition != 0 { register("$fcc", word.comparedCondition) }

        case .sa: decimal(Int32(word.sa))
        case .extSize: decimal(Int32(word.extSize))
        case .insSize: decimal(Int32(word.insSize))
        case .sel: decimal(Int32(word.sel))
        case .signedImmediate: decimal(word.signedImmediate)
        case .unsignedImmediate: number(word.unsignedImmediate)
        case .hint: number(word.hint)
        case .indexedHint: number(word.indexedHint)

        case .branchTarget: number(word.branchTarget(at: pc))
        case .jumpTarget: number(word.jumpTarget(at: pc))

        case .code: numberUnlessZero(word.code)
        // Assemblers place a single code in the upper half, so that half is written for the lower one's sake too.
        case .upperCode: if word.code != 0 { number(word.code >> 10) }
        case .lowerCode: numberUnlessZero(word.code & 0x3FF)
        case .trapCode: numberUnlessZero(word.trapCode)
        case .waitCode: numberUnlessZero(word.waitCode)
        case .hypcallCode: numberUnlessZero(word.hypcallCode)
        case .stype: numberUnlessZero(word.stype)

        case .memory:
            decimal(word.signedImmediate)
            parenthesizedBase()
        case .indexed:
            general(word.index)
            parenthesizedBase()
        }
    }

    private mutating func separate() {
        text += operandCount == 0 ? " " : ", "
        operandCount += 1
    }

    private mutating func generalName(_ number: Int) {
        text += "$"
        write((GPR(rawValue: UInt8(truncatingIfNeeded: number)) ?? .zero).name)
    }

    private mutating func general(_ number: Int) {
        separate()
        generalName(number)
    }

    private mutating func parenthesizedBase() {
        text += "("
        generalName(word.base)
        text += ")"
    }

    private mutating func register(_ prefix: StaticString, _ number: Int) {
        separate()
        write(prefix)
        text += String(number)
    }

    private mutating func decimal(_ value: Int32) {
        separate()
        text += String(value)
    }

    private mutating func number(_ value: UInt32) {
        separate()
        hexadecimal(value)
    }

    private mutating func numberUnlessZero(_ value: UInt32) {
        if value != 0 { number(value) }
    }
}
