// Which states a machine has and which steps lead from one to another.

/// The life of a machine as a value: asked before each step, changed by it.
public struct LifeCycle: Equatable, Sendable {
    public enum State: UInt8, Sendable {
        /// It has memory and a vCPU, no program has run.
        case created = 0
        /// Its time runs, whether or not a thread is in the run loop.
        case running = 1
        /// Its time stands still.
        case paused = 2
        /// It powered off or failed.
        case ended = 3
    }

    /// A step somebody asks for.
    public enum Step: UInt8, Sendable {
        case load = 0
        case run = 1
        case pause = 2
        case resume = 3
        case save = 4
    }

    /// A step that does not lead anywhere from this state.
    public struct Refusal: Error, Equatable, CustomStringConvertible {
        public let step: Step
        public let state: State

        public var description: String { "a machine that \(state) cannot \(step)" }
    }

    public private(set) var state = State.created

    public init() {}

    /// Takes a step, or says why not. `save` and `load` do not change the state.
    public mutating func take(_ step: Step) throws(Refusal) {
        switch (step, state) {
        case (.load, .created): break
        case (.run, .created), (.run, .running): state = .running
        case (.pause, .created), (.pause, .running): state = .paused
        case (.resume, .paused): state = .running
        case (.save, .paused): break
        default: throw Refusal(step: step, state: state)
        }
    }

    /// A new machine got the state of a saved one.
    mutating func restored() { state = .paused }

    /// The guest powered off or cannot go on; from any state.
    public mutating func end() { state = .ended }
}

extension LifeCycle.State: CustomStringConvertible {
    public var description: String {
        switch self {
        case .created: "has not run yet"
        case .running: "is running"
        case .paused: "is paused"
        case .ended: "has ended"
        }
    }
}

extension LifeCycle.Step: CustomStringConvertible {
    public var description: String {
        switch self {
        case .load: "load a program"
        case .run: "run"
        case .pause: "be paused"
        case .resume: "be resumed"
        case .save: "be saved"
        }
    }
}
