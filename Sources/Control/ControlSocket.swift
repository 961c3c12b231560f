// The listening socket as a name in the file system: made, replaced when nobody listens any more, removed.

import Host

/// Owner of a listening socket and of its path.
struct ControlSocket: ~Copyable {
    let descriptor: FileDescriptor
    let path: String
    /// Which file the path leads to, so that nobody else's is removed.
    private let device: UInt64
    private let inode: UInt64

    init(path: String) throws(ControlServerError) {
        let number: Int32
        let status: FileStatus
        do throws(Errno) {
            // Whoever makes, replaces or removes a socket here holds a lock on the folder, so that none is taken for dead
            // between its making and its first connection. Where a folder cannot be locked, the rest has to do.
            let folder = try FileDescriptor.open(path: Files.directory(of: path), [.read, .directory])
            Self.lock(folder)
            defer { try? folder.unlock() }
            let listener = try Self.listen(path)
            try listener.setNonblocking(true)
            status = try Files.status(path)
            number = listener.release()
        } catch {
            throw ControlServerError(path: path, Self.reason(path, error))
        }
        descriptor = FileDescriptor(raw: number)
        self.path = path
        device = status.device
        inode = status.inode
    }

    /// At most a second: nobody needs longer, and a folder may be locked by someone with other intentions.
    private static func lock(_ folder: borrowing FileDescriptor) {
        for _ in 0..<100 {
            do throws(Errno) {
                return try folder.lock(exclusive: true, wait: false)
            } catch {
                if error != .again { return }
            }
            Clock.sleep(until: Clock.monotonic() + 10_000_000)
        }
    }

    private static func listen(_ path: String) throws(Errno) -> FileDescriptor {
        do throws(Errno) {
            return try FileDescriptor.listen(unix: path)
        } catch {
            guard error == .addrinuse, try isAbandoned(path) else { throw error }
        }
        try Files.unlink(path)
        return try FileDescriptor.listen(unix: path)
    }

    /// Whether there is a socket that nobody listens to: a machine that was killed leaves one.
    private static func isAbandoned(_ path: String) throws(Errno) -> Bool {
        guard try Files.status(path).kind == .socket else { return false }
        do throws(Errno) {
            _ = try FileDescriptor.connect(unix: path, nonblocking: true)
            return false
        } catch {
            return error == .connrefused
        }
    }

    private static func reason(_ path: String, _ error: Errno) -> ControlServerError.Reason {
        switch error {
        case .nametoolong: return .pathTooLong
        case .addrinuse:
            // Gone again in the meantime is as good as in use.
            guard let kind = try? Files.status(path).kind, kind != .socket else { return .inUse }
            return .notASocket(kind)
        default: return .socket(error)
        }
    }

    /// Removes the path, if it still leads to this socket.
    func unlink() {
        // Without a folder to lock, or a socket to remove, there is nothing more to be done.
        guard let folder = try? FileDescriptor.open(path: Files.directory(of: path), [.read, .directory]) else {
            return
        }
        Self.lock(folder)
        defer { try? folder.unlock() }
        guard let status = try? Files.status(path), status.device == device, status.inode == inode else { return }
        try? Files.unlink(path)
    }
}
