// Second threads for rows about signals and concurrency.

import Host

/// A number two threads share.
final class Shared: Sendable {
    private let lock = Lock()
    nonisolated(unsafe) private var stored: UInt64

    init(_ value: UInt64 = 0) { unsafe stored = value }

    // Read and written under the lock only.
    var value: UInt64 {
        get { lock.withLock { unsafe stored } }
        set { lock.withLock { unsafe stored = newValue } }
    }
}

/// A thread that does something while a check is in KVM_RUN. `stop` waits for its end.
struct Companion {
    private let thread: HostThread
    private let stopping: Shared

    /// - Parameter body: is given a function that tells whether to stop; it must look at it now and then.
    init(_ body: @escaping @Sendable (_ stopping: Shared) -> Void) throws(Verdict) {
        let stopping = Shared()
        self.stopping = stopping
        do throws(Errno) {
            thread = try HostThread(blockingSignals: true) { body(stopping) }
        } catch {
            throw .host("a second thread", error)
        }
    }

    /// Sends SIGALRM to the calling thread from `delay` ns on, again and again, so that none is lost before KVM_RUN.
    /// `first` is set to the instant of the first, on the host's clock.
    static func alarming(after delay: UInt64, first: Shared = Shared()) throws(Verdict) -> Companion {
        let target = HostThread.current
        return try Companion { stopping in
            pause(delay, stopping)
            if stopping.value == 0 { first.value = Clock.monotonic() }
            while stopping.value == 0 {
                // Fails when the thread has ended, and then nobody waits for it.
                try? HostThread.kick(target, signal: Signals.alarm)
                pause(ms(20), stopping)
            }
        }
    }

    /// Sleeps on the host's clock, in short pieces, until it is to stop.
    static func pause(_ nanoseconds: UInt64, _ stopping: Shared) {
        let end = Clock.monotonic() + nanoseconds
        while stopping.value == 0 {
            let now = Clock.monotonic()
            if now >= end { return }
            Clock.sleep(until: min(end, now + ms(5)))
        }
    }

    func stop() {
        stopping.value = 1
        thread.join()
    }
}
