// What can be wrong with a JSON document.

/// Why bytes are no JSON document, and where.
public struct JSONError: Error, Equatable, Sendable {
    public enum Reason: Sendable {
        /// Longer than it may be.
        case tooLong
        /// More objects and arrays in each other than there may be.
        case tooDeep
        /// An object with more members than it may have.
        case tooManyMembers
        /// It ends before it is complete.
        case unfinished
        /// A byte that cannot be here.
        case unexpected
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
        case control
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
    public var description: String { "\(reason.text) at byte \(position)" }
}

extension JSONError.Reason {
    fileprivate var text: StaticString {
        switch self {
        case .tooLong: "too long a document,"
        case .tooDeep: "too many objects and arrays in each other"
        case .tooManyMembers: "an object with too many members"
        case .unfinished: "an unfinished value"
        case .unexpected: "an unexpected character"
        case .trailing: "something after the end of the value"
        case .repeatedName: "a name that the object has already"
        case .number: "a number that is none in JSON"
        case .escape: "a backslash that escapes nothing"
        case .surrogate: "half of a surrogate pair"
        case .control: "a control character"
        case .encoding: "text that is not UTF-8"
        }
    }
}
