// What can be known of a guest's timer from outside, whatever backend it runs on.
//
// Purpose. A call of the contract happens at an instant that nobody outside can know exactly, only that it lies in
// the bracket [a, b] of the clock readings before and after. So this is the timer of reference 4.1 to 4.3 told with
// intervals: `bias`, the static Count and the expiry are spans. Every value a backend gives must lie in its span and
// narrows it from then on; COUNT_RESUME tells the instant of a freeze to the nanosecond, and from there on the model
// is exact.
//
// Cause.TI is known to be clear, known to be set, or in doubt, which it is when the instant it falls due lies in the
// bracket of a call. Looking at Cause resolves the doubt, unless TI had been set all along: then nobody can tell
// whether the interrupt was queued a second time (`blind`), and the scenario cannot go on.
//
// It is written from the reference and shares no code with the simulator.

struct TimeModel {
    static let second: UInt64 = 1_000_000_000

    enum Knowledge: UInt8 {
        case clear
        case set
        case doubt
    }

    /// How late the host may be with a timer, ns; 0 where the timer is looked at in each call.
    let lateness: UInt64
    private(set) var hz: UInt64 = 100_000_000
    private(set) var period: UInt64
    /// Count of the running clock minus the clock in ticks.
    private(set) var bias = Span.full
    /// COUNT_CTL.DC and Cause.DC.
    private(set) var masterDisabled = false
    private(set) var causeDisabled = false
    /// COUNT_RESUME. Known once it has been read, as the harness does after each freeze.
    private(set) var resume: UInt64 = 0
    private(set) var resumeLow: UInt64 = 0
    private(set) var resumeHigh: UInt64 = 0
    /// Count while it stands still.
    private(set) var still = Span.full
    /// The instant at which `bias` gives `still`.
    private var link: UInt64?
    private(set) var compare: UInt32 = 0
    /// When the soft timer fires, or would have.
    private(set) var expiryLow: UInt64 = 0
    private(set) var expiryHigh: UInt64 = 0
    private(set) var armed = false
    private(set) var ti = Knowledge.clear
    /// Queued once more or not: nobody can tell.
    private(set) var blind = false
    /// An interrupt fell due since the step began, or may have: the other side may be on the other side of that
    /// instant.
    private(set) var doubted = false
    private var stepStart: UInt64 = 0
    private var expiresIfSet = false
    /// Timer interrupts queued so far, as far as is known.
    private(set) var queues = 0

    var disabled: Bool { masterDisabled || causeDisabled }

    /// The timer of a vCPU made between the two instants.
    init(_ a: UInt64, _ b: UInt64, lateness: UInt64) {
        self.lateness = lateness
        period = Self.period(hz)
        bias = Span(0) - ticks(a, b)
        arm(a, b, Span(0))
    }

    // MARK: Formulas (reference 4.2)

    private static func period(_ hz: UInt64) -> UInt64 { (second << 32) / hz }

