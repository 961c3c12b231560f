// `stasis demo`: finds the guest, holds the demonstration, prints it.

import CommandLine
import Host
import Hypervisor
import JSON
import Monitor
import Simulator
import Timeline

extension Program {
    /// `stasis demo`.
    static func demonstrate(_ options: DemoOptions) -> ExitStatus {
        reporting { () throws(Failure) in
            let backend = try Backend.choose(
                options.backend, profile: options.profile, virtualClock: options.clock == .virtual,
                quiet: options.quiet || options.json)
            return try demonstrate(options, backend, on: backend.system(options.clock.source))
        }
    }

    private static func demonstrate(
        _ options: DemoOptions, _ backend: Backend, on system: AnySystem
    ) throws(Failure) -> ExitStatus {
        var image = options.image ?? ""
        if options.image == nil { image = try ticker(backend.profile) }
        let path = image
        let vm = try monitor { () throws(MonitorError) in
            let vm = try VirtualMachine(system, MachineConfiguration(memorySize: 16 << 20), console: try silent())
            try vm.boot(BootImage(path: path, arguments: Demonstration<AnySystem>.arguments))
            return vm
        }
        var trace: TraceWriter?
        if let path = options.trace {
            let hz = try monitor { () throws(MonitorError) in try vm.countRate() }
            trace = try beginTrace(path, hz: hz, isVirtual: options.clock == .virtual)
        }
        var progress = ProgressLine(quiet: options.quiet)
        let files = try Scratch(kept: options.save)
        defer { files.remove() }
        let report: DemonstrationReport
        do throws(DemonstrationError) {
            defer { progress.hide() }
            var demonstration = try Demonstration(vm, trace: trace) { progress.show($0) }
            report = try demonstration.hold(file: files.saved) { file throws(DemonstrationError) in
                try restoreElsewhere(file, files.restored, backend, Demonstration<AnySystem>.elsewhereRun)
            }
        } catch {
            throw Failure(error.description)
        }
        if let trace, let path = options.trace { try endTrace(trace, path) }
        let text = options.json ? json(report, backend, options) : table(report, backend, options)
        guard show(text) == .success else { return .failure }
        for fault in report.faults { log("stasis: FAILED: " + fault) }
        return report.faults.isEmpty ? .success : .failure
    }

    private static func silent() throws(MonitorError) -> Console {
        do throws(Errno) {
            return try Console(.none)
        } catch {
            throw .console(error)
        }
    }

    // MARK: The guest

    /// The guest that Scripts/build-guests makes.
    private static func ticker(_ profile: Profile) throws(Failure) -> String {
        guard let folder = GuestFolder.find() else {
            throw Failure("the guest ticker is not built; run Scripts/build-guests, or name one: stasis demo IMAGE")
        }
        return folder + (profile.isTE ? "/ticker.te.elf" : "/ticker.elf")
    }

    // MARK: The other process

    /// Two files for the time of the demonstration. The second one stays if it has a name.
    private struct Scratch {
        let saved: String
        let restored: String
        private let isKept: Bool

        init(kept: String?) throws(Failure) {
            let folder = Process.environment("TMPDIR") ?? "/tmp"
            do throws(Errno) {
                isKept = kept != nil
                saved = try Files.temporarySibling(of: folder + "/stasis-demo")
                if let kept {
                    restored = kept
                } else {
                    restored = try Files.temporarySibling(of: folder + "/stasis-demo")
                }
            } catch {
                throw Failure("no name for a temporary file: \(error)")
            }
        }

        /// One that is not there need not be removed.
        func remove() {
            try? Files.unlink(saved)
            if !isKept { try? Files.unlink(restored) }
        }
    }

