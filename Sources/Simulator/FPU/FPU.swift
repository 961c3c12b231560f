// The floating-point unit's arithmetic: pure functions from bits to bits and flags.
//
// Purpose
//   Everything a 24Kf-like MIPS FPU computes, and nothing of what it stores. The interpreter keeps the register file,
//   FR, FCSR and exceptions; it calls one function here per instruction, gives the operands' bits and the mode, and gets
//   the result's bits and the flags this one operation raised. There is no state, no allocation and no use of the host's
//   NaN or rounding conventions, so results are the same bits on every host.
//
// Glossary
//   RM, FS      FCSR's rounding mode (nearest even, toward zero, up, down) and its flush-to-zero bit.
//   flags       V Z O U I: invalid, division by zero, overflow, underflow, inexact. FCSR's order, see `FloatingFlags`.
//   legacy NaN  NAN2008 = 0: the fraction's top bit is set in a *signalling* NaN, the default quiet NaN has every other
//               fraction bit set. Arithmetic on any NaN gives the default NaN; ABS, NEG and moves keep the bits.
//   tiny        below the smallest normal number after rounding as if the exponent had no lower end. A tiny and inexact
//               result raises U. FS looks before rounding, and flushes without a flag.
//   soft path   exact integer arithmetic: unpack, compute with a sticky bit, then one `roundPack` for both formats.
//   fast path   the host's own arithmetic, taken only to nearest, for operands and results well inside the normal range,
//               where IEEE 754 leaves no choice. The inexact flag comes from an exact error term, never from host flags.
//
// Life cycle of one operation
//   `add32` and its like try the fast path and otherwise widen to 64 bits and call `softAdd` with the format as a
//   parameter. Subnormal operands and results are handled in full; flag E (unimplemented operation) is never raised.
//
// Files: this one (vocabulary), Unpack, Round, then one per concern: Add, Multiply, MultiplyAdd, Divide, SquareRoot,
// Sign, Convert, ConvertToInteger, Compare.

/// The flag bits of a result, in the order of FCSR's Flags, Enables and Cause fields (MD00083, FCSR).
///
/// Shift left by 2 for Flags, 7 for Enables, 12 for Cause. E (Cause only, bit 5) is never raised by arithmetic.
enum FloatingFlags {
    /// I: the result was rounded.
    static var inexact: UInt32 { 1 << 0 }
    /// U: the result is tiny and inexact.
    static var underflow: UInt32 { 1 << 1 }
    /// O: the rounded result exceeds the largest finite number.
    static var overflow: UInt32 { 1 << 2 }
    /// Z: a finite number other than zero was divided by zero.
    static var divideByZero: UInt32 { 1 << 3 }
    /// V: no result is right (signalling NaN, ∞ − ∞, 0 × ∞, √ of a negative number, an integer out of range).
    static var invalid: UInt32 { 1 << 4 }
}

/// The rounding modes as FCSR.RM numbers them.
enum FloatingRounding {
    static var nearest: UInt32 { 0 }
    static var towardZero: UInt32 { 1 }
    static var up: UInt32 { 2 }
    static var down: UInt32 { 3 }
}

/// The part of FCSR that arithmetic depends on; build it once for each CTC1 that changes FCSR.
struct FloatingMode {
    /// Bits 1:0 RM, bit 2 FS.
    let bits: UInt32

    /// The mode FCSR asks for: RM is bits 1:0, FS bit 24.
    @inline(__always)
    init(fcsr: UInt32) {
        bits = (fcsr & 3) | ((fcsr >> 22) & 4)
    }

    @inline(__always)
    init(rm: UInt32, fs: Bool) {
        bits = (rm & 3) | (fs ? 4 : 0)
    }

    /// The rounding mode, 0...3 as in `FloatingRounding`.
    @inline(__always) var rm: UInt32 { bits & 3 }

    /// Whether tiny results become zero.
    @inline(__always) var fs: Bool { bits & 4 != 0 }

    /// Whether the host's own rounding (to nearest, ties to even) is the one asked for.
    @inline(__always) var isNearest: Bool { bits & 3 == 0 }
}

/// Result of one operation in single precision or a 32-bit integer: the bits, and the flags raised (`FloatingFlags`).
struct FloatingResult32 {
    var bits: UInt32
    var flags: UInt32

    @inline(__always)
    init(bits: UInt32, flags: UInt32) {
        self.bits = bits
        self.flags = flags
    }

    /// A soft-path result in single precision, which occupies the low half.
    @inline(__always)
    init(_ wide: FloatingResult64) {
        bits = UInt32(truncatingIfNeeded: wide.bits)
        flags = wide.flags
    }
}

/// Result of one operation in double precision or a 64-bit integer: the bits, and the flags raised (`FloatingFlags`).
struct FloatingResult64 {
    var bits: UInt64
    var flags: UInt32

    @inline(__always)
    init(bits: UInt64, flags: UInt32) {
        self.bits = bits
        self.flags = flags
    }
}

/// The operations. Operand order is that of the assembler: `sub32(fs, ft)` is fs − ft.
enum FPU {}
