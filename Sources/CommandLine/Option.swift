// The options: every one of them, once.

/// An option's identity. Its name, value and help are a row of `OptionSpec.table`.
enum Option: UInt8, CaseIterable {
    case backend
    case profile
    case memory
    case fpu
    case clock
    case engine
    case clockPolicy
    case duration
    case save
    case control
    case stayPaused
    case trace
    case output
    case raw
    case append
    case kernel
    case initrd
    case disk
    case net
    case console
    case rng
    case rows
    case list
    case json
    case quiet
    case help
    case version
}

/// Which texts an option or operand takes.
enum ValueKind {
    /// None: the option is there or not.
    case flag
    /// One of these words.
    case choice([String])
    /// A size in bytes within limits and a multiple of a step.
    case size(minimum: UInt64, maximum: UInt64, step: UInt64)
    /// A length of time.
    case duration
    /// A clock policy.
    case clockPolicy
    /// A guest address.
    case address
    /// A file to read or write.
    case file
    /// Any text.
    case text
    /// Conformance rows.
    case rows
}

/// One row of the table: what an option is called, what it takes, and what is said about it.
struct OptionSpec {
    let option: Option
    /// The name without its two dashes.
    let long: String
    /// The letter after a single dash, or 0.
    let short: UInt8
    /// What the value is called in help; empty for a flag.
    let placeholder: String
    let kind: ValueKind
    /// A few words, for a line of help and for completion.
    let summary: String
    /// Sentences for the manual page.
    let details: String

    /// The option as a user types it, without its value.
    var name: String { "--" + long }

    /// The row of an option.
    static func of(_ option: Option) -> OptionSpec {
        table[Int(option.rawValue)]
    }

