// Why a /dev/kvm that is there cannot be used.

public import Host
public import Hypervisor

/// What went wrong between opening the device and knowing what it is.
public enum KVMOpenError: Error, Equatable, CustomStringConvertible {
    /// No KVM for MIPS here.
    case probe(KVMProbeError)
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

    /// What is wrong, in one line.
    public var description: String {
        switch self {
        case .probe(let error): error.description
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
        case .mapSize, .call, .guest:
            "look for kvm in the kernel's log; or use --backend simulator, which keeps the same contract"
        }
    }
}
