// Where a guest's time line goes on: COUNT_RESUME and Count of every vCPU, as a pure value.
//
// The guest is to see `visible` nanoseconds of the gap. So its time line goes on at s = now - visible on this host's
// clock: that is R'. But the kernel is told whole ticks, and where in a tick the guest then stands follows from the
// grid at R'. In units of 10^-9 tick, and with e for the carry so far, a thaw at R' = s leaves the guest ahead of exact
// arithmetic by
//
//     e' = e + phase(s) - phase(R).
//
// s is moved on by a little (up to a tick; the guest is thawed that much later or sees that much less of the gap) until
// e' is smallest, and at all events 0 ≤ e' < one tick. Where no such instant is near, which takes ticks longer than 10
// ms or hardly longer than a nanosecond, R' is taken from the tick before s, which adds a tick to e', or the guest sees
// up to a tick more of the gap.
//
// Several vCPUs of one rate share a clock: their biases (Count - T(R)) keep their differences exactly. The one frozen
// last leads; the others are put on the instant nearest to R_i + (R' - R) that gives the right bias.
//
// When `visible` is longer than this host's clock has run, s is negative. Then R' = 0, Count is moved on by the ticks
// that are missing, and if Compare lies in that stretch the interrupt has to be raised by hand.

/// The plan for one vCPU.
public struct TimerPlan: Equatable, Sendable {
    /// R'. Not before 0; may lie after the `now` the plan was made for, by less than the plan's wait.
    public var resume: UInt64
    /// Count at R'.
    public var count: UInt32
    /// Compare lies in the ticks by which Count was moved on.
    public var raisesInterrupt: Bool
    /// The carry afterwards.
    public var carry: UInt32
}

/// The plan for all vCPUs of a guest.
public struct ResumePlan: Equatable, Sendable {
    /// The longest a guest is held back, or its gap shortened, to meet its phase: 10 ms.
    public static let longestWait: UInt64 = 10_000_000

    /// In the order of the timers.
    public private(set) var timers: [TimerPlan] = []
    /// The instant of this host's clock that corresponds to `Frozen.reference`; negative when the clock is younger than
    /// the gap.
    public private(set) var continuation: Int64
    /// The instant at which the vCPUs may go on, `now` or a little later: to be waited for before anything is written.
    public private(set) var ready: UInt64
    /// Nothing has to be written when the vCPUs are the ones that were frozen: every timer stays as it is.
    public private(set) var unchanged: Bool

    /// - Parameters:
    ///   - timers: as frozen.
    ///   - reference: the latest R of the timers.
    ///   - now: this host's clock, below 2^62.
    ///   - visible: what the guest is to see of the gap, below 2^62.
    ///   - sameClock: R and `now` are instants of one clock.
    public init(_ timers: [TimerState], reference: UInt64, now: UInt64, visible: UInt64, sameClock: Bool) {
        let start = Int64(now) - Int64(visible)
        continuation = start
        ready = now
        unchanged = sameClock && start == Int64(reference)
        if unchanged {
            for timer in timers {
                self.timers.append(
                    TimerPlan(resume: timer.resume, count: timer.count, raisesInterrupt: false, carry: timer.carry))
            }
            return
        }
        // Rates in the order in which they appear; the first decides for the whole guest.
        var placed = [TimerPlan?](repeating: nil, count: timers.count)
        var decided = false
        for index in timers.indices where timers[index].runs && placed[index] == nil {
            var leader = index
            for other in timers.indices where timers[other].sharesClock(with: timers[leader]) {
                if timers[other].resume > timers[leader].resume { leader = other }
            }
            let place = timers[leader].follow(at: continuation - Int64(reference - timers[leader].resume))
            if !decided {
                decided = true
                continuation = place.start + Int64(reference - timers[leader].resume)
            }
            ready = max(ready, UInt64(max(0, place.start)))
            placed[leader] = place.plan
            let shift = place.plan.bias(timers[leader].grid) &- timers[leader].bias
            for other in timers.indices where other != leader && timers[other].sharesClock(with: timers[leader]) {
                let behind = Int64(timers[leader].resume - timers[other].resume)
                placed[other] = timers[other].keepBias(
                    timers[other].bias &+ shift, near: place.start - behind, carry: place.plan.carry)
            }
        }
        for (timer, plan) in zip(timers, placed) {
            // A timer that stands still by the guest's or somebody else's switch: only its values matter.
            let standing = TimerPlan(
                resume: UInt64(clamping: min(Int64(now), continuation - Int64(reference - timer.resume))),
                count: timer.count,
                raisesInterrupt: false, carry: timer.carry)
            self.timers.append(plan ?? standing)
            ready = max(ready, (plan ?? standing).resume)
        }
    }
}

extension TimerPlan {
    func bias(_ grid: TickGrid) -> UInt32 { count &- grid.ticks(at: resume) }
}

extension TimerState {
    /// Count - T(R): what the kernel adds to the clock in ticks.
    var bias: UInt32 { count &- grid.ticks(at: resume) }

    func sharesClock(with other: TimerState) -> Bool { runs && other.runs && hz == other.hz }

    /// Lets this timer go on at `start`, or as soon after it as its phase allows.
    func follow(at start: Int64) -> (plan: TimerPlan, start: Int64) {
        start < 0 ? followBeforeZero(start) : followOnGrid(UInt64(start))
    }

