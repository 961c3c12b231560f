// The grid's formulas against the reference's vectors and against plain search.

import Testing

@testable import Timekeeping

@Suite struct TickGridTests {
    @Test(
        "periods and ticks of the reference",
        arguments: [
            (1, 4_294_967_296_000_000_000, 1, 123456), (32768, 131_072_000_000_000, 32768, 4_045_432_062),
            (1_000_000, 4_294_967_296_000, 1_000_000, 3_197_704_724),
            (33_333_333, 128_849_020_168, 33_333_333, 647_589_706),
            (62_500_000, 68_719_476_736, 62_500_000, 2_288_049_655),
            (100_000_000, 42_949_672_960, 100_000_000, 1_942_892_530),
            (666_666_666, 6_442_450_950, 666_666_666, 67_638_329),
            (1_000_000_000, 4_294_967_296, 1_000_000_000, 2_249_056_121),
        ] as [(UInt32, UInt64, UInt32, UInt32)])
    func vectors(hz: UInt32, period: UInt64, second: UInt32, later: UInt32) {
        let grid = TickGrid(hz: hz)
        #expect(grid.period == period)
        #expect(grid.ticks(at: 1_000_000_000) == second)
        #expect(grid.ticks(at: 123_456_789_012_345) == later)
    }

    @Test("the first instant of a phase is the one plain search finds")
    func search() {
        var random = Random(1)
        for _ in 0..<3000 {
            let hz = UInt32(
                [UInt64.random(in: 1_000_000...1_000_000_000, using: &random), 999_999_999, 500_000_001, 33_333_333]
                    .randomElement(using: &random)!)
            let grid = TickGrid(hz: hz)
            let start = UInt64.random(in: 0...(grid.period * 3), using: &random)
            let low = UInt64.random(in: 0..<TickGrid.tick, using: &random)
            let wanted = low...min(TickGrid.tick - 1, low + UInt64.random(in: 0...50_000_000, using: &random))
            var plain: UInt64?
            for x in 0..<2000 as Range<UInt64> where wanted.contains(grid.phase(at: start + x)) {
                plain = x
                break
            }
            // The grid begins anew at whole periods; the search stops there.
            if start % grid.period + 2000 >= grid.period { continue }
            let found = grid.wait(from: start, for: wanted)
            if let plain { #expect(found == plain) } else if let found { #expect(found >= 2000) }
            if let found, found < 1 << 40 { #expect(wanted.contains(grid.phase(at: start + found))) }
        }
    }

    @Test("spans in ticks")
    func spans() {
        let grid = TickGrid(hz: 33_333_333)
        #expect(grid.ticks(of: 0).whole == 0)
        let long = grid.ticks(of: 1 << 62)
        // 2^62 * 33333333 = whole * 10^9 + units, checked by modular arithmetic and by size.
        #expect(long.whole &* 1_000_000_000 &+ long.units == (1 << 62) &* 33_333_333)
        #expect(long.whole == 153_722_865_743_684_257)
        #expect(TickGrid.distance(from: 5, to: 5) == 1 << 32)
        #expect(TickGrid.distance(from: 5, to: 6) == 1)
    }
}
