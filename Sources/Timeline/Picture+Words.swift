// What the picture says in words: title, sums, legend.

extension Picture {
    var title: String { "Count against host time" }

    /// The sums, in one line.
    var summary: String {
        let totals = story.totals
        var text = name + ": " + spanText(nanoseconds(story.duration)) + (story.isVirtual ? " of a virtual clock" : "")
        if totals.freezes == 0 { return text + ", never frozen" }
        text += totals.freezes == 1 ? ", 1 freeze: " : ", \(totals.freezes) freezes: "
        text += "stood " + spanText(totals.gap) + ", hidden " + spanText(totals.hidden)
        text += ", caught up " + spanText(totals.caughtUp)
        if !story.hits.isEmpty { text += "; \(story.hits.count) Compare hits" }
        return text
    }

    private func nanoseconds(_ value: Double) -> Int64 { Int64(max(-9e18, min(9e18, value)) + 0.5) }

    mutating func drawHead() {
        drawing.text(Self.left, 300, "class=\"big\"", title)
        drawing.text(Self.left, 490, "class=\"sub soft\"", shortened(summary, to: 150))
        var x = Self.left
        let y = 700
        for entry in Legend.allCases where shows(entry) {
            switch entry {
            case .count: drawing.line(x, y - 40, x + 200, y - 40, "class=\"count\"")
            case .never: drawing.line(x, y - 40, x + 200, y - 40, "class=\"never\"")
            case .frozen: drawing.rectangle(x, y - 90, 200, 110, "class=\"window\"")
            case .step: drawing.line(x + 100, y - 100, x + 100, y + 30, "class=\"step\"")
            case .hit: drawing.circle(x + 100, y - 40, 20, "class=\"hit\"")
            case .pending: drawing.rectangle(x, y - 70, 200, 70, "class=\"ti\"")
            case .cut:
                drawing.line(x, y - 40, x + 200, y - 40, "class=\"axis\"")
                drawing.cutMark(x + 100, y - 40, isVertical: false)
            }
            drawing.text(x + 270, y, "class=\"soft\"", entry.text)
            x += 270 + length(entry.text) * 58 + 260
        }
    }

    private enum Legend: CaseIterable {
        case count, never, frozen, step, hit, pending, cut

        var text: String {
            switch self {
            case .count: "Count"
            case .never: "never frozen"
            case .frozen: "frozen"
            case .step: "shown at once, by the policy"
            case .hit: "Compare reached"
            case .pending: "TI pending"
            case .cut: "cut short"
            }
        }
    }

    private func shows(_ entry: Legend) -> Bool {
        switch entry {
        case .count: return true
        case .never: return hasReference
        case .frozen:
            for window in story.windows where window.to > window.from { return true }
            return false
        case .step:
            for window in story.windows where window.after != window.before { return true }
            return false
        case .hit: return !story.hits.isEmpty
        case .pending: return !story.pending.isEmpty
        case .cut:
            for piece in horizontal.pieces + vertical.pieces where piece.isCut { return true }
            return false
        }
    }
}

extension Drawing {
    /// Two slanted strokes across a line that has been cut short.
    mutating func cutMark(_ x: Int, _ y: Int, isVertical: Bool) {
        let (dx, dy) = isVertical ? (60, 25) : (25, 60)
        // The paper shows between the strokes.
        line(x - dx, y + dy, x + dx, y - dy, "class=\"cut\"")
        for shift in [-25, 25] {
            let (sx, sy) = isVertical ? (0, shift) : (shift, 0)
            line(x - dx + sx, y + dy + sy, x + dx + sx, y - dy + sy, "class=\"axis\"")
        }
    }
}
