// C.cond.fmt.

extension FPU {
    /// C.cond.S: whether `condition` holds between a and b.
    ///
    /// The condition's bits say which relations make it true: 0 unordered, 1 equal, 2 less. Bit 3 makes a quiet NaN raise V
    /// too; a signalling one always does (MD00086, C.cond.fmt).
    @inline(__always)
    static func compare32(_ a: UInt32, _ b: UInt32, condition: UInt32) -> (result: Bool, flags: UInt32) {
        let magnitudeA = a & 0x7FFF_FFFF
        let magnitudeB = b & 0x7FFF_FFFF
        if magnitudeA > 0x7F80_0000 || magnitudeB > 0x7F80_0000 {
            let format = FloatingFormat.single
            let signals = format.isSignallingNaN(UInt64(a)) || format.isSignallingNaN(UInt64(b))
            return unordered(condition, signals: signals)
        }
        if a == b || magnitudeA | magnitudeB == 0 {
            return (condition & 2 != 0, 0)
        }
        return (condition & 4 != 0 && orderKey32(a) < orderKey32(b), 0)
    }

    /// C.cond.D: as `compare32`.
    @inline(__always)
    static func compare64(_ a: UInt64, _ b: UInt64, condition: UInt32) -> (result: Bool, flags: UInt32) {
        let format = FloatingFormat.double
        let magnitudeA = a & format.magnitudeMask
        let magnitudeB = b & format.magnitudeMask
        if magnitudeA > format.infinity || magnitudeB > format.infinity {
            return unordered(condition, signals: format.isSignallingNaN(a) || format.isSignallingNaN(b))
        }
        if a == b || magnitudeA | magnitudeB == 0 {
            return (condition & 2 != 0, 0)
        }
        return (condition & 4 != 0 && orderKey64(a) < orderKey64(b), 0)
    }

    @inline(__always)
    private static func unordered(_ condition: UInt32, signals: Bool) -> (result: Bool, flags: UInt32) {
        (condition & 1 != 0, signals || condition & 8 != 0 ? FloatingFlags.invalid : 0)
    }

    /// An integer that orders as the number does: magnitudes of negative numbers are turned over.
    @inline(__always)
    private static func orderKey32(_ bits: UInt32) -> Int32 {
        let signed = Int32(bitPattern: bits)
        return signed ^ ((signed >> 31) & 0x7FFF_FFFF)
    }

    /// As `orderKey32`.
    @inline(__always)
    private static func orderKey64(_ bits: UInt64) -> Int64 {
        let signed = Int64(bitPattern: bits)
        return signed ^ ((signed >> 63) & 0x7FFF_FFFF_FFFF_FFFF)
    }
}
