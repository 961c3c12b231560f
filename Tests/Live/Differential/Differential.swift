// The differential: random scenarios on two backends side by side, step by step.
//
//   live differential [--count N] [--seed S] [--only K] [--backend kvm | simulator] [--profile NAME] [--mutate]
//
// Purpose. The simulator promises to be indistinguishable from a live kernel of the same profile. Here both do the
// same: register writes, freezes, guest programs, interrupts, device accesses. After every step everything that can
// be seen is compared: results and errnos, exits and their payloads, every register of KVM_GET_REG_LIST, guest
// memory. Time cannot be the same on both sides; each side's Count and COUNT_RESUME, and whether Cause.TI is set,
// must be what the reference's timer allows given the clock before and after each call (TimeModel.swift).
//
// Glossary.
//   scenario   a fresh VM and a list of steps, from the seed and a number
//   side       one of the two guests a scenario runs on
//   step       one thing done to a guest; a run of a program is one, with all its exits
//   cut short  a scenario that ended early because the instant an interrupt fell due lay within a call, and the two
//              sides came out on different sides of it
//   mutation   with --mutate, one observation of each scenario is altered, and the comparison has to find it
//
// Life cycle. Generator makes a Scenario; a Side for each backend performs it step by step and keeps a Record; the
// records are compared; at the end the guests' memories are.
//
// The last line of output is the result. A disagreement prints the scenario, the step and both sides; `--only` runs
// that one again.

import CommandLine
import Host
import Hypervisor
import KVM
import Simulator

struct Differential {
    struct Options {
        var count: UInt64 = 2000
        var seed: UInt64 = 1
        var only: UInt64?
        var simulator = false
        var profile: Profile?
        var mutate = false
        var list = false
    }

    /// What the scenarios came to.
    struct Figures {
        var scenarios: UInt64 = 0
        var steps: UInt64 = 0
        var observations: UInt64 = 0
        var disagreements: UInt64 = 0
        var cut: UInt64 = 0
        var missed: UInt64 = 0
    }

    /// Disagreements printed before it gives up.
    static var limit: UInt64 { 25 }

    let options: Options
    let left: Backend
    let right: Backend
    let exclusions: Exclusions
    private let rams: (GuestRAM, GuestRAM)
    private var figures = Figures()

    private init(_ options: Options, _ left: Backend, _ right: Backend) throws(Failure) {
        self.options = options
        self.left = left
        self.right = right
        do throws(HypervisorError) {
            exclusions = try Exclusions.betweenHosts(left, right)
        } catch {
            throw .init(text: "the hosts' processors: \(error)")
        }
        do throws(Errno) {
            rams = (try GuestRAM(), try GuestRAM())
        } catch {
            throw .init(text: "memory for guests: \(error)")
        }
    }

    struct Failure: Error {
        var text: String
    }

    // MARK: Main

    /// Exit status 0 when nothing disagreed, 1 when something did, 2 for words without meaning.
    static func main(_ words: [String]) -> Int32 {
        guard let options = Options(words) else {
            log(
                "live differential [--count N] [--seed S] [--only K] [--backend kvm | simulator] [--profile NAME]"
                    + " [--list] [--mutate]")
            return 2
        }
        do throws(Failure) {
            var run = try Differential(options, try left(options), try right(options))
            return run.all()
        } catch {
            log("live: differential: " + error.text)
            return 1
        }
    }

    /// A host's timer interrupt waits for the host; an emulated one's for the emulator's threads.
    private static var hostLateness: UInt64 { 200_000_000 }

    private static func left(_ options: Options) throws(Failure) -> Backend {
        if options.simulator {
            return BackendOf(
                "simulator 1", SimulatedSystem(profile: options.profile ?? .te510, clock: .host), lateness: 0)
        }
        do throws(KVMOpenError) {
            return BackendOf("kvm", try KVMSystem.open(), lateness: hostLateness)
        } catch {
            throw .init(text: "\(error)")
        }
    }

