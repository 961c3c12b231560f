// The timer against a slow second telling of reference 4.2 and 4.3, in arithmetic of 128 bits, over random operations and over
// all short sequences of a few.

import Simulator
import Testing

/// The transition table, written down once more without care for speed. TE: Cause changes at once.
private struct ReferenceTimer {
    var hz: UInt128 = 100_000_000
    var period: UInt128 { (1_000_000_000 << 32) / hz }
    var bias: UInt128 = 0
    var control = false
    var resume: UInt128 = 0
    var dc = false
    var stopped: UInt128 = 0
    var compare: UInt128 = 0
    var expiry: UInt128 = 0
    var armed = false
    var pend = false
    var interrupt = false

    static let turn: UInt128 = 1 << 32

    func ticks(_ t: UInt128) -> UInt128 { ((t % period) * hz / 1_000_000_000) % Self.turn }
    func run(_ t: UInt128) -> UInt128 { (bias + ticks(t)) % Self.turn }
    func distance(_ c: UInt128) -> UInt128 { (compare + 2 * Self.turn - c - 1) % Self.turn + 1 }
    func span(_ ticks: UInt128) -> UInt128 { ticks * 1_000_000_000 / hz }
    var disabled: Bool { control || dc }
    func base(_ now: UInt128) -> UInt128 { control ? resume : now }
    func biasFor(_ c: UInt128, _ t: UInt128) -> UInt128 { (c + Self.turn - ticks(t)) % Self.turn }

    mutating func queue() {
        pend = true
        interrupt = true
    }
    mutating func arm(_ t: UInt128, _ c: UInt128) {
        expiry = t + span(distance(c))
        armed = true
    }
    mutating func readRunning(_ t: UInt128) -> UInt128 {
        let c = run(t)
        let ahead = (c + Self.turn - compare) % Self.turn < Self.turn / 2
        if ahead, expiry < t + period / 4 {
            queue()
            if armed { expiry += period }
        }
        return c
    }

    init(_ now: UInt128) {
        bias = biasFor(0, now)
        arm(now, 0)
    }

    mutating func expire(_ now: UInt128) {
        // A timer that comes late fires again until it lies ahead.
        while armed, now >= expiry {
            queue()
            expiry += period
        }
    }
    mutating func read(_ now: UInt128) -> UInt128 { disabled ? stopped : readRunning(now) }
    mutating func writeCount(_ c: UInt128, _ now: UInt128) {
        bias = biasFor(c, base(now))
        if disabled { stopped = c } else { arm(now, c) }
    }
    mutating func writeCompare(_ k: UInt128, _ now: UInt128, guest: Bool) {
        func acknowledged(_ me: inout ReferenceTimer) {
            me.pend = false
            me.interrupt = false
        }
        if k == compare {
            if guest { acknowledged(&self) }
            return
        }
        var c: UInt128 = 0
        let running = !disabled
        if running {
            armed = false
            c = readRunning(now)
        }
        if guest { acknowledged(&self) }
        compare = k
        if running { arm(now, c) }
    }
    mutating func writeDC(_ on: Bool, _ now: UInt128) {
        guard on != dc else { return }
        if on {
            dc = true
            if !control {
                armed = false
                stopped = readRunning(now)
            }
        } else {
            dc = false
            writeCount(stopped, now)
        }
    }
    mutating func writeControl(_ on: Bool, _ now: UInt128) {
        guard on != control else { return }
        if on {
            if !dc {
                armed = false
                stopped = readRunning(now)
            }
            resume = now
            control = true
        } else {
            control = false
            guard !dc else { return }
            if now >= resume + span(distance(stopped)) { queue() }
            arm(now, readRunning(now))
        }
    }
    mutating func writeHz(_ h: UInt128, _ now: UInt128) {
        guard h != hz else { return }
        let running = !disabled
        let t = running ? now : base(now)
        if running { armed = false }
        let c = running ? readRunning(now) : stopped
        hz = h
        bias = biasFor(c, t)
        if running { arm(now, c) }
    }
}

/// SplitMix64.
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// One operation on both.
private enum Operation: CaseIterable {
    case pass, read, count, guestCompare, userCompare, stop, go, freeze, thaw, resume, hz

