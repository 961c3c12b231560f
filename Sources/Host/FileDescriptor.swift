// Owner of an open file descriptor: opening, reading, writing, closing.

import CHost

/// How a file is opened. The C constants are `O_RDONLY` and so on; close-on-exec is always set.
public struct OpenFlags: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static var read: OpenFlags { OpenFlags(rawValue: 1) }
    public static var write: OpenFlags { OpenFlags(rawValue: 2) }
    public static var readWrite: OpenFlags { OpenFlags(rawValue: 3) }
    /// `O_CREAT`: made when absent, with the given mode.
    public static var create: OpenFlags { OpenFlags(rawValue: 4) }
    /// `O_EXCL`: EEXIST when present, also as a symbolic link to nowhere.
    public static var exclusive: OpenFlags { OpenFlags(rawValue: 8) }
    public static var truncate: OpenFlags { OpenFlags(rawValue: 16) }
    public static var append: OpenFlags { OpenFlags(rawValue: 32) }
    /// `O_NONBLOCK`: also keeps the opening of a FIFO from waiting.
    public static var nonblocking: OpenFlags { OpenFlags(rawValue: 64) }
    public static var directory: OpenFlags { OpenFlags(rawValue: 128) }
    /// `O_NOFOLLOW`: ELOOP for a symbolic link.
    public static var noFollow: OpenFlags { OpenFlags(rawValue: 256) }
}

/// Owner of a file descriptor. It is closed when the value goes out of scope.
///
/// All reads and writes try again when a signal interrupts them; `ioctl` does not.
public struct FileDescriptor: ~Copyable, Sendable {
    /// The number, -1 after `close()`. Valid for as long as this value lives.
    public private(set) var raw: Int32
    private let owned: Bool

    /// Takes over a descriptor that someone else opened, or with `owned: false` only looks through it.
    public init(raw: Int32, owned: Bool = true) {
        self.raw = raw
        self.owned = owned
    }

    /// Descriptor 0, which stays open.
    public static var standardInput: FileDescriptor { FileDescriptor(raw: 0, owned: false) }
    /// Descriptor 1, which stays open.
    public static var standardOutput: FileDescriptor { FileDescriptor(raw: 1, owned: false) }
    /// Descriptor 2, which stays open.
    public static var standardError: FileDescriptor { FileDescriptor(raw: 2, owned: false) }

    deinit {
        if owned && raw >= 0 { _ = chost_close(raw) }
    }

    /// Opens a file. `mode` matters with `.create` only.
    public static func open(
        path: String, _ flags: OpenFlags, mode: UInt32 = 0o600
    ) throws(Errno) -> FileDescriptor {
        while true {
            do throws(Errno) {
                let raw = try withPath(path) { pointer in unsafe chost_open(pointer, flags.rawValue, mode) }
                return FileDescriptor(raw: Int32(truncatingIfNeeded: raw))
            } catch {
                if error != .intr { throw error }
            }
        }
    }

    /// A file of `size` zeros in memory, without a name in any folder; `name` is what /proc shows.
    public static func memory(name: String, size: UInt64) throws(Errno) -> FileDescriptor {
        let raw = try withPath(name) { pointer in unsafe chost_memory_file(pointer, size) }
        return FileDescriptor(raw: Int32(truncatingIfNeeded: raw))
    }

    /// Closes now, to learn about errors: some file systems report a failed write only here.
    /// EINTR is not an error: Linux has released the number by then.
    public mutating func close() throws(Errno) {
        let number = raw
        raw = -1
        guard owned, number >= 0 else { return }
        let answer = chost_close(number)
        if answer < 0 {
            let error = Errno(hostNumber: Int32(truncatingIfNeeded: -answer))
            if error != .intr { throw error }
        }
    }

    /// Gives up ownership: the caller closes the number.
    public consuming func release() -> Int32 {
        let number = raw
        raw = -1
        return number
    }

    /// A second descriptor of the same open file. The C function is `fcntl` with `F_DUPFD_CLOEXEC`.
    public func duplicate() throws(Errno) -> FileDescriptor {
        FileDescriptor(raw: Int32(truncatingIfNeeded: try value(chost_dup(raw))))
    }

    // The four below pass base and length of a buffer that outlives the call.

