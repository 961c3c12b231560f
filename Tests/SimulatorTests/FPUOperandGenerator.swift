// Random operands weighted to where floating point goes wrong.
//
// Shared by these tests and by Tests/Differential/fpu, which compiles this file together with the FPU's sources.

#if canImport(Simulator)
    @testable import Simulator
#endif

/// One operation's operands, laid out as the differential run's guest loop reads them.
struct FPUOperands {
    var a: UInt64
    var b: UInt64
    var c: UInt64
    var fcsr: UInt32
    var pad: UInt32
}

/// What an operand is made of, or a result.
enum FPUOperandKind {
    case single, double, word, long
}

/// A repeatable stream of operand records.
struct FPUOperandGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func below(_ bound: UInt64) -> UInt64 {
        ((next() >> 32) &* bound) >> 32
    }

    /// Three operands and FCSR with a random RM (half of the time to nearest), FS in one of eight, no flag set.
    mutating func record(_ kind: FPUOperandKind) -> FPUOperands {
        let rounding = below(2) == 0 ? 0 : below(4)
        let flush: UInt64 = below(8) == 0 ? 1 << 24 : 0
        var record = FPUOperands(a: 0, b: 0, c: 0, fcsr: UInt32(rounding | flush), pad: 0)
        switch kind {
        case .single: fill(&record, .single)
        case .double: fill(&record, .double)
        case .word: record.a = integer(width: 32) & 0xFFFF_FFFF
        case .long: record.a = integer(width: 64)
        }
        return record
    }

    /// An integer of any length, often near a power of two or half-way between representable numbers.
    private mutating func integer(width: UInt64) -> UInt64 {
        let length = below(width + 1)
        let mask = length >= 64 ? UInt64.max : (1 << length) - 1
        var value: UInt64
        switch below(4) {
        case 0: value = next() & mask
        case 1: value = mask &- below(4)
        case 2: value = (mask &+ 1) &+ below(4)
        default: value = pattern(Int(length))
        }
        if below(2) == 0 { value = 0 &- value }
        return value
    }

    private mutating func fill(_ record: inout FPUOperands, _ format: FloatingFormat) {
        record.a = number(format)
        record.b = number(format)
        record.c = number(format)
        let exponentMask = UInt64(format.specialExponent)
        let shift = UInt64(format.fractionBits)
        let exponent = record.a >> shift & exponentMask
        switch below(10) {
        case 0:  // Cancellation: nearly the same number.
            record.b = record.a &+ below(5) &- 2
            if below(2) == 0 { record.b ^= format.signBit }
        case 1:  // Alignment: exponents within the width of the significand and a little more.
            let other = exponent &+ below(UInt64(2 * format.fractionBits + 10)) &- UInt64(format.fractionBits + 5)
            record.b = replaceExponent(record.b, other, format)
        case 2:  // Products at the ends of the range.
            let sum = below(2) == 0 ? UInt64(format.bias) : UInt64(3 * format.bias)
            record.b = replaceExponent(record.b, sum &- exponent &+ below(8) &- 4, format)
        case 3:  // Products among the subnormals.
            let sum = UInt64(format.bias) &- below(UInt64(format.fractionBits + 5))
            record.b = replaceExponent(record.b, sum &- exponent, format)
        case 4:  // Quotients at the ends of the range.
            let difference =
                below(2) == 0 ? UInt64(format.bias) : 0 &- UInt64(format.bias) &- below(UInt64(format.fractionBits + 5))
            record.b = replaceExponent(record.b, exponent &- difference &+ below(8) &- 4, format)
        case 5:  // (1 + ε)(2 − 2ε), just below a power of two, around the smallest normal number.
            let bit = shift - 1 - below(shift - 1)
            record.a = replaceExponent(record.a & format.signBit | 1 << bit, exponent, format) &+ below(2)
            record.b = record.b & format.signBit | format.fractionMask & ~((1 << (bit + 1)) - 1)
            record.b = replaceExponent(record.b, UInt64(format.bias) &- exponent &+ below(3) &- 1, format)
        default: break
        }
        if format.fractionBits == 23 {
            record.a &= 0xFFFF_FFFF
            record.b &= 0xFFFF_FFFF
            record.c &= 0xFFFF_FFFF
        }
    }

    private func replaceExponent(_ bits: UInt64, _ exponent: UInt64, _ format: FloatingFormat) -> UInt64 {
        bits & ~format.infinity | (exponent << UInt64(format.fractionBits)) & format.infinity
    }

    /// One number of the format, its unused upper bits zero.
    private mutating func number(_ format: FloatingFormat) -> UInt64 {
        let shift = UInt64(format.fractionBits)
        let sign = below(2) == 0 ? 0 : format.signBit
        let special = UInt64(format.specialExponent)
        var exponent: UInt64
        switch below(16) {
        case 0: return sign
        case 1: return sign | format.infinity
        case 2: return sign | format.infinity | pattern(format.fractionBits)
        case 3: exponent = 0
        case 4: exponent = 1 + below(3)
        case 5: exponent = special - 1 - below(3)
        case 6, 7, 8, 9: exponent = UInt64(format.bias) &+ below(9) &- 4
        // From far below one to beyond 2^63: what integers care about.
        case 10, 11: exponent = UInt64(format.bias) &+ below(72) &- 4
        // Doubles at the ends of single precision's range.
        case 12 where format.fractionBits == 52:
            exponent = below(2) == 0 ? 1023 - 126 + 2 - below(28) : 1023 + 127 + 2 - below(4)
        default: exponent = below(special)
        }
        exponent &= special
        let fraction = below(2) == 0 ? pattern(format.fractionBits) : next() & format.fractionMask
        return sign | exponent << shift | fraction
    }

    /// `width` bits of which few runs are set: ties, carries and exact results live there.
    private mutating func pattern(_ width: Int) -> UInt64 {
        if width == 0 { return 0 }
        let mask = width >= 64 ? UInt64.max : (1 << UInt64(width)) - 1
        let bit = { (position: UInt64) -> UInt64 in 1 << position }
        switch below(8) {
        case 0: return 0
        case 1: return mask
        case 2: return bit(below(UInt64(width)))
        case 3: return mask ^ bit(below(UInt64(width)))
        case 4: return mask << below(UInt64(width)) & mask
        case 5: return mask >> below(UInt64(width))
        case 6: return bit(below(UInt64(width))) | bit(below(UInt64(width)))
        default: return next() << below(UInt64(width)) & mask
        }
    }
}
