// S1, S2, S4, S6, S7: what COUNT_CTL and COUNT_RESUME promise about Count, Compare and the instant of the freeze. S3, S5 and S8, which
// are about interrupts, are in ClaimRows+Interrupts.swift.
//
// The claims are those of the kernel's commit that brought the master disable (Linux f82393426af).

import Host
import Hypervisor

extension Bench {
    /// Both registers are there, are read and written, and refuse what they cannot hold.
    func s1() throws(Verdict) {
        let guest = try timerGuest()
        let list = try guest.registerList()
        for id: RegisterID in [.countControl, .countResume] {
            try check("COUNT_CTL and COUNT_RESUME in the register list", list.contains(id), "neither or one")
        }
        try guest.expect(.countControl, 0)
        let resume = try guest.freeze()
        try guest.expect(.countControl, 1)
        try guest.set(.countResume, resume - 1)
        try guest.expect(.countResume, resume - 1)
        try guest.expectRefused(.countControl, 3)
        try guest.expectRefused(.countResume, now() + 1_000_000_000)
    }

    /// Freezes at instants around the one where Count reaches Compare: TI is there if and only if Count has passed, and then nothing
    /// moves while the clock goes past.
    func s2() throws(Verdict) {
        for step: UInt64 in 0..<8 {
            let guest = try timerGuest()
            let start = now()
            let compare = try guest.setCompare(in: 300_000)
            system.sleep(until: start + ms(1) + step * 500_000)
            try guest.freeze()
            let count = try guest.count()
            let passed = Guest.hasPassed(count, compare)
            for _ in 0..<3 {
                try guest.expectTI(passed, passed ? "with Count past Compare" : "with Count before Compare")
                try check("Count while frozen", guest.count(), count)
                wait(ms(2))
            }
        }
    }

    /// After many freezes Count is where it would be without any.
    func s4() throws(Verdict) {
        let guest = try timerGuest()
        let start = try guest.freeze()
        let first = try guest.count()
        for _ in 0..<10 {
            wait(1_234_567)
            try guest.thaw()
            try guest.expectCount(first, at: start)
            wait(765_432)
            try guest.freeze()
        }
        try check("the line of Count", lineOfCount(guest), first &- ticks32(start))
    }

    /// Count less the ticks of the clock at the instant of the freeze. At 100 MHz a turn of Count is a whole number of nanoseconds, and
    /// this one number is where a clock stands that never stops.
    @inline(never)
    private func lineOfCount(_ guest: Guest) throws(Verdict) -> UInt32 {
        try guest.count() &- ticks32(guest.get(.countResume))
    }

    private func ticks32(_ instant: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: ticks(instant, Guest.hz)) }

    /// User space writes Count and Compare, then the guest does: either way they hold from COUNT_RESUME on.
    func s6() throws(Verdict) {
        // 60 ms after the freeze.
        let value: UInt32 = 7000
        let compare = value + 6_000_000
        for byGuest in [false, true] {
            let guest = try timerGuest()
            guest.load([
                Asm.mfc0(.t0, .count), Asm.mtc0(.t1, .count), Asm.mfc0(.t2, .count), Asm.mtc0(.t3, .compare),
            ])
            try guest.setReg(.t1, value)
            try guest.setReg(.t3, compare)
            let resume = try guest.freeze()
            let frozen = try guest.count()
            wait(ms(2))
            if byGuest {
                try guest.runToEnd()
                try guest.expect(.t0, frozen)
                try guest.expect(.t2, value)
            } else {
                try guest.set(.count, UInt64(value))
                try guest.set(.compare, UInt64(compare))
            }
            try check("Count as written while frozen", guest.count(), value)
            wait(ms(2))
            try check("Count as written while frozen", guest.count(), value)
            try guest.thaw()
            try guest.expectCount(value, at: resume)
            try guest.expectTI(at: resume + UInt64(compare - value) * 10)
        }
    }

    /// COUNT_RESUME is the instant at which Count had the value it keeps: to the tick, each time, and also afterwards.
    func s7() throws(Verdict) {
        let guest = try timerGuest()
        var line: UInt32?
        for pause: UInt64 in [1, 999, 1_234_567, ms(3)] {
            wait(pause)
            // Checks that COUNT_RESUME lies within the call.
            let resume = try guest.freeze()
            let found = try lineOfCount(guest)
            try check("the line of Count at COUNT_RESUME", found, line ?? found)
            line = found
            wait(ms(1))
            try guest.set(.countControl, 1)
            try guest.expect(.countResume, resume)
            try guest.thaw()
            try guest.expect(.countResume, resume)
        }
    }
}
