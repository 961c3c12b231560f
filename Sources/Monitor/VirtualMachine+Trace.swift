// A guest's timer in the words of module Timeline: what a trace is made of, and what a snapshot says about one.

import Hypervisor
public import Timekeeping
public import Timeline

extension VirtualMachine {
    /// COUNT_HZ: ticks of Count a second.
    public func countRate() throws(MonitorError) -> UInt32 {
        let vcpu = self.vcpu
        return try doing(.registers) { () throws(HypervisorError) in
            UInt32(truncatingIfNeeded: try vcpu.register(.countHz))
        }
    }

    /// The timer as it is now. The machine is not in `run`, or it is and its thread asks between two entries.
    public func timerView() throws(MonitorError) -> TimerView {
        let vcpu = self.vcpu
        return try doing(.registers) { () throws(HypervisorError) in
            // Cause first: an interrupt raised in between is seen the next time.
            let cause = UInt32(truncatingIfNeeded: try vcpu.register(.cause))
            let count = UInt32(truncatingIfNeeded: try vcpu.register(.count))
            return TimerView(
                count: count, compare: UInt32(truncatingIfNeeded: try vcpu.register(.compare)), cause: cause)
        }
    }
}

extension TimerView {
    /// A timer that stands.
    public init(_ state: TimerState) {
        self.init(count: state.count, compare: state.compare, cause: state.cause, frozen: true)
    }
}

extension Thaw {
    public init(_ entry: LedgerEntry) {
        self.init(
            cause: entry.cause.description, policy: entry.policy.description, gap: entry.gap, hidden: entry.hidden)
    }
}

extension TraceWriter {
    /// The guest went on as the ledger says, with this timer.
    public func thaw(_ entry: LedgerEntry, _ timer: TimerView) {
        thaw(at: UInt64(max(0, Int64(entry.frozenAt) + max(0, entry.gap))), timer, Thaw(entry))
    }
}

extension LedgerStory {
    /// What a snapshot says; nil if it has no timer.
    public init?(_ contents: SnapshotContents) {
        guard let timer = contents.frozen.timers.first else { return nil }
        var freezes: [LedgerFreeze] = []
        for entry in contents.ledger.entries {
            freezes.append(
                LedgerFreeze(
                    frozenAt: entry.frozenAt, frozenRealtime: entry.frozenRealtime,
                    changesClock: entry.cause == .migration, Thaw(entry)))
        }
        self.init(
            hz: timer.hz, isVirtual: contents.frozen.instant.domain.kind == .virtual, freezes: freezes,
            frozenAt: contents.frozen.reference, frozenRealtime: contents.frozen.realtime, timer: TimerView(timer))
    }
}
