// The worker of a disk: order, kicks, draining, stopping, the gate, the bound of the queue.

import Devices
import Host
import Testing

@testable import HostIO

@Suite struct DiskWorker {
    private let scratch: Scratch
    private let memory: TestMemory
    private let disk: Disk
    private let kicks = Kicks()

    init() throws {
        scratch = try Scratch("worker", size: 1 << 20)
        memory = try TestMemory()
        disk = try Disk(path: scratch.path)
    }

    @Test func completionsComeInOrder() throws {
        try disk.start(memory: memory, kick: kicks.closure)
        defer { disk.stop() }
        memory[0..<4096] = pattern(4096)
        var next: UInt32 = 0
        for _ in 0..<20 {
            var batch: [BlockRequest] = []
            for _ in 0..<30 {
                let place = UInt64(next % 8) * 512
                switch next % 4 {
                case 0: batch.append(request(next, .write, place, 512, segment(0, 512)))
                case 1: batch.append(request(next, .read, place, 512, segment(8192, 512)))
                case 2: batch.append(request(next, .flush))
                default: batch.append(request(next, .read, 1 << 20, 512, segment(8192, 512)))
                }
                next += 1
            }
            disk.submit(batch)
        }
        disk.submit([])
        disk.drain()
        let done = disk.takeCompletions()
        #expect(done.map { $0.token } == Array(0..<next))
        #expect(done.allSatisfy { ($0.status == .ioError) == ($0.token % 4 == 3) })
        #expect(disk.takeCompletions().isEmpty)
        #expect(kicks.count == 1)
    }

    /// A read behind a write of the same place finds what was written.
    @Test func eachRequestSeesTheOnesBefore() throws {
        try disk.start(memory: memory, kick: kicks.closure)
        defer { disk.stop() }
        for round in 0..<100 {
            let bytes = pattern(1024, seed: UInt8(round))
            memory[0..<1024] = bytes
            disk.submit([
                request(1, .write, 4096, 1024, segment(0, 1024)), request(2, .writeZeroes(unmap: true), 4096, 512),
                request(3, .read, 4096, 1024, segment(2048, 1024)),
            ])
            disk.drain()
            #expect(memory[2048..<3072] == [UInt8](repeating: 0, count: 512) + bytes[512...])
            #expect(disk.takeCompletions().map { $0.token } == [1, 2, 3])
        }
    }

    @Test func aKickForEachTimeThereIsSomethingAgain() throws {
        try disk.start(memory: memory, kick: kicks.closure)
        defer { disk.stop() }
        for round in 0..<10 {
            disk.submit([request(UInt32(round), .flush)])
            #expect(kicks.wait(beyond: round))
            #expect(disk.takeCompletions().map { $0.token } == [UInt32(round)])
        }
        #expect(kicks.count == 10)
    }

    @Test func draining() throws {
        // Nothing to wait for, and nobody who would do it.
        disk.drain()
        disk.submit([request(1, .flush)])
        disk.drain()
        #expect(disk.takeCompletions().isEmpty)
        try disk.start(memory: memory, kick: kicks.closure)
        disk.drain()
        #expect(disk.takeCompletions().count == 1)
        for _ in 0..<50 {
            memory[0..<512] = pattern(512)
            disk.submit((0..<64).map { request($0, .write, UInt64($0) * 512, 512, segment(0, 512)) })
            disk.drain()
            #expect(disk.takeCompletions().count == 64)
        }
        disk.stop()
    }

    @Test func whatIsNotDoneIsDoneLater() throws {
        try disk.start(memory: memory, kick: kicks.closure)
        let all = (0..<600).map { request($0, .write, 0, 512, segment(0, 512)) }
        disk.submit(all)
        disk.stop()
        let first = disk.takeCompletions()
        try disk.start(memory: memory, kick: kicks.closure)
        disk.drain()
        #expect((first + disk.takeCompletions()).map { $0.token } == Array(0..<600))
        disk.stop()
        disk.stop()
    }

