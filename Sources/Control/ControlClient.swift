// The other side: asks a running machine for one thing after the other.

import Host
public import JSON

/// A connection to a running machine. One thread uses it.
public final class ControlClient {
    public let path: String
    /// What the machine said first.
    public let greeting: ControlGreeting
    private let lines: ControlLines
    private var asked: Int64 = 0

    /// Connects and waits for the greeting.
    ///
    /// - Parameter monotonic: how long at most, an instant of the host's monotonic clock; `nil` for five seconds.
    public init(path: String, until monotonic: UInt64? = nil) throws(ControlClientError) {
        self.path = path
        let deadline = monotonic ?? Clock.monotonic() + 5_000_000_000
        lines = ControlLines(try Self.connect(path, deadline), path)
        let first = try lines.next(deadline)
        guard let greeting = ControlGreeting(first) else {
            guard let error = first["error"], let failure = ControlFailure(error) else {
                throw ControlClientError(path: path, .notStasis)
            }
            throw ControlClientError(path: path, .refused(failure))
        }
        guard greeting.protocol <= Control.version else {
            throw ControlClientError(path: path, .newerProtocol(greeting.protocol))
        }
        self.greeting = greeting
    }

    private static func connect(_ path: String, _ deadline: UInt64) throws(ControlClientError) -> FileDescriptor {
        while true {
            do throws(Errno) {
                return try FileDescriptor.connect(unix: path, nonblocking: true)
            } catch {
                switch error {
                case .noent, .connrefused: throw ControlClientError(path: path, .nobodyListens)
                case .again: break
                default: throw ControlClientError(path: path, .socket(error))
                }
            }
            // Too many are waiting to be let in.
            if Clock.monotonic() >= deadline { throw ControlClientError(path: path, .timedOut) }
            Clock.sleep(until: Clock.monotonic() + 10_000_000)
        }
    }

    /// Asks for one thing and waits until it is done.
    ///
    /// - Parameters:
    ///   - monotonic: how long at most; `nil` for as long as it takes.
    ///   - event: gets the messages of events that come before the answer; `ControlEvent.init` reads them.
    /// - Returns: the value of `return`.
    /// - Throws: `refused` when the machine does not do it; every other reason ends the connection.
    public func execute(
        _ request: ControlRequest, until monotonic: UInt64? = nil, event: (JSONValue) -> Void = { _ in }
    ) throws(ControlClientError) -> JSONValue {
        asked += 1
        try lines.send(request.line(id: .integer(asked)), monotonic)
        while true {
            let message = try lines.next(monotonic)
            if message["event"] != nil {
                event(message)
                continue
            }
            if let error = message["error"] {
                // A newer machine may have classes this program does not know.
                let failure = ControlFailure(error) ?? ControlFailure(.failed, error["desc"]?.text ?? "no reason given")
                throw ControlClientError(path: path, .refused(failure))
            }
            guard let value = message["return"], message["id"]?.signed == asked else {
                throw ControlClientError(path: path, .notStasis)
            }
            return value
        }
    }

    /// Hears events until the machine ends the connection.
    ///
    /// - Parameter monotonic: how long at most; `nil` for as long as it takes.
    public func listen(until monotonic: UInt64? = nil, event: (JSONValue) -> Void = { _ in }) throws(ControlClientError)
    {
        while true {
            let message: JSONValue
            do throws(ControlClientError) {
                message = try lines.next(monotonic)
            } catch {
                if error.reason == .closedEarly { return }
                throw error
            }
            if message["event"] != nil { event(message) }
        }
    }
}
