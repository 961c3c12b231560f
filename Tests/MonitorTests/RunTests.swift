// The run loop: every way a run ends, console, reset, requests from other threads.

import Foundation
import Host
import Hypervisor
import Machine
import Simulator
import Testing
@testable import Monitor

@Suite struct RunTests {
    @Test(arguments: [Profile.vz, .teFixed, .te510])
    func helloAndTickerRun(profile: Profile) throws {
        let hello = try boot("hello", profile)
        #expect(try hello.run() == .powerOff(code: 0))
        #expect(hello.text.contains("hello from MIPS"))
        let ticker = try boot("ticker", profile, ["ticks=7", "print=none", "work=spin"])
        #expect(try ticker.run() == .powerOff(code: 0))
        #expect(ticker.text.contains("ticks=7 late=0 lost=0 doubled=0 early=0"))
        #expect(ticker.ticker?.ticks == 7)
    }

    @Test func guestOnTheHostsClock() throws {
        let vm = try boot("ticker", .vz, ["hz=200", "ticks=5", "print=none"], clock: .host)
        let before = Clock.monotonic()
        #expect(try vm.run() == .powerOff(code: 0))
        // Five ticks at 200 a second cannot be over sooner.
        #expect(Clock.monotonic() - before >= 25_000_000)
    }

    @Test func codeOfAPowerOff() throws {
        let folder = try Folder()
        let vm = try RawProgram.boot(RawProgram.seven, in: folder)
        #expect(try vm.run() == .powerOff(code: 7))
        #expect(vm.lifeCycle.state == .ended)
        #expect(throws: MonitorError.self) { try vm.run() }
    }

    @Test func resetStartsAgain() throws {
        let folder = try Folder()
        let vm = try RawProgram.boot(RawProgram.resets, in: folder)
        #expect(try vm.run() == .powerOff(code: 0))
        #expect(vm.statistics.resets == 2)
        #expect(vm.memory.load(at: 0x2000, size: 4) == 3)
    }

    @Test func failureSaysWhere() throws {
        let folder = try Folder()
        let vm = try RawProgram.boot(RawProgram.failure, in: folder)
        guard case .failure(let failure) = try vm.run() else {
            Issue.record("no failure")
            return
        }
        #expect(failure.pc == 0x8000_1004)
        #expect(failure.instruction == Word.hypcall1)
        #expect(failure.description.contains("0x80001004") && failure.description.contains("internal error"))
    }

    @Test func deadlineIsExactOnAVirtualClock() throws {
        let vm = try boot("ticker", .vz, ["ticks=0", "print=none"])
        #expect(try vm.run(until: vm.now + 12_345_670) == .deadline)
        #expect(vm.now == 1_000_000_000 + 12_345_670)
        #expect(try vm.run(until: vm.now + 10_000_000) == .deadline)
    }

    @Test func requestFromAnotherThread() throws {
        let vm = try boot("ticker", .vz, ["ticks=0", "print=none"], clock: .host)
        let stop = vm.stopRequester
        let thread = try HostThread {
            Clock.sleep(until: Clock.monotonic() + 30_000_000)
            stop()
        }
        #expect(try vm.run() == .request)
        thread.join()
        // One that came while nobody ran is not lost.
        vm.requestStop()
        #expect(try vm.run() == .request)
    }

    @Test func inputReachesTheGuest() throws {
        let folder = try Folder()
        let console = try Console(.capture)
        let vm = try RawProgram.boot(RawProgram.echo, in: folder, console: console, clock: .host)
        let thread = try HostThread {
            Clock.sleep(until: Clock.monotonic() + 10_000_000)
            console.type(Array("hear this".utf8))
            Clock.sleep(until: Clock.monotonic() + 10_000_000)
            console.type(Array(", q".utf8))
        }
        #expect(try vm.run() == .powerOff(code: 0))
        thread.join()
        #expect(vm.text == "hear this, q")
    }

    /// More than the UART and the board's queue hold together arrives in order and whole.
    @Test func muchInput() throws {
        let folder = try Folder()
        let console = try Console(.capture)
        let vm = try RawProgram.boot(RawProgram.echo, in: folder, console: console)
        let text = String(repeating: "0123456789abcdef", count: 8000) + "q"
        console.type(Array(text.utf8))
        #expect(try vm.run() == .powerOff(code: 0))
        #expect(vm.text == text)
    }

    @Test func consoleOnPipes() throws {
        let folder = try Folder()
        var input = try FileDescriptor.pipe()
        let output = try FileDescriptor.pipe()
        let console = try Console(
            .descriptors(input: input.reading.raw, output: output.writing.raw))
        let vm = try RawProgram.boot(RawProgram.echo, in: folder, console: console, clock: .host)
        try input.writing.writeAll(Array("through a pipe q".utf8))
        try input.writing.close()
        #expect(try vm.run() == .powerOff(code: 0))
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = try unsafe bytes.withUnsafeMutableBytes { try unsafe output.reading.read(into: $0) }
        #expect(String(decoding: bytes[..<count], as: UTF8.self) == "through a pipe q")
    }

    @Test func escapeKeys() {
        var keys = EscapeKeys()
        #expect(keys.feed(UInt8(ascii: "a")) == .key(UInt8(ascii: "a")))
        #expect(keys.feed(1) == .nothing)
        #expect(keys.feed(1) == .key(1))
        #expect(keys.feed(1) == .nothing)
        #expect(keys.feed(UInt8(ascii: "x")) == .quit)
        #expect(keys.feed(1) == .nothing)
        #expect(keys.feed(UInt8(ascii: "b")) == .sendBreak)
        #expect(keys.feed(3) == .key(3))
    }

    @Test func refusals() throws {
        #expect(throws: MonitorError.self) {
            try Guest(
                SimulatedSystem(profile: .vz, clock: virtualClock), MachineConfiguration(memorySize: 1000),
                console: Console(.none))
        }
        var withoutFPU = Profile.vz
        withoutFPU.hasFPU = false
        #expect(throws: MonitorError.self) {
            try Guest(
                SimulatedSystem(profile: withoutFPU, clock: virtualClock),
                MachineConfiguration(memorySize: 1 << 20, fpu: true), console: Console(.none))
        }
        let vm = try Guest(
            SimulatedSystem(profile: withoutFPU, clock: virtualClock), MachineConfiguration(memorySize: 1 << 20),
            console: Console(.none))
        #expect(!vm.hasFPU)
        #expect(throws: MonitorError.self) { try vm.boot(BootImage(path: guests + "/nothing.elf")) }
        #expect(throws: MonitorError.self) { try vm.boot(BootImage(path: guests + "/hello.te.elf")) }
    }
}
