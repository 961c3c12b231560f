// The guests of Tests/Guests on the bare contract: real MIPS programs that check themselves. In short here, because the debug build
// runs a million or two of their instructions a second; Tests/Scripts/guests.sh runs all of them in full.

import Foundation
import Hypervisor
import Simulator
import Testing

private let virtual = ClockSource.virtual(start: 1_000_000_000, nanosecondsPerInstruction: 10, realtime: 0)

@Suite struct GuestTests {
    @Test(arguments: [Profile.vz, .teFixed, .te510], ["hello", "memtest", "exceptions", "fpu"])
    func guestPasses(profile: Profile, name: String) throws {
        let m = try BareMachine(profile: profile, clock: virtual)
        try m.load(elf: BareMachine.guests + "/\(name)\(profile.isTE ? ".te" : "").elf", parameters: "mem=2")
        try m.run()
        #expect(m.powerOff == 0x5555, "\(m.text)")
        #expect(!m.text.contains("FAIL"), "\(m.text)")
    }

    /// The same C, compiled for the guest and for the host, prints the same checksum.
    @Test(arguments: ["crc32", "sha256", "lz", "matrix"])
    func algorithmAgreesWithHost(name: String) throws {
        let m = try BareMachine(profile: .vz, clock: virtual)
        try m.load(elf: BareMachine.guests + "/\(name).elf", parameters: "n=1")
        try m.run()
        let host = Process()
        host.executableURL = URL(fileURLWithPath: BareMachine.guests + "/host/\(name)")
        host.arguments = ["n=1"]
        let pipe = Pipe()
        host.standardOutput = pipe
        try host.run()
        let expected = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        host.waitUntilExit()
        func checksums(_ s: String) -> [Substring] {
            s.split(whereSeparator: \.isNewline).filter { $0.contains("checksum=") }
        }
        #expect(!checksums(expected).isEmpty)
        #expect(checksums(m.text) == checksums(expected))
    }
}
