// JSON (RFC 8259), read and written, and nothing else.
//
// Purpose. What Stasis prints for programs and what it is told by them is JSON. Foundation's reader does not exist in Embedded
// Swift, and it is lenient where a protocol must not be: two readers that take different values from one text disagree about what
// was asked. So this reader is strict: what it accepts has one meaning.
//
// Glossary.
//   document  one value with nothing but white space around it
//   member    a name with a value, in an object; members keep their order, and no name comes twice
//   limits    what a document may be at most, because whoever wrote it may mean harm: its length, the depth of objects and arrays
//             in each other, the members of one object
//
// Life cycle. `JSONWriter` writes from left to right, without a tree. `JSONReader.read` makes a `JSONValue` of bytes, or says what
// is wrong with which of them.

/// A JSON value.
///
/// Integers that fit are kept as such, every other number as it was written: nothing here computes with fractions, and a
/// `Double` would round counters beyond 2^53.
public enum JSONValue: Sendable {
    case object([JSONMember])
    case array([JSONValue])
    case string(String)
    case integer(Int64)
    /// A number with a fraction or an exponent, one beyond 64 bits, or -0: its text.
    case number(String)
    case bool(Bool)
    case null
}

/// A name and its value in an object.
public struct JSONMember: Sendable {
    public var name: String
    public var value: JSONValue

    public init(_ name: String, _ value: JSONValue) {
        self.name = name
        self.value = value
    }
}

extension JSONValue {
    /// The member of that name; `nil` without one, and of anything but an object.
    public subscript(name: StaticString) -> JSONValue? { member(name) }

    // Out of the way of its callers, who are many.
    @inline(never)
    private func member(_ name: StaticString) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        let name = name.description
        for member in members where member.name.utf8.elementsEqual(name.utf8) { return member.value }
        return nil
    }

    /// The text of a string.
    public var text: String? {
        if case .string(let text) = self { return text }
        return nil
    }

    /// The number of an integer of 64 bits with a sign.
    public var signed: Int64? {
        if case .integer(let number) = self { return number }
        return nil
    }

    /// The number of an integer from 0 to 2^64 - 1.
    public var unsigned: UInt64? {
        switch self {
        case .integer(let number): return number >= 0 ? UInt64(number) : nil
        case .number(let text): return Self.unsigned(text)
        default: return nil
        }
    }

    private static func unsigned(_ text: String) -> UInt64? {
        var value: UInt64 = 0
        for byte in text.utf8 {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(byte & 15))
            // What is no digit belongs to a sign, a fraction or an exponent.
            if overflow || carry || byte < 0x30 || byte > 0x39 { return nil }
            value = sum
        }
        return value
    }

    public var truth: Bool? {
        if case .bool(let truth) = self { return truth }
        return nil
    }

    /// The values of an array.
    public var elements: [JSONValue]? {
        if case .array(let values) = self { return values }
        return nil
    }
}

// By bytes: `==` of strings would need Unicode tables, and takes differently composed letters for the same.
extension JSONValue: Equatable {
    /// The same values, in the same order, written with the same bytes.
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.object(let a), .object(let b)): a == b
        case (.array(let a), .array(let b)): a == b
        case (.string(let a), .string(let b)), (.number(let a), .number(let b)): a.utf8.elementsEqual(b.utf8)
        case (.integer(let a), .integer(let b)): a == b
        case (.bool(let a), .bool(let b)): a == b
        case (.null, .null): true
        default: false
        }
    }
}

extension JSONMember: Equatable {
    public static func == (left: JSONMember, right: JSONMember) -> Bool {
        left.name.utf8.elementsEqual(right.name.utf8) && left.value == right.value
    }
}
