// Little-endian encoding of numbers, and decoding that trusts nothing.

/// Collects numbers as little-endian bytes. What is written with one is read with `ByteReader`, in the same order.
public struct ByteWriter: Sendable {
    public private(set) var bytes: [UInt8] = []

    public init() {}

    public mutating func u8(_ value: UInt8) { bytes.append(value) }
    public mutating func u16(_ value: UInt16) { append(UInt64(value), 2) }
    public mutating func u32(_ value: UInt32) { append(UInt64(value), 4) }
    public mutating func u64(_ value: UInt64) { append(value, 8) }
    public mutating func i32(_ value: Int32) { u32(UInt32(bitPattern: value)) }
    public mutating func i64(_ value: Int64) { u64(UInt64(bitPattern: value)) }
    /// One byte, 0 or 1.
    public mutating func bool(_ value: Bool) { u8(value ? 1 : 0) }
    /// Bytes as they are; the reader has to know how many.
    public mutating func raw(_ value: [UInt8]) { bytes.append(contentsOf: value) }
    /// A 32-bit length and the bytes.
    public mutating func blob(_ value: [UInt8]) {
        u32(UInt32(value.count))
        raw(value)
    }
    /// A 32-bit length and the text in UTF-8.
    public mutating func text(_ value: String) { blob(Array(value.utf8)) }
    /// So many zero bytes.
    public mutating func zeros(_ count: Int) { bytes.append(contentsOf: repeatElement(0, count: count)) }

    private mutating func append(_ value: UInt64, _ count: Int) {
        for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
    }
}

/// Why bytes could not be decoded.
public enum ByteError: Error, Equatable, CustomStringConvertible {
    /// The bytes end inside a field.
    case short(field: StaticText, needed: Int, left: Int)
    /// Bytes are left over after the last field.
    case excess(left: Int)
    /// A field has a value it cannot have.
    case value(field: StaticText, UInt64)

    public var description: String {
        switch self {
        case .short(let field, let needed, let left):
            "\(field) needs \(needed) bytes and \(left) are left: the section was cut short or is of another version"
        case .excess(let left):
            "\(left) bytes follow the last field: the section is of another version"
        case .value(let field, let value):
            "\(field) cannot be \(value): the section is damaged or of another version"
        }
    }
}

/// A field's name in an error: a literal of the program, comparable.
public struct StaticText: Equatable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    private let text: StaticString
    public init(stringLiteral text: StaticString) { self.text = text }

    public static func == (left: StaticText, right: StaticText) -> Bool {
        left.description.utf8.elementsEqual(right.description.utf8)
    }

    public var description: String { "\(text)" }
}

/// Takes numbers out of bytes, in the order `ByteWriter` put them in. Never reads beyond the end and never allocates
/// more than there is.
public struct ByteReader: Sendable {
    private let bytes: [UInt8]
    /// Bytes taken so far.
    public private(set) var position = 0

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Bytes not yet taken.
    public var left: Int { bytes.count - position }

    public mutating func u8(_ field: StaticText = "a field") throws(ByteError) -> UInt8 {
        UInt8(try take(field, 1))
    }
    public mutating func u16(_ field: StaticText = "a field") throws(ByteError) -> UInt16 {
        UInt16(try take(field, 2))
    }
    public mutating func u32(_ field: StaticText = "a field") throws(ByteError) -> UInt32 {
        UInt32(try take(field, 4))
    }
    public mutating func u64(_ field: StaticText = "a field") throws(ByteError) -> UInt64 {
        try take(field, 8)
    }
    public mutating func i32(_ field: StaticText = "a field") throws(ByteError) -> Int32 {
        Int32(bitPattern: try u32(field))
    }
    public mutating func i64(_ field: StaticText = "a field") throws(ByteError) -> Int64 {
        Int64(bitPattern: try u64(field))
    }

    /// One byte that has to be 0 or 1.
    public mutating func bool(_ field: StaticText = "a field") throws(ByteError) -> Bool {
        let value = try u8(field)
        if value > 1 { throw .value(field: field, UInt64(value)) }
        return value == 1
    }

    /// So many bytes as they are.
    public mutating func raw(_ count: Int, _ field: StaticText = "a field") throws(ByteError) -> [UInt8] {
        if count < 0 || count > left { throw .short(field: field, needed: count, left: left) }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    /// A 32-bit length and so many bytes.
    public mutating func blob(_ field: StaticText = "a field") throws(ByteError) -> [UInt8] {
        let count = try u32(field)
        if UInt64(count) > UInt64(left) { throw .short(field: field, needed: Int(clamping: count), left: left) }
        return try raw(Int(count), field)
    }

    /// A 32-bit length and text; what is no UTF-8 is replaced.
    public mutating func text(_ field: StaticText = "a field") throws(ByteError) -> String {
        String(decoding: try blob(field), as: UTF8.self)
    }

    /// So many bytes that have to be zero.
    public mutating func zeros(_ count: Int, _ field: StaticText = "a reserved field") throws(ByteError) {
        for byte in try raw(count, field) where byte != 0 { throw .value(field: field, UInt64(byte)) }
    }

    /// Checks that nothing is left over.
    public func finish() throws(ByteError) {
        if left > 0 { throw .excess(left: left) }
    }

    private mutating func take(_ field: StaticText, _ count: Int) throws(ByteError) -> UInt64 {
        if count > left { throw .short(field: field, needed: count, left: left) }
        var value: UInt64 = 0
        for index in 0..<count { value |= UInt64(bytes[position + index]) << UInt64(8 * index) }
        position += count
        return value
    }
}
