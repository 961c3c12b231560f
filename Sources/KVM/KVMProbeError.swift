// Why this host's /dev/kvm cannot run MIPS guests, and what its user can do.

public import Host

/// Why there is no MIPS KVM here. `description` says what is wrong, `remedy` what to do about it.
public struct KVMProbeError: Error, Equatable {
    /// The device that was looked at.
    public var path: String
    public var reason: Reason

    public init(path: String, _ reason: Reason) {
        self.path = path
        self.reason = reason
    }

    public enum Reason: Error, Equatable {
        /// There is no such file.
        case missing(isMIPSHost: Bool)
        /// There is the file, but no driver behind it (ENODEV, ENXIO).
        case noDriver(Errno)
        /// This user may not open it.
        case noPermission(Errno, Access)
        /// It could not be opened for another reason.
        case cannotOpen(Errno)
        /// What opened does not understand KVM's first question.
        case notKVM(Errno)
        /// Another version of the interface.
        case apiVersion(Int)
        /// It is KVM, but for guests of the host's own architecture.
        case otherArchitecture(machine: String)
        /// A MIPS kernel that announces neither way of virtualizing.
        case neitherVZNorTE
        /// A later question failed.
        case question(Question, Errno)
    }

    /// Who may open the device.
    public struct Access: Equatable, Sendable {
        /// Permission bits.
        public var mode: UInt32
        /// The group's number.
        public var groupID: UInt32
        /// Its name, if the host has one.
        public var group: String?
        /// Whether this process belongs to it.
        public var isMember: Bool

        public init(mode: UInt32, groupID: UInt32, group: String?, isMember: Bool) {
            self.mode = mode
            self.groupID = groupID
            self.group = group
            self.isMember = isMember
        }

        /// Whether membership is enough: the group may read and write.
        var groupMayUse: Bool { mode & 0o060 == 0o060 }
        var groupName: String { group ?? "\(groupID)" }
    }

    /// A question after the first.
    public enum Question: Equatable, Sendable {
        case checkExtension
        case vcpuMapSize
    }
}

extension KVMProbeError: CustomStringConvertible {
    /// What is wrong, in one line.
    public var description: String {
        switch reason {
        case .missing: return "\(path): there is no such device"
        case .noDriver(let error): return "\(path): the device is there, but no driver answers: \(error.description)"
        case .noPermission(let error, let access):
            return "\(path): this user may not open it: \(error.description); it belongs to group \(access.groupName), "
                + "mode \(String(access.mode, radix: 8))"
        case .cannotOpen(let error): return "\(path): cannot be opened: \(error.description)"
        case .notKVM(let error): return "\(path): not KVM: KVM_GET_API_VERSION gave \(error.description)"
        case .apiVersion(let version):
            return "\(path): KVM_GET_API_VERSION is \(version); the interface Stasis speaks is \(ProbeRequest.version)"
        case .otherArchitecture(let machine): return "\(path): it virtualizes \(machine), not MIPS"
        case .neitherVZNorTE: return "\(path): a KVM for MIPS that offers neither VZ nor trap-and-emulate"
        case .question(let question, let error): return "\(path): \(question.description) failed: \(error.description)"
        }
    }

    /// What to do about it, in one line.
    public var remedy: String {
        let simulator = "use --backend simulator, which keeps the same contract"
        switch reason {
        case .missing(isMIPSHost: false), .otherArchitecture:
            return "MIPS guests need a MIPS host; here, \(simulator)"
        case .missing(isMIPSHost: true), .noDriver:
            return "load the module (modprobe kvm), or boot a kernel with CONFIG_KVM: VZ needs a CPU that has it, "
                + "trap-and-emulate Linux 5.12 or earlier with CONFIG_KVM_MIPS_TE"
        case .noPermission(_, let access) where access.isMember && access.groupMayUse:
            return "the group would do, so something else forbids it: a container's device rules, or a security module"
        case .noPermission(_, let access) where access.groupMayUse:
            return "add your user to the group (usermod -aG \(access.groupName) USER) and log in again"
        case .noPermission:
            return "its group may not use it either: let it (chmod g+rw \(path), as root) and join the group, "
                + "or run as root"
        case .cannotOpen(.mfile), .cannotOpen(.nfile):
            return "close other files, or raise the limit (ulimit -n)"
        case .cannotOpen, .notKVM, .apiVersion, .neitherVZNorTE, .question:
            return "\(simulator); if this is a MIPS host, look for kvm in the kernel's log"
        }
    }
}

extension KVMProbeError.Question: CustomStringConvertible {
    public var description: String {
        switch self {
        case .checkExtension: "KVM_CHECK_EXTENSION"
        case .vcpuMapSize: "KVM_GET_VCPU_MMAP_SIZE"
        }
    }
}
