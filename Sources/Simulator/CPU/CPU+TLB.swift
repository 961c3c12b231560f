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
        forgetJumps(start, span)
    }

    /// Forgets where code lies at mapped addresses from `start` to `start + span`.
    private func forgetJumps(_ start: UInt32, _ span: UInt32) {
        if span > 0xFFFF {
            if hasMappedCode { bumpEpoch() }
            return
        }
        var page = start
        repeat {
            let byte = unsafe mappedCode + Int(page &>> 15)
            let bit: UInt8 = 1 &<< UInt8(page &>> 12 & 7)
            let old = unsafe byte.load(as: UInt8.self)
            if old & bit != 0 {
                unsafe byte.storeBytes(of: old & ~bit, as: UInt8.self)
                forgetJumps(page: page)
            }
            page &+= 0x1000
        } while page & ~span == start && page != start
    }

    /// The jump cache's entries of one page lie side by side.
    private func forgetJumps(page: UInt32) {
        var entry = unsafe jumpCache + JumpCache.offset(page)
        for _ in 0..<1024 {
            if unsafe entry.load(as: UInt32.self) & 0xFFFF_F000 == page {
                // The address stays: `prepare` looks at once where it led to.
                unsafe entry.storeBytes(of: 0, toByteOffset: 4, as: UInt32.self)
            }
            unsafe entry += JumpCache.stride
        }
    }

    /// Code is about to be fetched from a mapped page.
    func rememberMappedCode(_ pc: UInt32) {
        hasMappedCode = true
        let byte = unsafe mappedCode + Int(pc &>> 15)
        let old = unsafe byte.load(as: UInt8.self)
        unsafe byte.storeBytes(of: old | 1 &<< UInt8(pc &>> 12 & 7), as: UInt8.self)
        // Kernel code is found in every address space, which is right of global pages only.
        if kernelMode, let index = tlb.find(pc, asid: self[Cell.entryHi] & 0xFF), !tlb[index].global {
            hasPrivateKernelCode = true
        }
    }
}
