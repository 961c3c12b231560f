// The commands: every one of them, once.

/// A command's identity. Its name, operands, options and help are a row of `CommandSpec.table`.
public enum Command: UInt8, CaseIterable, Sendable {
    case run
    case restore
    case pause
    case resume
    case save
    case status
    case quit
    case inspect
    case diff
    case timeline
    case conformance
    case doctor
    case demo
    case completion
    case manual
    case help
}

extension Command: Choice {
    /// The word a user types.
    public var name: String {
        switch self {
        case .run: "run"
        case .restore: "restore"
        case .pause: "pause"
        case .resume: "resume"
        case .save: "save"
        case .status: "status"
        case .quit: "quit"
        case .inspect: "inspect"
        case .diff: "diff"
        case .timeline: "timeline"
        case .conformance: "conformance"
        case .doctor: "doctor"
        case .demo: "demo"
        case .completion: "completion"
        case .manual: "manual"
        case .help: "help"
        }
    }
}

/// A word after the command that is no option.
struct OperandSpec {
    /// What it is called in help.
    let placeholder: String
    let kind: ValueKind
    /// Whether it has to be there.
    let isRequired: Bool
}

/// An option as one command takes it.
struct OptionUse {
    let option: Option
    /// What holds without the option, in square brackets in help; empty if there is nothing to say.
    let fallback: String

    init(_ option: Option, _ fallback: String = "") {
        self.option = option
        self.fallback = fallback
    }
}

/// One row of the table: what a command is called, what it takes, and what is said about it.
struct CommandSpec {
    let command: Command
    let operands: [OperandSpec]
    /// Whether words after `--` go to the guest.
    let takesArguments: Bool
    /// The command's own options; `--help` and `--version` go with every command.
    let options: [OptionUse]
    /// A few words for the list of commands.
    let summary: String
    /// A sentence or two, above the options in help.
    let purpose: String
    /// Paragraphs for the manual page.
    let details: [String]

    /// The row of a command.
    static func of(_ command: Command) -> CommandSpec {
        table[Int(command.rawValue)]
    }

    /// The options that every command takes, and the program without one.
    static let commonOptions = [OptionUse(.help), OptionUse(.version)]

    /// The command's own options and the common ones.
    var allOptions: [OptionUse] { options + Self.commonOptions }

    /// Whether the command takes an option.
    func takes(_ option: Option) -> Bool {
        for use in allOptions where use.option == option { return true }
        return false
    }

    /// Where a machine is controlled: the path of its --control.
    private static let controlPath = OperandSpec(placeholder: "PATH", kind: .file, isRequired: true)

