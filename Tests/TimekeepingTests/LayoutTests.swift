// Saved bytes: what is written is read back, and nothing else is accepted.

import Host
import Hypervisor
import Testing

@testable import Timekeeping

private func state(_ random: inout Random) -> TimerState {
    TimerState(
        count: UInt32.random(in: 0 ... .max, using: &random), compare: UInt32.random(in: 0 ... .max, using: &random),
        cause: UInt32.random(in: 0 ... .max, using: &random), hz: UInt32.random(in: 1...1_000_000_000, using: &random),
        resume: UInt64.random(in: 0..<(1 << 61), using: &random), masterDisabled: Bool.random(using: &random),
        carry: UInt32.random(in: 0..<1_000_000_000, using: &random))
}

private func instant(_ random: inout Random) -> FreezeInstant {
    FreezeInstant(
        reading: ClockReading(
            monotonic: UInt64.random(in: (1 << 61)..<(1 << 62), using: &random),
            realtime: Int64.random(in: -(1 << 61)...(1 << 61), using: &random), width: random.next() >> 40),
        domain: TimeDomain(
            kind: Bool.random(using: &random) ? .host : .virtual, identity: (random.next(), random.next()),
            nanosecondsPerInstruction: 10))
}

private func entry(_ random: inout Random) -> LedgerEntry {
    let policies: [ClockPolicy] = [
        .freeze, .catchUp, .catchUpMax(nanoseconds: random.next()),
        .at(realtimeNanoseconds: Int64(bitPattern: random.next())),
    ]
    return LedgerEntry(
        frozenRealtime: Int64(bitPattern: random.next()), frozenAt: random.next() >> 2,
        gap: Int64.random(in: -(1 << 62)...(1 << 62), using: &random),
        hidden: Int64.random(in: -(1 << 62)...(1 << 62), using: &random),
        cause: LedgerEntry.Cause(rawValue: UInt8(random.next() % 4))!, policy: policies[Int(random.next() % 4)],
        carry: UInt32(random.next() % 1_000_000_000), clamped: Bool.random(using: &random))
}

@Suite struct LayoutTests {
    @Test("what is written is read back")
    func roundTrip() throws {
        var random = Random(4)
        for _ in 0..<200 {
            let timer = state(&random)
            #expect(timer.bytes.count == TimerState.size)
            #expect(try TimerState(bytes: timer.bytes) == timer)
            let when = instant(&random)
            #expect(when.bytes.count == FreezeInstant.size)
            #expect(try FreezeInstant(bytes: when.bytes) == when)
            let frozen = Frozen(timers: (0..<Int(random.next() % 17)).map { _ in state(&random) }, instant: when)
            #expect(try Frozen(bytes: frozen.bytes) == frozen)
            var ledger = TimeLedger()
            for _ in 0..<(random.next() % 20) { ledger.append(entry(&random)) }
            #expect(try TimeLedger(bytes: ledger.bytes) == ledger)
        }
    }

