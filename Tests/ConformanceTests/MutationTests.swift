// Rows can fail: each lie of a mutant is caught by the rows that are about it, and by them it is named.

import Conformance
import Host
import Hypervisor
import Simulator
import Testing

@Suite(.serialized)
struct MutationTests {
    /// Lies, and rows that must catch them.
    static let catches: [(Lie, [RowID])] = [
        (.machineTypeErrno, [.a4]),
        (.dirtyLogAlways, [.m7]),
        (.signExtendedRegisters, [.g10]),
        (.writableR0, [.g9]),
        (.reservedControlBits, [.s1, .t2]),
        (.freezeMovesResume, [.s7, .t3]),
        (.lateResume, [.s1, .s7, .s8, .t6, .t7, .t29]),
        (.thawHidesPause, [.s3, .s4, .s6, .s7, .t7, .t8, .t16, .t18, .t21, .t34]),
        (.thawForgetsInterrupt, [.s5, .t8, .t12, .t28, .t34]),
        (.compareAcknowledges, [.t24]),
        (.lateCompare, [.t34]),
        (.anyFrequency, [.t5]),
        (.anyLine, [.i3]),
        (.levelLines, [.i8]),
        (.immediateExitIsShallow, [.r3, .r6, .r10, .r12]),
        (.immediateExitReports, [.r3, .r4]),
        (.waitContinues, [.r25, .r26]),
        (.noInternalErrors, [.r8, .r15, .r19, .r20, .r21, .r22, .r23, .c9, .c13, .c15, .c16, .c19]),
        (.sharedWithChildren, [.a16]),
        (.countGoesOn, [.s2, .s6, .t6]),
        (.interruptsGoOn, [.s2, .s5, .t8]),
        (.causeKeepsTI, [.s3]),
        (.thawLosesTick, [.s4, .s7]),
        (.interruptTwice, [.s5]),
        (.guestWritesAtThaw, [.s6]),
        (.fixedCount, [.s6, .s8]),
        (.unlistedResume, [.s1]),
    ]

    /// A virtual clock, so that the vectors count.
    private func system(_ lie: Lie) -> MutantSystem {
        let clock = ClockSource.virtual(start: 5_000_000_000_000, nanosecondsPerInstruction: 10, realtime: 0)
        return MutantSystem(SimulatedSystem(profile: .te510, clock: clock), lie)
    }

    @Test(arguments: catches) func caught(lie: Lie, rows: [RowID]) {
        for row in rows {
            let honest = Conformance.check(row, on: system(.none))
            #expect(honest.outcome == .passed, "\(row.name) without a lie: \(honest.outcome)")
            let result = Conformance.check(row, on: system(lie))
            guard case .failed(let text) = result.outcome else {
                Issue.record("\(row.name) did not notice \(lie): \(result.outcome)")
                continue
            }
            #expect(text.hasPrefix("expected "), "\(text)")
            #expect(text.contains("got "), "\(text)")
        }
    }

    @Test func everyLieIsTried() {
        for lie in Lie.allCases where lie != .none {
            #expect(Self.catches.contains { $0.0 == lie }, "\(lie)")
        }
    }

    /// A row of one profile is no row of another: the defect of TE-5.10 fails TE-fixed's rows, and the other way round.
    @Test func profilesDiffer() {
        let fixed = SimulatedSystem(profile: .teFixed, clock: .host)
        for real in [SimulatedSystem(profile: .te510, clock: .host), fixed] {
            let other: Profile = real.profile == .te510 ? .teFixed : .te510
            let result = Conformance.check(.i5, on: Relabelled(real, as: other))
            #expect(result.outcome != .passed)
        }
    }
}

/// The simulator under another profile's name.
private final class Relabelled: HypervisorSystem, @unchecked Sendable {
    let real: SimulatedSystem
    let profile: Profile

    init(_ real: SimulatedSystem, as profile: Profile) {
        self.real = real
        self.profile = profile
    }

    var timeDomain: TimeDomain { real.timeDomain }
    func clock() -> ClockReading { real.clock() }
    func sleep(until monotonic: UInt64) { real.sleep(until: monotonic) }
    func setAlarm(_ monotonic: UInt64?) { real.setAlarm(monotonic) }
    func apiVersion() throws(HypervisorError) -> Int { try real.apiVersion() }
    func checkExtension(_ capability: Capability) throws(HypervisorError) -> Int { try real.checkExtension(capability) }
    func runAreaSize() throws(HypervisorError) -> Int { try real.runAreaSize() }
    func createMachine(_ type: MachineType) throws(HypervisorError) -> SimulatedMachine { try real.createMachine(type) }
    func ioctl(_ request: Request, _ argument: UInt) throws(HypervisorError) -> Int {
        try real.ioctl(request, argument)
    }
}
