// Replies: what a request is answered with.

public import JSON

/// The answer to a request.
public enum ControlReply: Equatable, Sendable {
    /// It was done, and there is nothing to tell: to `pause`, `resume`, `save` and `quit`.
    case done
    case status(ControlStatus)
    case clock(ControlClock)
    case ledger(ControlLedger)
    case failure(ControlFailure)

    /// The line, with its end.
    public func line(id: JSONValue? = nil) -> [UInt8] {
        var json = JSONWriter(indented: false)
        json.beginObject()
        if case .failure(let failure) = self {
            json.key("error")
            failure.write(&json)
            return json.line(id)
        }
        json.key("return")
        json.beginObject()
        switch self {
        case .done, .failure: break
        case .status(let status): status.write(&json)
        case .clock(let clock): clock.write(&json)
        case .ledger(let ledger): ledger.write(&json)
        }
        json.endObject()
        return json.line(id)
    }
}

/// The greeting of a server.
public struct ControlGreeting: Equatable, Sendable {
    /// Of the program.
    public var version: String
    /// See `Control.version`.
    public var `protocol`: Int64

    public init(version: String, protocol: Int64 = Control.version) {
        self.version = version
        self.protocol = `protocol`
    }

    /// Reads one; `nil` if it is something else.
    public init?(_ json: JSONValue) {
        guard let body = json["stasis"], let version = body["version"]?.text, let number = body["protocol"]?.signed
        else {
            return nil
        }
        self.init(version: version, protocol: number)
    }

    public var line: [UInt8] {
        var json = JSONWriter(indented: false)
        json.beginObject()
        json.key("stasis")
        json.beginObject()
        json.member("version", version)
        json.member("protocol", `protocol`)
        json.endObject()
        return json.line()
    }
}
