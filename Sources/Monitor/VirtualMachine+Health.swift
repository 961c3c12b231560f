// Watching a restored guest.

import Hypervisor
import Timekeeping

extension VirtualMachine {
    /// Begins to watch; right after a restored guest's time went on.
    func beginHealthWatch() throws(MonitorError) {
        let look = try lookAtTimer()
        let hz = try doing(.registers) { () throws(HypervisorError) in try vcpu.register(.countHz) }
        health = RestoreHealth(
            look, hz: UInt32(truncatingIfNeeded: hz), now: system.monotonic, isDefective: profile.kind == .te510)
    }

    /// Looks at the guest if it is time, and tells the verdict once there is one.
    func examineHealth() throws(MonitorError) {
        guard var health, let next = health.next, system.monotonic >= next else { return }
        guard !isUnverified else {
            health.postpone(at: system.monotonic)
            self.health = health
            return
        }
        health.examine(try lookAtTimer(), at: system.monotonic)
        self.health = health
        if health.verdict != .waiting { onHealth?(health.verdict) }
    }

    private func lookAtTimer() throws(MonitorError) -> RestoreHealth.Look {
        try doing(.registers) { () throws(HypervisorError) in
            RestoreHealth.Look(
                count: UInt32(truncatingIfNeeded: try vcpu.register(.count)),
                compare: UInt32(truncatingIfNeeded: try vcpu.register(.compare)),
                cause: UInt32(truncatingIfNeeded: try vcpu.register(.cause)),
                status: UInt32(truncatingIfNeeded: try vcpu.register(.status)))
        }
    }
}
