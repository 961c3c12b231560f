// Options that choose one of a few words.

/// An option value that is one word out of a closed list.
protocol Choice: CaseIterable {
    /// The word a user types.
    var name: String { get }
}

extension Choice {
    /// Every word, in the order of help.
    static var names: [String] {
        var names: [String] = []
        for choice in allCases { names.append(choice.name) }
        return names
    }

    /// The choice a word stands for.
    static func parse(_ text: String) throws(ValueError) -> Self {
        for choice in allCases where choice.name.same(as: text) { return choice }
        throw .notAChoice(names, nearest: nearest(to: text, among: names))
    }
}

/// Who keeps the contract with the guest.
public enum BackendChoice: UInt8, CaseIterable, Sendable {
    /// `/dev/kvm` where it virtualizes MIPS, the simulator elsewhere.
    case auto
    /// The host's `/dev/kvm`, or an error.
    case kvm
    /// The simulator.
    case simulator
}

extension BackendChoice: Choice {
    public var name: String {
        switch self {
        case .auto: "auto"
        case .kvm: "kvm"
        case .simulator: "simulator"
        }
    }
}

/// Which kernel the simulator plays.
public enum ProfileChoice: UInt8, CaseIterable, Sendable {
    /// Trap and emulate as in Linux 5.10, its interrupt-mask defect included.
    case trapAndEmulate510
    /// Trap and emulate with that defect repaired.
    case trapAndEmulateFixed
    /// Hardware virtualization (the MIPS VZ module); runs unmodified kernels.
    case vz
}

extension ProfileChoice: Choice {
    public var name: String {
        switch self {
        case .trapAndEmulate510: "te-5.10"
        case .trapAndEmulateFixed: "te-fixed"
        case .vz: "vz"
        }
    }
}

/// Where guest time comes from.
public enum ClockChoice: UInt8, CaseIterable, Sendable {
    /// The host's monotonic clock.
    case host
    /// A clock advanced by retired instructions: a run is repeatable to the bit.
    case virtual
}

extension ClockChoice: Choice {
    public var name: String {
        switch self {
        case .host: "host"
        case .virtual: "virtual"
        }
    }
}

/// What executes a simulated guest's instructions.
public enum EngineChoice: UInt8, CaseIterable, Sendable {
    /// One handler after the other.
    case interpreted
    /// Machine code, where a program may make some.
    case translated
}

extension EngineChoice: Choice {
    public var name: String {
        switch self {
        case .interpreted: "interpreted"
        case .translated: "translated"
        }
    }
}

/// A shell that completion can be written for.
public enum Shell: UInt8, CaseIterable, Sendable {
    case bash
    case zsh
    case fish
}

extension Shell: Choice {
    public var name: String {
        switch self {
        case .bash: "bash"
        case .zsh: "zsh"
        case .fish: "fish"
        }
    }
}

/// The two words of a switch such as `--fpu on`.
enum Switch: UInt8, CaseIterable {
    case on
    case off
}

extension Switch: Choice {
    var name: String {
        switch self {
        case .on: "on"
        case .off: "off"
        }
    }
}
