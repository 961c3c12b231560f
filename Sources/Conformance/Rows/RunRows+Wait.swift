// R24-R27: WAIT (reference 6.3).

import Host
import Hypervisor

extension Bench {
    /// A guest in WAIT. With its timer frozen only what the check does wakes it, on any clock.
    private func waitingGuest(frozen: Bool) throws(Verdict) -> Guest {
        let guest = try timerGuest()
        guest.load([Asm.wait])
        if frozen { try guest.freeze() }
        return guest
    }

    /// After WAIT was woken by an interrupt: TE leaves the guest with PC behind WAIT, VZ goes on in it.
    private func checkWoken(_ guest: Guest, _ stop: Stop) throws(Verdict) {
        let want: Stop = isTE ? .exit(.interruptWindowOpen) : .done
        if stop != want { throw .expected("WAIT to end with", want.description, stop.description) }
        guard isTE else { return }
        try check("exit_reason", guest.vcpu.runArea.exitReason, ExitReason.interruptWindowOpen)
        try guest.expectPC(guest.window + GuestMap.code + 4)
        try guest.runToEnd()
    }

    func r24() throws(Verdict) {
        let guest = try waitingGuest(frozen: true)
        guest.vcpu.runArea.exitReason = 1234
        let first = Shared()
        let companion = try Companion.alarming(after: ms(100), first: first)
        let start = Clock.monotonic()
        let stop = try guest.run(alarm: false)
        let end = Clock.monotonic()
        companion.stop()
        if stop != .interrupted { throw .expected("WAIT to end with", "EINTR", stop.description) }
        try check("WAIT to last until the signal", end >= first.value, "\((end - start) / 1000) us")
        try check("exit_reason", guest.vcpu.runArea.exitReason, ExitReason.interrupted)
        try guest.expectPC(guest.window + GuestMap.code + 4)
    }

    func r25() throws(Verdict) {
        let guest = try waitingGuest(frozen: false)
        let before = now()
        try guest.set(.compare, UInt64(guest.count() &+ 5_000_000))
        let stop = try guest.run()
        let end = now()
        try check("WAIT of 50 ms", end + 10 >= before + ms(50), "\((end - before) / 1000) us")
        if isTE { try guest.expectCause(Guest.timerInterrupt) }
        try checkWoken(guest, stop)
        try guest.expectTI(true, "after WAIT")
    }

    func r26() throws(Verdict) {
        do {
            let guest = try waitingGuest(frozen: true)
            let vcpu = guest.vcpu
            let raised = Shared()
            let companion = try Companion { stopping in
                Companion.pause(ms(100), stopping)
                raised.value = Clock.monotonic()
                // A failure shows as a WAIT that never ends.
                try? vcpu.interrupt(2)
            }
            // If the interrupt does not end it, a signal does.
            let rescue = try Companion.alarming(after: 5_000_000_000)
            let stop = try guest.run(alarm: false)
            let end = Clock.monotonic()
            companion.stop()
            rescue.stop()
            try check("WAIT to last until the interrupt", raised.value != 0 && end >= raised.value, "an earlier end")
            try checkWoken(guest, stop)
        }
        let guest = try waitingGuest(frozen: true)
        let vcpu = guest.vcpu
        let companion = try Companion { stopping in
            Companion.pause(ms(50), stopping)
            // Ends nothing, and must not.
            try? vcpu.interrupt(-2)
        }
        let first = Shared()
        let alarm = try Companion.alarming(after: ms(300), first: first)
        let stop = try guest.run(alarm: false)
        let end = Clock.monotonic()
        companion.stop()
        alarm.stop()
        if stop != .interrupted || first.value == 0 || end < first.value {
            throw .expected("line -2 to leave WAIT asleep until", "a signal", stop.description)
        }
    }

    func r27() throws(Verdict) {
        for line: Int32 in isTE ? [2, 6] : [2] {
            let guest = try waitingGuest(frozen: false)
            try guest.interrupt(line)
            try fallsThrough(guest, "line \(line) queued")
        }
        let guest = try waitingGuest(frozen: false)
        try guest.set(.cause, UInt64(Guest.timerInterrupt))
        try fallsThrough(guest, "Cause.TI set")
    }

    private func fallsThrough(_ guest: Guest, _ what: String) throws(Verdict) {
        let stop = try guest.run()
        if stop != .done { throw .expected("WAIT with \(what) to go on to", "the end", stop.description) }
    }
}
