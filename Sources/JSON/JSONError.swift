// What can be wrong with a JSON document.

/// Why bytes are no JSON document, and where.
public struct JSONError: Error, Equatable, Sendable {
    public enum Reason: Equatable, Sendable {
        /// Longer than so many bytes.
        case tooLong(Int)
        /// Objects and arrays in each other, more than so many.
        case tooDeep(Int)
        /// An object with more than so many members.
        case tooManyMembers(Int)
        /// It ends before it is complete.
        case unfinished
        /// A byte that cannot be here.
        case unexpected(UInt8)
        /// Something after the value.
        case trailing
        /// A name that the object has already.
        case repeatedName
        /// A number with a leading zero, or without digits where some belong.
        case number
        /// A backslash before something else than one of "\/bfnrtu and, after u, four hexadecimal digits.
        case escape
        /// Half of a pair of UTF-16 surrogates.
        case surrogate
        /// A control character that is not escaped.
        case control(UInt8)
        /// Bytes that are no UTF-8.
        case encoding
    }

    public let reason: Reason
    /// The byte at which it shows, counted from 0.
    public let position: Int

    public init(_ reason: Reason, at position: Int) {
        self.reason = reason
        self.position = position
    }
}

extension JSONError: CustomStringConvertible {
    /// One line without the name of what was read.
    public var description: String { reason.text + " at byte \(position)" }
}

extension JSONError.Reason {
    fileprivate var text: String {
        switch self {
        case .tooLong(let limit): "more than \(limit) bytes"
        case .tooDeep(let limit): "more than \(limit) objects and arrays in each other"
        case .tooManyMembers(let limit): "an object with more than \(limit) members"
        case .unfinished: "an unfinished value"
        case .unexpected(let byte): "the unexpected byte 0x" + String(byte, radix: 16)
        case .trailing: "something after the end of the value"
        case .repeatedName: "a name that the object has already"
        case .number: "a number that is none in JSON"
        case .escape: "a backslash that escapes nothing"
        case .surrogate: "half of a surrogate pair"
        case .control(let byte): "the control character 0x" + String(byte, radix: 16) + ", not escaped,"
        case .encoding: "text that is not UTF-8"
        }
    }
}
