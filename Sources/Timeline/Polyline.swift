// The line of Count with no more points than can be seen.

/// Takes points from left to right and writes a path. In each column of a pixel the first, the lowest, the highest and the last point are
/// kept; then those on a straight line with their neighbours go.
struct Polyline {
    private struct Place: Equatable {
        var x: Int
        var y: Int
    }

    private var drawing: Drawing
    private var first = Place(x: 0, y: 0)
    private var lowest = 0
    private var highest = 0
    private var last = Place(x: 0, y: 0)
    private var hasColumn = false
    /// The column in which the line was last interrupted: once in each, or a thousand steps in it would be as many lines.
    private var interrupted = -1
    /// What has been written, and what waits whether the next point makes it needless.
    private var written = Place(x: 0, y: 0)
    private var waiting: Place?
    private var isStart = true

    init(_ drawing: Drawing) { self.drawing = drawing }

    /// The document, with everything in it.
    consuming func finished() -> Drawing {
        end()
        return drawing
    }

    /// Begins another line.
    mutating func interrupt() {
        if hasColumn, first.x / 10 == interrupted { return }
        interrupted = hasColumn ? first.x / 10 : -1
        end()
    }

    private mutating func end() {
        flushColumn()
        if let waiting { drawing.line(waiting.x, waiting.y) }
        waiting = nil
        isStart = true
    }

    @inline(never)
    mutating func add(_ x: Int, _ y: Int) {
        let place = Place(x: x, y: y)
        if hasColumn, x / 10 == first.x / 10 {
            lowest = min(lowest, y)
            highest = max(highest, y)
            last = place
            return
        }
        flushColumn()
        (first, last, lowest, highest, hasColumn) = (place, place, y, y, true)
    }

    @inline(never)
    private mutating func flushColumn() {
        guard hasColumn else { return }
        hasColumn = false
        write(first)
        if lowest < min(first.y, last.y) { write(Place(x: first.x, y: lowest)) }
        if highest > max(first.y, last.y) { write(Place(x: first.x, y: highest)) }
        if last != first { write(last) }
    }

    @inline(never)
    private mutating func write(_ place: Place) {
        if isStart {
            isStart = false
            written = place
            drawing.move(place.x, place.y)
            return
        }
        if let waiting, !isStraight(written, waiting, place) {
            drawing.line(waiting.x, waiting.y)
            written = waiting
        }
        waiting = place
    }

    /// Whether `b` lies within a tenth of a pixel of the way from `a` to `c`, and between them.
    private func isStraight(_ a: Place, _ b: Place, _ c: Place) -> Bool {
        let (x1, y1) = (Int64(b.x - a.x), Int64(b.y - a.y))
        let (x2, y2) = (Int64(c.x - a.x), Int64(c.y - a.y))
        let cross = x1 * y2 - y1 * x2
        let dot = x1 * (x2 - x1) + y1 * (y2 - y1)
        return dot >= 0 && cross * cross <= x2 * x2 + y2 * y2
    }
}
