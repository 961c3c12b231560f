// Where the parts of a run lie: the Swift side of harness/layout.h.

/// Physical addresses, sizes in bytes.
enum Layout {
    static let ramSize = 128 << 20
    static let header = 0x0020_0000
    static let vectors = 0x0100_0000
    static let results = 0x0400_0000
    static let vectorSize = 2048
    static let resultSize = 2048
    static let vectorWords = vectorSize / 4
    static let resultWords = resultSize / 4
    /// More would run into the results.
    static let maximumVectors = (results - vectors) / vectorSize
    /// Two pages that programs run in.
    static let code: UInt32 = 0x0010_0000
    static let windows: [UInt32] = [0x0011_0F80, 0x0012_3000, 0x0013_4100, 0x0014_5F00]
    static let windowSize = 128
    static let tlbEntries = 16
    static let logEntries = 24
}

/// Word offsets in a vector.
enum VectorWord {
    static let status = 0
    static let cause = 1
    static let pc = 2
    static let base = 3
    static let length = 4
    static let code = 5
    static let words = 6
    static let limit = 7
    static let entryHi = 8
    static let entryLo0 = 9
    static let entryLo1 = 10
    static let pageMask = 11
    static let context = 12
    static let index = 13
    static let wired = 14
    static let hwrEna = 15
    static let userLocal = 16
    static let fcsr = 17
    static let hi = 18
    static let lo = 19
    static let errorEPC = 20
    static let rounds = 21
    static let gpr = 32
    static let fpr = 64
    static let tlb = 128
    static let windows = 192
    static let word = 320
    static let maximumCode = Layout.vectorWords - word
}

/// Word offsets in a result; GPRs, FPRs, TLB and windows as in a vector.
enum ResultWord {
    static let exceptions = 0
    static let executed = 1
    static let status = 2
    static let cause = 3
    static let epc = 4
    static let badVAddr = 5
    static let entryHi = 6
    static let entryLo0 = 7
    static let entryLo1 = 8
    static let pageMask = 9
    static let context = 10
    static let index = 11
    static let wired = 12
    static let hwrEna = 13
    static let userLocal = 14
    static let fcsr = 15
    static let hi = 16
    static let lo = 17
    static let errorEPC = 18
    static let log = 320
}
