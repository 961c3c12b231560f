// Exceptions and where they go.

/// Cause.ExcCode: which exception was taken (Manual Volume III, chapter 9). Names are the manual's.
public enum ExceptionCode: UInt8, CaseIterable, Sendable {
    /// Interrupt.
    case int = 0
    /// Store to a page whose D bit is clear.
    case mod = 1
    /// TLB refill or invalid, load or fetch.
    case tlbl = 2
    /// TLB refill or invalid, store.
    case tlbs = 3
    /// Address error, load or fetch.
    case adEL = 4
    /// Address error, store.
    case adES = 5
    /// Bus error, fetch.
    case ibe = 6
    /// Bus error, load or store.
    case dbe = 7
    /// `syscall`.
    case sys = 8
    /// `break`.
    case bp = 9
    /// Reserved instruction.
    case ri = 10
    /// Coprocessor unusable; Cause.CE says which.
    case cpU = 11
    /// Arithmetic overflow.
    case ov = 12
    /// Trap instruction.
    case tr = 13
    /// SIMD module, floating point.
    case msaFPE = 14
    /// Floating point.
    case fpe = 15
    /// Coprocessor 2.
    case c2E = 18
    /// Load from a page with RI set, if PageGrain.IEC.
    case tlbri = 19
    /// Fetch from a page with XI set, if PageGrain.IEC.
    case tlbxi = 20
    /// SIMD module disabled.
    case msaDis = 21
    /// MDMX unusable.
    case mdmx = 22
    /// Watchpoint.
    case watch = 23
    /// Machine check: conflicting TLB entries.
    case mCheck = 24
    /// Thread scheduling.
    case thread = 25
    /// DSP module disabled.
    case dspDis = 26
    /// Guest exit (virtualization module).
    case ge = 27
    /// Cache error, in debug mode.
    case cacheErr = 30

    /// The manual's mnemonic.
    public var name: StaticString {
        switch self {
        case .int: "Int"
        case .mod: "Mod"
        case .tlbl: "TLBL"
        case .tlbs: "TLBS"
        case .adEL: "AdEL"
        case .adES: "AdES"
        case .ibe: "IBE"
        case .dbe: "DBE"
        case .sys: "Sys"
        case .bp: "Bp"
        case .ri: "RI"
        case .cpU: "CpU"
        case .ov: "Ov"
        case .tr: "Tr"
        case .msaFPE: "MSAFPE"
        case .fpe: "FPE"
        case .c2E: "C2E"
        case .tlbri: "TLBRI"
        case .tlbxi: "TLBXI"
        case .msaDis: "MSADis"
        case .mdmx: "MDMX"
        case .watch: "WATCH"
        case .mCheck: "MCheck"
        case .thread: "Thread"
        case .dspDis: "DSPDis"
        case .ge: "GE"
        case .cacheErr: "CacheErr"
        }
    }
}

/// Exception vectors (Manual Volume III, chapter 6): a base, to which an offset is added.
public enum ExceptionVector {
    /// Reset, soft reset and non-maskable interrupt. Takes no offset.
    public static let reset: UInt32 = 0xBFC0_0000
    /// Base while Status.BEV is set.
    public static let bootstrapBase: UInt32 = 0xBFC0_0200
    /// Base while Status.BEV is clear and EBase has its reset value, or does not exist.
    public static let normalBase: UInt32 = 0x8000_0000
    /// EJTAG debug exception, without probe. Takes no offset.
    public static let debug: UInt32 = 0xBFC0_0480

    /// TLB refill while Status.EXL is clear.
    public static let tlbRefill: UInt32 = 0x000
    /// Cache error. With Status.BEV clear the base is moved to the uncached segment, KSEG1.
    public static let cacheError: UInt32 = 0x100
    /// Everything else.
    public static let general: UInt32 = 0x180
    /// Interrupts while Cause.IV is set, and the first of the vectored interrupts.
    public static let interrupt: UInt32 = 0x200

    /// Offset of vectored interrupt `number`, 0...63, with IntCtl.VS = `spacing`.
    @inlinable
    public static func vectored(_ number: UInt32, spacing: UInt32) -> UInt32 {
        interrupt &+ number &* (spacing &<< 5)
    }
}
