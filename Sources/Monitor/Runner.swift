// Getting a vCPU out of the guest from another thread.
//
// The flag is set first, then `immediate_exit`, then the signal is sent; the run loop clears `immediate_exit` first and looks at the
// flag after that. So a kick is never lost: either the loop sees the flag, or the next run returns at once (reference 6.6).
//
// Unsafe code: the address of the run area is used only while its vCPU runs, which `end` waits for under the lock.

import Host
import Hypervisor

/// Which thread runs the vCPU, and where its `immediate_exit` is.
@safe
final class Runner: @unchecked Sendable {
    private let lock = Lock()
    private var current: (thread: HostThread.ID, area: RunArea)?

    func begin(_ area: RunArea) { lock.withLock { current = (HostThread.current, area) } }
    func end() { lock.withLock { current = nil } }

    /// Makes the run that is in progress, or the next one, return.
    func kick() {
        lock.withLock {
            guard let current else { return }
            unsafe Atomics.volatileStore8(current.area.base + 1, 1)
            guard current.thread != HostThread.current else { return }
            // ESRCH cannot be: the thread is in the loop that ends with `end`.
            try? HostThread.kick(current.thread)
        }
    }
}
