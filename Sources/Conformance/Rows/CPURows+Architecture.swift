// C10-C14, C18, C19: what the architecture says, and where trap-and-emulate departs from it (reference 6.1, 7.2, 7.7).

import Host
import Hypervisor

extension Bench {
    func c10() throws(Verdict) {
        let guest = try guest(id: 3)
        guest.load([Asm.rdhwr(.t0, 0), Asm.rdhwr(.t1, 1), Asm.rdhwr(.t2, 2), Asm.rdhwr(.t3, 3), Asm.rdhwr(.t4, 29)])
        let hasUserLocal = try guest.registerList().contains(.userLocal)
        if !hasUserLocal { throw .skipped("no UserLocal") }
        try guest.set(.userLocal, 0x0123_4560)
        try guest.freeze()
        let frozen = try guest.count()
        try guest.runToEnd()
        try check("CPUNum", guest.reg(.t0), 3)
        // Bytes of a cache line, 0 for none.
        let line = try guest.reg(.t1)
        try check("SYNCI_Step a power of two up to 256", line & (line &- 1) == 0 && line <= 256, hex(line))
        try check("CC", guest.reg(.t2), frozen)
        let resolution = try guest.reg(.t3)
        try check("CCRes 1 or 2", resolution == 1 || resolution == 2, hex(resolution))
        try check("UserLocal", guest.reg(.t4), 0x0123_4560)
        for register: UInt32 in [4, 30] {
            let guest = try self.guest()
            guest.load([Asm.rdhwr(.t0, register)])
            try guest.runToException(10)
        }
    }

    func c11() throws(Verdict) {
        // One instruction in user mode, in the page that is mapped: CpU, RI, AdEL.
        let cases = [
            (Asm.mfc0(.t0, .prid), UInt32(11)), (Asm.rdhwr(.t0, 2), 10), (Asm.lw(.t0, 0, .t9), 4),
        ]
        for (word, code) in cases {
            let guest = try mappingGuest(to: GuestMap.data, [Asm.eret, Asm.nop])
            guest.store([word] + Asm.spin, at: GuestMap.data)
            try guest.set(.hwrEna, 0)
            try guest.set(.epc, UInt64(try guest.reg(.t8)))
            // User mode, as soon as ERET clears EXL.
            try guest.set(.status, 0x12)
            try guest.runToException(code)
            try guest.expect(.epc, UInt64(try guest.reg(.t8)))
            if code == 4 { try guest.expect(.badVAddr, signExtended(UInt64(GuestMap.device))) }
        }
    }

    func c12() throws(Verdict) {
        let guest = try guest()
        guest.load([Asm.mfc1])
        let cause = try guest.runToVector(0x180)
        // CpU with CE = 1.
        try check("Cause", cause & (isTE ? .max : 0x3000_007C), 0x1000_002C)
    }

    func c13() throws(Verdict) {
        let guest = try guest()
        guest.load([Asm.addi(.t1, .t0, 1)])
        try guest.setReg(.t0, 0x7FFF_FFFF)
        if isTE {
            try guest.runToInternalError()
        } else {
            try guest.runToException(12)
        }
        try guest.expect(.t1, 0)
    }

    func c14() throws(Verdict) {
        let cases = [(Asm.breakpoint, UInt32(9)), (Asm.teq(.zero, .zero), 13), (Asm.undefined, 10)]
        for (word, code) in cases {
            let guest = try guest()
            guest.load([word])
            try guest.runToException(code)
            try guest.expect(.epc, signExtended(UInt64(guest.window + GuestMap.code)))
        }
    }

    func c18() throws(Verdict) {
        let guest = try guest()
        guest.load(Asm.delay(.t0, 2000))
        try guest.set(.cause, 0x100)
        try guest.set(.status, 0x101)
        if isTE {
            // Q10: stored, never delivered.
            try guest.runToEnd()
            try guest.expect(.cause, 0x100)
        } else {
            let cause = try guest.runToVector(0x180)
            try check("Cause", cause & 0x37C, 0x100)
        }
    }

    func c19() throws(Verdict) {
        let guest = try guest()
        guest.load([Asm.lw(.t0, 2, .t8)])
        try guest.setReg(.t8, guest.window + 0x3000)
        if isTE {
            try guest.runToInternalError()
        } else {
            try guest.runToException(4)
            try guest.expect(.badVAddr, signExtended(UInt64(guest.window + 0x3002)))
        }
    }
}
