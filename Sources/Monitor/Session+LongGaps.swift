// Gaps that are longer than Count can show.
//
// Count has 32 bits. At 100 MHz it goes round in 43 s, and a guest that adds up the differences it sees, as Linux does, loses every whole
// turn of a jump. So a guest that is to see more than that is shown it in strides of three eighths of a turn: its time goes on a stride
// ahead, it takes its timer interrupt, which is when a kernel adds up, and is frozen for a moment for the next. Should it have written
// Compare without adding up, two strides are still less than a turn. Each stride is a freeze in the ledger, with a negative `hidden`. An
// hour takes some seconds. The end of a run is looked for when all of it is shown.
//
// A guest that writes no Compare within two seconds does not keep time by the timer: it is shown the rest at once. So is one that is
// put ahead by more than a day, which is a date chosen for it rather than a gap; its user is told.

import Host
import Hypervisor
import Timekeeping
import Timeline

/// What a guest has yet to be shown of a long gap.
struct Strides {
    /// Nanoseconds.
    var left: UInt64 = 0
    /// Nanoseconds at a time.
    var length: UInt64 = 0

    /// Beyond it a jump is no gap any more: nanoseconds of a day.
    static let longest: UInt64 = 86400 * 1_000_000_000
    /// How long a guest may take to write Compare, and how long it runs between two looks, in nanoseconds.
    static let patience: UInt64 = 2_000_000_000
    static let look: UInt64 = 1_000_000
    /// How long it runs after it wrote, in nanoseconds.
    static let rest: UInt64 = 20_000_000

    /// Three eighths of the time in which Count goes round.
    static func length(hz: UInt32) -> UInt64 { (3 << 29) * 1_000_000_000 / UInt64(max(1, hz)) }
}

extension Session {
    /// The policy to resume by: the one that was asked for, or the first stride of it.
    func begin(_ policy: ClockPolicy) throws(MonitorError) -> ClockPolicy {
        strides.left = 0
        if policy == .freeze { return policy }
        let visible = try vm.visible(policy)
        let stride = Strides.length(hz: try vm.countRate())
        // Up to three quarters of a turn a guest sees at once.
        if visible <= 2 * stride { return policy }
        if visible > Strides.longest {
            remark(.goesRound(nanoseconds: visible))
            return policy
        }
        strides = Strides(left: visible - stride, length: stride)
        if case .at = policy { return .at(realtimeNanoseconds: vm.guestRealtime + Int64(stride)) }
        return .catchUpMax(nanoseconds: stride)
    }

    /// Lets the guest see the stride before, and shows it the next. Returns what ends the session.
    func stride() throws(MonitorError) -> Stop? {
        let end = vm.system.monotonic + patience
        let compare = try vm.timerView().compare
        var hasSeen = false
        var look = Strides.look
        while true {
            // Requests wait: it is a matter of seconds at most.
            let stop = try vm.run(until: vm.system.monotonic + look)
            if stop != .deadline, stop != .attention {
                if let stop = try see(to: stop) { return stop }
            }
            if hasSeen || vm.system.monotonic >= end { break }
            hasSeen = try vm.timerView().compare != compare
            // What the guest does after it wrote: threads that watch over it have to get their turn.
            if hasSeen { look = Strides.rest }
        }
        let next = hasSeen ? min(strides.left, strides.length) : strides.left
        let frozen = try vm.pause()
        if let timer = frozen.timers.first { trace?.freeze(at: frozen.reference, TimerView(timer)) }
        let entry = try vm.resume(.at(realtimeNanoseconds: vm.guestRealtime + Int64(next)), cause: .pause)
        if let trace { trace.thaw(entry, try vm.timerView()) }
        strides.left -= next
        if strides.left == 0 { try attend() }
        return nil
    }
}
