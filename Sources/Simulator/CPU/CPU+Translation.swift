// From virtual to guest-physical addresses, for both personalities.

import Hypervisor
import MIPS

/// What an access wants.
enum Access: UInt8 {
    case load
    case store
    case fetch
}

/// What became of an address.
struct Translation {
    enum Kind: UInt8 {
        /// `physical` is the guest-physical address; RAM or, without a slot, MMIO.
        case physical
        /// As `physical`, but only RAM will do: TE fails on a TLB-mapped address without a slot.
        case mapped
        /// TE: the host's own segments, an MMIO exit whatever lies at `physical`.
        case mmio
        /// TE: the commpage; `physical` is the offset in it.
        case commpage
        case addressError
        case refill
        case invalid
        case modified
        /// TE: nothing the kernel can emulate.
        case unsupported
    }
    var kind: Kind
    var physical: UInt32 = 0
}

extension CPU {
    /// Translates `address` for the current mode.
    func translate(_ address: UInt32, _ access: Access) -> Translation {
        isTE ? translateTE(address, access) : translateMIPS(address, access)
    }

    /// Standard MIPS segments (Manual Volume III, "Virtual Memory").
    private func translateMIPS(_ address: UInt32, _ access: Access) -> Translation {
        if address < 0x8000_0000 {
            // ERL makes KUSEG unmapped and uncached, so that an error handler can run before there is a TLB.
            if self[Cell.status] & Status.erl != 0 { return Translation(kind: .physical, physical: address) }
            return lookup(address, access)
        }
        guard kernelMode else { return Translation(kind: .addressError) }
        if address < 0xC000_0000 { return Translation(kind: .physical, physical: address & 0x1FFF_FFFF) }
        return lookup(address, access)
    }

    private func lookup(_ address: UInt32, _ access: Access) -> Translation {
        guard let index = tlb.find(address, asid: self[Cell.entryHi] & 0xFF) else { return Translation(kind: .refill) }
        let entry = tlb[index]
        let span = entry.pageMask | 0x1FFF
        let half = span &>> 1
        let lo = address & (half &+ 1) != 0 ? entry.entryLo1 : entry.entryLo0
        guard lo & 2 != 0 else { return Translation(kind: .invalid) }
        if access == .store, lo & 4 == 0 { return Translation(kind: .modified) }
        let frame = (lo &>> 6) &<< 12
        return Translation(kind: .physical, physical: frame & ~half | address & half)
    }

    /// The squeezed map of a TE guest (reference 2.4).
    private func translateTE(_ address: UInt32, _ access: Access) -> Translation {
        let kernel = kernelMode
        if address < 0x4000_0000 {
            if let page = commpage, address &- page < profile.pageSize {
                return kernel ? Translation(kind: .commpage, physical: address &- page) : Translation(kind: .refill)
            }
            return lookupTE(address, access)
        }
        guard kernel else { return Translation(kind: .addressError) }
        if address < 0x6000_0000 { return Translation(kind: .physical, physical: address & 0x1FFF_FFFF) }
        if address < 0x8000_0000 { return lookupTE(address, access) }
        if address < 0xC000_0000, access != .fetch { return Translation(kind: .mmio, physical: address & 0x1FFF_FFFF) }
        return Translation(kind: .unsupported)
    }

    /// The kernel's software TLB: even and odd entries are told apart by the host's page size, not by PageMask (reference 2.2).
    private func lookupTE(_ address: UInt32, _ access: Access) -> Translation {
        guard let index = tlb.find(address, asid: self[Cell.entryHi] & 0xFF) else { return Translation(kind: .refill) }
        let entry = tlb[index]
        let lo = address & profile.pageSize != 0 ? entry.entryLo1 : entry.entryLo0
        guard lo & 2 != 0 else { return Translation(kind: .invalid) }
        let offset = profile.pageSize &- 1
        let physical = (lo &>> 6) &<< 12 & ~offset | address & offset
        // The kernel maps the page before it looks at D, and fails if there is none.
        if access == .store, lo & 4 == 0, page(UInt64(physical)) != nil { return Translation(kind: .modified) }
        return Translation(kind: .mapped, physical: physical)
    }

    // MARK: Cached translations

    func flushSoftTLBs() {
        for i in 0..<4 * SoftTLB.entries {
            unsafe (softTLB(user: false, store: false) + i * 16).storeBytes(of: SoftTLB.invalid, as: UInt32.self)
        }
    }

    /// Forgets those that the guest's TLB decided about.
    private func flushMappedSoftTLBs() {
        let (start, size): (UInt32, UInt32) = isTE ? (0x4000_0000, 0x2000_0000) : (0x8000_0000, 0x4000_0000)
        for i in 0..<4 * SoftTLB.entries {
            let entry = unsafe softTLB(user: false, store: false) + i * 16
            if unsafe entry.load(as: UInt32.self) &- start >= size {
                unsafe entry.storeBytes(of: SoftTLB.invalid, as: UInt32.self)
            }
        }
    }

    /// Status.ERL unmaps KUSEG, and has changed.
    func unmappedUserSegmentChanged() {
        flushSoftTLBs()
        bumpEpoch()
    }

    /// Forgets stores only: a page has become code, or its dirty log was read.
    func flushStoreTLBs() {
        for user in [false, true] {
            let table = unsafe softTLB(user: user, store: true)
            for i in 0..<SoftTLB.entries {
                unsafe table.storeBytes(of: SoftTLB.invalid, toByteOffset: i * 16, as: UInt32.self)
            }
        }
    }

    func flushJumpCache() {
        for i in 0..<JumpCache.entries {
            unsafe jumpCache.storeBytes(of: UInt64.max, toByteOffset: i * JumpCache.stride, as: UInt64.self)
        }
    }

    /// Makes every jump cache entry stale without touching it.
    func bumpEpoch() {
        hasMappedCode = false
        hasPrivateKernelCode = false
        epoch &+= 1
        if epoch >= 1 << 20 {
            epoch = 1
            blocks.forgetChecks()
            flushJumpCache()
        }
        updateContext()
    }

    /// Mode bits blocks depend on: user mode, CU1, CU0 in user mode, FR with CU1.
    var blockMode: UInt32 {
        let status = self[Cell.status]
        var mode: UInt32 = kernelMode ? 0 : 1
        if status & Status.cu0 != 0, mode & 1 != 0 { mode |= 4 }
        if fpuUsable, status & Status.cu1 != 0 { mode |= status & Status.fr != 0 ? 10 : 2 }
        return mode
    }

    /// Recomputes what the hot path keeps from Status, EntryHi and the epoch. After any change of them.
    func updateContext() {
        let mode = blockMode
        let user = mode & 1 != 0
        core.fr = self[Cell.status] & Status.fr != 0
        unsafe core.readTLB = softTLB(user: user, store: false)
        unsafe core.writeTLB = softTLB(user: user, store: true)
        let asid = self[Cell.entryHi] & 0xFF
        if asid != contextASID {
            contextASID = asid
            if hasPrivateKernelCode { return bumpEpoch() }
        }
        // Kernel code is the same in every address space, or it was private, see above.
        let key = (user ? asid : 0) | mode << 8 | epoch << 12
        core.context = UInt64(key) << 32
    }

    /// A change of EntryHi's ASID: cached data translations belong to the old address space.
    func addressSpaceChanged() {
        flushMappedSoftTLBs()
        updateContext()
    }
}
