// Register ids of KVM_GET_ONE_REG / KVM_SET_ONE_REG (arch/mips/include/uapi/asm/kvm.h; reference section 3).

/// The 64-bit id of a vCPU register: architecture, size, set and number.
public struct RegisterID: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Width of a register as bits 55-52 of its id say it.
    public enum Width: UInt64, Sendable {
        case u32 = 2
        case u64 = 3
        case u128 = 4
    }

    /// Bits 31-16 of an id.
    public enum Set: UInt64, Sendable {
        case gpr = 0
        case cp0 = 1
        case kvm = 2
        case fpu = 3
    }

    /// Bits 63-56 of every MIPS id. KVM_REG_MIPS.
    public static var architecture: UInt64 { 0x70 }

    @inline(__always)
    public init(_ width: Width, _ set: Set, _ number: UInt64) {
        rawValue = Self.architecture << 56 | width.rawValue << 52 | set.rawValue << 16 | number & 0xFFFF
    }

    /// The width, or nil for a size no register has.
    public var width: Width? { Width(rawValue: rawValue >> 52 & 0xF) }

    /// Bits 15-0.
    public var number: UInt32 { UInt32(truncatingIfNeeded: rawValue & 0xFFFF) }

    /// A CP0 register: rd in bits 7-3, sel in bits 2-0.
    @inline(__always)
    public static func cp0(_ width: Width, _ rd: UInt64, _ sel: UInt64) -> RegisterID {
        RegisterID(width, .cp0, rd << 3 | sel)
    }

    // Core registers (reference 3.4)
    /// KVM_REG_MIPS_R0 + n, 0 ≤ n ≤ 31.
    public static func gpr(_ n: Int) -> RegisterID { RegisterID(.u64, .gpr, UInt64(truncatingIfNeeded: n & 31)) }
    public static var hi: RegisterID { RegisterID(.u64, .gpr, 32) }
    public static var lo: RegisterID { RegisterID(.u64, .gpr, 33) }
    public static var pc: RegisterID { RegisterID(.u64, .gpr, 34) }

    // The master disable of the timer (reference 4)
    /// Bit 0 is DC, the master disable. KVM_REG_MIPS_COUNT_CTL.
    public static var countControl: RegisterID { RegisterID(.u64, .kvm, 0) }
    /// Monotonic nanoseconds of the disable. KVM_REG_MIPS_COUNT_RESUME.
    public static var countResume: RegisterID { RegisterID(.u64, .kvm, 1) }
    /// Ticks a second, 1 to 1 000 000 000. KVM_REG_MIPS_COUNT_HZ.
    public static var countHz: RegisterID { RegisterID(.u64, .kvm, 2) }

    // CP0 (reference 3.5)
    public static var index: RegisterID { cp0(.u32, 0, 0) }
    public static var entryLo0: RegisterID { cp0(.u64, 2, 0) }
    public static var entryLo1: RegisterID { cp0(.u64, 3, 0) }
    public static var context: RegisterID { cp0(.u64, 4, 0) }
    public static var contextConfig: RegisterID { cp0(.u32, 4, 1) }
    public static var userLocal: RegisterID { cp0(.u64, 4, 2) }
    public static var xContextConfig: RegisterID { cp0(.u64, 4, 3) }
    public static var pageMask: RegisterID { cp0(.u32, 5, 0) }
    public static var pageGrain: RegisterID { cp0(.u32, 5, 1) }
    public static var segCtl0: RegisterID { cp0(.u64, 5, 2) }
    public static var segCtl1: RegisterID { cp0(.u64, 5, 3) }
    public static var segCtl2: RegisterID { cp0(.u64, 5, 4) }
    public static var pwBase: RegisterID { cp0(.u64, 5, 5) }
    public static var pwField: RegisterID { cp0(.u64, 5, 6) }
    public static var pwSize: RegisterID { cp0(.u64, 5, 7) }
    public static var wired: RegisterID { cp0(.u32, 6, 0) }
    public static var pwCtl: RegisterID { cp0(.u32, 6, 6) }
    public static var hwrEna: RegisterID { cp0(.u32, 7, 0) }
    public static var badVAddr: RegisterID { cp0(.u64, 8, 0) }
    public static var badInstr: RegisterID { cp0(.u32, 8, 1) }
    public static var badInstrP: RegisterID { cp0(.u32, 8, 2) }
    public static var count: RegisterID { cp0(.u32, 9, 0) }
    public static var entryHi: RegisterID { cp0(.u64, 10, 0) }
    public static var compare: RegisterID { cp0(.u32, 11, 0) }
    public static var status: RegisterID { cp0(.u32, 12, 0) }
    public static var intCtl: RegisterID { cp0(.u32, 12, 1) }
    public static var cause: RegisterID { cp0(.u32, 13, 0) }
    public static var epc: RegisterID { cp0(.u64, 14, 0) }
    public static var prid: RegisterID { cp0(.u32, 15, 0) }
    public static var ebase: RegisterID { cp0(.u64, 15, 1) }
    public static var config: RegisterID { cp0(.u32, 16, 0) }
    public static var config1: RegisterID { cp0(.u32, 16, 1) }
    public static var config2: RegisterID { cp0(.u32, 16, 2) }
    public static var config3: RegisterID { cp0(.u32, 16, 3) }
    public static var config4: RegisterID { cp0(.u32, 16, 4) }
    public static var config5: RegisterID { cp0(.u32, 16, 5) }
    public static var config6: RegisterID { cp0(.u32, 16, 6) }
    public static var config7: RegisterID { cp0(.u32, 16, 7) }
    public static var maari: RegisterID { cp0(.u32, 17, 2) }
    public static var xContext: RegisterID { cp0(.u64, 20, 0) }
    public static var diag: RegisterID { cp0(.u32, 22, 0) }
    public static var errorEPC: RegisterID { cp0(.u64, 30, 0) }
    /// KScratch1 to KScratch6, 1 ≤ n ≤ 6.
    public static func kScratch(_ n: Int) -> RegisterID { cp0(.u64, 31, UInt64(truncatingIfNeeded: n + 1)) }

    // FPU and MSA (reference 3.6)
    public static func fpr32(_ n: Int) -> RegisterID { RegisterID(.u32, .fpu, UInt64(truncatingIfNeeded: n & 31)) }
    public static func fpr64(_ n: Int) -> RegisterID { RegisterID(.u64, .fpu, UInt64(truncatingIfNeeded: n & 31)) }
    public static func vec128(_ n: Int) -> RegisterID { RegisterID(.u128, .fpu, UInt64(truncatingIfNeeded: n & 31)) }
    public static var fcrIR: RegisterID { RegisterID(.u32, .fpu, 0x100) }
    public static var fcrCSR: RegisterID { RegisterID(.u32, .fpu, 0x11F) }
    public static var msaIR: RegisterID { RegisterID(.u32, .fpu, 0x200) }
    public static var msaCSR: RegisterID { RegisterID(.u32, .fpu, 0x201) }
}

