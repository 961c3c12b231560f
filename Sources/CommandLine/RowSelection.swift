// Which conformance rows to run: `T8`, `T1-T9`, `T`, or several of them.

/// A selection of conformance rows. A row's id is a section letter and a number, as in T8.
public struct RowSelection: Equatable, Sendable {
    /// Rows of one section from a number to a number, both included.
    public struct Span: Equatable, Sendable {
        /// The section's letter, a capital of ASCII.
        public let section: UInt8
        /// The first and the last number.
        public let numbers: ClosedRange<UInt32>
    }

    /// What was asked for, in the order it was asked for. Empty means every row.
    public let spans: [Span]

    /// Every row.
    public static let all = RowSelection(spans: [])

    /// Whether a row is selected.
    public func contains(section: UInt8, number: UInt32) -> Bool {
        if spans.isEmpty { return true }
        for span in spans where span.section == section && span.numbers.contains(number) { return true }
        return false
    }

    /// Whether a row is selected, by its id as it is printed (`T8`). An id of another form never is, unless every row is.
    public func contains(id: String) -> Bool {
        if spans.isEmpty { return true }
        var reader = Reader(id)
        guard let section = Self.section(&reader), let number = reader.number(), reader.isAtEnd,
            let number = UInt32(exactly: number)
        else { return false }
        return contains(section: section, number: number)
    }

    /// Reads a comma-separated list.
    ///
    /// - Throws: `notRows`, `emptyRows`.
    static func parse(_ text: String) throws(ValueError) -> RowSelection {
        var reader = Reader(text)
        var spans: [Span] = []
        repeat { spans.append(try span(&reader)) } while reader.take(UInt8(ascii: ","))
        guard reader.isAtEnd else { throw .notRows }
        return RowSelection(spans: spans)
    }

    private static func span(_ reader: inout Reader) throws(ValueError) -> Span {
        guard let section = section(&reader) else { throw .notRows }
        guard reader.digit() != nil else { return Span(section: section, numbers: 0...UInt32.max) }
        let first = try number(&reader)
        guard reader.take(UInt8(ascii: "-")) else { return Span(section: section, numbers: first...first) }
        // The letter may be repeated (T1-T9) or not (T1-9), but a range does not cross sections.
        if reader.digit() == nil, Self.section(&reader) != section { throw .notRows }
        let last = try number(&reader)
        guard first <= last else { throw .emptyRows }
        return Span(section: section, numbers: first...last)
    }

    private static func number(_ reader: inout Reader) throws(ValueError) -> UInt32 {
        guard let number = reader.number(), let result = UInt32(exactly: number) else { throw .notRows }
        return result
    }

    /// Reads a letter of either case.
    private static func section(_ reader: inout Reader) -> UInt8? {
        let letter = reader.next & 0xDF
        guard letter >= 0x41 && letter <= 0x5A && reader.next >= 0x41 else { return nil }
        reader.advance()
        return letter
    }
}
