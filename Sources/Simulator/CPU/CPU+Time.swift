// The CPU and its clock: slices, the timer's registers.
//
// The dispatcher runs blocks until `core.budget` is used up, then looks at the clock. Between two looks the number of retired
// instructions is `sliceBudget - core.budget`; inside a block the part of it that has not run yet is known from the op. That
// is what makes a virtual clock exact to the instruction without counting instructions.

extension CPU {
    /// Longest slice, in instructions: a few ten microseconds on the host's clock.
    static let hostSlice: Int64 = 4096
    static let virtualSlice: Int64 = 1 << 16

    /// The current instant: in front of `o` inside a block, or between blocks.
    func now(_ o: Op? = nil) -> UInt64 {
        guard clock.isVirtual else { return clock.now() }
        var done = sliceBudget - core.budget
        if let o { done -= Int64(core.blockLength) - Int64(index(o)) }
        return sliceStart &+ UInt64(bitPattern: done) &* clock.step
    }

    /// Ends the slice: accounts for what ran and moves a virtual clock on. Between blocks only.
    func settle() {
        let done = UInt64(bitPattern: sliceBudget - core.budget)
        retired &+= done
        if clock.isVirtual {
            sliceStart &+= done &* clock.step
            clock.advance(to: sliceStart)
        } else {
            sliceStart = clock.now()
        }
        sliceBudget = 0
        core.budget = 0
    }

    /// Lets the time of a completed load pass without entering the guest, so that a state saved now has it behind it.
    func settleCompletedLoad() {
        guard completedLoad else { return }
        completedLoad = false
        clock.acquire()
        defer { clock.release() }
        sliceStart = clock.now()
        sliceBudget = 1
        core.budget = 0
        settle()
    }

    /// Begins a slice that ends when something can be due. `alarm` is the instant at which the run ends.
    func beginSlice(alarm: UInt64) {
        var budget = clock.isVirtual ? Self.virtualSlice : Self.hostSlice
        if clock.isVirtual {
            if timer.armed { budget = min(budget, instructions(until: timer.expiry)) }
            budget = min(budget, instructions(until: alarm))
        }
        sliceBudget = budget
        core.budget = budget
    }

    /// Instructions that bring a virtual clock to `instant` or beyond, at least one.
    private func instructions(until instant: UInt64) -> Int64 {
        guard instant > sliceStart else { return 1 }
        let span = (instant - sliceStart - 1) / clock.step + 1
        return Int64(clamping: span)
    }

    /// Makes the dispatcher look at clock and interrupts before the next block.
    func requestEvents() {
        let rest = core.budget
        guard rest > 0 else { return }
        sliceBudget -= rest
        core.budget = 0
    }

    /// MFC0 Count and RDHWR 2.
    func readCount(_ o: Op) -> UInt32 {
        let before = timer.pend
        let value = timer.readCount(now: now(o), cause: &self[Cell.cause])
        if timer.pend != before { requestEvents() }
        return value
    }

    func writeCount(_ value: UInt32, _ o: Op) {
        timer.writeCount(value, now: now(o))
        requestEvents()
    }

    func writeCompare(_ value: UInt32, _ o: Op) {
        timer.guestWriteCompare(value, now: now(o), cause: &self[Cell.cause])
        self[Cell.compare] = value
        requestEvents()
    }

    func writeCause(_ value: UInt32, writable: UInt32, _ o: Op) {
        timer.guestWriteCause(value, writable: writable, now: now(o), cause: &self[Cell.cause])
        requestEvents()
    }
}
