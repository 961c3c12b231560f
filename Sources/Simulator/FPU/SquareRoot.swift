// SQRT.fmt and RSQRT.fmt.

extension FPU {
    /// SQRT.S.
    @inline(__always)
    static func sqrt32(_ a: UInt32, _ mode: FloatingMode) -> FloatingResult32 {
        // A positive normal number.
        if mode.isNearest && (a >> 23) &- 1 < 254 {
            let root = Float(bitPattern: a).squareRoot()
            let exact = Double(root) * Double(root) == Double(Float(bitPattern: a))
            return FloatingResult32(bits: root.bitPattern, flags: exact ? 0 : FloatingFlags.inexact)
        }
        return slowSqrt32(a, mode)
    }

    /// SQRT.D.
    @inline(__always)
    static func sqrt64(_ a: UInt64, _ mode: FloatingMode) -> FloatingResult64 {
        let field = a >> 52
        if mode.isNearest && field &- 1 < 2046 {
            let root = Double(bitPattern: a).squareRoot().bitPattern
            // root² = a in integers: r × r = s << (52 or 53). Rounding to nearest keeps the difference below 2^54, so
            // 64 bits of it decide.
            let shift = field &+ (1023 + 52) &- 2 &* ((root >> 52) & 0x7FF)
            let significand = significand64(root)
            let rest = significand &* significand &- (significand64(a) &<< shift)
            return FloatingResult64(bits: root, flags: rest == 0 ? 0 : FloatingFlags.inexact)
        }
        return slowSqrt64(a, mode)
    }

    /// RSQRT.S: 1 ÷ √a, rounded twice.
    @inline(__always)
    static func rsqrt32(_ a: UInt32, _ mode: FloatingMode) -> FloatingResult32 {
        let root = sqrt32(a, mode)
        var result = recip32(root.bits, mode)
        result.flags |= root.flags
        return result
    }

    /// RSQRT.D: 1 ÷ √a, rounded twice.
    @inline(__always)
    static func rsqrt64(_ a: UInt64, _ mode: FloatingMode) -> FloatingResult64 {
        let root = sqrt64(a, mode)
        var result = recip64(root.bits, mode)
        result.flags |= root.flags
        return result
    }

    @inline(never)
    static func slowSqrt32(_ a: UInt32, _ mode: FloatingMode) -> FloatingResult32 {
        FloatingResult32(softSquareRoot(UInt64(a), mode, .single))
    }

    @inline(never)
    static func slowSqrt64(_ a: UInt64, _ mode: FloatingMode) -> FloatingResult64 {
        softSquareRoot(a, mode, .double)
    }

    /// √a exactly (with a sticky bit), then rounded. √−0 is −0.
    @inline(__always)
    static func softSquareRoot(_ a: UInt64, _ mode: FloatingMode, _ format: FloatingFormat) -> FloatingResult64 {
        if format.isNaN(a) {
            return format.resultOfNaN(a, a)
        }
        if format.isZero(a) {
            return FloatingResult64(bits: a, flags: 0)
        }
        if format.sign(a) != 0 {
            return format.invalidResult
        }
        if format.isInfinite(a) {
            return FloatingResult64(bits: a, flags: 0)
        }
        let x = UnpackedNumber(a, format)
        // Fixed point with 60 fraction bits, the radicand in 1..<4 so that its exponent is even and the root in 1..<2.
        // Unpacking left at least ten zero bits below, so the shift loses nothing.
        let power = x.exponent &- format.bias
        var rest = power & 1 == 0 ? x.significand >> 2 : x.significand >> 1
        // One bit of the root at a time, two more than the format keeps. `rest` is 2^i × (radicand − root²) after i
        // bits and `doubled` twice the root: the next bit is one if rest ≥ doubled + bit.
        var root: UInt64 = 0
        var doubled: UInt64 = 0
        var bit: UInt64 = 1 << 60
        let last: UInt64 = 1 << UInt64(58 &- format.fractionBits)
        while bit >= last {
            let trial = doubled &+ bit
            if trial <= rest {
                rest &-= trial
                doubled = trial &+ bit
                root |= bit
            }
            rest <<= 1
            bit >>= 1
        }
        let significand = root << 2 | (rest == 0 ? 0 : 1)
        return roundPack(
            UnpackedNumber(sign: 0, exponent: (power >> 1) &+ format.bias, significand: significand), mode, format)
    }
}
