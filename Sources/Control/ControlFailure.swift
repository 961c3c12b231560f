// Why a request is not carried out.

public import JSON

/// The reply to a request that was not carried out.
public struct ControlFailure: Error, Equatable, Sendable {
    /// For programs.
    public enum Kind: CaseIterable, Sendable {
        /// The line is no JSON.
        case badJSON
        /// It is JSON and no request.
        case badRequest
        case unknownCommand
        /// An argument is unknown, missing, of another type, or its text means nothing.
        case badArgument
        /// The line is too long. The connection ends.
        case tooLong
        /// There are as many clients as there may be. The connection ends.
        case tooManyClients
        /// The machine is not in a state for it: paused already, or not paused.
        case wrongState
        /// It was tried and did not work.
        case failed
        /// The machine ended before it came to it.
        case ended

        public var name: StaticString {
            switch self {
            case .badJSON: "BadJSON"
            case .badRequest: "BadRequest"
            case .unknownCommand: "CommandNotFound"
            case .badArgument: "BadArgument"
            case .tooLong: "TooLong"
            case .tooManyClients: "TooManyClients"
            case .wrongState: "WrongState"
            case .failed: "Failed"
            case .ended: "Ended"
            }
        }
    }

    public let kind: Kind
    /// For people: one line, what and why.
    public let text: String

    public init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }

    /// Reads the value of `error` in a reply; `nil` if it is none.
    public init?(_ json: JSONValue) {
        guard let name = json["class"]?.text, let text = json["desc"]?.text else { return nil }
        for kind in Kind.allCases where name.same(as: kind.name) {
            self.init(kind, text)
            return
        }
        return nil
    }

    func write(_ json: inout JSONWriter) {
        json.beginObject()
        json.key("class")
        json.value(kind.name)
        json.member("desc", text)
        json.endObject()
    }
}

extension ControlFailure: CustomStringConvertible {
    public var description: String { text }
}
