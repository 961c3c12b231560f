// Between the board's UART and the host: what the guest said and nobody fetched yet, what was typed and did not fit
// yet.

import Devices

/// Collects the UART's output until the owner of the board fetches it.
struct OutputBuffer: ByteSink {
    private(set) var bytes: [UInt8] = []

    mutating func put(_ byte: UInt8) {
        bytes.append(byte)
    }

    /// Gives up what was collected.
    mutating func drain() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }
}

/// Host input on its way to the guest: first in, first out, bounded.
///
/// The guest takes characters at its own pace and the UART holds sixteen. What is beyond waits here instead of
/// being an overrun, as with a sender that respects flow control.
struct InputQueue {
    /// Bytes that may wait. More than anybody types or pastes; a pipe has to wait for the guest.
    static let capacity = 1 << 16

    private var bytes: [UInt8] = []
    private var head = 0

    init() {}

    /// Bytes a saved queue held, at most `capacity`.
    init(_ bytes: [UInt8]) {
        precondition(bytes.count <= Self.capacity, "more input than the queue can have held")
        self.bytes = bytes
    }

    var count: Int { bytes.count - head }

    /// Waiting bytes, oldest first.
    var waiting: [UInt8] { [UInt8](bytes[head...]) }

    /// Takes as many bytes as fit and returns how many that were.
    mutating func append(_ more: [UInt8]) -> Int {
        let taken = min(more.count, Self.capacity - count)
        bytes.append(contentsOf: more[..<taken])
        return taken
    }

    /// Removes up to `limit` bytes.
    mutating func take(_ limit: Int) -> [UInt8] {
        let taken = [UInt8](bytes[head..<head + min(limit, count)])
        head += taken.count
        // Move what is left to the front only now and then: each byte is moved once on average.
        if head * 2 >= bytes.count {
            bytes.removeFirst(head)
            head = 0
        }
        return taken
    }
}
