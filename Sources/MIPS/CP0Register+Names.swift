// The names of coprocessor 0's registers.

extension CP0Register {
    /// Number of a TLB entry, and whether a probe failed.
    public static let index = Self(0, 0)
    /// Multithreading, per-processor control.
    public static let mvpControl = Self(0, 1)
    /// Number of the TLB entry that `tlbwr` replaces.
    public static let random = Self(1, 0)
    /// Even page of a TLB entry.
    public static let entryLo0 = Self(2, 0)
    /// Odd page of a TLB entry.
    public static let entryLo1 = Self(3, 0)
    /// Pointer into a page table, formed from the bad address.
    public static let context = Self(4, 0)
    /// Shape of Context.
    public static let contextConfig = Self(4, 1)
    /// Thread pointer that user code reads by `rdhwr`.
    public static let userLocal = Self(4, 2)
    /// Shape of XContext.
    public static let xContextConfig = Self(4, 3)
    /// Size of the pages of a TLB entry.
    public static let pageMask = Self(5, 0)
    /// Small pages, large physical addresses, read and execute inhibit.
    public static let pageGrain = Self(5, 1)
    /// Segmentation control of segments 0 and 1.
    public static let segCtl0 = Self(5, 2)
    /// Segmentation control of segments 2 and 3.
    public static let segCtl1 = Self(5, 3)
    /// Segmentation control of segments 4 and 5.
    public static let segCtl2 = Self(5, 4)
    /// Base of the page table that hardware walks.
    public static let pwBase = Self(5, 5)
    /// Which address bits index the levels of that table.
    public static let pwField = Self(5, 6)
    /// Sizes of the levels of that table.
    public static let pwSize = Self(5, 7)
    /// Number of TLB entries that `tlbwr` spares.
    public static let wired = Self(6, 0)
    /// Shadow register sets and thread contexts, word 0.
    public static let srsConf0 = Self(6, 1)
    /// Shadow register sets and thread contexts, word 1.
    public static let srsConf1 = Self(6, 2)
    /// Shadow register sets and thread contexts, word 2.
    public static let srsConf2 = Self(6, 3)
    /// Shadow register sets and thread contexts, word 3.
    public static let srsConf3 = Self(6, 4)
    /// Shadow register sets and thread contexts, word 4.
    public static let srsConf4 = Self(6, 5)
    /// Hardware page walker control.
    public static let pwCtl = Self(6, 6)
    /// Which hardware registers user code may read.
    public static let hwrEna = Self(7, 0)
    /// Address that raised the last address-related exception.
    public static let badVAddr = Self(8, 0)
    /// Instruction that raised the last exception.
    public static let badInstr = Self(8, 1)
    /// Branch before the instruction that raised the last exception.
    public static let badInstrP = Self(8, 2)
    /// Timer count.
    public static let count = Self(9, 0)
    /// Virtual page and address space of a TLB entry.
    public static let entryHi = Self(10, 0)
    /// Timer compare.
    public static let compare = Self(11, 0)
    /// Mode, interrupt mask, coprocessor usability.
    public static let status = Self(12, 0)
    /// Interrupt numbers and vector spacing.
    public static let intCtl = Self(12, 1)
    /// Shadow register set control.
    public static let srsCtl = Self(12, 2)
    /// Shadow register set of each vectored interrupt.
    public static let srsMap = Self(12, 3)
    /// Cause of the last exception, pending interrupts.
    public static let cause = Self(13, 0)
    /// Where to return from an exception.
    public static let epc = Self(14, 0)
    /// Processor identification.
    public static let prid = Self(15, 0)
    /// Exception base and processor number.
    public static let ebase = Self(15, 1)
    /// Base of the common device memory map.
    public static let cdmmBase = Self(15, 2)
    /// Base of the coherence manager's registers.
    public static let cmgcrBase = Self(15, 3)
    /// Configuration word 0.
    public static let config = Self(16, 0)
    /// Configuration word 1: caches, TLB size.
    public static let config1 = Self(16, 1)
    /// Configuration word 2: outer caches.
    public static let config2 = Self(16, 2)
    /// Configuration word 3: modules.
    public static let config3 = Self(16, 3)
    /// Configuration word 4: TLB extensions, scratch registers.
    public static let config4 = Self(16, 4)
    /// Configuration word 5.
    public static let config5 = Self(16, 5)
    /// Configuration word 6, of the implementation.
    public static let config6 = Self(16, 6)
    /// Configuration word 7, of the implementation.
    public static let config7 = Self(16, 7)
    /// Physical address of the last `ll`.
    public static let llAddr = Self(17, 0)
    /// Memory accessibility attributes, of the entry MAARI names.
    public static let maar = Self(17, 1)
    /// Index of the entry that MAAR accesses.
    public static let maari = Self(17, 2)
    /// Watchpoint 0, address.
    public static let watchLo0 = Self(18, 0)
    /// Watchpoint 1, address.
    public static let watchLo1 = Self(18, 1)
    /// Watchpoint 2, address.
    public static let watchLo2 = Self(18, 2)
    /// Watchpoint 3, address.
    public static let watchLo3 = Self(18, 3)
    /// Watchpoint 0, address space and mask.
    public static let watchHi0 = Self(19, 0)
    /// Watchpoint 1, address space and mask.
    public static let watchHi1 = Self(19, 1)
    /// Watchpoint 2, address space and mask.
    public static let watchHi2 = Self(19, 2)
    /// Watchpoint 3, address space and mask.
    public static let watchHi3 = Self(19, 3)
    /// Context of 64-bit processors.
    public static let xContext = Self(20, 0)
    /// Diagnostics, of the implementation.
    public static let diag = Self(22, 0)
    /// EJTAG debug control and status.
    public static let debug = Self(23, 0)
    /// EJTAG trace control.
    public static let traceControl = Self(23, 1)
    /// EJTAG trace control, continued.
    public static let traceControl2 = Self(23, 2)
    /// EJTAG trace data written by software.
    public static let userTraceData = Self(23, 3)
    /// EJTAG trace and breakpoints.
    public static let traceBPC = Self(23, 4)
    /// Where to return from a debug exception.
    public static let depc = Self(24, 0)
    /// Performance counter 0, control.
    public static let perfCtl0 = Self(25, 0)
    /// Performance counter 0, count.
    public static let perfCnt0 = Self(25, 1)
    /// Performance counter 1, control.
    public static let perfCtl1 = Self(25, 2)
    /// Performance counter 1, count.
    public static let perfCnt1 = Self(25, 3)
    /// Parity and cache test control.
    public static let errCtl = Self(26, 0)
    /// Cause of the last cache error.
    public static let cacheErr = Self(27, 0)
    /// Cache tag, instruction cache on the 24K.
    public static let tagLo = Self(28, 0)
    /// Cache data, instruction cache on the 24K.
    public static let dataLo = Self(28, 1)
    /// Cache tag, data cache.
    public static let dTagLo = Self(28, 2)
    /// Cache data, data cache.
    public static let dDataLo = Self(28, 3)
    /// Cache tag, outer caches.
    public static let l23TagLo = Self(28, 4)
    /// Cache data, outer caches.
    public static let l23DataLo = Self(28, 5)
    /// Cache tag, high word.
    public static let tagHi = Self(29, 0)
    /// Cache data, high word.
    public static let dataHi = Self(29, 1)
    /// Data cache tag, high word.
    public static let dTagHi = Self(29, 2)
    /// Cache data of the outer caches, high word.
    public static let l23DataHi = Self(29, 5)
    /// Where to return from an error exception.
    public static let errorEPC = Self(30, 0)
    /// Scratch of the debugger.
    public static let desave = Self(31, 0)
    /// Scratch of the kernel, 1.
    public static let kScratch1 = Self(31, 2)
    /// Scratch of the kernel, 2.
    public static let kScratch2 = Self(31, 3)
    /// Scratch of the kernel, 3.
    public static let kScratch3 = Self(31, 4)
    /// Scratch of the kernel, 4.
    public static let kScratch4 = Self(31, 5)
    /// Scratch of the kernel, 5.
    public static let kScratch5 = Self(31, 6)
    /// Scratch of the kernel, 6.
    public static let kScratch6 = Self(31, 7)

