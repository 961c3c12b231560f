// When an interrupt that waits is taken: behind the very instruction that lets it, whichever that is, and never before.

import Simulator
import Testing

@Suite struct InterruptMomentTests {
    /// What enables interrupts, and which word of the program follows it.
    struct Way: CustomTestStringConvertible {
        let testDescription: String
        let words: [UInt32]
        let next: UInt32
    }

    // Software interrupt 0 is requested, and nothing takes it for three instructions.
    private static let request: [UInt32] = [
        0x2408_0100,  // addiu t0, zero, 0x100
        0x4088_6800,  // mtc0 t0, Cause
        0, 0, 0,
    ]
    static let ways = [
        Way(
            testDescription: "MTC0 Status",
            words: [
                0x2409_0101,  // addiu t1, zero, 0x101: IM0, IE
                0x4089_6000,  // mtc0 t1, Status
                0x2402_0001,  // addiu v0, zero, 1
            ], next: 7),
        Way(
            testDescription: "EI",
            words: [
                0x4160_6020,  // ei zero
                0x2402_0001,  // addiu v0, zero, 1
            ], next: 6),
        Way(
            testDescription: "ERET",
            words: [
                0x2409_0103,  // addiu t1, zero, 0x103: IM0, EXL, IE
                0x4089_6000,  // mtc0 t1, Status
                0x3C0A_8010,  // lui t2, 0x8010
                0x254A_002C,  // addiu t2, t2, 44
                0x408A_7000,  // mtc0 t2, EPC
                0x4200_0018,  // eret
                0x2402_0001,  // addiu v0, zero, 1
            ], next: 11),
    ]
    static let engines = [Engine.interpreted, .eager]

    @Test(arguments: ways, engines) func whatWaitsIsTakenAtOnce(way: Way, engine: Engine) throws {
        let p = try SmallProgram(Self.request + way.words, status: 0x100, engine: engine)
        try p.run()
        #expect(p.exceptionCode == 0)
        #expect(p.epc == SmallProgram.start + way.next * 4)
        #expect(try p[2] == 0)
    }

    /// The timer has fired while it was masked.
    @Test(arguments: engines) func aTimerInterruptIsTakenAtOnce(engine: Engine) throws {
        let p = try SmallProgram(
            [
                0x4008_4800,  // mfc0 t0, Count
                0x2508_0004,  // addiu t0, t0, 4
                0x4088_5800,  // mtc0 t0, Compare
                0x2409_0020,  // addiu t1, zero, 32
                0x2529_FFFF,  // addiu t1, t1, -1
                0x1520_FFFE,  // bne t1, zero, the word before
                0,
                0x4160_6020,  // ei zero
                0x2402_0001,  // addiu v0, zero, 1
            ], status: 0x8000, engine: engine)
        try p.run()
        #expect(p.exceptionCode == 0)
        #expect(p.cause >> 30 & 1 == 1)
        #expect(p.epc == SmallProgram.start + 32)
        #expect(try p[2] == 0)
    }

    /// On the host's clock a guest that does not look at Count is interrupted at the end of a slice of 4096 instructions. Its handler tells how
    /// late that is; what it did by then tells how many instructions. Half of the times it is less than three slices, whatever else the
    /// host does. Translated code pays from the same budget (the differential of the engines compares that), but the first run of the handler
    /// takes as long as many thousand of its instructions.
    @Test func aSliceIsTheMostAnInterruptWaits() throws {
        var late: [UInt32] = []
        for _ in 0..<21 {
            let p = try SmallProgram(
                [
                    0x2408_4E20,  // addiu t0, zero, 20000: 200 us
                    0x4088_5800,  // mtc0 t0, Compare
                    0x4080_4800,  // mtc0 zero, Count
                    0x2442_0001,  // addiu v0, v0, 1
                    0x1000_FFFE,  // b the word before
                    0,
                ], status: 0x8001, clock: .host)
            // mfc0 v1, Count
            p.machine.write(SmallProgram.bytes([0x4003_4800] + SmallProgram.handler), at: 0x180)
            try p.run()
            #expect(p.exceptionCode == 0)
            #expect(p.cause >> 30 & 1 == 1)
            let (count, instructions) = (Double(try p[3]), Double(try p[2]) * 3)
            late.append(UInt32((count - 20_000) * instructions / count))
        }
        late.sort()
        #expect(late[10] > 0)
        #expect(late[10] < 3 * 4096, "instructions: \(late)")
    }

    /// DI gives the old Status and clears IE, each time, also when it has code.
    @Test(arguments: engines) func disabling(engine: Engine) throws {
        let p = try SmallProgram(
            [
                0x240A_0008,  // addiu t2, zero, 8
                0x4160_6020,  // ei zero
                0x4162_6000,  // di v0
                0x4003_6000,  // mfc0 v1, Status
                0x254A_FFFF,  // addiu t2, t2, -1
                0x1540_FFFB,  // bne t2, zero, to EI
                0,
            ], engine: engine)
        try p.run()
        #expect(p.exceptionCode == 8)
        #expect(try p[2] == 1)
        #expect(try p[3] == 0)
        if engine != .interpreted, Engine.obstacle == nil { #expect(p.machine.vcpu.translatedBlocks > 0) }
    }
}
