// One client, as its server sees it: bytes in, lines out of them, bytes out.
//
// A client is served one request at a time, so that replies come in the order of requests; the lines after it wait, in its buffer
// and in the socket. Who reads slowly is not read from either, and who does not read at all is let go at `mostOutput`.

import Host
import JSON

final class ControlConnection {
    /// What comes next from a client.
    enum Line {
        /// Nothing yet.
        case none
        /// A whole line, without its end.
        case whole([UInt8])
        /// Longer than a line may be.
        case tooLong
        /// The end, in the middle of a line.
        case half
        /// The end.
        case end
    }

    /// Bytes waiting for a client beyond which its next line has to wait.
    private static let enough = 1 << 16

    private var socket: FileDescriptor

    // Of the server's thread:
    private var input: [UInt8] = []
    /// Where the next line begins, and up to where it has no end.
    private var start = 0
    private var scanned = 0
    private var hasEnded = false

    // Under the server's lock:
    private var output: [UInt8] = []
    private var sent = 0
    /// Which of its requests is with the machine, counted from 1; 0 for none.
    private(set) var awaited: UInt64 = 0
    private var taken: UInt64 = 0
    private var id: JSONValue?
    /// Nothing more is read, and it ends when everything is written.
    private(set) var isFinished = false
    /// The other side is gone, or has to go.
    private(set) var isGone = false

    init(_ socket: consuming FileDescriptor) { self.socket = socket }

    var raw: Int32 { socket.raw }

    // MARK: In: the server's thread

    /// Reads what is there, a part at a time so that nobody is served for long.
    func fill() {
        do throws(Errno) {
            let bytes = try socket.receive(limit: 1 << 14)
            if bytes.isEmpty { hasEnded = true }
            input.removeFirst(start)
            scanned -= start
            start = 0
            input.append(contentsOf: bytes)
        } catch {
            // A reset is an end too: what was read before it counts.
            if error != .again { hasEnded = true }
        }
    }

    func nextLine() -> Line {
        while scanned < input.count {
            scanned += 1
            guard input[scanned - 1] == 0x0A else { continue }
            let line = Array(input[start..<scanned - 1])
            start = scanned
            return line.count > Control.longestLine ? .tooLong : .whole(line)
        }
        if input.count - start > Control.longestLine { return .tooLong }
        if hasEnded { return start < input.count ? .half : .end }
        return .none
    }

    // MARK: State: under the server's lock

    private var unsent: Int { output.count - sent }
    var hasOutput: Bool { unsent > 0 }
    /// Whether its next line may be looked at.
    var isReady: Bool { awaited == 0 && unsent < Self.enough && !isFinished && !isGone }
    /// Whether there is nothing more to do for it.
    var isOver: Bool { isGone || isFinished && awaited == 0 && unsent == 0 }

    /// Notes that a request goes to the machine.
    func begin(_ id: JSONValue?) -> UInt64 {
        taken += 1
        awaited = taken
        self.id = id
        return taken
    }

    /// Answers the request with this number, unless it was refused in the meantime.
    func answer(_ number: UInt64, _ reply: ControlReply) {
        guard number == awaited, awaited != 0 else { return }
        awaited = 0
        append(reply.line(id: id))
    }

    func append(_ bytes: [UInt8]) {
        guard !isGone else { return }
        guard unsent + bytes.count <= Control.mostOutput else {
            drop()
            return
        }
        if sent > 0 {
            output.removeFirst(sent)
            sent = 0
        }
        output.append(contentsOf: bytes)
    }

    func finish() { isFinished = true }

    /// Ends it at once.
    func drop() {
        isGone = true
        output = []
        sent = 0
    }

    /// Ends it for the other side too, whoever still holds this object.
    func close() {
        drop()
        // Nothing was left to be written, or nobody to read it.
        try? socket.close()
    }

    /// Writes what the other side takes.
    func flush() {
        while unsent > 0 {
            do throws(Errno) {
                sent += try socket.send(output, from: sent)
            } catch {
                if error != .again { drop() }
                return
            }
        }
        output.removeAll()
        sent = 0
    }
}
