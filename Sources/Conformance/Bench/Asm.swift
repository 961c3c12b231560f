// A small assembler: just the instructions the guests of the rows need, as 32-bit words.
//
// Encodings: MIPS32 Architecture For Programmers, Volume II. Branch offsets count instructions from the delay slot.

/// Names of the general registers in the o32 convention.
enum Reg: UInt32 {
    case zero, at, v0, v1, a0, a1, a2, a3
    case t0, t1, t2, t3, t4, t5, t6, t7
    case s0, s1, s2, s3, s4, s5, s6, s7
    case t8, t9, k0, k1, gp, sp, fp, ra

    /// Its number as ONE_REG counts.
    var number: Int { Int(rawValue) }
}

/// A CP0 register: rd and sel.
struct C0 {
    let rd: UInt32
    let sel: UInt32

    private init(_ rd: UInt32, _ sel: UInt32 = 0) {
        self.rd = rd
        self.sel = sel
    }

    static let index = C0(0)
    static let entryLo0 = C0(2)
    static let entryLo1 = C0(3)
    static let pageMask = C0(5)
    static let hwrEna = C0(7)
    static let count = C0(9)
    static let entryHi = C0(10)
    static let compare = C0(11)
    static let status = C0(12)
    static let cause = C0(13)
    static let epc = C0(14)
    static let prid = C0(15)
    static let ebase = C0(15, 1)
    static let config = C0(16)
}

/// The assembler.
enum Asm {
    static let nop: UInt32 = 0

    // Immediates
    static func immediate(_ op: UInt32, _ rt: Reg, _ rs: Reg, _ imm: UInt32) -> UInt32 {
        op << 26 | rs.rawValue << 21 | rt.rawValue << 16 | imm & 0xFFFF
    }
    static func addi(_ rt: Reg, _ rs: Reg, _ imm: Int32) -> UInt32 { immediate(0x08, rt, rs, UInt32(bitPattern: imm)) }
    static func addiu(_ rt: Reg, _ rs: Reg, _ imm: Int32) -> UInt32 { immediate(0x09, rt, rs, UInt32(bitPattern: imm)) }
    static func ori(_ rt: Reg, _ rs: Reg, _ imm: UInt32) -> UInt32 { immediate(0x0D, rt, rs, imm) }
    static func lui(_ rt: Reg, _ imm: UInt32) -> UInt32 { immediate(0x0F, rt, .zero, imm) }
    /// A 32-bit constant in two instructions.
    static func li(_ rt: Reg, _ value: UInt32) -> [UInt32] { [lui(rt, value >> 16), ori(rt, rt, value)] }

    // Loads and stores, by major opcode
    enum Memory: UInt32, CaseIterable {
        case lb = 0x20, lh = 0x21, lwl = 0x22, lw = 0x23, lbu = 0x24, lhu = 0x25, lwr = 0x26
        case sb = 0x28, sh = 0x29, swl = 0x2A, sw = 0x2B, swr = 0x2E
        case ll = 0x30
    }
    static func memory(_ op: Memory, _ rt: Reg, _ offset: UInt32, _ base: Reg) -> UInt32 {
        immediate(op.rawValue, rt, base, offset)
    }
    static func lw(_ rt: Reg, _ offset: UInt32, _ base: Reg) -> UInt32 { memory(.lw, rt, offset, base) }
    static func sw(_ rt: Reg, _ offset: UInt32, _ base: Reg) -> UInt32 { memory(.sw, rt, offset, base) }
    static func cache(_ op: UInt32, _ offset: UInt32, _ base: Reg) -> UInt32 {
        0x2F << 26 | base.rawValue << 21 | op << 16 | offset & 0xFFFF
    }

    // Registers
    static func special(_ funct: UInt32, _ rd: Reg, _ rs: Reg, _ rt: Reg) -> UInt32 {
        rs.rawValue << 21 | rt.rawValue << 16 | rd.rawValue << 11 | funct
    }
    static func addu(_ rd: Reg, _ rs: Reg, _ rt: Reg) -> UInt32 { special(0x21, rd, rs, rt) }
    static func teq(_ rs: Reg, _ rt: Reg) -> UInt32 { special(0x34, .zero, rs, rt) }
    static let syscall: UInt32 = 0x0C
    static let breakpoint: UInt32 = 0x0D
    /// A function code of SPECIAL that no release of the architecture defines.
    static let undefined: UInt32 = 0x15

    // Branches
    static func beq(_ rs: Reg, _ rt: Reg, _ offset: Int32) -> UInt32 {
        immediate(0x04, rt, rs, UInt32(bitPattern: offset))
    }
    static func bne(_ rs: Reg, _ rt: Reg, _ offset: Int32) -> UInt32 {
        immediate(0x05, rt, rs, UInt32(bitPattern: offset))
    }
    static func branch(_ offset: Int32) -> UInt32 { beq(.zero, .zero, offset) }
    /// Stays here for ever.
    static let spin: [UInt32] = [branch(-1), nop]
    /// Counts `register` down from `count` to 0.
    static func delay(_ register: Reg, _ count: UInt32) -> [UInt32] {
        li(register, count) + [bne(register, .zero, -1), addiu(register, register, -1)]
    }

    // Coprocessor 0
    static func cop0(_ rs: UInt32, _ rt: Reg, _ c: C0) -> UInt32 {
        0x10 << 26 | rs << 21 | rt.rawValue << 16 | c.rd << 11 | c.sel
    }
    static func mfc0(_ rt: Reg, _ c: C0) -> UInt32 { cop0(0, rt, c) }
    static func dmfc0(_ rt: Reg, _ c: C0) -> UInt32 { cop0(1, rt, c) }
    static func mtc0(_ rt: Reg, _ c: C0) -> UInt32 { cop0(4, rt, c) }
    static func dmtc0(_ rt: Reg, _ c: C0) -> UInt32 { cop0(5, rt, c) }
    static let tlbwi: UInt32 = 0x4200_0002
    static let eret: UInt32 = 0x4200_0018
    static let wait: UInt32 = 0x4200_0020
    static let ehb: UInt32 = 0x0000_00C0
    static func hypcall(_ code: UInt32) -> UInt32 { 0x4200_0028 | code << 11 }
    static func ei(_ rt: Reg) -> UInt32 { 0x4160_6020 | rt.rawValue << 16 }
    static func rdhwr(_ rt: Reg, _ register: UInt32) -> UInt32 { 0x7C00_003B | rt.rawValue << 16 | register << 11 }

    // Coprocessor 1
    /// MFC1 zero, $f0.
    static let mfc1: UInt32 = 0x4400_0000
}