    private func followOnGrid(_ wanted: UInt64) -> (plan: TimerPlan, start: Int64) {
        let grid = grid
        let phase = Int64(grid.phase(at: resume))
        let unit = Int64(TickGrid.tick)
        let longest = min(grid.tickLength, ResumePlan.longestWait)
        func ahead(_ start: UInt64) -> Int64 { Int64(carry) + Int64(grid.phase(at: start)) - phase }

        // 1. A phase that leaves the carry at 0 or a nanosecond's worth above, but below one tick.
        let low = UInt64(max(0, phase - Int64(carry)))
        let high = UInt64(min(unit - 1, unit - 1 - Int64(carry) + phase))
        if let wait = grid.wait(from: wanted, for: low...min(high, low + grid.hz - 1)), wait <= longest {
            return onGrid(wanted + wait, carry: ahead(wanted + wait), at: 0)
        }
        // 2. The tick is about to end and no nanosecond lies in what is left of it: go on right after its end, as from
        // right before.
        if low > 0, let wait = grid.wait(from: wanted, for: 0...min(grid.hz, low) - 1), wait <= longest {
            return onGrid(wanted + wait, carry: ahead(wanted + wait) + unit, at: -1)
        }
        // 3. No good phase is near: the grid begins anew, ticks are long, or hardly longer than a nanosecond. Stay, and
        // let the carry have it.
        let here = ahead(wanted)
        if here < 0 { return onGrid(wanted, carry: here + unit, at: -1) }
        if here < unit { return onGrid(wanted, carry: here, at: 0) }
        // 4. That would be a tick or more. The guest sees a little more of the gap, less than a tick of it, and the
        // ledger says so.
        let more = (here - unit) / Int64(grid.hz) + 1
        let place = onGrid(wanted, carry: here - more * Int64(grid.hz), at: 0)
        return (place.plan, place.start - more)
    }

    /// The plan with R' in the tick of `start`, or in the one before.
    private func onGrid(_ start: UInt64, carry: Int64, at tick: Int) -> (plan: TimerPlan, start: Int64) {
        let carry = UInt32(truncatingIfNeeded: carry)
        guard tick < 0 else {
            return (TimerPlan(resume: start, count: count, raisesInterrupt: false, carry: carry), Int64(start))
        }
        let grid = grid
        let back = grid.phase(at: start) / grid.hz + 1
        // Before the grid began there is no such tick: Count is moved on by one instead.
        guard back <= start % grid.period else { return (advanced(by: 1, at: start, carry: carry), Int64(start)) }
        return (TimerPlan(resume: start - back, count: count, raisesInterrupt: false, carry: carry), Int64(start))
    }

    private func followBeforeZero(_ wanted: Int64) -> (plan: TimerPlan, start: Int64) {
        let grid = grid
        let unit = TickGrid.tick
        let missing = wanted.magnitude
        // Units that have run since Count became `count`, at the freeze; from there to instant 0 come the ticks of
        // `missing`.
        let origin = Int64(grid.phase(at: resume)) - Int64(carry)
        func rest(_ span: UInt64) -> UInt64 {
            let units = (origin + Int64(grid.ticks(of: span).units)) % Int64(unit)
            // How far the next edge is.
            return (2 * unit - UInt64(units < 0 ? units + Int64(unit) : units)) % unit
        }
        // Moving on by x ns lowers what is missing: the edge, at phase 0 by nature of instant 0, comes x * hz later.
        var wait: UInt64 = 0
        let best = 0...grid.hz - 1
        if let steps = grid.firstStep(grid.hz % unit, from: rest(missing), into: best),
            steps <= min(grid.tickLength, ResumePlan.longestWait, missing)
        {
            wait = steps
        }
        let span = missing - wait
        let carry = rest(span)
        let (whole, units) = grid.ticks(of: span)
        let skipped = Int64(whole) + (origin + Int64(units) + Int64(carry)) / Int64(unit)
        return (advanced(by: UInt64(max(0, skipped)), carry: UInt32(truncatingIfNeeded: carry)), wanted + Int64(wait))
    }

    /// The plan that begins at instant 0 with Count moved on.
    private func advanced(by skipped: UInt64, at resume: UInt64 = 0, carry: UInt32) -> TimerPlan {
        TimerPlan(
            resume: resume, count: count &+ UInt32(truncatingIfNeeded: skipped),
            raisesInterrupt: skipped >= TickGrid.distance(from: count, to: compare), carry: carry)
    }

    /// Puts this timer where its bias is `wanted`, near `start`.
    func keepBias(_ wanted: UInt32, near start: Int64, carry: UInt32) -> TimerPlan {
        let grid = grid
        guard start >= 0 else {
            // Count at instant 0 is the bias itself. The length of the stretch says how many turns that is.
            let about = grid.ticks(of: start.magnitude).whole
            let skipped = Int64(about) + Int64(Int32(bitPattern: wanted &- count &- UInt32(truncatingIfNeeded: about)))
            if skipped >= 0 { return advanced(by: UInt64(skipped), carry: carry) }
            let edge = (skipped.magnitude * TickGrid.tick + grid.hz - 1) / grid.hz
            return TimerPlan(resume: edge, count: count, raisesInterrupt: false, carry: carry)
        }
        let base = UInt64(start)
        let phase = grid.phase(at: base)
        let off = Int64(Int32(bitPattern: count &- wanted &- grid.ticks(at: base)))
        var resume = base
        if off > 0 {
            resume = base + (UInt64(off) * TickGrid.tick - phase + grid.hz - 1) / grid.hz
        } else if off < 0 {
            let back = (phase + (off.magnitude - 1) * TickGrid.tick) / grid.hz + 1
            resume = back <= base ? base - back : 0
        }
        // Off by more than a tick or two only if the states do not belong together; then near is good enough.
        if off.magnitude <= 2, count &- grid.ticks(at: resume) == wanted {
            return TimerPlan(resume: resume, count: count, raisesInterrupt: false, carry: carry)
        }
        return advanced(by: off < 0 && off.magnitude <= 2 ? off.magnitude : 0, at: base, carry: carry)
    }
}
