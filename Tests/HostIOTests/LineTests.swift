// Lines over sockets and pseudo-terminals: both directions, who is there, bounds, the gate.

import Glibc
import Host
import Testing

@testable import HostIO

/// The other end of a line.
final class Peer {
    private var descriptor: FileDescriptor

    init(socket path: String) throws { descriptor = try FileDescriptor.connect(unix: path) }
    init(terminal path: String) throws { descriptor = try FileDescriptor.open(path: path, .readWrite) }

    var number: Int32 { descriptor.raw }

    func write(_ bytes: [UInt8]) throws { try descriptor.writeAll(bytes) }

    /// At least one byte, at most so many; none at the end.
    func readSome(_ limit: Int = 65536) throws -> [UInt8] {
        var entries = [PollEntry(descriptor.raw, .readable)]
        guard try Host.poll(&entries, timeoutNanoseconds: 60_000_000_000) > 0 else { throw Errno.timedout }
        var bytes = [UInt8](repeating: 0, count: limit)
        // Written during the call.
        let count = try unsafe bytes.withUnsafeMutableBytes { try unsafe descriptor.read(into: $0) }
        return Array(bytes[..<count])
    }

    func read(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = try readSome(count - bytes.count)
            if more.isEmpty { break }
            bytes += more
        }
        return bytes
    }
}

/// A line to test, and how to get to its other end.
private struct Bench {
    let line: Line
    let kicks = Kicks()

    init(_ kind: Line.Kind) throws {
        line = try Line(kind)
    }

    func start(gate: Gate? = nil) throws { try line.start(gate: gate, kick: kicks.closure) }

    func peer() throws -> Peer {
        line.path.hasPrefix("/dev/") ? try Peer(terminal: line.path) : try Peer(socket: line.path)
    }

    func takeInput(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        _ = eventually {
            bytes += line.takeInput(count - bytes.count)
            return bytes.count >= count
        }
        return bytes
    }

    func connected() -> Bool { eventually { line.isConnected } }
    func alone() -> Bool { eventually { !line.isConnected } }

    static func both() throws -> [Bench] {
        [try Bench(.socket(temporaryPath("line"))), try Bench(.pty)]
    }
}

private let everyByte = (0...255).map { UInt8($0) }

@Suite struct Lines {
    @Test func everyByteBothWays() throws {
        for bench in try Bench.both() {
            try bench.start()
            let peer = try bench.peer()
            #expect(bench.connected())
            try peer.write(everyByte)
            #expect(bench.takeInput(256) == everyByte)
            #expect(bench.line.send(everyByte) == 256)
            #expect(try peer.read(256) == everyByte)
            #expect(bench.line.flush(until: .max))
            bench.line.stop()
        }
    }

    @Test func theLatestIsKeptForWhoeverComes() throws {
        for bench in try Bench.both() {
            let said = pattern(100_000)
            #expect(bench.line.send(Array(said[..<50_000])) == 50_000)
            try bench.start()
            #expect(bench.line.send(Array(said[50_000...])) == 50_000)
            #expect(bench.line.lost == UInt64(100_000 - Line.limit))
            #expect(bench.line.flush(until: .max))
            let peer = try bench.peer()
            #expect(try peer.read(Line.limit) == said.suffix(Line.limit))
            bench.line.stop()
        }
    }

    @Test func comingAndGoing() throws {
        for bench in try Bench.both() {
            try bench.start()
            for round in 0..<3 {
                #expect(bench.alone())
                let before = bench.kicks.count
                do {
                    let peer = try bench.peer()
                    #expect(bench.connected() && bench.kicks.wait(beyond: before))
                    try peer.write([UInt8(round), 2, 3])
                    #expect(bench.takeInput(1) == [UInt8(round)])
                }
                #expect(bench.alone())
                // What was said before going stays.
                #expect(bench.takeInput(2) == [2, 3])
                #expect(bench.line.send([7, UInt8(round)]) == 2)
                let peer = try bench.peer()
                #expect(try peer.read(2) == [7, UInt8(round)])
                #expect(bench.connected())
                withExtendedLifetime(peer) {}
            }
            #expect(bench.alone())
            bench.line.stop()
        }
    }

    @Test func megabytesOfOutputWithoutLoss() throws {
        for bench in try Bench.both() {
            try bench.start()
            let said = pattern(2_000_000)
            let path = bench.line.path
            let heard = Heard()
            let peer = try bench.peer()
            #expect(bench.connected())
            let reader = try HostThread {
                // A reader that is slower than the line at the beginning.
                Clock.sleep(until: Clock.monotonic() + 30_000_000)
                heard.bytes = (try? peer.read(said.count)) ?? []
            }
            var from = 0
            var starved = 0
            while from < said.count {
                let before = bench.kicks.count
                let accepted = bench.line.send(Array(said[from..<min(from + 40_000, said.count)]))
                from += accepted
                #expect(bench.line.condition.withLock { bench.line.output.count } <= Line.limit)
                if accepted < 40_000 && from < said.count {
                    starved += 1
                    guard bench.kicks.wait(beyond: before) else {
                        Issue.record("no kick when there was room again")
                        break
                    }
                }
            }
            reader.join()
            #expect(starved > 0, "nothing had to wait on \(path)")
            #expect(heard.bytes == said)
            #expect(bench.line.lost == 0)
            bench.line.stop()
        }
    }

