// What time it is for the guest.
//
// A freeze stops the guest's time at COUNT_RESUME, and it goes on at what COUNT_RESUME is afterwards: the same instant of the guest's
// own time. That is all one has to know to follow it over pauses, saves and hosts.

import Control
import Host
import Hypervisor
import Timekeeping
import Timeline

/// The guest's time beside the host's. An object, because the board's RTC asks for it too.
final class GuestClock {
    /// Nanoseconds hidden from the guest so far, over all freezes: its wall clock is the host's minus these.
    var hidden: Int64 = 0
    /// The instant of the monotonic clock at which the guest's time was 0; before that clock's beginning for a guest that came
    /// from another host.
    private var origin: Int64 = 0

    func begin(at monotonic: UInt64, elapsed: UInt64) { origin = Int64(bitPattern: monotonic &- elapsed) }

    /// Nanoseconds the guest has run at an instant at which it did.
    func elapsed(at monotonic: UInt64) -> UInt64 { UInt64(max(0, Int64(bitPattern: monotonic) &- origin)) }
}

extension VirtualMachine {
    /// What the guest's wall clock shows now, if it keeps to the RTC: nanoseconds since 1970 UTC. While it stands still: what it showed
    /// then.
    public var guestRealtime: Int64 {
        if let frozen { return frozen.realtime &- guestClock.hidden }
        return system.clock().realtime &- guestClock.hidden
    }

    /// Nanoseconds the guest has run, by its own time.
    public var guestUptime: UInt64 { guestClock.elapsed(at: frozen?.reference ?? system.monotonic) }

    /// The guest's time beside the host's. While the guest runs the registers are read some microseconds after the clock.
    func clockView() throws(MonitorError) -> ControlClock {
        let now = system.clock()
        let view = try timerView()
        return ControlClock(
            guestMonotonic: guestClock.elapsed(at: frozen?.reference ?? now.monotonic),
            guestRealtime: (frozen?.realtime ?? now.realtime) &- guestClock.hidden, hostRealtime: now.realtime,
            count: view.count, compare: view.compare, hz: try countRate(), isFrozen: frozen != nil)
    }

    /// After the guest's time went on.
    func continueGuestClock(from pause: Pause) throws(MonitorError) {
        let elapsed = guestClock.elapsed(at: pause.frozen.reference)
        let resumed = try doing(.registers) { () throws(HypervisorError) in try vcpu.register(.countResume) }
        guestClock.begin(at: resumed, elapsed: elapsed)
        guestClock.hidden = ledger.total.hidden
        if case .restored = pause { try beginHealthWatch() }
    }
}
