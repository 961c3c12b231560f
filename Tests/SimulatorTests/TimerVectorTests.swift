// The timer's numeric vectors: kvm-mips reference 4.6, exactly, and what they are made of.

import Simulator
import Testing

private let t0: UInt64 = 1_000_000_000_000
private let ms: UInt64 = 1_000_000
private let us: UInt64 = 1_000

/// A timer with its own instant and Cause, so that a vector reads like its line in the table.
private final class Bench {
    var now = t0
    var cause: UInt32 = 0
    var timer = TimerModel(now: t0, defersCause: false)

    /// Time passes; the soft timer fires at its instants.
    func pass(_ span: UInt64) {
        let end = now + span
        while timer.armed, timer.expiry <= end {
            now = max(now, timer.expiry)
            timer.expire(now: now, cause: &cause)
        }
        now = end
    }

    var count: UInt32 { timer.readCount(now: now, cause: &cause) }
    var pending: Bool { cause & TimerModel.causeTI != 0 }
    func compare(_ value: UInt32) { timer.userWriteCompare(value, now: now, cause: &cause) }
    func count(_ value: UInt32) { timer.writeCount(value, now: now) }
    func control(_ value: UInt64) {
        let accepted = timer.writeControl(value, now: now, cause: &cause)
        #expect(accepted)
    }
    func resume(_ value: UInt64) {
        let accepted = timer.writeResume(value, now: now)
        #expect(accepted)
    }
    func hz(_ value: UInt64) {
        let accepted = timer.writeHz(value, now: now, cause: &cause)
        #expect(accepted)
    }
    func causeDC(_ on: Bool) {
        let value = on ? cause | TimerModel.causeDC : cause & ~TimerModel.causeDC
        timer.userWriteCause(value, now: now, cause: &cause)
    }
}

@Suite struct TimerVectorTests {
    @Test(
        arguments: [
            (1, 4_294_967_296_000_000_000, 1_073_741_824_000_000_000, 1, 123_456),
            (32_768, 131_072_000_000_000, 32_768_000_000_000, 32_768, 4_045_432_062),
            (1_000_000, 4_294_967_296_000, 1_073_741_824_000, 1_000_000, 3_197_704_724),
            (33_333_333, 128_849_020_168, 32_212_255_042, 33_333_333, 647_589_706),
            (62_500_000, 68_719_476_736, 17_179_869_184, 62_500_000, 2_288_049_655),
            (100_000_000, 42_949_672_960, 10_737_418_240, 100_000_000, 1_942_892_530),
            (666_666_666, 6_442_450_950, 1_610_612_737, 666_666_666, 67_638_329),
            (1_000_000_000, 4_294_967_296, 1_073_741_824, 1_000_000_000, 2_249_056_121),
        ] as [(UInt32, UInt64, UInt64, UInt32, UInt32)])
    func periodAndTicks(hz: UInt32, period: UInt64, quarter: UInt64, atSecond: UInt32, late: UInt32) {
        let timer = TimerModel(now: 0, defersCause: false, hz: hz)
        #expect(timer.period == period)
        #expect(timer.period / 4 == quarter)
        #expect(timer.ticks(1_000_000_000) == atSecond)
        #expect(timer.ticks(123_456_789_012_345) == late)
    }

    @Test func creation() {
        let b = Bench()
        #expect(b.timer.bias == 3_079_215_104)
        #expect(b.timer.expiry == t0 + b.timer.period)
    }

    @Test func s1InterruptComesToTheNanosecond() {
        let b = Bench()
        b.pass(ms)
        b.compare(200_000)
        #expect(b.count == 100_000)
        b.pass(999_990)
        #expect(b.count == 199_999)
        #expect(!b.pending)
        b.pass(10)
        #expect(b.count == 200_000)
        #expect(b.pending)
        #expect(b.now == t0 + 2 * ms)
        #expect(b.timer.expiry == 1_042_951_672_960)
    }

    @Test func s2PauseWithCrossing() {
        let b = Bench()
        b.compare(300_000)
        b.pass(ms)
        b.control(1)
        #expect(b.count == 100_000)
        #expect(b.timer.resume == t0 + ms)
        b.pass(5 * ms)
        b.control(0)
        #expect(b.count == 600_000)
        #expect(b.pending)
        #expect(b.timer.expiry == 1_042_952_672_960)
    }

