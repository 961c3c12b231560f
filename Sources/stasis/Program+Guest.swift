// `stasis run`, `stasis restore`, and how both end.

import CommandLine
import Host
import HostIO
import Hypervisor
import MIPS
import Machine
import Monitor
import Simulator
import Snapshot
import Timekeeping

extension Program {
    /// `stasis run`.
    static func runGuest(_ options: RunOptions) -> ExitStatus {
        reporting { () throws(Failure) in
            let backend = try Backend.choose(
                options.backend, profile: options.profile, virtualClock: options.clock == .virtual, quiet: options.quiet
            )
            return try start(options, on: backend.system(options.clock.source))
        }
    }

    private static func start(_ options: RunOptions, on system: AnySystem) throws(Failure) -> ExitStatus {
        let image: BootImage
        switch options.image {
        case .program(let path):
            image = BootImage(
                path: path, format: options.raw.map { .raw(address: $0) } ?? .elf, arguments: options.arguments)
        case .kernel(let path):
            var line = ""
            for word in options.arguments { line += (line.utf8.isEmpty ? "" : " ") + word }
            image = BootImage(kernel: path, KernelStart(commandLine: line, initrd: options.initrd))
        }
        return try monitor { () throws(MonitorError) in
            let vm = try VirtualMachine(
                system,
                MachineConfiguration(
                    memorySize: options.memory, fpu: options.fpu, devices: options.devices.map { $0.configuration }),
                console: try console())
            try vm.boot(image)
            return try go(
                vm, options.clockPolicy, duration: options.duration, save: options.save, quiet: options.quiet)
        }
    }

    /// `stasis restore`.
    static func restoreGuest(_ options: RestoreOptions) -> ExitStatus {
        reporting { () throws(Failure) in
            let contents = try monitor { () throws(MonitorError) in try SnapshotContents(path: options.file) }
            // Whoever asks for KVM has asked for its clock.
            let clock = contents.clock(options.clock ?? (options.backend == .kvm ? .host : nil))
            let backend = try choose(options, contents, clock)
            return try goOn(options, contents, on: backend.system(clock))
        }
    }

    private static func goOn(
        _ options: RestoreOptions, _ contents: SnapshotContents, on system: AnySystem
    ) throws(Failure) -> ExitStatus {
        try monitor { () throws(MonitorError) in
            let vm = try VirtualMachine(
                system, restoring: contents, disks: options.disks, console: try console())
            vm.onHealth = { verdict in
                if case .bad(let detail) = verdict { log("stasis: the restored guest is not well: " + detail) }
            }
            let entry = try vm.resume(options.clockPolicy.policy)
            if !options.quiet {
                for note in vm.notes { log("stasis: note: \(note)") }
                log("stasis: restored \(options.file): \(entry)")
            }
            return try go(
                vm, options.clockPolicy, duration: options.duration, save: options.save, quiet: options.quiet)
        }
    }

    /// What to restore on: the user's word for the profile, or the file's.
    private static func choose(
        _ options: RestoreOptions, _ contents: SnapshotContents, _ clock: ClockSource
    ) throws(Failure) -> Backend {
        let saved: ProfileChoice
        switch Profile(named: contents.file.header.profile)?.kind {
        case .te510: saved = .trapAndEmulate510
        case .teFixed: saved = .trapAndEmulateFixed
        case .vz: saved = .vz
        case nil:
            throw Failure(
                "snapshot \(contents.file.path) is of profile \(contents.file.header.profile), which this Stasis does not know"
            )
        }
        return try Backend.choose(
            options.backend, profile: options.profile, saved: saved, virtualClock: clock != .host, quiet: options.quiet)
    }

    /// The console on this process's input and output.
    static func console() throws(MonitorError) -> Console {
        do throws(Errno) {
            return try Console(.descriptors(input: 0, output: 1))
        } catch {
            throw .console(error)
        }
    }

    /// Runs a machine to its stop, with as many stands as SIGTSTP asks for. The process stands with the guest frozen, until SIGCONT;
    /// what the guest sees of it is the policy's choice.
    private static func run(
        _ vm: VirtualMachine<AnySystem>, _ policy: ClockPolicyChoice, until deadline: UInt64?, quiet: Bool
    ) throws(MonitorError) -> Stop {
        var deadline = deadline
        while true {
            let stop = try vm.run(until: deadline)
            complain(vm)
            if stop == .attention { continue }
            guard stop == .signal(Signals.terminalStop) else { return stop }
            try vm.pause()
            // A process can always stop itself.
            try? Signals.raise(Signals.stop)
            let entry = try vm.resume(policy.policy)
            if !quiet { log("stasis: went on: \(entry)") }
            // A deadline is an instant of the guest's time.
            if let old = deadline, entry.hidden > 0 {
                let (sum, overflow) = old.addingReportingOverflow(UInt64(entry.hidden))
                deadline = overflow ? .max : sum
            }
        }
    }

