// A trace made of a ledger is the story the ledger tells.

import Testing

@testable import Timeline

@Suite struct LedgerTests {
    func freeze(
        _ at: UInt64, _ realtime: Int64, gap: Int64, hidden: Int64, changesClock: Bool = false
    ) -> LedgerFreeze {
        LedgerFreeze(
            frozenAt: at, frozenRealtime: realtime, changesClock: changesClock,
            Thaw(cause: "pause", policy: "p", gap: gap, hidden: hidden))
    }

    func trace(_ freezes: [LedgerFreeze], at: UInt64, realtime: Int64 = 0, count: UInt32) -> Trace {
        Trace(
            ledger: LedgerStory(
                hz: 500_000_000, isVirtual: false, freezes: freezes, frozenAt: at, frozenRealtime: realtime,
                timer: TimerView(count: count, compare: 77, flags: [.frozen, .pending])))
    }

    @Test func countIsWorkedOutBackward() throws {
        // Runs 600 ns, then 1000 ns; sees 100 ns of the second gap. Two nanoseconds a tick.
        let trace = trace(
            [freeze(1000, 0, gap: 400, hidden: 400), freeze(2000, 0, gap: 300, hidden: 200)], at: 3300, count: 100)
        #expect(trace.events.map(\.at) == [0, 400, 1000, 1300, 2300])
        let ticks = trace.events.map { Int32(bitPattern: $0.timer.count) - 100 }
        #expect(ticks == [-850, -850, -550, -500, 0])
        #expect(trace.events.last?.timer.flags == [.frozen, .pending])
        // It is a trace like others, and has no hits, for Compare is not known.
        #expect(try Trace(bytes: trace.bytes) == trace)
        let story = try Story(trace)
        #expect(story.hits.isEmpty && story.windows.count == 3 && story.windows[2].thaw == nil)
        #expect(story.windows.map(\.from) == [0, 1000, 2300] && story.windows.map(\.to) == [400, 1300, 2300])
        #expect(story.windows[1].after - story.windows[1].before == 100)
    }

    @Test func anotherHostIsFollowedByTheWallClock() throws {
        // The second host's monotonic clock stands at 5; the wall clock says that 500 ns passed after the gap.
        let trace = trace(
            [
                freeze(1000, 10_000, gap: 2000, hidden: 2000, changesClock: true),
                freeze(5, 12_500, gap: 10, hidden: 10),
            ], at: 115, realtime: 12_610, count: 0)
        #expect(trace.events.map(\.at) == [0, 2000, 2500, 2510, 2610])
    }

    @Test func aWallClockThatGoesBackwardsIsNoTime() {
        let trace = trace(
            [freeze(1000, 10_000, gap: -500, hidden: -500, changesClock: true), freeze(5, 3000, gap: 0, hidden: 0)],
            at: 100, realtime: 3095, count: 0)
        #expect(trace.events.map(\.at) == [0, 0, 0, 0, 95])
    }

    @Test(arguments: [Int64.min, -(1 << 62), -1, 0, 1 << 62, .max])
    func nothingTrapsWhateverTheSpans(_ span: Int64) throws {
        var freezes: [LedgerFreeze] = []
        for index in 0..<10 {
            freezes.append(
                freeze(
                    index % 2 == 0 ? 0 : .max, span, gap: span, hidden: index % 3 == 0 ? 0 : ~span,
                    changesClock: index % 4 == 0))
        }
        for at in [UInt64(0), .max] {
            let trace = trace(freezes, at: at, realtime: span, count: 5)
            #expect(try Trace(bytes: trace.bytes).events.count == 21)
            #expect(!(try Picture(trace, name: "x").svg).isEmpty)
        }
    }
}
