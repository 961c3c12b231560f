// The parent, which starts the guest and then a child for every other restore, and the child.

import CommandLine
import Host
import Hypervisor
import Machine
import Monitor
import Snapshot
import Timekeeping

/// `live cycles --resume FILE`: two stages, or one if only one is left.
struct CycleChild<System: HypervisorSystem> {
    private let system: System
    private let options: CycleOptions
    private let files: CycleFiles

    init(_ system: System, _ options: CycleOptions, _ files: CycleFiles) {
        self.system = system
        self.options = options
        self.files = files
    }

    func run() throws(CycleError) {
        var output = Output.standardOutput
        var random = CycleRandom(state: options.seed &+ UInt64(options.first))
        var mutation = options.mutation
        for cycle in options.first..<options.first + options.count {
            var stage = try CycleStage(system, files.snapshot, isNewProcess: cycle == options.first)
            var now = cycle >= options.mutated ? mutation : nil
            let wasPlanned = now != nil
            let record = try stage.run(&random, &now)
            if wasPlanned, now == nil {
                mutation = nil
                output.line("M")
            }
            output.line(record.line)
            for fault in stage.faults { output.line("F cycle \(cycle + 1): " + fault) }
            try orCycleError { () throws(MonitorError) in try stage.vm.save(to: files.snapshot) }
            try append(stage.vm.console.captured, to: files.console)
        }
        guard output.flush() else { throw CycleError("the records cannot be written") }
    }
}

/// Adds bytes to a file.
func append(_ bytes: [UInt8], to path: String) throws(CycleError) {
    try orCycleError { () throws(Errno) in
        let file = try FileDescriptor.open(path: path, [.write, .create, .append])
        try file.writeAll(bytes)
    }
}

/// All cycles: two guests, then the report.
struct CycleParent<System: HypervisorSystem> {
    private let system: System
    private let options: CycleOptions
    private let backend: String
    private var report = CycleReport()

    init(_ system: System, _ options: CycleOptions, backend: String) {
        self.system = system
        self.options = options
        self.backend = backend
    }

    /// True when nothing was wrong.
    mutating func run() throws(CycleError) -> Bool {
        let begin = Clock.monotonic()
        let half = options.count / 2
        try cycles("spin", first: 0, count: half)
        try cycles("wait", first: half, count: options.count - half)
        var output = Output.standardOutput
        let seconds = (Clock.monotonic() - begin) / 1_000_000_000
        output.write(
            report.text(
                "backend \(backend), profile \(system.profile.name), seed \(options.seed), \(seconds) s"))
        output.flush()
        if options.mutation != nil, !report.mutated { throw CycleError("no cycle could be spoiled") }
        return report.passed(options.count)
    }

    private mutating func cycles(_ work: String, first: Int, count: Int) throws(CycleError) {
        let folder = Process.environment("TMPDIR") ?? "/tmp"
        let files = CycleFiles(folder + "/live-cycles-\(Process.pid)-" + work)
        defer {
            for file in [files.snapshot, files.console, files.records] { try? Files.unlink(file) }
        }
        try start(work, files)
        let records = try orCycleError { () throws(Errno) in
            try FileDescriptor.open(path: files.records, [.write, .create, .append])
        }
        var progress = ProgressLine(quiet: false)
        defer { progress.hide() }
        // One cycle of the guest that sleeps, in its middle: a busy machine may find the one that spins in its handler every time.
        var spoiled = options.mutation == nil || first == 0
        var cycle = first
        while cycle < first + count {
            let share = min(2, first + count - cycle)
            try child(files, cycle, share, records.raw, spoiledFrom: spoiled ? nil : first + count / 2)
            cycle += share
            progress.show("cycle \(cycle) of \(options.count)")
            if !spoiled { spoiled = try read(files).mutated }
        }
        progress.hide()
        let console = try orCycleError { () throws(Errno) in try Files.readWhole(files.console, limit: 1 << 24) }
        report.add(try read(files), CycleTrace(console))
    }

    private func read(_ files: CycleFiles) throws(CycleError) -> CycleRecords {
        try CycleRecords(
            try orCycleError { () throws(Errno) in try Files.readWhole(files.records, limit: 1 << 24) })
    }

    /// Boots the guest and saves it once its timer is armed.
    private func start(_ work: String, _ files: CycleFiles) throws(CycleError) {
        let image = BootImage(
            path: try options.ticker(system.profile), arguments: ["hz=40", "ticks=0", "work=" + work])
        let said = try orCycleError { () throws(MonitorError) in
            let vm = try VirtualMachine(system, MachineConfiguration(memorySize: 2 << 20), console: try cycleConsole())
            try vm.boot(image)
            for _ in 0..<500 {
                _ = try vm.run(until: vm.system.clock().monotonic + 10_000_000)
                if TickerState({ UInt32(truncatingIfNeeded: vm.memory.load(at: $0, size: 4) ?? 0) }) != nil { break }
            }
            try vm.pause()
            try vm.save(to: files.snapshot)
            return vm.console.captured
        }
        try append(said, to: files.console)
    }

    private func child(
        _ files: CycleFiles, _ first: Int, _ count: Int, _ output: Int32, spoiledFrom: Int?
    ) throws(CycleError) {
        guard let program = Process.executablePath else {
            throw CycleError("this host does not tell where this program is (/proc/self/exe)")
        }
        var words = [
            program, "cycles", "--resume", files.snapshot, "--first", "\(first)", "--count", "\(count)",
            "--seed", "\(options.seed)", "--backend", backend, "--profile", system.profile.name,
        ]
        if let mutation = options.mutation, let spoiledFrom {
            words += ["--mutate", mutation.name, "--mutated", "\(spoiledFrom)"]
        }
        let ending = try orCycleError { () throws(Errno) in
            try Process.wait(try Process.spawn(program, words, standardOutput: output))
        }
        guard ending == .exit(0) else { throw CycleError("the child of cycle \(first + 1) ended with \(ending)") }
    }
}