    /// The manual's name, or nil where neither the architecture nor the 24K defines this number.
    public var name: StaticString? {
        switch self {
        case .index: "Index"
        case .mvpControl: "MVPControl"
        case .random: "Random"
        case .entryLo0: "EntryLo0"
        case .entryLo1: "EntryLo1"
        case .context: "Context"
        case .contextConfig: "ContextConfig"
        case .userLocal: "UserLocal"
        case .xContextConfig: "XContextConfig"
        case .pageMask: "PageMask"
        case .pageGrain: "PageGrain"
        case .segCtl0: "SegCtl0"
        case .segCtl1: "SegCtl1"
        case .segCtl2: "SegCtl2"
        case .pwBase: "PWBase"
        case .pwField: "PWField"
        case .pwSize: "PWSize"
        case .wired: "Wired"
        case .srsConf0: "SRSConf0"
        case .srsConf1: "SRSConf1"
        case .srsConf2: "SRSConf2"
        case .srsConf3: "SRSConf3"
        case .srsConf4: "SRSConf4"
        case .pwCtl: "PWCtl"
        case .hwrEna: "HWREna"
        case .badVAddr: "BadVAddr"
        case .badInstr: "BadInstr"
        case .badInstrP: "BadInstrP"
        case .count: "Count"
        case .entryHi: "EntryHi"
        case .compare: "Compare"
        case .status: "Status"
        case .intCtl: "IntCtl"
        case .srsCtl: "SRSCtl"
        case .srsMap: "SRSMap"
        case .cause: "Cause"
        case .epc: "EPC"
        case .prid: "PRId"
        case .ebase: "EBase"
        case .cdmmBase: "CDMMBase"
        case .cmgcrBase: "CMGCRBase"
        case .config: "Config"
        case .config1: "Config1"
        case .config2: "Config2"
        case .config3: "Config3"
        case .config4: "Config4"
        case .config5: "Config5"
        case .config6: "Config6"
        case .config7: "Config7"
        case .llAddr: "LLAddr"
        case .maar: "MAAR"
        case .maari: "MAARI"
        case .watchLo0: "WatchLo0"
        case .watchLo1: "WatchLo1"
        case .watchLo2: "WatchLo2"
        case .watchLo3: "WatchLo3"
        case .watchHi0: "WatchHi0"
        case .watchHi1: "WatchHi1"
        case .watchHi2: "WatchHi2"
        case .watchHi3: "WatchHi3"
        case .xContext: "XContext"
        case .diag: "Diag"
        case .debug: "Debug"
        case .traceControl: "TraceControl"
        case .traceControl2: "TraceControl2"
        case .userTraceData: "UserTraceData"
        case .traceBPC: "TraceBPC"
        case .depc: "DEPC"
        case .perfCtl0: "PerfCtl0"
        case .perfCnt0: "PerfCnt0"
        case .perfCtl1: "PerfCtl1"
        case .perfCnt1: "PerfCnt1"
        case .errCtl: "ErrCtl"
        case .cacheErr: "CacheErr"
        case .tagLo: "TagLo"
        case .dataLo: "DataLo"
        case .dTagLo: "DTagLo"
        case .dDataLo: "DDataLo"
        case .l23TagLo: "L23TagLo"
        case .l23DataLo: "L23DataLo"
        case .tagHi: "TagHi"
        case .dataHi: "DataHi"
        case .dTagHi: "DTagHi"
        case .l23DataHi: "L23DataHi"
        case .errorEPC: "ErrorEPC"
        case .desave: "DESAVE"
        case .kScratch1: "KScratch1"
        case .kScratch2: "KScratch2"
        case .kScratch3: "KScratch3"
        case .kScratch4: "KScratch4"
        case .kScratch5: "KScratch5"
        case .kScratch6: "KScratch6"
        default: nil
        }
    }
}
