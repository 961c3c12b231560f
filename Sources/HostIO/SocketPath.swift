// Names of listening sockets. A program that was killed leaves its socket's name behind, and nobody can listen there
// any more: such a name is replaced, one that somebody listens at is not, and neither is anything that is no socket.

public import Host

public enum SocketPath {
    /// Listens at a path, whose file belongs to this user only.
    public static func listen(at path: String) throws(LineError) -> FileDescriptor {
        do throws(Reason) {
            if path.utf8.count > 107 { throw .tooLong(path.utf8.count) }
            // Who begins to listen does it with the directory locked: otherwise two programs could both find a name
            // that nobody listens at, and the second would take away the one the first has just made.
            return try withLockedDirectory(of: path) { () throws(Reason) in try listenLocked(path) }
        } catch {
            throw LineError(path: path, error)
        }
    }

    /// Takes the name away, if it still is that of the socket it was.
    public static func remove(_ path: String, _ mark: Mark) {
        // What cannot be looked at or taken away is replaced by whoever listens there next.
        guard let now = self.mark(path), now == mark else { return }
        try? Files.unlink(path)
    }

    /// Which file a name leads to.
    public struct Mark: Equatable, Sendable {
        let device: UInt64
        let inode: UInt64
    }

    /// Nil when there is no such name, or it cannot be looked at.
    public static func mark(_ path: String) -> Mark? {
        guard let status = try? Files.linkStatus(path) else { return nil }
        return Mark(device: status.device, inode: status.inode)
    }

    private typealias Reason = LineError.Reason

    private static func listenLocked(_ path: String) throws(Reason) -> FileDescriptor {
        do throws(Errno) {
            return try FileDescriptor.listen(unix: path)
        } catch {
            if error != .addrinuse { throw reason(error) }
        }
        let kind: FileStatus.Kind
        do throws(Errno) {
            kind = try Files.linkStatus(path).kind
        } catch {
            throw reason(error)
        }
        if kind != .socket { throw .taken(kind) }
        do throws(Errno) {
            _ = try FileDescriptor.connect(unix: path)
            throw .addrinuse
        } catch {
            // Refused: nobody listens. Anything else means that somebody may: EAGAIN is a queue of callers that is
            // full.
            if error != .connrefused { throw error == .again ? .inUse : reason(error) }
        }
        do throws(Errno) {
            try Files.unlink(path)
            return try FileDescriptor.listen(unix: path)
        } catch {
            throw reason(error)
        }
    }

    /// Waits a little for others that begin to listen in the same directory. Where that cannot be locked, it goes
    /// without.
    private static func withLockedDirectory(
        of path: String, _ body: () throws(Reason) -> FileDescriptor
    ) throws(Reason) -> FileDescriptor {
        guard let directory = try? FileDescriptor.open(path: Files.directory(of: path), [.read, .directory])
        else { return try body() }
        for _ in 0..<200 {
            if (try? directory.lock(exclusive: true, wait: false)) != nil { break }
            Clock.sleep(until: Clock.monotonic() + 10_000_000)
        }
        // By name, because a process just forked may have a copy of the descriptor; it ends with the last one
        // otherwise.
        defer { try? directory.unlock() }
        return try body()
    }

    private static func reason(_ error: Errno) -> Reason {
        switch error {
        case .addrinuse: .inUse
        case .noent, .notdir: .noDirectory
        case .acces, .perm, .rofs: .notPermitted
        default: .host(error)
        }
    }
}
