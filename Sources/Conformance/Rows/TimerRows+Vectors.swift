// T34: the numeric vectors S1-S15 (reference 4.6), on a virtual clock, exactly.
//
// They are given for a vCPU created at t0 = 10^12 ns; here every t0 is the next full second, where the tick phase of every
// frequency used is the same, and the expected values are those of the reference. On VZ, Cause is read after an entry into the guest.

import Hypervisor

extension Bench {
    func t34() throws(Verdict) {
        if !isVirtual { throw .skipped("the vectors are exact, and only a virtual clock stands still") }
        try vector1()
        try vector2()
        try vector3()
        try s4to6()
        try vector7()
        try vector8()
        try vector9()
        try vector10()
        try s11to13()
        try s14to15()
    }

    /// A vCPU created at a full second, at 100 MHz.
    private func exactGuest() throws(Verdict) -> (guest: Guest, t0: UInt64) {
        let t0 = (now() / 1_000_000_000 + 1) * 1_000_000_000
        system.sleep(until: t0)
        let guest = try timerGuest()
        try check("the clock while a machine is created", now(), t0)
        return (guest, t0)
    }

    private func at(_ instant: UInt64) { system.sleep(until: instant) }

    private func expectCount(_ guest: Guest, _ want: UInt32, _ when: String) throws(Verdict) {
        try check("\(when): Count", guest.count(), want)
    }

    private func vector1() throws(Verdict) {
        let (guest, t0) = try exactGuest()
        at(t0 + ms(1))
        try guest.set(.compare, 200_000)
        try expectCount(guest, 100_000, "vector S1 at 1 ms")
        at(t0 + ms(2) - 10)
        try expectCount(guest, 199_999, "vector S1 a tick before 2 ms")
        try guest.expectTI(false, "vector S1 a tick before 2 ms")
        at(t0 + ms(2))
        try guest.expectTI(true, "vector S1 at 2 ms")
        try expectCount(guest, 200_000, "vector S1 at 2 ms")
        // The next expiry is t0 + 42 951 672 960: Compare and a period.
        try guest.expectExpiry(t0 + 42_951_672_960, "vector S1")
    }

    private func vector2() throws(Verdict) {
        let (guest, t0) = try exactGuest()
        try guest.set(.compare, 300_000)
        at(t0 + ms(1))
        try check("vector S2: COUNT_RESUME", guest.freeze(), t0 + ms(1))
        try expectCount(guest, 100_000, "vector S2 frozen")
        at(t0 + ms(6))
        try guest.expectTI(false, "vector S2 frozen")
        try guest.thaw()
        try expectCount(guest, 600_000, "vector S2 thawed")
        try guest.expectTI(true, "vector S2 thawed")
        try guest.expectExpiry(t0 + 42_952_672_960, "vector S2")
    }

    private func vector3() throws(Verdict) {
        let (guest, t0) = try exactGuest()
        try guest.set(.compare, 300_000)
        at(t0 + ms(1))
        try guest.freeze()
        at(t0 + ms(6))
        try guest.resumeNow()
        try guest.set(.count, 100_000)
        try guest.thaw()
        try expectCount(guest, 100_000, "vector S3 thawed")
        try guest.expectTI(false, "vector S3 thawed")
        at(t0 + ms(8) - 10)
        try guest.expectTI(false, "vector S3 a tick before 2 ms after the thaw")
        at(t0 + ms(8))
        try guest.expectTI(true, "vector S3 at 2 ms after the thaw")
        try expectCount(guest, 300_000, "vector S3 at 2 ms after the thaw")
    }

    private func s4to6() throws(Verdict) {
        do {
            let (guest, t0) = try exactGuest()
            at(t0 + ms(1))
            try guest.freeze()
            at(t0 + ms(6))
            try guest.resumeNow()
            try guest.thaw()
            try expectCount(guest, 600_000, "vector S4")
        }
        for (name, countFirst, want) in [("vector S5", true, UInt32(500_007)), ("vector S6", false, 100_007)] {
            let (guest, t0) = try exactGuest()
            at(t0 + ms(1))
            try guest.freeze()
            at(t0 + ms(6))
            try guest.set(.compare, 1 << 31)
            if countFirst { try guest.set(.count, 7) }
            try guest.set(.countResume, now() - ms(1))
            if !countFirst { try guest.set(.count, 7) }
            try guest.thaw()
            try expectCount(guest, want, name)
        }
    }

