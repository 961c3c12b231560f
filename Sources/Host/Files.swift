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

    /// The names in a directory, "." and ".." among them, in no order. ERANGE when they are longer than 16 MiB.
    public static func names(in path: String) throws(Errno) -> [String] {
        var capacity = 1 << 14
        while true {
            var buffer = [UInt8](repeating: 0, count: capacity)
            do throws(Errno) {
                let length = try withPath(path) { path in
                    // The names go into an array of our own, for the length of the call.
                    unsafe buffer.withUnsafeMutableBufferPointer { bytes in
                        unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
                            unsafe chost_names(path, characters.baseAddress!, capacity)
                        }
                    }
                }
                var names: [String] = []
                for name in buffer[..<Int(length)].split(separator: 0) {
                    names.append(String(decoding: name, as: UTF8.self))
                }
                return names
            } catch {
                guard error == .range, capacity < 1 << 24 else { throw error }
                capacity *= 8
            }
        }
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

    /// What the path itself names: a symbolic link is of kind `other`. The C function is `lstat`.
    public static func linkStatus(_ path: String) throws(Errno) -> FileStatus {
        var native = chost_file_status()
        _ = try withPath(path) { pointer in unsafe chost_lstat(pointer, &native) }
        return FileStatus(native)
    }

    /// The path from the root and without symbolic links. The C function is `realpath`.
    public static func realPath(_ path: String) throws(Errno) -> String {
        var text = [UInt8](repeating: 0, count: 4096)
        let length = try withPath(path) { path in
            // As many bytes as it says, ours during the call.
            unsafe text.withUnsafeMutableBytes { bytes in
                unsafe chost_realpath(path, bytes.baseAddress!.assumingMemoryBound(to: CChar.self), 4096)
            }
        }
        return String(decoding: text[..<Int(length)], as: UTF8.self)
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

    /// Removes such names that a process left behind when it was killed. A process that is still at it holds a lock
    /// (`FileDescriptor.lock`) on its file, wherever it runs; what has none is nobody's.
    public static func removeAbandonedSiblings(of path: String) {
        let folder = directory(of: path)
        let last = Array(path.utf8).split(separator: UInt8(ascii: "/")).last.map { Array($0) } ?? []
        // A folder that cannot be read keeps what is in it.
        guard let names = try? names(in: folder) else { return }
        for name in names where isTemporary(name, of: last) {
            let file = folder + "/" + name
            guard let descriptor = try? FileDescriptor.open(path: file, [.read, .nonblocking, .noFollow]),
                let status = try? descriptor.status(), status.kind == .regular,
                (try? descriptor.lock(exclusive: true, wait: false)) != nil
            else { continue }
            try? unlink(file)
        }
    }

    /// Whether `temporarySibling` makes such names: digits, a hyphen, hexadecimal digits.
    private static func isTemporary(_ name: String, of path: [UInt8]) -> Bool {
        let head = path + Array(".new-".utf8)
        let bytes = Array(name.utf8)
        guard bytes.starts(with: head) else { return false }
        let parts = bytes[head.count...].split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && !parts[1].isEmpty
            && parts[0].allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
            && parts[1].allSatisfy { $0 >= 0x30 && $0 <= 0x39 || $0 >= 0x61 && $0 <= 0x66 }
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

    /// Fills the buffer with bytes fit for secrets; may wait when the host has just started. The C function is
    /// `getrandom`.
    public static func fillSecret(_ bytes: inout [UInt8]) throws(Errno) {
        var done = 0
        while done < bytes.count {
            let from = done
            done += Int(
                try retrying {
                    // From `from`, below the array's end, to that end.
                    unsafe bytes.withUnsafeMutableBytes {
                        unsafe chost_entropy($0.baseAddress! + from, $0.count - from)
                    }
                })
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
