// What is drawn over host time. Marks that would lie on one another are drawn as one.

extension Picture {
    /// Windows as bands. Those less than a pixel apart share a band.
    mutating func drawWindows() {
        var band: (from: Int, to: Int, hint: String)?
        for window in story.windows {
            let from = horizontal.position(window.from)
            // A window that is too short to be seen is a line.
            let to = max(from + 8, horizontal.position(window.to))
            if let open = band, from < open.to + 10 {
                band = (open.from, max(open.to, to), "several freezes")
                continue
            }
            if let band { draw(band) }
            band = (from, to, hint(window))
        }
        if let band { draw(band) }
    }

    private mutating func draw(_ band: (from: Int, to: Int, hint: String)) {
        drawing.rectangle(band.from, top, band.to - band.from, floor - top, "class=\"window\"", hint: band.hint)
    }

    /// What a browser shows of a window that is pointed at.
    private func hint(_ window: StoryWindow) -> String {
        guard let thaw = window.thaw else { return "still frozen" }
        return shortened(thaw.cause, to: 16) + ", " + policyText(thaw.policy) + ": stood " + spanText(thaw.gap)
            + ", hidden " + spanText(thaw.hidden) + ", caught up " + spanText(thaw.caughtUp)
    }

    /// The steps of policies: of several in one column of a pixel the whole they span.
    mutating func drawSteps() {
        var step: (x: Int, low: Int, high: Int)?
        for (index, window) in story.windows.enumerated() where window.after != window.before {
            let x = horizontal.position(window.to)
            let (before, after) = (vertical.position(window.before), vertical.position(window.after))
            if let open = step, x - open.x < 10 {
                step = (open.x, min(open.low, before, after), max(open.high, before, after))
            } else {
                if let step { drawing.line(step.x, step.high, step.x, step.low, "class=\"step\"") }
                step = (x, min(before, after), max(before, after))
            }
            drawGain(window, index, x, before, after)
        }
        if let step { drawing.line(step.x, step.high, step.x, step.low, "class=\"step\"") }
    }

    /// How much a step is, where there is room for it.
    private mutating func drawGain(_ window: StoryWindow, _ index: Int, _ x: Int, _ before: Int, _ after: Int) {
        guard let thaw = window.thaw, before - after >= 180 else { return }
        let text = "+" + spanText(thaw.caughtUp)
        var end = Self.right
        if index + 1 < story.windows.count { end = horizontal.position(story.windows[index + 1].from) }
        guard x + 60 + length(text) * 62 <= end else { return }
        drawing.text(x + 60, (before + after) / 2 + 60, "class=\"gain\"", text)
    }

    mutating func drawLine() {
        drawing.beginPath("class=\"count\"")
        var polyline = Polyline(drawing)
        for point in story.line {
            if point.isStart { polyline.interrupt() }
            polyline.add(horizontal.position(point.host), vertical.position(point.guest))
        }
        drawing = polyline.finished()
        drawing.endPath()
    }

    /// Compare hits, half a dozen pixels apart.
    mutating func drawHits() {
        var last = (x: -1000, y: -1000)
        var drawn = 0
        for hit in story.hits where drawn < 2000 {
            let (x, y) = (horizontal.position(hit.host), vertical.position(hit.guest))
            guard max(abs(x - last.x), abs(y - last.y)) >= 55 else { continue }
            drawing.circle(x, y, 18, "class=\"hit\"")
            last = (x, y)
            drawn += 1
        }
    }

    /// The strip of TI.
    mutating func drawPending() {
        guard !story.pending.isEmpty else { return }
        drawing.text(Self.left - 80, bottom + 145, "class=\"end soft\"", "TI")
        var strip: (from: Int, to: Int)?
        for pending in story.pending {
            let from = horizontal.position(pending.from)
            let to = max(from + 25, horizontal.position(pending.to))
            if let open = strip, from < open.to + 10 {
                strip = (open.from, max(open.to, to))
                continue
            }
            if let strip { drawing.rectangle(strip.from, bottom + 75, strip.to - strip.from, 70, "class=\"ti\"") }
            strip = (from, to)
        }
        if let strip { drawing.rectangle(strip.from, bottom + 75, strip.to - strip.from, 70, "class=\"ti\"") }
    }

