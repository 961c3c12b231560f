// T11-T18: Compare, Count and COUNT_RESUME rewritten while frozen; the stale expiry Q1 (reference 4.4, 4.8, 5.4).

import Host
import Hypervisor

extension Bench {
    /// The writes T11-T15 share, on a frozen clock: Compare 500, COUNT_RESUME now, Count 1000, thaw. Nothing crosses Compare, so a
    /// TI would be the stale expiry's. Returns the COUNT_RESUME written.
    @discardableResult
    private func rewriteAndThaw(_ guest: Guest) throws(Verdict) -> UInt64 {
        try guest.set(.compare, 500)
        let resume = try guest.resumeNow()
        try guest.set(.count, 1000)
        try guest.thaw()
        return resume
    }

    func t11() throws(Verdict) {
        let guest = try timerGuest()
        try guest.freeze()
        let resume = try rewriteAndThaw(guest)
        try guest.expectCount(1000, at: resume)
        try guest.expectCause(0)
    }

    func t12() throws(Verdict) {
        let guest = try timerGuest()
        try guest.freeze()
        try guest.setHz(1_000_000)
        try rewriteAndThaw(guest)
        try guest.expectCause(Guest.timerInterrupt)
    }

    func t13() throws(Verdict) {
        let guest = try timerGuest()
        try guest.setHz(1_000_000)
        try guest.freeze()
        let resume = try rewriteAndThaw(guest)
        try guest.expectCount(1000, at: resume, hz: 1_000_000)
        try guest.expectCause(0)
    }

    /// A clock whose timer was armed more than ¾ of its period ago: at 1 GHz the period is 4.29 s.
    private func agedGuest() throws(Verdict) -> Guest {
        let guest = try guest()
        try guest.setHz(1_000_000_000)
        let start = now()
        try guest.freeze()
        system.sleep(until: start + ms(3600))
        return guest
    }

    func t14() throws(Verdict) {
        let guest = try agedGuest()
        try rewriteAndThaw(guest)
        try guest.expectCause(Guest.timerInterrupt)
    }

    func t15() throws(Verdict) {
        let guest = try agedGuest()
        // Re-arm: a thaw whose Count is far below Compare moves the expiry 0.44 of a period ahead and raises nothing.
        try guest.set(.compare, 500)
        let start = try guest.resumeNow()
        try guest.set(.count, UInt64(UInt32(500) &- 0x7000_0000))
        try guest.thaw()
        try guest.freeze()
        let took = now() - start
        // 0.18 of a period is what the sequence allows itself.
        if took > ms(700) { throw .skipped("the host was too slow: the re-arm took \(took / 1_000_000) ms") }
        try guest.set(.cause, 0)
        let resume = try rewriteAndThaw(guest)
        try guest.expectCause(0)
        try guest.expectCount(1000, at: resume, hz: 1_000_000_000)
    }

    func t16() throws(Verdict) {
        let guest = try timerGuest()
        try guest.freeze()
        let past = now() - ms(10)
        try guest.set(.countResume, past)
        try guest.set(.count, 0x1000)
        try guest.thaw()
        try guest.expectCount(0x1000, at: past)
    }

    func t17() throws(Verdict) {
        let guest = try timerGuest()
        let resume = try guest.freeze()
        try guest.set(.count, 0x1000)
        try guest.set(.countResume, now() - ms(10))
        try guest.thaw()
        try guest.expectCount(0x1000, at: resume)
    }

    func t18() throws(Verdict) {
        let guest = try timerGuest()
        let resume = try guest.freeze()
        let frozen = try guest.count()
        wait(ms(20))
        try guest.resumeNow()
        try guest.thaw()
        try guest.expectCount(frozen, at: resume)
    }
}
