// T29-T33: the guest's view of its timer, and restoring it (reference 4.3, 5.2, 5.4).

import Host
import Hypervisor

extension Bench {
    func t29() throws(Verdict) {
        let guest = try timerGuest()
        guest.load(
            [Asm.mfc0(.t0, .count), Asm.mfc0(.t1, .count)],
            Asm.li(.t2, 0x1234_0000), [Asm.mtc0(.t2, .count), Asm.mfc0(.t3, .count)],
            Asm.li(.t4, 0x0022_0033), [Asm.mtc0(.t4, .compare)])
        wait(ms(1))
        try guest.freeze()
        let frozen = try guest.count()
        try guest.runToEnd()
        try guest.expect(.t0, frozen)
        try guest.expect(.t1, frozen)
        try guest.expect(.t3, 0x1234_0000)
        try guest.expect(.compare, 0x0022_0033)
        try guest.expectCause(0)
    }

    /// Interrupts on; the timer's mask bit, and the one that counts on TE-5.10 (reference 6.4).
    private var timerEnabled: UInt64 { 0x8101 }

    func t30() throws(Verdict) {
        let guest = try timerGuest()
        guest.load(
            [Asm.lui(.t1, 0x10), Asm.mfc0(.t0, .count), Asm.addu(.t0, .t0, .t1), Asm.mtc0(.t0, .compare)],
            [Asm.ori(.t2, .zero, UInt32(timerEnabled)), Asm.mtc0(.t2, .status)], Asm.spin)
        // s0: Count at the interrupt; k1: Cause then; s1: Cause after the acknowledgement.
        guest.store(
            [
                Asm.mfc0(.s0, .count), Asm.mfc0(.k1, .cause), Asm.mfc0(.s2, .compare), Asm.mtc0(.s2, .compare),
                Asm.ehb, Asm.mfc0(.s1, .cause), Asm.lui(.k0, GuestMap.device >> 16),
                Asm.sw(.k1, GuestMap.handler + 0x180, .k0),
            ] + Asm.spin, at: 0x180)
        // On TE-5.10 a patched MTC0 Status does not trap, and the guest sees the interrupt at its next exit: run as it is.
        let cause = try guest.runToVector(0x180)
        let mask: UInt32 = isTE ? .max : 0x4800_807C
        try check("Cause at the interrupt", cause & mask, Guest.timerInterrupt)
        let count = try guest.reg(.s0)
        let compare = try guest.reg(.t0)
        try check("Count at least Compare \(hex(compare))", Int32(bitPattern: count &- compare) >= 0, hex(count))
        try check("Cause after MTC0 Compare", guest.reg(.s1) & mask, 0)
    }

    func t31() throws(Verdict) {
        let guest = try timerGuest()
        // Long enough for an interrupt to arrive, short enough to end.
        guest.load(Asm.delay(.t0, 10000))
        try guest.freeze()
        try guest.set(.cause, 0x4000_8000)
        try guest.set(.status, timerEnabled)
        try guest.thaw()
        if isTE {
            // Q2: the bits are stored, but nothing was queued.
            try guest.runToEnd()
            try guest.expect(.cause, 0x4000_8000)
        } else {
            // The hardware derives IP7 from TI.
            try guest.runToException(0)
        }
    }

    func t32() throws(Verdict) {
        let guest = try timerGuest()
        guest.load([Asm.addiu(.t0, .t0, 1)], Asm.spin)
        try guest.set(.status, timerEnabled)
        try guest.freeze()
        // Pulse: a thaw that has Compare just behind the instant 0, long ago.
        try guest.set(.compare, 500)
        try guest.set(.countResume, 0)
        try guest.set(.count, 499)
        try guest.thaw()
        try guest.freeze()
        try guest.set(.compare, 0x4000_0000)
        try guest.set(.cause, UInt64(Guest.timerInterrupt))
        try guest.resumeNow()
        try guest.set(.count, 1000)
        try guest.thaw()
        let cause = try guest.runToVector(0x180)
        let mask: UInt32 = isTE ? .max : 0x4800_807C
        try check("Cause at the interrupt", cause & mask, Guest.timerInterrupt)
        try guest.expect(.t0, 0)
        try guest.expect(.epc, signExtended(UInt64(guest.window + GuestMap.code)))
    }

    func t33() throws(Verdict) {
        let source = try timerGuest()
        try source.set(.compare, UInt64(source.count() &+ 30_000_000))
        wait(ms(20))
        try source.freeze()
        let cause = try source.get(.cause)
        let count = try source.count()
        let compare = UInt32(truncatingIfNeeded: try source.get(.compare))
        wait(ms(50))
        let copy = try timerGuest()
        try copy.set(.countHz, source.get(.countHz))
        try copy.freeze()
        try copy.set(.compare, UInt64(compare))
        try copy.set(.cause, cause)
        let resume = try copy.resumeNow()
        try copy.set(.count, UInt64(count))
        try copy.thaw()
        // A tick is 10 ns. TI comes that long after COUNT_RESUME, and not before; a kernel's own timer may be a little late.
        let due = resume + UInt64(compare &- count) * 10
        system.sleep(until: due - ms(5))
        let early = try copy.cause()
        let at = now()
        if at < due, early & 0x4000_0000 != 0 {
            throw .failed("expected TI at clock \(hex(due)), got it at \(hex(at)) or before")
        }
        try copy.expectCount(count, at: resume)
        system.sleep(until: due + ms(1))
        try copy.expectTI(true, "1 ms after its time in the new machine")
    }
}
