// The timer of a guest, for the rows about it (reference section 4).

import Host
import Hypervisor

extension Guest {
    /// COUNT_HZ of the rows that do not set their own.
    static var hz: UInt64 { 100_000_000 }

    /// Cause.TI and the interrupt line it drives, IP7.
    static var timerInterrupt: UInt32 { 0x4000_8000 }

    @inline(never)
    func count() throws(Verdict) -> UInt32 { UInt32(truncatingIfNeeded: try get(.count)) }

    /// COUNT_CTL.DC := 1. Returns COUNT_RESUME, which lies within the call.
    @discardableResult
    @inline(never)
    func freeze() throws(Verdict) -> UInt64 {
        let before = bench.now()
        try set(.countControl, 1)
        let after = bench.now()
        let resume = try get(.countResume)
        try check("COUNT_RESUME", resume, in: before...after)
        return resume
    }

    /// COUNT_CTL.DC := 0.
    @inline(never)
    func thaw() throws(Verdict) { try set(.countControl, 0) }

    /// COUNT_RESUME := now. Returns the value written.
    @discardableResult
    @inline(never)
    func resumeNow() throws(Verdict) -> UInt64 {
        let now = bench.now()
        try set(.countResume, now)
        return now
    }

    /// Count runs as if it had been `value` at the instant `start`: what GET gives lies between what the instants before and
    /// after the call demand. A tick either way is the reference's Q7.
    @inline(never)
    func expectCount(_ value: UInt32, at start: UInt64, hz: UInt64 = Guest.hz) throws(Verdict) {
        let before = bench.now()
        let got = try count()
        let after = bench.now()
        let low = ticks(before - min(start, before), hz)
        let high = ticks(after - start, hz) + 1
        let elapsed = UInt64(got &- value)
        // A clock may have wrapped since `start`: compare modulo 2^32, from one tick below.
        let offset = UInt32(truncatingIfNeeded: elapsed) &- UInt32(truncatingIfNeeded: low) &+ 1
        if UInt64(offset) > high - low + 1 {
            throw .expected(
                "Count",
                "in \(hex(value &+ UInt32(truncatingIfNeeded: low)))..."
                    + hex(value &+ UInt32(truncatingIfNeeded: high)), hex(got))
        }
    }

    /// Cause with everything in it that is due. On VZ a queued timer interrupt gets there at the next entry into the guest,
    /// and only TI and DC are looked at, the rest being the hardware's.
    @inline(never)
    func cause() throws(Verdict) -> UInt32 {
        if isTE { return UInt32(truncatingIfNeeded: try get(.cause)) }
        try enterOnce()
        return UInt32(truncatingIfNeeded: try get(.cause)) & 0x4800_8000
    }

    @inline(never)
    func expectCause(_ want: UInt32) throws(Verdict) { try check("Cause", cause(), want) }

    /// TI is set or not, whatever else Cause holds.
    @inline(never)
    func expectTI(_ want: Bool, _ when: String) throws(Verdict) {
        let got = try cause()
        if (got & 0x4000_0000 != 0) != want {
            throw .failed("expected TI \(want ? "set" : "clear") \(when), got Cause \(hex(got))")
        }
    }

    @inline(never)
    func setHz(_ hz: UInt64) throws(Verdict) { try set(.countHz, hz) }
}

extension Bench {
    /// A guest whose timer runs at 100 MHz from its creation, the default of TE.
    @inline(never)
    func timerGuest() throws(Verdict) -> Guest {
        let guest = try guest()
        if !isTE { try guest.setHz(Guest.hz) }
        return guest
    }
}
