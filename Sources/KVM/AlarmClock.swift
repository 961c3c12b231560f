// The alarm of a system: a thread that gets every vCPU out of the guest at an instant.
//
// Ringing is the race-free kick of reference 6.6: first a word says that the alarm has rung, then `immediate_exit` is set for
// whoever runs, then the thread that runs gets a signal. A vCPU that enters says so first and looks at the word after that, so
// one of the two always sees the other: either the bell finds the thread, or the run finds the alarm and returns at once.
//
// The signal is SIGUSR2, which is this file's alone: a handler that only records is installed for it, and it may come late, when
// the run is over, without harm.
//
// Locks: `condition` guards everything but the two atomic words. A bell is rung under it, so that a vCPU that goes away takes its
// run area along only afterwards.
//
// Unsafe code: the words are memory of this object's own; the byte at offset 1 of a run area is `immediate_exit`.

import CHost
import Host
import Hypervisor

@safe
final class AlarmClock: @unchecked Sendable {
    static var signal: Int32 { Signals.user2 }
    static var signalMask: UInt64 { Signals.mask(signal) }

    fileprivate enum State: UInt32 {
        /// No alarm, or not yet.
        case silent = 0
        case rung = 1
    }

    private let condition = Condition()
    /// A `State`.
    fileprivate let word: UnsafeMutableRawPointer
    private var instant: UInt64?
    private var ended = false
    private var bells: [Bell] = []
    private var thread: HostThread?
    private let generation = Process.forkGeneration

    /// Starts the thread, which `end` stops.
    ///
    /// - Throws: EAGAIN when the host allows no more threads.
    init() throws(Errno) {
        unsafe word = UnsafeMutableRawPointer.allocate(byteCount: 4, alignment: 4)
        unsafe Atomics.store32(word, State.silent.rawValue)
        try Signals.install(Self.signal, .record)
        let thread = try HostThread(blockingSignals: true) {
            HostThread.dropDescriptors()
            self.wait()
        }
        condition.withLock { self.thread = thread }
    }

    deinit { unsafe word.deallocate() }

    /// Stops the thread. No alarm rings any more.
    func end() {
        let thread = condition.withLock {
            ended = true
            condition.signal()
            let thread = self.thread
            self.thread = nil
            return thread
        }
        // In a forked child there is no thread to wait for.
        if Process.forkGeneration == generation { thread?.join() } else { thread?.detach() }
    }

    /// Sets the alarm to an instant of CLOCK_MONOTONIC (ns), or takes it back.
    func set(_ instant: UInt64?) {
        condition.withLock {
            unsafe Atomics.store32(word, State.silent.rawValue)
            self.instant = instant
            if let instant, instant <= Clock.monotonic() { ring() }
            condition.signal()
        }
    }

    func add(_ area: RunArea) -> Bell {
        let bell = Bell(self, area)
        condition.withLock { bells.append(bell) }
        return bell
    }

    func remove(_ bell: Bell) { condition.withLock { bells.removeAll { $0 === bell } } }

    private func wait() {
        condition.withLock {
            while !ended {
                guard let instant else {
                    condition.wait()
                    continue
                }
                if !condition.wait(until: instant), self.instant == instant, !ended { ring() }
            }
        }
    }

    /// With the lock held.
    private func ring() {
        instant = nil
        unsafe Atomics.store32(word, State.rung.rawValue)
        Atomics.memoryBarrier()
        for bell in bells { bell.ring() }
    }

    /// Runs when ringing, if it goes on, is over.
    fileprivate func afterRinging(_ body: () -> Void) { condition.withLock(body) }
}

/// A vCPU's part of the alarm. One thread at a time runs the vCPU.
@safe
final class Bell: @unchecked Sendable {
    private let clock: AlarmClock
    private let area: RunArea
    /// The clock's word, which lives as long as the clock. Everything an entry needs is one step from here: the kernel empties the TLB
    /// on its way into a guest, and every page on the way back is missed.
    private let state: UnsafeMutableRawPointer
    /// The thread in KVM_RUN, 0 for none; after it, the thread that ran last, which has been prepared.
    private let threads: UnsafeMutableRawPointer

    fileprivate init(_ clock: AlarmClock, _ area: RunArea) {
        self.clock = clock
        self.area = area
        unsafe state = clock.word
        unsafe threads = UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 4)
        runner = 0
        prepared = 0
    }

    deinit { unsafe threads.deallocate() }

    private var runner: UInt32 {
        get { unsafe Atomics.load32Relaxed(threads) }
        set { unsafe Atomics.store32Relaxed(threads, newValue) }
    }

    private var prepared: UInt32 {
        get { unsafe Atomics.load32Relaxed(threads + 4) }
        set { unsafe Atomics.store32Relaxed(threads + 4, newValue) }
    }

    private var hasRung: Bool { unsafe Atomics.load32Relaxed(state) == AlarmClock.State.rung.rawValue }

    /// Before KVM_RUN.
    @inline(__always)
    func enter(_ thread: HostThread.ID) {
        let thread = UInt32(bitPattern: thread.number)
        if prepared != thread { prepare(thread) }
        runner = thread
        Atomics.memoryBarrier()
        if hasRung { setImmediateExit(true) }
    }

    /// Threads may begin with every signal blocked.
    @inline(never)
    private func prepare(_ thread: UInt32) {
        Signals.unblock(AlarmClock.signalMask)
        prepared = thread
    }

    /// After it. `asked`: `immediate_exit` as the user had set it.
    @inline(__always)
    func leave(keeping asked: Bool) {
        runner = 0
        Atomics.memoryBarrier()
        if hasRung, !asked { calmDown() }
    }

    @inline(never)
    private func calmDown() { clock.afterRinging { setImmediateExit(false) } }

    fileprivate func ring() {
        let thread = runner
        guard thread != 0 else { return }
        setImmediateExit(true)
        // ESRCH: the thread has ended since, and with it its run.
        try? HostThread.kick(HostThread.ID(number: Int32(bitPattern: thread)), signal: AlarmClock.signal)
    }

    private func setImmediateExit(_ on: Bool) {
        unsafe Atomics.volatileStore8(area.base + CHOST_KVM_RUN_IMMEDIATE_EXIT, on ? 1 : 0)
    }
}
