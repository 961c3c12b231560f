// Fields of the configuration registers, from which an operating system learns what the processor has.
//
// Sources: Manual Volume III (MD00090), chapter 9; for Config7 the 24K manual (MD00343).

/// Configuration word 0.
public enum Config {
    /// Cacheability of KSEG0, as EntryLo.C: 2 uncached, 3 cached.
    public static let k0 = BitField(0, 3)
    /// The instruction cache is virtually tagged.
    public static let vi: UInt32 = 1 << 3
    /// MMU: 0 none, 1 TLB, 3 fixed mapping.
    public static let mt = BitField(7, 3)
    /// Release: 0 release 1, 1 releases 2 to 5, 2 release 6.
    public static let ar = BitField(10, 3)
    /// Architecture: 0 MIPS32, 1 MIPS64 with 32-bit segments, 2 MIPS64.
    public static let at = BitField(13, 2)
    /// Big endian.
    public static let be: UInt32 = 1 << 15
    /// Cacheability of KUSEG, with fixed mapping.
    public static let ku = BitField(25, 3)
    /// Cacheability of KSSEG and KSEG3, with fixed mapping.
    public static let k23 = BitField(28, 3)
    /// Config1 exists.
    public static let m: UInt32 = 1 << 31
}

/// Configuration word 1.
public enum Config1 {
    /// There is a floating-point unit.
    public static let fp: UInt32 = 1 << 0
    /// There is EJTAG.
    public static let ep: UInt32 = 1 << 1
    /// There is MIPS16e.
    public static let ca: UInt32 = 1 << 2
    /// There are watch registers.
    public static let wr: UInt32 = 1 << 3
    /// There are performance counters.
    public static let pc: UInt32 = 1 << 4
    /// There is MDMX.
    public static let md: UInt32 = 1 << 5
    /// There is a coprocessor 2.
    public static let c2: UInt32 = 1 << 6
    /// Data cache ways - 1.
    public static let da = BitField(7, 3)
    /// Data cache line: 2 << n bytes; 0 means no cache.
    public static let dl = BitField(10, 3)
    /// Data cache sets per way: 64 << n, and 32 for 7.
    public static let ds = BitField(13, 3)
    /// Instruction cache ways - 1.
    public static let ia = BitField(16, 3)
    /// Instruction cache line, as `dl`.
    public static let il = BitField(19, 3)
    /// Instruction cache sets per way, as `ds`.
    public static let `is` = BitField(22, 3)
    /// TLB entries - 1.
    public static let mmuSize = BitField(25, 6)
    /// Config2 exists.
    public static let m: UInt32 = 1 << 31
}

/// Configuration word 2.
public enum Config2 {
    /// Secondary cache ways - 1.
    public static let sa = BitField(0, 4)
    /// Secondary cache line: 2 << n bytes; 0 means no cache.
    public static let sl = BitField(4, 4)
    /// Secondary cache sets per way: 64 << n.
    public static let ss = BitField(8, 4)
    /// Secondary cache, of the implementation.
    public static let su = BitField(12, 4)
    /// Tertiary cache ways - 1.
    public static let ta = BitField(16, 4)
    /// Tertiary cache line.
    public static let tl = BitField(20, 4)
    /// Tertiary cache sets per way.
    public static let ts = BitField(24, 4)
    /// Tertiary cache, of the implementation.
    public static let tu = BitField(28, 3)
    /// Config3 exists.
    public static let m: UInt32 = 1 << 31
}

