// The picture: where everything goes.
//
//   title, what it comes to, legend
//   labels of windows, in as many rows as they need
//   the plot: guest time on the left, Count on the right; notes in its empty corners
//   a strip of TI
//   host time
//
// Colours are those of Okabe and Ito, which people with any kind of colour vision can tell apart; nothing is said by colour alone.

/// A trace as a picture.
public struct Picture {
    let story: Story
    let name: String
    let horizontal: Axis
    let vertical: Axis
    let labels: Labels
    var drawing = Drawing()

    // Tenths of a pixel.
    static var width: Int { 9600 }
    static var left: Int { 640 }
    static var right: Int { 8780 }
    static var plotHeight: Int { 3000 }
    static var firstRow: Int { 880 }
    /// The plot's upper edge.
    var top: Int { Self.firstRow + labels.rows * Labels.rowHeight + 60 }
    /// The plot's lower edge.
    var bottom: Int { top + Self.plotHeight }
    /// The lower edge of what is drawn over host time.
    var floor: Int { story.pending.isEmpty ? bottom : bottom + 190 }
    var height: Int { floor + 500 }

    /// Works out where everything goes.
    ///
    /// - Parameter name: what the trace is called in the picture.
    public init(_ trace: Trace, name: String) throws(NothingToDraw) {
        let story = try Story(trace)
        self.story = story
        self.name = name
        var gaps: [(from: Double, to: Double)] = []
        var steps: [(from: Double, to: Double)] = []
        for window in story.windows {
            if window.thaw != nil { gaps.append((window.from, window.to)) }
            if window.after > window.before { steps.append((window.before, window.after)) }
        }
        let horizontal = Axis(
            from: 0, to: story.duration, start: Double(Self.left), end: Double(Self.right), gaps: gaps, spacing: 700)
        self.horizontal = horizontal
        // The rows of labels push the plot down, and their number follows from the horizontal axis alone.
        let labels = Labels(story, horizontal)
        self.labels = labels
        let top = Self.firstRow + labels.rows * Labels.rowHeight + 60
        vertical = Axis(
            from: story.lowest, to: story.highest, start: Double(top + Self.plotHeight - 60), end: Double(top + 120),
            gaps: steps, spacing: 440)
    }

    /// The SVG document.
    public var svg: [UInt8] {
        var copy = self
        copy.draw()
        return copy.drawing.bytes
    }

    private mutating func draw() {
        begin()
        drawHead()
        drawWindows()
        drawGrid()
        drawReference()
        labels.draw(&drawing, top: top)
        drawNotes()
        drawSteps()
        drawLine()
        drawHits()
        drawPending()
        drawAxes()
        drawing.raw("</svg>\n")
    }

    private mutating func begin() {
        drawing.raw("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ")
        drawing.number(Self.width)
        drawing.raw(" ")
        drawing.number(height)
        drawing.raw("\" width=\"")
        drawing.number(Self.width)
        drawing.raw("\" height=\"")
        drawing.number(height)
        drawing.raw("\" role=\"img\" aria-labelledby=\"t d\">\n<title id=\"t\">")
        drawing.escaped(title)
        drawing.raw("</title>\n<desc id=\"d\">")
        drawing.escaped(summary)
        drawing.raw("</desc>\n")
        drawing.raw(Self.style)
        drawing.rectangle(5, 5, Self.width - 10, height - 10, "rx=\"8\" class=\"paper\"")
    }

    /// Light, and dark for who prefers that.
    private static let style = """
        <style>
        text{font:11px system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,"DejaVu Sans",sans-serif;\
        font-variant-numeric:tabular-nums;fill:#1f2328}
        .big{font-size:16px;font-weight:600}.sub{font-size:12px}.soft{fill:#59636e}.name{font-weight:600}
        .mid{text-anchor:middle}.end{text-anchor:end}
        .paper{fill:#fff;stroke:#d0d7de}.grid{stroke:#eaedf0}.axis{stroke:#8c959f}
        .window{fill:#8c959f;fill-opacity:.17}.lead{stroke:#8c959f;stroke-opacity:.7}
        path{fill:none}.count{stroke:#0072b2;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
        .step{stroke:#d55e00;stroke-width:1.6;stroke-dasharray:4 3}.gain{fill:#b34e00}
        .hit{fill:#fff;stroke:#1f2328}.ti{fill:#e69f00}.never{stroke:#8c959f;stroke-width:1.3;stroke-dasharray:1 4;stroke-linecap:round}.cut{stroke:#fff;stroke-width:5}
        @media (prefers-color-scheme:dark){
        text{fill:#e6edf3}.soft{fill:#9198a1}.paper{fill:#0d1117;stroke:#30363d}.grid{stroke:#21262d}
        .axis,.lead,.never{stroke:#656c76}.window{fill:#9198a1;fill-opacity:.2}.count{stroke:#56b4e9}
        .step{stroke:#f0883e}.gain{fill:#f0883e}.hit{fill:#0d1117;stroke:#e6edf3}.cut{stroke:#0d1117}
        }
        </style>

        """
}
