// Where CP0 registers lie among the cells.

/// Index of a CP0 register in `Core.cells`: 8 * rd + sel, the layout TE shows to guests in its commpage (reference 2.4).
enum Cell {
    static let index = 0 * 8
    static let random = 1 * 8
    static let entryLo0 = 2 * 8
    static let entryLo1 = 3 * 8
    static let context = 4 * 8
    static let userLocal = 4 * 8 + 2
    static let pageMask = 5 * 8
    static let wired = 6 * 8
    static let hwrEna = 7 * 8
    static let badVAddr = 8 * 8
    static let count = 9 * 8
    static let entryHi = 10 * 8
    static let compare = 11 * 8
    static let status = 12 * 8
    static let intCtl = 12 * 8 + 1
    static let srsCtl = 12 * 8 + 2
    static let cause = 13 * 8
    static let epc = 14 * 8
    static let prid = 15 * 8
    static let ebase = 15 * 8 + 1
    static let config = 16 * 8
    static let config1 = 16 * 8 + 1
    static let config2 = 16 * 8 + 2
    static let config3 = 16 * 8 + 3
    static let config4 = 16 * 8 + 4
    static let config5 = 16 * 8 + 5
    static let config7 = 16 * 8 + 7
    static let llAddr = 17 * 8
    static let depc = 24 * 8
    static let errCtl = 26 * 8
    static let errorEPC = 30 * 8
    static let kScratch1 = 31 * 8 + 2
    /// Number of cells.
    static let count256 = 256
}

/// Bits of Status (Manual Volume III, "Status Register").
enum StatusBits {
    static let ie: UInt32 = 1 << 0
    static let exl: UInt32 = 1 << 1
    static let erl: UInt32 = 1 << 2
    static let um: UInt32 = 1 << 4
    static let im0: UInt32 = 1 << 8
    static let nmi: UInt32 = 1 << 19
    static let bev: UInt32 = 1 << 22
    static let fr: UInt32 = 1 << 26
    static let cu0: UInt32 = 1 << 28
    static let cu1: UInt32 = 1 << 29
}

/// Bits of Cause (Manual Volume III, "Cause Register").
enum CauseBits {
    static let excCode: UInt32 = 0x7C
    static let wp: UInt32 = 1 << 22
    static let iv: UInt32 = 1 << 23
    static let dc: UInt32 = 1 << 27
    static let ce: UInt32 = 3 << 28
    static let ti: UInt32 = 1 << 30
    static let bd: UInt32 = 1 << 31
    static let ip7: UInt32 = 1 << 15
    /// IP6 to IP2, the lines KVM_INTERRUPT drives.
    static let lines: UInt32 = 0x7C00
    static let software: UInt32 = 0x0300
}

/// ExcCode values this CPU raises (Manual Volume III, "Cause Register ExcCode Field").
enum ExcCode {
    static let interrupt: UInt32 = 0
    static let tlbModified: UInt32 = 1
    static let tlbLoad: UInt32 = 2
    static let tlbStore: UInt32 = 3
    static let addressLoad: UInt32 = 4
    static let addressStore: UInt32 = 5
    static let syscall: UInt32 = 8
    static let breakpoint: UInt32 = 9
    static let reserved: UInt32 = 10
    static let coprocessor: UInt32 = 11
    static let overflow: UInt32 = 12
    static let trap: UInt32 = 13
    static let floatingPoint: UInt32 = 15
    static let machineCheck: UInt32 = 24
}
