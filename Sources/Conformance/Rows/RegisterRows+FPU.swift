// G2, G15-G17: the FPU through ONE_REG (reference 3.6, 7.6).

import Host
import Hypervisor

extension Bench {
    /// A guest that may use the FPU; Config1.FP is still clear.
    private func fpuGuest() throws(Verdict) -> Guest {
        let guest = try guest()
        try guest.enable(.mipsFPU)
        return guest
    }

    func g2() throws(Verdict) {
        let guest = try guest()
        let before = try guest.registerList().count
        try guest.enable(.mipsFPU)
        let after = try guest.registerList().count
        // Listed as soon as the capability is enabled, although GET wants Config1.FP as well.
        try guest.set(.config1, guest.get(.config1) | 1)
        let has64BitRegisters = try guest.get(.fcrIR) & 1 << 22 != 0
        // FCR_IR, FCR_CSR, 32 of 32 bits, and 32 or 16 of 64 bits.
        try check("ids the FPU adds", after - before, 2 + 32 + (has64BitRegisters ? 32 : 16))
        if isTE { try check("ids in all", after, has64BitRegisters ? 136 : 120) }
    }

    func g15() throws(Verdict) {
        let guest = try guest()
        let config1 = try guest.get(.config1)
        try check("Config1.FP at reset", config1 & 1, 0)
        try guest.set(.config1, config1 | 1)
        try guest.expect(.config1, config1)
        try guest.enable(.mipsFPU)
        try guest.expect(.config1, config1)
        try guest.set(.config1, config1 | 1)
        try guest.expect(.config1, config1 | 1)
    }

    func g16() throws(Verdict) {
        let guest = try fpuGuest()
        try checkError("GET FCR_IR with Config1.FP = 0", .inval) { () throws(HypervisorError) in
            try guest.vcpu.register(.fcrIR)
        }
        try guest.set(.config1, guest.get(.config1) | 1)
        let fir = try guest.get(.fcrIR)
        // S and D: no FPU of a host that runs Linux lacks them.
        try check("FIR with S and D", fir & 3 << 16 == 3 << 16, hex(fir))
        // Read-only: the write is accepted and ignored.
        try guest.set(.fcrIR, 0)
        try guest.expect(.fcrIR, fir)
    }

    func g17() throws(Verdict) {
        let guest = try fpuGuest()
        try guest.set(.config1, guest.get(.config1) | 1)
        try checkError("GET FPR_64(1) with Status.FR = 0", .inval) { () throws(HypervisorError) in
            try guest.vcpu.register(.fpr64(1))
        }
        try guest.set(.fpr64(0), 0x1111_1111_2222_2222)
        try guest.expect(.fpr32(0), 0x2222_2222)
        try guest.expect(.fpr32(1), 0x1111_1111)
        try guest.expect(.fpr64(0), 0x1111_1111_2222_2222)
    }
}
