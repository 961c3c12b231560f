// Messages over a connection, for a client: lines out, values in, neither longer than the deadline.

import Host
import JSON

/// Lines of JSON over a socket that does not wait.
final class ControlLines {
    /// Bytes of the longest message: twice what a server keeps for a client.
    private static let longest = 2 * Control.mostOutput

    private let socket: FileDescriptor
    private let path: String
    private var input: [UInt8] = []
    private var scanned = 0

    init(_ socket: consuming FileDescriptor, _ path: String) {
        self.socket = socket
        self.path = path
    }

    func send(_ bytes: [UInt8], _ deadline: UInt64?) throws(ControlClientError) {
        var sent = 0
        while sent < bytes.count {
            do throws(Errno) {
                sent += try socket.send(bytes, from: sent)
                continue
            } catch {
                // What it said before it went may still be there to read.
                if error == .pipe || error == .connreset { return }
                guard error == .again else { throw ControlClientError(path: path, .socket(error)) }
            }
            try wait(.writable, deadline)
        }
    }

    /// The next message.
    func next(_ deadline: UInt64?) throws(ControlClientError) -> JSONValue {
        while true {
            while scanned < input.count {
                scanned += 1
                guard input[scanned - 1] == 0x0A else { continue }
                let line = Array(input[..<(scanned - 1)])
                input.removeFirst(scanned)
                scanned = 0
                do throws(JSONError) {
                    return try JSONReader.read(line, JSONLimits(length: Self.longest))
                } catch {
                    throw ControlClientError(path: path, .notStasis)
                }
            }
            guard input.count <= Self.longest else { throw ControlClientError(path: path, .notStasis) }
            do throws(Errno) {
                let bytes = try socket.receive(limit: 1 << 16)
                guard !bytes.isEmpty else { throw Errno.connreset }
                input.append(contentsOf: bytes)
                continue
            } catch {
                guard error == .again else {
                    throw ControlClientError(path: path, error == .connreset ? .closedEarly : .socket(error))
                }
            }
            try wait(.readable, deadline)
        }
    }

    private func wait(_ events: PollEvents, _ deadline: UInt64?) throws(ControlClientError) {
        var timeout: UInt64?
        if let deadline {
            let now = Clock.monotonic()
            guard now < deadline else { throw ControlClientError(path: path, .timedOut) }
            timeout = deadline - now
        }
        var entries = [PollEntry(socket.raw, events)]
        do throws(Errno) {
            _ = try poll(&entries, timeoutNanoseconds: timeout)
        } catch {
            throw ControlClientError(path: path, error == .intr ? .interrupted : .socket(error))
        }
    }
}
