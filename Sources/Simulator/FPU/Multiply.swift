// MUL.fmt.

extension FPU {
    /// MUL.S: a × b.
    @inline(__always)
    static func mul32(_ a: UInt32, _ b: UInt32, _ mode: FloatingMode) -> FloatingResult32 {
        if mode.isNearest && isNormal32(a) && isNormal32(b) {
            // 24 × 24 bits fit a double's 53: the product is exact, and narrowing it rounds once.
            let product = Double(Float(bitPattern: a)) * Double(Float(bitPattern: b))
            let field = (product.bitPattern >> 52) & 0x7FF
            // 2^-125 ... 2^126: neither underflow nor overflow is near.
            if field &- (1023 - 125) < 251 {
                let rounded = Float(product)
                return FloatingResult32(
                    bits: rounded.bitPattern, flags: Double(rounded) == product ? 0 : FloatingFlags.inexact)
            }
        }
        return slowMul32(a, b, mode)
    }

    /// MUL.D: a × b.
    @inline(__always)
    static func mul64(_ a: UInt64, _ b: UInt64, _ mode: FloatingMode) -> FloatingResult64 {
        let fieldA = (a >> 52) & 0x7FF
        let fieldB = (b >> 52) & 0x7FF
        // Both factors normal, the product between 2^-958 and 2^960.
        if mode.isNearest && fieldA &- 1 < 2046 && fieldB &- 1 < 2046 && fieldA &+ fieldB &- 1088 < 1918 {
            let product = (Double(bitPattern: a) * Double(bitPattern: b)).bitPattern
            // The significands' product has its leading one at bit 104 or 105; 52 or 53 bits are rounded away. The low
            // 64 bits of the product hold them all. Which it is shows in the exponent; where rounding up carried
            // into it, the lower 52 are not all zero either.
            let low = significand64(a) &* significand64(b)
            let cut = 52 &+ (((product >> 52) & 0x7FF) &- fieldA &- fieldB &+ 1023)
            let lost = low &<< (64 &- cut)
            return FloatingResult64(bits: product, flags: lost == 0 ? 0 : FloatingFlags.inexact)
        }
        return slowMul64(a, b, mode)
    }

    @inline(never)
    static func slowMul32(_ a: UInt32, _ b: UInt32, _ mode: FloatingMode) -> FloatingResult32 {
        FloatingResult32(softMultiply(UInt64(a), UInt64(b), mode, .single))
    }

    @inline(never)
    static func slowMul64(_ a: UInt64, _ b: UInt64, _ mode: FloatingMode) -> FloatingResult64 {
        softMultiply(a, b, mode, .double)
    }

    /// Whether `bits` is neither zero, subnormal, infinite nor a NaN.
    @inline(__always)
    static func isNormal32(_ bits: UInt32) -> Bool {
        ((bits >> 23) & 0xFF) &- 1 < 254
    }

    /// The significand of a normal double with its leading one, 53 bits.
    @inline(__always)
    static func significand64(_ bits: UInt64) -> UInt64 {
        (bits & 0x000F_FFFF_FFFF_FFFF) | 0x0010_0000_0000_0000
    }

    /// a × b exactly, then rounded.
    @inline(__always)
    static func softMultiply(
        _ a: UInt64, _ b: UInt64, _ mode: FloatingMode, _ format: FloatingFormat
    ) -> FloatingResult64 {
        if format.isNaN(a) || format.isNaN(b) {
            return format.resultOfNaN(a, b)
        }
        let sign = format.sign(a) ^ format.sign(b)
        if format.isInfinite(a) || format.isInfinite(b) {
            if format.isZero(a) || format.isZero(b) { return format.invalidResult }
            return FloatingResult64(bits: format.signed(sign, format.infinity), flags: 0)
        }
        if format.isZero(a) || format.isZero(b) {
            return FloatingResult64(bits: format.signed(sign, 0), flags: 0)
        }
        let x = UnpackedNumber(a, format)
        let y = UnpackedNumber(b, format)
        // Leading ones at bits 63 and 62: the product's is at 125 or 126, so at 61 or 62 of the high half.
        let product = (x.significand << 1).multipliedFullWidth(by: y.significand)
        var significand = product.high | (product.low == 0 ? 0 : 1)
        var exponent = x.exponent &+ y.exponent &- format.bias &+ 1
        if significand >> 62 == 0 {
            significand <<= 1
            exponent &-= 1
        }
        return roundPack(
            UnpackedNumber(sign: sign, exponent: exponent, significand: significand), mode, format)
    }
}
