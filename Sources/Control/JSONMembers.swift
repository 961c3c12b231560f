// Reading the members of an object that have to be there.

import JSON

/// Members of an object, one by one; whether one was missing or of another type is asked once, at the end. None of its functions becomes
/// part of its callers: they would grow by each call.
struct JSONMembers {
    private let json: JSONValue
    private(set) var isComplete = true

    init(_ json: JSONValue) { self.json = json }

    @inline(never)
    mutating func text(_ name: StaticString) -> String { present(json[name]?.text) ?? "" }
    @inline(never)
    mutating func signed(_ name: StaticString) -> Int64 { present(json[name]?.signed) ?? 0 }
    @inline(never)
    mutating func unsigned(_ name: StaticString) -> UInt64 { present(json[name]?.unsigned) ?? 0 }
    @inline(never)
    mutating func word(_ name: StaticString) -> UInt32 { present(UInt32(exactly: unsigned(name))) ?? 0 }
    @inline(never)
    mutating func truth(_ name: StaticString) -> Bool { present(json[name]?.truth) ?? false }
    @inline(never)
    mutating func list(_ name: StaticString) -> [JSONValue] { present(json[name]?.elements) ?? [] }

    private mutating func present<Value>(_ value: Value?) -> Value? {
        if value == nil { isComplete = false }
        return value
    }
}
