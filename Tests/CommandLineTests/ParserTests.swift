// Words to invocations, and wrong words to one-line errors.

import Testing

@testable import CommandLine

/// The error of a command line, which must be wrong.
func usageError(_ words: String...) -> String {
    do throws(UsageError) {
        let invocation = try Invocation.parse(words)
        Issue.record("accepted: \(invocation)")
        return ""
    } catch {
        return error.description
    }
}

@Suite struct ParserTests {
    func run(_ words: String...) throws -> RunOptions {
        guard case .run(let options) = try Invocation.parse(["run"] + words) else { throw Unexpected() }
        return options
    }

    struct Unexpected: Error {}

    @Test func runHasTheDefaultsOfItsHelp() throws {
        let options = try run("a.elf")
        #expect(options.image == .program("a.elf"))
        #expect(options.backend == .auto)
        #expect(options.profile == nil)
        #expect(options.memory == 64 << 20)
        #expect(options.fpu == nil)
        #expect(options.clock == .host)
        #expect(options.engine == nil)
        #expect(options.clockPolicy == .freeze)
        #expect(options.duration == nil)
        #expect(options.save == nil)
        #expect(options.raw == nil)
        #expect(options.arguments.isEmpty)
        #expect(!options.quiet)
    }

    @Test func everyOptionOfRun() throws {
        let options = try run(
            "--backend", "simulator", "--profile=te-5.10", "a.bin", "--memory", "1536M", "--fpu", "off",
            "--clock=virtual", "--engine", "translated",
            "--clock-policy", "catch-up-max=1m30s", "--for", "250ms", "--save=s=1", "--raw", "0x80010000", "--append",
            "one two", "--append=", "-q", "--", "--three", "-h")
        #expect(options.image == .program("a.bin"))
        #expect(options.backend == .simulator)
        #expect(options.profile == .trapAndEmulate510)
        #expect(options.memory == 1536 << 20)
        #expect(options.fpu == false)
        #expect(options.clock == .virtual)
        #expect(options.engine == .translated)
        #expect(options.clockPolicy == .catchUpMax(nanoseconds: 90_000_000_000))
        #expect(options.duration == 250_000_000)
        #expect(options.save == "s=1")
        #expect(options.raw == 0x8001_0000)
        #expect(options.arguments == ["one two", "", "--three", "-h"])
        #expect(options.quiet)
    }

    @Test func laterOptionsReplaceEarlierOnes() throws {
        #expect(try run("a", "--memory=1M", "--memory=2M").memory == 2 << 20)
    }

    @Test func operandsMayFollowTheTwoDashes() throws {
        let options = try run("--", "-image", "-argument")
        #expect(options.image == .program("-image"))
        #expect(options.arguments == ["-argument"])
    }

