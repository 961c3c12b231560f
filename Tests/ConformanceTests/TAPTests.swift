// The text of a run is TAP version 13, and the results say the same.

import Conformance
import Foundation
import Host
import Hypervisor
import Simulator
import Testing

@Suite(.serialized)
struct TAPTests {
    private func run<S: HypervisorSystem>(_ system: S, _ rows: String) -> (lines: [String], results: Results) {
        var text = ""
        let results = Conformance.run(system, selection: Selection(rows)!) { text += $0 }
        #expect(text.hasSuffix("\n"))
        return (text.components(separatedBy: "\n").dropLast(), results)
    }

    @Test func passes() {
        let (lines, results) = run(SimulatedSystem(profile: .te510, clock: .host), "T8,A1")
        #expect(
            lines == [
                "TAP version 13", "1..2", "ok 1 A1 API version, and its argument must be 0",
                "ok 2 T8 freeze holds TI back",
                "# 2 passed, 0 failed, 0 skipped",
            ])
        #expect(results.list.map { $0.row } == [.a1, .t8])
        #expect(results.isSuccess)
        // T8 waits 30 ms on the host's clock.
        #expect(results.list[1].nanoseconds >= 30_000_000)
    }

    @Test func skips() {
        let (lines, results) = run(SimulatedSystem(profile: .vz, clock: .host), "C6,T34")
        #expect(lines[2].hasPrefix("ok 1 T34 the reference's fifteen timer vectors # SKIP "))
        #expect(
            lines[3] == "ok 2 C6 MFC0 is patched into a load # SKIP VZ: instructions are not patched (reference 2.4)")
        #expect(lines[4] == "# 0 passed, 0 failed, 2 skipped")
        #expect(results.skipped == 2)
        // Nothing was shown.
        #expect(!results.isSuccess)
    }

    @Test func failures() {
        let mutant = MutantSystem(SimulatedSystem(profile: .te510, clock: .host), .signExtendedRegisters)
        let (lines, results) = run(mutant, "G9-G10")
        #expect(lines[1] == "1..2")
        #expect(lines[2] == "ok 1 G9 R0 stays 0")
        #expect(lines[3] == "not ok 2 G10 ONE_REG sign-extends, GET_REGS zero-extends")
        #expect(lines[4] == "# expected R1 by GET_REGS 0x80000000, got 0xffffffff80000000")
        #expect(lines[5] == "# 1 passed, 1 failed, 0 skipped")
        #expect(results.failed == 1)
        #expect(!results.isSuccess)
    }

    /// A host without an FPU has fewer rows to show, and no failures.
    @Test func withoutFPU() {
        let profile = Profile(kind: .te510, pageSize: 16384, hasFPU: false)
        let (_, results) = run(SimulatedSystem(profile: profile, clock: .host), "A,G,C")
        #expect(results.failed == 0)
        #expect(results.skipped == 4)
    }

    /// Other page sizes move the commpage, the dirty bits and the run area, and pass all the same.
    @Test(arguments: [UInt32(4096), 8192, 16384])
    func pageSizes(size: UInt32) {
        let profile = Profile(kind: .teFixed, pageSize: size, hasFPU: true)
        let (lines, results) = run(SimulatedSystem(profile: profile, clock: .host), "A2,M,R13-R20,C6-C7,C11,C15,C17")
        #expect(results.failed == 0, "\(lines)")
        #expect(results.skipped == 0)
    }
}
