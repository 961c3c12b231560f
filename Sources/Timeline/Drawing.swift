// SVG text from left to right.

/// A document that is being written. Coordinates are tenths of a pixel.
///
/// Its functions are called a hundred times from few places: copies of them there would be most of the module's code.
struct Drawing {
    private(set) var bytes: [UInt8] = []

    @inline(never)
    mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Text of a user or a file. What XML cannot hold becomes a space.
    @inline(never)
    mutating func escaped(_ text: String) {
        for byte in text.utf8 {
            // U+FFFE and U+FFFF, of whose three bytes two are written by now.
            if byte == 0xBE || byte == 0xBF, bytes.suffix(2).elementsEqual([0xEF, 0xBF]) {
                bytes.removeLast(2)
                bytes.append(0x20)
                continue
            }
            switch byte {
            case UInt8(ascii: "&"): raw("&amp;")
            case UInt8(ascii: "<"): raw("&lt;")
            case UInt8(ascii: ">"): raw("&gt;")
            case UInt8(ascii: "\""): raw("&quot;")
            case 0..<0x20, 0x7F: bytes.append(0x20)
            default: bytes.append(byte)
            }
        }
    }

    /// A coordinate in pixels.
    @inline(never)
    mutating func number(_ tenths: Int) {
        if tenths < 0 { bytes.append(0x2D) }
        let magnitude = UInt64(tenths.magnitude)
        decimal(magnitude / 10, to: &bytes)
        guard magnitude % 10 != 0 else { return }
        bytes.append(UInt8(ascii: "."))
        bytes.append(UInt8(truncatingIfNeeded: magnitude % 10) + 0x30)
    }

    @inline(never)
    private mutating func attribute(_ name: String, _ tenths: Int) {
        raw(" " + name + "=\"")
        number(tenths)
        raw("\"")
    }

    /// Text at a place. `style` is the rest of the attributes.
    @inline(never)
    mutating func text(_ x: Int, _ y: Int, _ style: String, _ text: String) {
        raw("<text")
        attribute("x", x)
        attribute("y", y)
        raw(" " + style + ">")
        escaped(text)
        raw("</text>\n")
    }

    /// A rectangle; with a title it is not closed: `hint` does.
    @inline(never)
    mutating func rectangle(_ x: Int, _ y: Int, _ width: Int, _ height: Int, _ style: String, hint: String = "") {
        raw("<rect")
        attribute("x", x)
        attribute("y", y)
        attribute("width", width)
        attribute("height", height)
        raw(" " + style)
        guard !hint.utf8.isEmpty else { return raw("/>\n") }
        raw("><title>")
        escaped(hint)
        raw("</title></rect>\n")
    }

    @inline(never)
    mutating func circle(_ x: Int, _ y: Int, _ radius: Int, _ style: String) {
        raw("<circle")
        attribute("cx", x)
        attribute("cy", y)
        attribute("r", radius)
        raw(" " + style + "/>\n")
    }

    // MARK: Paths

    mutating func beginPath(_ style: String) { raw("<path " + style + " d=\"") }

    mutating func move(_ x: Int, _ y: Int) { point("M", x, y) }

    mutating func line(_ x: Int, _ y: Int) { point("L", x, y) }

    @inline(never)
    private mutating func point(_ command: String, _ x: Int, _ y: Int) {
        raw(command)
        number(x)
        raw(" ")
        number(y)
    }

    mutating func endPath() { raw("\"/>\n") }

    /// A straight line.
    @inline(never)
    mutating func line(_ x1: Int, _ y1: Int, _ x2: Int, _ y2: Int, _ style: String) {
        beginPath(style)
        move(x1, y1)
        line(x2, y2)
        endPath()
    }
}