    @Test func megabytesOfInputWithinBounds() throws {
        for bench in try Bench.both() {
            try bench.start()
            let said = pattern(1_000_000, seed: 5)
            let peer = try bench.peer()
            #expect(bench.connected())
            let writer = try HostThread { try? peer.write(said) }
            #expect(eventually { bench.line.condition.withLock { bench.line.input.count } == Line.limit })
            var heard: [UInt8] = []
            while heard.count < said.count {
                let some = bench.takeInput(min(30_000, said.count - heard.count))
                if some.isEmpty { break }
                heard += some
                #expect(bench.line.condition.withLock { bench.line.input.count } <= Line.limit)
            }
            writer.join()
            #expect(heard == said)
            bench.line.stop()
        }
    }

    @Test func oneClientAtATime() throws {
        let bench = try Bench(.socket(temporaryPath("two")))
        try bench.start()
        var one: Peer? = try bench.peer()
        #expect(bench.connected())
        let two = try bench.peer()
        try two.write([2])
        try one?.write([1])
        #expect(bench.takeInput(1) == [1])
        Clock.sleep(until: Clock.monotonic() + 20_000_000)
        #expect(bench.line.takeInput(10).isEmpty)
        one = nil
        #expect(bench.takeInput(1) == [2])
        #expect(bench.line.send([9]) == 1)
        #expect(try two.read(1) == [9])
        bench.line.stop()
    }

    /// `echo command | nc -U path`: nothing more to say, and still listening.
    @Test func aClientThatHasSaidEverythingStillListens() throws {
        let bench = try Bench(.socket(temporaryPath("half")))
        try bench.start()
        let peer = try bench.peer()
        try peer.write([5])
        #expect(shutdown(peer.number, Int32(SHUT_WR)) == 0)
        #expect(bench.takeInput(1) == [5])
        // Time enough to see the end.
        Clock.sleep(until: Clock.monotonic() + 20_000_000)
        #expect(bench.line.send([6]) == 1)
        #expect(try peer.read(1) == [6] && bench.line.isConnected)
        bench.line.stop()
    }

    @Test func whatWasSaidBeforeGoingIsReadInFull() throws {
        for bench in try Bench.both() {
            try bench.start()
            let said = pattern(Line.limit + 3000)
            do {
                let peer = try bench.peer()
                #expect(bench.connected())
                try peer.write(said)
                #expect(eventually { bench.line.condition.withLock { bench.line.input.count } == Line.limit })
            }
            #expect(bench.takeInput(said.count) == said)
            #expect(bench.alone())
            bench.line.stop()
        }
    }

    @Test func flushingHasAnEnd() throws {
        let bench = try Bench(.socket(temporaryPath("flush")))
        try bench.start()
        let peer = try bench.peer()
        #expect(bench.connected())
        // Nobody reads: the system's buffer fills first, then ours.
        while bench.line.send([UInt8](repeating: 1, count: 50_000)) == 50_000 {}
        #expect(!bench.line.flush(until: Clock.monotonic() + 20_000_000))
        withExtendedLifetime(peer) {}
        bench.line.stop()
    }

    @Test func stoppingKeepsEverything() throws {
        for bench in try Bench.both() {
            try bench.start()
            let peer = try bench.peer()
            #expect(bench.connected())
            try peer.write([1, 2, 3])
            #expect(bench.kicks.wait(beyond: 1))
            bench.line.stop()
            let kicks = bench.kicks.count
            #expect(bench.line.send([4, 5]) == 2)
            #expect(bench.line.takeInput(2) == [1, 2])
            try peer.write([6])
            try bench.start()
            #expect(try peer.read(2) == [4, 5])
            #expect(bench.takeInput(2) == [3, 6])
            #expect(bench.kicks.count >= kicks)
            bench.line.stop()
        }
    }

    @Test func nothingPassesBeforeTheGateOpens() throws {
        for bench in try Bench.both() {
            let gate = Gate()
            try bench.start(gate: gate)
            let peer = try bench.peer()
            try peer.write([1])
            #expect(bench.line.send([2]) == 1)
            Clock.sleep(until: Clock.monotonic() + 150_000_000)
            #expect(bench.line.takeInput(1).isEmpty && !bench.line.isConnected && bench.kicks.count == 0)
            var entries = [PollEntry(peer.number, .readable)]
            #expect(try Host.poll(&entries, timeoutNanoseconds: 0) == 0)
            gate.open()
            #expect(try peer.read(1) == [2])
            #expect(bench.takeInput(1) == [1])
            bench.line.stop()

            let other = try Bench(.socket(temporaryPath("failed")))
            let failing = Gate()
            try other.start(gate: failing)
            let nobody = try other.peer()
            failing.fail()
            #expect(other.line.send([2]) == 1)
            Clock.sleep(until: Clock.monotonic() + 20_000_000)
            var silence = [PollEntry(nobody.number, .readable)]
            #expect(try Host.poll(&silence, timeoutNanoseconds: 0) == 0)
            other.line.stop()
        }
    }

    @Test func noPseudoTerminal() throws {
        for error: Errno in [.nospc, .acces, .noent] {
            #expect(throws: LineError(path: "", .host(error))) {
                try SystemCallDriver.failing(.pty, error).run { () throws(LineError) in _ = try Line(.pty) }
            }
        }
        #expect(LineError(path: "", .host(.io)).description.hasPrefix("pseudo-terminal cannot be made"))
    }
}

/// What a thread heard.
private final class Heard: @unchecked Sendable {
    var bytes: [UInt8] = []
}

extension Peer: @unchecked Sendable {}
