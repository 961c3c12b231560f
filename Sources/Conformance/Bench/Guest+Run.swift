// Running a guest, and understanding why it stopped.

import Host
import Hypervisor

/// Why a guest of the rows stopped.
enum Stop: Equatable {
    /// The program is through.
    case done
    /// The default handler of this vector ran; what it read in Cause.
    case vector(UInt32, cause: UInt32)
    /// Any other exit.
    case exit(Exit)
    /// KVM_RUN failed with EINTR.
    case interrupted

    init(_ exit: Exit) {
        guard case .mmio(let access) = exit, access.isWrite, access.address >= GuestMap.devicePhysical else {
            self = .exit(exit)
            return
        }
        let offset = UInt32(truncatingIfNeeded: access.address - GuestMap.devicePhysical)
        if offset == GuestMap.done {
            self = .done
        } else if offset >= GuestMap.handler, GuestMap.vectors.contains(offset - GuestMap.handler) {
            self = .vector(offset - GuestMap.handler, cause: UInt32(truncatingIfNeeded: access.data))
        } else {
            self = .exit(exit)
        }
    }

    /// An exit for an access to a device of this many bytes at this guest-physical address.
    @inline(never)
    func isAccess(_ address: UInt64, _ length: UInt32, write: Bool) -> Bool {
        guard case .exit(.mmio(let access)) = self else { return false }
        return access.address == address && access.length == length && access.isWrite == write
    }

    var isInternalError: Bool {
        if case .exit(.internalError) = self { true } else { false }
    }

    /// The vector, if a default handler ran.
    var vector: UInt32? {
        if case .vector(let offset, _) = self { offset } else { nil }
    }
}

extension Stop: CustomStringConvertible {
    var description: String {
        switch self {
        case .done: "the end of the program"
        case .vector(let offset, let cause): "the handler at +\(hex(offset)) with Cause \(hex(cause))"
        case .exit(let exit): exit.description
        case .interrupted: "EINTR"
        }
    }
}

extension Guest {
    /// How long a guest may run before the check gives up, ns on the clock of COUNT_RESUME. A fast host makes a virtual second pass in some
    /// milliseconds, and signals come by its own clock.
    private var patience: UInt64 { bench.isVirtual ? 2_000_000_000_000 : 20_000_000_000 }

    /// KVM_RUN. A guest that runs away is stopped by the system's alarm: `.interrupted`.
    @inline(never)
    func run(alarm: Bool = true) throws(Verdict) -> Stop {
        if alarm { bench.system.setAlarm(bench.now() + patience) }
        defer { if alarm { bench.system.setAlarm(nil) } }
        do throws(HypervisorError) {
            return Stop(try vcpu.run())
        } catch {
            if error.errno == .intr { return .interrupted }
            throw .unexpected("KVM_RUN", error)
        }
    }

    /// KVM_RUN stops for this reason.
    @inline(never)
    func runExpecting(_ want: Stop) throws(Verdict) {
        let stop = try run()
        if stop != want { throw .expected("KVM_RUN to end with", want.description, stop.description) }
    }

    /// KVM_RUN ends at the program's end.
    @inline(never)
    func runToEnd() throws(Verdict) { try runExpecting(.done) }

    /// KVM_RUN ends with an access to a device.
    @inline(never)
    func runToAccess(_ address: UInt64, _ length: UInt32, write: Bool) throws(Verdict) {
        let stop = try run()
        if !stop.isAccess(address, length, write: write) {
            let want = MMIO(address: address, data: 0, length: length, isWrite: write)
            throw .expected("KVM_RUN to end with", Exit.mmio(want).description, stop.description)
        }
    }

    /// KVM_RUN ends with KVM_EXIT_INTERNAL_ERROR.
    @inline(never)
    func runToInternalError() throws(Verdict) {
        let stop = try run()
        if !stop.isInternalError { throw .expected("KVM_RUN to end with", "an internal error", stop.description) }
    }

    /// KVM_RUN ends in the default handler of a vector. Returns Cause as the handler read it.
    @discardableResult
    @inline(never)
    func runToVector(_ vector: UInt32) throws(Verdict) -> UInt32 {
        let stop = try run()
        guard case .vector(vector, let cause) = stop else {
            throw .expected("KVM_RUN to end in", "the handler at +\(hex(vector))", stop.description)
        }
        return cause
    }

    /// The same; the exception code must be this one.
    @inline(never)
    func runToException(_ code: UInt32, vector: UInt32 = 0x180) throws(Verdict) {
        let cause = try runToVector(vector)
        try check("Cause.ExcCode", cause >> 2 & 0x1F, code)
    }

    /// KVM_RUN that fails with EINTR.
    @inline(never)
    func runExpectingInterruption(alarm: Bool = true) throws(Verdict) {
        let stop = try run(alarm: alarm)
        if stop != .interrupted { throw .expected("KVM_RUN to end with", "EINTR", stop.description) }
    }

    /// KVM_RUN with immediate_exit set: EINTR, and a pending load is completed.
    @inline(never)
    func completeAccess() throws(Verdict) {
        vcpu.runArea.immediateExit = true
        defer { vcpu.runArea.immediateExit = false }
        try runExpectingInterruption()
    }

    /// Makes the next completed load give these bytes, the first the least significant.
    @inline(never)
    func supply(_ data: UInt32) { vcpu.runArea.mmioData = UInt64(data) }

    /// One entry into the guest that does nothing: PC is at an idle loop meanwhile, and a signal that only KVM_RUN lets through
    /// is pending. VZ moves a queued timer interrupt into Cause there (reference 4.7, 5.1 step 3).
    @inline(never)
    func enterOnce() throws(Verdict) {
        let pc = try get(.pc)
        try setPC(window + GuestMap.idle)
        try withPendingSignal { () throws(Verdict) in try runExpectingInterruption() }
        try set(.pc, pc)
    }

    /// Runs `body` while SIGALRM is pending for this thread, blocked in it but not during KVM_RUN.
    @inline(never)
    func withPendingSignal(_ body: () throws(Verdict) -> Void) throws(Verdict) {
        let signal = Signals.mask(Signals.alarm)
        let before = Signals.block(signal)
        defer {
            // Delivered to the recording handler, if it is still pending.
            Signals.unblock(signal)
            Signals.setMask(before)
        }
        do throws(Errno) {
            try Signals.raise(Signals.alarm)
        } catch {
            throw .host("a signal to this thread", error)
        }
        try signalMask(before & ~signal)
        try body()
        try signalMask(nil)
    }

    @inline(never)
    func signalMask(_ mask: UInt64?) throws(Verdict) {
        do throws(HypervisorError) {
            try vcpu.setSignalMask(mask)
        } catch {
            throw .unexpected("SET_SIGNAL_MASK", error)
        }
    }
}
