// Mutual exclusion and waiting. The standard library's Mutex does not exist in Embedded Swift, so this is one over
// pthreads.

import CHost

/// A mutex. Not recursive: locking twice on one thread waits for ever.
public final class Lock: Sendable {
    // Address of the C object, which lives as long as this one. A number, because pointers are not Sendable.
    let address: UInt

    public init() {
        address = unsafe UInt(bitPattern: chost_mutex_new())
        if address == 0 { panic("no memory for a lock") }
    }

    deinit {
        unsafe chost_mutex_free(pointer)
    }

    // Never null: `init` checked.
    @unsafe var pointer: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(bitPattern: address)! }

    public func lock() { unsafe chost_mutex_lock(pointer) }
    public func unlock() { unsafe chost_mutex_unlock(pointer) }
    /// True when the lock was free and is now held.
    public func tryLock() -> Bool { unsafe chost_mutex_try(pointer) }

    /// Runs `body` with the lock held.
    public func withLock<Result: ~Copyable, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        lock()
        defer { unlock() }
        return try body()
    }
}

/// A lock with a condition to wait for. The condition itself is the caller's, kept under the lock.
public final class Condition: Sendable {
    private let mutex = Lock()
    private let address: UInt

    public init() {
        address = unsafe UInt(bitPattern: chost_condition_new())
        if address == 0 { panic("no memory for a condition") }
    }

    deinit {
        unsafe chost_condition_free(pointer)
    }

    // Never null: `init` checked.
    @unsafe private var pointer: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(bitPattern: address)! }

    public func lock() { mutex.lock() }
    public func unlock() { mutex.unlock() }

    /// Runs `body` with the lock held.
    public func withLock<Result: ~Copyable, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try mutex.withLock(body)
    }

    /// Gives the lock back, waits for a signal, takes the lock again. May return without one: test and wait again.
    public func wait() { unsafe chost_condition_wait(pointer, mutex.pointer) }

    /// The same, at most until a monotonic instant. False when it has passed.
    public func wait(until monotonic: UInt64) -> Bool {
        unsafe chost_condition_wait_until(pointer, mutex.pointer, min(monotonic, UInt64(Int32.max) * 1_000_000_000))
    }

    /// Wakes one that waits.
    public func signal() { unsafe chost_condition_signal(pointer) }
    /// Wakes all that wait.
    public func broadcast() { unsafe chost_condition_broadcast(pointer) }
}