    /// Returns whether what the operation answered is the same.
    func apply(
        _ m: inout TimerModel, _ cause: inout UInt32, _ r: inout ReferenceTimer, now: UInt64, value: UInt32
    ) -> Bool {
        let t = UInt128(now)
        let v = UInt128(value)
        switch self {
        case .pass:
            m.expire(now: now, cause: &cause)
            r.expire(t)
        case .read: return UInt128(m.readCount(now: now, cause: &cause)) == r.read(t)
        case .count:
            m.writeCount(value, now: now)
            r.writeCount(v, t)
        case .guestCompare:
            m.guestWriteCompare(value, now: now, cause: &cause)
            r.writeCompare(v, t, guest: true)
        case .userCompare:
            m.userWriteCompare(value, now: now, cause: &cause)
            r.writeCompare(v, t, guest: false)
        case .stop, .go:
            let dc = self == .stop ? TimerModel.causeDC : 0
            m.guestWriteCause(dc, writable: TimerModel.causeDC, now: now, cause: &cause)
            r.writeDC(self == .stop, t)
        case .freeze, .thaw:
            r.writeControl(self == .freeze, t)
            return m.writeControl(self == .freeze ? 1 : 0, now: now, cause: &cause)
        case .resume:
            let instant = now - min(now, UInt64(value) * 10)
            r.resume = UInt128(instant)
            return m.writeResume(instant, now: now)
        case .hz:
            let hz = UInt64(value) % 1_000_000_000 + 1
            r.writeHz(UInt128(hz), t)
            return m.writeHz(hz, now: now, cause: &cause)
        }
        return true
    }
}

private func agree(_ m: TimerModel, _ cause: UInt32, _ r: ReferenceTimer) -> Bool {
    UInt128(m.bias) == r.bias && UInt128(m.compare) == r.compare && m.armed == r.armed && UInt128(m.expiry) == r.expiry
        && m.masterDisabled == r.control && m.causeDisabled == r.dc && UInt128(m.resume) == r.resume && m.pend == r.pend
        && (cause & TimerModel.causeTI != 0) == r.interrupt && (!m.disabled || UInt128(m.staticCount) == r.stopped)
        && UInt128(m.hz) == r.hz && UInt128(m.period) == r.period
}

@Suite struct TimerReferenceTests {
    @Test(arguments: 0..<40 as Range<UInt64>)
    func randomOperations(seed: UInt64) {
        var random = SplitMix(state: seed)
        var now: UInt64 = 1_000_000_000_000
        var m = TimerModel(now: now, defersCause: false)
        var r = ReferenceTimer(UInt128(now))
        var cause: UInt32 = 0
        for step in 0..<400 {
            // From nanoseconds to more than a turn.
            now += random.next() >> (20 + random.next() % 44) & 0xFF_FFFF_FFFF
            let operation = Operation.allCases[Int(random.next() % UInt64(Operation.allCases.count))]
            let near = UInt32(truncatingIfNeeded: random.next() >> (32 + random.next() % 32))
            let value = random.next() & 1 == 0 ? near : m.running(now) &+ near % 2000 &- 1000
            let same = operation.apply(&m, &cause, &r, now: now, value: value)
            #expect(
                same && agree(m, cause, r), "seed \(seed), step \(step), \(operation) \(value) at \(now): \(m) and \(r)"
            )
        }
    }

    /// Every sequence of four operations, from a state near an interrupt, with time standing still, going on a little or by most
    /// of a turn between them.
    @Test(arguments: [0, 1_000, 35_000_000_000] as [UInt64])
    func everyShortSequence(step: UInt64) {
        let kinds = Operation.allCases.filter { $0 != .hz }
        let start: UInt64 = 1_000_000_000_000
        var wrong = 0
        for number in 0..<(kinds.count * kinds.count * kinds.count * kinds.count) {
            var now = start
            var m = TimerModel(now: now, defersCause: false)
            var r = ReferenceTimer(UInt128(now))
            var cause: UInt32 = 0
            m.userWriteCompare(150, now: now, cause: &cause)
            r.writeCompare(150, UInt128(now), guest: false)
            var rest = number
            var same = true
            for place in 0..<4 {
                now += step
                let kind = kinds[rest % kinds.count]
                same = kind.apply(&m, &cause, &r, now: now, value: [150, 20, 1000, 7][place]) && same
                rest /= kinds.count
            }
            if !same || !agree(m, cause, r) { wrong += 1 }
        }
        #expect(wrong == 0)
    }
}