    @Test func theOtherCommands() throws {
        #expect(
            try Invocation.parse(["restore", "f", "--clock-policy=catch-up"])
                == .restore(
                    RestoreOptions(
                        file: "f", backend: .auto, profile: nil, clock: nil, engine: nil,
                        clockPolicy: .catchUp, duration: nil,
                        save: nil, control: nil, trace: nil, disks: [], quiet: false)))
        #expect(try Invocation.parse(["inspect", "f", "--json"]) == .inspect(InspectOptions(file: "f", json: true)))
        #expect(
            try Invocation.parse(["diff", "a", "b", "--quiet"])
                == .diff(DiffOptions(first: "a", second: "b", json: false, quiet: true)))
        guard case .conformance(let conformance) = try Invocation.parse(["conformance", "--rows=T8", "--list"]) else {
            throw Unexpected()
        }
        #expect(conformance.list && conformance.rows.contains(id: "T8") && !conformance.rows.contains(id: "T9"))
        #expect(try Invocation.parse(["doctor"]) == .doctor(DoctorOptions(json: false)))
        #expect(
            try Invocation.parse(["demo", "t.elf", "--clock=virtual"])
                == .demo(
                    DemoOptions(
                        image: "t.elf", backend: .auto, profile: nil, clock: .virtual, save: nil, trace: nil,
                        json: false, quiet: false)))
        guard case .demo(let demo) = try Invocation.parse(["demo", "--trace", "t", "--save=s"]) else {
            throw Unexpected()
        }
        #expect(demo.trace == "t" && demo.save == "s")
        #expect(try Invocation.parse(["completion", "zsh"]) == .completion(.zsh))
        #expect(try Invocation.parse(["manual"]) == .manual)
        #expect(try Invocation.parse(["help"]) == .help(nil))
        #expect(try Invocation.parse(["help", "run"]) == .help(.run))
    }

    @Test func aLetterMayHaveAValue() throws {
        for words in [["-o", "x.svg"], ["-ox.svg"], ["--output=x.svg"], ["--output", "x.svg"]] {
            #expect(
                try Invocation.parse(["timeline", "f"] + words)
                    == .timeline(TimelineOptions(file: "f", output: "x.svg")))
        }
        for words in [[], ["-o", "-"], ["-o-"]] {
            #expect(
                try Invocation.parse(["timeline", "f"] + words) == .timeline(TimelineOptions(file: "f", output: nil)))
        }
        #expect(usageError("timeline", "f", "-o") == "stasis: timeline: --output: no value; use --output FILE")
        #expect(usageError("timeline", "f", "-o", "") == "stasis: timeline: --output '': no file name; name a file")
        #expect(usageError("timeline", "f", "-xo").contains("'-xo': unknown option"))
        #expect(usageError("timeline") == "stasis: timeline: no FILE; use stasis timeline [OPTION]... FILE")
        #expect(usageError("demo", "--trace=") == "stasis: demo: --trace '': no file name; name a file")
    }

    @Test func helpAndVersionWinEverywhere() throws {
        for word in ["--help", "-h"] {
            #expect(try Invocation.parse([word]) == .help(nil))
        }
        #expect(try Invocation.parse(["-V"]) == .version)
        for command in Command.allCases {
            #expect(try Invocation.parse([command.name, "--help"]) == .help(command))
            #expect(try Invocation.parse([command.name, "-h", "--nonsense"]) == .help(command))
            #expect(try Invocation.parse([command.name, "--version"]) == .version)
        }
        #expect(try Invocation.parse(["run", "-qh"]) == .help(.run))
    }

    @Test func errorsNameTheOptionTheValueAndTheRemedy() {
        #expect(
            usageError("run", "--memory", "5Q")
                == "stasis: run: --memory '5Q': not a size; use a number with K, M or G, for example 64M")
        #expect(usageError("run", "a", "--memory=2G") == "stasis: run: --memory '2G': out of range; use 1M to 1536M")
        #expect(
            usageError("run", "a", "--memory=1025K")
                == "stasis: run: --memory '1025K': not a multiple of 64K; round it, for example 64M")
        #expect(
            usageError("run", "a", "--backend", "simulatr")
                == "stasis: run: --backend 'simulatr': unknown; did you mean 'simulator'? "
                + "There is auto, kvm and simulator")
        #expect(usageError("run", "a", "--backend=xen").hasSuffix("unknown; use auto, kvm or simulator"))
        #expect(usageError("run", "a", "--for") == "stasis: run: --for: no value; use --for DURATION")
        #expect(usageError("run", "a", "--for=0s") == "stasis: run: --for '0s': no time at all; use more than 0")
        #expect(usageError("run", "a", "--quiet=1") == "stasis: run: --quiet '1': takes no value; leave it out")
        #expect(usageError("run", "a", "--save=") == "stasis: run: --save '': no file name; name a file")
        #expect(usageError("run", "") == "stasis: run: IMAGE '': no file name; name a file")
        #expect(
            usageError("run")
                == "stasis: run: no IMAGE and no --kernel; use stasis run [OPTION]... [IMAGE] [-- ARGUMENT...]")
        #expect(usageError("diff", "a") == "stasis: diff: no B; use stasis diff [OPTION]... A B")
        #expect(usageError("run", "a", "b").hasPrefix("stasis: run: 'b': one word too many; use stasis run"))
        #expect(usageError("restore", "a", "--", "b").contains("only the guest of run takes arguments after --"))
        #expect(usageError().hasPrefix("stasis: no command; use one of run, restore"))
        #expect(usageError("--memory=1M", "run").contains("--memory: an option before the command"))
        #expect(
            usageError("inspect", "--memory=1M", "f")
                == "stasis: inspect: --memory: not an option of this command, only of run")
        #expect(usageError("completion", "tcsh") == "stasis: completion: SHELL 'tcsh': unknown; use bash, zsh or fish")
    }

    @Test func errorsSuggestWhatIsNear() {
        #expect(usageError("rnu", "a") == "stasis: 'rnu': unknown command; did you mean 'run'?")
        #expect(usageError("conf") == "stasis: 'conf': unknown command; did you mean 'conformance'?")
        #expect(usageError("conformanc").hasSuffix("did you mean 'conformance'?"))
        #expect(usageError("xyzzy") == "stasis: 'xyzzy': unknown command; stasis --help lists them")
        #expect(usageError("run", "--memry=1M") == "stasis: run: '--memry': unknown option; did you mean '--memory'?")
        #expect(
            usageError("run", "--colour") == "stasis: run: '--colour': unknown option; stasis run --help lists them")
        #expect(usageError("run", "-x").contains("'-x': unknown option"))
    }

    @Test func contradictionsAreFoundAtOnce() {
        #expect(
            usageError("run", "a", "--backend=kvm", "--profile=vz")
                == "stasis: run: --profile 'vz': does not go with --backend kvm; a real kernel has its own, "
                + "so leave one of them out")
        #expect(usageError("run", "a", "--clock=virtual", "--backend=kvm").contains("only the simulator"))
    }

    @Test(arguments: ["a\nb", "\u{1B}[31m", "\0", String(repeating: "long ", count: 400), "ü\u{7F}", "--\n", "'"])
    func errorsStayOneShortLine(_ word: String) {
        for line in [
            usageError(word), usageError("run", "a", "--memory", word), usageError("run", "a", "--x\n" + word),
        ] {
            #expect(line.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
            #expect(line.utf8.count < 250)
            #expect(line.hasPrefix("stasis: "))
        }
    }
}

