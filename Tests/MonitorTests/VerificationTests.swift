// A restored guest runs before its memory has been verified: nothing of it is seen before, and nothing ever if it is damaged.

import Foundation
import Host
import HostIO
import Hypervisor
import Machine
import Simulator
import Snapshot
import Testing
import Timekeeping
@testable import Monitor

@Suite struct VerificationTests {
    /// A saved ticker that prints, in a file whose memory nobody has verified; with one byte of the last page changed if `damaged`.
    private func contents(_ folder: Folder, damaged: Bool, _ memory: UInt64 = 2 << 20) throws -> SnapshotContents {
        let file = folder.file("machine")
        let vm = try boot("ticker", .vz, ["ticks=9"], memory: memory)
        _ = try vm.run(until: vm.now + 33_000_000)
        try vm.pause()
        #expect(vm.memory.store(1, at: memory - 8, size: 4))
        try vm.save(to: file)
        if damaged {
            let handle = try FileHandle(forUpdating: URL(fileURLWithPath: file))
            try handle.seekToEnd()
            try handle.seek(toOffset: handle.offset() - 8)
            try handle.write(contentsOf: Data([2]))
        }
        return try SnapshotContents(path: file, verifyingMemory: false)
    }

    private func machine(_ contents: SnapshotContents, _ console: Console) throws -> Guest {
        try Guest(SimulatedSystem(profile: .vz, clock: virtualClock), restoring: contents, console: console)
    }

    private let damage = "guest memory at 0x1f0000"

    @Test func goodMemory() throws {
        let folder = try Folder()
        let whole = try boot("ticker", .vz, ["ticks=9"], memory: 2 << 20)
        #expect(try whole.run() == .powerOff(code: 0))
        let contents = try contents(folder, damaged: false)
        #expect(!contents.file.isMemoryVerified)
        let vm = try machine(contents, Console(.capture))
        var starts = 0
        vm.onStart = { starts += 1 }
        try vm.resume(.freeze)
        #expect(try vm.run() == .powerOff(code: 0))
        #expect(starts == 1)
        // In order, and none lost.
        #expect(vm.text.hasPrefix("tick 4 ") && whole.text.hasSuffix(vm.text), "\(vm.text)")
    }

    @Test func damagedMemoryIsToldAndNothingElse() throws {
        let folder = try Folder()
        let contents = try contents(folder, damaged: true)
        let console = try Console(.capture)
        let vm = try machine(contents, console)
        try vm.resume(.freeze)
        #expect(message { _ = try vm.run() }.contains(damage))
        #expect(vm.lifeCycle.state == .ended)
        #expect(console.captured.isEmpty)
        // Not later either.
        #expect(message { try vm.awaitVerification() }.contains(damage))
        console.write([65])
        console.flush()
        #expect(console.captured.isEmpty)
        // The same as in front of everything.
        #expect(message { _ = try SnapshotContents(path: contents.file.path) }.contains(damage))
    }

    @Test func damagedMemoryIsNotSaved() throws {
        let folder = try Folder()
        let vm = try machine(try contents(folder, damaged: true), Console(.capture))
        #expect(message { try vm.save(to: folder.file("again")) }.contains(damage))
        #expect(folder.names == ["machine"])
    }

    @Test func pauseWaits() throws {
        let folder = try Folder()
        let vm = try machine(try contents(folder, damaged: true), Console(.capture))
        try vm.resume(.freeze)
        #expect(message { try vm.pause() }.contains(damage))
        let other = try machine(try contents(folder, damaged: false), Console(.capture))
        try other.resume(.freeze)
        try other.pause()
        #expect(other.memoryCheck == nil)
    }

    /// Through descriptors, where a thread writes.
    @Test(arguments: [false, true])
    func descriptors(damaged: Bool) throws {
        let folder = try Folder()
        let contents = try contents(folder, damaged: damaged)
        try Data().write(to: URL(fileURLWithPath: folder.file("out")))
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: folder.file("out")))
        let vm = try machine(contents, Console(.descriptors(input: -1, output: handle.fileDescriptor)))
        try vm.resume(.freeze)
        let said = message { _ = try vm.run() }
        let text = try String(decoding: Data(contentsOf: URL(fileURLWithPath: folder.file("out"))), as: UTF8.self)
        #expect(said.contains(damage) == damaged)
        #expect(text.isEmpty == damaged)
        #expect(damaged || text.contains("ticks=9 late=0"))
    }

    /// A gate that a test holds: what was said before passes, what is said meanwhile waits, and what is too much waits with its writer.
    @Test func consoleHolds() throws {
        let console = try Console(.capture)
        console.write([1])
        let gate = Gate()
        console.hold(until: gate)
        console.write([2])
        console.flush()
        #expect(console.captured == [1])
        gate.open()
        console.write([3])
        #expect(console.captured == [1, 2, 3])

        let other = Gate()
        console.hold(until: other)
        let done = Lock()
        done.lock()
        let writer = try HostThread {
            console.write([UInt8](repeating: 4, count: Console.heldLimit))
            done.unlock()
        }
        #expect(!done.tryLock())
        #expect(console.captured == [1, 2, 3])
        other.open()
        writer.join()
        #expect(console.captured.count == 3 + Console.heldLimit)

        let last = Gate()
        console.hold(until: last)
        console.write([5])
        last.fail()
        console.write([6])
        #expect(console.captured.count == 3 + Console.heldLimit)
    }

    /// A machine that nobody waits for says nothing, and its thread ends.
    @Test func abandoned() throws {
        let folder = try Folder()
        let console = try Console(.capture)
        var vm: Guest? = try machine(try contents(folder, damaged: false), console)
        let check = try #require(vm?.memoryCheck)
        try vm?.resume(.freeze)
        vm = nil
        #expect(check.gate.state != .shut)
        #expect(console.captured.isEmpty)
    }
}
