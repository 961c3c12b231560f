// A guest that fills, flushes and rewrites code without end: what the engine keeps of it stays within its bound.

import Foundation
import Host
import Hypervisor
import Testing

@testable import Simulator

@Suite(.enabled(if: Engine.obstacle == nil, "no machine code can be made here")) struct CodeBoundTests {
    private static let rewrites: UInt32 = 120_000

    /// Writes a routine of eight additions into one of 64 pages, in turns flushed with SYNCI, with CACHE and not at all, calls it twice,
    /// and does so again.
    private static let program: [UInt32] =
        [
            0x3C10_8002,  // lui s0, 0x8002
            0x3C0C_03E0,  // lui t4, 0x3e0
            0x358C_0008,  // ori t4, t4, 8: jr ra
            0x3108_0000,  // andi t0, t0, 0
            0x3042_0000,  // andi v0, v0, 0
            // again:
            0x3109_003F,  // andi t1, t0, 63
            0x0009_4B00,  // sll t1, t1, 12
            0x0130_4821,  // addu t1, t1, s0
            0x310B_7FFF,  // andi t3, t0, 0x7fff
            0x3C0A_2442,  // lui t2, 0x2442
            0x014B_5025,  // or t2, t2, t3: addiu v0, v0, t3
        ]
        + (0..<8).map { 0xAD2A_0000 | $0 * 4 }  // sw t2, 0..28(t1)
        + [
            0xAD2C_0020,  // sw t4, 32(t1)
            0xAD20_0024,  // sw zero, 36(t1)
            0x310D_0002,  // andi t5, t0, 2
            0x15A0_0007,  // bne t5, zero, call
            0x310D_0001,  // andi t5, t0, 1
            0x15A0_0004,  // bne t5, zero, other
            0x0000_0000,
            0x053F_0000,  // synci 0(t1)
            0x1000_0002,  // b call
            0x0000_0000,
            0xBD30_0000,  // other: cache 0x10, 0(t1)
            0x0120_F809,  // call: jalr t1
            0x0000_0000,
            0x0120_F809,  // jalr t1
            0x0000_0000,
            0x2508_0001,  // addiu t0, t0, 1
            0x1511_FFE1,  // bne t0, s1, again
            0x0000_0000,
        ]

    @Test func rewritingStaysWithinTheBound() throws {
        let p = try SmallProgram(Self.program, engine: .eager)
        try p.set(17, Self.rewrites)
        try p.run()
        let sum = (0..<Self.rewrites).reduce(0 as UInt32) { $0 &+ ($1 & 0x7FFF) &* 16 }
        #expect(try p[2] == sum)
        #expect(try p[8] == Self.rewrites)
        // Everything was dropped several times, and every routine was translated.
        let cpu = p.machine.vcpu.cpu
        #expect(cpu.blocks.flushes >= 3)
        #expect(p.machine.vcpu.translatedBlocks >= Int(Self.rewrites))
        // The files behind code, of this machine and of others beside it, are as large as they were at first.
        var files = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            let path = "/proc/self/fd/" + name
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path),
                target.contains("stasis-code")
            else { continue }
            let handle = FileHandle(forReadingAtPath: path)
            guard let size = try handle?.seekToEnd() else { continue }
            #expect(size == UInt64(Translator.codeSize))
            files += 1
        }
        #expect(files > 0)
    }
}
