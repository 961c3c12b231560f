// Guests that count their timer interrupts, and timers that move from one guest to another, for the rows about the claims.

import Host
import Hypervisor
import Timekeeping

extension Guest {
    /// Cause.TI alone.
    static var ti: UInt32 { 0x4000_0000 }

    /// Interrupts on: IE, the timer's mask bit, and the one that counts on TE-5.10 (reference 6.4).
    private static var enabled: UInt64 { 0x8101 }

    /// A guest that sleeps, and at a timer interrupt acknowledges it, adds one to s0 and reports. No interrupt is enabled yet.
    @inline(never)
    static func counting(_ bench: Bench) throws(Verdict) -> Guest {
        let guest = try bench.timerGuest()
        guest.store([Asm.wait, Asm.branch(-2), Asm.nop], at: GuestMap.code)
        // Compare written with its own value: acknowledged, and due again only after a full turn of Count.
        guest.store(
            [
                Asm.mfc0(.k1, .cause), Asm.mfc0(.k0, .compare), Asm.mtc0(.k0, .compare), Asm.ehb,
                Asm.addiu(.s0, .s0, 1), Asm.lui(.k0, GuestMap.device >> 16),
                Asm.sw(.k1, GuestMap.handler + 0x180, .k0), Asm.eret, Asm.nop,
            ], at: 0x180)
        try guest.setReg(.s0, 0)
        return guest
    }

    /// Enables its interrupts. From here on Cause is the guest's to read: looking at it on VZ would take an interrupt.
    @inline(never)
    func listen() throws(Verdict) { try set(.status, Self.enabled) }

    /// Runs for so long: the guest takes as many interrupts as expected, `total` of them since its beginning.
    @inline(never)
    func expectInterrupts(_ want: Int, within nanoseconds: UInt64, total: UInt32, _ when: String) throws(Verdict) {
        var taken = 0
        bench.system.setAlarm(bench.now() + nanoseconds)
        defer { bench.system.setAlarm(nil) }
        while true {
            let stop = try run(alarm: false)
            if stop == .interrupted { break }
            if stop.vector == 0x180 {
                taken += 1
            } else if stop != .exit(.interruptWindowOpen) {
                // After WAIT: run again.
                throw .expected("a sleeping guest", "to take interrupts", stop.description)
            }
        }
        try check("interrupts " + when, taken, want)
        try expect(.s0, total)
    }

    /// Compare := Count + so many ticks. Returns Compare.
    @discardableResult
    @inline(never)
    func setCompare(in ticks: UInt32) throws(Verdict) -> UInt32 {
        let compare = try count() &+ ticks
        try set(.compare, UInt64(compare))
        return compare
    }

    /// Whether Count has passed Compare.
    static func hasPassed(_ count: UInt32, _ compare: UInt32) -> Bool { Int32(bitPattern: count &- compare) >= 0 }

    /// The timer as it is found now, to be restored later. Cause.DC is not in it: who saves with it takes it back.
    @inline(never)
    func picture() throws(Verdict) -> Frozen {
        let cause = try cause()
        let timer = TimerState(
            count: try count(), compare: UInt32(truncatingIfNeeded: try get(.compare)),
            cause: cause & ~TimerState.causeDC, hz: UInt32(Guest.hz), resume: try get(.countResume))
        return Frozen(
            timers: [timer], instant: FreezeInstant(reading: bench.system.clock(), domain: bench.system.timeDomain))
    }

    /// A counting guest in a new machine with a saved timer. Its timer runs.
    @inline(never)
    static func restored(_ bench: Bench, _ frozen: Frozen) throws(Verdict) -> Guest {
        let guest = try counting(bench)
        do throws(TimekeepingError) {
            var keeper = Timekeeper(bench.system)
            let restoration = try keeper.beginRestore([guest.vcpu], frozen)
            try keeper.finishRestore([guest.vcpu], restoration)
            try keeper.release([guest.vcpu], restoration, .freeze)
        } catch {
            throw .expected("a restore", "to succeed", error.description)
        }
        return guest
    }

    /// TI comes when `due` ns have been reached on the clock of COUNT_RESUME, and not before; a kernel's own timer may be a little
    /// late.
    @inline(never)
    func expectTI(at due: UInt64) throws(Verdict) {
        if bench.now() + ms(5) < due { bench.system.sleep(until: due - ms(5)) }
        let early = try cause()
        let at = bench.now()
        if at < due, early & Self.ti != 0 {
            throw .expected("TI at clock", hex(due), "it at \(hex(at)) or before")
        }
        bench.system.sleep(until: due + ms(1))
        try expectTI(true, "1 ms after its time")
    }
}
