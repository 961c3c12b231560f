// The virtio devices and the RTC of a running machine.

import Devices
import Host
import HostIO
import Hypervisor
import Machine

extension VirtualMachine {
    /// Puts the devices on the board and starts their workers.
    func connect(_ gate: Gate?) throws(MonitorError) {
        let (system, guestClock, runner, flags) = (self.system, self.guestClock, self.runner, self.flags)
        board.realtime = { UInt64(clamping: system.clock().realtime &- guestClock.hidden) }
        let workersMemory = MemoryForWorkers(memory)
        for attachment in attachments {
            board.attach(attachment.function)
            try attachment.start(workersMemory, gate) {
                flags.set(Flags.devices)
                runner.kick()
            }
        }
    }

    /// Carries over what waits between devices and their workers. On a virtual clock the guest stands until its request is done: how long
    /// the host takes must not show.
    func pumpDevices() {
        for attachment in attachments { attachment.pump() }
        if system.timeDomain.kind == .virtual { quiesceDevices() }
    }

    /// Brings everything that is under way to its end.
    func quiesceDevices() {
        for attachment in attachments {
            attachment.pump()
            while !attachment.function.isQuiet {
                attachment.drain()
                attachment.pump()
            }
        }
    }

    /// The next instant at which `run` has to look up: its deadline, a look at a restored guest, or the RTC's alarm.
    func setAlarm() {
        var alarm = deadline
        if let look = health?.next { alarm = min(alarm ?? .max, look) }
        if let ring = board.nextAlarm {
            let now = system.clock()
            let guestNow = UInt64(clamping: now.realtime &- guestClock.hidden)
            let (instant, overflow) = now.monotonic.addingReportingOverflow(ring > guestNow ? ring - guestNow : 0)
            if !overflow { alarm = min(alarm ?? .max, instant) }
        }
        system.setAlarm(alarm)
    }

    /// What went wrong with devices since the last call, a line each.
    public func takeComplaints() -> [String] {
        var lines: [String] = []
        for attachment in attachments {
            if let line = attachment.takeComplaint() { lines.append(line) }
            if let failure = attachment.function.core.failure {
                lines.append(attachment.title + ": " + failure.description)
            }
        }
        return lines
    }
}
