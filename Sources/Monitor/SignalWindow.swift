// Signals and the run loop: blocked all the time except inside KVM_RUN, so that none can slip in between a look and an entry.

import Host
import Hypervisor

/// While it is open, the thread blocks the signals that end a run, and KVM_RUN does not (reference 6.6).
struct SignalWindow<VCPU: HypervisorVCPU> {
    /// Signals that ask a program to end, or to stand still. Of several the first here is told first.
    private static var numbers: [Int32] {
        [Signals.terminate, Signals.interrupt, Signals.hangup, Signals.terminalStop]
    }

    /// The same as a mask.
    static var ending: UInt64 { numbers.reduce(0) { $0 | Signals.mask($1) } }

    private let before: UInt64
    private let watched: UInt64

    /// Opens it on this thread. A signal the caller had blocked is left alone.
    init(_ vcpu: VCPU) throws(MonitorError) {
        let before = Signals.blocked()
        watched = (Self.ending | Signals.mask(Signals.kick)) & ~before | Signals.mask(Signals.kick)
        self.before = before
        _ = Signals.block(watched)
        try move(to: vcpu)
    }

    /// The same for another vCPU on this thread.
    func move(to vcpu: VCPU) throws(MonitorError) {
        let mask = before & ~watched
        try doing(.run) { () throws(HypervisorError) in try vcpu.setSignalMask(mask) }
    }

    /// Lets signals that have come be handled, and tells one of those that end the run. One that came before the window was open counts.
    func take() -> Int32? {
        guard Signals.pending() & watched != 0 || Signals.recorded() & Self.ending != 0 else { return nil }
        _ = Signals.unblock(watched)
        _ = Signals.block(watched)
        return Self.takeRecorded()
    }

    /// The first of those that have come and were handled, and that nobody has been told of.
    static func takeRecorded() -> Int32? {
        let seen = Signals.takeRecorded(ending | Signals.mask(Signals.kick))
        for number in numbers where seen & Signals.mask(number) != 0 { return number }
        return nil
    }

    /// The thread's signals as they were. One that is pending is handled now, and stays recorded for the next look.
    func close() { _ = Signals.setMask(before) }
}
