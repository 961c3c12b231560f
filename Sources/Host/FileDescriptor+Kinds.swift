// Descriptors that are not files: pipes, event counters, devices, local sockets.

import CHost

/// The two ends of a pipe. Frozen, so that its ends can be taken apart.
@frozen
public struct Pipe: ~Copyable, Sendable {
    public var reading: FileDescriptor
    public var writing: FileDescriptor
}

extension FileDescriptor {
    /// A new pipe. The C function is `pipe2`.
    public static func pipe() throws(Errno) -> Pipe {
        var ends: (Int32, Int32) = (-1, -1)
        let answer = unsafe withUnsafeMutableBytes(of: &ends) { bytes in
            // Two 32-bit integers, as pipe2 wants them; the tuple has a base address.
            unsafe chost_pipe(bytes.baseAddress!.assumingMemoryBound(to: Int32.self))
        }
        _ = try value(answer)
        return Pipe(reading: FileDescriptor(raw: ends.0), writing: FileDescriptor(raw: ends.1))
    }

    /// A counter that can be waited for with `poll`: `signalEvent` adds one, `drainEvent` takes all. The C function is
    /// `eventfd`.
    public static func eventfd(initial: UInt32 = 0, nonblocking: Bool = true) throws(Errno) -> FileDescriptor {
        FileDescriptor(raw: Int32(truncatingIfNeeded: try value(chost_eventfd(initial, nonblocking))))
    }

    /// Adds one to an event counter. A counter at its limit stays there, and is readable all the same.
    public func signalEvent() throws(Errno) {
        var one: UInt64 = 1
        do throws(Errno) {
            _ = try retrying { unsafe chost_write(raw, &one, 8) }
        } catch {
            if error != .again { throw error }
        }
    }

    /// Takes what an event counter holds; 0 when it holds nothing and does not block.
    public func drainEvent() throws(Errno) -> UInt64 {
        var count: UInt64 = 0
        do throws(Errno) {
            _ = try retrying { unsafe chost_read(raw, &count, 8) }
        } catch {
            if error != .again { throw error }
        }
        return count
    }

    /// True for a terminal.
    public var isTerminal: Bool { chost_isatty(raw) }

    /// Whether reads and writes that would wait fail with EAGAIN instead.
    public func setNonblocking(_ on: Bool) throws(Errno) {
        _ = try value(chost_set_nonblocking(raw, on))
    }

    /// Asks a device. EINTR is thrown, not retried: KVM_RUN reports signals that way.
    ///
    /// - Parameters:
    ///   - request: the number, as the host's architecture encodes it; the top bit may be set.
    ///   - argument: a number or the address of a structure that outlives the call.
    @inline(__always)
    public func ioctl(_ request: UInt, _ argument: UInt = 0) throws(Errno) -> Int {
        let answer = chost_ioctl(raw, request, argument)
        if answer < 0 { throw Errno(hostNumber: 0 &- answer) }
        return Int(answer)
    }

    /// The same with the address of a structure, which the kernel may read and write during the call.
    public func ioctl(_ request: UInt, _ structure: UnsafeMutableRawPointer) throws(Errno) -> Int {
        try ioctl(request, UInt(bitPattern: structure))
    }

    /// A local (AF_UNIX) stream socket that waits for connections at `path`, open to its owner only.
    public static func listen(unix path: String) throws(Errno) -> FileDescriptor {
        FileDescriptor(
            raw: Int32(truncatingIfNeeded: try withPath(path) { pointer in unsafe chost_unix_listen(pointer) }))
    }

    /// A connection to the local socket at `path`.
    ///
    /// - Parameter nonblocking: EAGAIN instead of waiting when too many wait there already; reads and writes of the
    ///   connection do not wait either.
    public static func connect(unix path: String, nonblocking: Bool = false) throws(Errno) -> FileDescriptor {
        FileDescriptor(
            raw: Int32(
                truncatingIfNeeded: try withPath(path) { pointer in unsafe chost_unix_connect(pointer, nonblocking) }))
    }

    /// The next connection of a listening socket.
    public func accept() throws(Errno) -> FileDescriptor {
        FileDescriptor(raw: Int32(truncatingIfNeeded: try retrying { chost_accept(raw) }))
    }

    /// Writes some of a socket's bytes, from an index on. EPIPE, without a signal, when nobody is there to read them.
    public func send(_ bytes: [UInt8], from index: Int = 0) throws(Errno) -> Int {
        Int(
            try retrying {
                unsafe bytes.withUnsafeBytes { buffer in
                    guard let base = buffer.baseAddress, index >= 0, index < buffer.count else { return 0 }
                    // What lies from `index` to the end, during the call.
                    return unsafe chost_send(raw, base + index, buffer.count - index)
                }
            })
    }

    /// Reads what is there, at most so many bytes; none at the end.
    public func receive(limit: Int) throws(Errno) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        var failure: Errno?
        var count = 0
        // The buffer is written during the call.
        unsafe bytes.withUnsafeMutableBytes { buffer in
            do throws(Errno) { count = try unsafe read(into: buffer) } catch { failure = error }
        }
        if let failure { throw failure }
        bytes.removeLast(limit - count)
        return bytes
    }
}
