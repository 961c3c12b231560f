// Signals and KVM_RUN (reference 6.6).
//
// A kernel returns from KVM_RUN with EINTR when the thread has a signal to handle, and the handler runs after that. The
// simulator gets the same by blocking signals during a run and looking at what is pending: when a run ends the thread's mask
// comes back and the handler runs. KVM_SET_SIGNAL_MASK chooses which pending signals count.

import Host

struct SignalWatch {
    /// KVM_SET_SIGNAL_MASK, nil when off.
    var mask: UInt64?
    private var saved: UInt64 = 0
    private(set) var open: UInt64 = 0
    private var descriptor: Int32 = -1
    private var descriptorMask: UInt64 = 0
    /// The thread that last slept here.
    private var sleeper: HostThread.ID?

    init() throws(Errno) {}

    /// Signals that report faults of this very thread are never blocked: a blocked one would end the process.
    private static var never: UInt64 {
        Signals.mask(Signals.segmentationViolation) | Signals.mask(Signals.busError)
            | Signals.mask(Signals.illegalInstruction)
            | Signals.mask(Signals.trap) | Signals.mask(Signals.abort)
    }

    /// A run begins on this thread.
    mutating func begin() {
        saved = Signals.block(~Self.never)
        open = ~(mask ?? saved) & ~Self.never
    }

    /// The run is over: pending signals are handled now.
    func end() { _ = Signals.setMask(saved) }

    /// Is there a signal that ends the run?
    var pending: Bool { Signals.pending() & open != 0 }

    /// Sleeps until the bell rings, a signal counts, or the instant (ns, monotonic) is reached. Answers whether the bell is known to have
    /// rung. A guest may do this many times a second, so it is short.
    mutating func sleep(bell: Int32, until instant: UInt64) -> Bool {
        if sleeper != HostThread.current {
            // The timer of a kernel is exact, and so is the guest's.
            sleeper = HostThread.current
            HostThread.wakeExactly()
        }
        if descriptor < 0 || descriptorMask != open { renew() }
        var ringing = PollEntry(bell, .readable)
        var signalled = PollEntry(descriptor, .readable)
        var timeout: UInt64? = nil
        if instant != .max {
            let now = Clock.monotonic()
            guard instant > now else { return false }
            timeout = instant - now
        } else if descriptor < 0 {
            // Without a signal descriptor, look at the pending set from time to time.
            timeout = 10_000_000
        }
        // An error here means only that we look again at once.
        _ = try? poll(&ringing, &signalled, timeoutNanoseconds: timeout)
        return ringing.ready != []
    }

    private mutating func renew() {
        close()
        if let fresh = try? Signals.descriptor(for: open) {
            descriptor = fresh.release()
            descriptorMask = open
        }
    }

    mutating func close() {
        if descriptor >= 0 { _ = FileDescriptor(raw: descriptor) }
        descriptor = -1
    }
}

/// A bell one thread rings for another that sleeps in poll(2).
@safe
final class WakeUp: @unchecked Sendable {
    private let event: FileDescriptor

    init() throws(Errno) { event = try FileDescriptor.eventfd() }

    var descriptor: Int32 { event.raw }
    /// A full counter cannot happen and would ring just as well.
    func ring() { try? event.signalEvent() }
    /// Nothing to drain is not an error.
    func reset() { _ = try? event.drainEvent() }
}