    /// `stasis restore` in a process of its own, which saves the guest again when it has run.
    private static func restoreElsewhere(
        _ file: String, _ result: String, _ backend: Backend, _ nanoseconds: UInt64
    ) throws(DemonstrationError) -> SnapshotContents {
        guard let program = Process.executablePath else {
            throw .elsewhere("this host does not tell where this program is (/proc/self/exe)")
        }
        let words = [
            program, "restore", file, "--quiet", "--backend", backend.name, "--clock-policy", "freeze",
            "--for", "\(nanoseconds)ns", "--save", result,
        ]
        let ending: Process.Ending
        do throws(Errno) {
            let nothing = try FileDescriptor.open(path: "/dev/null", .readWrite)
            ending = try Process.wait(
                try Process.spawn(program, words, standardInput: nothing.raw, standardOutput: nothing.raw))
        } catch {
            throw .elsewhere("\(program): \(error)")
        }
        guard ending == .exit(0) else { throw .elsewhere("it ended with \(ending)") }
        do throws(MonitorError) {
            return try SnapshotContents(path: result)
        } catch {
            throw .machine(error)
        }
    }

    // MARK: Printing

    private static func table(
        _ report: DemonstrationReport, _ backend: Backend, _ options: DemoOptions
    ) -> String {
        var text = ""
        if !options.quiet {
            text +=
                "ticker: \(report.rate) timer interrupts a second. "
                + "Backend \(backend.name), profile \(backend.profile.name), clock \(options.clock.name).\n\n"
            text += "Frozen for two seconds: time passes here, and stands still there.\n\n"
            var still = TextTable([
                .init("host clock", .right), .init("Count", .right), .init("TI", .right), .init("COUNT_RESUME", .right),
            ])
            for sample in report.samples {
                still.row([
                    "+" + seconds(Int64(sample.elapsed)), "\(sample.count)", sample.timerInterrupt ? "1" : "0",
                    "\(sample.resume)",
                ])
            }
            text += still.text + "\nEvery way of going on, and what the guest made of it:\n\n"
        }
        var phases = TextTable([
            .init("phase"), .init("host clock", .right), .init("stood still", .right), .init("guest saw", .right),
            .init("ticks expected", .right), .init("got", .right), .init("latest by", .right), .init(""),
        ])
        var got: Int64 = 0
        for phase in report.phases {
            got += phase.got
            phases.row([
                phase.name, seconds(phase.hostElapsed), seconds(phase.stood), seconds(phase.guestElapsed),
                range(phase.expected), "\(phase.got)", seconds(phase.worst), phase.faults.isEmpty ? "ok" : "FAILED",
            ])
        }
        text += phases.text
        if report.faults.isEmpty { text += "\n\(got) ticks: none lost, none doubled, none late.\n" }
        return text
    }

    private static func range(_ span: Span) -> String {
        span.least == span.most ? "\(span.least)" : "\(span.least)-\(span.most)"
    }

    /// Seconds with microseconds.
    private static func seconds(_ nanoseconds: Int64) -> String {
        let micro = nanoseconds.magnitude / 1000
        let fraction = "\(micro % 1_000_000)"
        return (nanoseconds < 0 ? "-" : "") + "\(micro / 1_000_000)."
            + String(repeating: "0", count: 6 - fraction.utf8.count) + fraction + " s"
    }

    private static func json(
        _ report: DemonstrationReport, _ backend: Backend, _ options: DemoOptions
    ) -> String {
        var json = JSONWriter()
        json.beginObject()
        json.member("backend", backend.name)
        json.member("profile", backend.profile.name)
        json.member("clock", options.clock.name)
        json.member("rate", report.rate)
        json.key("frozen")
        json.beginArray()
        for sample in report.samples {
            json.beginObject()
            json.member("elapsedNanoseconds", sample.elapsed)
            json.member("count", sample.count)
            json.member("timerInterrupt", sample.timerInterrupt)
            json.member("countResume", sample.resume)
            json.endObject()
        }
        json.endArray()
        json.key("phases")
        json.beginArray()
        for phase in report.phases {
            json.beginObject()
            json.member("name", phase.name)
            json.member("hostNanoseconds", phase.hostElapsed)
            json.member("stoodNanoseconds", phase.stood)
            json.member("guestNanoseconds", phase.guestElapsed)
            json.member("ticksExpectedLeast", phase.expected.least)
            json.member("ticksExpectedMost", phase.expected.most)
            json.member("ticksGot", phase.got)
            json.member("latestNanoseconds", phase.worst)
            json.key("faults")
            json.beginArray()
            for fault in phase.faults { json.value(fault) }
            json.endArray()
            json.endObject()
        }
        json.endArray()
        json.member("passed", report.faults.isEmpty)
        json.endObject()
        return json.text
    }
}