extension RegisterID: CustomStringConvertible {
    /// The manual's name of the register, or its id in hexadecimal.
    public var description: String {
        let set = rawValue >> 16 & 0xFFFF
        let n = number
        if set == Set.gpr.rawValue, n < 35 {
            return n < 32 ? "R\(n)" : n == 32 ? "HI" : n == 33 ? "LO" : "PC"
        }
        if set == Set.kvm.rawValue, n < 3 {
            return n == 0 ? "COUNT_CTL" : n == 1 ? "COUNT_RESUME" : "COUNT_HZ"
        }
        if set == Set.fpu.rawValue {
            if n < 32 { return (width == .u32 ? "FPR_32(" : width == .u64 ? "FPR_64(" : "VEC_128(") + "\(n))" }
            if self == .fcrIR { return "FCR_IR" }
            if self == .fcrCSR { return "FCR_CSR" }
        }
        if set == Set.cp0.rawValue, let name = Self.cp0Name(n) { return name }
        return "0x" + String(rawValue, radix: 16)
    }

    private static func cp0Name(_ number: UInt32) -> String? {
        switch (number >> 3, number & 7) {
        case (0, 0): "Index"
        case (2, 0): "EntryLo0"
        case (3, 0): "EntryLo1"
        case (4, 0): "Context"
        case (4, 2): "UserLocal"
        case (5, 0): "PageMask"
        case (5, 1): "PageGrain"
        case (6, 0): "Wired"
        case (7, 0): "HWREna"
        case (8, 0): "BadVAddr"
        case (8, 1): "BadInstr"
        case (8, 2): "BadInstrP"
        case (9, 0): "Count"
        case (10, 0): "EntryHi"
        case (11, 0): "Compare"
        case (12, 0): "Status"
        case (12, 1): "IntCtl"
        case (13, 0): "Cause"
        case (14, 0): "EPC"
        case (15, 0): "PRId"
        case (15, 1): "EBase"
        case (16, let sel): sel == 0 ? "Config" : "Config\(sel)"
        case (20, 0): "XContext"
        case (30, 0): "ErrorEPC"
        case (31, let sel) where sel >= 2: "KScratch\(sel - 1)"
        default: nil
        }
    }
}
