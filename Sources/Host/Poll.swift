// Waiting for descriptors.

import CHost

/// What to wait for on a descriptor, and what has come.
public struct PollEvents: OptionSet, Sendable {
    public let rawValue: Int16
    public init(rawValue: Int16) { self.rawValue = rawValue }

    public static var readable: PollEvents { PollEvents(rawValue: 1) }
    public static var writable: PollEvents { PollEvents(rawValue: 4) }
    /// Reported whether asked for or not, like the two below.
    public static var error: PollEvents { PollEvents(rawValue: 8) }
    public static var hungUp: PollEvents { PollEvents(rawValue: 16) }
    public static var invalid: PollEvents { PollEvents(rawValue: 32) }
}

public struct PollEntry: Sendable {
    /// The descriptor's number; a negative one is passed over.
    public var descriptor: Int32
    public var events: PollEvents
    /// What has come; written by `poll`.
    public var ready: PollEvents

    public init(_ descriptor: Int32, _ events: PollEvents) {
        self.descriptor = descriptor
        self.events = events
        self.ready = []
    }
}

/// Waits until a descriptor is ready, the time has passed or a signal arrives. The C function is `ppoll`.
///
/// - Parameters:
///   - entries: what to wait for; `ready` is set in each.
///   - timeoutNanoseconds: how long at most, `nil` for ever.
///   - signalMask: signals blocked during the wait, instead of the thread's mask; `nil` leaves that mask.
/// - Returns: how many entries are ready, 0 when the time has passed.
/// - Throws: EINTR when a signal was handled: it is not retried.
public func poll(
    _ entries: inout [PollEntry], timeoutNanoseconds: UInt64? = nil, signalMask: UInt64? = nil
) throws(Errno) -> Int {
    var native: [chost_pollfd] = []
    native.reserveCapacity(entries.count)
    for entry in entries {
        native.append(chost_pollfd(fd: entry.descriptor, events: entry.events.rawValue, revents: 0))
    }
    let timeout = nativeTimeout(timeoutNanoseconds)
    let count = UInt32(entries.count)
    // The list and its length belong together; an empty one has no address and needs none.
    let answer = unsafe native.withUnsafeMutableBufferPointer { list in
        unsafe chost_poll(list.baseAddress, count, timeout, signalMask != nil, signalMask ?? 0)
    }
    for index in entries.indices { entries[index].ready = PollEvents(rawValue: native[index].revents) }
    return Int(try value(answer))
}

/// Waits as `poll` does, for two descriptors. Takes no memory from the heap: it is for threads that wake often.
public func poll(
    _ first: inout PollEntry, _ second: inout PollEntry, timeoutNanoseconds: UInt64? = nil
) throws(Errno) -> Int {
    var native: InlineArray<2, chost_pollfd> = [
        chost_pollfd(fd: first.descriptor, events: first.events.rawValue, revents: 0),
        chost_pollfd(fd: second.descriptor, events: second.events.rawValue, revents: 0),
    ]
    let timeout = nativeTimeout(timeoutNanoseconds)
    var list = native.mutableSpan
    // The list and its length belong together.
    let answer = unsafe list.withUnsafeMutableBufferPointer { list in
        unsafe chost_poll(list.baseAddress, 2, timeout, false, 0)
    }
    first.ready = PollEvents(rawValue: native[0].revents)
    second.ready = PollEvents(rawValue: native[1].revents)
    return Int(try value(answer))
}

/// The C function's word for a time: negative is for ever.
private func nativeTimeout(_ nanoseconds: UInt64?) -> Int64 {
    guard let nanoseconds else { return -1 }
    return Int64(min(nanoseconds, UInt64(Int32.max) * 1_000_000_000))
}