    func ticks(_ t: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: (t % period) * hz / Self.second) }

    func ticks(_ a: UInt64, _ b: UInt64) -> Span {
        b - a >= period / 4 ? .full : Span(low: ticks(a), width: ticks(b) &- ticks(a))
    }

    private func nanoseconds(_ count: UInt64) -> UInt64 {
        count / hz * Self.second + count % hz * Self.second / hz
    }

    /// From a Count to Compare, ns, the shortest and the longest.
    private func distance(_ count: Span) -> (UInt64, UInt64) {
        if count.isWide || (compare &- count.low &- 1) < (compare &- count.high &- 1) {
            return (nanoseconds(1), nanoseconds(1 << 32))
        }
        return (
            nanoseconds(UInt64(compare &- count.high &- 1) + 1), nanoseconds(UInt64(compare &- count.low &- 1) + 1)
        )
    }

    private func running(_ a: UInt64, _ b: UInt64) -> Span { bias + ticks(a, b) }

    // MARK: The interrupt

    /// A step begins.
    mutating func begin(_ now: UInt64) {
        doubted = false
        stepStart = now
    }

    /// The doubts of the step have been dealt with.
    mutating func settled() { doubted = false }

    /// The interrupt is queued, having fallen due at `instant`.
    private mutating func queue(_ instant: UInt64) {
        if instant >= stepStart { doubted = true }
        ti = .set
        queues += 1
    }

    private mutating func doubtful() {
        doubted = true
        if ti == .set {
            blind = true
        } else {
            ti = .doubt
        }
    }

    private mutating func moveExpiry(_ turns: UInt64 = 1) {
        expiryLow += turns * period
        expiryHigh += turns * period
    }

    /// The soft timer up to a call in [a, b].
    private mutating func pass(_ a: UInt64, _ b: UInt64) {
        guard armed else { return }
        if a >= expiryHigh + lateness {
            queue(expiryHigh)
            moveExpiry((a - lateness - expiryHigh) / period + 1)
        }
        if b >= expiryLow {
            doubtful()
            expiresIfSet = true
        }
    }

    private mutating func arm(_ a: UInt64, _ b: UInt64, _ count: Span) {
        let (short, long) = distance(count)
        expiryLow = a + short
        expiryHigh = b + long
        armed = true
        expiresIfSet = false
        if b >= expiryLow {
            doubtful()
            expiresIfSet = true
        }
    }

    /// A reading of the running clock, which can queue the interrupt (reference 4.2, readrun). True when it has for
    /// certain, or the timer did before it.
    @discardableResult
    private mutating func readRunning(_ a: UInt64, _ b: UInt64, _ count: Span) -> Bool {
        let past = count.low &- compare
        let (end, overflow) = past.addingReportingOverflow(count.width)
        let all = !overflow && past < 1 << 31 && end < 1 << 31
        let none = !overflow && past >= 1 << 31
        if none || expiryLow >= b + period / 4 { return false }
        if all, expiryHigh < a + period / 4 {
            queue(armed ? expiryHigh : 0)
            if armed { moveExpiry() }
            expiresIfSet = false
            return true
        }
        doubtful()
        if armed { expiresIfSet = true }
        return false
    }

    /// Cause.TI as it was read in [a, b]. False when it cannot be.
    mutating func observe(interrupt: Bool, _ a: UInt64, _ b: UInt64) -> Bool {
        pass(a, b)
        if blind { return true }
        switch ti {
        case .clear: return !interrupt
        case .set: return interrupt
        case .doubt:
            if interrupt { queue(expiryHigh) } else { ti = .clear }
            if interrupt, expiresIfSet {
                // Had it been cancelled since, the old expiry may be either.
                expiryHigh += period
                if armed { expiryLow += period }
                expiresIfSet = false
            }
            return true
        }
    }

    /// The interrupt must be there by now, if the host is punctual.
    func isDue(_ a: UInt64) -> Bool { armed && a >= expiryHigh }

    // MARK: Operations (reference 4.3)

    /// Count was read in [a, b]. False when it cannot have been this.
    mutating func observe(count: UInt32, _ a: UInt64, _ b: UInt64) -> Bool {
        let wasBlind = blind
        pass(a, b)
        if disabled {
            guard still.contains(count) else { return false }
            still = Span(count)
            if let link { bias = Span(count &- ticks(link)) }
            return true
        }
        guard let narrower = bias.meet(Span(count) - ticks(a, b)) else { return false }
        bias = narrower
        if readRunning(a, b, Span(count)) { blind = wasBlind }
        return true
    }

    mutating func write(count: UInt32, _ a: UInt64, _ b: UInt64) {
        pass(a, b)
        rebase(Span(count), a, b)
    }

    private mutating func rebase(_ count: Span, _ a: UInt64, _ b: UInt64) {
        bias = count - (masterDisabled ? Span(ticks(resume)) : ticks(a, b))
        if disabled {
            still = count
            link = masterDisabled ? resume : nil
        } else {
            arm(a, b, count)
        }
    }

    mutating func write(compare value: UInt32, byGuest: Bool, _ a: UInt64, _ b: UInt64) {
        let before = doubted
        doubted = false
        pass(a, b)
        let uncertain = doubted
        doubted = doubted || before
        if value == compare {
            if byGuest {
                ti = .clear
                // Before or after: nobody can tell.
                if uncertain { blind = true }
            }
            return
        }
        let count = running(a, b)
        if !disabled {
            armed = false
            readRunning(a, b, count)
        }
        if byGuest {
            ti = .clear
            expiresIfSet = false
        }
        compare = value
        if !disabled { arm(a, b, count) }
    }

    /// Cause by ONE_REG: TI becomes what the value says.
    mutating func write(cause value: UInt32, _ a: UInt64, _ b: UInt64) {
        let before = doubted
        doubted = false
        pass(a, b)
        let wanted = value & 1 << 27 != 0
        if wanted, !causeDisabled { disable(a, b) }
        let uncertain = doubted
        // Before or after the store: nobody can tell.
        if uncertain { blind = true }
        doubted = doubted || before
        ti = value & 1 << 30 != 0 ? .set : .clear
        expiresIfSet = false
        if !wanted, causeDisabled { enable(a, b) }
    }

    /// Cause by MTC0: only DC matters.
    mutating func guestWrite(cause value: UInt32, _ a: UInt64, _ b: UInt64) {
        pass(a, b)
        let wanted = value & 1 << 27 != 0
        if wanted, !causeDisabled { disable(a, b) } else if !wanted, causeDisabled { enable(a, b) }
    }

    private mutating func disable(_ a: UInt64, _ b: UInt64) {
        causeDisabled = true
        guard !masterDisabled else { return }
        armed = false
        still = running(a, b)
        link = nil
        readRunning(a, b, still)
    }

    private mutating func enable(_ a: UInt64, _ b: UInt64) {
        causeDisabled = false
        rebase(still, a, b)
    }

    /// COUNT_CTL. After a freeze COUNT_RESUME has to be read.
    mutating func write(disable: Bool, _ a: UInt64, _ b: UInt64) {
        pass(a, b)
        guard disable != masterDisabled else { return }
        masterDisabled = disable
        if disable {
            resumeLow = a
            resumeHigh = b
            guard !causeDisabled else { return }
            armed = false
            still = running(a, b)
            link = nil
            readRunning(a, b, still)
        } else {
            guard !causeDisabled else { return }
            let (short, long) = distance(still)
            if a >= resume + long { queue(resume + long) } else if b >= resume + short { doubtful() }
            let count = running(a, b)
            readRunning(a, b, count)
            arm(a, b, count)
        }
    }

    /// COUNT_RESUME was read. False when it cannot be this.
    mutating func observe(resume value: UInt64) -> Bool {
        guard value >= resumeLow, value <= resumeHigh else { return false }
        if resumeLow != resumeHigh, masterDisabled, !causeDisabled {
            // The first reading after a freeze tells its instant.
            still = bias + Span(ticks(value))
            link = value
        }
        write(resume: value)
        return true
    }

    mutating func write(resume value: UInt64) {
        resume = value
        resumeLow = value
        resumeHigh = value
    }

    mutating func write(hz value: UInt64, _ a: UInt64, _ b: UInt64) {
        pass(a, b)
        guard value != hz else { return }
        let old = (ticks(a), ticks(b), hz)
        var count = still
        if !disabled {
            armed = false
            count = running(a, b)
            readRunning(a, b, count)
        }
        hz = value
        period = Self.period(value)
        if masterDisabled {
            bias = still - Span(ticks(resume))
            link = resume
        } else if causeDisabled {
            bias = still - ticks(a, b)
            link = nil
        } else {
            // Count at the instant of the call is the same by either clock; what is known of that instant is known
            // twice.
            let first = old.0 &- ticks(a)
            let last = old.1 &- ticks(b)
            let (low, high) = old.2 > value ? (first, last) : (last, first)
            let width = high &- low
            bias = width >= 1 << 30 ? .full : bias + Span(low: low &- 2, width: width + 4)
            arm(a, b, count)
        }
    }
}
