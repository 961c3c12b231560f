// Text for people and pipes, without stdio: its buffers are lost when a program traps, and Embedded Swift's `print`
// makes one call per byte.

import CHost

/// A buffered writer of text. Nothing is written before `flush`, or before the buffer is full; whoever makes one
/// flushes it. After the first failure it swallows what follows, and `failure` tells.
public struct Output: TextOutputStream, Sendable {
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    /// Why writing stopped; EPIPE when the reader has gone, which a program usually ends quietly on.
    public private(set) var failure: Errno?

    private static var capacity: Int { 16384 }

    /// Writes to a descriptor, which stays its owner's.
    public init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    public static var standardOutput: Output { Output(descriptor: 1) }
    public static var standardError: Output { Output(descriptor: 2) }

    public mutating func write(_ text: String) {
        if failure != nil { return }
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= Output.capacity { flush() }
    }

    /// Text and the end of a line.
    public mutating func line(_ text: String = "") {
        write(text)
        write("\n")
    }

    /// Bytes as they are.
    public mutating func write(bytes: [UInt8]) {
        if failure != nil { return }
        buffer.append(contentsOf: bytes)
        if buffer.count >= Output.capacity { flush() }
    }

    /// Writes what is buffered. Answers whether everything so far has been written.
    @discardableResult
    public mutating func flush() -> Bool {
        if failure == nil && !buffer.isEmpty {
            do throws(Errno) {
                try FileDescriptor(raw: descriptor, owned: false).writeAll(buffer)
            } catch {
                failure = error
            }
        }
        buffer.removeAll(keepingCapacity: true)
        return failure == nil
    }
}

/// Writes one line to descriptor 2, in one call, so that lines of several threads do not mix.
public func log(_ message: String) {
    var output = Output.standardError
    output.line(message)
    output.flush()
}

/// Ends the program with a message, for what cannot be: our own bugs, and a host without memory for a lock.
public func panic(_ message: String) -> Never {
    log("stasis: internal error: " + message)
    chost_abort()
}
