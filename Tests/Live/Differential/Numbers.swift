// Random numbers that repeat: SplitMix64 (Steele, Lea, Flood 2014).

struct Numbers {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    mutating func word() -> UInt32 { UInt32(truncatingIfNeeded: next() >> 16) }

    /// 0 to `limit` - 1.
    mutating func below(_ limit: UInt32) -> UInt32 {
        UInt32(truncatingIfNeeded: (UInt64(word()) * UInt64(limit)) >> 32)
    }

    mutating func from(_ range: ClosedRange<UInt32>) -> UInt32 {
        range.lowerBound + below(range.upperBound - range.lowerBound + 1)
    }

    /// True in one of `n` cases.
    mutating func oneIn(_ n: UInt32) -> Bool { below(n) == 0 }

    mutating func one<T>(of choices: [T]) -> T { choices[Int(below(UInt32(choices.count)))] }

    /// A word as programs meet them: any, small, all ones, a sign bit, one bit.
    mutating func value() -> UInt32 {
        switch below(6) {
        case 0: below(256)
        case 1: 0 &- below(256)
        case 2: one(of: [0, .max, 0x8000_0000, 0x7FFF_FFFF, 0x8000_0001, 1])
        case 3: 1 << below(32)
        default: word()
        }
    }
}
