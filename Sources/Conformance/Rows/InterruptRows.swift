// I1-I5: KVM_INTERRUPT and what it shows in Cause (reference 6.4, 6.5).
//
// On TE a line's bit in Cause is set by the call. On VZ it is set at the next entry into the guest, where the guest reads it.

import Host
import Hypervisor

extension Bench {
    /// Lines every profile delivers or at least shows: 6 has no slot on generic VZ hosts.
    private var lines: [(line: Int32, bit: UInt32)] {
        isTE ? [(2, 0x400), (3, 0x800), (4, 0x1000), (6, 0x4000)] : [(2, 0x400), (3, 0x800), (4, 0x1000)]
    }

    /// Cause.IP7-IP2 as the guest sees them.
    private func pendingLines(_ guest: Guest) throws(Verdict) -> UInt32 {
        if isTE { return UInt32(truncatingIfNeeded: try guest.get(.cause)) }
        guest.load([Asm.mfc0(.t0, .cause)])
        try guest.setPC(guest.window + GuestMap.code)
        try guest.runToEnd()
        return try guest.reg(.t0) & 0x7C00
    }

    func i1() throws(Verdict) {
        let guest = try guest()
        var want: UInt32 = 0
        for (line, bit) in lines {
            try guest.interrupt(line)
            want |= bit
            try check("Cause after line \(line)", pendingLines(guest), want)
            // Idempotent.
            try guest.interrupt(line)
            try check("Cause after line \(line) again", pendingLines(guest), want)
        }
    }

    func i2() throws(Verdict) {
        let guest = try guest()
        var want: UInt32 = 0
        for (line, bit) in lines {
            try guest.interrupt(line)
            want |= bit
        }
        try check("Cause with every line", pendingLines(guest), want)
        for (line, bit) in lines {
            try guest.interrupt(-line)
            want &= ~bit
            try check("Cause after line \(-line)", pendingLines(guest), want)
        }
    }

    func i3() throws(Verdict) {
        let guest = try guest()
        for line: Int32 in [0, 1, 5, 7, 8, -1, -5, -7] {
            try checkError("INTERRUPT \(line)", .inval) { () throws(HypervisorError) in
                try guest.vcpu.interrupt(line)
            }
        }
        try check("Cause", pendingLines(guest), 0)
    }

    func i4() throws(Verdict) {
        let guest = try guest()
        let second = try vcpu(guest.machine, 7)
        try checkOK("INTERRUPT 2 of index 1") { () throws(HypervisorError) in
            try guest.vcpu.interrupt(2, vcpuIndex: 1)
        }
        try check("Cause of the first vCPU", pendingLines(guest), 0)
        if isTE {
            let cause = try checkOK("GET Cause") { () throws(HypervisorError) in try second.register(.cause) }
            try check("Cause of the second vCPU", cause, 0x400)
            return
        }
        guest.load([Asm.mfc0(.t0, .cause)])
        let pc = signExtended(UInt64(guest.window + GuestMap.code))
        let exit = try checkOK("a run of the second vCPU") { () throws(HypervisorError) in
            try second.setRegister(.status, 0)
            try second.setRegister(.pc, pc)
            system.setAlarm(now() + 20_000_000_000)
            return try second.run()
        }
        system.setAlarm(nil)
        let stop = Stop(exit)
        if stop != .done { throw .expected("KVM_RUN to end with", Stop.done.description, stop.description) }
        let cause = try checkOK("GET R8") { () throws(HypervisorError) in try second.register(.gpr(Reg.t0.number)) }
        try check("Cause of the second vCPU", cause & 0x7C00, 0x400)
    }

    func i5() throws(Verdict) {
        for k: UInt64 in 0..<8 {
            let guest = try guest()
            guest.load(Asm.delay(.t0, 2000))
            try guest.interrupt(2)
            try guest.set(.status, 1 | 1 << (8 + k))
            let stop = try guest.run()
            let want = k == (profile.kind == .te510 ? 0 : 2)
            let got = stop.vector == 0x180
            if got != want || !got && stop != .done {
                throw .failed(
                    "expected line 2 with only IM\(k) set \(want ? "to be" : "not to be") delivered, got \(stop)")
            }
        }
    }
}
