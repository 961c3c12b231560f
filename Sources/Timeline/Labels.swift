// Words above the plot: the policy and length of each window. They never overlap; what finds no place is left out, the least
// important first.

/// A label of two lines over a place of the plot.
struct Label {
    /// Tenths of a pixel: what it belongs to, and the middle of its text.
    var place: Int
    var middle: Int
    var row: Int
    var name: String
    var text: String
}

struct Labels {
    private(set) var placed: [Label] = []
    /// Rows in use.
    private(set) var rows = 0
    /// What is taken in each row.
    private var taken: [[(from: Int, to: Int)]] = Array(repeating: [], count: mostRows)

    static var rowHeight: Int { 310 }
    private static var mostRows: Int { 4 }
    private static var most: Int { 24 }

    /// Finds a place for the labels of the largest windows.
    init(_ story: Story, _ axis: Axis) {
        for label in Self.largest(story, axis) { place(label) }
    }

    /// Whether a window can be seen: it is a pixel wide, or has a step.
    static func canBeSeen(_ window: StoryWindow, _ axis: Axis) -> Bool {
        window.after != window.before || axis.position(window.to) - axis.position(window.from) >= 10
    }

    /// Windows in the order of their size in the picture, the largest first.
    private static func largest(_ story: Story, _ axis: Axis) -> [Label] {
        var labels: [Label] = []
        var used: [Int] = []
        while labels.count < most {
            var best: (index: Int, size: Double)?
            for (index, window) in story.windows.enumerated() {
                let size = max(window.to - window.from, abs(window.after - window.before))
                if size <= best?.size ?? 0 || used.contains(index) || !canBeSeen(window, axis) { continue }
                best = (index, size)
            }
            guard let best else { return labels }
            used.append(best.index)
            let window = story.windows[best.index]
            let place = (axis.position(window.from) + axis.position(window.to)) / 2
            labels.append(Label(place: place, middle: 0, row: 0, name: name(window), text: text(window)))
        }
        return labels
    }

    private static func name(_ window: StoryWindow) -> String {
        guard let thaw = window.thaw else { return "frozen" }
        return policyText(thaw.policy)
    }

    private static func text(_ window: StoryWindow) -> String {
        guard let thaw = window.thaw else { return spanText(Int64(min(9e18, window.to - window.from))) }
        return shortened(thaw.cause, to: 16) + ", " + (thaw.gap == 0 ? "no gap" : spanText(thaw.gap))
    }

    /// Puts a label into the lowest row that has room for it, and for its line down to the plot in the rows below.
    private mutating func place(_ label: Label) {
        let half = max(length(label.name) * 64, length(label.text) * 60) / 2 + 40
        var label = label
        label.middle = max(Picture.left + half - 40, min(Picture.right - half + 40, label.place))
        for row in 0..<Self.mostRows {
            var isFree = isFree(row, label.middle - half, label.middle + half)
            for below in 0..<row where !self.isFree(below, label.place - 30, label.place + 30) { isFree = false }
            guard isFree else { continue }
            taken[row].append((label.middle - half, label.middle + half))
            for below in 0..<row { taken[below].append((label.place - 30, label.place + 30)) }
            label.row = row
            rows = max(rows, row + 1)
            placed.append(label)
            return
        }
    }

    private func isFree(_ row: Int, _ from: Int, _ to: Int) -> Bool {
        for other in taken[row] where from < other.to && other.from < to { return false }
        return true
    }

    /// - Parameter top: the plot's upper edge.
    func draw(_ drawing: inout Drawing, top: Int) {
        for label in placed {
            let base = top - 60 - label.row * Self.rowHeight
            drawing.line(label.place, base - 20, label.place, top, "class=\"lead\"")
            drawing.text(label.middle, base - 180, "class=\"mid name\"", label.name)
            drawing.text(label.middle, base - 60, "class=\"mid soft\"", label.text)
        }
    }
}
