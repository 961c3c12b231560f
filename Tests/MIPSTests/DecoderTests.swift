// The decoder against the list it is built from, and against hand-assembled words.

import MIPS
import Testing

struct DecoderTests {
    /// Words any reader of the manual can check.
    @Test(
        arguments: [
            (0x0000_0000, .sll), (0x27BD_FFE0, .addiu), (0x0320_F809, .jalr), (0x03E0_0008, .jr), (0x4200_0018, .eret),
            (0x4200_0020, .wait), (0x4160_6000, .di), (0x4160_6020, .ei), (0x4088_6000, .mtc0), (0x7C03_E83B, .rdhwr),
            (0x4600_0832, .c_s), (0x4620_0832, .c_d), (0x46A0_0021, .cvt_d_l), (0x4C41_1021, .madd_d),
            (0xCC80_0000, .pref),
        ] as [(UInt32, Instruction)])
    func knownWords(word: UInt32, expected: Instruction) {
        #expect(Instruction(decoding: word) == expected)
    }

    /// Fields the manual wants to be zero: most are ignored, some make the word reserved, as on a 24Kf.
    @Test(
        arguments: [
            (0x0085_1020, .add), (0x0085_17E0, .add),  // sa is ignored
            (0x03E0_0408, .jr), (0x03E0_07C8, .jr),  // so are hints
            (0x1885_0001, .blez), (0x3C85_0001, .lui),  // and unused registers
            (0x0004_1042, .srl), (0x0024_1042, .rotr), (0x0044_1042, .reserved),  // bits 25...22 tell shift from rotate
            (0x0085_1046, .rotrv), (0x0085_1086, .reserved),
            (0x0000_1010, .mfhi), (0x0020_1010, .reserved),  // accumulators 1...3 belong to the DSP module
            (0x0085_0018, .mult), (0x0085_0818, .reserved), (0x7085_0800, .reserved),
            (0x7C04_1420, .seb), (0x7C04_1460, .reserved),
            (0x4160_6001, .reserved), (0x4200_0058, .reserved), (0x4280_0020, .wait),
            (0x4600_0870, .reserved), (0x46C0_0021, .reserved), (0x4600_0826, .reserved),  // MIPS-3D, paired singles
            (0x7400_0000, .reserved), (0xDC00_0000, .reserved), (0x4840_0000, .cop2),
        ] as [(UInt32, Instruction)])
    func looseFields(word: UInt32, expected: Instruction) {
        #expect(Instruction(decoding: word) == expected)
    }

    /// Whatever the operands, an instruction's words decode to it, or to an entry that is more specific.
    @Test(arguments: Instruction.allCases)
    func operandsDoNotMatter(instruction: Instruction) {
        let encoding = instruction.facts.encoding
        var random = SplitMix(seed: UInt64(instruction.rawValue))
        for _ in 0..<2000 {
            let word = encoding.match | (random.next32() & ~encoding.mask)
            let decoded = Instruction(decoding: word)
            if decoded == instruction { continue }
            if decoded == .reserved {
                #expect(instruction == .ext || instruction == .ins)
                continue
            }
            let other = decoded.facts.encoding
            #expect(other.accepts(word) && other.mask.nonzeroBitCount > encoding.mask.nonzeroBitCount)
        }
    }

    /// Two entries overlap only if one of them is a special case of the other.
    @Test func noAmbiguity() {
        for a in Instruction.allCases where a != .reserved {
            for b in Instruction.allCases where b.rawValue > a.rawValue {
                let (x, y) = (a.facts.encoding, b.facts.encoding)
                let common = x.mask & y.mask
                guard x.match & common == y.match & common, b != .reserved else { continue }
                #expect((common == x.mask || common == y.mask) && x.mask != y.mask, "\(a) and \(b)")
            }
        }
    }

    /// The table gives what a search of the list gives, for words that lie densely in every bucket.
    @Test func tableAgreesWithList() {
        let entries = Instruction.allCases.map { ($0, $0.facts.encoding) }
            .sorted { $0.1.mask.nonzeroBitCount > $1.1.mask.nonzeroBitCount }
        var random = SplitMix(seed: 1)
        for _ in 0..<100_000 {
            var word = random.next32()
            // Favour the subdivided opcodes, which are a tenth of the space and most of the list.
            if random.next32() & 3 != 0 {
                let opcodes: [UInt32] = [0x00, 0x01, 0x10, 0x11, 0x13, 0x1C, 0x1F]
                word = word & 0x03FF_FFFF | opcodes[Int(random.next32() % 7)] << 26
            }
            let listed = entries.first { $0.1.accepts(word) }!.0
            let decoded = Instruction(decoding: word)
            if decoded != listed { #expect(decoded == .reserved && (listed == .ext || listed == .ins)) }
        }
    }
}
