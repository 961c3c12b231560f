// The thaw: the vCPUs that were frozen go on.

import Host
import Hypervisor

extension Timekeeper {
    /// Lets the vCPUs of a freeze go on, and enters it in the ledger.
    ///
    /// With `catchUp`, and on a virtual clock that stood still, COUNT_CTL := 0 is all that happens, and the kernel
    /// raises what fell due. Otherwise R' is chosen (see ResumePlan), old expiries are made harmless where they could
    /// matter (defect Q1), COUNT_RESUME and then Count are written, and COUNT_CTL := 0 follows on all vCPUs, as close
    /// together as possible. A vCPU whose guest has stopped Count by Cause.DC only gets COUNT_CTL := 0, which then does
    /// nothing else. A master disable that was set before the freeze stays set.
    ///
    /// - Parameters:
    ///   - vcpus: those of the freeze, in the same order, not run or written to since.
    ///   - cause: what the ledger says.
    /// - Throws: `wrongVCPUs`, `wouldRunBackwards`, `outOfRange`: nothing has changed and the guest is still frozen.
    ///   `call`, `stalled`: timers may have been written; restore `frozen` into new vCPUs.
    @discardableResult
    public mutating func thaw(
        _ vcpus: [VCPU], _ frozen: Frozen, _ policy: ClockPolicy, cause: LedgerEntry.Cause = .pause
    ) throws(TimekeepingError) -> LedgerEntry {
        guard vcpus.count == frozen.timers.count else {
            throw .wrongVCPUs(have: vcpus.count, need: frozen.timers.count)
        }
        if policy == .catchUp { return try goOn(vcpus, frozen, cause) }
        // The same process: its clock is the clock of R.
        var expiries: [UInt64] = []
        for timer in frozen.timers {
            expiries.append(timer.resume + timer.grid.delay(from: timer.count, to: timer.compare))
        }
        return try resume(vcpus, frozen, policy, expiries: expiries, fresh: false, cause: cause)
    }

    /// The thaw that hides nothing: every timer stays as it is, and only the switch and the books remain. The same as `resume` finds,
    /// without looking.
    @inline(__always)
    private mutating func goOn(
        _ vcpus: [VCPU], _ frozen: Frozen, _ cause: LedgerEntry.Cause
    ) throws(TimekeepingError) -> LedgerEntry {
        let now = system.monotonic
        let reference = frozen.reference
        guard frozen.instant.inRange, now < TimerState.latest, reference <= now, now - reference < TimerState.latest / 2
        else { throw .outOfRange }
        try start(vcpus, frozen)
        for index in frozen.timers.indices { carries[index] = frozen.timers[index].carry }
        let entry = LedgerEntry(
            frozenRealtime: frozen.instant.realtime(at: reference), frozenAt: reference,
            gap: Int64(bitPattern: now - reference),
            hidden: 0, cause: cause, policy: .catchUp, carry: carries.first ?? 0)
        ledger.append(entry)
        return entry
    }

    /// COUNT_CTL := 0 wherever this keeper set it. Afterwards there are as many carries as vCPUs.
    private mutating func start(_ vcpus: [VCPU], _ frozen: Frozen) throws(TimekeepingError) {
        try vcpus.each { (index, vcpu) throws(TimekeepingError) in
            if !frozen.timers[index].masterDisabled { try vcpu.write(.countControl, 0) }
        }
        stoppedBefore = nil
        if carries.count != vcpus.count { carries = [UInt32](repeating: 0, count: vcpus.count) }
    }

    /// Nanoseconds of the gap that a policy would show if the guest went on now; nothing changes.
    ///
    /// - Parameter restored: as for `release`: the gap may have begun on another host's clock.
    /// - Throws: what `thaw` and `release` would throw for the policy.
    public func visible(
        _ frozen: Frozen, _ policy: ClockPolicy, restored: Bool
    ) throws(TimekeepingError) -> UInt64 {
        let now = system.clock()
        var gap = try Gap(frozen, now: now, domain: restored ? system.timeDomain : nil)
        return try gap.visible(policy, frozen, hidden: ledger.total.hidden, now: now, clamp: clampsNegativeGaps)
    }

