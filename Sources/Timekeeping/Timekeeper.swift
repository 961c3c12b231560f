// The keeper of one guest's time, and the freeze.

import Host
public import Hypervisor

/// Freezes, thaws and restores the timers of one guest, and keeps what has to be kept between: the carry and the
/// ledger.
///
///     var keeper = Timekeeper(system)
///     let frozen = try keeper.freeze(vcpus)                     // Count and TI stand still, one picture
///     let entry = try keeper.thaw(vcpus, frozen, .freeze)       // and the guest goes on, having seen no gap
///
/// The vCPUs are always given in the same order, and none may be in KVM_RUN: calls would wait for it.
public struct Timekeeper<System: HypervisorSystem> {
    public typealias VCPU = System.Machine.VCPU

    public let system: System
    /// Every freeze so far.
    public var ledger: TimeLedger
    /// Take a gap that the wall clocks of two hosts say is negative as none, instead of refusing it.
    public var clampsNegativeGaps = false
    /// Carries of the vCPUs between two freezes.
    var carries: [UInt32] = []
    /// While this keeper holds the guest frozen: whose master disable was set before, a bit for each vCPU.
    var stoppedBefore: UInt64?
    /// Room for the timers of the next freeze, so that pausing a guest again and again allocates nothing.
    private var timers: [TimerState] = []

    public init(_ system: System, ledger: TimeLedger = TimeLedger()) {
        self.system = system
        self.ledger = ledger
    }

    /// Stops the timers of all vCPUs, as close together as possible, and reads them.
    ///
    /// Order (reference 5.1): COUNT_CTL := 1 everywhere; on VZ what the kernel has queued is moved into Cause; both
    /// clocks; then R, COUNT_HZ, Cause, Count and Compare of each. Freezing again what is frozen changes nothing and
    /// reads the same.
    ///
    /// - Parameter onExit: on VZ, exits of the run that moves a queued interrupt into Cause, with the vCPU's position.
    ///   They must be handled as in the run loop: a load needs its data in the run area.
    /// - Throws: `call`, and on VZ what `exposePendingInterrupts` throws. The timers run again then.
    public mutating func freeze(_ vcpus: [VCPU], onExit: (Int, Exit) -> Void = { _, _ in }) throws(TimekeepingError)
        -> Frozen
    {
        if carries.count != vcpus.count {
            carries = [UInt32](repeating: 0, count: vcpus.count)
            self.stoppedBefore = nil
        }
        let stoppedBefore = try findStopped(vcpus)
        do throws(TimekeepingError) {
            try vcpus.each { (_, vcpu) throws(TimekeepingError) in try vcpu.write(.countControl, 1) }
            let reading = system.clock()
            if !system.profile.isTE {
                for (index, vcpu) in vcpus.enumerated() {
                    try exposePendingInterrupts(vcpu) { exit in onExit(index, exit) }
                }
            }
            if timers.count != vcpus.count {
                timers = [TimerState](repeating: TimerState.none, count: vcpus.count)
            }
            try vcpus.each { (index, vcpu) throws(TimekeepingError) in
                let disabled = stoppedBefore >> UInt64(index) & 1 != 0
                timers[index] = try vcpu.timer(masterDisabled: disabled, carry: carries[index])
            }
            let frozen = Frozen(timers: timers, instant: FreezeInstant(reading: reading, domain: system.timeDomain))
            guard frozen.instant.inRange, frozen.reference < TimerState.latest else { throw .outOfRange }
            self.stoppedBefore = stoppedBefore
            return frozen
        } catch {
            // Whatever failed, a guest whose timers stay stopped would be worse. A second failure here adds nothing to
            // the first.
            if self.stoppedBefore == nil {
                for (index, vcpu) in vcpus.enumerated() where stoppedBefore >> UInt64(index) & 1 == 0 {
                    try? vcpu.write(.countControl, 0)
                }
            }
            throw error
        }
    }

    /// Whose master disable is set by somebody else, a bit for each vCPU. What this keeper set itself does not count.
    private func findStopped(_ vcpus: [VCPU]) throws(TimekeepingError) -> UInt64 {
        precondition(vcpus.count <= 64, "KVM/MIPS allows 16 vCPUs")
        if let stoppedBefore { return stoppedBefore }
        var stopped: UInt64 = 0
        try vcpus.each { (index, vcpu) throws(TimekeepingError) in
            stopped |= (try vcpu.read(.countControl) & 1) << UInt64(index)
        }
        return stopped
    }
}

extension Array where Element: HypervisorVCPU {
    /// Calls `body` with each position and vCPU until one fails. References are not counted, which costs as much as a short call of
    /// the kernel: this array keeps the vCPUs alive meanwhile.
    @inline(__always)
    func each(_ body: (Int, Element) throws(TimekeepingError) -> Void) throws(TimekeepingError) {
        for index in indices {
            let failure: TimekeepingError? = unsafe Unmanaged.passUnretained(self[index])._withUnsafeGuaranteedRef {
                do throws(TimekeepingError) {
                    try body(index, $0)
                    return nil
                } catch {
                    return error
                }
            }
            if let failure { throw failure }
        }
    }
}

extension HypervisorVCPU {
    @inline(__always)
    func read(_ register: RegisterID) throws(TimekeepingError) -> UInt64 {
        do throws(HypervisorError) { return try self.register(register) } catch {
            throw .call(vcpu: id, doing: .read(register), error)
        }
    }

    @inline(__always)
    func write(_ register: RegisterID, _ value: UInt64) throws(TimekeepingError) {
        do throws(HypervisorError) { try setRegister(register, value) } catch {
            throw .call(vcpu: id, doing: .write(register), error)
        }
    }

    /// The timer as it stands, Cause after the freeze so that it holds every crossing up to R.
    func timer(masterDisabled: Bool, carry: UInt32) throws(TimekeepingError) -> TimerState {
        let resume = try read(.countResume)
        let hz = try read(.countHz)
        let cause = try read(.cause)
        let count = try read(.count)
        let compare = try read(.compare)
        return TimerState(
            count: UInt32(truncatingIfNeeded: count), compare: UInt32(truncatingIfNeeded: compare),
            cause: UInt32(truncatingIfNeeded: cause), hz: UInt32(truncatingIfNeeded: hz), resume: resume,
            masterDisabled: masterDisabled, carry: carry)
    }
}
