// R13-R23: what guest addresses mean, and instructions that leave the guest (reference 2.4, 6.1, 7.2).

import Host
import Hypervisor

extension Bench {
    /// A guest that loads from an address into t0.
    private func loadingGuest(_ address: UInt32) throws(Verdict) -> Guest {
        let guest = try deviceGuest([Asm.lw(.t0, 0, .t8)])
        try guest.setReg(.t8, address)
        return guest
    }

    func r13() throws(Verdict) {
        for address: UInt32 in [0x8000_0000, 0xA000_0000] {
            let guest = try loadingGuest(address)
            if isTE {
                // The host's own segments: a device, whatever lies there.
                try guest.runToAccess(0, 4, write: false)
            } else {
                // KSEG0 and KSEG1: RAM.
                try guest.runToEnd()
                try guest.expect(.t0, guest.ram[0])
            }
        }
    }

    func r14() throws(Verdict) {
        let guest = try loadingGuest(profile.kernelWindow + 0x0100_0000)
        try guest.runToAccess(0x0100_0000, 4, write: false)
    }

    func r15() throws(Verdict) {
        let guest = try loadingGuest(0xC000_0000)
        if isTE {
            try guest.runToInternalError()
        } else {
            // KSEG2, not mapped.
            try guest.runToException(2, vector: 0)
        }
    }

    func r16() throws(Verdict) {
        // User segment, and the kernel's mapped one; at a multiple of every pair of pages.
        for address: UInt32 in [0x0042_0000, isTE ? 0x6002_0000 : 0xC002_0000] {
            for exl in [false, true] {
                let guest = try loadingGuest(address)
                if exl { try guest.set(.status, 2) }
                let context = try guest.get(.context)
                try guest.runToException(2, vector: exl ? 0x180 : 0)
                try guest.expect(.badVAddr, signExtended(UInt64(address)))
                try check("EntryHi.VPN2", guest.get(.entryHi) & 0xFFFF_E000, UInt64(address))
                if isTE {
                    try guest.expect(.context, context)
                } else {
                    // Context.BadVPN2, bits 22-4 (Manual Volume III).
                    try check("Context.BadVPN2", guest.get(.context) & 0x007F_FFF0, UInt64(address >> 9 & 0x007F_FFF0))
                }
            }
        }
    }

    func r17() throws(Verdict) {
        // The all-zero entries of a new guest TLB match the lowest pages, and are not valid.
        let guest = try loadingGuest(0x100)
        try guest.runToException(2, vector: 0x180)
        try guest.expect(.badVAddr, 0x100)
    }

    /// Where the TLB rows map things: user segment, at a multiple of every pair of pages.
    private var mapped: UInt32 { 0x0040_0000 }

    /// A guest that maps two pages at `mapped` to consecutive guest-physical ones, writable and global, then runs `program`.
    func mappingGuest(to physical: UInt32, _ program: [UInt32]) throws(Verdict) -> Guest {
        let guest = try guest()
        let lo = physical >> 6 | 3 << 3 | 7
        try guest.setReg(.t0, 5)
        try guest.setReg(.t1, mapped)
        try guest.setReg(.t2, lo)
        try guest.setReg(.t3, lo + (profile.pageSize >> 6))
        // PageMask: the bits of a pair of pages above bit 12.
        try guest.setReg(.t4, (2 * profile.pageSize - 1) & ~0x1FFF)
        try guest.setReg(.t8, mapped)
        try guest.setReg(.t9, GuestMap.device)
        guest.load(
            [Asm.mtc0(.t0, .index), Asm.mtc0(.t1, .entryHi), Asm.mtc0(.t2, .entryLo0), Asm.mtc0(.t3, .entryLo1)],
            [Asm.mtc0(.t4, .pageMask), Asm.ehb, Asm.tlbwi, Asm.ehb], program)
        return guest
    }

    func r18() throws(Verdict) {
        let guest = try mappingGuest(to: GuestMap.data, [Asm.lw(.t5, 0x10, .t8)])
        guest.ram[GuestMap.data + 0x10] = 0x600D_F00D
        try guest.runToEnd()
        try guest.expect(.t5, 0x600D_F00D)
    }

    func r19() throws(Verdict) {
        let guest = try mappingGuest(to: 0x1400_0000, [Asm.lw(.t5, 0x10, .t8)])
        if isTE {
            try guest.runToInternalError()
        } else {
            try guest.runToAccess(0x1400_0010, 4, write: false)
        }
    }

    func r20() throws(Verdict) {
        let guest = try guest()
        try guest.setPC(guest.window + 0x0100_0000)
        try guest.runExpecting(.exit(.internalError(suberror: 0, dataCount: 0)))
        try guest.expectPC(guest.window + 0x0100_0000)
    }

    func r21() throws(Verdict) {
        let guest = try deviceGuest([Asm.eret, Asm.nop])
        // Where EPC leads: not to the end of the program.
        guest.store([Asm.sw(.zero, 0x20, .t9)] + Asm.spin, at: GuestMap.idle)
        try guest.set(.epc, signExtended(UInt64(guest.window + GuestMap.idle)))
        if isTE {
            try guest.runToInternalError()
            try guest.expectPC(guest.window + GuestMap.code + 4)
        } else {
            // The processor returns to EPC whenever ERL is clear.
            try guest.runToAccess(0x1400_0020, 4, write: true)
        }
    }

    func r22() throws(Verdict) {
        do {
            let guest = try deviceGuest([Asm.syscall])
            try guest.runToException(8)
            try guest.expect(.epc, signExtended(UInt64(guest.window + GuestMap.code)))
        }
        let guest = try deviceGuest([Asm.syscall])
        try guest.set(.status, 2)
        try guest.set(.epc, 0x1234)
        if isTE {
            try guest.runToInternalError()
            try guest.expectPC(guest.window + GuestMap.code)
        } else {
            // An exception within one: same vector, EPC stays.
            try guest.runToException(8)
            try guest.expect(.epc, 0x1234)
        }
    }

    func r23() throws(Verdict) {
        do {
            let guest = try deviceGuest([Asm.hypcall(0)])
            try guest.runToEnd()
            try guest.expect(.v0, 0xFFFF_FC18)
        }
        let guest = try deviceGuest([Asm.hypcall(1)])
        try guest.runToInternalError()
    }
}
