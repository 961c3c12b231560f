// Conformance: the contract as rows that pass or fail.
//
// Purpose. Two backends claim to behave like KVM/MIPS: the kernel itself and the simulator. Each row here is one statement
// about that behaviour, taken from the project's KVM/MIPS reference (section 8, the conformance checklist), with a check that
// does what the statement says through the contract and compares. Before them come the claims of the master disable, the feature
// all of this is for: whether they hold is what one wants to know of a kernel first. The same rows run in unit tests, on the command
// line and on a live kernel, so a difference between the backends is a failing row with numbers in it.
//
// Glossary.
//   row         one statement: id (T8), title, the profiles it applies to, a check
//   check       a method of `Bench`; returns when the row passes, throws a `Verdict` when it does not
//   bench       what a check works with: the system and its clock
//   guest       a machine with one vCPU and some memory, made by a check for itself
//   bracketing  reading the clock before and after a call, so that what the call saw lies in between. No check assumes
//               how long anything takes: it measures, and demands what follows from the measurement
//   claim       what the master disable promises: S1 to S8, the rows of section S
//   Q1, O1      numbers of the reference's quirks and order effects; its timer vectors are "vector S1" and so on
//
// Life cycle. `Conformance.run` goes through the selected rows in order, reports each through a closure as TAP text, and returns
// the results. A check that finds it cannot tell (no FPU, uptime too short) skips with the reason; that is not a pass.
//
// Guests are tiny programs of hand-assembled words in the unmapped kernel window (`Asm`). They report by storing to
// device addresses: see `GuestMap`. No program contains SDBBP: a trap-and-emulate kernel does not survive it.
//
// Signals. Rows about signals use SIGALRM, whose handler `check` sets to recording. Rows run on the calling thread.

import Host
public import Hypervisor

public enum Conformance {
    /// Runs the selected rows on a system.
    ///
    /// - Parameters:
    ///   - selection: which rows; the others are not mentioned.
    ///   - write: receives pieces of TAP version 13 text, each ending in a newline.
    /// - Returns: what became of each selected row, in order.
    @discardableResult
    public static func run(
        _ system: AnySystem, selection: Selection = .all, write: (String) -> Void = { _ in }
    ) -> Results {
        run(system, where: { selection.contains($0) }, write: write)
    }

    /// The same with the rows chosen by a function.
    @discardableResult
    public static func run(
        _ system: AnySystem, where isSelected: (RowID) -> Bool, write: (String) -> Void = { _ in }
    ) -> Results {
        var tap = TAP()
        var results = Results(profile: system.profile)
        let rows = RowID.allCases.filter(isSelected)
        write(tap.head(rows.count))
        for row in rows {
            let result = check(row, on: system)
            results.list.append(result)
            write(tap.line(result))
        }
        write(tap.summary(results))
        return results
    }

    /// Runs one row.
    public static func check(_ row: RowID, on system: AnySystem) -> RowResult {
        let start = Clock.monotonic()
        var outcome = Outcome.passed
        if case .skip(let reason) = row.applicability(system.profile) {
            outcome = .skipped(reason)
        } else {
            // A recording handler, so that a signal sent to a vCPU thread interrupts it and does not end the process.
            // The only failure is a bad number.
            try? Signals.install(Signals.alarm, .record)
            // Some hosts' worker threads block signals.
            let mask = Signals.unblock(Signals.mask(Signals.alarm))
            defer { Signals.setMask(mask) }
            do throws(Verdict) {
                try Bench(system: system).perform(row)
            } catch {
                outcome = error.outcome
            }
            // Whatever the check was in the middle of.
            system.setAlarm(nil)
        }
        return RowResult(row: row, outcome: outcome, nanoseconds: Clock.monotonic() - start)
    }

    /// The same on a system of a known type. Checks are many and small; they are compiled once, for any system.
    @discardableResult
    public static func run<S: HypervisorSystem>(
        _ system: S, selection: Selection = .all, write: (String) -> Void = { _ in }
    ) -> Results {
        run(AnySystem.erasing(system), selection: selection, write: write)
    }

    /// The same on a system of a known type.
    public static func check<S: HypervisorSystem>(_ row: RowID, on system: S) -> RowResult {
        check(row, on: AnySystem.erasing(system))
    }
}
