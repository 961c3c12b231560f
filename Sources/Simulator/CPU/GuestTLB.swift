// The guest's TLB as a table: 64 dual entries, each holding what TLBWI and TLBWR put there.

/// The joint TLB (Manual Volume III, "TLB Organization").
struct GuestTLB {
    static let size = 64

    /// One dual entry. Values are kept as written, which is what TLBR gives back under TE.
    struct Entry: Equatable {
        var entryHi: UInt32 = 0
        var entryLo0: UInt32 = 0
        var entryLo1: UInt32 = 0
        var pageMask: UInt32 = 0

        /// G of a pair is set only if both halves have it.
        var global: Bool { entryLo0 & entryLo1 & 1 != 0 }
    }

    private(set) var entries = [Entry](repeating: Entry(), count: GuestTLB.size)

    subscript(_ index: Int) -> Entry {
        get { entries[index & (Self.size - 1)] }
        set { entries[index & (Self.size - 1)] = newValue }
    }

    /// Index of the entry that matches `address` in address space `asid`.
    func find(_ address: UInt32, asid: UInt32) -> Int? {
        for i in 0..<Self.size {
            let e = entries[i]
            let vpn2 = 0xFFFF_E000 & ~e.pageMask
            if (e.entryHi ^ address) & vpn2 == 0, e.global || e.entryHi & 0xFF == asid { return i }
        }
        return nil
    }
}
