// What can go wrong with a machine, in one line each.

public import Host
public import Hypervisor
public import Machine

/// Why a machine could not be made, run, paused, saved or restored.
public enum MonitorError: Error {
    /// A step that the machine's state does not allow.
    case refused(LifeCycle.Refusal)
    case memory(GuestMemoryError)
    case image(ImageError)
    case arguments(ArgumentError)
    /// The host refused a thread or a descriptor for the console.
    case console(Errno)
    /// A call of the contract failed.
    case call(Doing, HypervisorError)
    /// An FPU was asked for and the backend has none to lend.
    case noFPU(profile: Profile)
    /// The guest asked for a reset, and the machine was restored from a file, so that its program's bytes are not here.
    case resetWithoutImage

    /// What a failed call was for.
    public enum Doing: UInt8, Sendable {
        case machine = 0
        case memory = 1
        case vcpu = 2
        case fpu = 3
        case registers = 4
        case run = 5
        case interrupt = 6
    }
}

extension MonitorError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused(let refusal): refusal.description
        case .memory(let error): error.description
        case .image(let error): error.description
        case .arguments(let error): error.description
        case .console(let errno): "the console: \(errno)"
        case .call(let doing, let error): "\(doing): \(error)"
        case .noFPU(let profile): "there is no FPU to lend to a guest on \(profile.name); use --fpu off"
        case .resetWithoutImage:
            "the guest asked for a reset, and a machine restored from a snapshot has no image to start again from; "
                + "run the image instead"
        }
    }
}

extension MonitorError.Doing: CustomStringConvertible {
    public var description: String {
        switch self {
        case .machine: "creating the machine"
        case .memory: "giving the machine its memory"
        case .vcpu: "creating vCPU 0"
        case .fpu: "lending the FPU to vCPU 0"
        case .registers: "the registers of vCPU 0"
        case .run: "running vCPU 0"
        case .interrupt: "the interrupt lines of vCPU 0"
        }
    }
}
