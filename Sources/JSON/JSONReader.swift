// Reading JSON (RFC 8259): all of it, nothing beyond it, within limits.

/// What a document may be at most.
public struct JSONLimits: Sendable {
    /// Bytes of the document.
    public var length: Int
    /// Objects and arrays in each other. The reader calls itself as often.
    public var depth: Int
    /// Members of one object. Each is compared with those before it.
    public var members: Int

    public init(length: Int, depth: Int = 32, members: Int = 256) {
        self.length = length
        self.depth = depth
        self.members = members
    }
}

/// Reads one document.
public struct JSONReader {
    private let bytes: [UInt8]
    private let limits: JSONLimits
    private var position = 0

    /// Makes a value of a whole document.
    ///
    /// - Throws: what is wrong first, with the position of its byte.
    public static func read(_ bytes: [UInt8], _ limits: JSONLimits) throws(JSONError) -> JSONValue {
        guard bytes.count <= limits.length else { throw JSONError(.tooLong, at: limits.length) }
        var reader = JSONReader(bytes: bytes, limits: limits)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.position == bytes.count else { throw reader.failure(.trailing) }
        return value
    }

    private init(bytes: [UInt8], limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    private func failure(_ reason: JSONError.Reason) -> JSONError { JSONError(reason, at: position) }

    /// The failure of the byte at the position, or of the end.
    private var unexpected: JSONError {
        failure(position < bytes.count ? .unexpected : .unfinished)
    }

    /// The byte at the position; 0, which occurs nowhere in JSON, at the end.
    private var next: UInt8 { position < bytes.count ? bytes[position] : 0 }

    private mutating func skipSpace() {
        while true {
            switch next {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    // MARK: Values

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "t"): return try word(0x7472_7565, .bool(true))
        case UInt8(ascii: "f"): return try word(0x66_616C_7365, .bool(false))
        case UInt8(ascii: "n"): return try word(0x6E75_6C6C, .null)
        default: throw unexpected
        }
    }

    /// One of the three words that are values; its letters as a number, the first in front.
    private mutating func word(_ letters: UInt64, _ value: JSONValue) throws(JSONError) -> JSONValue {
        var rest = letters << UInt64(letters.leadingZeroBitCount & ~7)
        while rest != 0 {
            guard take(UInt8(rest >> 56)) else { throw unexpected }
            rest <<= 8
        }
        return value
    }

    /// Steps into an object or array.
    private mutating func enter(_ depth: Int) throws(JSONError) {
        guard depth <= limits.depth else { throw failure(.tooDeep) }
        position += 1
        skipSpace()
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
        try enter(depth)
        var values: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return .array(values) }
        while true {
            values.append(try value(depth: depth))
            skipSpace()
            if take(UInt8(ascii: "]")) { return .array(values) }
            guard take(UInt8(ascii: ",")) else { throw unexpected }
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
        try enter(depth)
        var members: [JSONMember] = []
        if take(UInt8(ascii: "}")) { return .object(members) }
        while true {
            skipSpace()
            let start = position
            guard next == UInt8(ascii: "\"") else { throw unexpected }
            let name = try string()
            for member in members where member.name.utf8.elementsEqual(name.utf8) {
                throw JSONError(.repeatedName, at: start)
            }
            guard members.count < limits.members else {
                throw JSONError(.tooManyMembers, at: start)
            }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw unexpected }
            members.append(JSONMember(name, try value(depth: depth)))
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw unexpected }
        }
    }

    // MARK: Numbers (section 6)

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        let isNegative = take(UInt8(ascii: "-"))
        let first = position
        try digits()
        if bytes[first] == UInt8(ascii: "0") && position > first + 1 { throw JSONError(.number, at: start) }
        let end = position
        if take(UInt8(ascii: ".")) { try digits() }
        if next | 0x20 == UInt8(ascii: "e") {
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        if position == end, let integer = integer(first..<end, isNegative) { return .integer(integer) }
        return .number(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    /// One digit or more.
    private mutating func digits() throws(JSONError) {
        guard isDigit(next) else { throw failure(position < bytes.count ? .number : .unfinished) }
        while isDigit(next) { position += 1 }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    /// `nil` for what 64 bits with a sign do not hold, and for -0, which is another number than 0.
    private func integer(_ range: Range<Int>, _ isNegative: Bool) -> Int64? {
        var value: Int64 = 0
        for byte in bytes[range] {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let digit = Int64(byte & 15)
            let (sum, carry) = product.addingReportingOverflow(isNegative ? 0 - digit : digit)
            if overflow || carry { return nil }
            value = sum
        }
        return isNegative && value == 0 ? nil : value
    }

    // MARK: Strings (section 7)

    private mutating func string() throws(JSONError) -> String {
        position += 1
        var text: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(&text)
            case 0..<0x20: throw failure(.control)
            case 0..<0x80:
                text.append(byte)
                position += 1
            default: try sequence(byte, &text)
            }
        }
        throw failure(.unfinished)
    }

    /// A character of two to four bytes, by table 3-7 of the Unicode Standard: none longer than it has to be, no surrogate, none beyond
    /// U+10FFFF.
    private mutating func sequence(_ lead: UInt8, _ text: inout [UInt8]) throws(JSONError) {
        let count: Int
        switch lead {
        case 0xC2...0xDF: count = 2
        case 0xE0...0xEF: count = 3
        case 0xF0...0xF4: count = 4
        default: throw failure(.encoding)
        }
        // The second byte alone has bounds of its own after four of the leads.
        var least: UInt8 = 0x80
        var most: UInt8 = 0xBF
        switch lead {
        case 0xE0: least = 0xA0
        case 0xED: most = 0x9F
        case 0xF0: least = 0x90
        case 0xF4: most = 0x8F
        default: break
        }
        for index in position + 1..<position + count {
            guard index < bytes.count else { throw JSONError(.unfinished, at: index) }
            guard bytes[index] >= least && bytes[index] <= most else { throw failure(.encoding) }
            least = 0x80
            most = 0xBF
        }
        text.append(contentsOf: bytes[position..<position + count])
        position += count
    }

    private mutating func escape(_ text: inout [UInt8]) throws(JSONError) {
        let start = position
        position += 1
        guard position < bytes.count else { throw failure(.unfinished) }
        var byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): break
        case UInt8(ascii: "b"): byte = 0x08
        case UInt8(ascii: "f"): byte = 0x0C
        case UInt8(ascii: "n"): byte = 0x0A
        case UInt8(ascii: "r"): byte = 0x0D
        case UInt8(ascii: "t"): byte = 0x09
        case UInt8(ascii: "u"):
            var code = try unit(start)
            if code & 0xFC00 == 0xD800 {
                guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw JSONError(.surrogate, at: start) }
                let low = try unit(position - 2)
                guard low & 0xFC00 == 0xDC00 else { throw JSONError(.surrogate, at: start) }
                code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
            }
            guard code & 0x1F_F800 != 0xD800 else { throw JSONError(.surrogate, at: start) }
            return encode(code, &text)
        default: throw JSONError(.escape, at: start)
        }
        text.append(byte)
    }

    /// Adds a character as UTF-8.
    private func encode(_ code: UInt32, _ text: inout [UInt8]) {
        guard code >= 0x80 else { return text.append(UInt8(code)) }
        // Six bits in each byte after the first, which says how many there are.
        var shift: UInt32 = code < 0x800 ? 6 : code < 0x10000 ? 12 : 18
        var mark: UInt32 = code < 0x800 ? 0xC0 : code < 0x10000 ? 0xE0 : 0xF0
        while true {
            text.append(UInt8(truncatingIfNeeded: mark | code >> shift & 0x3F))
            if shift == 0 { return }
            shift -= 6
            mark = 0x80
        }
    }

    /// Four hexadecimal digits. `start` is the backslash before them.
    private mutating func unit(_ start: Int) throws(JSONError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard position < bytes.count else { throw failure(.unfinished) }
            let byte = bytes[position]
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46, 0x61...0x66: digit = byte & 0xF + 9
            default: throw JSONError(.escape, at: start)
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }
}
