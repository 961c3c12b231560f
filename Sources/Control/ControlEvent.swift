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
    case powerOff(code: UInt32)
    /// The machine ends, and with it the connection. Why, for people.
    case shutdown(reason: String)
    /// A restored guest turned out good or bad, and by what.
    case restoreHealth(ControlHealth, detail: String)
    /// A device stopped because its guest or its host misbehaved.
    case deviceFailed(device: String, reason: String)

    public var name: StaticString {
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
        json.key("event")
        json.value(name)
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
            json.key("health")
            json.value(health.name)
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
        guard let name = json["event"]?.text, let data = json["data"] else { return nil }
        var members = JSONMembers(data)
        if name.same(as: "PAUSE") {
            self = .pause(count: members.word("count"))
        } else if name.same(as: "RESUME") {
            self = .resume(
                policy: members.text("policy"), gap: members.signed("gap"), hidden: members.signed("hidden"))
        } else if name.same(as: "SAVE") {
            self = .save(file: members.text("file"), bytes: members.unsigned("bytes"))
        } else if name.same(as: "RESET") {
            self = .reset
        } else if name.same(as: "POWEROFF") {
            self = .powerOff(code: members.word("code"))
        } else if name.same(as: "SHUTDOWN") {
            self = .shutdown(reason: members.text("reason"))
        } else if name.same(as: "RESTORE_HEALTH"), let health = ControlHealth(members.text("health")) {
            self = .restoreHealth(health, detail: members.text("detail"))
        } else if name.same(as: "DEVICE_FAILED") {
            self = .deviceFailed(device: members.text("device"), reason: members.text("reason"))
        } else {
            return nil
        }
        if !members.isComplete { return nil }
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
