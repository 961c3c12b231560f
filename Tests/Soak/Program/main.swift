// soak [CYCLES [SEED]]: random freezes, saves and restores of a running guest on the virtual clock, on every profile and with both
// kinds of work, CYCLES in all (100000 without a number). The last line is the result; the exit status is 0 if every run ended
// as the uninterrupted one.
//
// STASIS_GUESTS names the folder of the built guests (.build/guests without it), SOAK_SCRATCH that of the snapshots.

import Host
import SoakSupport

let words = Process.arguments
let cycles = words.count > 1 ? Int(words[1]) : 100_000
let seed = words.count > 2 ? UInt64(words[2]) : 1
guard let cycles, cycles > 0, let seed else {
    log("usage: soak [CYCLES [SEED]]")
    Process.exit(2)
}
let guests = Process.environment("STASIS_GUESTS") ?? ".build/guests"
let memory = Files.isWritable("/dev/shm") ? "/dev/shm" : Process.environment("TMPDIR") ?? "/tmp"
let scratch = Process.environment("SOAK_SCRATCH") ?? memory
var output = Output.standardOutput
var done = 0
var failed = false
let start = Clock.monotonic()
for (index, profile) in ["vz", "te-fixed", "te-5.10"].enumerated() {
    for (half, work) in ["spin", "wait"].enumerated() {
        let part = index * 2 + half
        // Six parts; the last takes what does not divide.
        let share = part == 5 ? cycles - 5 * (cycles / 6) : cycles / 6
        let soak = Soak(
            profile: profile, work: work, cycles: share, seed: seed &+ UInt64(part), guests: guests, scratch: scratch)
        do {
            let outcome = try soak.run()
            done += outcome.cycles
            output.line(
                "\(profile) work=\(work): \(outcome.cycles) cycles, \(outcome.thaws) thaws, \(outcome.restores) restores, "
                    + "\(outcome.ticks) ticks, hidden \(outcome.hidden / 1_000_000) ms"
                    + (outcome.differences.isEmpty ? ": identical" : ": DIFFERENT"))
            if outcome.cycles < share {
                output.line("  the guest ended before all \(share) cycles were done")
                failed = true
            }
            for difference in outcome.differences { output.line("  " + difference) }
            if !outcome.differences.isEmpty { failed = true }
        } catch {
            output.line("\(profile) work=\(work): seed \(seed &+ UInt64(part)): \(error)")
            failed = true
        }
        output.flush()
    }
}
let seconds = (Clock.monotonic() - start) / 1_000_000_000
output.line("\(done) cycles in \(seconds) s: \(failed ? "FAILED" : "identical to the uninterrupted runs")")
output.flush()
Process.exit(failed ? 1 : 0)
