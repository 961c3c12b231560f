// ADD.fmt and SUB.fmt.

extension FPU {
    /// ADD.S: a + b.
    @inline(__always)
    static func add32(_ a: UInt32, _ b: UInt32, _ mode: FloatingMode) -> FloatingResult32 {
        if mode.isNearest && isComfortableTerm32(a) && isComfortableTerm32(b) {
            return hostAdd32(a, b)
        }
        return slowAdd32(a, b, mode)
    }

    /// SUB.S: a − b.
    @inline(__always)
    static func sub32(_ a: UInt32, _ b: UInt32, _ mode: FloatingMode) -> FloatingResult32 {
        if mode.isNearest && isComfortableTerm32(a) && isComfortableTerm32(b) {
            return hostAdd32(a, b ^ 0x8000_0000)
        }
        return slowSub32(a, b, mode)
    }

    /// ADD.D: a + b.
    @inline(__always)
    static func add64(_ a: UInt64, _ b: UInt64, _ mode: FloatingMode) -> FloatingResult64 {
        if mode.isNearest && isComfortableTerm64(a) && isComfortableTerm64(b) {
            return hostAdd64(a, b)
        }
        return slowAdd64(a, b, mode)
    }

    /// SUB.D: a − b.
    @inline(__always)
    static func sub64(_ a: UInt64, _ b: UInt64, _ mode: FloatingMode) -> FloatingResult64 {
        if mode.isNearest && isComfortableTerm64(a) && isComfortableTerm64(b) {
            return hostAdd64(a, b ^ (1 << 63))
        }
        return slowSub64(a, b, mode)
    }

    @inline(never)
    static func slowAdd32(_ a: UInt32, _ b: UInt32, _ mode: FloatingMode) -> FloatingResult32 {
        FloatingResult32(softAdd(UInt64(a), UInt64(b), negate: false, mode, .single))
    }

    @inline(never)
    static func slowSub32(_ a: UInt32, _ b: UInt32, _ mode: FloatingMode) -> FloatingResult32 {
        FloatingResult32(softAdd(UInt64(a), UInt64(b), negate: true, mode, .single))
    }

    @inline(never)
    static func slowAdd64(_ a: UInt64, _ b: UInt64, _ mode: FloatingMode) -> FloatingResult64 {
        softAdd(a, b, negate: false, mode, .double)
    }

    @inline(never)
    static func slowSub64(_ a: UInt64, _ b: UInt64, _ mode: FloatingMode) -> FloatingResult64 {
        softAdd(a, b, negate: true, mode, .double)
    }

    /// Zero, or an exponent field in 32...223: then neither the sum nor its error term leaves the normal range.
    @inline(__always)
    static func isComfortableTerm32(_ bits: UInt32) -> Bool {
        ((bits >> 23) & 0xFF) &- 32 < 192 || bits << 1 == 0
    }

    /// Zero, or an exponent field in 64...1983: then neither the sum nor its error term leaves the normal range.
    @inline(__always)
    static func isComfortableTerm64(_ bits: UInt64) -> Bool {
        ((bits >> 52) & 0x7FF) &- 64 < 1920 || bits << 1 == 0
    }

    /// The host's sum to nearest, with its exact error (Knuth's TwoSum) as the judge of I.
    @inline(__always)
    static func hostAdd32(_ a: UInt32, _ b: UInt32) -> FloatingResult32 {
        let x = Float(bitPattern: a)
        let y = Float(bitPattern: b)
        let sum = x + y
        let fromY = sum - x
        let fromX = sum - fromY
        let error = (x - fromX) + (y - fromY)
        return FloatingResult32(bits: sum.bitPattern, flags: error == 0 ? 0 : FloatingFlags.inexact)
    }

    /// As `hostAdd32`.
    @inline(__always)
    static func hostAdd64(_ a: UInt64, _ b: UInt64) -> FloatingResult64 {
        let x = Double(bitPattern: a)
        let y = Double(bitPattern: b)
        let sum = x + y
        let fromY = sum - x
        let fromX = sum - fromY
        let error = (x - fromX) + (y - fromY)
        return FloatingResult64(bits: sum.bitPattern, flags: error == 0 ? 0 : FloatingFlags.inexact)
    }

    /// a + b, or a − b with `negate`, exactly, then rounded. A NaN keeps its sign under `negate`.
    @inline(__always)
    static func softAdd(
        _ a: UInt64, _ b: UInt64, negate: Bool, _ mode: FloatingMode, _ format: FloatingFormat
    ) -> FloatingResult64 {
        if format.isNaN(a) || format.isNaN(b) {
            return format.resultOfNaN(a, b)
        }
        let b = negate ? b ^ format.signBit : b
        let differ = (a ^ b) & format.signBit != 0
        if format.isInfinite(a) {
            return differ && format.isInfinite(b) ? format.invalidResult : FloatingResult64(bits: a, flags: 0)
        }
        if format.isInfinite(b) {
            return FloatingResult64(bits: b, flags: 0)
        }
        if format.isZero(a) && format.isZero(b) {
            return differ ? exactZero(mode, format) : FloatingResult64(bits: a, flags: 0)
        }
        // A single non-zero term still goes through rounding: FS may flush it.
        if format.isZero(a) { return roundPack(UnpackedNumber(b, format), mode, format) }
        if format.isZero(b) { return roundPack(UnpackedNumber(a, format), mode, format) }

        var large = UnpackedNumber(a, format)
        var small = UnpackedNumber(b, format)
        if large.exponent < small.exponent
            || (large.exponent == small.exponent && large.significand < small.significand)
        {
            swap(&large, &small)
        }
        let aligned = small.significand.shiftedRightSticky(large.exponent &- small.exponent)
        if differ {
            let difference = large.significand &- aligned
            if difference == 0 { return exactZero(mode, format) }
            let shift = difference.leadingZeroBitCount &- 1
            large.significand = difference << UInt64(shift)
            large.exponent = large.exponent &- shift
        } else {
            large.significand = large.significand &+ aligned
            if large.significand >> 63 != 0 {
                large.significand = large.significand.shiftedRightSticky(1)
                large.exponent = large.exponent &+ 1
            }
        }
        return roundPack(large, mode, format)
    }

    /// The zero that x − x gives: negative only when rounding down.
    @inline(__always)
    private static func exactZero(_ mode: FloatingMode, _ format: FloatingFormat) -> FloatingResult64 {
        FloatingResult64(bits: mode.rm == FloatingRounding.down ? format.signBit : 0, flags: 0)
    }
}
