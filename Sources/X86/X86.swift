// X86: writes machine code of x86-64.
//
// Purpose. The translator of module Simulator says which instructions it wants, and this module knows how they are encoded. Nothing here
// runs code or owns memory; all of it works on any host.
//
// Glossary (Intel 64 and IA-32 Architectures Software Developer's Manual, SDM, volume 2).
//   ModRM, SIB   the bytes that name a register and a register or memory operand
//   REX          the prefix for 64-bit operands and for registers 8 to 15
//   fixup        a jump whose target comes later
//
// Life cycle. An `Assembler` begins at the start of a caller's buffer and is done when its caller has looked at `isOverflowed`.

/// A general register by its number in ModRM, SIB and REX (SDM 2, table 2-2 and 3.1.1).
public enum Register: UInt8, CaseIterable, Sendable {
    case rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
}

/// A condition on the flags, by its number in Jcc, SETcc and CMOVcc (SDM 2, appendix B.1.4.7).
public enum Condition: UInt8, CaseIterable, Sendable {
    case overflow, noOverflow, below, aboveOrEqual, equal, notEqual, belowOrEqual, above, sign, noSign, parity,
        noParity, less, greaterOrEqual, lessOrEqual, greater

    /// The condition that holds when this one does not.
    public var inverted: Condition { Condition(rawValue: rawValue ^ 1)! }
}

/// How many bits of its registers an instruction works on; 32 clear the upper half of what they write.
public enum Width: Sendable {
    case w32, w64
}

/// Memory at `base + index * scale + displacement`.
public struct Memory: Equatable, Sendable {
    public let base: Register
    /// Any but rsp.
    public let index: Register?
    /// 1, 2, 4 or 8.
    public let scale: UInt8
    public let displacement: Int32

    public init(_ base: Register, _ displacement: Int32 = 0) {
        self.base = base
        index = nil
        scale = 1
        self.displacement = displacement
    }

    public init(_ base: Register, index: Register, scale: UInt8 = 1, _ displacement: Int32 = 0) {
        precondition(index != .rsp && (scale == 1 || scale == 2 || scale == 4 || scale == 8))
        self.base = base
        self.index = index
        self.scale = scale
        self.displacement = displacement
    }
}

/// Where an operand that can be either is.
public enum Place: Equatable, Sendable {
    case register(Register)
    case memory(Memory)
}

/// Arithmetic and logic of two operands, by their number in opcodes (SDM 2, appendix A).
public enum ALU: UInt8, CaseIterable, Sendable {
    case add, or, adc, sbb, and, sub, xor, cmp
}

/// Shifts and rotates, by their number in opcodes.
public enum Shift: UInt8, Sendable {
    case rol = 0
    case ror = 1
    case shl = 4
    case shr = 5
    case sar = 7
}

/// Instructions of one operand, by their number in group 3. MUL, IMUL, DIV and IDIV work on rdx:rax.
public enum Unary: UInt8, CaseIterable, Sendable {
    case not = 2
    case neg = 3
    case mul = 4
    case imul = 5
    case div = 6
    case idiv = 7
}
