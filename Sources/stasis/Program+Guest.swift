// `stasis run` and what it shares with `stasis restore`.

import CommandLine
import Host
import Hypervisor
import Machine
import Monitor
import Simulator

extension Program {
    /// `stasis run`.
    static func runGuest(_ options: RunOptions) -> ExitStatus {
        reporting { () throws(Failure) in
            let backend = try Backend.choose(options.backend, profile: options.profile, quiet: options.quiet)
            let system = SimulatedSystem(profile: backend.profile, clock: options.clock.source)
            let image = BootImage(
                path: options.image, format: options.raw.map { .raw(address: $0) } ?? .elf, arguments: options.arguments
            )
            do throws(MonitorError) {
                let vm = try VirtualMachine(
                    system, MachineConfiguration(memorySize: options.memory, fpu: options.fpu), console: try console())
                try vm.boot(image)
                return try go(vm, duration: options.duration, save: options.save, quiet: options.quiet)
            } catch {
                throw Failure(error.description)
            }
        }
    }

    /// The console on this process's input and output.
    static func console() throws(MonitorError) -> Console {
        do throws(Errno) {
            return try Console(.descriptors(input: 0, output: 1))
        } catch {
            throw .console(error)
        }
    }

    /// Runs a machine to its stop and says what that means.
    static func go<System: HypervisorSystem>(
        _ vm: VirtualMachine<System>, duration: UInt64?, save: String?, quiet: Bool
    ) throws(MonitorError) -> ExitStatus {
        for signal in [Signals.terminate, Signals.interrupt, Signals.hangup] {
            // A signal that cannot be recorded ends the program, as it would any other.
            try? Signals.install(signal, .record)
        }
        var deadline: UInt64?
        if let duration { deadline = system(vm).addingReportingOverflow(duration).partialValue }
        let stop = try vm.run(until: deadline)
        switch stop {
        case .powerOff(let code):
            if save != nil { log("stasis: the guest powered off: there is nothing to save") }
            if code == 0 { return .success }
            log("stasis: the guest powered off with code \(code)")
            return .failure
        case .failure(let failure):
            log("stasis: \(failure)")
            return .failure
        case .consoleClosed: return .failure
        case .deadline, .request, .signal: return .success
        }
    }

    private static func system<System: HypervisorSystem>(_ vm: VirtualMachine<System>) -> UInt64 {
        vm.system.clock().monotonic
    }
}

extension ClockChoice {
    /// Nanoseconds an instruction takes on the virtual clock: 100 million a second.
    static let nanosecondsPerInstruction: UInt32 = 10

    /// The clock of a new machine. A virtual one begins an hour after an imagined boot, at the first second of 2000: always the same,
    /// so that runs are.
    var source: ClockSource {
        switch self {
        case .host: .host
        case .virtual:
            .virtual(
                start: 3_600_000_000_000, nanosecondsPerInstruction: Self.nanosecondsPerInstruction,
                realtime: 946_681_200_000_000_000)
        }
    }
}
