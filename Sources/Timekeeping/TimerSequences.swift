// Two ways of using the master disable on the kernel itself (reference 5.4). Both expect COUNT_CTL = 1 and Cause.DC =
// 0, leave COUNT_CTL = 1, and leave COUNT_RESUME and Count to be written again.

import Host
import Hypervisor

/// How far before Compare a re-arm lets the timer run, in ticks. A turn is 2^32 of them, and a thaw trusts an expiry
/// less than a quarter turn ahead.
enum RearmDistance {
    /// 0.44 of a turn: not to be trusted, for the next 0.19.
    static let far: UInt32 = 0x7000_0000
    /// An eighth of a turn: to be trusted from now on.
    static let near: UInt32 = 0x2000_0000
}

extension Timekeeper {
    /// Makes the kernel forget an old expiry: the timer runs for a moment `distance` before Compare, which sets the
    /// expiry that far ahead.
    ///
    /// - Returns: when, on the system's clock.
    func rearm(_ vcpu: VCPU, compare: UInt32, distance: UInt32) throws(TimekeepingError) -> UInt64 {
        let now = system.monotonic
        try vcpu.write(.countResume, now)
        try vcpu.write(.count, UInt64(compare &- distance))
        try vcpu.write(.countControl, 0)
        try vcpu.write(.countControl, 1)
        return now
    }

    /// Queues a timer interrupt. TE keeps a queue apart from Cause.TI, and no register leads to it (defect Q2): only
    /// Count passing Compare does. So the timer is told that it stood one tick before Compare at instant 0, and thawed:
    /// the tick is long over. Writes Compare.
    func pulse(_ vcpu: VCPU, compare: UInt32, grid: TickGrid) throws(TimekeepingError) {
        // Only a clock that has just begun has not seen a tick.
        if system.monotonic < grid.tickLength { system.sleep(until: grid.tickLength) }
        try vcpu.write(.compare, UInt64(compare))
        try vcpu.write(.countResume, 0)
        try vcpu.write(.count, UInt64(compare &- 1))
        try vcpu.write(.countControl, 0)
        try vcpu.write(.countControl, 1)
    }
}
