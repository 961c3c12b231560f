// ABS.fmt and NEG.fmt with ABS2008 = 0.

extension FPU {
    /// ABS.S.
    @inline(__always)
    static func abs32(_ a: UInt32) -> FloatingResult32 {
        FloatingResult32(bits: a & 0x7FFF_FFFF, flags: 0)
    }

    /// NEG.S.
    @inline(__always)
    static func neg32(_ a: UInt32) -> FloatingResult32 {
        FloatingResult32(bits: a ^ 0x8000_0000, flags: 0)
    }

    /// ABS.D.
    @inline(__always)
    static func abs64(_ a: UInt64) -> FloatingResult64 {
        FloatingResult64(bits: a & 0x7FFF_FFFF_FFFF_FFFF, flags: 0)
    }

    /// NEG.D.
    @inline(__always)
    static func neg64(_ a: UInt64) -> FloatingResult64 {
        FloatingResult64(bits: a ^ 0x8000_0000_0000_0000, flags: 0)
    }
}
