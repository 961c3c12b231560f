// The server's thread: it waits for all clients at once, and for none of them alone.

import Host
import JSON

extension ControlServer {
    /// How long clients are waited for at the end, in nanoseconds.
    private static var farewell: UInt64 { 1_000_000_000 }
    /// How long nobody is let in when the host has no descriptor left for them.
    private static var rest: UInt64 { 100_000_000 }

    func serve() {
        var isResting = false
        var deadline: UInt64?
        while true {
            let isClosing = lock.withLock { self.isClosing }
            if isClosing && deadline == nil {
                deadline = Clock.monotonic() + Self.farewell
                // What has arrived by now is answered too.
                for client in clients { client.fill() }
            }
            for client in clients { attend(client) }
            var timeout: UInt64? = isResting ? Self.rest : nil
            if let deadline {
                let now = Clock.monotonic()
                timeout = now < deadline ? deadline - now : 0
            }
            leave { $0.isOver || isClosing && !$0.hasOutput || timeout == 0 }
            if isClosing && clients.isEmpty { return }
            var entries = [
                PollEntry(bell.raw, .readable),
                PollEntry(isResting || isClosing ? -1 : socket.descriptor.raw, .readable),
            ]
            lock.withLock {
                let mayAsk = inbox.count < Self.mostRequests && !isClosing
                for client in clients {
                    var events: PollEvents = client.hasOutput ? .writable : []
                    if client.isReady && mayAsk { events.insert(.readable) }
                    // Also without any, its going away is told.
                    entries.append(PollEntry(client.raw, events))
                }
            }
            wait(&entries, timeout)
            isResting = false
            if !entries[0].ready.isEmpty { ring(bell, false) }
            for index in clients.indices { look(clients[index], entries[index + 2]) }
            if !entries[1].ready.isEmpty { isResting = !letIn() }
        }
    }

    /// Ends the connections of those who are to go.
    private func leave(_ isGoing: (ControlConnection) -> Bool) {
        lock.withLock {
            for client in clients where isGoing(client) { client.close() }
            clients.removeAll { $0.isOver }
        }
    }

    /// Does what the kernel says about a client.
    private func look(_ client: ControlConnection, _ entry: PollEntry) {
        if entry.ready.isEmpty { return }
        if entry.events.contains(.readable) {
            client.fill()
        } else if !entry.ready.isDisjoint(with: [.hungUp, .error]) {
            // What it asked for is done, what it would have asked for is not.
            lock.withLock { client.drop() }
        }
    }

    private func wait(_ entries: inout [PollEntry], _ timeout: UInt64?) {
        do throws(Errno) {
            _ = try poll(&entries, timeoutNanoseconds: timeout)
        } catch {
            // No memory at the moment: later.
            Clock.sleep(until: Clock.monotonic() + 10_000_000)
        }
    }

    /// Takes a new client. False when the host does not allow another.
    private func letIn() -> Bool {
        do throws(Errno) {
            let descriptor = try socket.descriptor.accept()
            try descriptor.setNonblocking(true)
            let client = ControlConnection(descriptor)
            lock.withLock {
                if clients.count < Control.mostClients {
                    client.append(greeting)
                    clients.append(client)
                } else {
                    let failure = ControlFailure(
                        .tooManyClients,
                        sentence(["there are ", String(Control.mostClients), " clients already; try again later"]))
                    client.append(ControlReply.failure(failure).line())
                    // It is short, and the first that is written: there is room.
                    client.flush()
                }
            }
            return true
        } catch {
            // Gone before it was let in.
            return error == .again
        }
    }

    /// Does everything for a client that can be done now.
    private func attend(_ client: ControlConnection) {
        repeat { lock.withLock { client.flush() } } while handleLine(client)
        lock.withLock { client.flush() }
    }

    /// Looks at a client's next line. False when there is none, or it has to wait.
    private func handleLine(_ client: ControlConnection) -> Bool {
        guard lock.withLock({ client.isReady && inbox.count < Self.mostRequests }) else { return false }
        switch client.nextLine() {
        case .none: return false
        case .end: lock.withLock { client.finish() }
        case .half: end(client, .badJSON, "the last line has no end")
        case .tooLong:
            end(client, .tooLong, sentence(["a line has more than ", String(Control.longestLine), " bytes"]))
        case .whole(let line): handle(line, client)
        }
        return true
    }

    private func end(_ client: ControlConnection, _ kind: ControlFailure.Kind, _ text: String) {
        let line = ControlReply.failure(ControlFailure(kind, text)).line()
        lock.withLock {
            client.append(line)
            client.finish()
        }
    }

    private func handle(_ line: [UInt8], _ client: ControlConnection) {
        // People press Return.
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return }
        var id: JSONValue?
        let request: ControlRequest
        do throws(ControlFailure) {
            let json = try Self.read(line)
            id = json["id"]
            request = try ControlRequest(json)
        } catch {
            let reply = ControlReply.failure(error).line(id: id)
            return lock.withLock { client.append(reply) }
        }
        let isNew = lock.withLock {
            let number = client.begin(id)
            if isClosing {
                client.answer(number, .failure(Self.ended))
            } else {
                inbox.append(ControlPending(request: request, server: self, connection: client, number: number))
            }
            return !isClosing
        }
        guard isNew else { return }
        ring(mail)
        kick()
    }

    private static func read(_ line: [UInt8]) throws(ControlFailure) -> JSONValue {
        do throws(JSONError) {
            return try JSONReader.read(line, JSONLimits(length: Control.longestLine))
        } catch {
            throw ControlFailure(.badJSON, error.description)
        }
    }
}
