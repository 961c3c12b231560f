// Rounding and packing: the one place where a soft-path result gets its bits, O, U and I.

extension FPU {
    /// What is added below the last kept bit before cutting off `mask`, so that the cut rounds as `rm` says.
    ///
    /// `mask` covers the bits to be cut. To nearest this rounds ties up; the caller clears the last bit on a tie.
    @inline(__always)
    static func roundingIncrement(_ rm: UInt32, sign: UInt64, mask: UInt64) -> UInt64 {
        switch rm {
        case FloatingRounding.nearest: return (mask >> 1) &+ 1
        case FloatingRounding.towardZero: return 0
        case FloatingRounding.up: return sign == 0 ? mask : 0
        default: return sign == 0 ? 0 : mask
        }
    }

    /// Rounds a finite number other than zero to `format`.
    ///
    /// Overflow gives infinity or the largest finite number, as the rounding direction demands, with O and I. A number
    /// below the normal range becomes subnormal; U is raised if it is tiny after rounding and inexact. With FS a
    /// number below the normal range before rounding becomes a zero of its sign, and no flag is raised.
    @inline(__always)
    static func roundPack(
        _ number: UnpackedNumber, _ mode: FloatingMode, _ format: FloatingFormat
    ) -> FloatingResult64 {
        // The format is a constant at every call: one specialized copy for each.
        format.fractionBits == FloatingFormat.double.fractionBits
            ? roundPackDouble(number, mode) : roundPackSingle(number, mode)
    }

    @inline(never)
    private static func roundPackSingle(_ number: UnpackedNumber, _ mode: FloatingMode) -> FloatingResult64 {
        roundPackSpecialized(number, mode, .single)
    }

    @inline(never)
    private static func roundPackDouble(_ number: UnpackedNumber, _ mode: FloatingMode) -> FloatingResult64 {
        roundPackSpecialized(number, mode, .double)
    }

    @inline(__always)
    private static func roundPackSpecialized(
        _ number: UnpackedNumber, _ mode: FloatingMode, _ format: FloatingFormat
    ) -> FloatingResult64 {
        let cut = UInt64(62 &- format.fractionBits)
        let mask: UInt64 = (1 << cut) &- 1
        let increment = roundingIncrement(mode.rm, sign: number.sign, mask: mask)
        var significand = number.significand
        var exponent = number.exponent
        var flags: UInt32 = 0
        var tiny = false

        if exponent <= 0 {
            if mode.fs {
                return FloatingResult64(bits: format.signed(number.sign, 0), flags: 0)
            }
            tiny = exponent < 0 || significand &+ increment < 1 << 63
            significand = significand.shiftedRightSticky(1 &- exponent)
            exponent = 0
        }

        let lost = significand & mask
        if lost != 0 {
            flags = tiny ? FloatingFlags.inexact | FloatingFlags.underflow : FloatingFlags.inexact
        }
        var kept = (significand &+ increment) >> cut
        if mode.isNearest && lost == (mask >> 1) &+ 1 {
            kept &= ~1
        }
        // The leading one, if there is one, adds one to the exponent field; a carry out of the fraction adds another.
        let field = exponent == 0 ? 0 : UInt64(truncatingIfNeeded: exponent &- 1)
        if exponent >= format.specialExponent {
            return overflow(number.sign, increment: increment, format)
        }
        let magnitude = (field << UInt64(format.fractionBits)) &+ kept
        if magnitude >= format.infinity {
            return overflow(number.sign, increment: increment, format)
        }
        return FloatingResult64(bits: format.signed(number.sign, magnitude), flags: flags)
    }

    /// The result beyond the largest finite number: that number if rounding cuts off, else infinity.
    private static func overflow(_ sign: UInt64, increment: UInt64, _ format: FloatingFormat) -> FloatingResult64 {
        let magnitude = increment == 0 ? format.infinity &- 1 : format.infinity
        return FloatingResult64(
            bits: format.signed(sign, magnitude), flags: FloatingFlags.overflow | FloatingFlags.inexact)
    }
}
