// A trace as text.

extension Trace {
    /// The whole file.
    public var bytes: [UInt8] {
        var bytes = Self.headLine(hz: hz, isVirtual: isVirtual)
        for event in events { event.write(to: &bytes) }
        return bytes
    }

    /// The first line of a file.
    static func headLine(hz: UInt32, isVirtual: Bool) -> [UInt8] {
        var bytes = Array((head + "1 hz=").utf8)
        decimal(UInt64(hz), to: &bytes)
        bytes.append(contentsOf: (isVirtual ? " clock=virtual\n" : " clock=host\n").utf8)
        return bytes
    }
}

extension TimelineEvent {
    /// Appends the event's line, which is never longer than a line may be.
    func write(to bytes: inout [UInt8]) {
        let name: String
        switch kind {
        case .sample: name = "sample"
        case .freeze: name = "freeze"
        case .thaw: name = "thaw"
        case .interrupt: name = "interrupt"
        case .note(let text):
            bytes.append(contentsOf: "note ".utf8)
            decimal(at, to: &bytes)
            bytes.append(0x20)
            Self.write(text, upTo: 400, isWord: false, to: &bytes)
            bytes.append(0x0A)
            return
        }
        bytes.append(contentsOf: name.utf8)
        bytes.append(0x20)
        decimal(at, to: &bytes)
        bytes.append(0x20)
        decimal(UInt64(timer.count), to: &bytes)
        bytes.append(0x20)
        decimal(UInt64(timer.compare), to: &bytes)
        bytes.append(0x20)
        if timer.flags.isEmpty { bytes.append(UInt8(ascii: "-")) }
        if timer.flags.contains(.pending) { bytes.append(UInt8(ascii: "t")) }
        if timer.flags.contains(.frozen) { bytes.append(UInt8(ascii: "f")) }
        if timer.flags.contains(.disabled) { bytes.append(UInt8(ascii: "d")) }
        if case .thaw(let thaw) = kind {
            bytes.append(0x20)
            Self.write(thaw.cause, upTo: 32, isWord: true, to: &bytes)
            bytes.append(0x20)
            Self.write(thaw.policy, upTo: 64, isWord: true, to: &bytes)
            for span in [thaw.gap, thaw.hidden] {
                bytes.append(0x20)
                if span < 0 { bytes.append(0x2D) }
                decimal(min(span.magnitude, TimelineEvent.latest), to: &bytes)
            }
        }
        bytes.append(0x0A)
    }

    /// Text of a line: control characters become spaces, and in a word spaces become underscores. Cut where a character begins.
    private static func write(_ text: String, upTo limit: Int, isWord: Bool, to bytes: inout [UInt8]) {
        var count = 0
        for byte in text.utf8 {
            if count >= limit, byte & 0xC0 != 0x80 { break }
            count += 1
            if byte <= 0x20 || byte == 0x7F {
                bytes.append(isWord ? UInt8(ascii: "_") : 0x20)
            } else {
                bytes.append(byte)
            }
        }
        if isWord, count == 0 { bytes.append(UInt8(ascii: "_")) }
    }
}

/// Appends decimal digits.
@inline(never)
func decimal(_ value: UInt64, to bytes: inout [UInt8]) {
    let start = bytes.count
    var rest = value
    repeat {
        bytes.append(UInt8(truncatingIfNeeded: rest % 10) + 0x30)
        rest /= 10
    } while rest > 0
    var (low, high) = (start, bytes.count - 1)
    while low < high {
        bytes.swapAt(low, high)
        low += 1
        high -= 1
    }
}
