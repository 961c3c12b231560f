// The commands and their arguments, as a table.

/// What a machine can be asked for.
public enum ControlCommand: CaseIterable, Sendable {
    case pause, resume, save, status, clock, ledger, quit

    /// The word in a request.
    public var name: String {
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

    public var name: String {
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

/// Names for a sentence: "file, policy and stay-paused".
func list(_ names: [String]) -> String {
    var text = ""
    for index in names.indices {
        if index > 0 { text += index == names.count - 1 ? " and " : ", " }
        text += names[index]
    }
    return text
}

extension String {
    /// Whether both have the same bytes. `==` would need Unicode tables.
    func same(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }

    /// What a client said, fit for one line: in quotes, without control characters, cut after 64 bytes.
    var quoted: String {
        var bytes: [UInt8] = [0x27]
        for byte in utf8 {
            // Cut only where a character begins.
            if bytes.count > 64 && byte & 0xC0 != 0x80 {
                bytes.append(contentsOf: "...".utf8)
                break
            }
            bytes.append(byte < 0x20 || byte == 0x7F ? 0x3F : byte)
        }
        bytes.append(0x27)
        return String(decoding: bytes, as: UTF8.self)
    }
}
