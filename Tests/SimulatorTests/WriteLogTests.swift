// What others write into memory, and when the simulator sees it in code it has decoded or translated.

import Host
import Hypervisor
import Simulator
import Testing

@Suite struct WriteLogTests {
    /// Those that there are on this machine.
    static let engines: [Engine] = Engine.obstacle == nil ? [.interpreted, .translated, .eager] : [.interpreted]

    /// A guest that calls a routine for ever and prints what it gives.
    private final class Caller {
        static let routine = 0x10_1000
        let machine: BareMachine
        let log = WriteLog()

        init(_ engine: Engine, announces: Bool = true) throws {
            let clock = ClockSource.virtual(start: 0, nanosecondsPerInstruction: 10, realtime: 0)
            machine = try BareMachine(profile: .vz, clock: clock, ramSize: 4 << 20, engine: engine)
            machine.write(
                SmallProgram.bytes([
                    0x3C1A_B000,  // lui k0, 0xb000
                    0x0C04_0400,  // jal 0x80101000
                    0x0000_0000,
                    0xA342_0000,  // sb v0, 0(k0)
                    0x1000_FFFC,  // b to the jal
                    0x0000_0000,
                ]), at: 0x10_0000)
            if announces { machine.machine.announceWrites(log) }
            rewrite(1, from: 0)
            try machine.vcpu.setRegister(.status, 0)
            try machine.vcpu.setRegister(.pc, UInt64(bitPattern: -0x7FF0_0000))
            // Often enough for code of each engine.
            for _ in 0..<500 { try calls() }
            #expect((machine.vcpu.translatedBlocks > 0) == (engine != .interpreted))
        }

        /// Lets the routine, or its tail, give another number, as a device that writes its page would.
        func rewrite(_ number: UInt32, from word: Int) {
            let words: [UInt32] = [0x0000_0000, 0x2402_0000 | number, 0x03E0_0008, 0x0000_0000]
            machine.write(SmallProgram.bytes([UInt32](words[word...])), at: Self.routine + word * 4)
        }

        /// What the next call prints.
        @discardableResult
        func calls() throws -> UInt8 {
            _ = try machine.step()
            return machine.console.last ?? 0
        }
    }

    /// Nothing is compared at an entry, and what is said to have been written is.
    @Test(arguments: WriteLogTests.engines)
    func whatIsAnnouncedIsSeen(engine: Engine) throws {
        let caller = try Caller(engine)
        #expect(caller.machine.console.allSatisfy { $0 == 1 })
        caller.rewrite(2, from: 1)
        #expect(try caller.calls() == 1)
        caller.log.add(UInt64(Caller.routine) + 4, count: 12)
        #expect(caller.log.isPending)
        #expect(try caller.calls() == 2)
        #expect(!caller.log.isPending)
        // A page without code.
        caller.log.add(0x20_0000, count: 4096)
        #expect(try caller.calls() == 2)
        // More than the log can keep.
        caller.rewrite(3, from: 0)
        for page in 0..<UInt64(WriteLog.capacity) { caller.log.add(0x20_0000 + page * 0x2000, count: 1) }
        caller.log.add(UInt64(Caller.routine), count: 16)
        #expect(try caller.calls() == 3)
        // Memory that is none.
        caller.log.add(0x4000_0000, count: 4096)
        #expect(try caller.calls() == 3)
        // Registers are looked at, and everything with them.
        caller.rewrite(4, from: 0)
        _ = try caller.machine.vcpu.register(.pc)
        #expect(try caller.calls() == 4)
    }

    /// Users who announce nothing may write at any time between two runs.
    @Test(arguments: WriteLogTests.engines)
    func withoutALogEverythingIsSeen(engine: Engine) throws {
        let caller = try Caller(engine, announces: false)
        for number: UInt32 in 2..<10 {
            caller.rewrite(number, from: 1)
            #expect(try caller.calls() == UInt8(number))
        }
    }

    /// The stores of another vCPU are in no log: with two of them, entries compare.
    @Test func aSecondVCPU() throws {
        let caller = try Caller(.standard)
        let other = try caller.machine.machine.createVCPU(1)
        caller.rewrite(2, from: 1)
        #expect(try caller.calls() == 2)
        caller.rewrite(3, from: 1)
        #expect(try caller.calls() == 3)
        #expect(other.id == 1)
    }

    /// CACHE by index means any line: Linux relies on it for pages a device has read from a disk. Here a device writes a routine while the
    /// guest runs and waits for a word to change.
    @Test(arguments: WriteLogTests.engines)
    func cacheByIndexTakesTheLog(engine: Engine) throws {
        let p = try SmallProgram(
            [
                0x0C04_0080,  // jal 0x80100200
                0x0000_0000,
                0x0040_1821,  // addu v1, v0, zero
                0x3C1B_8010,  // lui k1, 0x8010
                0x8F68_0400,  // lw t0, 0x400(k1)
                0x1100_FFFE,  // beq t0, zero, to the lw
                0x0000_0000,
                0xBF60_0000,  // cache Index_Invalidate_I, 0(k1)
                0x0C04_0080,  // jal 0x80100200
                0x0000_0000,
            ], engine: engine)
        let log = WriteLog()
        let machine = p.machine
        machine.machine.announceWrites(log)
        machine.write(SmallProgram.bytes([0x2402_0001, 0x03E0_0008, 0]), at: 0x10_0200)
        // Bytes of a mapping that outlives the thread.
        nonisolated(unsafe) let ram = unsafe machine.ram.base
        let device = try HostThread {
            Clock.sleep(until: Clock.monotonic() + 20_000_000)
            unsafe Atomics.store32(ram + 0x10_0200, 0x2402_0002)
            log.add(0x10_0200, count: 4)
            unsafe Atomics.store32(ram + 0x10_0400, 1)
        }
        try p.run()
        device.join()
        #expect(try p[3] == 1)
        #expect(try p[2] == 2)
    }
}