/// Configuration word 3.
public enum Config3 {
    /// There is trace logic.
    public static let tl: UInt32 = 1 << 0
    /// There is SmartMIPS.
    public static let sm: UInt32 = 1 << 1
    /// There is multithreading.
    public static let mt: UInt32 = 1 << 2
    /// There is a common device memory map.
    public static let cdmm: UInt32 = 1 << 3
    /// There are 1 KiB pages.
    public static let sp: UInt32 = 1 << 4
    /// There are vectored interrupts.
    public static let vInt: UInt32 = 1 << 5
    /// There is an external interrupt controller mode.
    public static let vEIC: UInt32 = 1 << 6
    /// There are large physical addresses.
    public static let lpa: UInt32 = 1 << 7
    /// ContextConfig exists.
    public static let ctxtc: UInt32 = 1 << 9
    /// There is the DSP module.
    public static let dspp: UInt32 = 1 << 10
    /// It is revision 2.
    public static let dsp2p: UInt32 = 1 << 11
    /// PageGrain.RIE and XIE exist.
    public static let rxi: UInt32 = 1 << 12
    /// UserLocal exists.
    public static let ulri: UInt32 = 1 << 13
    /// Instruction sets: 0 MIPS32 alone.
    public static let isa = BitField(14, 2)
    /// Exceptions enter microMIPS.
    public static let isaOnExc: UInt32 = 1 << 16
    /// There is the virtualization module.
    public static let vz: UInt32 = 1 << 23
    /// There is a hardware page walker.
    public static let pw: UInt32 = 1 << 24
    /// There is segmentation control.
    public static let sc: UInt32 = 1 << 25
    /// BadInstr exists.
    public static let bi: UInt32 = 1 << 26
    /// BadInstrP exists.
    public static let bp: UInt32 = 1 << 27
    /// There is the SIMD module.
    public static let msap: UInt32 = 1 << 28
    /// Config4 exists.
    public static let m: UInt32 = 1 << 31
}

/// Configuration word 4.
public enum Config4 {
    /// TLB entries, upper bits, as `mmuExtDef` says.
    public static let mmuSizeExt = BitField(0, 8)
    /// Meaning of the bits below: 0 reserved, 1 MMU size extension, 2 and 3 fixed TLB.
    public static let mmuExtDef = BitField(14, 2)
    /// Which KScratch registers exist, by select number.
    public static let kScrExist = BitField(16, 8)
    /// EntryHi.ASID has ten bits.
    public static let ae: UInt32 = 1 << 28
    /// TLB invalidate instructions.
    public static let ie = BitField(29, 2)
    /// Config5 exists.
    public static let m: UInt32 = 1 << 31
}

/// Configuration word 5.
public enum Config5 {
    /// There is a nested fault facility.
    public static let nfExists: UInt32 = 1 << 0
    /// User code may change Status.FR.
    public static let ufr: UInt32 = 1 << 2
    /// MAAR and MAARI exist.
    public static let mrp: UInt32 = 1 << 3
    /// LLAddr.LLB exists.
    public static let llb: UInt32 = 1 << 4
    /// `mfhc0` and `mthc0` exist.
    public static let mvh: UInt32 = 1 << 5
    /// `sdbbp` outside kernel mode is reserved.
    public static let sbri: UInt32 = 1 << 6
    /// There are virtual processors.
    public static let vp: UInt32 = 1 << 7
    /// FR = 0 is emulated on FR = 1.
    public static let fre: UInt32 = 1 << 8
    /// User code may change `fre`.
    public static let ufe: UInt32 = 1 << 9
    /// The SIMD module is usable.
    public static let msaEn: UInt32 = 1 << 27
    /// There is enhanced virtual addressing.
    public static let eva: UInt32 = 1 << 28
    /// Cache error vectors follow EBase.
    public static let cv: UInt32 = 1 << 29
    /// Cacheability comes from segmentation control.
    public static let k: UInt32 = 1 << 30
    /// Config6 exists.
    public static let m: UInt32 = 1 << 31
}

/// Configuration word 7, of the implementation; the 24K's.
public enum Config7 {
    /// The return prediction stack is disabled.
    public static let rps: UInt32 = 1 << 2
    /// Instruction cache aliases are removed by hardware.
    public static let iar: UInt32 = 1 << 10
    /// Data cache aliases are removed by hardware.
    public static let ar: UInt32 = 1 << 16
    /// Caches are initialized by hardware at reset.
    public static let hci: UInt32 = 1 << 18
    /// `wait` ends at an interrupt even when interrupts are disabled.
    public static let wii: UInt32 = 1 << 31
}
