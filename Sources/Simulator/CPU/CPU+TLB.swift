// TLBP, TLBR, TLBWI, TLBWR (Manual Volume III, "TLB Instructions"; reference 7.4 for TE).

import Hypervisor

extension CPU {
    func tlbProbe() {
        let hi = self[Cell.entryHi]
        if let index = tlb.find(hi & 0xFFFF_E000, asid: hi & 0xFF) {
            self[Cell.index] = UInt32(truncatingIfNeeded: index)
        } else {
            self[Cell.index] = isTE ? .max : 0x8000_0000
        }
    }

    func tlbRead() {
        let entry = tlb[Int(self[Cell.index] & 63)]
        let oldASID = self[Cell.entryHi] & 0xFF
        self[Cell.entryHi] = entry.entryHi
        self[Cell.entryLo0] = entry.entryLo0
        self[Cell.entryLo1] = entry.entryLo1
        self[Cell.pageMask] = entry.pageMask
        if entry.entryHi & 0xFF != oldASID { addressSpaceChanged() }
    }

    func tlbWriteIndexed() { tlbWrite(Int(self[Cell.index] & 63)) }

    /// TE picks among all 64 entries and ignores Wired; hardware never replaces a wired entry.
    func tlbWriteRandom() {
        random = random &* 1_664_525 &+ 1_013_904_223
        let wired = isTE ? 0 : min(self[Cell.wired] & 63, 63)
        tlbWrite(Int(wired + (random >> 8) % (64 - wired)))
    }

    private func tlbWrite(_ index: Int) {
        let old = tlb[index]
        var entry = GuestTLB.Entry(
            entryHi: self[Cell.entryHi], entryLo0: self[Cell.entryLo0], entryLo1: self[Cell.entryLo1],
            pageMask: self[Cell.pageMask])
        if !isTE {
            // Hardware keeps only what takes part in a match, and one G for the pair.
            entry.pageMask = validPageMask(entry.pageMask)
            entry.entryHi &= ~(entry.pageMask & 0xFFFF_E000)
            let global = entry.entryLo0 & entry.entryLo1 & 1
            entry.entryLo0 = entry.entryLo0 & ~1 | global
            entry.entryLo1 = entry.entryLo1 & ~1 | global
        }
        tlb[index] = entry
        // Nothing is cached that came from an entry without V; but a new one hides those behind it, whatever it says.
        if (old.entryLo0 | old.entryLo1) & 2 != 0 { forget(old) }
        forget(entry)
    }

    /// PageMask as the hardware reads it: pairs of ones from the bottom (bits 28 to 13).
    private func validPageMask(_ value: UInt32) -> UInt32 {
        var mask: UInt32 = 0
        var bits = value >> 13 & 0xFFFF
        while bits & 3 == 3 {
            mask = mask << 2 | 3
            bits >>= 2
        }
        return mask << 13
    }

    /// Drops cached translations of addresses an entry matches. TE keeps PageMask as it was written, whose bits need not
    /// follow one another: more than the usual pair of pages counts as all.
    private func forget(_ entry: GuestTLB.Entry) {
        var span = entry.pageMask | 0x1FFF
        if isTE {
            let pair = profile.pageSize * 2 - 1
            span = span <= pair ? pair : .max
        }
        let start = entry.entryHi & ~span & 0xFFFF_E000
        if span > 0xFFFF {
            flushSoftTLBs()
        } else {
            for user in [false, true] {
                for store in [false, true] {
                    let table = unsafe softTLB(user: user, store: store)
                    var address = start
                    repeat {
                        unsafe table.storeBytes(
                            of: SoftTLB.invalid, toByteOffset: SoftTLB.offset(address), as: UInt32.self)
                        address &+= 0x1000
                    } while address & ~span == start && address != start
                }
            }
        }
        if mappedFetch.overlaps(start, span) {
            mappedFetch.clear()
            bumpEpoch()
        }
    }
}

/// Which mapped addresses code has been fetched from since the last epoch: a conservative range per half of the address space.
struct FetchRange {
    private var lowest: UInt32 = .max
    private var highest: UInt32 = 0
    /// One bit for each of 64 stripes of 4 KiB pages, by page number.
    private var stripes: UInt64 = 0

    mutating func insert(_ address: UInt32) {
        lowest = min(lowest, address)
        highest = max(highest, address)
        stripes |= 1 &<< UInt64(address &>> 12 & 63)
    }

    mutating func clear() { self = FetchRange() }

    /// May code have been fetched from `start` ... `start + span`?
    func overlaps(_ start: UInt32, _ span: UInt32) -> Bool {
        guard stripes != 0, start <= highest, start &+ span >= lowest else { return false }
        if span >= 0x3FFFF { return true }
        var page = start &>> 12
        for _ in 0...(span >> 12) {
            if stripes &>> UInt64(page & 63) & 1 != 0 { return true }
            page &+= 1
        }
        return false
    }
}
