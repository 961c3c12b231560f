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
        for slot in attachments.indices {
            attachments[slot].pump()
            inspect(slot)
        }
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

    /// Tells what went wrong with a device since the last look, once.
    private func inspect(_ slot: Int) {
        guard !isUnverified else { return }
        let attachment = attachments[slot]
        if let line = attachment.takeComplaint() { onTrouble?(deviceName(slot), line) }
        let failure = attachment.function.core.failure
        // A driver that resets it may make it fail anew.
        guard failure != nil else { return failed.remove(slot) }
        if let failure, failed.insert(slot) {
            onTrouble?(deviceName(slot), text([attachment.title, ": ", failure.description]))
        }
    }
}

/// Slots of a board, as bits.
struct SlotSet {
    private var bits: UInt32 = 0

    /// False if it was there already.
    mutating func insert(_ slot: Int) -> Bool {
        defer { bits |= 1 << UInt32(slot) }
        return bits >> UInt32(slot) & 1 == 0
    }

    mutating func remove(_ slot: Int) { bits &= ~(1 << UInt32(slot)) }
}

/// A device of a machine, for whoever asks.
public struct DeviceView: Equatable, Sendable {
    /// Unique in the machine: `disk0`.
    public var name: String
    /// What it is: `virtio-blk`.
    public var model: String
    /// Why it failed; nil for a device that works.
    public var failure: String?
}

extension VirtualMachine {
    /// What the board has: first what every board has, then the virtio devices by slot.
    public var devices: [DeviceView] {
        var views = [
            DeviceView(name: "uart0", model: "ns16550a", failure: nil),
            DeviceView(name: "rtc0", model: "goldfish-rtc", failure: nil),
        ]
        for slot in attachments.indices {
            views.append(
                DeviceView(
                    name: deviceName(slot), model: attachments[slot].kind.model.description,
                    failure: isUnverified ? nil : attachments[slot].function.core.failure?.description))
        }
        return views
    }

    private func deviceName(_ slot: Int) -> String {
        let kind = attachments[slot].kind
        var number = 0
        for other in attachments[..<slot] where other.kind == kind { number += 1 }
        return text([kind.stem.description, String(number)])
    }
}

/// The parts one behind the other: each `+` of strings is more code.
@inline(never)
func text(_ parts: [String]) -> String {
    var bytes: [UInt8] = []
    for part in parts { bytes.append(contentsOf: part.utf8) }
    return String(decoding: bytes, as: UTF8.self)
}
