// R28-R31: eventfds, the coalesced ring, signals (reference 6.2, 6.6).

import Host
import Hypervisor

extension Bench {
    /// After a store to 0xB4000000 that the kernel takes itself: TE reports it as well, VZ does not.
    private func checkStoreTaken(_ guest: Guest) throws(Verdict) {
        if isTE { try guest.runToAccess(0x1400_0000, 4, write: true) }
        try guest.runToEnd()
    }

    func r28() throws(Verdict) {
        let guest = try deviceGuest([Asm.sw(.t0, 0, .t9)])
        let descriptor: FileDescriptor
        do throws(Errno) {
            descriptor = try FileDescriptor.eventfd()
        } catch {
            throw .host("an eventfd", error)
        }
        // struct kvm_ioeventfd: datamatch, addr, len, fd, flags.
        let event = RawBytes(64)
        event[u64: 8] = 0x1400_0000
        event[u32: 16] = 4
        event[u32: 20] = UInt32(bitPattern: descriptor.raw)
        func assign(_ flags: UInt32, _ what: String) throws(Verdict) {
            event[u32: 24] = flags
            try checkOK(what) { () throws(HypervisorError) in
                try event.with { (address) throws(HypervisorError) in try guest.machine.ioctl(.ioEventFD, address) }
            }
        }
        try assign(0, "IOEVENTFD")
        try checkStoreTaken(guest)
        let count: UInt64
        do throws(Errno) {
            count = try descriptor.drainEvent()
        } catch {
            throw .host("reading an eventfd", error)
        }
        try check("count of the eventfd", count, 1)
        try assign(4, "IOEVENTFD deassign")
    }

    func r29() throws(Verdict) {
        let guest = try deviceGuest([Asm.sw(.t0, 0, .t9)])
        // struct kvm_coalesced_mmio_zone: addr, size.
        let zone = RawBytes(16)
        zone[u64: 0] = 0x1400_0000
        zone[u32: 8] = 16
        try checkOK("REGISTER_COALESCED_MMIO") { () throws(HypervisorError) in
            try zone.with { (address) throws(HypervisorError) in
                try guest.machine.ioctl(.registerCoalescedMMIO, address)
            }
        }
        try check("last of the ring", guest.vcpu.runArea.coalescedLast, 0)
        try checkStoreTaken(guest)
        try check("last of the ring", guest.vcpu.runArea.coalescedLast, 1)
    }

    func r30() throws(Verdict) {
        let guest = try guest()
        guest.load(Asm.spin)
        guest.vcpu.runArea.exitReason = 1234
        try guest.withPendingSignal { () throws(Verdict) in
            try guest.runExpectingInterruption()
            let pending = Signals.pending() & Signals.mask(Signals.alarm)
            try check("SIGALRM still pending", pending != 0, "it gone")
        }
        try check("exit_reason", guest.vcpu.runArea.exitReason, ExitReason.interrupted)
    }

    func r31() throws(Verdict) {
        let guest = try guest()
        guest.load(Asm.spin)
        guest.vcpu.runArea.exitReason = 1234
        let first = Shared()
        let companion = try Companion.alarming(after: ms(400), first: first)
        let stop = try guest.run()
        let end = Clock.monotonic()
        companion.stop()
        if stop != .interrupted { throw .expected("the loop to end with", "EINTR", stop.description) }
        try check("the loop to last until the signal", first.value != 0 && end >= first.value, "an earlier end")
        try check("exit_reason", guest.vcpu.runArea.exitReason, ExitReason.interrupted)
    }
}
