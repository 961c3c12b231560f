// A line to a console: bytes both ways, over a pseudo-terminal or a socket.
//
// Nobody has to be at the other end. What a guest says meanwhile is kept, the latest 64 KiB of it, for whoever comes:
// one sees what happened before. While somebody is there nothing is lost: what is beyond the queue is not accepted, and
// a kick tells when there is room again. A socket serves one client at a time; others wait until it has gone. Whoever
// comes next goes on where the last one was.
//
// Lock order: the line's lock is a leaf.

import Host

/// A console's line in use.
///
/// Opening, starting, stopping, taking and sending belong to one thread at a time, the machine's.
public final class Line: @unchecked Sendable {
    /// What the line is made of.
    public enum Kind: Equatable, Sendable {
        /// A pseudo-terminal in raw mode, which the system names.
        case pty
        /// A local socket that listens at this path.
        case socket(String)
    }

    /// Bytes that wait at most, in each direction.
    public static var limit: Int { 1 << 16 }

    /// What to connect to: the terminal's path, or the socket's.
    public let path: String

    /// The pseudo-terminal's master, or the listening socket.
    let descriptor: FileDescriptor
    let isTerminal: Bool
    private let mark: SocketPath.Mark?
    let bell: Bell

    let condition = Condition()
    // Under `condition`:
    var input: [UInt8] = []
    var output: [UInt8] = []
    /// Output that nobody will see: said to nobody, and not the latest.
    var lostBytes: UInt64 = 0
    var connected = false
    /// Something was not accepted; a kick is due when there is room.
    var isStarved = false
    var verdict = Gate.State.open
    var isRunning = false
    var isEnding = false
    var kick: (@Sendable () -> Void)?

    // The worker's:
    /// Where bytes go and come from: the master or an accepted connection, -1 for nobody. This object closes the
    /// latter.
    var stream: Int32 = -1
    /// The other end says nothing more, though it may still listen.
    var inputEnded = false
    /// The other end has gone; what it said may still be there to be read.
    var hungUp = false

    /// The owner's.
    var thread: HostThread?

    /// Makes a pseudo-terminal, or begins to listen.
    public init(_ kind: Kind) throws(LineError) {
        let bell: Bell
        do throws(Errno) { bell = try Bell() } catch { throw LineError(path: "", .host(error)) }
        self.bell = bell
        switch kind {
        case .pty:
            do throws(Errno) {
                let pair = try Terminal.openPseudo()
                try pair.master.setNonblocking(true)
                path = pair.path
                descriptor = pair.master
            } catch {
                throw LineError(path: "", .host(error))
            }
            isTerminal = true
            mark = nil
        case .socket(let name):
            let listener = try SocketPath.listen(at: name)
            do throws(Errno) {
                try listener.setNonblocking(true)
            } catch {
                throw LineError(path: name, .host(error))
            }
            path = name
            descriptor = listener
            isTerminal = false
            mark = SocketPath.mark(name)
        }
    }

    deinit {
        if let mark { SocketPath.remove(path, mark) }
        if !isTerminal && stream >= 0 { _ = FileDescriptor(raw: stream) }
    }

    /// Ends the worker and takes a socket's name away. For programs that end without letting their objects go.
    public func close() {
        stop()
        if let mark { SocketPath.remove(path, mark) }
    }

    /// Whether somebody is at the other end.
    public var isConnected: Bool { condition.withLock { connected } }

    /// Bytes said to nobody that are not kept any more.
    public var lost: UInt64 { condition.withLock { lostBytes } }
}
