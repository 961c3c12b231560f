// The opcode maps: how each group of instructions is told from the others.

/// Opcode maps of Manual Volume II-A, appendix A. Fields a group does not name are ignored, as processors do for nearly
/// all fields the manual wants to be zero; the exceptions say so in the list with `requiring`.
extension Encoding {
    /// Told by the primary opcode alone (table A.2).
    static func opcode(_ opcode: UInt32) -> Self { Self(match: opcode << 26, mask: 0xFC00_0000) }
    /// Primary opcode 0, told by the function field (table A.3).
    static func special(_ funct: UInt32) -> Self { Self(match: funct, mask: 0xFC00_003F) }
    /// Primary opcode 1, told by the rt field (table A.4).
    static func regimm(_ rt: UInt32) -> Self { Self(match: 0x01 << 26 | rt << 16, mask: 0xFC1F_0000) }
    /// Primary opcode 0x1C (table A.5).
    static func special2(_ funct: UInt32) -> Self { Self(match: 0x1C << 26 | funct, mask: 0xFC00_003F) }
    /// Primary opcode 0x1F (table A.6).
    static func special3(_ funct: UInt32) -> Self { Self(match: 0x1F << 26 | funct, mask: 0xFC00_003F) }
    /// SPECIAL3 function 0x20, told by the sa field (table A.10).
    static func bshfl(_ sa: UInt32) -> Self { special3(0x20).requiring(0x07C0, sa << 6) }
    /// Coprocessor 0, told by the rs field (table A.11).
    static func cop0(_ rs: UInt32) -> Self { Self(match: 0x10 << 26 | rs << 21, mask: 0xFFE0_0000) }
    /// Coprocessor 0 operations: the CO bit is set, told by the function field (table A.12).
    static func c0(_ funct: UInt32) -> Self { Self(match: 0x10 << 26 | 1 << 25 | funct, mask: 0xFE00_003F) }
    /// Coprocessor 1 transfers and branches, told by the rs field (table A.13).
    static func cop1(_ rs: UInt32) -> Self { Self(match: 0x11 << 26 | rs << 21, mask: 0xFFE0_0000) }
    /// Coprocessor 1 branches, told by the nd (likely) and tf (true) bits.
    static func bc1(likely: UInt32, true tf: UInt32) -> Self {
        cop1(0x08).requiring(0x0003_0000, likely << 17 | tf << 16)
    }
    /// Coprocessor 1 on singles (table A.14).
    static func single(_ funct: UInt32) -> Self { cop1(0x10).requiring(0x3F, funct) }
    /// Coprocessor 1 on doubles (table A.15).
    static func double(_ funct: UInt32) -> Self { cop1(0x11).requiring(0x3F, funct) }
    /// Comparisons of singles (`fmt` 0x10) or doubles (0x11): function fields 0x30...0x3F, whose low four bits are the
    /// condition. Bit 6 belongs to MIPS-3D (compare absolute values) and is reserved without it.
    static func compare(_ fmt: UInt32) -> Self { cop1(fmt).requiring(0x70, 0x30) }
    /// Coprocessor 1 on 32-bit integers (table A.16).
    static func word(_ funct: UInt32) -> Self { cop1(0x14).requiring(0x3F, funct) }
    /// Coprocessor 1 on 64-bit integers (table A.16).
    static func long(_ funct: UInt32) -> Self { cop1(0x15).requiring(0x3F, funct) }
    /// Primary opcode 0x13, told by the function field (table A.20).
    static func cop1x(_ funct: UInt32) -> Self { Self(match: 0x13 << 26 | funct, mask: 0xFC00_003F) }

    /// The same, accepting only words whose bits under `mask` are `match`.
    func requiring(_ mask: UInt32, _ match: UInt32) -> Self {
        Self(match: self.match | match, mask: self.mask | mask)
    }
}