    private static func right(_ options: Options) throws(Failure) -> Backend {
        let profile: Profile
        if options.simulator {
            profile = options.profile ?? .te510
        } else {
            do throws(KVMOpenError) {
                profile = try KVMSystem.open().profile
            } catch {
                throw .init(text: "\(error)")
            }
        }
        return BackendOf(
            options.simulator ? "simulator 2" : "simulator", SimulatedSystem(profile: profile, clock: .host),
            lateness: 0)
    }

    private mutating func all() -> Int32 {
        log("\(left.name) and \(right.name), profile \(left.profile.name); \(exclusions)")
        var progress = ProgressLine(quiet: false)
        let first = options.only ?? 1
        let last = options.only ?? options.count
        var number = first
        while number <= last, figures.disagreements < Self.limit {
            progress.show("scenario \(number) of \(last), \(figures.disagreements) disagreements")
            let scenario = Generator.scenario(number, seed: options.seed)
            if options.list { print(scenario) }
            if options.mutate { mutated(scenario, &progress) } else { perform(scenario, nil, &progress) }
            number += 1
        }
        progress.hide()
        return summary()
    }

    private func summary() -> Int32 {
        var text =
            "\(figures.scenarios) scenarios, \(figures.steps) steps, \(figures.disagreements) disagreements"
            + " (profile \(left.profile.name), seed \(options.seed))"
        if options.mutate {
            text =
                "\(figures.scenarios - figures.missed) of \(figures.scenarios) mutations found"
                + " (profile \(left.profile.name), seed \(options.seed))"
        } else {
            log("\(figures.observations) observations compared, \(figures.cut) scenarios cut short")
        }
        var output = Output.standardOutput
        output.line(text)
        output.flush()
        if options.mutate { return figures.missed == 0 && figures.scenarios > 0 ? 0 : 1 }
        return figures.disagreements == 0 ? 0 : 1
    }

    // MARK: Scenarios

    private enum Outcome {
        case agreed
        case cut
        case disagreed
    }

    /// The same scenario until an observation of it was altered. The alteration has to be found.
    private mutating func mutated(_ scenario: Scenario, _ progress: inout ProgressLine) {
        var numbers = Numbers(options.seed ^ scenario.number &* 77)
        var range: UInt32 = 2000
        while true {
            let mutation = Mutation(countdown: Int(numbers.below(range)), bit: UInt64(numbers.below(32)))
            switch perform(scenario, mutation, &progress) {
            case .disagreed: return
            case .agreed where range <= 1, .cut where range <= 1:
                figures.missed += 1
                print(scenario)
                return
            case .agreed, .cut: range /= 2
            }
            figures.scenarios -= 1
        }
    }

    @discardableResult
    private mutating func perform(
        _ scenario: Scenario, _ mutation: Mutation?, _ progress: inout ProgressLine
    ) -> Outcome {
        figures.scenarios += 1
        let a: Side
        let b: Side
        do throws(HypervisorError) {
            a = try Side(left, rams.0, scenario, exclusions)
            b = try Side(right, rams.1, scenario, exclusions)
        } catch {
            report(scenario, "no guest: \(error)", &progress)
            return .disagreed
        }
        defer {
            a.end()
            b.end()
        }
        b.mutation = mutation
        for (i, step) in scenario.steps.enumerated() {
            figures.steps += 1
            if case .sleep(let n) = step { Clock.sleep(until: Clock.monotonic() + n) }
            let first = Self.record(step, on: a)
            let second = Self.record(step, on: b)
            figures.observations += UInt64(first.observations.count)
            let difference = first.firstDifference(second)
            let errors = first.errors + second.errors
            if errors.isEmpty, let difference, excuses(step, first, second, difference) {
                figures.cut += 1
                return .cut
            }
            if difference != nil || !errors.isEmpty {
                if mutation == nil { explain(scenario, i, first, second, difference, &progress) }
                return .disagreed
            }
            if first.blind || second.blind || first.queues != second.queues {
                figures.cut += 1
                return .cut
            }
            if let altered = b.mutation, altered.isDone, mutation != nil {
                // An alteration that went unnoticed.
                figures.missed += 1
                log("scenario \(scenario.number), step \(i + 1): an altered observation was not found")
                return .disagreed
            }
        }
        if let offset = rams.0.firstDifference(rams.1) {
            report(
                scenario,
                "memory at \(hex(offset)): \(a.backend.name) \(hex(rams.0[offset])), "
                    + "\(b.backend.name) \(hex(rams.1[offset]))", &progress)
            return .disagreed
        }
        return .agreed
    }

