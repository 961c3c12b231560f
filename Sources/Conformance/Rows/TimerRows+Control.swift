// T1-T10: COUNT_CTL, COUNT_RESUME, COUNT_HZ, and what a freeze holds back (reference 4.3, 4.4).

import Host
import Hypervisor

extension Bench {
    func t1() throws(Verdict) {
        let guest = try guest()
        try guest.expect(.countControl, 0)
        try guest.expect(.countResume, 0)
        let hz = try guest.get(.countHz)
        if isTE {
            try check("COUNT_HZ", hz, 100_000_000)
            try guest.expect(.cause, 0)
        } else {
            try check("COUNT_HZ", hz, in: 1...1_000_000_000)
            try guest.expectTI(false, "after creation")
        }
        try guest.expect(.compare, 0)
        wait(ms(1))
        let first = try guest.count()
        try check("Count above 0", first > 0, hex(first))
        wait(ms(1))
        let second = try guest.count()
        try check("Count above \(hex(first)) a millisecond later", Int32(bitPattern: second &- first) > 0, hex(second))
    }

    func t2() throws(Verdict) {
        let guest = try guest()
        for value: UInt64 in [2, 3, 0x1_0000_0001] {
            try guest.expectRefused(.countControl, value)
            try guest.expect(.countResume, 0)
        }
        let before = try guest.count()
        wait(ms(1))
        let after = try guest.count()
        try check("Count still running", after != before, hex(after))
    }

    func t3() throws(Verdict) {
        let guest = try guest()
        let resume = try guest.freeze()
        wait(ms(2))
        try guest.set(.countControl, 1)
        try guest.expect(.countResume, resume)
        try guest.expect(.countControl, 1)
    }

    func t4() throws(Verdict) {
        let guest = try guest()
        try guest.expectRefused(.countResume, .max)
        try guest.expectRefused(.countResume, now() + 1_000_000_000)
        let past = now()
        try guest.set(.countResume, past)
        try guest.expect(.countResume, past)
        try guest.set(.countResume, 0)
        try guest.expect(.countResume, 0)
    }

    func t5() throws(Verdict) {
        let guest = try guest()
        for value: UInt64 in [0, .max, 1_000_000_001] { try guest.expectRefused(.countHz, value) }
        for value: UInt64 in [1, 1_000_000_000] {
            try guest.set(.countHz, value)
            try guest.expect(.countHz, value)
        }
    }

    func t6() throws(Verdict) {
        let guest = try timerGuest()
        wait(ms(1))
        // Checks that COUNT_RESUME lies within the call.
        try guest.freeze()
        let first = try guest.count()
        wait(ms(5))
        try check("Count while frozen", guest.count(), first)
        wait(ms(5))
        try check("Count while frozen", guest.count(), first)
    }

    func t7() throws(Verdict) {
        let guest = try timerGuest()
        wait(ms(1))
        let resume = try guest.freeze()
        let frozen = try guest.count()
        wait(ms(50))
        try guest.thaw()
        try guest.expectCount(frozen, at: resume)
        wait(ms(1))
        try guest.expectCount(frozen, at: resume)
        try guest.expect(.countResume, resume)
        try guest.expect(.countControl, 0)
    }

    func t8() throws(Verdict) {
        let guest = try timerGuest()
        try guest.freeze()
        try guest.set(.compare, UInt64(guest.count() &+ 1_000_000))
        wait(ms(30))
        try guest.expectTI(false, "while frozen, 20 ms after Compare")
        try guest.thaw()
        try guest.expectCause(Guest.timerInterrupt)
    }

    func t9() throws(Verdict) {
        let guest = try timerGuest()
        try guest.freeze()
        try guest.set(.compare, UInt64(guest.count() &+ 0x4000_0000))
        try guest.thaw()
        try guest.expectCause(0)
    }

    func t10() throws(Verdict) {
        let guest = try timerGuest()
        try guest.freeze()
        try guest.set(.count, 1000)
        try guest.set(.compare, 1000)
        try guest.thaw()
        try guest.expectCause(0)
    }
}
