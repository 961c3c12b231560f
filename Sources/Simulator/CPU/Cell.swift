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

/// Interrupt lines as bits of Cause.IP and Status.IM (Manual Volume III, "Cause Register").
enum CauseLines {
    static let im0: UInt32 = 1 << 8
    static let ip7: UInt32 = 1 << 15
    /// IP6 to IP2, the lines KVM_INTERRUPT drives.
    static let hardware: UInt32 = 0x7C00
    /// IP1 and IP0.
    static let software: UInt32 = 0x0300
}