    /// Runs a machine to its stop, saves it if that was asked for, and says what happened.
    static func go(
        _ vm: VirtualMachine<AnySystem>, _ policy: ClockPolicyChoice, duration: UInt64?, save: String?, quiet: Bool
    ) throws(MonitorError) -> ExitStatus {
        for signal in [Signals.terminate, Signals.interrupt, Signals.hangup, Signals.terminalStop] {
            // A signal that cannot be recorded ends the program, as it would any other.
            try? Signals.install(signal, .record)
        }
        var deadline: UInt64?
        if let duration {
            let (sum, overflow) = vm.system.clock().monotonic.addingReportingOverflow(duration)
            deadline = overflow ? .max : sum
        }
        let stop = try run(vm, policy, until: deadline, quiet: quiet)
        if !quiet, let first = vm.board.unclaimed.first {
            log("stasis: \(vm.board.unclaimed.count) accesses met no device, the first of them a \(first)")
        }
        switch stop {
        case .powerOff(let code):
            if save != nil { log("stasis: the guest powered off, so there is nothing to save") }
            if code == 0 { return .success }
            log("stasis: the guest powered off with code \(code)")
            return .failure
        case .failure(let failure):
            let word = failure.instruction.map { " (" + disassemble($0, at: failure.pc) + ")" } ?? ""
            log("stasis: \(failure)" + word)
            return .failure
        case .consoleClosed:
            if let save { try store(vm, in: save, quiet: quiet) }
            return .failure
        case .signal(let number):
            if let save {
                try store(vm, in: save, quiet: quiet)
                return .success
            }
            log("stasis: stopped by signal \(number); with --save FILE the guest would have been saved")
            return .failure
        case .deadline, .request, .attention:
            if let save { try store(vm, in: save, quiet: quiet) }
            return .success
        }
    }

    /// Says what devices complain of.
    private static func complain(_ vm: VirtualMachine<AnySystem>) {
        for line in vm.takeComplaints() { log("stasis: " + line) }
    }

    private static func store(
        _ vm: VirtualMachine<AnySystem>, in file: String, quiet: Bool
    ) throws(MonitorError) {
        try vm.pause()
        var progress = ProgressLine(quiet: quiet)
        defer { progress.hide() }
        try vm.save(to: file) { done, total in
            progress.show("saving \(done >> 20) of \(total >> 20) MiB")
        }
        progress.hide()
        if !quiet { log("stasis: saved \(file)") }
    }
}

extension ClockChoice {
    /// Nanoseconds an instruction takes on the virtual clock: 100 million a second.
    static let nanosecondsPerInstruction: UInt32 = 10

    /// The clock of a new machine. A virtual one begins an hour after an imagined boot, at the first second of 2000: always
    /// the same, so that runs are.
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

extension SnapshotContents {
    /// The clock to go on with: the user's word, or what it was. A virtual clock goes on from where the file's stood.
    func clock(_ choice: ClockChoice?) -> ClockSource {
        let isVirtual = choice.map { $0 == .virtual } ?? (clock.domain.kind == .virtual)
        guard isVirtual else { return .host }
        let step = clock.domain.nanosecondsPerInstruction
        return .virtual(
            start: clock.reading.monotonic,
            nanosecondsPerInstruction: step == 0 ? ClockChoice.nanosecondsPerInstruction : step,
            realtime: clock.reading.realtime - Int64(clock.reading.monotonic))
    }
}

extension DeviceChoice {
    /// The same in Monitor's words.
    var configuration: DeviceConfiguration {
        switch self {
        case .disk(let disk):
            .disk(DiskConfiguration(path: disk.path, isReadOnly: disk.isReadOnly, serial: disk.serial))
        case .net(let net): .net(NetConfiguration(tap: net.tap, mac: net.mac))
        case .console(.pty): .console(.pty)
        case .console(.socket(let path)): .console(.socket(path))
        case .entropy: .entropy
        }
    }
}

extension ClockPolicyChoice {
    /// The same in Timekeeping's words.
    var policy: ClockPolicy {
        switch self {
        case .freeze: .freeze
        case .catchUp: .catchUp
        case .catchUpMax(let nanoseconds): .catchUpMax(nanoseconds: nanoseconds)
        case .at(let realtime): .at(realtimeNanoseconds: realtime)
        }
    }
}
