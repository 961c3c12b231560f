// Two engines, one guest: whatever it does, it does the same at the same instant.

import Foundation
import Host
import Hypervisor
import Simulator
import Testing

private let virtual = ClockSource.virtual(start: 1_000_000_000, nanosecondsPerInstruction: 10, realtime: 0)

@Suite(.enabled(if: Engine.obstacle == nil, "no machine code can be made here")) struct EngineTests {
    /// Everything a guest leaves behind on a virtual clock.
    private struct End: Equatable {
        let text: String
        let powerOff: UInt32?
        let retired: UInt64
        let registers: [UInt64]
        let ram: [UInt8]
    }

    private func end(_ m: BareMachine) throws -> End {
        var registers: [UInt64] = []
        // Some that are listed are not there without MSA and the like.
        for id in try m.vcpu.registerList() { registers.append((try? m.vcpu.register(id)) ?? 0) }
        return End(
            text: m.text, powerOff: m.powerOff, retired: m.vcpu.retiredInstructions, registers: registers,
            ram: unsafe [UInt8](UnsafeRawBufferPointer(start: m.ram.base, count: m.ram.size)))
    }

    /// Real programs: registers, memory, console and the number of instructions agree. `exceptions` and `fpu` check themselves.
    @Test(
        arguments: [Profile.vz, .teFixed, .te510],
        [
            "hello", "memtest", "exceptions", "fpu", "crc32", "sha256", "lz", "matrix", "sort", "bignum", "calls",
            "branches",
            "memory", "nbody", "pages", "cold",
        ])
    func guests(profile: Profile, name: String) throws {
        var ends: [End] = []
        for engine in [Engine.interpreted, .translated, .eager] {
            let m = try BareMachine(profile: profile, clock: virtual, ramSize: 8 << 20, engine: engine)
            try m.load(elf: BareMachine.guests + "/\(name)\(profile.isTE ? ".te" : "").elf", parameters: "mem=2 n=1")
            try m.run()
            ends.append(try end(m))
            // What runs often enough differs between guests; everything that runs twice is a lot in each.
            #expect(
                (m.vcpu.translatedBlocks > 0) == (engine != .interpreted)
                    || engine == .translated && ["hello", "pages"].contains(name))
        }
        #expect(ends[0] == ends[1])
        #expect(ends[0] == ends[2])
        #expect(ends[0].powerOff == 0x5555)
    }

    /// No page of this process can be written and run, while code that was made in it runs.
    @Test func noPageIsWritableAndExecutable() throws {
        let m = try BareMachine(profile: .vz, clock: virtual, engine: .eager)
        try m.load(elf: BareMachine.guests + "/hello.elf")
        try m.run()
        #expect(m.vcpu.translatedBlocks > 0)
        let maps = try String(contentsOfFile: "/proc/self/maps", encoding: .utf8).split(separator: "\n")
        let code = maps.filter { $0.contains("stasis-code") }
        #expect(!code.isEmpty)
        for line in code { #expect(line.split(separator: " ")[1].hasPrefix("r-x"), "\(line)") }
        for line in maps { #expect(!line.split(separator: " ")[1].hasPrefix("rwx"), "\(line)") }
    }
}
