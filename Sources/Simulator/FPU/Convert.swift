// CVT.S.fmt and CVT.D.fmt: conversions to floating point.

extension FPU {
    /// CVT.S.D.
    @inline(__always)
    static func cvt_s_d(_ a: UInt64, _ mode: FloatingMode) -> FloatingResult32 {
        // 2^-120 ... 2^120: neither underflow nor overflow is near.
        if mode.isNearest && ((a >> 52) & 0x7FF) &- (1023 - 120) < 240 {
            let value = Double(bitPattern: a)
            let rounded = Float(value)
            return FloatingResult32(
                bits: rounded.bitPattern, flags: Double(rounded) == value ? 0 : FloatingFlags.inexact)
        }
        return slowCvt_s_d(a, mode)
    }

    /// CVT.S.W: from a 32-bit integer.
    @inline(__always)
    static func cvt_s_w(_ a: UInt32, _ mode: FloatingMode) -> FloatingResult32 {
        if mode.isNearest {
            let value = Int32(bitPattern: a)
            let rounded = Float(value)
            return FloatingResult32(
                bits: rounded.bitPattern, flags: Double(rounded) == Double(value) ? 0 : FloatingFlags.inexact)
        }
        return slowCvt_s_l(UInt64(bitPattern: Int64(Int32(bitPattern: a))), mode)
    }

    /// CVT.S.L: from a 64-bit integer.
    @inline(__always)
    static func cvt_s_l(_ a: UInt64, _ mode: FloatingMode) -> FloatingResult32 {
        slowCvt_s_l(a, mode)
    }

    /// CVT.D.S. Exact, but for NaNs.
    @inline(__always)
    static func cvt_d_s(_ a: UInt32, _ mode: FloatingMode) -> FloatingResult64 {
        if isNormal32(a) {
            let sign = UInt64(a & 0x8000_0000) << 32
            let magnitude = UInt64(a & 0x7FFF_FFFF) << 29 &+ (1023 - 127) << 52
            return FloatingResult64(bits: sign | magnitude, flags: 0)
        }
        return slowCvt_d_s(a, mode)
    }

    /// CVT.D.W: from a 32-bit integer. Always exact.
    @inline(__always)
    static func cvt_d_w(_ a: UInt32) -> FloatingResult64 {
        FloatingResult64(bits: Double(Int32(bitPattern: a)).bitPattern, flags: 0)
    }

    /// CVT.D.L: from a 64-bit integer.
    @inline(__always)
    static func cvt_d_l(_ a: UInt64, _ mode: FloatingMode) -> FloatingResult64 {
        slowCvt_d_l(a, mode)
    }

    @inline(never)
    static func slowCvt_s_d(_ a: UInt64, _ mode: FloatingMode) -> FloatingResult32 {
        FloatingResult32(softConvert(a, from: .double, to: .single, mode))
    }

    @inline(never)
    static func slowCvt_d_s(_ a: UInt32, _ mode: FloatingMode) -> FloatingResult64 {
        softConvert(UInt64(a), from: .single, to: .double, mode)
    }

    @inline(never)
    static func slowCvt_s_l(_ a: UInt64, _ mode: FloatingMode) -> FloatingResult32 {
        FloatingResult32(softConvertInteger(a, mode, .single))
    }

    @inline(never)
    static func slowCvt_d_l(_ a: UInt64, _ mode: FloatingMode) -> FloatingResult64 {
        softConvertInteger(a, mode, .double)
    }

    /// From one format to the other. A NaN becomes the default NaN.
    @inline(__always)
    static func softConvert(
        _ a: UInt64, from source: FloatingFormat, to target: FloatingFormat, _ mode: FloatingMode
    ) -> FloatingResult64 {
        let sign = source.sign(a)
        if source.isNaN(a) {
            let signals = source.isSignallingNaN(a)
            return FloatingResult64(bits: target.defaultNaN, flags: signals ? FloatingFlags.invalid : 0)
        }
        if source.isInfinite(a) {
            return FloatingResult64(bits: target.signed(sign, target.infinity), flags: 0)
        }
        if source.isZero(a) {
            return FloatingResult64(bits: target.signed(sign, 0), flags: 0)
        }
        var number = UnpackedNumber(a, source)
        number.exponent = number.exponent &- source.bias &+ target.bias
        return roundPack(number, mode, target)
    }

    /// From a signed 64-bit integer.
    @inline(__always)
    static func softConvertInteger(
        _ a: UInt64, _ mode: FloatingMode, _ format: FloatingFormat
    ) -> FloatingResult64 {
        if a == 0 {
            return FloatingResult64(bits: 0, flags: 0)
        }
        let sign = a >> 63
        let magnitude = sign != 0 ? 0 &- a : a
        // Only −2^63 reaches bit 63; halving it loses nothing.
        let zeros = magnitude.leadingZeroBitCount
        let significand = zeros == 0 ? magnitude >> 1 : magnitude << UInt64(zeros &- 1)
        return roundPack(
            UnpackedNumber(sign: sign, exponent: format.bias &+ 63 &- zeros, significand: significand), mode, format)
    }
}
