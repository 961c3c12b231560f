// What the reader takes, what it refuses and where, and that nothing breaks it.

import JSON
import Testing

private func read(_ text: String, length: Int = 1 << 16) throws(JSONError) -> JSONValue {
    try JSONReader.read(Array(text.utf8), JSONLimits(length: length))
}

private func read(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
    try JSONReader.read(bytes, JSONLimits(length: 1 << 16))
}

/// The same without a space, as the writer has it.
private func written(_ value: JSONValue) -> [UInt8] {
    var json = JSONWriter(indented: false)
    json.value(value)
    return json.bytes
}

/// A small generator (xorshift), so that a failing case can be repeated.
struct Numbers {
    var state: UInt64
    mutating func next(_ limit: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(limit))
    }
}

@Suite struct Reader {
    static let accepted: [(String, JSONValue)] = [
        ("null", .null), (" \t\r\n true \n", .bool(true)), ("false", .bool(false)),
        ("0", .integer(0)), ("-1", .integer(-1)), ("9223372036854775807", .integer(.max)),
        ("-9223372036854775808", .integer(.min)), ("9223372036854775808", .number("9223372036854775808")),
        ("-9223372036854775809", .number("-9223372036854775809")), ("-0", .number("-0")),
        ("18446744073709551616", .number("18446744073709551616")),
        ("1.50", .number("1.50")), ("-0.0", .number("-0.0")), ("1e5", .number("1e5")), ("0E+00", .number("0E+00")),
        ("12.5e-3", .number("12.5e-3")), ("1E400", .number("1E400")),
        ("\"\"", .string("")), ("\"a\"", .string("a")), (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{C}\n\r\t")),
        (#""\u0000\u001f\u00e9\u20AC""#, .string("\0\u{1F}é€")), (#""\ud83d\uDE00""#, .string("😀")),
        (#""\uD800\uDC00\uDBFF\uDFFF""#, .string("\u{10000}\u{10FFFF}")), ("\"é€😀\u{7F}\"", .string("é€😀\u{7F}")),
        (#""\uFFFE\uFFFF""#, .string("\u{FFFE}\u{FFFF}")),
        ("[]", .array([])), ("[ ]", .array([])),
        ("[1,\"a\",[ ],null]", .array([.integer(1), .string("a"), .array([]), .null])),
        ("{}", .object([])), ("{ }", .object([])),
        (
            #"{"a":1,"b":{"a":2},"":3}"#,
            .object([
                JSONMember("a", .integer(1)), JSONMember("b", .object([JSONMember("a", .integer(2))])),
                JSONMember("", .integer(3)),
            ])
        ),
        // Two ways to write one letter are two names.
        (
            "{\"\u{E9}\":1,\"e\u{301}\":2}",
            .object([JSONMember("\u{E9}", .integer(1)), JSONMember("e\u{301}", .integer(2))])
        ),
    ]

    @Test(arguments: accepted.indices)
    func takes(_ index: Int) throws {
        let (text, value) = Self.accepted[index]
        let found = try read(text)
        #expect(found == value)
        // What is written of it means the same.
        #expect(try read(written(found)) == value)
    }

    static let refused: [(String, JSONError.Reason, Int)] = [
        ("", .unfinished, 0), ("  ", .unfinished, 2), ("nul", .unfinished, 3), ("nulL", .unexpected, 3),
        ("True", .unexpected, 0), ("nullx", .trailing, 4), ("1 2", .trailing, 2), ("{} {}", .trailing, 3),
        ("'a'", .unexpected, 0), ("\u{FEFF}1", .unexpected, 0), ("//", .unexpected, 0),
        ("NaN", .unexpected, 0), ("Infinity", .unexpected, 0), ("\u{A0}1", .unexpected, 0),
        ("\0", .unexpected, 0), ("1\0", .trailing, 1),
        ("01", .number, 0), ("-01", .number, 0), ("00", .number, 0), ("-", .unfinished, 1), ("-a", .number, 1),
        ("+1", .unexpected, 0), (".5", .unexpected, 0), ("1.", .unfinished, 2), ("1.e1", .number, 2),
        ("1e", .unfinished, 2), ("1e+", .unfinished, 3), ("1ea", .number, 2), ("0x10", .trailing, 1),
        ("1_0", .trailing, 1),
        ("[", .unfinished, 1), ("[1", .unfinished, 2), ("[1,", .unfinished, 3), ("[1,]", .unexpected, 3),
        ("[,1]", .unexpected, 1), ("[1 2]", .unexpected, 3), ("[1}", .unexpected, 2),
        ("]", .unexpected, 0),
        ("{", .unfinished, 1), ("{\"a\"", .unfinished, 4), ("{\"a\":", .unfinished, 5), ("{\"a\":1", .unfinished, 6),
        ("{\"a\":1,", .unfinished, 7), ("{\"a\":1,}", .unexpected, 7), ("{a:1}", .unexpected, 1),
        ("{1:1}", .unexpected, 1), ("{\"a\" 1}", .unexpected, 5), ("{\"a\",1}", .unexpected, 4),
        ("{\"a\":1]", .unexpected, 6), ("{,}", .unexpected, 1),
        (#"{"a":1,"a":1}"#, .repeatedName, 7), (#"{"a":1,"b":2,"\u0061":3}"#, .repeatedName, 13),
        (#"{"b":{"":1,"":2}}"#, .repeatedName, 11),
        ("\"", .unfinished, 1), ("\"a", .unfinished, 2), ("\"\\", .unfinished, 2), ("\"\\\"", .unfinished, 3),
        ("\"\t\"", .control, 1), ("\"a\n\"", .control, 2), ("\"\0\"", .control, 1),
        (#""\a""#, .escape, 1), (#""\x41""#, .escape, 1), (#""\U0041""#, .escape, 1), (#""\'""#, .escape, 1),
        (#""\u00"#, .unfinished, 5), (#""\u00g0""#, .escape, 1), (#""\u 041""#, .escape, 1), (#""\u+041""#, .escape, 1),
        (#""\ud800""#, .surrogate, 1), (#""a\udc00""#, .surrogate, 2), (#""\ud800x""#, .surrogate, 1),
        (#""\ud800\n""#, .surrogate, 1), (#""\ud800\ud800""#, .surrogate, 1), (#""\ud800\u0041""#, .surrogate, 1),
        (#""\udc00\ud800""#, .surrogate, 1),
    ]

    @Test(arguments: refused.indices)
    func refuses(_ index: Int) {
        let (text, reason, position) = Self.refused[index]
        #expect(throws: JSONError(reason, at: position), "\(text)") { _ = try read(text) }
    }

    /// Bytes between quotation marks.
    static let notText: [([UInt8], JSONError.Reason, Int)] = [
        ([0x80], .encoding, 1), ([0xBF], .encoding, 1), ([0xFE], .encoding, 1), ([0xFF], .encoding, 1),
        // Longer than they have to be.
        ([0xC0, 0x80], .encoding, 1), ([0xC1, 0xBF], .encoding, 1), ([0xE0, 0x9F, 0xBF], .encoding, 1),
        ([0xF0, 0x8F, 0xBF, 0xBF], .encoding, 1),
        // Surrogates, and beyond the last character.
        ([0xED, 0xA0, 0x80], .encoding, 1), ([0xED, 0xBF, 0xBF], .encoding, 1),
        ([0xF4, 0x90, 0x80, 0x80], .encoding, 1),
        ([0xF5, 0x80, 0x80, 0x80], .encoding, 1),
        // Cut.
        ([0x61, 0xC3], .encoding, 2), ([0xE2, 0x82], .encoding, 1), ([0xF0, 0x9F, 0x98], .encoding, 1),
        ([0xE2, 0x82, 0x41], .encoding, 1), ([0xC3, 0xC3, 0xA9], .encoding, 1),
    ]

    @Test(arguments: notText.indices)
    func refusesWhatIsNotUTF8(_ index: Int) {
        let (inside, reason, position) = Self.notText[index]
        #expect(throws: JSONError(reason, at: position)) { _ = try read([0x22] + inside + [0x22]) }
        // Outside of a string nothing beyond ASCII is allowed anyway.
        #expect(throws: JSONError.self) { _ = try read(inside) }
    }

    @Test func everyCharacterComesBack() throws {
        // The bounds of each length of UTF-8, and both sides of the surrogates.
        for code: UInt32 in [0, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF] {
            let text = String(Unicode.Scalar(code)!)
            #expect(try read(written(.string(text))) == .string(text))
        }
        #expect(throws: JSONError(.unfinished, at: 2)) { _ = try read([0x22, 0xE2]) }
    }

    @Test func depthIsBounded() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try read(nested(32))
        #expect(throws: JSONError(.tooDeep, at: 32)) { _ = try read(nested(33)) }
        #expect(throws: JSONError(.tooDeep, at: 32)) { _ = try read(String(repeating: "[", count: 60_000)) }
        let objects = String(repeating: "{\"a\":", count: 40) + "1" + String(repeating: "}", count: 40)
        #expect(throws: JSONError(.tooDeep, at: 160)) { _ = try read(objects) }
        // Beside each other is not in each other.
        _ = try read("[" + String(repeating: "[],", count: 100) + "[]]")
    }

    @Test func lengthAndMembersAreBounded() throws {
        _ = try read("[1,2]", length: 5)
        #expect(throws: JSONError(.tooLong, at: 4)) { _ = try read("[1,2]", length: 4) }
        func object(_ count: Int) -> String {
            "{" + (0..<count).map { "\"\($0)\":0" }.joined(separator: ",") + "}"
        }
        _ = try read(object(256))
        #expect(throws: JSONError.self) { _ = try read(object(257)) }
    }

    @Test func valuesAreFoundByName() throws {
        let value = try read(#"{"a":1,"b":"x","c":[true],"d":18446744073709551615,"e":-1,"f":1.5}"#)
        #expect(value["a"]?.signed == 1 && value["a"]?.unsigned == 1 && value["b"]?.text == "x")
        #expect(value["c"]?.elements?[0].truth == true && value["d"]?.unsigned == .max && value["d"]?.signed == nil)
        #expect(value["e"]?.unsigned == nil && value["e"]?.signed == -1 && value["f"]?.unsigned == nil)
        for text in ["18446744073709551616", "-9223372036854775809", "-0", "1e1", "99999999999999999999999"] {
            #expect(try read(text).unsigned == nil)
        }
        #expect(try read("9223372036854775808").unsigned == 1 << 63)
        #expect(value["g"] == nil && value["a"]?["b"] == nil && value["a"]?.text == nil)
    }

    @Test func errorsAreOneLine() {
        for (text, _, _) in Self.refused {
            do throws(JSONError) {
                _ = try read(text)
            } catch {
                #expect(!error.description.contains("\n") && error.description.contains("byte \(error.position)"))
            }
        }
    }

    /// Random documents come back as they were; damaged ones are read or refused within their length, and what is
    /// read is read the same again.
    @Test func damage() throws {
        var numbers = Numbers(state: 0x5EED_0001)
        var accepted = 0
        for round in 0..<3000 {
            let value = Self.value(&numbers, depth: 0)
            var bytes = written(value)
            let again = try read(bytes)
            #expect(again == value, "round \(round)")
            for _ in 0...numbers.next(3) where !bytes.isEmpty {
                let position = numbers.next(bytes.count)
                switch numbers.next(4) {
                case 0: bytes[position] = UInt8(numbers.next(256))
                case 1: bytes.remove(at: position)
                case 2: bytes.insert(Array("{}[]\",:\\u0e-.\u{0}".utf8)[numbers.next(14)], at: position)
                default: bytes.removeLast(bytes.count - position)
                }
            }
            do throws(JSONError) {
                let found = try read(bytes)
                accepted += 1
                #expect(try read(written(found)) == found, "round \(round)")
            } catch {
                #expect(error.position >= 0 && error.position <= bytes.count, "round \(round)")
            }
        }
        #expect(accepted > 100 && accepted < 2900)
    }

    private static func value(_ numbers: inout Numbers, depth: Int) -> JSONValue {
        switch numbers.next(depth < 5 ? 9 : 6) {
        case 0: return .null
        case 1: return .bool(numbers.next(2) == 1)
        case 2: return .integer(Int64(numbers.next(1 << 62)) * (numbers.next(2) == 0 ? 1 : -1) >> numbers.next(60))
        case 3: return .number("\(numbers.next(1000)).\(numbers.next(1000))e-\(numbers.next(9))")
        case 4, 5:
            let alphabet = Array("aé€😀\u{301}\n\"\\\u{1}/ ".unicodeScalars)
            var text = ""
            for _ in 0..<numbers.next(9) { text.unicodeScalars.append(alphabet[numbers.next(alphabet.count)]) }
            return .string(text)
        case 6: return .array((0..<numbers.next(5)).map { _ in value(&numbers, depth: depth + 1) })
        default:
            return .object((0..<numbers.next(5)).map { JSONMember("n\($0)é", value(&numbers, depth: depth + 1)) })
        }
    }
}
