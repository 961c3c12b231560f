// Random freezes, saves and restores leave no trace; Tests/Soak does the same in thousands.

import Foundation
import SoakSupport
import Testing

@Suite struct SoakTests {
    @Test(arguments: ["vz", "te-fixed", "te-5.10"], ["spin", "wait"])
    func endsAsIfNeverTouched(profile: String, work: String) throws {
        let soak = Soak(
            profile: profile, work: work, cycles: 50, seed: 20_260_101, guests: guests,
            scratch: FileManager.default.temporaryDirectory.path)
        let outcome = try soak.run()
        #expect(outcome.cycles == 50)
        #expect(outcome.thaws > 0 && outcome.restores > 0)
        #expect(outcome.differences == [])
    }
}
