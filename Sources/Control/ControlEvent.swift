// Events: what a machine tells every client without being asked.

public import JSON

/// Something that happened to a machine.
public enum ControlEvent: Equatable, Sendable {
    /// The guest's time stands still, at this Count.
    case pause(count: UInt32)
    /// It goes on. The guest stood for `gap` nanoseconds and did not see `hidden` of them.
    case resume(policy: String, gap: Int64, hidden: Int64)
    /// A snapshot of so many bytes is complete.
    case save(file: String, bytes: UInt64)
    /// The guest began anew.
    case reset
    /// The guest switched itself off, 0 for success.
    case powerOff(code: UInt16)
    /// The machine ends, and with it the connection. Why, for people.
    case shutdown(reason: String)
    /// A restored guest turned out good or bad, and by what.
    case restoreHealth(ControlHealth, detail: String)
    /// A device stopped because its guest or its host misbehaved.
    case deviceFailed(device: String, reason: String)

    /// The names, one for each case.
    public static let names = [
        "PAUSE", "RESUME", "SAVE", "RESET", "POWEROFF", "SHUTDOWN", "RESTORE_HEALTH", "DEVICE_FAILED",
    ]

    public var name: String {
        switch self {
        case .pause: "PAUSE"
        case .resume: "RESUME"
        case .save: "SAVE"
        case .reset: "RESET"
        case .powerOff: "POWEROFF"
        case .shutdown: "SHUTDOWN"
        case .restoreHealth: "RESTORE_HEALTH"
        case .deviceFailed: "DEVICE_FAILED"
        }
    }

    /// The line, with its end.
    ///
    /// - Parameter realtime: when it happened, nanoseconds since 1970 UTC on the host.
    public func line(at realtime: Int64) -> [UInt8] {
        var json = JSONWriter(indented: false)
        json.beginObject()
        json.member("event", name)
        json.key("data")
        json.beginObject()
        switch self {
        case .pause(let count): json.member("count", UInt64(count))
        case .resume(let policy, let gap, let hidden):
            json.member("policy", policy)
            json.member("gap", gap)
            json.member("hidden", hidden)
        case .save(let file, let bytes):
            json.member("file", file)
            json.member("bytes", bytes)
        case .reset: break
        case .powerOff(let code): json.member("code", UInt64(code))
        case .shutdown(let reason): json.member("reason", reason)
        case .restoreHealth(let health, let detail):
            json.member("health", health.name)
            json.member("detail", detail)
        case .deviceFailed(let device, let reason):
            json.member("device", device)
            json.member("reason", reason)
        }
        json.endObject()
        json.key("timestamp")
        json.beginObject()
        let (seconds, nanoseconds) = realtime.quotientAndRemainder(dividingBy: 1_000_000_000)
        json.member("seconds", seconds)
        json.member("nanoseconds", nanoseconds)
        json.endObject()
        return json.line()
    }

    /// Reads an event; `nil` if the message is none, or one this version does not know.
    public init?(_ json: JSONValue) {
        guard let name = json["event"]?.text, let data = json["data"],
            let index = Self.names.firstIndex(where: { $0.same(as: name) })
        else { return nil }
        switch index {
        case 0:
            guard let count = data["count"]?.word else { return nil }
            self = .pause(count: count)
        case 1:
            guard let policy = data["policy"]?.text, let gap = data["gap"]?.signed, let hidden = data["hidden"]?.signed
            else { return nil }
            self = .resume(policy: policy, gap: gap, hidden: hidden)
        case 2:
            guard let file = data["file"]?.text, let bytes = data["bytes"]?.unsigned else { return nil }
            self = .save(file: file, bytes: bytes)
        case 3: self = .reset
        case 4:
            guard let code = data["code"]?.signed, let code = UInt16(exactly: code) else { return nil }
            self = .powerOff(code: code)
        case 5:
            guard let reason = data["reason"]?.text else { return nil }
            self = .shutdown(reason: reason)
        case 6:
            guard let health = ControlHealth(data["health"]), let detail = data["detail"]?.text else { return nil }
            self = .restoreHealth(health, detail: detail)
        default:
            guard let device = data["device"]?.text, let reason = data["reason"]?.text else { return nil }
            self = .deviceFailed(device: device, reason: reason)
        }
    }

    /// When the event of a message happened, nanoseconds since 1970 UTC; `nil` if it does not say.
    public static func realtime(_ json: JSONValue) -> Int64? {
        guard let stamp = json["timestamp"], let seconds = stamp["seconds"]?.signed,
            let nanoseconds = stamp["nanoseconds"]?.signed
        else { return nil }
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = product.addingReportingOverflow(nanoseconds)
        return overflow || carry ? nil : sum
    }
}
