// The commands and their arguments, as a table.

/// What a machine can be asked for.
public enum ControlCommand: CaseIterable, Sendable {
    case pause, resume, save, status, clock, ledger, quit

    /// The word in a request.
    public var name: StaticString {
        switch self {
        case .pause: "pause"
        case .resume: "resume"
        case .save: "save"
        case .status: "status"
        case .clock: "clock"
        case .ledger: "ledger"
        case .quit: "quit"
        }
    }

    public var arguments: [ControlArgument] {
        switch self {
        case .pause, .status, .clock, .ledger, .quit: []
        case .resume: [.policy]
        case .save: [.file, .policy, .stayPaused]
        }
    }
}

/// An argument of a command. One name means one thing in all of them.
public enum ControlArgument: CaseIterable, Sendable {
    /// The snapshot to be written.
    case file
    /// What becomes of the time the guest stood, in the words of the command line.
    case policy
    /// Whether the machine is left paused.
    case stayPaused

    public var name: StaticString {
        switch self {
        case .file: "file"
        case .policy: "policy"
        case .stayPaused: "stay-paused"
        }
    }

    /// Whether it is true or false; otherwise it is text.
    public var isTruth: Bool { self == .stayPaused }
    /// Whether it has to be there.
    public var isRequired: Bool { self == .file }
}
