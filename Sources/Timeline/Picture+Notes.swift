// Notes in the plot. The line of Count goes from the lower left to the upper right, so notes of the right half stand at the bottom and those
// of the left half at the top.

extension Picture {
    private static var mostNotes: Int { 12 }
    private static var noteRows: Int { 5 }

    /// Notes, and restores whose window is too narrow to be seen: on a virtual clock no time passes. Those that find no place are
    /// left out.
    mutating func drawNotes() {
        var notes = story.notes.prefix(Self.mostNotes).map { ($0.at, $0.text) }
        for window in story.windows where !Labels.canBeSeen(window, horizontal) {
            guard notes.count < Self.mostNotes else { break }
            if let thaw = window.thaw, !thaw.cause.utf8.elementsEqual("pause".utf8) {
                notes.append((window.from, thaw.cause + ", " + policyText(thaw.policy)))
            }
        }
        // What is taken of each row: from the left end of the plot upward, and from the right end downward.
        var taken: [(row: Int, from: Int, to: Int)] = []
        for (at, text) in notes {
            let text = shortened(text, to: 48)
            let x = horizontal.position(at)
            let isRight = x > (Self.left + Self.right) / 2
            let width = length(text) * 60 + 80
            let (from, to) = isRight ? (x - width, x) : (x, x + width)
            for row in 0..<Self.noteRows {
                // Rows at the top have numbers of their own.
                let name = isRight ? row : row + Self.noteRows
                var isFree = true
                for other in taken where other.row == name && from < other.to && other.from < to { isFree = false }
                guard isFree else { continue }
                taken.append((name, from, to))
                let y = isRight ? bottom - 100 - row * 150 : top + 160 + row * 150
                drawing.line(x, isRight ? y - 90 : y + 30, x, isRight ? bottom : top, "class=\"lead\"")
                drawing.text(isRight ? x - 50 : x + 50, y, isRight ? "class=\"end soft\"" : "class=\"soft\"", text)
                break
            }
        }
    }
}
