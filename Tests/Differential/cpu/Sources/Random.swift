// A small repeatable generator of random words, with the biases that find mistakes.

/// SplitMix64: the same seed gives the same words on every machine.
struct Random {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func word() -> UInt32 { UInt32(truncatingIfNeeded: next() >> 13) }

    /// 0 ..< `bound`.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// True once in `n` times.
    mutating func once(in n: Int) -> Bool { below(n) == 0 }

    mutating func pick<T>(_ values: [T]) -> T { values[below(values.count)] }

    /// A register value: corners of the integer range, small numbers, single bits, or anything.
    mutating func interestingWord() -> UInt32 {
        switch below(8) {
        case 0: return pick([0, 1, 2, 31, 32, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x8000_0001, 0xFFFF_8000, 0x7FFF])
        case 1: return UInt32(below(64))
        case 2: return 0 &- UInt32(below(64))
        case 3: return 1 << UInt32(below(32))
        case 4: return ~(UInt32.max << UInt32(below(32)))
        default: return word()
        }
    }

    /// Bits of a single: zeros, denormals, infinities, NaNs of both kinds, values near integers' limits, or anything.
    mutating func interestingSingle() -> UInt32 {
        let sign: UInt32 = once(in: 2) ? 0x8000_0000 : 0
        switch below(10) {
        case 0:
            return sign
                | pick([
                    0, 1, 0x007F_FFFF, 0x0080_0000, 0x7F7F_FFFF, 0x7F80_0000, 0x7FBF_FFFF, 0x7FC0_0000, 0x7FFF_FFFF,
                    0x7F80_0001,
                ])
        case 1: return sign | word() & 0x007F_FFFF
        case 2: return Float(Int32(bitPattern: interestingWord())).bitPattern
        case 3: return (Float(Int32(below(2000)) - 1000) / 4).bitPattern
        case 4: return sign | 0x4F00_0000 &+ UInt32(below(5)) &- 2
        case 5: return sign | UInt32(120 + below(20)) << 23 | word() & 0x007F_FFFF
        default: return word()
        }
    }

    mutating func interestingDouble() -> UInt64 {
        let sign: UInt64 = once(in: 2) ? 1 << 63 : 0
        switch below(10) {
        case 0:
            return sign
                | pick([
                    0, 1, 0x000F_FFFF_FFFF_FFFF, 0x0010_0000_0000_0000, 0x7FEF_FFFF_FFFF_FFFF, 0x7FF0_0000_0000_0000,
                    0x7FF7_FFFF_FFFF_FFFF, 0x7FF8_0000_0000_0000, 0x7FFF_FFFF_FFFF_FFFF, 0x7FF0_0000_0000_0001,
                ])
        case 1: return sign | next() & 0x000F_FFFF_FFFF_FFFF
        case 2: return Double(Int32(bitPattern: interestingWord())).bitPattern
        case 3: return (Double(below(2000) - 1000) / 4).bitPattern
        case 4: return (Double(Float(bitPattern: interestingSingle() & 0xFF7F_FFFF))).bitPattern
        case 5: return sign | UInt64(1000 + below(100)) << 52 | next() & 0x000F_FFFF_FFFF_FFFF
        case 6: return UInt64(interestingSingle()) << 32 | UInt64(interestingSingle())
        default: return next()
        }
    }
}
