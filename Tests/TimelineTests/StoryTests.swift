// What is made of a trace before it is drawn.

import Testing

@testable import Timeline

/// A trace at a rate of one tick a nanosecond, in which Count and time can be compared at sight.
func story(_ lines: String, hz: Int = 1_000_000_000) throws -> Story {
    try Story(Trace(bytes: Array("stasis-trace 1 hz=\(hz) clock=virtual\n\(lines)\n".utf8)))
}

@Suite struct StoryTests {
    @Test func countIsUnwrapped() throws {
        // 10 s at 10^9 a second is more than two turns of Count.
        let count = UInt32(truncatingIfNeeded: 10_000_000_000 as UInt64)
        let told = try story("sample 1000 0 0 -\nsample 10000001000 \(count) 0 -")
        #expect(told.line.map(\.guest) == [0, 1e10])
        #expect(told.duration == 1e10)
    }

    @Test func aGuestThatStoppedCountItselfStaysWhereItIs() throws {
        let told = try story("sample 0 5 0 d\nsample 100000000000 5 0 d\nsample 100000000100 105 0 -")
        #expect(told.line.map(\.guest) == [0, 0, 100])
    }

    @Test func aPolicyMakesAStep() throws {
        let told = try story(
            """
            sample 0 100 0 -
            freeze 50 150 0 f
            sample 70 150 0 f
            thaw 90 180 0 - pause catch-up-max=30ns 40 10
            sample 100 190 0 -
            """)
        #expect(
            told.line == [
                StoryPoint(host: 0, guest: 0, isStart: true), StoryPoint(host: 50, guest: 50),
                StoryPoint(host: 70, guest: 50), StoryPoint(host: 90, guest: 50),
                StoryPoint(host: 90, guest: 80, isStart: true), StoryPoint(host: 100, guest: 90),
            ])
        #expect(told.windows.count == 1)
        let window = told.windows[0]
        #expect(window.from == 50 && window.to == 90 && window.before == 50 && window.after == 80)
        #expect(told.totals == StoryTotals(freezes: 1, gap: 40, hidden: 10, caughtUp: 30))
    }

    @Test func aLongGapIsCaughtUpBeyondATurn() throws {
        let hour: UInt64 = 3_600_000_000_000
        let told = try story("freeze 0 0 0 f\nthaw \(hour) \(hour % (1 << 32)) 0 - pause catch-up \(hour) 0")
        #expect(told.line.last?.guest == Double(hour))
    }

    @Test func aFreezeThatWasNotSeenIsWhereTheThawSays() throws {
        // A process that restores a guest begins with a thaw.
        let told = try story("thaw 1000 500 0 - restore catch-up-max=100ns 400 300\nsample 1100 600 0 -")
        #expect(told.windows.map(\.from) == [0] && told.windows.map(\.to) == [400])
        #expect(told.line.map(\.host) == [0, 400, 400, 500])
        #expect(told.line.map(\.guest) == [0, 0, 100, 200])
        // On a host that is younger than the gap.
        let older = try story("thaw 1000 500 0 - migration freeze 5000 5000\nsample 1100 600 0 -")
        #expect(older.windows.map(\.to) == [5000])
        // In the middle of a trace it does not begin before what was seen.
        let late = try story("sample 900 400 0 -\nthaw 1000 500 0 - restore freeze 400 400")
        #expect(late.windows.map(\.from) == [0] && late.windows.map(\.to) == [100])
    }

    @Test func aGuestThatIsStillFrozenHasAnOpenWindow() throws {
        let told = try story("sample 0 0 0 -\nfreeze 10 10 0 f\nsample 90 10 0 f")
        #expect(told.windows.count == 1)
        #expect(told.windows[0].thaw == nil && told.windows[0].from == 10 && told.windows[0].to == 90)
        #expect(told.totals.freezes == 0)
    }

    @Test func hitsLieWhereCountIsCompare() throws {
        let told = try story(
            """
            sample 0 0 30 -
            sample 100 100 30 t
            interrupt 110 110 30 -
            sample 120 120 150 -
            interrupt 160 160 150 -
            freeze 200 200 250 f
            thaw 300 300 250 - pause catch-up 100 0
            sample 350 350 250 -
            """)
        // 30 was found by the sample at 100, and the interrupt at 110 is the same one; 150 by the interrupt; 250 in the step.
        #expect(told.hits.map(\.guest) == [30, 150, 250])
        #expect(told.hits.map(\.host) == [30, 150, 300])
        #expect(told.pending.map(\.from) == [100] && told.pending.map(\.to) == [110])
    }

    @Test func compareBehindCountIsNoHit() throws {
        #expect(try story("sample 0 100 99 -\nsample 100 200 99 -").hits.isEmpty)
        #expect(try story("sample 0 100 100 -\nsample 100 200 100 -").hits.isEmpty)
        // A guest that sets Count back.
        #expect(try story("sample 0 100 150 -\nsample 100 50 150 -").hits.isEmpty)
    }

    @Test func pendingIsOneStretchWhileItLasts() throws {
        let told = try story("sample 0 0 0 t\nsample 5 5 0 t\nsample 9 9 0 -\nsample 20 20 0 t\nsample 30 30 0 t")
        #expect(told.pending.map(\.from) == [0, 20] && told.pending.map(\.to) == [9, 30])
    }

    @Test func nothingToDrawIsSaid() {
        #expect(throws: NothingToDraw.self) { try story("note 5 only this") }
        #expect(throws: NothingToDraw.self) { try story("sample 5 1 2 -") }
        #expect(throws: NothingToDraw.self) { try Story(Trace(hz: 1, isVirtual: false)) }
    }

    @Test func sumsStopAtTheirEnds() throws {
        let most: Int64 = 1 << 62
        var events: [TimelineEvent] = []
        for _ in 0..<4 {
            events.append(
                TimelineEvent(
                    at: 1, TimerView(count: 0, compare: 0),
                    .thaw(Thaw(cause: "a", policy: "b", gap: most, hidden: -most))))
        }
        let told = try Story(Trace(hz: 1_000_000_000, isVirtual: false, events: events))
        #expect(told.totals == StoryTotals(freezes: 4, gap: .max, hidden: .min, caughtUp: .max))
    }
}
