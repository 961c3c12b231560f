// What `ledger` tells: every freeze, and what the guest saw of it.

public import JSON

/// One freeze that ended, or the sum of several.
public struct ControlLedgerEntry: Equatable, Sendable {
    /// The host's wall clock at the freeze, nanoseconds since 1970 UTC.
    public var frozenRealtime: Int64
    /// The guest's clock source's monotonic clock then, nanoseconds.
    public var frozenMonotonic: UInt64
    /// Nanoseconds the guest stood.
    public var gap: Int64
    /// Nanoseconds of it the guest did not see. The rest it saw pass at once.
    public var hidden: Int64
    /// `pause`, `save`, `restore` or `migration`.
    public var cause: String
    /// In the words of the command line.
    public var policy: String
    /// The wall clock had gone backwards, and the gap was taken as nothing.
    public var isClamped: Bool

    public init(
        frozenRealtime: Int64, frozenMonotonic: UInt64, gap: Int64, hidden: Int64, cause: String, policy: String,
        isClamped: Bool = false
    ) {
        self.frozenRealtime = frozenRealtime
        self.frozenMonotonic = frozenMonotonic
        self.gap = gap
        self.hidden = hidden
        self.cause = cause
        self.policy = policy
        self.isClamped = isClamped
    }

    init?(_ json: JSONValue) {
        var members = JSONMembers(json)
        self.init(
            frozenRealtime: members.signed("frozen-realtime"), frozenMonotonic: members.unsigned("frozen-monotonic"),
            gap: members.signed("gap"), hidden: members.signed("hidden"), cause: members.text("cause"),
            policy: members.text("policy"), isClamped: members.truth("clamped"))
        if !members.isComplete { return nil }
    }

    func write(_ json: inout JSONWriter) {
        json.beginObject()
        json.member("frozen-realtime", frozenRealtime)
        json.member("frozen-monotonic", frozenMonotonic)
        json.member("gap", gap)
        json.member("hidden", hidden)
        json.member("cause", cause)
        json.member("policy", policy)
        json.member("clamped", isClamped)
        json.endObject()
    }
}

/// The answer to `ledger`.
public struct ControlLedger: Equatable, Sendable {
    /// All freezes there ever were, those that are no longer listed included: how many, and nanoseconds.
    public var freezes: UInt64
    public var gap: Int64
    public var hidden: Int64
    /// The last of them, oldest first.
    public var entries: [ControlLedgerEntry]

    public init(freezes: UInt64, gap: Int64, hidden: Int64, entries: [ControlLedgerEntry]) {
        self.freezes = freezes
        self.gap = gap
        self.hidden = hidden
        self.entries = entries
    }

    /// Reads one from the value of `return`; `nil` if something is missing.
    public init?(_ json: JSONValue) {
        var members = JSONMembers(json)
        var entries: [ControlLedgerEntry] = []
        for each in members.list("entries") {
            guard let entry = ControlLedgerEntry(each) else { return nil }
            entries.append(entry)
        }
        self.init(
            freezes: members.unsigned("freezes"), gap: members.signed("gap"), hidden: members.signed("hidden"),
            entries: entries)
        if !members.isComplete { return nil }
    }

    func write(_ json: inout JSONWriter) {
        json.member("freezes", freezes)
        json.member("gap", gap)
        json.member("hidden", hidden)
        json.key("entries")
        json.beginArray()
        for entry in entries { entry.write(&json) }
        json.endArray()
    }
}