    /// Every command, in the order of `Command`.
    static let table: [CommandSpec] = [
        CommandSpec(
            command: .run,
            operands: [OperandSpec(placeholder: "IMAGE", kind: .file, isRequired: false)], takesArguments: true,
            options: [
                OptionUse(.kernel), OptionUse(.initrd), OptionUse(.disk), OptionUse(.net), OptionUse(.console),
                OptionUse(.rng), OptionUse(.backend, "auto"), OptionUse(.profile, "vz"),
                OptionUse(.memory, "64M"), OptionUse(.fpu),
                OptionUse(.clock, "host"), OptionUse(.engine), OptionUse(.clockPolicy, "freeze"),
                OptionUse(.duration), OptionUse(.save),
                OptionUse(.control), OptionUse(.trace), OptionUse(.raw), OptionUse(.append), OptionUse(.quiet),
            ],
            summary: "run a guest",
            purpose: "Run IMAGE, a 32-bit little-endian MIPS program, or a kernel till it powers off.",
            details: [
                "IMAGE is an ELF file, or with --raw any bytes. Its console is the terminal.",
                """
                Arguments for the guest are those of --append and, after them, the words that follow --.
                """,
            ]),
        CommandSpec(
            command: .restore,
            operands: [OperandSpec(placeholder: "FILE", kind: .file, isRequired: true)], takesArguments: false,
            options: [
                OptionUse(.backend, "auto"), OptionUse(.profile, "FILE's"), OptionUse(.clock, "FILE's"),
                OptionUse(.engine),
                OptionUse(.clockPolicy, "freeze"), OptionUse(.disk), OptionUse(.duration), OptionUse(.save),
                OptionUse(.control), OptionUse(.trace), OptionUse(.quiet),
            ],
            summary: "go on with a saved guest",
            purpose: "Go on with the guest saved in FILE. The file is only read, unless --save names it.",
            details: [
                """
                The whole file is checked before the guest runs: a damaged, truncated or foreign file is an error and \
                nothing is started. --profile and --clock have to fit what the file says.
                """
            ]),
        CommandSpec(
            command: .pause, operands: [controlPath], takesArguments: false, options: [],
            summary: "stop a running guest's time",
            purpose: "Stop the guest controlled at PATH, and its time.", details: []),
        CommandSpec(
            command: .resume, operands: [controlPath], takesArguments: false,
            options: [OptionUse(.clockPolicy, "run's")],
            summary: "let it go on",
            purpose: "Let the paused guest controlled at PATH go on.", details: []),
        CommandSpec(
            command: .save,
            operands: [controlPath, OperandSpec(placeholder: "FILE", kind: .file, isRequired: true)],
            takesArguments: false,
            options: [OptionUse(.clockPolicy, "run's"), OptionUse(.stayPaused)],
            summary: "save a running guest",
            purpose: "Save the guest controlled at PATH in FILE. It goes on afterwards, unless it was paused.",
            details: []),
        CommandSpec(
            command: .status, operands: [controlPath], takesArguments: false, options: [OptionUse(.json)],
            summary: "tell how a guest does",
            purpose: "Tell how the guest controlled at PATH does: its state, devices, clock and time ledger.",
            details: []),
        CommandSpec(
            command: .quit, operands: [controlPath], takesArguments: false, options: [],
            summary: "end a running guest",
            purpose: "End the guest controlled at PATH. Nothing is saved.", details: []),
        CommandSpec(
            command: .inspect,
            operands: [OperandSpec(placeholder: "FILE", kind: .file, isRequired: true)], takesArguments: false,
            options: [OptionUse(.json)],
            summary: "show what a snapshot holds",
            purpose: "Show what the snapshot FILE holds: sections, registers, timer, devices, time ledger.",
            details: []),
        CommandSpec(
            command: .diff,
            operands: [
                OperandSpec(placeholder: "A", kind: .file, isRequired: true),
                OperandSpec(placeholder: "B", kind: .file, isRequired: true),
            ], takesArguments: false, options: [OptionUse(.json), OptionUse(.quiet)],
            summary: "compare two snapshots",
            purpose: "Compare the snapshots A and B. The exit status is 0 if they are the same, 1 if not.",
            details: ["With --quiet only the exit status tells."]),
        CommandSpec(
            command: .timeline,
            operands: [OperandSpec(placeholder: "FILE", kind: .file, isRequired: true)], takesArguments: false,
            options: [OptionUse(.output, "-")],
            summary: "draw a guest's time",
            purpose: "Draw Count against host time, as SVG: a trace, a snapshot's ledger or a running guest's.",
            details: [
                """
                The picture has the line of Count, the times the guest stood, what a policy made the guest see of them, \
                and from a trace when Compare was reached and an interrupt was pending.
                """
            ]),
        CommandSpec(
            command: .conformance, operands: [], takesArguments: false,
            options: [
                OptionUse(.backend, "auto"), OptionUse(.profile, "all"), OptionUse(.rows, "all"), OptionUse(.list),
                OptionUse(.json), OptionUse(.quiet),
            ],
            summary: "check the KVM contract",
            purpose: "Check, row by row, that a backend keeps the KVM/MIPS contract. Prints TAP.",
            details: [
                """
                Each row is a line "ok 12 T8 freeze holds TI back" or "not ok ...". A row that cannot apply is marked \
                "# SKIP" with the reason. The exit status is 1 if a row failed. With --quiet only failed rows and the \
                counts are printed.
                """
            ]),
        CommandSpec(
            command: .doctor, operands: [], takesArguments: false, options: [OptionUse(.json)],
            summary: "say what this host can do",
            purpose: "Say what this host can do, which backend auto would take, and why.",
            details: [
                """
                Everything is tried, not looked up, with one exception: no vCPU is made on a kernel that this may crash. What is \
                not as it could be comes with a remedy. The exit status is 0 if guests can be run here, on whichever backend, \
                and 1 if not.
                """
            ]),
        CommandSpec(
            command: .demo,
            operands: [OperandSpec(placeholder: "IMAGE", kind: .file, isRequired: false)], takesArguments: false,
            options: [
                OptionUse(.backend, "auto"), OptionUse(.profile, "vz"), OptionUse(.clock, "host"), OptionUse(.save),
                OptionUse(.trace), OptionUse(.json), OptionUse(.quiet),
            ],
            summary: "stop a guest's time and check it",
            purpose: "Freeze, thaw, save and restore a ticking guest, and check that no tick is lost or doubled.",
            details: [
                """
                IMAGE is the guest to use instead of the ticker that Scripts/build-guests makes. The exit status is 1 \
                if a tick was lost, doubled or late. --save keeps the guest as it is at the end.
                """
            ]),
        CommandSpec(
            command: .completion,
            operands: [OperandSpec(placeholder: "SHELL", kind: .choice(Shell.names), isRequired: true)],
            takesArguments: false, options: [],
            summary: "print completion for a shell",
            purpose: "Print completion for bash, zsh or fish, to be sourced by it.",
            details: [
                """
                bash: source <(stasis completion bash). zsh: source <(stasis completion zsh). fish: stasis completion \
                fish | source.
                """
            ]),
        CommandSpec(
            command: .manual, operands: [], takesArguments: false, options: [],
            summary: "print the manual page",
            purpose: "Print the manual page as roff: stasis manual | man -l -",
            details: []),
        CommandSpec(
            command: .help,
            operands: [OperandSpec(placeholder: "COMMAND", kind: .choice(Command.names), isRequired: false)],
            takesArguments: false, options: [],
            summary: "print help on a command",
            purpose: "Print help on COMMAND, or on the program.",
            details: []),
    ]
}
