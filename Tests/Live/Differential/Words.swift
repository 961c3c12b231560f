// Instructions as words (MIPS32 Architecture For Programmers, Volume II-A). Registers are numbers.

enum Word {
    static let nop: UInt32 = 0

    static func i(_ op: UInt32, _ rt: UInt32, _ rs: UInt32, _ imm: UInt32) -> UInt32 {
        op << 26 | rs << 21 | rt << 16 | imm & 0xFFFF
    }
    static func r(_ funct: UInt32, _ rd: UInt32, _ rs: UInt32, _ rt: UInt32, _ sa: UInt32 = 0) -> UInt32 {
        rs << 21 | rt << 16 | rd << 11 | sa << 6 | funct
    }
    static func r2(_ funct: UInt32, _ rd: UInt32, _ rs: UInt32, _ rt: UInt32, _ sa: UInt32 = 0) -> UInt32 {
        0x1C << 26 | r(funct, rd, rs, rt, sa)
    }
    static func r3(_ funct: UInt32, _ rd: UInt32, _ rs: UInt32, _ rt: UInt32, _ sa: UInt32 = 0) -> UInt32 {
        0x1F << 26 | r(funct, rd, rs, rt, sa)
    }
    static func addiu(_ rt: UInt32, _ rs: UInt32, _ imm: UInt32) -> UInt32 { i(0x09, rt, rs, imm) }
    static func ori(_ rt: UInt32, _ rs: UInt32, _ imm: UInt32) -> UInt32 { i(0x0D, rt, rs, imm) }
    static func andi(_ rt: UInt32, _ rs: UInt32, _ imm: UInt32) -> UInt32 { i(0x0C, rt, rs, imm) }
    static func lui(_ rt: UInt32, _ imm: UInt32) -> UInt32 { i(0x0F, rt, 0, imm) }
    static func li(_ rt: UInt32, _ value: UInt32) -> [UInt32] { [lui(rt, value >> 16), ori(rt, rt, value)] }
    static func lw(_ rt: UInt32, _ offset: UInt32, _ base: UInt32) -> UInt32 { i(0x23, rt, base, offset) }
    static func sw(_ rt: UInt32, _ offset: UInt32, _ base: UInt32) -> UInt32 { i(0x2B, rt, base, offset) }
    static func j(_ target: UInt32) -> UInt32 { 0x02 << 26 | target >> 2 & 0x03FF_FFFF }
    static func jal(_ target: UInt32) -> UInt32 { 0x03 << 26 | target >> 2 & 0x03FF_FFFF }

    // Coprocessor 0
    static func mfc0(_ rt: UInt32, _ rd: UInt32, _ sel: UInt32 = 0) -> UInt32 {
        0x10 << 26 | rt << 16 | rd << 11 | sel
    }
    static func mtc0(_ rt: UInt32, _ rd: UInt32, _ sel: UInt32 = 0) -> UInt32 { mfc0(rt, rd, sel) | 4 << 21 }
    static func dmfc0(_ rt: UInt32, _ rd: UInt32) -> UInt32 { mfc0(rt, rd) | 1 << 21 }
    static func dmtc0(_ rt: UInt32, _ rd: UInt32) -> UInt32 { mfc0(rt, rd) | 5 << 21 }
    static let tlbr: UInt32 = 0x4200_0001
    static let tlbwi: UInt32 = 0x4200_0002
    static let tlbp: UInt32 = 0x4200_0008
    static let eret: UInt32 = 0x4200_0018
    static let wait: UInt32 = 0x4200_0020
    static let ehb: UInt32 = 0x0000_00C0
    static func hypcall(_ code: UInt32) -> UInt32 { 0x4200_0028 | code << 11 }
    static func ei(_ rt: UInt32) -> UInt32 { 0x4160_6020 | rt << 16 }
    static func di(_ rt: UInt32) -> UInt32 { 0x4160_6000 | rt << 16 }
    static func rdhwr(_ rt: UInt32, _ register: UInt32) -> UInt32 { 0x7C00_003B | rt << 16 | register << 11 }
    static func cache(_ op: UInt32, _ offset: UInt32, _ base: UInt32) -> UInt32 { i(0x2F, op, base, offset) }
    static func synci(_ offset: UInt32, _ base: UInt32) -> UInt32 { i(0x01, 0x1F, base, offset) }

    // Coprocessor 1
    static func cop1(_ rs: UInt32, _ rt: UInt32, _ fs: UInt32, _ fd: UInt32 = 0, _ funct: UInt32 = 0) -> UInt32 {
        0x11 << 26 | rs << 21 | rt << 16 | fs << 11 | fd << 6 | funct
    }

    /// Is this `sw rt, offset($k0)`?
    static func isDeviceStore(_ word: UInt32, _ offset: UInt32) -> Bool {
        word & 0xFFE0_FFFF == sw(0, offset, Map.k0)
    }

    /// Does an instruction that stops here stop at a branch, whose delay slot is meant?
    static func isBranch(_ word: UInt32) -> Bool {
        switch word >> 26 {
        case 0x01: word >> 16 & 0x1F != 0x1F && word >> 19 & 3 != 1  // not SYNCI, not the traps
        case 0x02...0x07, 0x14...0x17: true
        case 0x00: word & 0x3E == 0x08
        case 0x11: word >> 21 & 0x1F == 0x08
        default: false
        }
    }
}

/// Where things are in the guests of this test.
enum Map {
    static let window: UInt32 = 0x4000_0000
    static let size: UInt32 = 0x20000
    static let vectors: [UInt32] = [0x000, 0x180, 0x200]
    /// Stands for the end of every program: what EPC holds before anything else does.
    static let end: UInt32 = 0xF00
    static let code: UInt32 = 0x1000
    static let codeSize: UInt32 = 0x2000
    /// Two pages of 16 KiB.
    static let data: UInt32 = 0x8000
    static let dataSize: UInt32 = 0x8000
    /// RAM that programs map through the TLB, two pages.
    static let mapped: UInt32 = 0x10000

    /// Of the devices, guest-physical and as the guest kernel writes it.
    static let devicePhysical: UInt64 = 0x1400_0000
    static let device: UInt32 = 0xB400_0000
    // Offsets there
    static let plain: UInt32 = 0x100
    static let plainSize: UInt32 = 0x300
    static let done: UInt32 = 0x800
    /// The guest stores Count, just read.
    static let countRead: UInt32 = 0xC00
    /// The guest stores what it has just written to Count, Compare, Cause.
    static let countWritten: UInt32 = 0xD00
    static let compareWritten: UInt32 = 0xD04
    static let causeWritten: UInt32 = 0xD08
    static let handler: UInt32 = 0x1000

    // Registers with a role
    /// Holds Count and nothing else: time-valued, not compared.
    static let timeRegister: UInt32 = 23
    static let k0: UInt32 = 26
    static let k1: UInt32 = 27
    static let gp: UInt32 = 28
    static let counter: UInt32 = 29
    static let pointer: UInt32 = 30
}
