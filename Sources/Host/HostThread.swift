// Threads of the host.

import CHost

/// A running thread. Either `join` or `detach` it.
public final class HostThread: Sendable {
    /// The kernel's number of a thread, unique among the living threads of the host.
    public struct ID: Equatable, Sendable {
        public let number: Int32
        public init(number: Int32) { self.number = number }
    }

    private let handle: UInt
    private let start: Start

    /// What the new thread needs: its work, and a place to say which thread it is.
    private final class Start: Sendable {
        let body: @Sendable () -> Void
        let condition = Condition()
        nonisolated(unsafe) var id: ID?

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Starts a thread.
    ///
    /// - Parameters:
    ///   - stackSize: bytes of stack, 0 for the host's default.
    ///   - blockingSignals: all signals are blocked in it from its first instruction, so that process-wide ones go to
    ///     threads that expect them.
    /// - Throws: EAGAIN when the host allows no more threads.
    public init(
        stackSize: Int = 0, blockingSignals: Bool = false, _ body: @escaping @Sendable () -> Void
    ) throws(Errno) {
        let start = Start(body)
        var handle: UInt = 0
        // The thread receives one reference to `start` and gives it back when it has run.
        let reference = unsafe Unmanaged.passRetained(start)
        let answer = unsafe chost_thread_create(
            { context in
                let start = unsafe Unmanaged<Start>.fromOpaque(context!).takeRetainedValue()
                start.condition.withLock {
                    // Written once, under the lock, before anybody who asks has been answered.
                    unsafe start.id = HostThread.current
                    start.condition.broadcast()
                }
                start.body()
            }, reference.toOpaque(), stackSize, blockingSignals, &handle)
        if answer < 0 {
            unsafe reference.release()
            throw Errno(hostNumber: Int32(truncatingIfNeeded: -answer))
        }
        self.handle = handle
        self.start = start
    }

    /// The thread that asks.
    public static var current: ID { ID(number: chost_thread_id()) }

    /// Which thread this is; waits until it has begun.
    public var id: ID {
        start.condition.withLock {
            while true {
                // Read under the lock it is written under.
                if let id = unsafe start.id { return id }
                start.condition.wait()
            }
        }
    }

    /// Waits for the end of the thread. Once only.
    public func join() { _ = chost_thread_join(handle) }

    /// Lets the thread end by itself. Instead of `join`.
    public func detach() { _ = chost_thread_detach(handle) }

    /// Sends a signal to one thread of this process, to get it out of KVM_RUN or another wait. ESRCH when it has ended.
    public static func kick(_ thread: ID, signal: Int32 = Signals.kick) throws(Errno) {
        _ = try value(chost_thread_kill(thread.number, signal))
    }

    /// Gives this thread a descriptor table of its own, an empty one. For threads that use none: as long as two threads share a table,
    /// the kernel counts references in every system call on a descriptor. Hosts before Linux 5.9 cannot, and go on sharing.
    public static func dropDescriptors() { _ = chost_thread_drop_descriptors() }

    /// Lets other threads run rather than this one, from now on, where there is a processor for one of them only.
    public static func stepBack() { chost_thread_step_back() }

    /// Ends this thread's sleeps when they are due, from now on. Else the system may end them up to 50 µs later, to save wake-ups.
    public static func wakeExactly() { chost_thread_wake_exactly() }

    /// Lets another thread run.
    public static func yield() { chost_thread_yield() }

    /// Processors this host has in use.
    public static var processors: Int { Int(chost_processors()) }
}