    @Test func theQueueHasAnEnd() throws {
        let limit = UInt32(Disk.queueLimit)
        disk.submit((0..<limit + 3).map { request($0, .flush) })
        let refused = disk.takeCompletions()
        #expect(refused.map { $0.token } == [limit, limit + 1, limit + 2])
        #expect(refused.allSatisfy { $0.status == .ioError })
        try disk.start(memory: memory, kick: kicks.closure)
        disk.drain()
        #expect(disk.takeCompletions().map { $0.token } == Array(0..<limit))
        disk.stop()
    }

    @Test func nothingIsWrittenBeforeTheGateOpens() throws {
        let gate = Gate()
        let before = try scratch.bytes()
        memory[0..<512] = pattern(512)
        try disk.start(memory: memory, gate: gate, kick: kicks.closure)
        defer { disk.stop() }
        disk.submit([
            request(1, .read, 0, 512, segment(1024, 512)), request(2, .write, 0, 512, segment(0, 512)),
            request(3, .read, 0, 512, segment(2048, 512)), request(4, .flush),
        ])
        #expect(kicks.wait(beyond: 0))
        Clock.sleep(until: Clock.monotonic() + 20_000_000)
        #expect(disk.takeCompletions().map { $0.token } == [1])
        #expect(try scratch.bytes() == before)
        gate.open()
        disk.drain()
        #expect(disk.takeCompletions().map { $0.token } == [2, 3, 4])
        #expect(memory[2048..<2560] == memory[0..<512])
        #expect(try Array(scratch.bytes()[..<512]) == pattern(512))
    }

    @Test func nothingIsWrittenWhenTheGateFails() throws {
        let gate = Gate()
        let before = try scratch.bytes()
        memory[0..<512] = pattern(512)
        try disk.start(memory: memory, gate: gate, kick: kicks.closure)
        disk.submit([
            request(1, .write, 0, 512, segment(0, 512)), request(2, .flush), request(3, .discard, 0, 512),
            request(4, .writeZeroes(unmap: false), 0, 512), request(5, .read, 0, 512, segment(0, 512)),
        ])
        gate.fail()
        disk.drain()
        #expect(disk.takeCompletions().map { $0.status } == [.ioError, .ioError, .ioError, .ioError, .ok])
        #expect(try scratch.bytes() == before)
        // Stopping does not wait for a gate either.
        disk.stop()
        try disk.start(memory: memory, gate: Gate(), kick: kicks.closure)
        disk.submit([request(1, .write, 0, 512, segment(0, 512))])
        disk.stop()
        #expect(try scratch.bytes() == before)
    }

    @Test func signalsGoElsewhere() throws {
        // The worker has all of them blocked, so this one stays pending with it instead of ending the process.
        try disk.start(memory: memory, kick: kicks.closure)
        defer { disk.stop() }
        let id = try #require(disk.thread?.id)
        try HostThread.kick(id, signal: Signals.user1)
        disk.submit([request(1, .flush)])
        disk.drain()
        #expect(disk.takeCompletions().map { $0.status } == [.ok])
    }
}

@Suite struct Gates {
    @Test func theFirstDecisionStands() throws {
        let gate = Gate()
        #expect(gate.state == .shut)
        gate.open()
        gate.fail()
        #expect(gate.state == .open && gate.wait())
        let other = Gate()
        other.fail()
        other.open()
        #expect(other.state == .failed && !other.wait())
    }

    @Test func waitersAndListenersHearOfIt() throws {
        for isGood in [true, false] {
            let gate = Gate()
            let kicks = Kicks()
            let heard = kicks.closure
            let thread = try HostThread {
                if gate.wait() == isGood { heard() }
            }
            gate.whenDecided { state in if state == (isGood ? .open : .failed) { heard() } }
            #expect(kicks.count == 0)
            if isGood { gate.open() } else { gate.fail() }
            thread.join()
            gate.whenDecided { state in if state == (isGood ? .open : .failed) { heard() } }
            #expect(kicks.count == 3)
        }
    }
}
