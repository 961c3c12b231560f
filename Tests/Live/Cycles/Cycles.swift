// A guest that is stopped, saved and restored a thousand times, on the host's clock, must not notice.
//
//   live cycles [--count N] [--seed N] [--backend kvm | simulator] [--profile NAME] [--guests FOLDER]
//               [--mutate frozen | count | lost | early]
//
// `ticker` takes forty timer interrupts a second. In each cycle it runs for a random while, often ending beside a tick;
// it is frozen, saved, restored, and thawed with policy `freeze`. Every other restore is into a new process: this program starts
// itself, and the child restores the file twice, once as the new process it is and once more after saving it itself. Half the
// cycles are done with a guest that spins, half with one that sleeps in WAIT.
//
// What is checked, in every cycle (CycleStage.swift):
//   * frozen, the kernel's Count, Compare, TI and COUNT_RESUME stand still, and after the restore they are what they were;
//   * the remaining time to Compare after the thaw is that before the freeze, less at most what the clock says the calls took;
//   * at the next freeze, Count and COUNT_RESUME together say when the guest went on: within the bracket of the thaw;
//   * no tick is overdue without its interrupt, none is due that has its interrupt;
//   * the guest's trace in memory has every tick once, in order, none early.
// And at the end (CycleTrace.swift), what the guest printed, in all the processes, is one unbroken account.
//
// `--mutate` spoils one cycle, to show that the test can fail. Exit status: 0 nothing found, 1 something, 2 wrong words.
//
// Glossary.
//   stage     from a restore to the next save, of which there is one a cycle
//   bracket   nanoseconds between the looks at the clock before and after something
//   record    what a child says of a stage: a line of numbers, or of words about a fault

import CommandLine
import Host
import Hypervisor
import KVM
import Machine
import Monitor
import Simulator
import Snapshot
import Timekeeping

/// `live cycles`.
func cycles(_ words: [String]) -> Int32 {
    do throws(CycleUsage) {
        let options = try CycleOptions(words)
        do throws(CycleError) {
            return try cycles(options)
        } catch {
            log("live cycles: " + error.description)
            return 1
        }
    } catch {
        log("live cycles: " + error.description)
        return 2
    }
}

/// What went wrong, as text: nobody here can do anything about it.
struct CycleError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Runs `body` and turns its error into text.
func orCycleError<Result: ~Copyable, Failure: Error & CustomStringConvertible>(
    _ body: () throws(Failure) -> Result
) throws(CycleError) -> Result {
    do throws(Failure) {
        return try body()
    } catch {
        throw CycleError(error.description)
    }
}

private func cycles(_ options: CycleOptions) throws(CycleError) -> Int32 {
    if options.backend != .simulator {
        var kvm: KVMSystem?
        do throws(KVMOpenError) {
            kvm = try KVMSystem.open()
        } catch {
            guard options.backend == nil else { throw CycleError("\(error); \(error.remedy)") }
        }
        if let kvm { return try cycles(options, on: kvm, backend: "kvm") }
    }
    return try cycles(options, on: SimulatedSystem(profile: options.profile), backend: "simulator")
}

private func cycles<System: HypervisorSystem>(
    _ options: CycleOptions, on system: System, backend: String
) throws(CycleError) -> Int32 {
    if let files = options.files {
        try CycleChild(system, options, files).run()
        return 0
    }
    var parent = CycleParent(system, options, backend: backend)
    return try parent.run() ? 0 : 1
}

/// Vigna's SplitMix64.
struct CycleRandom {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