    private static func record(_ step: Step, on side: Side) -> Record {
        side.begin()
        side.perform(step)
        side.sweep()
        return side.finish()
    }

    /// Does the timer explain a difference? It does when the instant it falls due lies in a call of the step, unless
    /// the step is made so that this makes no difference. Whether each side has the interrupts it must have is not
    /// asked here: its model did.
    private func excuses(_ step: Step, _ a: Record, _ b: Record, _ index: Int) -> Bool {
        guard a.doubted || b.doubted || a.queues != b.queues else { return false }
        guard case .run(let program) = step else { return true }
        switch program.kind {
        case .plain: return true
        case .spin: return false
        case .wait:
            // The timer came before the guest got to WAIT, which then does not wait: one side tells of WAIT's end,
            // the other of what is behind it.
            guard index < a.observations.count, index < b.observations.count else { return false }
            return a.observations[index].subject.kind == .exit
                && (a.observations[index].value == UInt64(ExitReason.interruptWindowOpen)
                    || b.observations[index].value == UInt64(ExitReason.interruptWindowOpen))
        }
    }

    // MARK: Reports

    private func print(_ scenario: Scenario) {
        var output = Output.standardOutput
        output.line("scenario \(scenario.number) of seed \(options.seed), \(scenario.theme.name):")
        for (i, step) in scenario.steps.enumerated() { output.line("    \(i + 1). \(step)") }
        output.flush()
    }

    private mutating func report(_ scenario: Scenario, _ what: String, _ progress: inout ProgressLine) {
        figures.disagreements += 1
        guard !options.mutate else { return }
        progress.hide()
        print(scenario)
        var output = Output.standardOutput
        output.line("  disagreement in scenario \(scenario.number): " + what)
        output.flush()
    }

    private mutating func explain(
        _ scenario: Scenario, _ step: Int, _ a: Record, _ b: Record, _ difference: Int?,
        _ progress: inout ProgressLine
    ) {
        var what = "step \(step + 1)"
        for error in a.errors + b.errors { what += "\n    \(error)" }
        if let difference {
            for i in max(0, difference - 12)..<difference { what += "\n      both: " + a.describe(i) }
            for i in difference..<difference + 6 {
                what += "\n    \(left.name): " + a.describe(i)
                what += "\n    \(right.name): " + b.describe(i)
            }
        }
        report(scenario, what, &progress)
    }
}

extension Differential.Options {
    init?(_ words: [String]) {
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--mutate" {
                mutate = true
            } else if word == "--list" {
                list = true
            } else {
                guard let value = rest.popFirst() else { return nil }
                switch word {
                case "--count":
                    guard let n = UInt64(value) else { return nil }
                    count = n
                case "--seed":
                    guard let n = UInt64(value) else { return nil }
                    seed = n
                case "--only":
                    guard let n = UInt64(value) else { return nil }
                    only = n
                case "--backend":
                    guard value == "kvm" || value == "simulator" else { return nil }
                    simulator = value == "simulator"
                case "--profile":
                    guard let named = Profile(named: value), named.isTE else { return nil }
                    profile = named
                default: return nil
                }
            }
        }
    }
}