/// Devices: a name, and words after commas.
struct DeviceOptionTests {
    private func devices(_ words: [String]) throws -> [DeviceChoice] {
        guard case .run(let options) = try Invocation.parse(["run", "g"] + words) else { return [] }
        return options.devices
    }

    @Test func theOrderIsThatOfTheSlots() throws {
        let words = [
            "--rng", "--disk", "a,,b.img,ro,serial=ROOT", "--net", "tap0,mac=52:54:00:12:34:56", "--console", "unix:c",
        ]
        #expect(
            try devices(words) == [
                .entropy, .disk(DiskChoice(path: "a,b.img", isReadOnly: true, serial: "ROOT")),
                .net(NetChoice(tap: "tap0", mac: [0x52, 0x54, 0, 0x12, 0x34, 0x56])), .console(.socket("c")),
            ])
    }

    @Test(arguments: [
        ["--disk", ""], ["--disk", "a,rw"], ["--disk", "a,serial=123456789012345678901"], ["--net", "a/b"],
        ["--net", "interface-names-are-short"], ["--net", "tap0,mac=53:54:00:12:34:56"],
        ["--net", "tap0,mac=52:54:00:12:34"],
        ["--console", "tty"], ["--console", "unix:"],
    ])
    func whatMeansNothingIsRefused(_ words: [String]) {
        #expect(throws: UsageError.self) { try devices(words) }
    }
}
