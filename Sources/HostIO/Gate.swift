// The gate between a restored guest and the world.

import Host

/// Shut until somebody knows whether what a guest does may leave the process. Decided once.
public final class Gate: @unchecked Sendable {
    public enum State: Equatable, Sendable {
        /// Not decided: nothing leaves.
        case shut
        case open
        /// Nothing will ever leave.
        case failed
    }

    private let condition = Condition()
    // Under `condition`:
    private var current = State.shut
    private var listeners: [@Sendable (State) -> Void] = []

    public init() {}

    public var state: State { condition.withLock { current } }

    /// Lets everything through from now on.
    public func open() { decide(.open) }

    /// Lets nothing through, for ever.
    public func fail() { decide(.failed) }

    /// Waits for the decision: true when the gate is open.
    public func wait() -> Bool {
        condition.withLock {
            while current == .shut { condition.wait() }
            return current == .open
        }
    }

    /// Calls `listener` with the decision: now if there is one, otherwise from the thread that makes it.
    public func whenDecided(_ listener: @escaping @Sendable (State) -> Void) {
        let decided = condition.withLock {
            if current == .shut { listeners.append(listener) }
            return current
        }
        if decided != .shut { listener(decided) }
    }

    /// The first decision stands.
    private func decide(_ verdict: State) {
        let waiting: [@Sendable (State) -> Void] = condition.withLock {
            guard current == .shut else { return [] }
            current = verdict
            condition.broadcast()
            defer { listeners = [] }
            return listeners
        }
        for listener in waiting { listener(verdict) }
    }
}
