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
        json.key("execute")
        json.value(command.name)
        let (file, policy, staysPaused): (String?, String?, Bool) =
            switch self {
            case .pause, .status, .clock, .ledger, .quit: (nil, nil, false)
            case .resume(let policy): (nil, policy, false)
            case .save(let file, let policy, let staysPaused): (file, policy, staysPaused)
            }
        if file != nil || policy != nil {
            json.key("arguments")
            json.beginObject()
            if let file { json.member("file", file) }
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
            if name.same(as: "execute") || name.same(as: "arguments") || name.same(as: "id") { continue }
            throw ControlFailure(
                .badRequest, sentence(["a request has no ", name.quoted, "; it has execute, arguments and id"]))
        }
        guard let name = json["execute"]?.text else {
            throw ControlFailure(.badRequest, "a request needs execute, the name of a command")
        }
        let command = try Self.command(name)
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

    private static func command(_ name: String) throws(ControlFailure) -> ControlCommand {
        var names: [StaticString] = []
        for command in ControlCommand.allCases {
            if name.same(as: command.name) { return command }
            names.append(command.name)
        }
        throw ControlFailure(.unknownCommand, sentence(["no command ", name.quoted, "; there are ", list(names)]))
    }

    private static func check(_ arguments: JSONValue, _ command: ControlCommand) throws(ControlFailure) {
        guard case .object(let members) = arguments else {
            throw ControlFailure(.badRequest, "arguments are an object")
        }
        for member in members {
            let argument = try argument(member.name, command)
            let isRight: Bool
            switch member.value {
            case .bool: isRight = argument.isTruth
            case .string(let text): isRight = !argument.isTruth && !text.utf8.isEmpty
            default: isRight = false
            }
            if isRight { continue }
            let kind = argument.isTruth ? "true or false" : "text, and not empty"
            throw ControlFailure(
                .badArgument, sentence([command.name.text, ": ", argument.name.text, " has to be ", kind]))
        }
        for argument in command.arguments where argument.isRequired && arguments[argument.name] == nil {
            throw ControlFailure(.badArgument, sentence([command.name.text, " needs ", argument.name.text]))
        }
    }

    private static func argument(_ name: String, _ command: ControlCommand) throws(ControlFailure) -> ControlArgument {
        var names: [StaticString] = []
        for argument in command.arguments {
            if name.same(as: argument.name) { return argument }
            names.append(argument.name)
        }
        throw ControlFailure(
            .badArgument,
            sentence([
                command.name.text, " has no argument ", name.quoted, "; it has ", names.isEmpty ? "none" : list(names),
            ]))
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
        return line
    }
}