    private func vector7() throws(Verdict) {
        let (guest, t0) = try exactGuest()
        at(t0 + ms(1))
        try guest.set(.cause, 0x0800_0000)
        try expectCount(guest, 100_000, "vector S7 stopped")
        at(t0 + ms(2))
        try guest.set(.cause, 0)
        try expectCount(guest, 100_000, "vector S7 started")
        at(t0 + ms(2) + 1000)
        try expectCount(guest, 100_100, "vector S7 1 us later")
    }

    private func vector8() throws(Verdict) {
        let (guest, t0) = try exactGuest()
        at(t0 + ms(1))
        try guest.set(.cause, 0x0800_0000)
        try guest.freeze()
        at(t0 + ms(2))
        try guest.set(.cause, 0)
        at(t0 + ms(3))
        try expectCount(guest, 100_000, "vector S8 frozen")
        try guest.thaw()
        try expectCount(guest, 300_000, "vector S8 thawed")
    }

    private func vector9() throws(Verdict) {
        let (guest, t0) = try exactGuest()
        at(t0 + ms(1))
        try guest.setHz(50_000_000)
        try expectCount(guest, 100_000, "vector S9 at the change")
        at(t0 + ms(2))
        try expectCount(guest, 150_000, "vector S9 1 ms later")
        try guest.expectExpiry(t0 + 85_898_345_920, "vector S9")
    }

    private func vector10() throws(Verdict) {
        let (guest, t0) = try exactGuest()
        let period: UInt64 = 42_949_672_960
        at(t0 + period - 1)
        try expectCount(guest, 4_294_967_295, "vector S10 1 ns before a period")
        try guest.expectTI(false, "vector S10 1 ns before a period")
        at(t0 + period)
        try expectCount(guest, 0, "vector S10 at a period")
        try guest.expectTI(true, "vector S10 at a period")
    }

    private func rewrite(_ guest: Guest) throws(Verdict) {
        try guest.set(.compare, 500)
        try guest.resumeNow()
        try guest.set(.count, 1000)
        try guest.thaw()
    }

    private func s11to13() throws(Verdict) {
        // Up to and past ¾ of a period after the timer was armed.
        let cases: [(name: String, wait: UInt64, spurious: Bool)] = [
            ("vector S11", 0, false), ("vector S12", 32_212_254_720, false), ("vector S13", 32_212_254_721, true),
        ]
        for (name, wait, spurious) in cases {
            let (guest, t0) = try exactGuest()
            try guest.freeze()
            at(t0 + wait)
            try rewrite(guest)
            try guest.expectTI(spurious, name)
            if wait == 0 { try guest.expectExpiry(t0 + 42_949_667_960, name) }
        }
    }

    private func s14to15() throws(Verdict) {
        do {
            let (guest, _) = try exactGuest()
            try guest.freeze()
            try guest.setHz(1_000_000)
            try rewrite(guest)
            try guest.expectTI(true, "vector S14")
        }
        do {
            let (guest, _) = try exactGuest()
            try guest.setHz(1_000_000)
            try guest.freeze()
            try rewrite(guest)
            try guest.expectTI(false, "vector S15")
        }
    }
}

extension Guest {
    /// The soft timer's next expiry is exactly then: TI, taken out of Cause, comes back at that instant. For TE only, whose Cause
    /// can be cleared; the pending interrupt itself cannot, but nothing here delivers it.
    fileprivate func expectExpiry(_ instant: UInt64, _ name: String) throws(Verdict) {
        guard isTE else { return }
        try set(.cause, 0)
        bench.system.sleep(until: instant - 1)
        try expectTI(false, "\(name) 1 ns before the next expiry")
        bench.system.sleep(until: instant)
        try expectTI(true, "\(name) at the next expiry")
    }
}
