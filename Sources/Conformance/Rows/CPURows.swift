// C1-C9, C15-C17: what trap-and-emulate does in software (reference 7.3, 7.5, 7.7).

import Host
import Hypervisor

extension Bench {
    /// Runs one MTC0 of a value from t0, then one MFC0 into t1.
    private func moveThere(_ register: C0, _ value: UInt32) throws(Verdict) -> Guest {
        let guest = try guest()
        guest.load([Asm.mtc0(.t0, register), Asm.ehb, Asm.mfc0(.t1, register)])
        try guest.setReg(.t0, value)
        try guest.runToEnd()
        return guest
    }

    func c1() throws(Verdict) {
        for register in [C0.prid, .config] {
            let guest = try moveThere(register, 0x1234_5678)
            try guest.expect(.t1, 0x1234_5678)
        }
    }

    /// A value with most bits set that keeps the guest in kernel mode: EXL and ERL are clear.
    private var almostAll: UInt32 { 0xFFFF_FFE9 }

    func c2() throws(Verdict) {
        let guest = try moveThere(.cause, almostAll)
        let mask: UInt32 = isTE ? .max : 0x0880_0300
        try check("Cause", guest.reg(.t1) & mask, 0x0880_0300)
        try check("Cause by ONE_REG", guest.get(.cause) & UInt64(mask), 0x0880_0300)
    }

    func c3() throws(Verdict) {
        let guest = try moveThere(.hwrEna, almostAll)
        // Bit 29 because Config3.ULRI is set.
        try guest.expect(.t1, 0x2000_0009)
    }

    func c4() throws(Verdict) {
        let guest = try moveThere(.ebase, almostAll)
        try guest.expect(.t1, 0x5FFF_F000)
    }

    func c5() throws(Verdict) {
        let guest = try moveThere(.status, almostAll)
        // Without CU1, FR, NMI.
        try guest.expect(.status, 0xDBF7_FFE9)
    }

    /// Where the commpage keeps a CP0 register (reference 2.4).
    private func commpage(_ rd: UInt32, _ sel: UInt32) -> UInt32 {
        (profile.pageSize <= 0x8000 ? 0x8000 - profile.pageSize : 0) + 4 * (8 * rd + sel)
    }

    func c6() throws(Verdict) {
        let guest = try guest()
        guest.load([Asm.mfc0(.t0, .prid)])
        try guest.runToEnd()
        // LW t0, commpage.
        try check("the instruction", guest.ram[GuestMap.code], 0x8C08_0000 | commpage(15, 0))
        try check("R8", UInt64(guest.reg(.t0)), guest.get(.prid))
    }

    func c7() throws(Verdict) {
        let guest = try guest()
        guest.load([Asm.mtc0(.t2, .status)])
        try guest.setReg(.t2, 0xFF00)
        try guest.runToEnd()
        // SW t2, commpage.
        try check("the instruction", guest.ram[GuestMap.code], 0xAC0A_0000 | commpage(12, 0))
        try guest.expect(.status, 0xFF00)
    }

    func c8() throws(Verdict) {
        let guest = try guest()
        let program = [
            Asm.mfc0(.t0, .count), Asm.mtc0(.t1, .count), Asm.mtc0(.t1, .compare), Asm.mtc0(.zero, .cause),
            Asm.mtc0(.zero, .hwrEna), Asm.mtc0(.t2, .ebase), Asm.ei(.t3), Asm.ehb,
        ]
        guest.load(program)
        try guest.setReg(.t1, 0x1000)
        try guest.setReg(.t2, guest.window)
        // Nothing is pending or enabled when EI runs.
        try guest.runToEnd()
        for (i, word) in program.enumerated() {
            try check("instruction \(i)", guest.ram[GuestMap.code + UInt32(i) * 4], word)
        }
        try check("Status.IE", guest.get(.status) & 1, 1)
        try guest.expect(.t3, 0)
    }

    func c9() throws(Verdict) {
        let guest = try guest()
        guest.load([Asm.mtc0(.t0, .index)])
        try guest.setReg(.t0, 64)
        try guest.runToInternalError()
    }

    func c15() throws(Verdict) {
        // Index invalidates become NOP, hit operations SYNCI 0(t1).
        let emulated: [(UInt32, UInt32)] = [
            (0x00, 0), (0x01, 0), (0x10, 0x053F_0000), (0x11, 0x053F_0000), (0x15, 0x053F_0000),
        ]
        for (op, want) in emulated {
            let guest = try guest()
            guest.load([Asm.cache(op, 0, .t1)])
            try guest.setReg(.t1, guest.window + GuestMap.data)
            try guest.runToEnd()
            try check("CACHE \(hex(op)) afterwards", guest.ram[GuestMap.code], want)
        }
        for op: UInt32 in [0x08, 0x14, 0x19] {
            let guest = try guest()
            guest.load([Asm.cache(op, 0, .t1)])
            try guest.setReg(.t1, guest.window + GuestMap.data)
            let stop = try guest.run()
            try check("CACHE \(hex(op)) to be an internal error", stop.isInternalError, stop.description)
        }
    }

    func c16() throws(Verdict) {
        do {
            let guest = try guest()
            guest.load([Asm.dmfc0(.t0, .prid)])
            try guest.runToEnd()
            try check("R8", UInt64(guest.reg(.t0)), guest.get(.prid))
        }
        let guest = try guest()
        guest.load([Asm.dmtc0(.t0, .epc)])
        try guest.runToInternalError()
    }

    func c17() throws(Verdict) {
        let guest = try guest()
        guest.load([Asm.lw(.t0, commpage(12, 0), .zero)])
        try guest.set(.status, 0xFF00)
        try guest.runToEnd()
        try guest.expect(.t0, 0xFF00)
    }
}
