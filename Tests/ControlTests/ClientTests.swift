// The client, and all who are not what it looks for.

import Control
import Host
import JSON
import Testing

@Suite struct Client {
    /// Somebody who listens, says something to one who comes, waits for some bytes and leaves.
    private func withStranger(
        saying greeting: String, waitingFor bytes: Int = 0, then answer: String = "", _ body: (String) throws -> Void
    ) throws {
        let path = try temporaryPath("stranger")
        let listener = try FileDescriptor.listen(unix: path).release()
        let thread = try HostThread {
            let listener = FileDescriptor(raw: listener)
            do throws(Errno) {
                let client = try listener.accept()
                _ = try client.send(Array(greeting.utf8))
                var heard = 0
                while heard < bytes {
                    let more = try client.receive(limit: 1000)
                    if more.isEmpty { break }
                    heard += more.count
                }
                _ = try client.send(Array(answer.utf8))
            } catch {
                // The client has gone, as it should.
            }
        }
        defer {
            thread.join()
            try? Files.unlink(path)
        }
        try body(path)
    }

    private func reason(_ path: String, _ request: ControlRequest? = nil) -> ControlClientError.Reason? {
        do throws(ControlClientError) {
            let client = try ControlClient(path: path, until: patience())
            if let request { _ = try client.execute(request, until: patience()) }
            return nil
        } catch {
            #expect(error.path == path && error.description.contains(path) && !error.description.contains("\n"))
            return error.reason
        }
    }

    @Test func nobody() throws {
        let path = try temporaryPath("nobody")
        #expect(reason(path) == .nobodyListens)
        var listener = try FileDescriptor.listen(unix: path)
        try listener.close()
        #expect(reason(path) == .nobodyListens)
        try Files.unlink(path)
        #expect(reason("/" + String(repeating: "x", count: 200)) == .socket(.nametoolong))
    }

    @Test func strangers() throws {
        let greeting = #"{"stasis":{"version":"1","protocol":1}}"# + "\n"
        let cases: [(String, ControlRequest?, String, ControlClientError.Reason)] = [
            ("SSH-2.0-OpenSSH_9.2p1\r\n", nil, "", .notStasis), ("{\"QMP\":{}}\n", nil, "", .notStasis),
            ("{\"stasis\":{\"version\":1,\"protocol\":1}}\n", nil, "", .notStasis), ("\n", nil, "", .notStasis),
            ("", nil, "", .closedEarly), ("{\"stasis\":", nil, "", .closedEarly),
            (#"{"stasis":{"version":"9","protocol":2}}"# + "\n", nil, "", .newerProtocol(2)),
            (#"{"error":{"class":"Failed","desc":"d"}}"# + "\n", nil, "", .refused(ControlFailure(.failed, "d"))),
            (greeting, nil, "", .closedEarly),
            (greeting, .quit, "", .closedEarly), (greeting, .quit, #"{"return":{},"i"#, .closedEarly),
            (greeting, .quit, "{}\n", .notStasis), (greeting, .quit, "x\n", .notStasis),
            (greeting, .quit, #"{"return":{},"id":2}"# + "\n", .notStasis),
            (
                greeting, .quit, #"{"error":{"class":"New","desc":"d"},"id":1}"# + "\n",
                .refused(ControlFailure(.failed, "d"))
            ),
        ]
        for (greeting, request, answer, expected) in cases {
            try withStranger(saying: greeting, waitingFor: request == nil ? 0 : 1, then: answer) { path in
                if request == nil && expected == .closedEarly && !greeting.isEmpty && greeting.hasSuffix("\n") {
                    let client = try ControlClient(path: path, until: patience())
                    // The end is what `listen` waits for.
                    try client.listen(until: patience())
                } else {
                    #expect(reason(path, request) == expected, "\(greeting) \(answer)")
                }
            }
        }
    }

    @Test func oneWhoSaysNothing() throws {
        let path = try temporaryPath("silent")
        let listener = try FileDescriptor.listen(unix: path)
        #expect(throws: ControlClientError(path: path, .timedOut)) {
            _ = try ControlClient(path: path, until: Clock.monotonic() + 2_000_000)
        }
        // Nor does it let in those who come.
        var waiting: [RawClient] = []
        var isFull = false
        while !isFull {
            do throws(Errno) {
                let number = try FileDescriptor.connect(unix: path, nonblocking: true).release()
                waiting.append(RawClient(taking: number))
            } catch {
                isFull = error == .again
                #expect(isFull)
            }
        }
        #expect(throws: ControlClientError(path: path, .timedOut)) {
            _ = try ControlClient(path: path, until: Clock.monotonic() + 2_000_000)
        }
        #expect(listener.raw >= 0)
        try Files.unlink(path)
    }

    @Test func aMachineThatIsBusy() throws {
        let server = try server("busy")
        let client = try ControlClient(path: server.path)
        #expect(throws: ControlClientError(path: server.path, .timedOut)) {
            _ = try client.execute(.status, until: Clock.monotonic() + 2_000_000)
        }
        let other = try ControlClient(path: server.path)
        let thread = try HostThread { server.close() }
        #expect(reason { () throws(ControlClientError) in _ = try other.execute(.status, until: patience()) } != nil)
        thread.join()
    }

    private func reason(_ body: () throws(ControlClientError) -> Void) -> ControlClientError.Reason? {
        do throws(ControlClientError) {
            try body()
            return nil
        } catch {
            return error.reason
        }
    }

    #if DEBUG
        @Test func theHostRefuses() throws {
            let machine = try FakeMachine("refusing")
            let path = machine.server.path
            func run(_ driver: SystemCallDriver, _ request: ControlRequest = .status) -> ControlClientError.Reason? {
                driver.run { reason(path, request) }
            }
            #expect(run(.failing(.connect, .acces)) == .socket(.acces))
            #expect(run(.failing(.connect, .again, count: 3)) == nil)
            #expect(run(.failing(.poll, .intr)) == .interrupted)
            #expect(run(.failing(.read, .io)) == .socket(.io))
            #expect(run(.failing(.read, .connreset)) == .closedEarly)
            #expect(run(.failing(.write, .nomem)) == .socket(.nomem))
            #expect(run(.failing(.write, .again, count: 3)) == nil)
            // Byte by byte in both directions.
            let short = SystemCallDriver { _, call in call.name == .read || call.name == .write ? .short(1) : .pass }
            #expect(run(short) == nil)
            #expect(short.trace.filter { $0.name == .write }.count == ControlRequest.status.line(id: .integer(1)).count)
            #expect(run(SystemCallDriver(), .quit) == nil)
            machine.join()
        }
    #endif
}
