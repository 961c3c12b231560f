// What can go wrong with a machine, in one line each.

public import Control
public import Host
public import HostIO
public import Hypervisor
public import Machine
public import Snapshot
public import Timekeeping

/// Why a machine could not be made, run, paused, saved or restored.
public enum MonitorError: Error {
    /// A step that the machine's state does not allow.
    case refused(LifeCycle.Refusal)
    case memory(GuestMemoryError)
    case image(ImageError)
    case arguments(ArgumentError)
    /// The host refused a thread or a descriptor for the console.
    case console(Errno)
    case disk(DiskError)
    /// A saved machine's disk is not the one it had.
    case diskChanged(file: String, path: String, DiskChange)
    /// More disks were named than the saved machine has: so many.
    case surplusDisks(file: String, Int)
    case tap(TapError)
    case line(LineError)
    /// There is no control socket.
    case control(ControlServerError)
    /// The host gives no random numbers.
    case entropy(Errno)
    /// The host refused a thread for a device.
    case worker(Errno)
    /// More virtio devices than the board has slots.
    case tooManyDevices(Int)
    /// A call of the contract failed.
    case call(Doing, HypervisorError)
    /// An FPU was asked for and the backend has none to lend.
    case noFPU(profile: Profile)
    /// The guest asked for a reset, and the machine was restored from a file, so that its program's bytes are not here.
    case resetWithoutImage
    /// Freezing, thawing or restoring the timer failed.
    case time(TimekeepingError)
    /// A snapshot file could not be read or written.
    case snapshot(SnapshotError)
    /// A section of the keeping of time does not decode.
    case layout(file: String, SectionName, LayoutError)
    /// The devices' sections were refused.
    case devices(file: String, BoardStateError)
    /// The parts of a file do not fit together: what should be there.
    case inconsistent(file: String, StaticText)
    /// This vCPU has no such register or does not take the value.
    case registerRefused(file: String, RegisterID, HypervisorError)
    /// A register that cannot be changed is another here.
    case registerDiffers(file: String, RegisterID, saved: UInt64, here: UInt64)

    /// The file is of a host that this one cannot stand in for.
    case crossing(file: String, Crossing.Obstacle)
    /// The guest has wired so many TLB entries, which this backend does not give out.
    case wiredTLB(UInt32)

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
        case .disk(let error): error.description
        case .diskChanged(let file, let path, let change):
            "snapshot \(file): its disk \(path) is not as it was: \(change); restore what the disk held then, or name a "
                + "copy from that time with --disk"
        case .surplusDisks(let file, let count):
            "snapshot \(file): the saved machine has \(count) disks; name no more with --disk"
        case .tap(let error): error.description
        case .line(let error): error.description
        case .control(let error): error.description
        case .entropy(let errno): "random numbers for the guest: \(errno)"
        case .worker(let errno):
            "a thread for a device: \(errno); end other processes, or allow this user more (ulimit -u)"
        case .tooManyDevices(let count):
            "\(count) virtio devices: the board has \(AddressMap.virtioSlots) slots; leave some out"
        case .call(let doing, let error): "\(doing): \(error)"
        case .noFPU(let profile): "there is no FPU to lend to a guest on \(profile.name); use --fpu off"
        case .resetWithoutImage:
            "the guest asked for a reset, and a machine restored from a snapshot has no image to start again from; "
                + "run the image instead"
        case .time(let error): error.description
        case .snapshot(let error): error.description
        case .layout(let file, let name, let error): "snapshot \(file) cannot be used: in section \(name) \(error)"
        case .devices(let file, let error): "snapshot \(file) cannot be used: \(error)"
        case .inconsistent(let file, let what):
            "snapshot \(file) cannot be used: it does not have \(what); use another copy, or the build that wrote it"
        case .registerRefused(let file, let register, let error):
            "snapshot \(file) does not fit this backend: register \(register) cannot be set: \(error); "
                + "restore it where it was saved"
        case .registerDiffers(let file, let register, let saved, let here):
            "snapshot \(file) does not fit this backend: register \(register) was 0x" + String(saved, radix: 16)
                + " and is 0x" + String(here, radix: 16) + " here, and cannot be changed; restore it where it was saved"
        case .crossing(let file, let obstacle): "snapshot \(file) \(obstacle)"
        case .wiredTLB(let count):
            "the guest has wired \(count) TLB entries and counts on them, and /dev/kvm does not give them out, so a saved copy could not "
                + "go on; run it with --backend simulator to save it"
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
