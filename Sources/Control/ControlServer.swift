// The server's face to the machine: a mailbox of requests, replies and events, and its end.

public import Host
import JSON

/// A request that was taken. It has to be answered.
public struct ControlPending {
    public let request: ControlRequest
    let server: ControlServer
    let connection: ControlConnection
    let number: UInt64

    /// Answers it. A client that has gone, or was told that the machine ended, does not hear it.
    public func reply(_ reply: ControlReply) { server.answer(self, reply) }
}

/// Serves clients at a path, and hands their requests to one thread.
///
/// Methods may be called from any thread. A server lives until `close`.
public final class ControlServer: @unchecked Sendable {
    /// Requests that wait for the machine, of clients that have gone as well; beyond it no line is read.
    static let mostRequests = 64

    /// Where it listens.
    public let path: String
    let socket: ControlSocket
    let greeting: [UInt8]
    let kick: @Sendable () -> Void
    /// Wakes the server's thread.
    let bell: FileDescriptor
    /// Wakes the machine's thread.
    let mail: FileDescriptor
    private var thread: HostThread?

    let lock = Lock()
    // Under `lock`, but for the server's thread when it reads them: nobody else changes the list.
    var clients: [ControlConnection] = []
    // Under `lock`:
    var inbox: [ControlPending] = []
    var isClosing = false

    /// Makes the socket, open to this user only, and begins to serve it.
    ///
    /// A socket that nobody listens to is replaced.
    /// - Parameters:
    ///   - version: the program's, for the greeting.
    ///   - kick: called by the server's thread whenever there is something to take.
    public init(
        path: String, version: String, kick: @escaping @Sendable () -> Void
    ) throws(ControlServerError) {
        self.path = path
        self.kick = kick
        greeting = ControlGreeting(version: version).line
        do throws(Errno) {
            bell = try FileDescriptor.eventfd()
            mail = try FileDescriptor.eventfd()
        } catch {
            throw ControlServerError(path: path, .thread(error))
        }
        socket = try ControlSocket(path: path)
        do throws(Errno) {
            thread = try HostThread(blockingSignals: true) { [self] in serve() }
        } catch {
            socket.unlink()
            throw ControlServerError(path: path, .thread(error))
        }
    }

    // MARK: The machine's side

    /// The requests that have come, oldest first.
    public func take() -> [ControlPending] {
        ring(mail, false)
        let taken = lock.withLock {
            defer { inbox = [] }
            return inbox
        }
        // Lines may wait for the room.
        if taken.count >= Self.mostRequests { ring(bell) }
        return taken
    }

    /// Sleeps until there is a request, somebody calls `wake`, a signal comes that is not blocked, or the instant.
    ///
    /// - Parameters:
    ///   - monotonic: how long at most, an instant of the host's monotonic clock.
    ///   - signalMask: signals blocked during the wait, instead of the thread's mask.
    /// - Returns: whether there is a request to take.
    public func waitForRequest(until monotonic: UInt64? = nil, signalMask: UInt64? = nil) -> Bool {
        if hasRequest { return true }
        var timeout: UInt64?
        if let monotonic {
            let now = Clock.monotonic()
            timeout = monotonic > now ? monotonic - now : 0
        }
        var entries = [PollEntry(mail.raw, .readable)]
        // A signal ends the wait as everything else does.
        _ = try? poll(&entries, timeoutNanoseconds: timeout, signalMask: signalMask)
        ring(mail, false)
        return hasRequest
    }

    private var hasRequest: Bool { lock.withLock { !inbox.isEmpty } }

    /// Ends `waitForRequest`, the next one if there is none now.
    public func wake() { ring(mail) }

    func answer(_ pending: ControlPending, _ reply: ControlReply) {
        lock.withLock { pending.connection.answer(pending.number, reply) }
        ring(bell)
    }

    /// Tells every client.
    ///
    /// - Parameter realtime: when it happened, nanoseconds since 1970 UTC on the host.
    public func publish(_ event: ControlEvent, at realtime: Int64 = Clock.realtime()) {
        let line = event.line(at: realtime)
        lock.withLock {
            for client in clients { client.append(line) }
        }
        ring(bell)
    }

    /// Removes the socket, refuses what is not answered, writes what is left for at most a second, and ends every connection. The last
    /// call, once.
    public func close() {
        socket.unlink()
        lock.withLock {
            isClosing = true
            inbox = []
            for client in clients { client.answer(client.awaited, .failure(Self.ended)) }
        }
        ring(bell)
        thread?.join()
        thread = nil
    }

    static var ended: ControlFailure { ControlFailure(.ended, "the machine has ended") }

    /// Adds to an event counter, or takes what it holds. Neither fails on one of ours: a full one stays readable.
    func ring(_ counter: borrowing FileDescriptor, _ on: Bool = true) {
        if on { try? counter.signalEvent() } else { _ = try? counter.drainEvent() }
    }
}
