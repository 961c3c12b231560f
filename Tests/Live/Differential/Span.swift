// A set of 32-bit numbers that follow one another, modulo 2^32: what is known of a Count.

struct Span: Equatable {
    var low: UInt32
    /// The highest number is `low + width`.
    var width: UInt32

    init(_ exact: UInt32) {
        low = exact
        width = 0
    }

    init(low: UInt32, width: UInt32) {
        self.low = low
        self.width = width
    }

    /// Nothing is known.
    static let full = Span(low: 0, width: .max)

    /// Wider than a quarter of the circle: of no use for comparisons.
    var isWide: Bool { width >= 1 << 30 }
    var high: UInt32 { low &+ width }

    func contains(_ value: UInt32) -> Bool { value &- low <= width }

    /// Every sum of a number of either.
    static func + (a: Span, b: Span) -> Span {
        let (width, overflow) = a.width.addingReportingOverflow(b.width)
        return overflow ? .full : Span(low: a.low &+ b.low, width: width)
    }

    static func - (a: Span, b: Span) -> Span { a + Span(low: 0 &- b.high, width: b.width) }

    /// The numbers of both; nil if there are none.
    func meet(_ other: Span) -> Span? {
        if isWide { return other }
        if other.isWide { return self }
        guard contains(other.low) || other.contains(low) else { return nil }
        let start = Int32(bitPattern: other.low &- low) > 0 ? other.low : low
        let end = Int32(bitPattern: other.high &- high) < 0 ? other.high : high
        return Span(low: start, width: end &- start)
    }
}
