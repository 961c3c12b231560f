// Formats as parameters, classes of operands, unpacking, and what becomes of NaNs.

/// A binary interchange format (IEEE 754, 3.4). Always one of two constants, so that every use folds after inlining.
struct FloatingFormat {
    /// Width of the fraction field.
    let fractionBits: Int
    /// Width of the exponent field.
    let exponentBits: Int

    @inline(__always) static var single: FloatingFormat { FloatingFormat(fractionBits: 23, exponentBits: 8) }
    @inline(__always) static var double: FloatingFormat { FloatingFormat(fractionBits: 52, exponentBits: 11) }

    /// The exponent field of infinities and NaNs.
    @inline(__always) var specialExponent: Int { (1 << exponentBits) &- 1 }
    @inline(__always) var bias: Int { (1 << (exponentBits &- 1)) &- 1 }
    @inline(__always) var fractionMask: UInt64 { (1 << UInt64(fractionBits)) &- 1 }
    /// The sign bit alone.
    @inline(__always) var signBit: UInt64 { 1 << UInt64(fractionBits &+ exponentBits) }
    /// Everything but the sign bit.
    @inline(__always) var magnitudeMask: UInt64 { signBit &- 1 }
    /// +∞.
    @inline(__always) var infinity: UInt64 { magnitudeMask & ~fractionMask }
    /// The bit that is set in a signalling NaN (legacy encoding).
    @inline(__always) var signallingBit: UInt64 { 1 << UInt64(fractionBits &- 1) }
    /// The NaN an invalid operation gives: 7FBFFFFF, 7FF7FFFF_FFFFFFFF.
    @inline(__always) var defaultNaN: UInt64 { magnitudeMask & ~signallingBit }

    @inline(__always)
    func isNaN(_ bits: UInt64) -> Bool { bits & magnitudeMask > infinity }

    @inline(__always)
    func isSignallingNaN(_ bits: UInt64) -> Bool { isNaN(bits) && bits & signallingBit != 0 }

    @inline(__always)
    func isInfinite(_ bits: UInt64) -> Bool { bits & magnitudeMask == infinity }

    @inline(__always)
    func isZero(_ bits: UInt64) -> Bool { bits & magnitudeMask == 0 }

    /// The sign of `bits` as 0 or 1.
    @inline(__always)
    func sign(_ bits: UInt64) -> UInt64 { (bits >> UInt64(fractionBits &+ exponentBits)) & 1 }

    /// `magnitude` with a sign of 0 or 1.
    @inline(__always)
    func signed(_ sign: UInt64, _ magnitude: UInt64) -> UInt64 {
        (sign << UInt64(fractionBits &+ exponentBits)) | magnitude
    }

    /// The result of an operation that has no right answer.
    @inline(__always)
    var invalidResult: FloatingResult64 { FloatingResult64(bits: defaultNaN, flags: FloatingFlags.invalid) }

    /// The result where `a` or `b` is a NaN: the default NaN, and V if one of them signals.
    ///
    /// The architecture lets a quiet NaN through; like QEMU, this FPU's legacy encoding keeps no payload.
    @inline(__always)
    func resultOfNaN(_ a: UInt64, _ b: UInt64) -> FloatingResult64 {
        let signals = isSignallingNaN(a) || isSignallingNaN(b)
        return FloatingResult64(bits: defaultNaN, flags: signals ? FloatingFlags.invalid : 0)
    }
}

/// A finite number other than zero: (−1)^sign × significand × 2^(exponent − bias − 62).
///
/// The significand's leading one is bit 62. That leaves one bit above for a carry, and below the fraction at least ten
/// bits, the lowest of which is sticky: set if anything was lost.
struct UnpackedNumber {
    /// 0 or 1.
    var sign: UInt64
    /// Biased by the format's bias; may lie outside the format's range.
    var exponent: Int
    var significand: UInt64

    @inline(__always)
    init(sign: UInt64, exponent: Int, significand: UInt64) {
        self.sign = sign
        self.exponent = exponent
        self.significand = significand
    }

    /// Unpacks a finite number other than zero. A subnormal is normalized and its exponent goes below 1.
    @inline(__always)
    init(_ bits: UInt64, _ format: FloatingFormat) {
        sign = format.sign(bits)
        let field = Int(truncatingIfNeeded: (bits & format.magnitudeMask) >> UInt64(format.fractionBits))
        let fraction = bits & format.fractionMask
        if field != 0 {
            exponent = field
            significand = (fraction | (1 << UInt64(format.fractionBits))) << UInt64(62 &- format.fractionBits)
        } else {
            let shift = fraction.leadingZeroBitCount &- 1
            significand = fraction << UInt64(shift)
            exponent = 63 &- format.fractionBits &- shift
        }
    }
}

extension UInt64 {
    /// Shifts right by `count` ≥ 0 and leaves in bit 0 whether any one bit was shifted out.
    @inline(__always)
    func shiftedRightSticky(_ count: Int) -> UInt64 {
        if count == 0 { return self }
        if count > 63 { return self == 0 ? 0 : 1 }
        let amount = UInt64(truncatingIfNeeded: count)
        return (self &>> amount) | (self &<< (64 &- amount) == 0 ? 0 : 1)
    }
}