    /// Reads at the current position; 0 at the end of the file.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        guard let base = buffer.baseAddress, unsafe !buffer.isEmpty else { return 0 }
        return Int(try retrying { unsafe chost_read(raw, base, buffer.count) })
    }

    /// Reads at `offset`; 0 at or after the end of the file.
    public func pread(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(Errno) -> Int {
        guard let base = buffer.baseAddress, unsafe !buffer.isEmpty else { return 0 }
        guard offset <= UInt64(Int64.max) else { throw .inval }
        return Int(try retrying { unsafe chost_pread(raw, base, buffer.count, offset) })
    }

    /// Writes at the current position some of the bytes, at least one.
    public func write(_ buffer: UnsafeRawBufferPointer) throws(Errno) -> Int {
        guard let base = buffer.baseAddress, unsafe !buffer.isEmpty else { return 0 }
        return Int(try retrying { unsafe chost_write(raw, base, buffer.count) })
    }

    /// Writes at `offset` some of the bytes, at least one.
    public func pwrite(_ buffer: UnsafeRawBufferPointer, at offset: UInt64) throws(Errno) -> Int {
        guard let base = buffer.baseAddress, unsafe !buffer.isEmpty else { return 0 }
        guard offset <= UInt64(Int64.max) else { throw .inval }
        return Int(try retrying { unsafe chost_pwrite(raw, base, buffer.count, offset) })
    }

    /// Writes all bytes at the current position.
    public func writeAll(_ buffer: UnsafeRawBufferPointer) throws(Errno) {
        var rest = unsafe buffer
        while unsafe !rest.isEmpty {
            let done = try unsafe write(rest)
            if done == 0 { throw .io }
            unsafe rest = UnsafeRawBufferPointer(rebasing: rest[done...])
        }
    }

    /// Writes all bytes at `offset` and on.
    public func pwriteAll(_ buffer: UnsafeRawBufferPointer, at offset: UInt64) throws(Errno) {
        var rest = unsafe buffer
        var position = offset
        while unsafe !rest.isEmpty {
            let done = try unsafe pwrite(rest, at: position)
            if done == 0 { throw .io }
            unsafe rest = UnsafeRawBufferPointer(rebasing: rest[done...])
            position += UInt64(done)
        }
    }

    /// Fills the buffer from `offset` and on, as far as the file goes. Answers how many bytes there were.
    public func preadAll(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(Errno) -> Int {
        var filled = 0
        while filled < buffer.count {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            let done = try unsafe pread(into: rest, at: offset + UInt64(filled))
            if done == 0 { break }
            filled += done
        }
        return filled
    }

    /// Reads from the current position to the end, at most `limit` bytes: EFBIG when there are more.
    public func readAll(limit: Int) throws(Errno) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            var failure: Errno?
            var done = 0
            // The closure's throws would be untyped in this call, so the error leaves by a variable.
            unsafe chunk.withUnsafeMutableBytes { buffer in
                do throws(Errno) { done = try unsafe read(into: buffer) } catch { failure = error }
            }
            if let failure { throw failure }
            if done == 0 { return bytes }
            if done > limit - bytes.count { throw .fbig }
            bytes.append(contentsOf: chunk[..<done])
        }
    }

    /// Writes all of an array at the current position.
    public func writeAll(_ bytes: [UInt8]) throws(Errno) {
        var failure: Errno?
        unsafe bytes.withUnsafeBytes { buffer in
            do throws(Errno) { try unsafe writeAll(buffer) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Fills an array from `offset` and on, as far as the file goes. Answers how many bytes there were.
    public func pread(into bytes: inout [UInt8], at offset: UInt64) throws(Errno) -> Int {
        var failure: Errno?
        var done = 0
        unsafe bytes.withUnsafeMutableBytes { buffer in
            do throws(Errno) { done = try unsafe preadAll(into: buffer, at: offset) } catch { failure = error }
        }
        if let failure { throw failure }
        return done
    }

    /// Writes all of an array at `offset` and on.
    public func pwriteAll(_ bytes: [UInt8], at offset: UInt64) throws(Errno) {
        var failure: Errno?
        unsafe bytes.withUnsafeBytes { buffer in
            do throws(Errno) { try unsafe pwriteAll(buffer, at: offset) } catch { failure = error }
        }
        if let failure { throw failure }
    }
}
