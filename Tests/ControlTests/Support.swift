// Both sides of a control socket for tests: a machine that answers, and a client that can misbehave.

import Control
import Foundation
import Host
import JSON
import Testing

/// A path that nobody else uses.
func temporaryPath(_ name: String) throws -> String {
    try Files.temporarySibling(of: (Process.environment("TMPDIR") ?? "/tmp") + "/stasis-control-" + name)
}

/// Far beyond what any step takes: it bounds a hanging test, and is never waited for.
func patience() -> UInt64 { Clock.monotonic() + 60_000_000_000 }

func parse(_ text: String) throws -> JSONValue {
    try JSONReader.read(Array(text.utf8), JSONLimits(length: 1 << 22))
}

/// The same value as the writer writes it in one line.
func compact(_ value: JSONValue) -> [UInt8] {
    var json = JSONWriter(indented: false)
    json.value(value)
    return json.bytes + [0x0A]
}

/// A client that sends what it wants.
final class RawClient {
    private(set) var socket: FileDescriptor
    private var input: [UInt8] = []

    /// Connects; reads the greeting unless told otherwise.
    init(_ path: String, greeted: Bool = true) throws {
        socket = try FileDescriptor.connect(unix: path)
        if greeted {
            let greeting = try message()
            #expect(ControlGreeting(greeting) == ControlGreeting(version: "1.2.3"))
        }
    }

    init(taking number: Int32) { socket = FileDescriptor(raw: number) }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count { sent += try socket.send(bytes, from: sent) }
    }

    /// The next line; `nil` at the end.
    func line() throws -> String? {
        while true {
            if let end = input.firstIndex(of: 0x0A) {
                let line = String(decoding: input[..<end], as: UTF8.self)
                input.removeFirst(end + 1)
                return line
            }
            var entries = [PollEntry(socket.raw, .readable)]
            try #require(try poll(&entries, timeoutNanoseconds: 60_000_000_000) == 1, "no answer")
            do throws(Errno) {
                let bytes = try socket.receive(limit: 1 << 16)
                if bytes.isEmpty { return nil }
                input += bytes
            } catch {
                try #require(error == .connreset)
                return nil
            }
        }
    }

    /// The next message, which has to be there.
    func message() throws -> JSONValue { try parse(try #require(try line())) }

    /// The class of the next message, an error.
    func failure() throws -> String { try #require(try message()["error"]?["class"]?.text) }

    /// Says that nothing more comes from here.
    func shutDown() { #expect(Foundation.shutdown(socket.raw, Int32(SHUT_WR)) == 0) }

    func close() throws { try socket.close() }
}

/// A server without a machine: a test takes the requests itself.
func server(_ name: String, kick: @escaping @Sendable () -> Void = {}) throws -> ControlServer {
    try ControlServer(path: try temporaryPath(name), version: "1.2.3", kick: kick)
}

extension ControlServer {
    /// Waits for a request.
    func next() throws -> ControlPending {
        let deadline = patience()
        while Clock.monotonic() < deadline {
            if waitForRequest(until: deadline) {
                let taken = take()
                try #require(taken.count == 1)
                return taken[0]
            }
        }
        throw Errno.timedout
    }
}

/// A machine of nothing but a thread: it answers requests until it is told to quit, then it ends.
final class FakeMachine: @unchecked Sendable {
    let server: ControlServer
    private var thread: HostThread?

    static let status = ControlStatus(
        state: .running, backend: "simulator", profile: "te-fixed", memory: .max, uptime: 1 << 63, count: .max,
        devices: [ControlDevice(name: "uart0", kind: "ns16550a")])
    static let clock = ControlClock(
        guestMonotonic: .max, guestRealtime: .min, hostRealtime: .max, count: 0, compare: .max, hz: 1, isFrozen: true)

    init(_ name: String) throws {
        server = try ControlServer(path: try temporaryPath(name), version: "1.2.3") {}
        thread = try HostThread { [self] in serve() }
    }

    /// Waits for its end.
    func join() { thread?.join() }

    private func serve() {
        while true {
            _ = server.waitForRequest()
            for pending in server.take() {
                switch pending.request {
                case .pause:
                    server.publish(.pause(count: 7), at: 1_500_000_000)
                    pending.reply(.done)
                case .resume(let policy):
                    if policy == nil {
                        pending.reply(.failure(ControlFailure(.wrongState, "the machine is not paused")))
                    } else {
                        pending.reply(.done)
                    }
                case .save: pending.reply(.done)
                case .status: pending.reply(.status(Self.status))
                case .clock: pending.reply(.clock(Self.clock))
                case .ledger: pending.reply(.ledger(ControlLedger(freezes: 0, gap: 0, hidden: 0, entries: [])))
                case .quit:
                    pending.reply(.done)
                    server.publish(.shutdown(reason: "quit"))
                    return server.close()
                }
            }
        }
    }
}