    /// Every option, in the order of `Option`.
    static let table: [OptionSpec] = [
        OptionSpec(
            option: .backend, long: "backend", short: 0, placeholder: "NAME", kind: .choice(BackendChoice.names),
            summary: "what runs the guest",
            details: """
                kvm is the host's /dev/kvm and needs a MIPS kernel that virtualizes MIPS. simulator keeps the same contract \
                in software on any host. auto takes kvm where it can, simulator elsewhere, and says in one line which \
                one it took and why.
                """),
        OptionSpec(
            option: .profile, long: "profile", short: 0, placeholder: "NAME", kind: .choice(ProfileChoice.names),
            summary: "kernel to simulate",
            details: """
                te-5.10 is trap and emulate as in Linux 5.10 with its interrupt-mask defect, te-fixed is the same without \
                the defect, vz is hardware virtualization and runs unmodified kernels. A real kernel is what it is: \
                the option does not go with --backend kvm.
                """),
        OptionSpec(
            option: .memory, long: "memory", short: 0, placeholder: "SIZE",
            kind: .size(minimum: 1 << 20, maximum: 1536 << 20, step: 64 << 10), summary: "guest RAM",
            details: """
                A number with K, M or G (powers of 1024). The first 256M are at physical address 0, the rest at \
                0x20000000.
                """),
        OptionSpec(
            option: .fpu, long: "fpu", short: 0, placeholder: "on|off", kind: .choice(Switch.names),
            summary: "give the guest an FPU",
            details: "Whether the guest's CPU has a floating-point unit. Without the option the backend decides."),
        OptionSpec(
            option: .clock, long: "clock", short: 0, placeholder: "NAME", kind: .choice(ClockChoice.names),
            summary: "where guest time comes from",
            details: """
                host is the host's monotonic clock. virtual is advanced by the instructions the guest retires and skips \
                ahead when the guest waits: two runs are then the same to the bit. Only the simulator has it.
                """),
        OptionSpec(
            option: .engine, long: "engine", short: 0, placeholder: "NAME", kind: .choice(EngineChoice.names),
            summary: "simulated CPU",
            details: """
                What executes instructions in the simulator. translated makes machine code of what runs often and is \
                several times as fast; it is for x86-64, and the default there. interpreted works everywhere. The guest is the same under both, to the \
                bit on a virtual clock, and snapshots go from one to the other.
                """),
        OptionSpec(
            option: .clockPolicy, long: "clock-policy", short: 0, placeholder: "POLICY", kind: .clockPolicy,
            summary: "missed time",
            details: """
                What the guest's clock does about the time the guest did not see: at a restore, and when the program goes on \
                (SIGCONT) after SIGTSTP, which freezes the guest. freeze: it \
                sees no gap. catch-up: all of it passes at once. catch-up-max=DURATION: at most so much of it passes. \
                at=TIME: the guest goes on as if it were that instant, written as in RFC 3339 \
                (2026-01-02T03:04:05.678Z) or as seconds since 1970 (@1767323045.678).
                """),
        OptionSpec(
            option: .duration, long: "for", short: 0, placeholder: "DURATION", kind: .duration,
            summary: "stop after so much guest time",
            details: "A duration is numbers with the units h, m, s, ms, us, ns, larger units first: 1m30s, 1.5s, 250ms."
        ),
        OptionSpec(
            option: .save, long: "save", short: 0, placeholder: "FILE", kind: .file,
            summary: "save a snapshot when stopped",
            details: """
                Where the guest is saved when it is stopped by --for or a signal. The file is replaced as a whole or not \
                at all.
                """),
        OptionSpec(
            option: .control, long: "control", short: 0, placeholder: "PATH", kind: .file,
            summary: "take requests on a socket there",
            details: """
                Listens on a local socket at PATH, for this user only: stasis pause, resume, save, status and quit are its                 clients, and any program that speaks lines of JSON. The socket goes with the machine.
                """),
        OptionSpec(
            option: .stayPaused, long: "stay-paused", short: 0, placeholder: "", kind: .flag,
            summary: "leave it paused afterwards",
            details: "Leaves the guest paused after the save: stasis resume lets it go on."),
        OptionSpec(
            option: .trace, long: "trace", short: 0, placeholder: "FILE", kind: .file,
            summary: "write down what Count does",
            details: "Writes a trace of the guest's timer, which stasis timeline draws."),
        OptionSpec(
            option: .output, long: "output", short: UInt8(ascii: "o"), placeholder: "FILE", kind: .file,
            summary: "where to write",
            details: "The file to write; without the option, and with -, standard output."),
        OptionSpec(
            option: .raw, long: "raw", short: 0, placeholder: "ADDRESS", kind: .address,
            summary: "load IMAGE as it is, there",
            details: """
                Takes the image for raw bytes instead of ELF, loads them at this address and starts there. Decimal, or \
                hexadecimal after 0x; a multiple of 4.
                """),
        OptionSpec(
            option: .append, long: "append", short: 0, placeholder: "TEXT", kind: .text,
            summary: "one more argument for the guest",
            details: """
                Adds the text, unsplit, to the guest's arguments; may be given several times. Words after -- follow. A \
                kernel's command line is all of them with spaces between.
                """),
        OptionSpec(
            option: .kernel, long: "kernel", short: 0, placeholder: "FILE", kind: .file,
            summary: "boot this Linux kernel",
            details: """
                Boots a vmlinux or vmlinuz, an ELF file, in place of IMAGE: it is given a device tree of the board (UHI).
                """),
        OptionSpec(
            option: .initrd, long: "initrd", short: 0, placeholder: "FILE", kind: .file,
            summary: "its initial RAM disk",
            details: "The kernel's initial RAM disk, as it is: the kernel unpacks it."),
        OptionSpec(
            option: .disk, long: "disk", short: 0, placeholder: "FILE[,ro]", kind: .file,
            summary: "a virtio disk: raw image or block device",
            details: """
                Connects a raw image or a block device as the next virtio disk; may be given several times. ro makes it \
                read-only; serial=TEXT, after another comma, names it to the guest. FILE is locked, so that no two machines use it. A comma in a name is typed twice. At a restore: the \
                file to use in place of the next disk of the saved machine, a copy of it from that time.
                """),
        OptionSpec(
            option: .net, long: "net", short: 0, placeholder: "TAP[,mac=M]", kind: .text,
            summary: "a virtio network card on this TAP interface",
            details: """
                Connects the TAP interface of this name as a virtio network card; may be given several times. Without mac= the \
                card's address is made from the name.
                """),
        OptionSpec(
            option: .console, long: "console", short: 0, placeholder: "LINE", kind: .text,
            summary: "a virtio console: pty or unix:PATH",
            details: """
                Adds a virtio console (hvc0 in Linux) on a new pseudo-terminal, whose name is printed, or on a socket that \
                listens at PATH. The serial console stays on the terminal.
                """),
        OptionSpec(
            option: .rng, long: "rng", short: 0, placeholder: "", kind: .flag,
            summary: "a virtio source of random numbers",
            details: """
                Adds a virtio source of entropy: the host's random numbers, or on a virtual clock a sequence that is always \
                the same, and fit for no secret.
                """),
        OptionSpec(
            option: .rows, long: "rows", short: 0, placeholder: "LIST", kind: .rows,
            summary: "rows to check, such as T8,G1-G9,M",
            details: """
                Ids (T8), ranges (T1-T9) and whole sections (T) with commas between. Without the option every row is \
                checked.
                """),
        OptionSpec(
            option: .list, long: "list", short: 0, placeholder: "", kind: .flag,
            summary: "list the rows, check none", details: "Prints the selected rows and what each one says."),
        OptionSpec(
            option: .json, long: "json", short: 0, placeholder: "", kind: .flag, summary: "print JSON",
            details: "Prints one JSON document instead of text for people."),
        OptionSpec(
            option: .quiet, long: "quiet", short: UInt8(ascii: "q"), placeholder: "", kind: .flag,
            summary: "print only results and errors",
            details: "Leaves out progress and remarks; results and errors stay."),
        OptionSpec(
            option: .help, long: "help", short: UInt8(ascii: "h"), placeholder: "", kind: .flag,
            summary: "print this help", details: "Prints help on one screen, for the program or for the command."),
        OptionSpec(
            option: .version, long: "version", short: UInt8(ascii: "V"), placeholder: "", kind: .flag,
            summary: "print the version", details: "Prints the program's name and version."),
    ]
}

extension ValueKind {
    /// Whether a value follows the option.
    var takesValue: Bool {
        if case .flag = self { false } else { true }
    }

    /// The allowed values in a few words, for help; empty where the option's summary says enough.
    var note: String {
        switch self {
        case .choice(let names): list(names)
        case .size(let minimum, let maximum, _): Size.format(minimum) + " to " + Size.format(maximum)
        case .clockPolicy: "freeze, catch-up[-max=D], at=T"
        case .flag, .duration, .address, .file, .text, .rows: ""
        }
    }
}