    @Test("the layouts of version 1, byte for byte")
    func golden() throws {
        let timer = TimerState(
            count: 0x0403_0201, compare: 0x0807_0605, cause: 0x0C0B_0A09, hz: 100_000_000,
            resume: 0x0102_0304_0506_0708,
            masterDisabled: true, carry: 0x0014_1312)
        #expect(
            timer.bytes == [
                1, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x00, 0xE1, 0xF5, 0x05, 0x12, 0x13, 0x14, 0, 8, 7, 6,
                5, 4, 3, 2, 1,
            ])
        let when = FreezeInstant(
            reading: ClockReading(monotonic: 3, realtime: -1, width: 4),
            domain: TimeDomain(kind: .virtual, identity: (1, 2), nanosecondsPerInstruction: 10))
        #expect(
            when.bytes == [
                1, 1, 0, 0, 10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0,
            ]
                + [UInt8](repeating: 255, count: 8) + [4, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test("every truncation, every flipped byte: an error or a value that writes the same bytes")
    func hostile() throws {
        var random = Random(5)
        var ledger = TimeLedger()
        for _ in 0..<5 { ledger.append(entry(&random)) }
        let frozen = Frozen(timers: [state(&random), state(&random)], instant: instant(&random))
        func check<T>(_ bytes: [UInt8], _ read: ([UInt8]) throws(LayoutError) -> T, _ write: (T) -> [UInt8]) {
            for length in 0..<bytes.count {
                #expect(throws: LayoutError.self) { try read(Array(bytes.prefix(length))) }
            }
            #expect(throws: LayoutError.self) { try read(bytes + [0]) }
            for index in bytes.indices {
                for bit in 0..<8 {
                    var wrong = bytes
                    wrong[index] ^= 1 << UInt8(bit)
                    if let value = try? read(wrong) { #expect(write(value) == wrong) }
                }
            }
        }
        check(frozen.bytes, { bytes throws(LayoutError) in try Frozen(bytes: bytes) }, { $0.bytes })
        check(ledger.bytes, { bytes throws(LayoutError) in try TimeLedger(bytes: bytes) }, { $0.bytes })
        for _ in 0..<5000 {
            let noise = (0..<Int(random.next() % 200)).map { _ in
                UInt8(truncatingIfNeeded: random.next() >> (random.next() % 8 == 0 ? 0 : 63))
            }
            if let value = try? Frozen(bytes: noise) { #expect(value.bytes == noise) }
            if let value = try? TimeLedger(bytes: noise) { #expect(value.bytes == noise) }
        }
    }

    @Test("states that decode can be planned for, whatever they hold")
    func hostilePlan() throws {
        var random = Random(6)
        for _ in 0..<3000 {
            let timers = (0..<Int(random.next() % 4 + 1)).map { _ in state(&random) }
            let reference = timers.map(\.resume).max()!
            let now = random.next() >> (2 + random.next() % 60)
            let visible = random.next() >> (2 + random.next() % 60)
            let plan = ResumePlan(timers, reference: reference, now: now, visible: visible, sameClock: false)
            #expect(plan.timers.count == timers.count)
            for timer in plan.timers {
                #expect(timer.resume <= plan.ready)
                #expect(UInt64(timer.carry) < TickGrid.tick)
            }
        }
    }

    @Test("refusals say what is wrong")
    func texts() {
        var random = Random(7)
        var bytes = state(&random).bytes
        bytes[0] = 2
        #expect(throws: LayoutError.version(.timer, found: 2, known: 1)) { try TimerState(bytes: bytes) }
        #expect(
            LayoutError.version(.timer, found: 2, known: 1).description
                == "timer state: layout version 2, this build reads version 1; use the build that saved it")
        bytes[0] = 1
        bytes.replaceSubrange(16..<20, with: [0, 0, 0, 0])
        #expect(throws: LayoutError.field(.timer, .hz, value: 0)) { try TimerState(bytes: bytes) }
        #expect(throws: LayoutError.truncated(.ledger, have: 3, need: 4)) { try TimeLedger(bytes: [1, 0, 0]) }
    }
}

@Suite struct LedgerTests {
    @Test("sums hold whatever is folded away")
    func sums() {
        var ledger = TimeLedger()
        var gap: Int64 = 0
        var hidden: Int64 = 0
        for i in 0..<5000 as Range<Int64> {
            ledger.append(
                LedgerEntry(
                    frozenRealtime: i, frozenAt: UInt64(i), gap: i * 7, hidden: i * 3 - 5, cause: .pause,
                    policy: .freeze, carry: 0))
            gap += i * 7
            hidden += i * 3 - 5
            #expect(ledger.entries.count <= TimeLedger.capacity)
            #expect(ledger.total.count == UInt64(i) + 1)
        }
        #expect(ledger.total.gap == gap && ledger.total.hidden == hidden)
        #expect(ledger.total.gap == ledger.total.hidden + ledger.total.caughtUp)
        #expect(ledger.entries.last?.frozenAt == 4999)
    }

    @Test("sums stop at the ends of 64 bits")
    func saturation() throws {
        var ledger = TimeLedger()
        let most = LedgerEntry(
            frozenRealtime: 0, frozenAt: 0, gap: 1 << 62, hidden: -(1 << 62), cause: .pause, policy: .freeze, carry: 0)
        for _ in 0..<5 { ledger.append(most) }
        #expect(ledger.total.gap == .max && ledger.total.hidden == .min && ledger.total.caughtUp == .max)
    }

    @Test("texts")
    func texts() {
        let entry = LedgerEntry(
            frozenRealtime: 1_700_000_000_123_456_789, frozenAt: 5, gap: 2_000_000_000, hidden: 1_500_000_000,
            cause: .save,
            policy: .catchUpMax(nanoseconds: 500_000_000), carry: 0)
        #expect(
            entry.description
                == "2023-11-14T22:13:20.123456789Z save, catch-up-max=500000000ns: stood 2.000000000 s, hidden 1.500000000 s, "
                + "caught up 0.500000000 s")
        #expect(calendarText(0) == "1970-01-01T00:00:00.000000000Z")
        #expect(calendarText(-1) == "1969-12-31T23:59:59.999999999Z")
        #expect(calendarText(951_782_400_000_000_000) == "2000-02-29T00:00:00.000000000Z")
        #expect(calendarText(4_107_542_400_000_000_000) == "2100-03-01T00:00:00.000000000Z")
        #expect(spanText(-1_500_000_000) == "-1.500000000 s")
        #expect(ClockPolicy.at(realtimeNanoseconds: 0).description == "at=1970-01-01T00:00:00.000000000Z")
    }
}
