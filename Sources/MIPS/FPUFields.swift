// Registers and fields of the floating-point unit's control.
//
// Sources: Manual Volume I-A (MD00082), chapter 5.

/// Numbers of the control registers, as `cfc1` and `ctc1` name them. FCCR, FEXR and FENR are views of FCSR.
public enum FCR {
    /// What the unit is; read-only.
    public static let fir: UInt32 = 0
    /// The condition codes, as bits 7...0.
    public static let fccr: UInt32 = 25
    /// Causes and flags, where FCSR has them.
    public static let fexr: UInt32 = 26
    /// Enables and rounding mode, where FCSR has them; flush to zero at bit 2.
    public static let fenr: UInt32 = 28
    /// Control and status.
    public static let fcsr: UInt32 = 31
}

/// Control and status.
public enum FCSR {
    /// Rounding mode: a ``RoundingMode``.
    public static let rm = BitField(0, 2)
    /// Exceptions that happened since software cleared this: a set of ``FPException``.
    public static let flags = BitField(2, 5)
    /// Exceptions that trap: a set of ``FPException``.
    public static let enables = BitField(7, 5)
    /// Exceptions of the last operation: a set of ``FPException``, with unimplemented operation.
    public static let cause = BitField(12, 6)
    /// NaNs are encoded as IEEE 754-2008 wants.
    public static let nan2008: UInt32 = 1 << 18
    /// `abs` and `neg` change the sign of NaNs.
    public static let abs2008: UInt32 = 1 << 19
    /// Condition code 0.
    public static let fcc0: UInt32 = 1 << 23
    /// Denormal results are flushed to zero.
    public static let fs: UInt32 = 1 << 24
    /// Condition codes 1...7.
    public static let upperFCC = BitField(25, 7)
    /// The bits FEXR shows.
    public static let writableByFEXR: UInt32 = 0x0003_F07C
}

/// The bits of FENR that are not where FCSR has them.
public enum FENR {
    /// FCSR.FS.
    public static let fs: UInt32 = 1 << 2
    /// The bits FENR and FCSR share: enables and rounding mode.
    public static let sameAsFCSR: UInt32 = 0x0000_0F83
}

/// Identity of the unit.
public enum FIR {
    /// Revision.
    public static let revision = BitField(0, 8)
    /// Which processor.
    public static let processorID = BitField(8, 8)
    /// Singles.
    public static let s: UInt32 = 1 << 16
    /// Doubles.
    public static let d: UInt32 = 1 << 17
    /// Paired singles.
    public static let ps: UInt32 = 1 << 18
    /// MIPS-3D.
    public static let threeD: UInt32 = 1 << 19
    /// 32-bit integers.
    public static let w: UInt32 = 1 << 20
    /// 64-bit integers.
    public static let l: UInt32 = 1 << 21
    /// 64-bit registers (Status.FR can be set).
    public static let f64: UInt32 = 1 << 22
    /// IEEE 754-2008 is supported.
    public static let has2008: UInt32 = 1 << 23
    /// User code can change Status.FR.
    public static let ufrp: UInt32 = 1 << 28
    /// Config5.FRE exists.
    public static let frep: UInt32 = 1 << 29
}

extension FCSR {
    /// The bit of condition code `cc`, 0...7: bit 23 for the first, bits 25...31 for the others.
    @inlinable @inline(__always)
    public static func condition(_ cc: Int) -> UInt32 { cc == 0 ? fcc0 : 1 &<< UInt32(24 &+ cc) }
}

/// How inexact results are rounded: FCSR.RM.
public enum RoundingMode: UInt8, CaseIterable, Sendable {
    case toNearestEven = 0
    case towardZero = 1
    case up = 2
    case down = 3
}

/// Floating-point exceptions, in the order that FCSR's flags, enables and causes have them.
public struct FPException: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32
    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let inexact = Self(rawValue: 1 << 0)
    public static let underflow = Self(rawValue: 1 << 1)
    public static let overflow = Self(rawValue: 1 << 2)
    public static let divisionByZero = Self(rawValue: 1 << 3)
    public static let invalid = Self(rawValue: 1 << 4)
    /// Only a cause: it has no flag and always traps.
    public static let unimplemented = Self(rawValue: 1 << 5)
}
