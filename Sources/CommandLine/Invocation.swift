// What the user asked for, checked and typed. Nothing here has to be parsed again.

/// A command with its options.
public enum Invocation: Equatable, Sendable {
    case run(RunOptions)
    case restore(RestoreOptions)
    /// Ask the machine that is controlled at a path for something.
    case control(String, ControlChoice)
    case inspect(InspectOptions)
    case diff(DiffOptions)
    case timeline(TimelineOptions)
    case conformance(ConformanceOptions)
    case doctor(DoctorOptions)
    case demo(DemoOptions)
    /// Print completion for a shell: `Completion.script(for:)`.
    case completion(Shell)
    /// Print the manual page: `Manual.page`.
    case manual
    /// Print help, on a command or on the program: `Help.text(for:)`.
    case help(Command?)
    /// Print the version: `Program.versionLine`.
    case version
}

/// `stasis run IMAGE` or `stasis run --kernel FILE`
public struct RunOptions: Equatable, Sendable {
    /// The file to load.
    public enum Image: Equatable, Sendable {
        case program(String)
        case kernel(String)
    }

    public var image: Image
    /// A kernel's initial RAM disk.
    public var initrd: String?
    /// Arguments for the guest, those of `--append` first.
    public var arguments: [String]
    public var backend: BackendChoice
    /// The kernel to simulate; `nil` without the option, and always with `--backend kvm`.
    public var profile: ProfileChoice?
    /// RAM in bytes: 1 MiB to 1536 MiB, a multiple of 64 KiB.
    public var memory: UInt64
    /// Whether the guest has an FPU; `nil` leaves it to the backend.
    public var fpu: Bool?
    public var clock: ClockChoice
    /// The simulator's engine; `nil` for the faster one that works here.
    public var engine: EngineChoice?
    public var clockPolicy: ClockPolicyChoice
    /// Nanoseconds of guest time after which to stop, more than 0.
    public var duration: UInt64?
    /// Where to save the guest when it is stopped.
    public var save: String?
    /// Where to take requests.
    public var control: String?
    /// Where to write the trace.
    public var trace: String?
    /// Where to load the image as raw bytes, a multiple of 4; `nil` for ELF.
    public var raw: UInt32?
    /// virtio devices, in the order of their slots.
    public var devices: [DeviceChoice]
    public var quiet: Bool
}

/// `stasis restore FILE`
public struct RestoreOptions: Equatable, Sendable {
    /// The snapshot.
    public var file: String
    public var backend: BackendChoice
    /// The kernel to simulate; `nil` for the file's.
    public var profile: ProfileChoice?
    /// The clock; `nil` for the file's.
    public var clock: ClockChoice?
    /// The simulator's engine; `nil` for the faster one that works here.
    public var engine: EngineChoice?
    public var clockPolicy: ClockPolicyChoice
    /// Nanoseconds of guest time after which to stop, more than 0.
    public var duration: UInt64?
    /// Where to save the guest when it is stopped.
    public var save: String?
    /// Where to take requests.
    public var control: String?
    /// Where to write the trace.
    public var trace: String?
    /// Files in place of the saved machine's disks.
    public var disks: [String]
    public var quiet: Bool
}

/// `stasis pause|resume|save|status|quit PATH`
public enum ControlChoice: Equatable, Sendable {
    case pause
    /// Without a policy: the machine's own.
    case resume(ClockPolicyChoice?)
    case save(file: String, ClockPolicyChoice?, stayPaused: Bool)
    case status(json: Bool)
    case quit
}

/// `stasis inspect FILE`
public struct InspectOptions: Equatable, Sendable {
    /// The snapshot.
    public var file: String
    public var json: Bool
}

/// `stasis diff A B`
public struct DiffOptions: Equatable, Sendable {
    /// The two snapshots.
    public var first: String
    public var second: String
    public var json: Bool
    public var quiet: Bool
}

/// `stasis timeline FILE`
public struct TimelineOptions: Equatable, Sendable {
    /// A trace or a snapshot.
    public var file: String
    /// Where the picture goes; `nil` for standard output.
    public var output: String?
}

/// `stasis conformance`
public struct ConformanceOptions: Equatable, Sendable {
    public var backend: BackendChoice
    /// The kernel to simulate; `nil` for every profile in turn.
    public var profile: ProfileChoice?
    public var rows: RowSelection
    /// List the rows instead of checking them.
    public var list: Bool
    public var json: Bool
    public var quiet: Bool
}

/// `stasis doctor`
public struct DoctorOptions: Equatable, Sendable {
    public var json: Bool
}

/// `stasis demo`
public struct DemoOptions: Equatable, Sendable {
    /// The guest; `nil` for the ticker that Scripts/build-guests makes.
    public var image: String?
    public var backend: BackendChoice
    /// The kernel to simulate; `nil` without the option.
    public var profile: ProfileChoice?
    public var clock: ClockChoice
    /// Where the guest is kept as it is at the end.
    public var save: String?
    /// Where to write the trace.
    public var trace: String?
    public var json: Bool
    public var quiet: Bool
}
