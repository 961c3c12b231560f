// DIV.fmt and RECIP.fmt.

extension FPU {
    /// DIV.S: a ÷ b.
    @inline(__always)
    static func div32(_ a: UInt32, _ b: UInt32, _ mode: FloatingMode) -> FloatingResult32 {
        let fieldA = (a >> 23) & 0xFF
        let fieldB = (b >> 23) & 0xFF
        // Both normal, the quotient between 2^-121 and 2^121.
        if mode.isNearest && fieldA &- 1 < 254 && fieldB &- 1 < 254 && fieldA &- fieldB &+ 120 < 241 {
            let quotient = Float(bitPattern: a) / Float(bitPattern: b)
            // Two 24-bit factors: the check product is exact in a double.
            let exact = Double(quotient) * Double(Float(bitPattern: b)) == Double(Float(bitPattern: a))
            return FloatingResult32(bits: quotient.bitPattern, flags: exact ? 0 : FloatingFlags.inexact)
        }
        return slowDiv32(a, b, mode)
    }

    /// DIV.D: a ÷ b.
    @inline(__always)
    static func div64(_ a: UInt64, _ b: UInt64, _ mode: FloatingMode) -> FloatingResult64 {
        let fieldA = (a >> 52) & 0x7FF
        let fieldB = (b >> 52) & 0x7FF
        // Both normal, the quotient between 2^-960 and 2^960.
        if mode.isNearest && fieldA &- 1 < 2046 && fieldB &- 1 < 2046 && fieldA &- fieldB &+ 959 < 1919 {
            let quotient = (Double(bitPattern: a) / Double(bitPattern: b)).bitPattern
            // quotient × b = a in integers: significands q × b = a << (52 or 53). Rounding to nearest keeps the
            // difference below 2^53, so 64 bits of it decide.
            let shift = fieldA &- fieldB &- ((quotient >> 52) & 0x7FF) &+ (1023 + 52)
            let rest = significand64(quotient) &* significand64(b) &- (significand64(a) &<< shift)
            return FloatingResult64(bits: quotient, flags: rest == 0 ? 0 : FloatingFlags.inexact)
        }
        return slowDiv64(a, b, mode)
    }

    /// RECIP.S: 1 ÷ a, rounded as a division.
    @inline(__always)
    static func recip32(_ a: UInt32, _ mode: FloatingMode) -> FloatingResult32 {
        div32(0x3F80_0000, a, mode)
    }

    /// RECIP.D: 1 ÷ a, rounded as a division.
    @inline(__always)
    static func recip64(_ a: UInt64, _ mode: FloatingMode) -> FloatingResult64 {
        div64(0x3FF0_0000_0000_0000, a, mode)
    }

    @inline(never)
    static func slowDiv32(_ a: UInt32, _ b: UInt32, _ mode: FloatingMode) -> FloatingResult32 {
        FloatingResult32(softDivide(UInt64(a), UInt64(b), mode, .single))
    }

    @inline(never)
    static func slowDiv64(_ a: UInt64, _ b: UInt64, _ mode: FloatingMode) -> FloatingResult64 {
        softDivide(a, b, mode, .double)
    }

    /// a ÷ b exactly, then rounded.
    @inline(__always)
    static func softDivide(
        _ a: UInt64, _ b: UInt64, _ mode: FloatingMode, _ format: FloatingFormat
    ) -> FloatingResult64 {
        if format.isNaN(a) || format.isNaN(b) {
            return format.resultOfNaN(a, b)
        }
        let sign = format.sign(a) ^ format.sign(b)
        if format.isInfinite(a) {
            if format.isInfinite(b) { return format.invalidResult }
            return FloatingResult64(bits: format.signed(sign, format.infinity), flags: 0)
        }
        if format.isInfinite(b) {
            return FloatingResult64(bits: format.signed(sign, 0), flags: 0)
        }
        if format.isZero(b) {
            if format.isZero(a) { return format.invalidResult }
            return FloatingResult64(bits: format.signed(sign, format.infinity), flags: FloatingFlags.divideByZero)
        }
        if format.isZero(a) {
            return FloatingResult64(bits: format.signed(sign, 0), flags: 0)
        }
        let x = UnpackedNumber(a, format)
        let y = UnpackedNumber(b, format)
        var exponent = x.exponent &- y.exponent &+ format.bias
        var numerator = x.significand
        if numerator < y.significand {
            numerator <<= 1
            exponent &-= 1
        }
        // numerator ÷ divisor is in 1..<2, so the quotient's leading one is at bit 62.
        let quotient = quotientWithSticky(numerator, y.significand)
        return roundPack(UnpackedNumber(sign: sign, exponent: exponent, significand: quotient), mode, format)
    }

    /// floor(numerator × 2^62 ÷ divisor), with bit 0 also set if there is a remainder.
    ///
    /// The divisor's leading one is at bit 62 and divisor ≤ numerator < 2 × divisor. Long division in digits of 31 bits,
    /// each from one 64-bit division: a 128-bit one has no runtime support on 32-bit hosts.
    private static func quotientWithSticky(_ numerator: UInt64, _ divisor: UInt64) -> UInt64 {
        // The first bit is known to be one; what is left is below the divisor.
        var remainder = numerator &- divisor
        var quotient: UInt64 = 1
        let high = divisor >> 31
        let low = divisor & 0x7FFF_FFFF
        for _ in 0..<2 {
            // remainder × 2^31 ÷ divisor, guessed from the divisor's upper 32 bits: at most one too large, because those
            // are at least 2^31 and the digit times the divisor's lower 31 bits is below 2^62.
            var digit = remainder / high
            // digit × divisor = digit × high × 2^31 + digit × low; compare with remainder × 2^31.
            var rest = remainder &- digit &* high
            if digit >> 31 != 0 || digit &* low > rest << 31 {
                digit &-= 1
                rest &+= high
            }
            remainder = (rest << 31) &- digit &* low
            quotient = (quotient << 31) | digit
        }
        return quotient | (remainder == 0 ? 0 : 1)
    }
}
