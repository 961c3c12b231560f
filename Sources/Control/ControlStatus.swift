// What `status` and `clock` tell.

public import JSON

/// Whether the guest's time goes on.
public enum ControlState: CaseIterable, Sendable {
    case running, paused

    public var name: StaticString {
        switch self {
        case .running: "running"
        case .paused: "paused"
        }
    }

    init?(_ name: String) {
        for each in Self.allCases where name.same(as: each.name) {
            self = each
            return
        }
        return nil
    }
}

/// How a restored guest does.
public enum ControlHealth: CaseIterable, Sendable {
    /// It took no timer interrupt yet, and there is still time for it.
    case waiting
    /// It took one, or needed none.
    case good
    /// It should have taken one and did not.
    case bad

    public var name: StaticString {
        switch self {
        case .waiting: "waiting"
        case .good: "good"
        case .bad: "bad"
        }
    }

    init?(_ name: String) {
        for each in Self.allCases where name.same(as: each.name) {
            self = each
            return
        }
        return nil
    }
}

/// A device of the machine.
public struct ControlDevice: Equatable, Sendable {
    /// Unique in the machine: `disk0`.
    public var name: String
    /// What it is: `virtio-blk`.
    public var kind: String
    /// Why it failed; empty for a device that works.
    public var failure: String

    public init(name: String, kind: String, failure: String = "") {
        self.name = name
        self.kind = kind
        self.failure = failure
    }
}

/// The answer to `status`.
public struct ControlStatus: Equatable, Sendable {
    public var state: ControlState
    /// `kvm` or `simulator`.
    public var backend: String
    public var profile: String
    /// Bytes of guest memory.
    public var memory: UInt64
    /// Nanoseconds the guest has run, by its own clock.
    public var uptime: UInt64
    public var count: UInt32
    /// Of a machine that was restored.
    public var health: ControlHealth?
    public var devices: [ControlDevice]

    public init(
        state: ControlState, backend: String, profile: String, memory: UInt64, uptime: UInt64, count: UInt32,
        health: ControlHealth? = nil, devices: [ControlDevice]
    ) {
        self.state = state
        self.backend = backend
        self.profile = profile
        self.memory = memory
        self.uptime = uptime
        self.count = count
        self.health = health
        self.devices = devices
    }

    /// Reads one from the value of `return`; `nil` if something is missing.
    public init?(_ json: JSONValue) {
        var members = JSONMembers(json)
        var devices: [ControlDevice] = []
        for each in members.list("devices") {
            var parts = JSONMembers(each)
            devices.append(
                ControlDevice(name: parts.text("name"), kind: parts.text("kind"), failure: each["failure"]?.text ?? ""))
            if !parts.isComplete { return nil }
        }
        guard let state = ControlState(members.text("state")) else { return nil }
        self.init(
            state: state, backend: members.text("backend"), profile: members.text("profile"),
            memory: members.unsigned("memory"), uptime: members.unsigned("uptime"), count: members.word("count"),
            health: json["health"]?.text.flatMap { ControlHealth($0) }, devices: devices)
        if !members.isComplete { return nil }
    }

    func write(_ json: inout JSONWriter) {
        json.key("state")
        json.value(state.name)
        json.member("backend", backend)
        json.member("profile", profile)
        json.member("memory", memory)
        json.member("uptime", uptime)
        json.member("count", UInt64(count))
        if let health {
            json.key("health")
            json.value(health.name)
        }
        json.key("devices")
        json.beginArray()
        for device in devices {
            json.beginObject()
            json.member("name", device.name)
            json.member("kind", device.kind)
            if !device.failure.utf8.isEmpty { json.member("failure", device.failure) }
            json.endObject()
        }
        json.endArray()
    }
}

/// The answer to `clock`: the guest's time beside the host's, at one instant.
public struct ControlClock: Equatable, Sendable {
    /// Nanoseconds of the guest's CLOCK_MONOTONIC, as far as its hardware tells: since its Count began.
    public var guestMonotonic: UInt64
    /// Nanoseconds since 1970 UTC by the guest's real-time clock.
    public var guestRealtime: Int64
    /// Nanoseconds since 1970 UTC by the host.
    public var hostRealtime: Int64
    public var count: UInt32
    public var compare: UInt32
    /// Counts a second.
    public var hz: UInt32
    /// Whether all of these stand still, but for the host's.
    public var isFrozen: Bool

    public init(
        guestMonotonic: UInt64, guestRealtime: Int64, hostRealtime: Int64, count: UInt32, compare: UInt32, hz: UInt32,
        isFrozen: Bool
    ) {
        self.guestMonotonic = guestMonotonic
        self.guestRealtime = guestRealtime
        self.hostRealtime = hostRealtime
        self.count = count
        self.compare = compare
        self.hz = hz
        self.isFrozen = isFrozen
    }

    /// Reads one from the value of `return`; `nil` if something is missing.
    public init?(_ json: JSONValue) {
        var members = JSONMembers(json)
        self.init(
            guestMonotonic: members.unsigned("guest-monotonic"), guestRealtime: members.signed("guest-realtime"),
            hostRealtime: members.signed("host-realtime"), count: members.word("count"),
            compare: members.word("compare"), hz: members.word("hz"), isFrozen: members.truth("frozen"))
        if !members.isComplete { return nil }
    }

    func write(_ json: inout JSONWriter) {
        json.member("guest-monotonic", guestMonotonic)
        json.member("guest-realtime", guestRealtime)
        json.member("host-realtime", hostRealtime)
        json.member("count", UInt64(count))
        json.member("compare", UInt64(compare))
        json.member("hz", UInt64(hz))
        json.member("frozen", isFrozen)
    }
}
