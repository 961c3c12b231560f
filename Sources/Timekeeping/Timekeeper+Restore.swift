// The restore: saved timers in new vCPUs.
//
// The order is that of reference 5.2. Between the two halves the caller restores everything else, because Config and
// Status decide which other registers exist. COUNT_RESUME and Count are written once so that the frozen guest can be
// looked at, and for good when it is released: R' means an instant, and only then is it known which.

import Hypervisor

/// A restore under way. The vCPUs stand still, for as long as you like.
public struct Restoration: Sendable {
    /// What is being restored; also what to save if the guest is saved again before its release.
    public let frozen: Frozen
    /// When each vCPU's soft timer was going to fire.
    let expiries: [UInt64]
}

extension Timekeeper {
    /// First half: COUNT_HZ while the timer still runs, so that its expiry is one of the new rate (defect Q1), then
    /// COUNT_CTL := 1.
    ///
    /// - Parameter vcpus: new ones, as many as were frozen. A new vCPU's timer goes off a turn of Count after its
    ///   creation (43 s at 100 MHz), which cannot be undone; be here before that.
    /// - Throws: `wrongVCPUs`, `notFresh`, `call`.
    public mutating func beginRestore(_ vcpus: [VCPU], _ frozen: Frozen) throws(TimekeepingError) -> Restoration {
        guard vcpus.count == frozen.timers.count else {
            throw .wrongVCPUs(have: vcpus.count, need: frozen.timers.count)
        }
        var expiries: [UInt64] = []
        for (vcpu, timer) in zip(vcpus, frozen.timers) {
            try vcpu.write(.countHz, UInt64(timer.hz))
            try vcpu.write(.countControl, 1)
            let found = try vcpu.timer(masterDisabled: true, carry: 0)
            // On VZ one that is still queued does not show.
            guard !found.interruptPending else { throw .notFresh(vcpu: vcpu.id) }
            expiries.append(found.resume + found.grid.delay(from: found.count, to: found.compare))
        }
        return Restoration(frozen: frozen, expiries: expiries)
    }

    /// Second half, after the caller's registers: Compare; Cause with DC and TI; Count. On TE a pending interrupt is
    /// queued first, which Cause alone cannot do (defect Q2). Nothing moves yet, and the frozen values can be read.
    ///
    /// - Throws: `wrongVCPUs`, `call`.
    public func finishRestore(_ vcpus: [VCPU], _ restoration: Restoration) throws(TimekeepingError) {
        let timers = restoration.frozen.timers
        guard vcpus.count == timers.count else { throw .wrongVCPUs(have: vcpus.count, need: timers.count) }
        for (vcpu, timer) in zip(vcpus, timers) {
            if system.profile.isTE, timer.interruptPending {
                // The pulse needs the guest's own switch off; the saved Cause sets it again.
                let cause = try vcpu.read(.cause)
                if cause & UInt64(TimerState.causeDC) != 0 {
                    try vcpu.write(.cause, cause & ~UInt64(TimerState.causeDC))
                }
                try pulse(vcpu, compare: timer.compare, grid: timer.grid)
            }
            // Compare before Cause: on VZ a write of Compare can disturb TI.
            try vcpu.write(.compare, UInt64(timer.compare))
            try vcpu.write(.cause, UInt64(timer.cause))
            try vcpu.write(.count, UInt64(timer.count))
        }
    }

    /// Lets the restored guest go on: R' by the policy, COUNT_RESUME, Count, and COUNT_CTL := 0 last. Call it right
    /// before the first run, after device interrupts have been asserted again.
    ///
    /// The gap is measured on the clock of R if this is that clock, to the nanosecond; otherwise by the wall clocks of
    /// the two hosts.
    ///
    /// - Throws: `wrongVCPUs`, `wouldRunBackwards`, `wallClockBehind`, `outOfRange`: the guest is still frozen, another
    ///   policy may do. `call`, `stalled`: begin again with new vCPUs.
    @discardableResult
    public mutating func release(
        _ vcpus: [VCPU], _ restoration: Restoration, _ policy: ClockPolicy, cause: LedgerEntry.Cause? = nil
    ) throws(TimekeepingError) -> LedgerEntry {
        let timers = restoration.frozen.timers
        guard vcpus.count == timers.count else { throw .wrongVCPUs(have: vcpus.count, need: timers.count) }
        return try resume(vcpus, restoration.frozen, policy, expiries: restoration.expiries, fresh: true, cause: cause)
    }
}
