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
            return try start(
                options, on: backend.system(options.clock.source, options.engine, quiet: options.quiet), backend.name)
        }
    }

    private static func start(
        _ options: RunOptions, on system: AnySystem, _ backend: String
    ) throws(Failure) -> ExitStatus {
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
        let session = try monitor { () throws(MonitorError) in
            let vm = try VirtualMachine(
                system,
                MachineConfiguration(
                    memorySize: options.memory, fpu: options.fpu, devices: options.devices.map { $0.configuration }),
                console: try console())
            try vm.boot(image)
            return life(of: vm, options.clockPolicy, backend, quiet: options.quiet)
        }
        return try go(
            session, GoOptions(options.duration, options.save, options.control, options.trace, quiet: options.quiet))
    }

    /// `stasis restore`.
    static func restoreGuest(_ options: RestoreOptions) -> ExitStatus {
        reporting { () throws(Failure) in
            let contents = try monitor { () throws(MonitorError) in
                try SnapshotContents(path: options.file, verifyingMemory: false)
            }
            // Whoever asks for KVM has asked for its clock.
            let clock = contents.clock(options.clock ?? (options.backend == .kvm ? .host : nil))
            let backend = try choose(options, contents, clock)
            return try goOn(
                options, contents, on: backend.system(clock, options.engine, quiet: options.quiet), backend.name)
        }
    }

    private static func goOn(
        _ options: RestoreOptions, _ contents: SnapshotContents, on system: AnySystem, _ backend: String
    ) throws(Failure) -> ExitStatus {
        let session = try monitor { () throws(MonitorError) in
            let vm = try VirtualMachine(
                system, restoring: contents, disks: options.disks, console: try console())
            let session = life(of: vm, options.clockPolicy, backend, quiet: options.quiet)
            let entry = try session.goOn(options.clockPolicy.policy, .pause)
            if !options.quiet {
                for note in vm.notes { log("stasis: note: \(note)") }
                vm.onStart = { log("stasis: restored \(options.file) in \(sinceStart): \(entry)") }
            }
            return session
        }
        return try go(
            session, GoOptions(options.duration, options.save, options.control, options.trace, quiet: options.quiet))
    }

    /// When this program began, by the monotonic clock; main.swift asks first.
    static let begun = Clock.monotonic()

    /// How long this program has been running, and how much of that on a processor.
    private static var sinceStart: String {
        milliseconds(Clock.monotonic() - begun) + " ms (" + milliseconds(Clock.cpuTime()) + " ms of processor time)"
    }

    /// Tenths of a millisecond.
    private static func milliseconds(_ nanoseconds: UInt64) -> String {
        let tenths = nanoseconds / 100_000
        return "\(tenths / 10).\(tenths % 10)"
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

    private static func life(
        of vm: VirtualMachine<AnySystem>, _ policy: ClockPolicyChoice, _ backend: String, quiet: Bool
    ) -> Session<AnySystem> {
        Session(
            vm, policy: policy.policy, backend: backend, readPolicy: { ClockPolicyChoice(reading: $0)?.policy },
            remark: { remark in
                switch remark {
                case .trouble(let line): log("stasis: " + line)
                case .unwell(let detail): log("stasis: the restored guest is not well: " + detail)
                case .wentOn(let entry): if !quiet { log("stasis: went on: \(entry)") }
                case .goesRound(let nanoseconds):
                    if !quiet {
                        log(
                            "stasis: note: the guest's clock jumps by " + spanText(Int64(clamping: nanoseconds))
                                + ", in which its Count goes round; what keeps time by Count alone sees only the rest")
                    }
                case .saved(let file): if !quiet { log("stasis: saved " + file) }
                }
            })
    }

    /// What `run` and `restore` do alike once there is a machine.
    private struct GoOptions {
        let duration: UInt64?
        let save: String?
        let control: String?
        let trace: String?
        let quiet: Bool

        init(_ duration: UInt64?, _ save: String?, _ control: String?, _ trace: String?, quiet: Bool) {
            self.duration = duration
            self.save = save
            self.control = control
            self.trace = trace
            self.quiet = quiet
        }
    }

    /// Runs a machine to its stop, saves it if that was asked for, and says what happened.
    private static func go(_ session: Session<AnySystem>, _ options: GoOptions) throws(Failure) -> ExitStatus {
        for signal in [Signals.terminate, Signals.interrupt, Signals.hangup, Signals.terminalStop] {
            // A signal that cannot be recorded ends the program, as it would any other.
            try? Signals.install(signal, .record)
        }
        let vm = session.vm
        if let path = options.trace {
            let hz = try monitor { () throws(MonitorError) in try vm.countRate() }
            session.trace = try beginTrace(path, hz: hz, isVirtual: vm.system.timeDomain.kind == .virtual)
        }
        var reason = "it failed"
        defer { session.close(reason) }
        let status = try monitor { () throws(MonitorError) in
            if let path = options.control { try session.listen(at: path, version: version) }
            var deadline: UInt64?
            if let duration = options.duration {
                let (sum, overflow) = vm.system.monotonic.addingReportingOverflow(duration)
                deadline = overflow ? .max : sum
            }
            let stop = try session.run(until: deadline)
            try vm.awaitVerification()
            let (status, words) = try end(vm, stop, options)
            reason = words
            return status
        }
        if let trace = session.trace, let path = options.trace { try endTrace(trace, path) }
        return status
    }

    /// Does what a stop is followed by, and says what happened, to the user and in words for clients.
    private static func end(
        _ vm: VirtualMachine<AnySystem>, _ stop: Stop, _ options: GoOptions
    ) throws(MonitorError) -> (ExitStatus, String) {
        if !options.quiet, let first = vm.board.unclaimed.first {
            log("stasis: \(vm.board.unclaimed.count) accesses met no device, the first of them a \(first)")
        }
        switch stop {
        case .powerOff(let code):
            if options.save != nil { log("stasis: the guest powered off, so there is nothing to save") }
            let words = "the guest powered off"
            if code == 0 { return (.success, words) }
            log("stasis: the guest powered off with code \(code)")
            return (.failure, words)
        case .failure(let failure):
            let word = failure.instruction.map { " (" + disassemble($0, at: failure.pc) + ")" } ?? ""
            let words = "\(failure)" + word
            log("stasis: " + words)
            return (.failure, words)
        case .quit: return (.success, "a client asked for it")
        case .consoleClosed:
            try store(vm, options)
            return (.failure, "the console was closed")
        case .signal(let number):
            try store(vm, options)
            let words = "stopped by signal \(number)"
            if options.save != nil { return (.success, words) }
            log("stasis: " + words + "; with --save FILE the guest would have been saved")
            return (.failure, words)
        case .deadline, .request, .attention:
            try store(vm, options)
            return (.success, "its time was over, or its user ended it")
        }
    }

    private static func store(_ vm: VirtualMachine<AnySystem>, _ options: GoOptions) throws(MonitorError) {
        guard let file = options.save else { return }
        if vm.frozen == nil { try vm.pause() }
        var progress = ProgressLine(quiet: options.quiet)
        defer { progress.hide() }
        try vm.save(to: file) { done, total in
            progress.show("saving \(done >> 20) of \(total >> 20) MiB")
        }
        progress.hide()
        if !options.quiet { log("stasis: saved \(file)") }
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
