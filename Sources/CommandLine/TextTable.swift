// Tables for people: columns lined up with spaces.

/// A table that is being filled row by row.
public struct TextTable: Sendable {
    /// To which side of its column a text is pushed.
    public enum Alignment: Sendable {
        case left
        case right
    }

    /// A column: its heading and alignment. Numbers go to the right.
    public struct Column: Sendable {
        let heading: String
        let alignment: Alignment

        public init(_ heading: String, _ alignment: Alignment = .left) {
            self.heading = heading
            self.alignment = alignment
        }
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    public init(_ columns: [Column]) {
        self.columns = columns
    }

    /// Adds a row, one text a column.
    public mutating func row(_ texts: [String]) {
        precondition(texts.count == columns.count, "a row of another width than its table")
        rows.append(texts)
    }

    /// The table with its line ends: headings (unless all are empty), then rows; two spaces between columns, none at the
    /// ends of lines.
    public var text: String {
        var headings: [String] = []
        var hasHeading = false
        for column in columns {
            headings.append(column.heading)
            if !column.heading.utf8.isEmpty { hasHeading = true }
        }
        let lines = hasHeading ? [headings] + rows : rows
        var widths = [Int](repeating: 0, count: columns.count)
        for line in lines {
            for index in columns.indices { widths[index] = max(widths[index], line[index].columns) }
        }
        var text = ""
        for line in lines {
            // Spaces are written only once a text follows them.
            var pending = 0
            for index in columns.indices {
                let missing = widths[index] - line[index].columns
                if columns[index].alignment == .right { pending += missing }
                if !line[index].utf8.isEmpty {
                    text += String(repeating: " ", count: pending) + line[index]
                    pending = 0
                }
                if columns[index].alignment == .left { pending += missing }
                pending += 2
            }
            text += "\n"
        }
        return text
    }
}
