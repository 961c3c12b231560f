// From words to typed values: the one place that says which type each option and operand has.

/// Everything the options of any command can say, before it is handed to the command that was named.
struct Settings {
    var backend: BackendChoice?
    var profile: ProfileChoice?
    var memory: UInt64?
    var fpu: Bool?
    var clock: ClockChoice?
    var engine: EngineChoice?
    var clockPolicy: ClockPolicyChoice?
    var duration: UInt64?
    var save: String?
    var control: String?
    var stayPaused = false
    var trace: String?
    var output: String?
    var raw: UInt32?
    var appended: [String] = []
    var kernel: String?
    var initrd: String?
    var devices: [DeviceChoice] = []
    var rows: RowSelection?
    var list = false
    var json = false
    var quiet = false
    var operands: [String] = []
    var arguments: [String] = []

    /// Sets what an option says. A later one replaces an earlier one, so that an alias can be overridden; `--append` adds.
    mutating func set(_ spec: OptionSpec, to text: String) throws(ValueError) {
        switch spec.option {
        case .backend: backend = try BackendChoice.parse(text)
        case .profile: profile = try ProfileChoice.parse(text)
        case .memory:
            guard case .size(let minimum, let maximum, let step) = spec.kind else { preconditionFailure("not a size") }
            memory = try Size.parse(text, from: minimum, to: maximum, step: step)
        case .fpu: fpu = try Switch.parse(text) == .on
        case .clock: clock = try ClockChoice.parse(text)
        case .engine: engine = try EngineChoice.parse(text)
        case .clockPolicy: clockPolicy = try ClockPolicyChoice.parse(text)
        case .duration:
            let nanoseconds = try Nanoseconds.parse(text)
            guard nanoseconds > 0 else { throw .durationIsZero }
            duration = nanoseconds
        case .save: save = try file(text)
        case .control: control = try file(text)
        case .stayPaused: stayPaused = true
        case .trace: trace = try file(text)
        case .output: output = try file(text)
        case .raw: raw = try Address.parse(text)
        case .append: appended.append(text)
        case .kernel: kernel = try file(text)
        case .initrd: initrd = try file(text)
        case .disk: devices.append(.disk(try DiskChoice.parse(text)))
        case .net: devices.append(.net(try NetChoice.parse(text)))
        case .console: devices.append(.console(try ConsoleChoice.parse(text)))
        case .rng: devices.append(.entropy)
        case .rows: rows = try RowSelection.parse(text)
        case .list: list = true
        case .json: json = true
        case .quiet: quiet = true
        // These two end the parsing; the parser never comes here with them.
        case .help, .version: break
        }
    }

    private func file(_ text: String) throws(ValueError) -> String {
        guard !text.utf8.isEmpty else { throw .noFileName }
        return text
    }

    /// Puts everything together. The parser has seen to it that the command's required operands are there.
    func invocation(of command: Command) throws(UsageError) -> Invocation {
        try check(command)
        switch command {
        case .run:
            return .run(
                RunOptions(
                    image: try image(command), initrd: initrd, arguments: appended + arguments,
                    backend: backend ?? .auto, profile: profile,
                    memory: memory ?? 64 << 20, fpu: fpu, clock: clock ?? .host,
                    engine: engine, clockPolicy: clockPolicy ?? .freeze, duration: duration, save: save,
                    control: control, trace: trace, raw: raw, devices: devices,
                    quiet: quiet))
        case .restore:
            var disks: [String] = []
            for case .disk(let disk) in devices {
                // The rest is as it was saved.
                guard !disk.isReadOnly, disk.serial.utf8.isEmpty else {
                    throw UsageError(
                        command, .badValue(.disk, disk.path, .notADeviceWord("ro or serial=", "none at a restore")))
                }
                disks.append(disk.path)
            }
            return .restore(
                RestoreOptions(
                    file: operands[0], backend: backend ?? .auto, profile: profile, clock: clock,
                    engine: engine, clockPolicy: clockPolicy ?? .freeze, duration: duration, save: save,
                    control: control, trace: trace,
                    disks: disks, quiet: quiet))
        case .pause: return .control(operands[0], .pause)
        case .resume: return .control(operands[0], .resume(clockPolicy))
        case .save:
            guard !operands[1].utf8.isEmpty else { throw UsageError(command, .badOperand("FILE", "", .noFileName)) }
            return .control(operands[0], .save(file: operands[1], clockPolicy, stayPaused: stayPaused))
        case .status: return .control(operands[0], .status(json: json))
        case .quit: return .control(operands[0], .quit)
        case .inspect: return .inspect(InspectOptions(file: operands[0], json: json))
        case .diff: return .diff(DiffOptions(first: operands[0], second: operands[1], json: json, quiet: quiet))
        case .timeline:
            return .timeline(
                TimelineOptions(file: operands[0], output: output.flatMap { $0.same(as: "-") ? nil : $0 }))
        case .conformance:
            return .conformance(
                ConformanceOptions(
                    backend: backend ?? .auto, profile: profile, rows: rows ?? .all, list: list, json: json,
                    quiet: quiet))
        case .doctor: return .doctor(DoctorOptions(json: json))
        case .demo:
            return .demo(
                DemoOptions(
                    image: operands.first, backend: backend ?? .auto, profile: profile, clock: clock ?? .host,
                    save: save, trace: trace, json: json, quiet: quiet))
        case .completion: return .completion(try operand(as: Shell.self, command))
        case .manual: return .manual
        case .help: return .help(operands.isEmpty ? nil : try operand(as: Command.self, command))
        }
    }

    /// What to boot: a kernel or IMAGE.
    private func image(_ command: Command) throws(UsageError) -> RunOptions.Image {
        if let kernel {
            if let raw {
                throw UsageError(
                    command,
                    .contradiction(.raw, "0x" + String(raw, radix: 16), .kernel, kernel, "a kernel is an ELF file"))
            }
            // The words that look like IMAGE and arguments are all the kernel's.
            guard operands.isEmpty else { throw UsageError(command, .needlessOperand(operands[0])) }
            return .kernel(kernel)
        }
        if let initrd {
            throw UsageError(command, .needs(.initrd, initrd, .kernel))
        }
        guard let image = operands.first else { throw UsageError(command, .missingOperand("IMAGE and no --kernel")) }
        return .program(image)
    }

    /// The first operand as one of a few words.
    private func operand<C: Choice>(as type: C.Type, _ command: Command) throws(UsageError) -> C {
        do throws(ValueError) {
            return try C.parse(operands[0])
        } catch {
            let placeholder = CommandSpec.of(command).operands[0].placeholder
            throw UsageError(command, .badOperand(placeholder, operands[0], error))
        }
    }

    /// Options that contradict each other.
    private func check(_ command: Command) throws(UsageError) {
        guard backend == .kvm else { return }
        if let profile {
            throw UsageError(
                command, .contradiction(.profile, profile.name, .backend, "kvm", "a real kernel has its own"))
        }
        if engine == .translated {
            throw UsageError(
                command, .contradiction(.engine, "translated", .backend, "kvm", "only the simulator has engines"))
        }
        if clock == .virtual {
            throw UsageError(
                command, .contradiction(.clock, "virtual", .backend, "kvm", "only the simulator has a virtual clock"))
        }
    }
}
