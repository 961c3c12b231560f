// Text as bytes. Comparing or counting strings by characters needs Unicode tables that Embedded Swift does not carry,
// so everything here works on UTF-8.

extension String {
    /// Whether both have the same bytes.
    func same(as other: String) -> Bool {
        utf8.elementsEqual(other.utf8)
    }

    /// Whether the text begins with these bytes.
    func begins(with prefix: String) -> Bool {
        utf8.starts(with: prefix.utf8)
    }

    /// The text after its first `count` bytes. The caller knows that a character ends there.
    func dropping(_ count: Int) -> String {
        let bytes = Array(utf8)
        return String(decoding: bytes[min(count, bytes.count)...], as: UTF8.self)
    }

    /// How many columns the text takes on a terminal, counting every Unicode scalar as one.
    var columns: Int {
        var count = 0
        for byte in utf8 where byte & 0xC0 != 0x80 { count += 1 }
        return count
    }

    /// The text with spaces after it, at least `width` columns wide.
    func padded(to width: Int) -> String {
        let missing = width - columns
        return missing > 0 ? self + String(repeating: " ", count: missing) : self
    }

    /// The text with every occurrence of a byte replaced by another text.
    func replacing(_ byte: UInt8, with replacement: String) -> String {
        var result: [UInt8] = []
        for each in utf8 {
            if each == byte {
                result.append(contentsOf: replacement.utf8)
            } else {
                result.append(each)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The text without lower case letters of ASCII.
    var inCapitals: String {
        var result: [UInt8] = []
        for each in utf8 { result.append(each >= 0x61 && each <= 0x7A ? each - 0x20 : each) }
        return String(decoding: result, as: UTF8.self)
    }
}

/// Words joined with a separator, and another one before the last: "a, b or c".
func list(_ words: [String], separator: String = ", ", last: String = " or ") -> String {
    var result = ""
    for index in words.indices {
        if index > 0 { result += index == words.count - 1 ? last : separator }
        result += words[index]
    }
    return result
}

/// What the user typed, fit for one line of an error: in single quotes, control characters as `\x1b`, cut after 60 bytes.
func quoted(_ text: String) -> String {
    let digits: [UInt8] = Array("0123456789abcdef".utf8)
    var result: [UInt8] = [0x27]
    var taken = 0
    for byte in text.utf8 {
        // Cut only where a character begins, so that the line stays valid UTF-8.
        if taken >= 60 && byte & 0xC0 != 0x80 {
            result.append(contentsOf: "...".utf8)
            break
        }
        taken += 1
        if byte < 0x20 || byte == 0x7F {
            result.append(contentsOf: [0x5C, 0x78, digits[Int(byte >> 4)], digits[Int(byte & 15)]])
        } else {
            result.append(byte)
        }
    }
    result.append(0x27)
    return String(decoding: result, as: UTF8.self)
}

/// Lines of at most `width` columns, broken at spaces. A word longer than that gets a line of its own.
func wrapped(_ text: String, to width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for part in Array(text.utf8).split(separator: 0x20) {
        let word = String(decoding: part, as: UTF8.self)
        if !line.utf8.isEmpty && line.columns + 1 + word.columns > width {
            lines.append(line)
            line = word
        } else {
            line += line.utf8.isEmpty ? word : " " + word
        }
    }
    if !line.utf8.isEmpty { lines.append(line) }
    return lines
}

/// A position in a text that is being read from left to right.
struct Reader {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    var isAtEnd: Bool { position == bytes.count }

    /// The next byte, or 0 at the end (a C string given as an argument has no 0 inside).
    var next: UInt8 { isAtEnd ? 0 : bytes[position] }

    mutating func advance() {
        position += 1
    }

    /// Reads one byte if it is this one.
    mutating func take(_ byte: UInt8) -> Bool {
        guard !isAtEnd, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    /// Reads a whole word if it comes next.
    mutating func take(_ word: String) -> Bool {
        guard bytes[position...].starts(with: word.utf8) else { return false }
        position += word.utf8.count
        return true
    }

    /// Reads a decimal number of any length, leading zeros allowed; `nil` without a digit or beyond 64 bits.
    mutating func number() -> UInt64? {
        let start = position
        var value: UInt64 = 0
        while let digit = digit() {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            if overflow || carry { return nil }
            value = sum
            position += 1
        }
        return position > start ? value : nil
    }

    /// Reads exactly so many decimal digits (at most 9), or `nil`.
    mutating func number(digits: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value * 10 + Int64(digit)
            position += 1
        }
        return value
    }

    /// The decimal digit at the position, which does not move.
    func digit() -> UInt8? {
        let byte = next
        return byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : nil
    }
}
