// MADD.fmt, MSUB.fmt, NMADD.fmt, NMSUB.fmt: unfused. The product is rounded, then the sum is rounded.
//
// Operands come in the assembler's order: fr, the term; fs and ft, the factors. Flags of both steps are collected.

extension FPU {
    /// MADD.S: fs × ft + fr.
    @inline(__always)
    static func madd32(
        _ fr: UInt32, _ fs: UInt32, _ ft: UInt32, _ mode: FloatingMode
    ) -> FloatingResult32 {
        let product = mul32(fs, ft, mode)
        var result = add32(product.bits, fr, mode)
        result.flags |= product.flags
        return result
    }

    /// MSUB.S: fs × ft − fr.
    @inline(__always)
    static func msub32(
        _ fr: UInt32, _ fs: UInt32, _ ft: UInt32, _ mode: FloatingMode
    ) -> FloatingResult32 {
        let product = mul32(fs, ft, mode)
        var result = sub32(product.bits, fr, mode)
        result.flags |= product.flags
        return result
    }

    /// NMADD.S: −(fs × ft + fr).
    @inline(__always)
    static func nmadd32(
        _ fr: UInt32, _ fs: UInt32, _ ft: UInt32, _ mode: FloatingMode
    ) -> FloatingResult32 {
        let product = mul32(fs, ft, mode)
        var result = add32(product.bits, fr, mode)
        result.flags |= product.flags
        result.bits ^= 0x8000_0000
        return result
    }

    /// NMSUB.S: −(fs × ft − fr).
    @inline(__always)
    static func nmsub32(
        _ fr: UInt32, _ fs: UInt32, _ ft: UInt32, _ mode: FloatingMode
    ) -> FloatingResult32 {
        let product = mul32(fs, ft, mode)
        var result = sub32(product.bits, fr, mode)
        result.flags |= product.flags
        result.bits ^= 0x8000_0000
        return result
    }

    /// MADD.D: fs × ft + fr.
    @inline(__always)
    static func madd64(
        _ fr: UInt64, _ fs: UInt64, _ ft: UInt64, _ mode: FloatingMode
    ) -> FloatingResult64 {
        let product = mul64(fs, ft, mode)
        var result = add64(product.bits, fr, mode)
        result.flags |= product.flags
        return result
    }

    /// MSUB.D: fs × ft − fr.
    @inline(__always)
    static func msub64(
        _ fr: UInt64, _ fs: UInt64, _ ft: UInt64, _ mode: FloatingMode
    ) -> FloatingResult64 {
        let product = mul64(fs, ft, mode)
        var result = sub64(product.bits, fr, mode)
        result.flags |= product.flags
        return result
    }

    /// NMADD.D: −(fs × ft + fr).
    @inline(__always)
    static func nmadd64(
        _ fr: UInt64, _ fs: UInt64, _ ft: UInt64, _ mode: FloatingMode
    ) -> FloatingResult64 {
        let product = mul64(fs, ft, mode)
        var result = add64(product.bits, fr, mode)
        result.flags |= product.flags
        result.bits ^= 0x8000_0000_0000_0000
        return result
    }

    /// NMSUB.D: −(fs × ft − fr).
    @inline(__always)
    static func nmsub64(
        _ fr: UInt64, _ fs: UInt64, _ ft: UInt64, _ mode: FloatingMode
    ) -> FloatingResult64 {
        let product = mul64(fs, ft, mode)
        var result = sub64(product.bits, fr, mode)
        result.flags |= product.flags
        result.bits ^= 0x8000_0000_0000_0000
        return result
    }
}
