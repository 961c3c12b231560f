// Every row on the simulator, for each profile, on the host's clock and on a virtual one.

import Conformance
import Hypervisor
import Simulator
import Testing

/// Rows change signal masks of their thread and wait for each other's machines: one run at a time.
@Suite(.serialized)
struct RowsTests {
    /// At least this many rows must pass, so that rows cannot hide in skips.
    static func floor(_ profile: Profile) -> Int { profile.isTE ? 151 : 136 }

    static let profiles = [Profile.te510, .teFixed, .vz]

    private func runAll(_ system: SimulatedSystem, atLeast: Int) {
        var text = ""
        let results = Conformance.run(system, write: { text += $0 })
        for result in results.list {
            if case .failed(let why) = result.outcome {
                Issue.record("\(system.profile.name): \(result.row.name) \(result.row.title): \(why)")
            }
        }
        #expect(results.passed >= atLeast, "\(text)")
        #expect(results.isSuccess)
    }

    @Test(arguments: profiles) func hostClock(profile: Profile) {
        // T34 wants a virtual clock.
        runAll(SimulatedSystem(profile: profile, clock: .host), atLeast: Self.floor(profile))
    }

    /// Machine code where it can be made, for what runs more than once.
    @Test(.enabled(if: Engine.obstacle == nil, "no machine code can be made here"), arguments: profiles)
    func translated(profile: Profile) {
        runAll(SimulatedSystem(profile: profile, clock: .host, engine: .eager), atLeast: Self.floor(profile))
    }

    @Test(arguments: profiles) func virtualClock(profile: Profile) {
        let clock = ClockSource.virtual(start: 1_000_000_000_000, nanosecondsPerInstruction: 10, realtime: 0)
        runAll(SimulatedSystem(profile: profile, clock: clock), atLeast: Self.floor(profile) + 1)
    }
}
