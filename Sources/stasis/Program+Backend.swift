// Which backend runs the guest, and why.

import CommandLine
import Host
import Hypervisor
import KVM
import Monitor
import Simulator

/// What a command will run on.
struct Backend {
    let profile: Profile
    /// One line for the user.
    let reason: String

    /// Takes what the user asked for. `auto` is the simulator wherever /dev/kvm does not virtualize MIPS, and says why.
    static func choose(
        _ choice: BackendChoice, profile: ProfileChoice?, quiet: Bool
    ) throws(Failure) -> Backend {
        let chosen = (profile ?? .vz).profile
        switch choice {
        case .simulator: return Backend(profile: chosen, reason: "the simulator was asked for")
        case .kvm:
            let host: KVMHost
            do throws(KVMProbeError) {
                host = try KVMProbe.examine()
            } catch {
                throw Failure("\(error); \(error.remedy)")
            }
            throw Failure("\(host): this build of Stasis does not drive it; use --backend simulator")
        case .auto:
            let reason: String
            do throws(KVMProbeError) {
                let host = try KVMProbe.examine()
                reason = "this build drives the simulator only, though there is \(host)"
            } catch {
                reason = error.description
            }
            let backend = Backend(profile: chosen, reason: reason)
            if !quiet { log("stasis: backend simulator, profile \(chosen.name): \(reason)") }
            return backend
        }
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
