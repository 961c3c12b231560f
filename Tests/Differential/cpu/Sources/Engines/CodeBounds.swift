// A guest that writes, flushes and runs new code without end, and what this process' memory does meanwhile.

import Foundation
import Host
import Hypervisor
import Simulator

enum CodeBounds {
    /// What a process may grow by once its blocks and its code were dropped a few times: noise of the allocator.
    static let tolerance = 1 << 20

    /// Copies 16 to 64 words of a table, which differ each time, into one of 256 pages, flushes, and calls them twice; counts in s2.
    private static func program(_ plan: GuestPlan) -> [UInt32] {
        [
            ProgramWriter.lui(16, plan.kseg0 + 0x10_0000),
            ProgramWriter.lui(17, plan.kseg0 + 0x02_0000),
            // again: t1 = page, t2 = source, t3 = bytes
            0x3249_00FF, 0x0009_4B00, 0x0130_4821,  // andi t1, s2, 255; sll t1, t1, 12; addu t1, t1, s0
            0x324A_0FFF, 0x000A_5080, 0x0151_5021,  // andi t2, s2, 4095; sll t2, t2, 2; addu t2, t2, s1
            0x324B_0030, 0x256B_0010, 0x000B_5880,  // andi t3, s2, 48; addiu t3, t3, 16; sll t3, t3, 2
            0x0169_5821, 0x0120_6021,  // addu t3, t3, t1; addu t4, t1, zero
            0x8D4D_0000, 0x254A_0004, 0xAD8D_0000, 0x258C_0004,  // lw, addiu, sw, addiu
            0x158B_FFFB, 0x0000_0000,  // bne t4, t3, -5
            0x3C0D_03E0, 0x35AD_0008, 0xAD8D_0000, 0xAD80_0004,  // jr ra; nop
            0x053F_0000,  // synci 0(t1)
            0x0120_F809, 0x0000_0000, 0x0120_F809, 0x0000_0000,  // jalr t1, twice
            0x1000_FFE5, 0x2652_0001,  // b again; addiu s2, s2, 1
        ]
    }

    private static func residentBytes() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * Mapping.pageSize
    }

    /// Runs the guest for `rewrites` routines, then for ten times as many; true if that took no more memory.
    static func check(rewrites: Int) throws -> Bool {
        let plan = GuestPlan(profile: .vz)
        let machine = try EngineMachine(profile: .vz, engine: .eager, nanoseconds: 10, ramSize: 4 << 20)
        machine.write(program(plan), at: 0x1_0000)
        var random = Random(seed: 1)
        // addiu of v0 and v1, which do not matter.
        machine.write((0..<5000).map { _ in 0x2442_0000 | random.word() & 0x0021_FFFF }, at: 0x2_0000)
        try machine.start(at: plan.kseg0 + 0x1_0000)
        func run(until count: Int) throws -> (bytes: Int, blocks: Int) {
            while try machine.register(18) < count {
                let exits = try machine.run(1_000_000, step: 10)
                guard exits.isEmpty else { throw RunFailure(description: "the guest left with \(exits[0])") }
            }
            return (try residentBytes(), machine.translated)
        }
        let first = try run(until: rewrites)
        let second = try run(until: rewrites * 11)
        let growth = second.bytes - first.bytes
        print(
            "\(rewrites) routines written: \(first.blocks) blocks translated, \(first.bytes >> 10) KiB resident; "
                + "\(rewrites * 10) more: \(second.blocks - first.blocks) blocks, \(growth >> 10) KiB more")
        guard second.blocks - first.blocks >= rewrites * 10 else {
            print("the routines were not translated")
            return false
        }
        return growth <= tolerance
    }
}
