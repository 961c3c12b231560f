// Which rows to run: `T8`, `T1-T9`, `T`, or several of them with commas between.

/// A selection of rows.
public struct Selection: Equatable, Sendable {
    /// Rows of one section, from a number to a number, both included.
    struct Span: Equatable, Sendable {
        var section: UInt8
        var first: UInt32
        var last: UInt32
    }

    private let spans: [Span]?

    private init(spans: [Span]?) { self.spans = spans }

    /// Every row.
    public static let all = Selection(spans: nil)

    /// Reads a list. nil when it is malformed, empty, or names a row there is none of: a misspelt selection must not pass
    /// by selecting nothing. Letters may be small; a range may leave out the second letter (`T1-9`).
    public init?(_ text: String) {
        var spans: [Span] = []
        for part in Array(text.utf8).split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            guard let span = Self.span(Array(part)) else { return nil }
            spans.append(span)
        }
        self.init(spans: spans)
    }

    /// Whether a row is selected.
    public func contains(_ row: RowID) -> Bool {
        guard let spans else { return true }
        let (section, number) = row.position
        for span in spans where span.section == section && span.first <= number && number <= span.last { return true }
        return false
    }

    private static func span(_ text: [UInt8]) -> Span? {
        guard let letter = text.first else { return nil }
        let section = letter & 0xDF
        var rows: UInt32 = 0
        for known in RowID.sections where known.letter == section { rows = UInt32(known.rows) }
        guard rows > 0, letter >= 0x41 else { return nil }
        if text.count == 1 { return Span(section: section, first: 1, last: rows) }
        var position = 1
        guard let first = number(text, &position) else { return nil }
        var last = first
        if position < text.count {
            guard text[position] == UInt8(ascii: "-") else { return nil }
            position += 1
            if position < text.count, text[position] >= 0x41, text[position] & 0xDF == section { position += 1 }
            guard let number = number(text, &position), position == text.count else { return nil }
            last = number
        }
        guard first >= 1, first <= last, last <= rows else { return nil }
        return Span(section: section, first: first, last: last)
    }

    /// Decimal digits, at least one, at most three.
    private static func number(_ text: [UInt8], _ position: inout Int) -> UInt32? {
        var value: UInt32 = 0
        let start = position
        while position < text.count, text[position] >= 0x30, text[position] <= 0x39, position - start < 3 {
            value = value * 10 + UInt32(text[position] - 0x30)
            position += 1
        }
        return position > start ? value : nil
    }
}
