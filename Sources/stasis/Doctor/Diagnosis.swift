// The facts `stasis doctor` reports, and the problems that follow from them.

import CommandLine
import Host
import Hypervisor
import KVM

/// Everything that was looked at. Making one does the looking: some 50 ms, and nothing on the host is changed but for a
/// nameless file in the working folder and machines that are gone afterwards.
struct Diagnosis {
    /// Something that is not as it could be, and what to do about it.
    struct Problem {
        var text: String
        var remedy: String
    }

    let machine = Process.machine ?? "unknown"
    let kernel = Process.kernelRelease ?? "unknown"
    let processors = HostThread.processors
    let pageSize = Mapping.pageSize
    /// Bytes of memory that can be had without swapping; nil when the kernel does not say.
    let memory = Diagnosis.availableMemory()
    let device = DeviceFacts(path: "/dev/kvm")
    /// What /dev/kvm answered, or why it did not.
    private(set) var kvm: KVMHost?
    private(set) var refusal: KVMProbeError?
    /// What its kernel offers.
    private(set) var kernelFacts: KernelFacts?
    /// Why it was not taken although it runs MIPS guests.
    private(set) var objection: KVMOpenError?
    /// What `auto` takes: "kvm, profile te-5.10" or "the simulator"; and why.
    private(set) var backend = "no backend"
    private(set) var reason = ""
    /// The backend's name alone: "kvm" or "simulator".
    private(set) var auto = "simulator"
    let simulators: [SimulatorFacts]
    let clock = ClockFacts()
    let folder = FolderFacts()
    let guests = GuestFolder.find()

    init() {
        simulators = [
            SimulatorFacts(profile: .te510), SimulatorFacts(profile: .teFixed), SimulatorFacts(profile: .vz),
        ]
        do throws(KVMProbeError) {
            kvm = try KVMProbe.examine()
        } catch {
            refusal = error
        }
        do throws(Failure) {
            let chosen = try Backend.choose(.auto, profile: nil, quiet: true)
            backend = chosen.kvm == nil ? "the simulator" : "kvm, profile \(chosen.profile.name)"
            auto = chosen.name
            reason = chosen.reason
            if let kvm {
                objection = chosen.refusal
                // It has just been opened; should that fail now, what was said of it before has to do.
                let facts = try? KVMFacts(trustingKernel: Backend.isKernelTrusted)
                kernelFacts = facts.map { KernelFacts($0, kvm.kind, chosen.kvm?.profile) }
            }
        } catch {
            reason = error.message
        }
    }

    /// Whether some backend ran a guest.
    var canRun: Bool {
        for simulator in simulators where simulator.failure == nil { return true }
        return false
    }

    /// The smallest that a guest gets by default.
    private static var defaultMemory: UInt64 { 64 << 20 }

    var problems: [Problem] {
        var problems: [Problem] = []
        if let refusal { problems.append(Problem(text: refusal.description, remedy: refusal.remedy)) }
        if let objection { problems.append(Problem(text: objection.description, remedy: objection.remedy)) }
        problems += kernelFacts?.problems ?? []
        for simulator in simulators {
            guard let failure = simulator.failure else { continue }
            problems.append(
                Problem(
                    text: "the simulator does not run a guest as \(simulator.profile.name): " + failure,
                    remedy:
                        "see whether memory is limited (ulimit -v); otherwise it is a bug of Stasis, please report it"))
        }
        if let memory, memory < Self.defaultMemory {
            problems.append(
                Problem(
                    text: "\(megabytes(memory)) of memory are available; a guest gets 64 MiB unless told otherwise",
                    remedy: "give guests less (--memory 16M), or close other programs"))
        }
        problems += clock.problems
        problems += folder.problems
        if guests == nil {
            problems.append(
                Problem(
                    text: "the guests of the tour and the demo are not built",
                    remedy: "run Scripts/build-guests in the checkout, or name their folder in STASIS_GUESTS"))
        }
        return problems
    }

    /// MemAvailable of /proc/meminfo, which is in KiB.
    private static func availableMemory() -> UInt64? {
        guard let bytes = try? Files.readWhole("/proc/meminfo", limit: 1 << 16) else { return nil }
        let name = "MemAvailable:"
        for line in bytes.split(separator: UInt8(ascii: "\n")) where line.starts(with: name.utf8) {
            var kibibytes: UInt64 = 0
            for byte in line.dropFirst(name.utf8.count) where byte >= 0x30 && byte <= 0x39 {
                kibibytes = kibibytes &* 10 &+ UInt64(byte - 0x30)
            }
            return kibibytes &* 1024
        }
        return nil
    }
}

/// A number of bytes in MiB, rounded down.
func megabytes(_ bytes: UInt64) -> String { "\(bytes >> 20) MiB" }

/// Who may use a device.
struct DeviceFacts {
    let path: String
    /// nil when there is nothing at the path, or its folder is closed.
    let status: FileStatus?
    let group: String
    /// Whether this process belongs to the device's group.
    let isMember: Bool
    /// Whether this process may read and write it, as far as permissions go.
    let isAllowed: Bool

    init(path: String) {
        self.path = path
        let status = try? Files.status(path)
        self.status = status
        let number = status?.gid ?? 0
        group = Process.groupName(number) ?? "\(number)"
        isMember = Process.groups.contains(number)
        isAllowed = Files.isReadable(path) && Files.isWritable(path)
    }
}

/// What the working folder is good for: snapshots are saved there unless told otherwise.
struct FolderFacts {
    /// Why nothing can be saved in it.
    private(set) var failure: Errno?
    /// Whether files there can have holes, which is what keeps snapshots small.
    private(set) var isSparse = false

    init() {
        do throws(Errno) {
            let path = try Files.temporarySibling(of: "./stasis-doctor")
            let file = try FileDescriptor.open(path: path, [.readWrite, .create, .exclusive])
            try Files.unlink(path)
            let hole: UInt64 = 1 << 20
            try file.pwriteAll([1], at: hole)
            isSparse = try file.seekData(from: 0) == hole
        } catch {
            failure = error
        }
    }

    var problems: [Diagnosis.Problem] {
        if let failure {
            return [
                Diagnosis.Problem(
                    text: "no file can be made in the working folder: \(failure.description)",
                    remedy: "go to a folder of your own, or give --save a path in one")
            ]
        }
        if isSparse { return [] }
        return [
            Diagnosis.Problem(
                text:
                    "files in the working folder have no holes, so a snapshot takes as much disk as its guest has memory",
                remedy: "save to another file system (ext4, xfs, btrfs, tmpfs)")
        ]
    }
}
