// From nanoseconds to tenths of a pixel, with long gaps cut short.

/// A stretch of an axis along which everything is in proportion, or one that is cut short.
struct AxisPiece: Equatable {
    var from: Double
    var to: Double
    /// In tenths of a pixel.
    var start: Double
    var end: Double
    var isCut: Bool
}

/// A mark on an axis.
struct AxisTick: Equatable {
    var position: Int
    var value: Double
}

struct Axis {
    private(set) var pieces: [AxisPiece] = []
    /// Nanoseconds between ticks.
    private(set) var step = 1.0
    private let low: Double
    private let high: Double

    /// How many times as long as everything else a gap has to be to be cut.
    private static var tooLong: Double { 3 }

    /// - Parameters:
    ///   - low, high: the values at both ends.
    ///   - start, end: where these are, in tenths of a pixel.
    ///   - gaps: stretches in which nothing happens, in order; those that overlap an earlier one are left alone.
    ///   - spacing: tenths of a pixel between ticks, at least.
    init(
        from low: Double, to high: Double, start: Double, end: Double, gaps: [(from: Double, to: Double)],
        spacing: Double
    ) {
        self.low = low
        // Something to divide by.
        self.high = max(high, low + 1)
        var rest = self.high - low
        var reached = low
        for gap in gaps where gap.from >= reached && gap.to > gap.from {
            rest -= gap.to - gap.from
            reached = gap.to
        }
        var cuts: [(from: Double, to: Double)] = []
        reached = low
        for gap in gaps where gap.from >= reached && gap.to > gap.from {
            reached = gap.to
            if rest > 0, gap.to - gap.from > rest * Self.tooLong { cuts.append(gap) }
        }
        var whole = self.high - low
        for cut in cuts { whole -= cut.to - cut.from }
        // A cut takes a twelfth of the axis, all of them half of it at most.
        let share = cuts.isEmpty ? 0 : min(1.0 / 12, 0.5 / Double(cuts.count))
        let direction: Double = end < start ? -1 : 1
        let length = (end - start) * direction
        let scale = length * (1 - share * Double(cuts.count)) / whole
        var (value, position) = (low, start)
        for cut in cuts {
            add(&value, &position, cut.from, (cut.from - value) * scale * direction, isCut: false)
            add(&value, &position, cut.to, length * share * direction, isCut: true)
        }
        add(&value, &position, self.high, end - position, isCut: false)
        // Not below what a value this large can be counted in.
        step = Self.step(atLeast: max(spacing / scale, max(-low, self.high) / 1e15))
    }

    @inline(never)
    private mutating func add(
        _ value: inout Double, _ position: inout Double, _ to: Double, _ length: Double, isCut: Bool
    ) {
        guard to > value else { return }
        pieces.append(AxisPiece(from: value, to: to, start: position, end: position + length, isCut: isCut))
        value = to
        position += length
    }

    /// Where a value lies; those beyond the ends lie at the ends.
    @inline(never)
    func position(_ value: Double) -> Int {
        var (first, last) = (0, pieces.count - 1)
        while first < last {
            let middle = (first + last) / 2
            if value <= pieces[middle].to { last = middle } else { first = middle + 1 }
        }
        let piece = pieces[first]
        let part = max(0, min(1, (value - piece.from) / (piece.to - piece.from)))
        let place = piece.start + (piece.end - piece.start) * part
        return Int(place + (place < 0 ? -0.5 : 0.5))
    }

    /// Marks at round values, outside of cuts, not closer to each other than `spacing` tenths of a pixel.
    func ticks(spacing: Int) -> [AxisTick] {
        var ticks: [AxisTick] = []
        for piece in pieces where !piece.isCut {
            // The first multiple at or after the start of the piece.
            var index = Double(Int64(piece.from / step))
            while index * step < piece.from { index += 1 }
            while index * step <= piece.to {
                let tick = AxisTick(position: position(index * step), value: index * step)
                index += 1
                if let last = ticks.last, abs(tick.position - last.position) < spacing { continue }
                ticks.append(tick)
            }
        }
        return ticks
    }

    /// A round number of nanoseconds: 1, 2 or 5 of a decade up to 20 s, then what a clock is divided into.
    private static func step(atLeast wanted: Double) -> Double {
        var decade = 1.0
        while decade < 1e11 {
            for digit in [1.0, 2.0, 5.0] where digit * decade >= wanted && digit * decade <= 2e10 {
                return digit * decade
            }
            decade *= 10
        }
        for minutes in [1.0, 2.0, 5.0, 10.0, 20.0] where minutes * 6e10 >= wanted { return minutes * 6e10 }
        decade = 3.6e12
        while decade < 1e19 {
            for digit in [1.0, 2.0, 5.0] where digit * decade >= wanted { return digit * decade }
            decade *= 10
        }
        return decade
    }

    // MARK: Numbers of the axis

    /// The unit of its numbers: its name, and how many nanoseconds it is.
    var unit: (name: String, nanoseconds: Double) {
        if step >= 3.6e12 { return ("h", 3.6e12) }
        if step >= 6e10 { return ("min", 6e10) }
        if high - low >= 1e9 { return ("s", 1e9) }
        return high - low >= 1e6 ? ("ms", 1e6) : ("µs", 1e3)
    }

    /// A value in that unit, with as many decimals as the step has.
    func text(_ value: Double) -> String {
        var (scale, decimals) = (unit.nanoseconds, 0)
        while step < scale * 0.999, decimals < 9 {
            scale /= 10
            decimals += 1
        }
        let scaled = value / scale
        return fixedText(Int64(scaled + (scaled < 0 ? -0.5 : 0.5)), decimals: decimals)
    }
}
