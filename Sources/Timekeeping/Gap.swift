// How long a guest stood, and how much of it a policy shows.

import Host
import Hypervisor

/// A gap as a policy sees it.
struct Gap: Equatable {
    /// Nanoseconds since `Frozen.reference`; negative only by the wall clock.
    var length: Int64
    /// Measured on the clock of R, to the nanosecond.
    var sameClock: Bool
    /// The policy took a negative gap as none.
    var clamped = false

    /// Measures it at `now`: on the clock of R if this is that clock, else by the wall clock.
    ///
    /// A virtual clock that stands before R does not continue the one of R, whatever it is called.
    /// - Parameter domain: which clock `now` was read on; nil in the process of the freeze.
    init(_ frozen: Frozen, now: ClockReading, domain: TimeDomain?) throws(TimekeepingError) {
        let reference = frozen.reference
        guard frozen.instant.inRange, now.monotonic < TimerState.latest, now.realtime.magnitude < TimerState.latest,
            reference < TimerState.latest
        else { throw .outOfRange }
        if let domain {
            sameClock = frozen.instant.sameClock(as: domain) && now.monotonic >= reference
        } else {
            guard now.monotonic >= reference else { throw .outOfRange }
            sameClock = true
        }
        if sameClock {
            length = Int64(now.monotonic - reference)
        } else {
            let (difference, overflow) = now.realtime.subtractingReportingOverflow(frozen.realtime)
            guard !overflow, difference.magnitude < TimerState.latest else { throw .outOfRange }
            length = difference
        }
    }

    /// What the guest is to see of it, below 2^62.
    ///
    /// - Parameter hidden: what earlier policies hid, in nanoseconds: the guest's wall clock is behind the host's by that.
    mutating func visible(
        _ policy: ClockPolicy, _ frozen: Frozen, hidden: Int64, now: ClockReading, clamp: Bool
    ) throws(TimekeepingError) -> UInt64 {
        let most: UInt64
        switch policy {
        case .freeze: return 0
        case .at(let realtime):
            let (stood, isOdd) = frozen.realtime.subtractingReportingOverflow(hidden)
            if isOdd { throw .outOfRange }
            let (ahead, overflow) = realtime.subtractingReportingOverflow(stood)
            guard overflow || ahead >= 0 else { throw .wouldRunBackwards(frozen: stood, requested: realtime) }
            guard !overflow, UInt64(ahead) < TimerState.latest else {
                if realtime < 0 { throw .wouldRunBackwards(frozen: stood, requested: realtime) }
                throw .outOfRange
            }
            return UInt64(ahead)
        case .catchUp: most = .max
        case .catchUpMax(let nanoseconds): most = nanoseconds
        }
        guard length < 0 else { return min(UInt64(length), most) }
        guard clamp else { throw .wallClockBehind(frozen: frozen.realtime, now: now.realtime) }
        clamped = true
        return 0
    }
}
