// Why a /dev/kvm that is there cannot be used.

public import Host
public import Hypervisor

/// What went wrong between opening the device and knowing what it is.
public enum KVMOpenError: Error, Equatable, CustomStringConvertible {
    /// No KVM for MIPS here.
    case probe(KVMProbeError)
    /// Creating a vCPU may crash this kernel.
    case mayCrash(KernelVersion)
    /// The kernel has not got a capability nothing goes without: its name.
    case lacks(Need)
    /// No COUNT_CTL: what a vCPU said to it.
    case noMasterDisable(HypervisorError)
    /// KVM_GET_VCPU_MMAP_SIZE is not twice a page size.
    case mapSize(Int)
    /// A question about capabilities failed.
    case call(HypervisorError)
    /// The guest that finds out about interrupts could not be made or did not do what guests do.
    case guest(HypervisorError)
    /// No memory for it.
    case memory(Errno)
    /// No thread for the alarm, or no handler for its signal.
    case alarm(Errno)

    /// A capability that nothing goes without. Linux 4.11 and later have all of them.
    public enum Need: UInt32, CaseIterable, Sendable {
        case userMemory = 3
        case oneRegister = 70
        case immediateExit = 136

        var name: String {
            switch self {
            case .userMemory: "KVM_CAP_USER_MEMORY"
            case .oneRegister: "KVM_CAP_ONE_REG"
            case .immediateExit: "KVM_CAP_IMMEDIATE_EXIT"
            }
        }
    }

    /// What is wrong, in one line.
    public var description: String {
        switch self {
        case .probe(let error): error.description
        case .mayCrash(let version):
            "/dev/kvm: creating a vCPU may crash this kernel: VZ of Linux 5.13 to 6.4 unless repaired, and this is \(version)"
        case .lacks(let need): "/dev/kvm: this kernel has no \(need.name)"
        case .noMasterDisable(let error):
            "/dev/kvm: this kernel has no KVM_REG_MIPS_COUNT_CTL, so its guests' time cannot be stopped: \(error.description)"
        case .mapSize(let size): "KVM_GET_VCPU_MMAP_SIZE is \(size), which is not twice a page of 4 to 64 KiB"
        case .call(let error): "asking KVM what it can do: \(error.description)"
        case .guest(let error):
            "trying how KVM delivers interrupts, with a guest of two instructions: \(error.description)"
        case .memory(let error): "no memory for a guest of two instructions: \(error.description)"
        case .alarm(let error): "the thread that ends runs on time: \(error.description)"
        }
    }

    /// What to do about it, in one line.
    public var remedy: String {
        switch self {
        case .probe(let error): error.remedy
        case .memory, .alarm: "free memory or processes, or raise the limits (ulimit -v, ulimit -u)"
        case .mayCrash:
            "boot Linux 6.5 or later, or a stable kernel with commit e4de20576986 (July 2023); who knows that this one has it "
                + "says so with STASIS_TRUST_KERNEL=" + (Process.kernelRelease ?? "RELEASE")
        case .lacks, .noMasterDisable:
            "boot Linux 4.11 or later; or use --backend simulator, which keeps the same contract"
        case .mapSize, .call, .guest:
            "look for kvm in the kernel's log; or use --backend simulator, which keeps the same contract"
        }
    }
}
