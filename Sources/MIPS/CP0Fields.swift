// Fields of the system control registers: mode, exceptions, interrupts, translation.
//
// Single bits are masks, wider fields are `BitField`. Sources: Manual Volume III (MD00090), chapter 9.

/// Mode, interrupt mask and coprocessor usability.
public enum Status {
    /// Interrupts are enabled (if neither `exl` nor `erl`).
    public static let ie: UInt32 = 1 << 0
    /// Exception level: a handler runs that has not saved EPC yet.
    public static let exl: UInt32 = 1 << 1
    /// Error level: as after reset; `eret` returns to ErrorEPC, and KUSEG is unmapped.
    public static let erl: UInt32 = 1 << 2
    /// Base mode: 0 kernel, 1 supervisor, 2 user.
    public static let ksu = BitField(3, 2)
    /// User mode; the upper bit of `ksu`.
    public static let um: UInt32 = 1 << 4
    /// 64-bit user addressing (64-bit processors).
    public static let ux: UInt32 = 1 << 5
    /// 64-bit supervisor addressing (64-bit processors).
    public static let sx: UInt32 = 1 << 6
    /// 64-bit kernel addressing (64-bit processors).
    public static let kx: UInt32 = 1 << 7
    /// Mask of the eight interrupt lines IP0...IP7.
    public static let im = BitField(8, 8)
    /// The last reset was a non-maskable interrupt.
    public static let nmi: UInt32 = 1 << 19
    /// The last reset was a soft one.
    public static let sr: UInt32 = 1 << 20
    /// Several TLB entries matched.
    public static let ts: UInt32 = 1 << 21
    /// Exception vectors are the bootstrap ones, in ROM.
    public static let bev: UInt32 = 1 << 22
    /// 64-bit operations in user mode (64-bit processors).
    public static let px: UInt32 = 1 << 23
    /// The DSP module is usable.
    public static let mx: UInt32 = 1 << 24
    /// User mode sees the other byte order.
    public static let re: UInt32 = 1 << 25
    /// Thirty-two 64-bit floating-point registers; else pairs of 32-bit ones.
    public static let fr: UInt32 = 1 << 26
    /// Reduced power.
    public static let rp: UInt32 = 1 << 27
    /// Coprocessor 0 is usable outside kernel mode.
    public static let cu0: UInt32 = 1 << 28
    /// Coprocessor 1, the floating-point unit, is usable.
    public static let cu1: UInt32 = 1 << 29
    /// Coprocessor 2 is usable.
    public static let cu2: UInt32 = 1 << 30
    /// Coprocessor 3 is usable (COP1X before release 2).
    public static let cu3: UInt32 = 1 << 31
}

/// Cause of the last exception, and pending interrupts.
public enum Cause {
    /// What was raised: an ``ExceptionCode``.
    public static let excCode = BitField(2, 5)
    /// Pending interrupts: IP0 and IP1 are written by software, IP2...IP7 are the hardware lines.
    public static let ip = BitField(8, 8)
    /// The two interrupts software raises.
    public static let softwareIP = BitField(8, 2)
    /// A watch exception was deferred because EXL or ERL was set.
    public static let wp: UInt32 = 1 << 22
    /// Interrupts use the special vector, 0x200 instead of 0x180.
    public static let iv: UInt32 = 1 << 23
    /// A performance counter interrupt is pending.
    public static let pci: UInt32 = 1 << 26
    /// Disable Count: the guest's own timer switch.
    public static let dc: UInt32 = 1 << 27
    /// The coprocessor of a Coprocessor Unusable exception.
    public static let ce = BitField(28, 2)
    /// The timer interrupt is pending.
    public static let ti: UInt32 = 1 << 30
    /// The exception happened in a delay slot; EPC is the branch.
    public static let bd: UInt32 = 1 << 31
}

/// Interrupt control.
public enum IntCtl {
    /// Vector spacing in units of 32 bytes; 0 means all interrupts share a vector.
    public static let vs = BitField(5, 5)
    /// Line of the fast debug channel interrupt.
    public static let ipfdc = BitField(23, 3)
    /// Line of the performance counter interrupt.
    public static let ippci = BitField(26, 3)
    /// Line of the timer interrupt: 7 is IP7.
    public static let ipti = BitField(29, 3)
}

/// Shadow register sets.
public enum SRSCtl {
    /// Current set.
    public static let css = BitField(0, 4)
    /// Set before the last exception.
    public static let pss = BitField(6, 4)
    /// Set that exceptions use.
    public static let ess = BitField(12, 4)
    /// Set an external interrupt controller asks for.
    public static let eicss = BitField(18, 4)
    /// Highest set there is.
    public static let hss = BitField(26, 4)
}

