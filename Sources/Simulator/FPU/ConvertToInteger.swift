// CVT.W, CVT.L, ROUND, TRUNC, CEIL and FLOOR: conversions to integers.
//
// CVT rounds as FCSR.RM says; the other four are these functions with a fixed `FloatingRounding`. What has no integer in
// range (a NaN, an infinity, a number too large after rounding) gives the largest positive integer and V alone.

extension FPU {
    /// CVT.W.S and its fixed-rounding kin: `rounding` as FCSR.RM numbers it.
    @inline(__always)
    static func toInt32_s(_ a: UInt32, rounding: UInt32) -> FloatingResult32 {
        // What C's casts compile to, between 2^-126 and 2^31.
        if rounding == FloatingRounding.towardZero && ((a >> 23) & 0xFF) &- 1 < 127 + 30 {
            let value = Float(bitPattern: a)
            let integer = Int32(value)
            return FloatingResult32(
                bits: UInt32(bitPattern: integer), flags: Float(integer) == value ? 0 : FloatingFlags.inexact)
        }
        return FloatingResult32(slowToInteger32_s(a, rounding))
    }

    /// CVT.W.D and its fixed-rounding kin.
    @inline(__always)
    static func toInt32_d(_ a: UInt64, rounding: UInt32) -> FloatingResult32 {
        if rounding == FloatingRounding.towardZero && ((a >> 52) & 0x7FF) &- 1 < 1023 + 30 {
            let value = Double(bitPattern: a)
            let integer = Int32(value)
            return FloatingResult32(
                bits: UInt32(bitPattern: integer), flags: Double(integer) == value ? 0 : FloatingFlags.inexact)
        }
        return FloatingResult32(slowToInteger32_d(a, rounding))
    }

    /// CVT.L.S and its fixed-rounding kin.
    @inline(__always)
    static func toInt64_s(_ a: UInt32, rounding: UInt32) -> FloatingResult64 {
        slowToInteger64_s(a, rounding)
    }

    /// CVT.L.D and its fixed-rounding kin.
    @inline(__always)
    static func toInt64_d(_ a: UInt64, rounding: UInt32) -> FloatingResult64 {
        slowToInteger64_d(a, rounding)
    }

    @inline(never)
    private static func slowToInteger32_s(_ a: UInt32, _ rounding: UInt32) -> FloatingResult64 {
        softToInteger(UInt64(a), rounding, width: 32, .single)
    }

    @inline(never)
    private static func slowToInteger32_d(_ a: UInt64, _ rounding: UInt32) -> FloatingResult64 {
        softToInteger(a, rounding, width: 32, .double)
    }

    @inline(never)
    private static func slowToInteger64_s(_ a: UInt32, _ rounding: UInt32) -> FloatingResult64 {
        softToInteger(UInt64(a), rounding, width: 64, .single)
    }

    @inline(never)
    private static func slowToInteger64_d(_ a: UInt64, _ rounding: UInt32) -> FloatingResult64 {
        softToInteger(a, rounding, width: 64, .double)
    }

    /// `a` rounded to a two's complement integer of `width` bits, which lie at the bottom of the result.
    @inline(__always)
    static func softToInteger(
        _ a: UInt64, _ rounding: UInt32, width: Int, _ format: FloatingFormat
    ) -> FloatingResult64 {
        let largest: UInt64 = (1 << UInt64(width &- 1)) &- 1
        if format.isZero(a) {
            return FloatingResult64(bits: 0, flags: 0)
        }
        let number = UnpackedNumber(a, format)
        // Infinities and NaNs have exponents far above too.
        let power = number.exponent &- format.bias
        if power >= width {
            return FloatingResult64(bits: largest, flags: FloatingFlags.invalid)
        }
        var magnitude: UInt64
        var inexact = false
        if power >= 62 {
            magnitude = number.significand << UInt64(power &- 62)
        } else {
            // Below one half only the sign matters: a lone sticky bit stands for the fraction.
            let aligned = power >= -1 ? number.significand : 1
            let cut = power >= -1 ? UInt64(62 &- power) : 62
            let mask: UInt64 = (1 << cut) &- 1
            let lost = aligned & mask
            inexact = lost != 0
            magnitude = (aligned &+ roundingIncrement(rounding, sign: number.sign, mask: mask)) >> cut
            if rounding == FloatingRounding.nearest && lost == (mask >> 1) &+ 1 {
                magnitude &= ~1
            }
        }
        if magnitude > largest &+ number.sign {
            return FloatingResult64(bits: largest, flags: FloatingFlags.invalid)
        }
        let bits = number.sign != 0 ? 0 &- magnitude : magnitude
        return FloatingResult64(bits: bits, flags: inexact ? FloatingFlags.inexact : 0)
    }
}
