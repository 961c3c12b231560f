// Comparing the memory of a restored machine with its checksums while the machine runs already.
//
// A guest's memory is large and its first steps are small: it starts at once on a private mapping of the file, and a thread of
// this class reads the file meanwhile. Until that is through nothing the guest does leaves the process, because it all waits at the
// gate. If the memory is damaged the gate fails, and the run ends with the error it would have begun with.
//
// The thread first leaves the guest some milliseconds to itself. Its time runs while its code is predecoded again and its pages are mapped
// again, and most of those are copied: as long as another thread of the process runs, each of these copies interrupts that thread's
// processor. Whoever waits for the verdict ends the delay.

import Host
import HostIO
import Snapshot

/// The check of one restored machine. Begun once, by the machine's thread.
final class MemoryCheck: @unchecked Sendable {
    /// What the guest's effects outside of this process wait for.
    let gate = Gate()

    /// Nanoseconds the guest has to itself.
    private static let delay: UInt64 = 20_000_000

    private let file: SnapshotReader
    private let condition = Condition()
    // The machine's thread only:
    private var hasBegun = false
    private var thread: HostThread?
    // Under `condition`:
    private var isAwaited = false
    private var isCancelled = false
    private var isThrough = false
    private var damage: SnapshotError?

    init(_ file: SnapshotReader) { self.file = file }

    /// Lets the check begin, if it has not.
    ///
    /// - Parameter kick: called once it is known how the memory is.
    func begin(kick: @escaping @Sendable () -> Void) {
        guard !hasBegun else { return }
        hasBegun = true
        let work: @Sendable () -> Void = { [self] in
            verify()
            kick()
        }
        do throws(Errno) {
            let start = Clock.monotonic() &+ Self.delay
            thread = try HostThread(blockingSignals: true) { [self] in
                stayBack(until: start)
                // On a single processor the guest goes first.
                HostThread.stepBack()
                work()
                // What restoring took is not needed again.
                Memory.trim()
            }
        } catch {
            // Without a thread the guest waits.
            work()
        }
    }

    /// Whether it is known how the memory is.
    var isDecided: Bool { condition.withLock { isThrough } }

    /// Waits until it is known, and says what is wrong; nil for nothing. After `begin`.
    func verdict() -> SnapshotError? {
        condition.withLock {
            isAwaited = true
            condition.broadcast()
            while !isThrough { condition.wait() }
            return damage
        }
    }

    /// Ends the check, and the thread. What was not known then never leaves.
    func end() {
        condition.withLock {
            isCancelled = true
            condition.broadcast()
        }
        thread?.join()
        thread = nil
        gate.fail()
    }

    /// Waits until an instant of the monotonic clock, or until somebody wants to know.
    private func stayBack(until start: UInt64) {
        condition.withLock {
            while !isAwaited, !isCancelled, condition.wait(until: start) {}
        }
    }

    private func verify() {
        var found: SnapshotError?
        var isSound = false
        do throws(SnapshotError) {
            isSound = try file.verifyMemory { condition.withLock { isCancelled } }
        } catch {
            found = error
        }
        // Everybody at the gate has heard of it before whoever waits for the verdict goes on: held output is written then.
        if isSound { gate.open() } else { gate.fail() }
        condition.withLock {
            damage = found
            isThrough = true
            condition.broadcast()
        }
    }
}

extension VirtualMachine {
    /// Waits until the memory of a restored machine has been compared with its checksums. Nothing of the guest has left this process
    /// before. `run`, `pause` and `save` wait by themselves where they have to.
    ///
    /// - Throws: the snapshot's error when the memory is damaged; the machine has ended then, and nothing has left.
    public func awaitVerification() throws(MonitorError) {
        guard let check = memoryCheck else { return }
        beginVerification()
        if let damage = check.verdict() {
            lifeCycle.end()
            throw .snapshot(damage)
        }
        check.end()
        memoryCheck = nil
    }

    /// Lets the check of a restored machine's memory begin.
    func beginVerification() {
        let (flags, runner) = (self.flags, self.runner)
        memoryCheck?.begin {
            flags.set(Flags.verdict)
            runner.kick()
        }
    }

    /// Whether the guest may turn out not to be the one that was saved: nothing is told of it then.
    var isUnverified: Bool { memoryCheck.map { !$0.isDecided } ?? false }
}
