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

/// How fast input goes on to the UART.
///
/// On a wire characters take time, in which a guest does something with those before. Here they take none: with the
/// UART full again at once, a driver would never leave its interrupt handler, and a kernel that puts characters aside
/// there (Linux: 64 KiB) lose what comes after. So there are pauses: after a burst, as much as a handler takes at a
/// time, nothing comes for as long as the guest took for the burst. What it does slowly, because it is emulated or
/// busy, it gets slowly.
struct InputPace {
    /// Characters between two pauses.
    static let burst = 256
    /// Nanoseconds.
    static let leastPause: UInt64 = 300_000
    static let longestPause: UInt64 = 20_000_000

    /// Characters since the last pause.
    private var given = 0
    /// When the first of them went on.
    private var began: UInt64 = 0
    /// When the present pause ends.
    private(set) var end: UInt64?

    init() {}

    /// Ends the pause if it is over at `now`, or if the clock was set back.
    mutating func look(at now: UInt64) {
        if let end, now >= end || end - now > Self.longestPause { restart() }
    }

    /// How many characters may go on at `now`; the first call after a burst begins the pause.
    mutating func allowance(at now: UInt64) -> Int {
        guard end == nil else { return 0 }
        if given == 0 { began = now }
        guard given >= Self.burst else { return Self.burst - given }
        let took = now > began ? now - began : 0
        end = now &+ min(max(Self.leastPause, took), Self.longestPause)
        return 0
    }

    mutating func gave(_ count: Int) { given += count }

    /// The guest has had time to itself.
    mutating func restart() {
        given = 0
        end = nil
    }
}