/// Exception base.
public enum EBase {
    /// Number of this processor.
    public static let cpuNum = BitField(0, 10)
    /// Bits 29...12 of the exception base; bits 31...30 are fixed to KSEG0's.
    public static let exceptionBase = BitField(12, 18)
    /// The bits that always read as this.
    public static let fixed: UInt32 = 0x8000_0000
}

/// TLB index.
public enum Index {
    /// The last probe failed.
    public static let p: UInt32 = 1 << 31
}

/// One page of a TLB entry (EntryLo0, EntryLo1).
public enum EntryLo {
    /// Global: the address space is not compared. Counts only if set in both pages.
    public static let g: UInt32 = 1 << 0
    /// Valid.
    public static let v: UInt32 = 1 << 1
    /// Dirty, that is, writable.
    public static let d: UInt32 = 1 << 2
    /// Cacheability and coherency.
    public static let c = BitField(3, 3)
    /// Physical page frame number, in units of 4 KiB.
    public static let pfn = BitField(6, 24)
    /// Execute inhibit, if PageGrain.XIE.
    public static let xi: UInt32 = 1 << 30
    /// Read inhibit, if PageGrain.RIE.
    public static let ri: UInt32 = 1 << 31
}

/// Virtual page and address space of a TLB entry.
public enum EntryHi {
    /// Address space.
    public static let asid = BitField(0, 8)
    /// The TLB entry is invalid (optional).
    public static let ehinv: UInt32 = 1 << 10
    /// Two more page number bits, for 1 KiB pages.
    public static let vpn2x = BitField(11, 2)
    /// Virtual page pair number, in units of 8 KiB.
    public static let vpn2 = BitField(13, 19)
}

/// Page size of a TLB entry.
public enum PageMask {
    /// Mask bits for 1 KiB pages.
    public static let maskX = BitField(11, 2)
    /// Address bits not compared: 0 for 4 KiB pages, 3 for 16 KiB, and so on in steps of four.
    public static let mask = BitField(13, 16)
}

/// Page granularity.
public enum PageGrain {
    /// Read and execute inhibit have exception codes of their own.
    public static let iec: UInt32 = 1 << 27
    /// 1 KiB pages.
    public static let esp: UInt32 = 1 << 28
    /// Large physical addresses.
    public static let elpa: UInt32 = 1 << 29
    /// Execute inhibit is in force.
    public static let xie: UInt32 = 1 << 30
    /// Read inhibit is in force.
    public static let rie: UInt32 = 1 << 31
}

/// Page table pointer, formed by hardware.
public enum Context {
    /// Bits 31...13 of the address that missed.
    public static let badVPN2 = BitField(4, 19)
    /// Written by the kernel: bits 31...23 of its page table.
    public static let pteBase = BitField(23, 9)
}

/// Hardware registers that `rdhwr` may read outside kernel mode, by number.
public enum HWREna {
    /// Processor number.
    public static let cpuNum: UInt32 = 1 << 0
    /// Step for `synci`.
    public static let synciStep: UInt32 = 1 << 1
    /// Cycle counter, that is, Count.
    public static let cc: UInt32 = 1 << 2
    /// Cycles per count of the cycle counter.
    public static let ccRes: UInt32 = 1 << 3
    /// UserLocal.
    public static let ulr: UInt32 = 1 << 29
}

/// Watchpoint address.
public enum WatchLo {
    /// Watch stores.
    public static let w: UInt32 = 1 << 0
    /// Watch loads.
    public static let r: UInt32 = 1 << 1
    /// Watch fetches.
    public static let i: UInt32 = 1 << 2
    /// Address in units of 8 bytes.
    public static let vAddr = BitField(3, 29)
}

/// Watchpoint qualifiers.
public enum WatchHi {
    /// A store hit.
    public static let w: UInt32 = 1 << 0
    /// A load hit.
    public static let r: UInt32 = 1 << 1
    /// A fetch hit.
    public static let i: UInt32 = 1 << 2
    /// Address bits not compared.
    public static let mask = BitField(3, 9)
    /// Address space.
    public static let asid = BitField(16, 8)
    /// Any address space.
    public static let g: UInt32 = 1 << 30
    /// There is another watchpoint.
    public static let m: UInt32 = 1 << 31
}

/// EJTAG debug state.
public enum Debug {
    /// Debug mode.
    public static let dm: UInt32 = 1 << 30
    /// The debug exception happened in a delay slot.
    public static let dbd: UInt32 = 1 << 31
}
