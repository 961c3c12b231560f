// M1-M9: memory slots and the dirty log (reference 1.5).

import Host
import Hypervisor

extension Bench {
    /// SET_USER_MEMORY_REGION fails with this error.
    private func refused(
        _ machine: AnyMachine, _ what: String, _ want: Errno, slot: UInt32 = 1, flags: UInt32 = 0, at address: UInt64,
        size: UInt64, host: UInt64
    ) throws(Verdict) {
        let region = MemoryRegion(
            slot: slot, flags: MemoryRegion.Flags(rawValue: flags), guestPhysicalAddress: address, size: size,
            hostAddress: host)
        try checkError(what, want) { () throws(HypervisorError) in try machine.setMemoryRegion(region) }
    }

    private var page: UInt64 { UInt64(profile.pageSize) }

    /// The first slot number there is none of: 16 on TE.
    private func slotCount() throws(Verdict) -> UInt32 {
        UInt32(
            truncatingIfNeeded: try checkOK("CHECK_EXTENSION(NR_MEMSLOTS)") { () throws(HypervisorError) in
                try system.checkExtension(.memorySlotCount)
            })
    }

    func m1() throws(Verdict) {
        let machine = try machine()
        let pages = try guestPages(Int(page))
        let count = try slotCount()
        try refused(
            machine, "slot \(count)", .inval, slot: count, at: 0, size: page, host: pages.hostAddress)
        try refused(
            machine, "slot 1 of address space 1", .inval, slot: 0x1_0001, at: 0, size: page, host: pages.hostAddress)
    }

    func m2() throws(Verdict) {
        let machine = try machine()
        let pages = try guestPages(Int(4 * page))
        let host = pages.hostAddress
        // Half a page, and what is a page elsewhere.
        for part in page > 4096 ? [page / 2, 4096] : [page / 2] {
            try refused(machine, "address \(hex(part))", .inval, at: part, size: page, host: host)
            try refused(machine, "size \(hex(page + part))", .inval, at: 0, size: page + part, host: host)
        }
        // By the page of the host this runs on, which is the profile's only on a real kernel.
        let part = UInt64(Mapping.pageSize) / 2
        try refused(machine, "host address off by \(hex(part))", .inval, at: 0, size: page, host: host + part)
    }

    func m3() throws(Verdict) {
        let guest = try guest()
        let pages = try guestPages(Int(2 * page))
        let last = UInt64(GuestMap.size) - page
        try refused(
            guest.machine, "a slot over the end of slot 0", .exist, at: last, size: 2 * page, host: pages.hostAddress)
        // One page further it fits.
        try guest.map(pages, slot: 1, at: last + page)
        try guest.unmap(pages, slot: 1, at: last + page)
    }

    func m4() throws(Verdict) {
        let machine = try machine()
        let pages = try guestPages(Int(page))
        try refused(machine, "slot flags 4", .inval, flags: 4, at: 0, size: page, host: pages.hostAddress)
    }

    func m5() throws(Verdict) {
        let machine = try machine()
        let pages = try guestPages(Int(page))
        try refused(machine, "deletion of an empty slot", .inval, at: 0, size: 0, host: pages.hostAddress)
    }

    func m6() throws(Verdict) {
        let guest = try guest()
        let pages = try guestPages(Int(page))
        try guest.map(pages, slot: 1, at: 0x4000_0000)
        try guest.unmap(pages, slot: 1, at: 0x4000_0000)
    }

    func m7() throws(Verdict) {
        let guest = try guest()
        try checkError("GET_DIRTY_LOG of a slot without one", .noent) { () throws(HypervisorError) in
            try guest.machine.dirtyLog(slot: 0)
        }
        let beyond = try slotCount() + 4
        try checkError("GET_DIRTY_LOG of slot \(beyond)", .inval) { () throws(HypervisorError) in
            try guest.machine.dirtyLog(slot: beyond)
        }
    }

    func m8() throws(Verdict) {
        let guest = try guest(flags: .logDirtyPages)
        let target: UInt32 = 0x1_0000
        guest.load(Asm.li(.t0, guest.window + target), [Asm.sw(.t0, 0, .t0)])
        // What the preparation of the guest has left.
        _ = try dirtyWord(guest)
        try guest.runToEnd()
        try check("the word stored", guest.ram[target], guest.window + target)
        try check("first word of the dirty log", try dirtyWord(guest), 1 << (UInt64(target) / page))
        try check("first word of the dirty log, read again", try dirtyWord(guest), 0)
    }

    private func dirtyWord(_ guest: Guest) throws(Verdict) -> UInt64 {
        let log = try checkOK("GET_DIRTY_LOG") { () throws(HypervisorError) in try guest.machine.dirtyLog(slot: 0) }
        // A bit for each page, in whole words.
        let pages = UInt64(GuestMap.size) / page
        try check("words of the dirty log", log.count >= Int((pages + 63) / 64), "\(log.count)")
        return log[0]
    }

    func m9() throws(Verdict) {
        let guest = try guest()
        let pages = try guestPages(Int(page))
        pages[0] = 0xCAFE
        try guest.map(pages, slot: 1, at: 0x100_0000, .readOnly)
        guest.load(
            Asm.li(.t0, guest.window + 0x100_0000), [Asm.lw(.t1, 0, .t0), Asm.ori(.t2, .zero, 1)],
            [Asm.sw(.t1, 4, .t0)])
        try guest.runToAccess(0x100_0004, 4, write: true)
        try guest.expect(.t1, 0xCAFE)
        try guest.expect(.t2, 1)
        try check("data of the store", guest.vcpu.runArea.mmioData & 0xFFFF_FFFF, 0xCAFE)
        try check("memory behind the store", pages[4], 0)
        try guest.unmap(pages, slot: 1, at: 0x100_0000)
    }
}
