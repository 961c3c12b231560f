// Which backend runs the guest, and why.

import CommandLine
import Host
import Hypervisor
import KVM
import Monitor
import Simulator

/// What a command will run on.
struct Backend {
    /// The kernel's system, or nil for the simulator. Erased, so that what runs guests is in the program once.
    let kvm: AnySystem?
    let profile: Profile
    /// One line for the user.
    let reason: String
    /// Why it is not KVM, where that was tried.
    let refusal: KVMOpenError?

    private init(simulating profile: Profile, _ reason: String, refusal: KVMOpenError? = nil) {
        kvm = nil
        self.refusal = refusal
        self.profile = profile
        self.reason = reason
    }

    private init(_ system: KVMSystem, _ reason: String) {
        kvm = .erasing(system)
        refusal = nil
        profile = system.profile
        self.reason = reason
    }

    /// The system to run on. The simulator's gets its time from `clock`, and where nothing can be translated its guests are interpreted: the
    /// user hears why, and that an engine has no meaning for KVM.
    func system(_ clock: ClockSource, _ engine: EngineChoice? = nil, quiet: Bool = true) -> AnySystem {
        func say(_ text: String) { if !quiet { log("stasis: " + text) } }
        if let kvm {
            if engine == .translated { say("the host's processor runs the guest: --engine is for the simulator") }
            return kvm
        }
        if engine != .interpreted, let obstacle = Engine.obstacle, engine != nil || Engine.isForThisProcessor {
            say("the guest is interpreted: no machine code can be made here: \(obstacle)")
        }
        return .erasing(
            SimulatedSystem(profile: profile, clock: clock, engine: engine == .interpreted ? .interpreted : .standard))
    }

    /// "kvm" or "simulator".
    var name: String { kvm == nil ? "simulator" : "kvm" }

    /// Takes what the user asked for. `auto` is KVM where there is one for MIPS, and else the simulator; both times it says why.
    /// A profile that the kernel is not, or a virtual clock, which it cannot have, decides `auto` for the simulator.
    ///
    /// - Parameter saved: what a snapshot was taken on. The simulator plays it; a kernel may be of the other kind of trap-and-emulate,
    ///   and when the user insists on one that does not fit at all, the restore says why not.
    static func choose(
        _ choice: BackendChoice, profile: ProfileChoice?, saved: ProfileChoice? = nil, virtualClock: Bool = false,
        quiet: Bool
    ) throws(Failure) -> Backend {
        let simulated = (profile ?? saved ?? .vz).profile
        switch choice {
        case .simulator: return Backend(simulating: simulated, "the simulator was asked for")
        case .kvm:
            let system: KVMSystem
            do throws(KVMOpenError) {
                system = try KVMSystem.open(trustingKernel: isKernelTrusted)
            } catch {
                throw Failure("\(error); \(error.remedy)")
            }
            if let objection = objection(to: system, profile, virtualClock) { throw Failure(objection) }
            return Backend(system, "KVM was asked for")
        case .auto:
            let backend = automatic(simulated, profile, saved, virtualClock)
            if !quiet { log("stasis: backend \(backend.name), profile \(backend.profile.name): \(backend.reason)") }
            return backend
        }
    }

    /// Whether the user says of the running kernel, by its release, that it has been repaired.
    static var isKernelTrusted: Bool {
        guard let named = Process.environment("STASIS_TRUST_KERNEL"), let release = Process.kernelRelease else {
            return false
        }
        return named.utf8.elementsEqual(release.utf8)
    }

    private static func automatic(
        _ simulated: Profile, _ profile: ProfileChoice?, _ saved: ProfileChoice?, _ virtualClock: Bool
    ) -> Backend {
        do throws(KVMOpenError) {
            let system = try KVMSystem.open(trustingKernel: isKernelTrusted)
            if let objection = objection(to: system, profile, virtualClock) {
                return Backend(simulating: simulated, objection)
            }
            if let saved, saved.profile.isTE != system.profile.isTE {
                return Backend(
                    simulating: simulated,
                    "/dev/kvm is of profile \(system.profile.name), and the snapshot of \(saved.profile.name)")
            }
            return Backend(system, "/dev/kvm runs MIPS guests")
        } catch {
            return Backend(simulating: simulated, error.description, refusal: error)
        }
    }

    /// Why this kernel cannot be what the user wants.
    private static func objection(to system: KVMSystem, _ profile: ProfileChoice?, _ virtualClock: Bool) -> String? {
        if let wanted = profile?.profile, wanted.kind != system.profile.kind {
            return "/dev/kvm is of profile \(system.profile.name), not \(wanted.name)"
        }
        guard virtualClock else { return nil }
        return "guests of /dev/kvm live by the host's clock, not by a virtual one; use --clock host"
    }
}

/// A command that cannot go on: one line for the user.
struct Failure: Error {
    let message: String
    init(_ message: String) { self.message = message }
}

extension ProfileChoice {
    var profile: Profile {
        switch self {
        case .trapAndEmulate510: .te510
        case .trapAndEmulateFixed: .teFixed
        case .vz: .vz
        }
    }
}

extension Program {
    /// Runs a command's body; a failure becomes a line and status 1.
    static func reporting(_ body: () throws(Failure) -> ExitStatus) -> ExitStatus {
        do throws(Failure) {
            return try body()
        } catch {
            log("stasis: " + error.message)
            return .failure
        }
    }

    /// The same error in the words of a failure.
    static func monitor<Result>(_ body: () throws(MonitorError) -> Result) throws(Failure) -> Result {
        do throws(MonitorError) {
            return try body()
        } catch {
            throw Failure(error.description)
        }
    }
}