    /// Whether a clock that never stood can be shown: on axes without cuts it is a straight line.
    var hasReference: Bool {
        horizontal.pieces.count == 1 && vertical.pieces.count == 1 && story.totals.gap > 0
    }

    /// A clock that never stood. What lies between it and Count was hidden.
    mutating func drawReference() {
        guard hasReference else { return }
        let end = min(story.duration, story.highest)
        drawing.line(
            Self.left, vertical.position(0), horizontal.position(end), vertical.position(end), "class=\"never\"")
    }

    // MARK: Axes

    mutating func drawGrid() {
        for tick in vertical.ticks(spacing: 300) {
            drawing.line(Self.left, tick.position, Self.right, tick.position, "class=\"grid\"")
        }
    }

    mutating func drawAxes() {
        for tick in vertical.ticks(spacing: 300) {
            drawing.text(Self.left - 80, tick.position + 40, "class=\"end soft\"", vertical.text(tick.value))
            drawing.text(Self.right + 80, tick.position + 40, "class=\"soft\"", countText(tick.value))
        }
        drawing.line(Self.left, top, Self.left, floor, "class=\"axis\"")
        drawing.line(Self.left, floor, Self.right, floor, "class=\"axis\"")
        for tick in horizontal.ticks(spacing: 500) {
            drawing.line(tick.position, floor, tick.position, floor + 40, "class=\"axis\"")
            drawing.text(tick.position, floor + 170, "class=\"mid soft\"", horizontal.text(tick.value))
        }
        for piece in horizontal.pieces where piece.isCut && piece.end - piece.start >= 120 {
            drawing.cutMark(Int((piece.start + piece.end) / 2), floor, isVertical: false)
        }
        for piece in vertical.pieces where piece.isCut && piece.start - piece.end >= 120 {
            drawing.cutMark(Self.left, Int((piece.start + piece.end) / 2), isVertical: true)
        }
        let middle = (Self.left + Self.right) / 2
        drawing.text(middle, floor + 350, "class=\"mid\"", "host time, " + horizontal.unit.name)
        drawing.turnedText(190, (top + bottom) / 2, "guest time, " + vertical.unit.name)
        drawing.turnedText(Self.width - 160, (top + bottom) / 2, "Count, from the first")
    }

    /// How far Count has gone: `+150 M`.
    private func countText(_ guest: Double) -> String {
        let ticks = max(-9e18, min(9e18, guest * story.hz / 1e9))
        let magnitude = abs(ticks)
        var (unit, name) = (1.0, "")
        if magnitude >= 1e9 {
            (unit, name) = (1e9, " G")
        } else if magnitude >= 1e6 {
            (unit, name) = (1e6, " M")
        } else if magnitude >= 1e3 {
            (unit, name) = (1e3, " k")
        }
        let scaled = magnitude * 100 / unit
        var (number, decimals) = (Int64(scaled + 0.5), 2)
        while decimals > 0, number % 10 == 0 {
            number /= 10
            decimals -= 1
        }
        return (ticks < 0 ? "\u{2212}" : number == 0 ? "" : "+") + fixedText(number, decimals: decimals) + name
    }
}

extension Drawing {
    /// Text that reads upward, around a place.
    mutating func turnedText(_ x: Int, _ y: Int, _ content: String) {
        raw("<g transform=\"translate(")
        number(x)
        raw(" ")
        number(y)
        raw(") rotate(-90)\">")
        text(0, 0, "class=\"mid\"", content)
        raw("</g>\n")
    }
}
