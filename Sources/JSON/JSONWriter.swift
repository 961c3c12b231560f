// Writing JSON (RFC 8259), from left to right.

/// A JSON document that is being written.
///
/// ```
/// var json = JSONWriter()
/// json.beginObject()
/// json.member("name", "ticker")
/// json.key("ticks")
/// json.beginArray()
/// json.value(1)
/// json.endArray()
/// json.endObject()
/// output(json.text)
/// ```
///
/// Integers are written as decimal numbers in full, also beyond 2^53, where some readers round. Times and counters of a
/// snapshot need all 64 bits, and a reader that cares has an integer type.
public struct JSONWriter: Sendable {
    private enum Level {
        case object
        case array
    }

    /// What has been written.
    public private(set) var bytes: [UInt8] = []
    private var levels: [Level] = []
    /// Whether something precedes in the object or array that is open.
    private var needsComma = false
    /// Whether a key waits for its value.
    private var hasKey = false
    private let isIndented: Bool

    /// - Parameter indented: one member or element a line, for people; otherwise no space at all.
    public init(indented: Bool = true) {
        isIndented = indented
    }

    /// The finished document with a line end. Everything that was begun must have been ended.
    public var text: String {
        String(decoding: line, as: UTF8.self)
    }

    /// The finished document with a line end, as bytes. Everything that was begun must have been ended.
    public var line: [UInt8] {
        precondition(levels.isEmpty && !bytes.isEmpty, "an unfinished JSON document")
        var line = bytes
        line.append(0x0A)
        return line
    }

    public mutating func beginObject() {
        begin(.object, UInt8(ascii: "{"))
    }

    public mutating func endObject() {
        end(.object, UInt8(ascii: "}"))
    }

    public mutating func beginArray() {
        begin(.array, UInt8(ascii: "["))
    }

    public mutating func endArray() {
        end(.array, UInt8(ascii: "]"))
    }

    // Documents are written member by member: what is called for each stays out of the caller, who would grow by it.

    /// The name of the member that is written next, inside an object.
    @inline(never)
    public mutating func key(_ name: StaticString) { key(text: name.description) }

    /// The same, for a name that is no literal.
    @inline(never)
    public mutating func key(text name: String) {
        precondition(levels.last == .object && !hasKey, "a JSON key outside an object")
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        if isIndented { bytes.append(UInt8(ascii: " ")) }
        hasKey = true
    }

    @inline(never)
    public mutating func value(_ text: String) {
        beginValue()
        quote(text)
    }

    /// - Parameter number: of at most 64 bits.
    public mutating func value(_ number: some FixedWidthInteger) {
        // One function for all of them: a number of 64 bits and its sign.
        write(UInt64(number.magnitude), isNegative: number < 0)
    }

    @inline(never)
    private mutating func write(_ magnitude: UInt64, isNegative: Bool) {
        beginValue()
        if isNegative { bytes.append(UInt8(ascii: "-")) }
        bytes.append(contentsOf: String(magnitude).utf8)
    }

    /// A text that is a literal.
    @inline(never)
    public mutating func value(_ text: StaticString) { value(text.description) }

    @inline(never)
    public mutating func value(_ truth: Bool) {
        beginValue()
        bytes.append(contentsOf: (truth ? "true" : "false").utf8)
    }

    public mutating func null() {
        beginValue()
        bytes.append(contentsOf: "null".utf8)
    }

    /// A whole value, as it was read.
    public mutating func value(_ value: JSONValue) {
        switch value {
        case .object(let members):
            beginObject()
            for member in members {
                key(text: member.name)
                self.value(member.value)
            }
            endObject()
        case .array(let values):
            beginArray()
            for each in values { self.value(each) }
            endArray()
        case .string(let text): self.value(text)
        case .integer(let number): self.value(number)
        case .number(let text):
            beginValue()
            bytes.append(contentsOf: text.utf8)
        case .bool(let truth): self.value(truth)
        case .null: null()
        }
    }

    @inline(never)
    public mutating func member(_ name: StaticString, _ text: String) {
        key(name)
        value(text)
    }

    public mutating func member(_ name: StaticString, _ number: some FixedWidthInteger) {
        key(name)
        value(number)
    }

    @inline(never)
    public mutating func member(_ name: StaticString, _ truth: Bool) {
        key(name)
        value(truth)
    }

    @inline(never)
    private mutating func begin(_ level: Level, _ bracket: UInt8) {
        beginValue()
        bytes.append(bracket)
        levels.append(level)
        needsComma = false
    }

    @inline(never)
    private mutating func end(_ level: Level, _ bracket: UInt8) {
        precondition(levels.last == level && !hasKey, "a JSON bracket that closes nothing")
        levels.removeLast()
        if needsComma { breakLine() }
        bytes.append(bracket)
        needsComma = true
    }

    /// What comes before a value: nothing after a key, a comma and a line in an array.
    private mutating func beginValue() {
        if hasKey {
            hasKey = false
            return
        }
        precondition(levels.last == .array || bytes.isEmpty, "a JSON value without a key")
        if levels.last == .array { separate() }
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        breakLine()
        needsComma = true
    }

    private mutating func breakLine() {
        guard isIndented else { return }
        bytes.append(0x0A)
        for _ in levels { bytes.append(contentsOf: [0x20, 0x20]) }
    }

    /// Section 7: quotation mark, backslash and the control characters are escaped, everything else stands as UTF-8.
    private mutating func quote(_ text: String) {
        let digits: [UInt8] = Array("0123456789abcdef".utf8)
        bytes.append(0x22)
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C: bytes.append(contentsOf: [0x5C, byte])
            case 0x0A: bytes.append(contentsOf: "\\n".utf8)
            case 0x0D: bytes.append(contentsOf: "\\r".utf8)
            case 0x09: bytes.append(contentsOf: "\\t".utf8)
            case 0..<0x20:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(contentsOf: [digits[Int(byte >> 4)], digits[Int(byte & 15)]])
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }
}
