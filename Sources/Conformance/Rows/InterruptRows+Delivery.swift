// I6-I13: when and how an interrupt is delivered (reference 6.4).

import Host
import Hypervisor

extension Bench {
    /// Interrupts on for a line: its own mask bit, and IM0, the one that counts on TE-5.10.
    private func enabled(_ line: UInt64) -> UInt64 { 1 | 1 << 8 | 1 << (8 + line) }

    /// A guest that counts in t0 whether it got anywhere, and then is through.
    private func countingGuest() throws(Verdict) -> Guest {
        let guest = try guest()
        guest.load([Asm.addiu(.t0, .t0, 1)], Asm.delay(.t1, 2000))
        return guest
    }

    /// What Cause must be in a handler of line 2 alone: on VZ without the bits that are the hardware's own.
    private func checkLine2(_ cause: UInt32) throws(Verdict) {
        try check("Cause in the handler", cause & (isTE ? .max : 0x7C7C), 0x400)
    }

    func i6() throws(Verdict) {
        let guest = try countingGuest()
        try guest.interrupt(2)
        try guest.set(.status, enabled(2))
        try checkLine2(guest.runToVector(0x180))
        try guest.expect(.t0, 0)
        try guest.expect(.epc, signExtended(UInt64(guest.window + GuestMap.code)))
        try check("Status.EXL", guest.get(.status) >> 1 & 1, 1)
    }

    func i7() throws(Verdict) {
        let guest = try countingGuest()
        try guest.set(.cause, 0x0080_0000)
        try guest.interrupt(2)
        try guest.set(.status, enabled(2))
        try guest.runToVector(0x200)
        try guest.expect(.t0, 0)
    }

    func i8() throws(Verdict) {
        let guest = try countingGuest()
        try guest.interrupt(2)
        try guest.set(.status, enabled(2))
        try guest.runToVector(0x180)
        if isTE {
            // Queued once, delivered once, though the line is still up.
            try guest.runToEnd()
            try check("Cause.IP2", guest.get(.cause), 0x400)
        } else {
            // A level: again after ERET, until it is withdrawn.
            try guest.runToVector(0x180)
            try guest.interrupt(-2)
            try guest.runToEnd()
        }
    }

    func i9() throws(Verdict) {
        let guest = try countingGuest()
        try guest.interrupt(2)
        try guest.interrupt(-2)
        try guest.set(.status, 0xFF01)
        try guest.runToEnd()
        try check("Cause.IP7-IP2", guest.get(.cause) & 0xFC00, 0)
    }

    func i10() throws(Verdict) {
        let guest = try countingGuest()
        try guest.interrupt(2)
        try guest.set(.cause, 0)
        try guest.set(.status, enabled(2))
        let cause = try guest.runToVector(0x180)
        // On VZ the level is put back at entry.
        try check("Cause in the handler", cause & (isTE ? .max : 0x7C7C), isTE ? 0 : 0x400)
    }

    func i11() throws(Verdict) {
        let guest = try guest()
        guest.load(
            Asm.delay(.t1, 2000), [Asm.lui(.k0, GuestMap.device >> 16), Asm.sw(.zero, 0, .k0)],
            [Asm.addiu(.t0, .t0, 1)])
        try guest.interrupt(2)
        try guest.runToAccess(GuestMap.devicePhysical, 4, write: true)
        try guest.set(.status, enabled(2))
        try checkLine2(guest.runToVector(0x180))
        try guest.expect(.t0, 0)
    }

    /// Timer interrupt and line 2, both pending, both enabled.
    private func doubleGuest() throws(Verdict) -> Guest {
        let guest = try timerGuest()
        guest.load(Asm.delay(.t1, 2000))
        try guest.set(.compare, UInt64(guest.count() &+ 100_000))
        wait(ms(20))
        try guest.expectTI(true, "after Compare")
        try guest.interrupt(2)
        try guest.set(.status, enabled(2) | 1 << 15)
        return guest
    }

    func i12() throws(Verdict) {
        // One delivery each, then no more.
        let guest = try doubleGuest()
        try guest.runToVector(0x180)
        try guest.runToVector(0x180)
        try guest.runToEnd()
        // Which came first does not show in Cause, so take line 2 back after the first: if that was the timer's, it was the last.
        let second = try doubleGuest()
        try second.runToVector(0x180)
        try second.interrupt(-2)
        try second.runToEnd()
    }

    func i13() throws(Verdict) {
        let guest = try guest()
        guest.load(Asm.spin)
        try guest.set(.status, enabled(2))
        let vcpu = guest.vcpu
        let raised = Shared()
        let companion = try Companion { stopping in
            Companion.pause(ms(50), stopping)
            raised.value = 1
            // A failure shows as an interrupt that never comes.
            try? vcpu.interrupt(2)
        }
        let stop = try guest.run()
        companion.stop()
        guard case .vector(0x180, let cause) = stop else {
            throw .expected("KVM_RUN to end in", "the handler at +0x180", stop.description)
        }
        try check("line 2 to come first", raised.value == 1, "an interrupt before it")
        try checkLine2(cause)
    }
}
