// Paths: renaming, removing, reading whole small files, and names for temporary files.

import CHost

/// Functions on paths.
public enum Files {
    /// Gives a file another name, replacing what had it, in one step. The C function is `rename`.
    public static func rename(_ from: String, to: String) throws(Errno) {
        if from.utf8.contains(0) { throw .inval }
        var answer: Int64 = 0
        _ = try withPath(to) { target in
            // Both pointers are used during the call only.
            answer = unsafe from.withCString { source in unsafe chost_rename(source, target) }
            return 0
        }
        _ = try value(answer)
    }

    /// Removes a name. The C function is `unlink`.
    public static func unlink(_ path: String) throws(Errno) {
        _ = try withPath(path) { pointer in unsafe chost_unlink(pointer) }
    }

    /// Makes a directory.
    public static func makeDirectory(_ path: String, mode: UInt32 = 0o700) throws(Errno) {
        _ = try withPath(path) { pointer in unsafe chost_mkdir(pointer, mode) }
    }

    /// True when the path leads somewhere.
    public static func exists(_ path: String) -> Bool { allows(path, 0) }
    /// True when this user may read what is there.
    public static func isReadable(_ path: String) -> Bool { allows(path, 4) }
    /// True when this user may write what is there.
    public static func isWritable(_ path: String) -> Bool { allows(path, 2) }

    private static func allows(_ path: String, _ need: UInt32) -> Bool {
        do throws(Errno) {
            _ = try withPath(path) { pointer in unsafe chost_access(pointer, need) }
            return true
        } catch {
            return false
        }
    }

    /// What the path leads to, symbolic links followed. The C function is `stat`.
    public static func status(_ path: String) throws(Errno) -> FileStatus {
        var native = chost_file_status()
        _ = try withPath(path) { pointer in unsafe chost_stat(pointer, &native) }
        return FileStatus(native)
    }

    /// The directory a path lies in: "." for a bare name.
    public static func directory(of path: String) -> String {
        let bytes = Array(path.utf8)
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self)
    }

    /// Waits until the names in the directory of `path` are on the disk, which makes a rename there permanent.
    public static func fsyncDirectory(of path: String) throws(Errno) {
        let descriptor = try FileDescriptor.open(path: directory(of: path), [.read, .directory])
        try descriptor.fsync()
    }

    /// A name beside `path`, in the same directory and so on the same file system, that nobody else uses.
    public static func temporarySibling(of path: String) throws(Errno) -> String {
        let number = try PhysicalRandom.word()
        return path + ".new-" + String(Process.pid) + "-" + String(number, radix: 16)
    }

    /// The contents of a regular file or a device such as those in /proc. EFBIG when there are more than `limit` bytes,
    /// EISDIR for a directory. A FIFO without a writer reads as empty instead of waiting.
    public static func readWhole(_ path: String, limit: Int) throws(Errno) -> [UInt8] {
        let descriptor = try FileDescriptor.open(path: path, [.read, .nonblocking])
        let status = try descriptor.status()
        if status.kind == .directory { throw .isdir }
        if status.kind == .regular && status.size > UInt64(limit) { throw .fbig }
        return try descriptor.readAll(limit: limit)
    }
}

/// Random bytes from the kernel.
public enum PhysicalRandom {
    /// Fills the buffer. The C function is `getrandom`.
    public static func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(Errno) {
        var rest = unsafe buffer
        while let base = rest.baseAddress, unsafe !rest.isEmpty {
            let count = rest.count
            let done = Int(try retrying { unsafe chost_random(base, count) })
            unsafe rest = UnsafeMutableRawBufferPointer(rebasing: rest[done...])
        }
    }

    /// 64 random bits.
    public static func word() throws(Errno) -> UInt64 {
        var word: UInt64 = 0
        var failure: Errno?
        unsafe withUnsafeMutableBytes(of: &word) { bytes in
            do throws(Errno) { try unsafe fill(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
        return word
    }
}
