// From nanoseconds to places.

import Testing

@testable import Timeline

@Suite struct AxisTests {
    let second = 1e9

    @Test func withoutGapsItIsAProportion() {
        let axis = Axis(from: 0, to: 10 * second, start: 100, end: 1100, gaps: [(second, 2 * second)], spacing: 100)
        #expect(axis.pieces.count == 1)
        #expect([0, 2.5, 10].map { axis.position($0 * second) } == [100, 350, 1100])
        #expect(axis.position(-5 * second) == 100 && axis.position(50 * second) == 1100)
        // Upward.
        let upward = Axis(from: 0, to: 10, start: 1100, end: 100, gaps: [], spacing: 100)
        #expect([0, 5, 10].map { upward.position($0) } == [1100, 600, 100])
    }

    @Test func aGapFarLongerThanTheRestIsCutShort() {
        let hour = 3600 * second
        let axis = Axis(
            from: 0, to: hour + 3 * second, start: 0, end: 1200,
            gaps: [(second, hour + second), (hour + 1.5 * second, hour + 2 * second)], spacing: 100)
        #expect(axis.pieces.map(\.isCut) == [false, true, false])
        #expect(axis.pieces[1].end - axis.pieces[1].start == 100)
        // What is not cut has one scale.
        #expect(abs(axis.position(second) - 367) <= 1)
        #expect(axis.position(hour + 3 * second) == 1200)
        #expect(axis.position(second) < axis.position(hour / 2))
        // Marks are outside of cuts and read as host time.
        let ticks = axis.ticks(spacing: 100)
        #expect(ticks.count >= 4)
        #expect(ticks.allSatisfy { $0.value <= second || $0.value >= hour + second })
        #expect(axis.unit.name == "s" && axis.text(hour + second) == "3601.0")
    }

    @Test(arguments: 1...50)
    func placesAreInTheOrderOfTheirValues(_ seed: Int) {
        var numbers = Numbers(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)
        var gaps: [(from: Double, to: Double)] = []
        var value = 0.0
        for _ in 0..<Int.random(in: 0...30, using: &numbers) {
            let from = value + Double.random(in: 0...1e9, using: &numbers)
            value =
                from + Double.random(in: 0...1, using: &numbers) * [1, 1e6, 1e9, 1e13].randomElement(using: &numbers)!
            gaps.append((from, value))
        }
        let axis = Axis(from: 0, to: value + 1e8, start: 640, end: 8800, gaps: gaps, spacing: 700)
        var last = 640
        for step in 0...1000 {
            let place = axis.position((value + 1e8) * Double(step) / 1000)
            #expect(place >= last)
            last = place
        }
        #expect(last == 8800)
        for (before, after) in zip(axis.pieces, axis.pieces.dropFirst()) {
            #expect(before.to == after.from && before.end == after.start && before.end > before.start)
        }
        let ticks = axis.ticks(spacing: 500)
        for (before, after) in zip(ticks, ticks.dropFirst()) { #expect(after.position - before.position >= 500) }
    }

    @Test func stepsAreRoundAndUnitsAreThoseOfPeople() {
        func axis(_ length: Double) -> (unit: String, step: String) {
            let axis = Axis(from: 0, to: length, start: 0, end: 1000, gaps: [], spacing: 100)
            return (axis.unit.name, axis.text(axis.step))
        }
        #expect(axis(5 * second) == ("s", "0.5"))
        #expect(axis(0.0073 * second) == ("ms", "1"))
        #expect(axis(0.25 * second) == ("ms", "50"))
        #expect(axis(950) == ("µs", "0.1"))
        #expect(axis(150 * second) == ("s", "20"))
        #expect(axis(1000 * second) == ("min", "2"))
        #expect(axis(86_400 * second) == ("h", "5"))
        #expect(axis(4e18).unit == "h")
    }

    @Test func spansReadAsPeopleSayThem() {
        let cases: [(Int64, String)] = [
            (0, "0 ns"), (999, "999 ns"), (1000, "1 µs"), (12_345, "12.345 µs"), (999_999, "1 ms"),
            (400_000_000, "400 ms"), (999_999_999, "1 s"), (1_250_000_000, "1.25 s"), (-800_000_000, "−800 ms"),
            (119_999_000_000, "119.999 s"), (125_000_000_000, "2 min 5 s"), (7_200_000_000_000, "2 h"),
            (12_000_000_000_000, "3 h 20 min"), (180_000_000_000_000, "2 d 2 h"), (.min, "−106751 d 23 h"),
        ]
        for (nanoseconds, text) in cases { #expect(spanText(nanoseconds) == text) }
    }

    @Test func policiesAreShortened() {
        #expect(policyText("freeze") == "freeze")
        #expect(policyText("catch-up-max=500000000ns") == "catch-up-max=500 ms")
        #expect(policyText("catch-up-max=18446744073709551615ns") == "catch-up-max=184467440737095516…")
        #expect(policyText("at=2000-01-01T00:00:05.920000000Z") == "at=2000-01-01T00:00:05.92Z")
        #expect(policyText("at=2026-11-26T15:34:27.056079471Z") == "at=2026-11-26T15:34:27.056Z")
        #expect(policyText("at=2000-01-01T00:00:05.000000000Z") == "at=2000-01-01T00:00:05Z")
        #expect(policyText("=ns") == "=ns" && policyText("") == "" && policyText("x=1.000Z") == "x=1Z")
        #expect(policyText(String(repeating: "ü", count: 80)) == String(repeating: "ü", count: 31) + "…")
    }
}