    /// What thaw and release share.
    /// - Parameters:
    ///   - expiries: when each soft timer was going to fire when it was last stopped.
    ///   - fresh: the vCPUs are new; everything has to be written, and a pending interrupt is already queued.
    ///   - cause: nil to tell restore and migration apart.
    mutating func resume(
        _ vcpus: [VCPU], _ frozen: Frozen, _ policy: ClockPolicy, expiries: [UInt64], fresh: Bool,
        cause: LedgerEntry.Cause?
    ) throws(TimekeepingError) -> LedgerEntry {
        let now = system.clock()
        var gap = try Gap(frozen, now: now, domain: fresh ? system.timeDomain : nil)
        var hidden: Int64 = 0
        // The sum is over all entries, and only this policy asks for it.
        if case .at = policy { hidden = ledger.total.hidden }
        let visible = try gap.visible(policy, frozen, hidden: hidden, now: now, clamp: clampsNegativeGaps)
        guard gap.length.magnitude + visible < TimerState.latest else { throw .outOfRange }
        let plan = ResumePlan(
            frozen.timers, reference: frozen.reference, now: now.monotonic, visible: visible, sameClock: gap.sameClock)
        if fresh || !plan.unchanged {
            wait(until: plan.ready)
            try write(plan, vcpus, frozen.timers, expiries: expiries, fresh: fresh)
        }
        try start(vcpus, frozen)
        for index in plan.timers.indices { carries[index] = plan.timers[index].carry }
        let length = gap.length + Int64(plan.ready - now.monotonic)
        let entry = LedgerEntry(
            frozenRealtime: frozen.realtime, frozenAt: frozen.reference, gap: length,
            hidden: length - (Int64(plan.ready) - plan.continuation),
            cause: cause ?? (gap.sameClock ? .restore : .migration),
            policy: policy, carry: carries.first ?? 0, clamped: gap.clamped)
        ledger.append(entry)
        return entry
    }

    /// Waits for the phase: usually a few nanoseconds, less than it takes to fall asleep.
    private func wait(until instant: UInt64) {
        if system.timeDomain.kind == .host {
            for _ in 0..<64 where system.monotonic >= instant { return }
        }
        if system.monotonic < instant { system.sleep(until: instant) }
    }

    /// Writes COUNT_RESUME and Count, and whatever has to come before.
    private func write(
        _ plan: ResumePlan, _ vcpus: [VCPU], _ timers: [TimerState], expiries: [UInt64], fresh: Bool
    ) throws(TimekeepingError) {
        // An interrupt that is pending and queued cannot become more so; in a fresh vCPU it is queued.
        var doubtful: [(index: Int, distance: UInt32)] = []
        for index in timers.indices where timers[index].runs {
            let timer = plan.timers[index]
            if timer.raisesInterrupt { try raise(vcpus[index], timers[index]) }
            // What is queued already cannot become more so, nor be lost.
            if timer.raisesInterrupt || fresh && timers[index].interruptPending { continue }
            if let distance = misleading(expiries[index], timer, timers[index], at: plan.ready) {
                doubtful.append((index, distance))
            }
        }
        // Far from Compare a re-arm holds for an eighth of a turn, half a second at the fastest rate. Someone may have
        // stopped this process meanwhile.
        for _ in 0..<4 {
            var since: UInt64 = .max
            var room: UInt64 = .max
            for (index, distance) in doubtful {
                let instant = try rearm(vcpus[index], compare: timers[index].compare, distance: distance)
                guard distance == RearmDistance.far else { continue }
                since = min(since, instant)
                room = min(room, timers[index].grid.period / 8)
            }
            for index in timers.indices where timers[index].runs || fresh {
                try vcpus[index].write(.countResume, plan.timers[index].resume)
                try vcpus[index].write(.count, UInt64(plan.timers[index].count))
            }
            if since == .max || system.monotonic - since < room { return }
        }
        throw .stalled(vcpu: vcpus[doubtful[0].index].id)
    }

    /// Raises a timer interrupt by hand, in a frozen vCPU whose Count runs.
    private func raise(_ vcpu: VCPU, _ timer: TimerState) throws(TimekeepingError) {
        if system.profile.isTE {
            try pulse(vcpu, compare: timer.compare, grid: timer.grid)
        } else {
            // The vCPU is not in KVM_RUN and its timer stands: nothing else writes Cause.
            try vcpu.write(.cause, try vcpu.read(.cause) | UInt64(TimerState.causeTI))
        }
    }

    /// Whether an old expiry would mislead the kernel when it thaws this timer at about `instant`; if so, how far
    /// before Compare to re-arm.
    ///
    /// At a thaw the kernel asks twice whether Compare has been passed: whether the whole ticks from R' to it are over,
    /// and whether Count is past it while the expiry is less than a quarter turn ahead. Where Count is past Compare
    /// from the start, only an expiry far ahead keeps the second question from inventing an interrupt (defect Q1).
    /// Where Compare is about to be reached, the first question comes up to a tick too late, for the part of a tick
    /// that had run at R'; the second has to find the interrupt, and an expiry far ahead would lose it.
    private func misleading(
        _ expiry: UInt64, _ plan: TimerPlan, _ timer: TimerState, at instant: UInt64
    ) -> UInt32? {
        let period = timer.grid.period
        // A sixteenth of a turn is for the time the calls take.
        if Int32(bitPattern: plan.count &- timer.compare) >= 0 {
            return expiry < instant + period / 4 + period / 16 ? RearmDistance.far : nil
        }
        let reached = plan.resume + timer.grid.delay(from: plan.count, to: timer.compare)
        return reached < instant + period / 16 && expiry > instant + period / 8 ? RearmDistance.near : nil
    }
}