    @Test func s3PauseHidden() {
        let b = Bench()
        b.compare(300_000)
        b.pass(ms)
        b.control(1)
        b.pass(5 * ms)
        b.resume(b.now)
        b.count(100_000)
        b.control(0)
        #expect(b.count == 100_000)
        #expect(!b.pending)
        b.pass(2 * ms - 1)
        #expect(!b.pending)
        b.pass(1)
        #expect(b.pending)
        #expect(b.count == 300_000)
    }

    @Test func s4ResumeAloneHidesNothing() {
        let b = Bench()
        b.pass(ms)
        b.control(1)
        b.pass(5 * ms)
        b.resume(b.now)
        b.control(0)
        #expect(b.count == 600_000)
    }

    @Test(arguments: [(true, 500_007), (false, 100_007)] as [(Bool, UInt32)])
    func s5s6OrderOfCountAndResume(countFirst: Bool, expected: UInt32) {
        let b = Bench()
        b.pass(ms)
        b.control(1)
        b.pass(5 * ms)
        b.compare(1 << 31)
        if countFirst { b.count(7) }
        b.resume(b.now - ms)
        if !countFirst { b.count(7) }
        b.control(0)
        #expect(b.count == expected)
    }

    @Test func s7GuestStopsItsTimer() {
        let b = Bench()
        b.pass(ms)
        b.causeDC(true)
        #expect(b.count == 100_000)
        b.pass(ms)
        #expect(b.count == 100_000)
        b.causeDC(false)
        b.pass(us)
        #expect(b.count == 100_100)
        #expect(b.timer.bias == 3_079_115_104)
    }

    @Test func s8BothSwitches() {
        let b = Bench()
        b.pass(ms)
        b.causeDC(true)
        b.control(1)
        b.pass(ms)
        b.causeDC(false)
        #expect(b.count == 100_000)
        b.pass(ms)
        b.control(0)
        #expect(b.count == 300_000)
    }

    @Test func s9FrequencyChange() {
        let b = Bench()
        b.pass(ms)
        b.hz(50_000_000)
        #expect(b.timer.expiry == 1_085_898_345_920)
        #expect(b.count == 100_000)
        b.pass(ms)
        #expect(b.count == 150_000)
    }

    @Test func s10FullTurn() {
        let b = Bench()
        b.pass(b.timer.period - 1)
        #expect(b.count == 4_294_967_295)
        #expect(!b.pending)
        b.pass(1)
        #expect(b.count == 0)
        #expect(b.pending)
    }

    /// Q1: a thaw consults the old expiry. Spurious from three quarters of a period on.
    @Test(arguments: [(0, false), (32_212_254_720, false), (32_212_254_721, true)] as [(UInt64, Bool)])
    func s11s12s13SpuriousAtThaw(wait: UInt64, spurious: Bool) {
        let b = Bench()
        b.control(1)
        b.pass(wait)
        b.compare(500)
        b.resume(b.now)
        b.count(1000)
        b.control(0)
        #expect(b.pending == spurious)
        if wait == 0 { #expect(b.timer.expiry == 1_042_949_667_960) }
    }

    @Test(arguments: [(true, true), (false, false)])
    func s14s15FrequencyLowered(whileFrozen: Bool, spurious: Bool) {
        let b = Bench()
        if !whileFrozen { b.hz(1_000_000) }
        b.control(1)
        if whileFrozen { b.hz(1_000_000) }
        b.compare(500)
        b.resume(b.now)
        b.count(1000)
        b.control(0)
        #expect(b.pending == spurious)
    }

    /// Refused values change nothing.
    @Test func refusals() {
        let b = Bench()
        let before = b.timer
        let accepted = [
            b.timer.writeControl(2, now: b.now, cause: &b.cause), b.timer.writeResume(b.now + 1, now: b.now),
            b.timer.writeResume(1 << 63, now: b.now), b.timer.writeHz(0, now: b.now, cause: &b.cause),
            b.timer.writeHz(1_000_000_001, now: b.now, cause: &b.cause),
        ]
        #expect(accepted == [false, false, false, false, false])
        #expect(b.timer == before)
    }
}
