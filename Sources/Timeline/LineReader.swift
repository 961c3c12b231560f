// Lines of words.

/// A position in a text of lines. Words are separated by single spaces.
struct LineReader {
    private let bytes: [UInt8]
    /// The current line: from the next word to its end.
    private var rest = 0..<0
    private var nextLine = 0
    private(set) var number = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    func error(_ reason: TraceError.Reason) -> TraceError { TraceError(max(1, number), reason) }

    /// Goes to the next line; false at the end of the file.
    mutating func next() throws(TraceError) -> Bool {
        guard nextLine < bytes.count else { return false }
        number += 1
        var end = nextLine
        while end < bytes.count, bytes[end] != 0x0A {
            guard end - nextLine < Trace.longestLine else { throw error(.lineTooLong) }
            end += 1
        }
        guard end < bytes.count else { throw error(.cutShort) }
        rest = nextLine..<end
        nextLine = end + 1
        return true
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// The next word, empty at the end of the line and between two spaces.
    @inline(never)
    mutating func word() -> Range<Int> {
        var end = rest.lowerBound
        while end < rest.upperBound, bytes[end] != 0x20 { end += 1 }
        let word = rest.lowerBound..<end
        // A space at the end of the line is a word too many, which then is empty.
        rest = min(end + 1, rest.upperBound)..<rest.upperBound
        return word
    }

    /// All that is left of the line.
    mutating func remainder() -> String {
        defer { rest = rest.upperBound..<rest.upperBound }
        return text(rest)
    }

    @inline(never)
    func matches(_ word: Range<Int>, _ text: String) -> Bool { bytes[word].elementsEqual(text.utf8) }

    /// Takes the next word if it is this one.
    mutating func take(_ text: String) -> Bool { matches(word(), text) }

    /// The next word without what it has to begin with.
    mutating func word(after prefix: String) -> Range<Int>? {
        let word = word()
        guard bytes[word].starts(with: prefix.utf8) else { return nil }
        return word.lowerBound + prefix.utf8.count..<word.upperBound
    }

    func text(_ word: Range<Int>) -> String { String(decoding: bytes[word], as: UTF8.self) }

    /// Decimal digits, nothing else.
    @inline(never)
    func number(_ word: Range<Int>) -> UInt64? {
        var value: UInt64 = 0
        guard !word.isEmpty else { return nil }
        for byte in bytes[word] {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(byte - 0x30))
            if tooLarge || carry { return nil }
            value = sum
        }
        return value
    }

    mutating func instant() throws(TraceError) -> UInt64 {
        guard let at = number(word()), at < TimelineEvent.latest else { throw error(.number(.at)) }
        return at
    }

    mutating func register(_ field: TraceError.Field) throws(TraceError) -> UInt32 {
        guard let value = number(word()), value <= UInt64(UInt32.max) else { throw error(.number(field)) }
        return UInt32(truncatingIfNeeded: value)
    }

    /// Nanoseconds, with a minus if negative.
    mutating func span(_ field: TraceError.Field) throws(TraceError) -> Int64 {
        let word = word()
        let isNegative = !word.isEmpty && bytes[word.lowerBound] == 0x2D
        guard let value = number(word.lowerBound + (isNegative ? 1 : 0)..<word.upperBound),
            value <= TimelineEvent.latest
        else {
            throw error(.number(field))
        }
        let magnitude = Int64(bitPattern: value)
        return isNegative ? -magnitude : magnitude
    }

    mutating func flags() throws(TraceError) -> TimerFlags {
        let word = word()
        if matches(word, "-") { return [] }
        var flags: TimerFlags = []
        for byte in bytes[word] {
            switch byte {
            case UInt8(ascii: "t"): flags.insert(.pending)
            case UInt8(ascii: "f"): flags.insert(.frozen)
            case UInt8(ascii: "d"): flags.insert(.disabled)
            default: throw error(.flags)
            }
        }
        guard !word.isEmpty else { throw error(.fields) }
        return flags
    }
}
