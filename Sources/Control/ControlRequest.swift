// Requests: from a line to a value and back.

public import JSON

/// What a client asks for.
public enum ControlRequest: Equatable, Sendable {
    case pause
    /// Let the guest's time go on. Without a policy, the one the machine was started with.
    case resume(policy: String?)
    /// Write a snapshot, and go on as before it by the policy, unless the machine is to stay paused.
    case save(file: String, policy: String?, staysPaused: Bool)
    case status
    case clock
    case ledger
    case quit

    public var command: ControlCommand {
        switch self {
        case .pause: .pause
        case .resume: .resume
        case .save: .save
        case .status: .status
        case .clock: .clock
        case .ledger: .ledger
        case .quit: .quit
        }
    }

    /// The line, with its end.
    public func line(id: JSONValue? = nil) -> [UInt8] {
        var json = JSONWriter(indented: false)
        json.beginObject()
        json.member("execute", command.name)
        switch self {
        case .pause, .status, .clock, .ledger, .quit: break
        case .resume(let policy):
            if let policy {
                json.key("arguments")
                json.beginObject()
                json.member("policy", policy)
                json.endObject()
            }
        case .save(let file, let policy, let staysPaused):
            json.key("arguments")
            json.beginObject()
            json.member("file", file)
            if let policy { json.member("policy", policy) }
            if staysPaused { json.member("stay-paused", true) }
            json.endObject()
        }
        return json.line(id)
    }

    /// Reads a request.
    ///
    /// - Throws: what is wrong with it, by name, and what is allowed.
    public init(_ json: JSONValue) throws(ControlFailure) {
        guard case .object(let members) = json else {
            throw ControlFailure(.badRequest, "a request is an object with execute, arguments and id")
        }
        for member in members {
            let name = member.name
            guard name.same(as: "execute") || name.same(as: "arguments") || name.same(as: "id") else {
                throw ControlFailure(
                    .badRequest, "a request has no " + name.quoted + "; it has execute, arguments and id")
            }
        }
        guard let name = json["execute"]?.text else {
            throw ControlFailure(.badRequest, "a request needs execute, the name of a command")
        }
        guard let command = ControlCommand.allCases.first(where: { $0.name.same(as: name) }) else {
            throw ControlFailure(
                .unknownCommand,
                "no command " + name.quoted + "; there are " + list(ControlCommand.allCases.map { $0.name }))
        }
        let arguments = json["arguments"] ?? .object([])
        try Self.check(arguments, command)
        let policy = arguments["policy"]?.text
        switch command {
        case .pause: self = .pause
        case .resume: self = .resume(policy: policy)
        case .save:
            self = .save(
                file: arguments["file"]?.text ?? "", policy: policy,
                staysPaused: arguments["stay-paused"]?.truth ?? false)
        case .status: self = .status
        case .clock: self = .clock
        case .ledger: self = .ledger
        case .quit: self = .quit
        }
    }

    private static func check(_ arguments: JSONValue, _ command: ControlCommand) throws(ControlFailure) {
        guard case .object(let members) = arguments else {
            throw ControlFailure(.badRequest, "arguments are an object")
        }
        let known = command.arguments
        for member in members {
            guard let argument = known.first(where: { $0.name.same(as: member.name) }) else {
                throw ControlFailure(
                    .badArgument,
                    command.name + " has no argument " + member.name.quoted
                        + (known.isEmpty ? "; it has none" : "; it has " + list(known.map { $0.name })))
            }
            let isRight =
                argument.isTruth ? member.value.truth != nil : member.value.text.map { !$0.utf8.isEmpty } ?? false
            guard isRight else {
                throw ControlFailure(
                    .badArgument,
                    command.name + ": " + argument.name + " has to be "
                        + (argument.isTruth ? "true or false" : "text, and not empty"))
            }
        }
        for argument in known where argument.isRequired && arguments[argument.name] == nil {
            throw ControlFailure(.badArgument, command.name + " needs " + argument.name)
        }
    }
}

extension JSONWriter {
    /// Ends a message: the id of its request, if there was one, the last brace, and the line.
    mutating func line(_ id: JSONValue? = nil) -> [UInt8] {
        if let id {
            key("id")
            value(id)
        }
        endObject()
        return bytes + [0x0A]
    }
}
