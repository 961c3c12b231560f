// T19-T28: Cause.DC, Cause.TI, and changes of COUNT_HZ (reference 4.3, 4.4).

import Host
import Hypervisor

extension Bench {
    /// Cause.DC, the guest's own disable.
    private var dc: UInt64 { 0x0800_0000 }

    /// A guest with Cause.DC set and Count 5000.
    private func stoppedGuest(_ count: UInt64 = 5000) throws(Verdict) -> Guest {
        let guest = try timerGuest()
        try guest.set(.cause, dc)
        try guest.set(.count, count)
        return guest
    }

    func t19() throws(Verdict) {
        let guest = try timerGuest()
        try guest.set(.cause, dc)
        let first = try guest.count()
        wait(ms(5))
        try check("Count with Cause.DC set", guest.count(), first)
        try guest.set(.count, 777)
        wait(ms(1))
        try check("Count after a write with Cause.DC set", guest.count(), 777)
        let before = now()
        try guest.set(.cause, 0)
        let after = now()
        wait(ms(1))
        try expectCount(guest, 777, between: before, and: after)
    }

    /// Count was `value` at some instant between two.
    private func expectCount(
        _ guest: Guest, _ value: UInt32, between earliest: UInt64, and latest: UInt64
    ) throws(Verdict) {
        let before = now()
        let got = try guest.count()
        let elapsed = UInt64(got &- value)
        let low = ticks(before - latest, Guest.hz)
        let high = ticks(now() - earliest, Guest.hz) + 1
        try check("Count - \(hex(value))", elapsed + 1, in: low...(high + 1))
    }

    func t20() throws(Verdict) {
        let guest = try stoppedGuest()
        try guest.freeze()
        wait(ms(5))
        try guest.thaw()
        try check("Count", guest.count(), 5000)
        let resume = try guest.get(.countResume)
        try check("COUNT_RESUME not 0", resume != 0, hex(resume))
        wait(ms(1))
        try check("Count with Cause.DC still set", guest.count(), 5000)
        try guest.expectTI(false, "with Cause.DC set")
    }

    func t21() throws(Verdict) {
        let guest = try stoppedGuest()
        let resume = try guest.freeze()
        wait(ms(10))
        try guest.set(.cause, 0)
        try check("Count while frozen", guest.count(), 5000)
        try guest.thaw()
        try guest.expectCount(5000, at: resume)
    }

    func t22() throws(Verdict) {
        let guest = try stoppedGuest(0)
        try guest.set(.compare, 100)
        try guest.freeze()
        wait(ms(5))
        try guest.thaw()
        try guest.expectCause(UInt32(dc))
        try check("Count", guest.count(), 0)
    }

    /// A guest whose timer interrupt is pending.
    private func expiredGuest() throws(Verdict) -> Guest {
        let guest = try timerGuest()
        try guest.set(.compare, UInt64(guest.count() &+ 100_000))
        wait(ms(20))
        return guest
    }

    func t23() throws(Verdict) {
        try expiredGuest().expectCause(Guest.timerInterrupt)
    }

    func t24() throws(Verdict) {
        let guest = try expiredGuest()
        try guest.expectTI(true, "after Compare")
        try guest.set(.compare, UInt64(guest.count() &+ 0x4000_0000))
        try guest.expectTI(true, "after a user write of Compare")
        try guest.set(.count, 0)
        try guest.expectTI(true, "after a user write of Count")
    }

    func t25() throws(Verdict) {
        let guest = try guest()
        try guest.set(.cause, 0x77FF_FFFF)
        try guest.expect(.cause, 0x77FF_FFFF)
        try guest.set(.cause, 0)
        try guest.expect(.cause, 0)
    }

    func t26() throws(Verdict) {
        let guest = try timerGuest()
        // On VZ IP7 follows TI by hardware, and TI may go only with a Compare write: TI and DC are what is looked at.
        let mask: UInt64 = isTE ? .max : 0x4800_0000
        try guest.set(.cause, 0x4800_8000)
        try check("Cause", guest.get(.cause) & mask, 0x4800_8000 & mask)
        let stopped = try guest.count()
        wait(ms(2))
        try check("Count with Cause.DC set", guest.count(), stopped)
        let before = now()
        try guest.set(.cause, 0x4000_8000)
        let after = now()
        try check("Cause", guest.get(.cause) & mask, 0x4000_8000 & mask)
        wait(ms(2))
        try expectCount(guest, stopped, between: before, and: after)
    }

    func t27() throws(Verdict) {
        let guest = try timerGuest()
        wait(ms(1))
        let start = now()
        let first = try guest.count()
        try guest.setHz(1_000_000)
        let second = try guest.count()
        let high = ticks(now() - start, Guest.hz) + 1
        try check("the step of Count around the change", UInt64(second &- first), in: 0...high)
        // From here on 1000 a millisecond.
        let from = now()
        let base = try guest.count()
        let to = now()
        wait(ms(20))
        let before = now()
        let last = UInt64(try guest.count() &- base)
        let after = now()
        try check("ticks", last + 1, in: ticks(before - to, 1_000_000)...(ticks(after - from, 1_000_000) + 2))
    }

    func t28() throws(Verdict) {
        // Two wraps at 1 GHz lie behind.
        let uptime = now()
        if uptime < 10_000_000_000 { wait(10_000_000_000 - uptime) }
        let guest = try guest()
        try guest.setHz(1_000_000_000)
        try guest.freeze()
        try guest.set(.compare, 1000)
        try guest.set(.countResume, 0)
        try guest.set(.count, 0)
        try guest.thaw()
        let before = now()
        let got = try guest.count()
        let after = now()
        // Count is the clock modulo 2^32, give or take the tick that rounding loses in each wrap.
        let offset = got &- UInt32(truncatingIfNeeded: before) &+ 1
        try check("Count - (clock mod 2^32) + 1", UInt64(offset), in: 0...(after - before + 2))
        try guest.expectCause(Guest.timerInterrupt)
    }
}
