// Asks the host whether its /dev/kvm runs MIPS guests.

package import Host

/// What a MIPS host's /dev/kvm offers.
public struct KVMHost: Equatable, Sendable {
    /// How a kernel runs MIPS guests.
    public enum Kind: Equatable, Sendable {
        /// Trap-and-emulate.
        case trapAndEmulate
        /// Hardware virtualization.
        case vz
    }

    /// 12.
    public var apiVersion: Int
    public var kind: Kind
    /// KVM_GET_VCPU_MMAP_SIZE: bytes of a vCPU's shared area, twice the host's page size.
    public var vcpuMapSize: Int

    public init(apiVersion: Int, kind: Kind, vcpuMapSize: Int) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.vcpuMapSize = vcpuMapSize
    }
}

extension KVMHost: CustomStringConvertible {
    public var description: String {
        let how =
            switch kind {
            case .trapAndEmulate: "trap-and-emulate"
            case .vz: "hardware virtualization (VZ)"
            }
        return "KVM for MIPS, API \(apiVersion), \(how), \(vcpuMapSize / 2) byte pages"
    }
}

/// The probe. It only asks; nothing on the host changes.
public enum KVMProbe {
    /// Opens the device and asks.
    public static func examine(path: String = "/dev/kvm") throws(KVMProbeError) -> KVMHost {
        try examine(try open(path), path: path)
    }

    /// The same for a device that is open. `path` is for the error's text.
    static func examine(_ device: borrowing FileDescriptor, path: String) throws(KVMProbeError) -> KVMHost {
        do throws(KVMProbeError.Reason) {
            return try question(machine: Process.machine ?? "unknown") { request, argument in
                do throws(Errno) {
                    return .success(try device.ioctl(request, argument))
                } catch {
                    return .failure(error)
                }
            }
        } catch {
            throw KVMProbeError(path: path, error)
        }
    }

    static func open(_ path: String) throws(KVMProbeError) -> FileDescriptor {
        do throws(Errno) {
            return try FileDescriptor.open(path: path, .readWrite)
        } catch {
            throw KVMProbeError(path: path, explain(error, path))
        }
    }

    /// Whether `uname` names a MIPS machine: "mips", "mips64".
    package static func isMIPS(_ machine: String) -> Bool { machine.utf8.starts(with: "mips".utf8) }

    /// The questions in their order, apart from the device, so that every answer can be tried.
    package static func question(
        machine: String, _ ask: (UInt, UInt) -> Result<Int, Errno>
    ) throws(KVMProbeError.Reason) -> KVMHost {
        let version: Int
        do throws(Errno) {
            version = try patiently { ask(ProbeRequest.getAPIVersion, 0) }
        } catch {
            throw .notKVM(error)
        }
        guard version == ProbeRequest.version else { throw .apiVersion(version) }
        let hasVZ: Bool
        let hasTE: Bool
        do throws(Errno) {
            hasVZ = try has(ProbeRequest.capabilityVZ, ask)
            hasTE = try has(ProbeRequest.capabilityTE, ask)
        } catch {
            throw .question(.checkExtension, error)
        }
        guard hasVZ || hasTE else {
            // Other architectures answer 0 to what they do not know.
            throw isMIPS(machine) ? .neitherVZNorTE : .otherArchitecture(machine: machine)
        }
        do throws(Errno) {
            let size = try patiently { ask(ProbeRequest.getVCPUMapSize, 0) }
            return KVMHost(apiVersion: version, kind: hasVZ ? .vz : .trapAndEmulate, vcpuMapSize: size)
        } catch {
            throw .question(.vcpuMapSize, error)
        }
    }

    private static func has(
        _ capability: UInt, _ ask: (UInt, UInt) -> Result<Int, Errno>
    ) throws(Errno) -> Bool {
        try patiently { ask(ProbeRequest.checkExtension, capability) } > 0
    }

    /// A signal may interrupt any ioctl; these have no effect, so they are just asked again.
    private static func patiently(_ call: () -> Result<Int, Errno>) throws(Errno) -> Int {
        while true {
            switch call() {
            case .success(let answer): return answer
            case .failure(.intr): continue
            case .failure(let error): throw error
            }
        }
    }

    private static func explain(_ error: Errno, _ path: String) -> KVMProbeError.Reason {
        switch error {
        case .noent, .notdir: return .missing(isMIPSHost: isMIPS(Process.machine ?? ""))
        case .nodev, .nxio: return .noDriver(error)
        case .acces, .perm:
            // The directory may be closed too; then nothing is known about the device.
            guard let status = try? Files.status(path) else { return .cannotOpen(error) }
            return .noPermission(
                error,
                KVMProbeError.Access(
                    mode: status.mode, groupID: status.gid, group: Process.groupName(status.gid),
                    isMember: Process.groups.contains(status.gid)))
        default: return .cannotOpen(error)
        }
    }
}
