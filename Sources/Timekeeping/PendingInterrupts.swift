// VZ: a timer interrupt that the kernel has queued but not yet given to the guest (defect Q3).
//
// On VZ the soft timer only notes that the interrupt is due; Cause gets it at the next guest entry. A save between the
// two would read a Cause without TI and lose the interrupt. One KVM_RUN with a signal already pending enters the guest
// and leaves it at once: no or few instructions run (none on the simulator), and Cause is complete afterwards.

public import Host
public import Hypervisor

/// Exits after which a vCPU with a pending signal must have come to EINTR. Every exit to user space comes before the
/// signal is looked at, and none can follow another without guest instructions in between.
private let mostExits = 64

/// Enters the guest with a signal pending, so that what the kernel has queued for it reaches Cause. Use on VZ, after
/// the freeze and before Cause is read; with the master disable set the guest's Count stands still meanwhile.
///
/// `signal` is blocked in this thread during the call and consumed afterwards. KVM's mask of this vCPU is off
/// afterwards; who uses one sets it again.
///
/// - Parameters:
///   - signal: a signal nobody else of this thread waits for.
///   - onExit: exits of this run, to be handled as in the run loop.
/// - Throws: `call`, `host`, `notInterrupted`.
public func exposePendingInterrupts<VCPU: HypervisorVCPU>(
    _ vcpu: VCPU, signal: Int32 = Signals.kick, onExit: (Exit) -> Void
) throws(TimekeepingError) {
    let mask = Signals.mask(signal)
    let before = Signals.block(mask)
    defer { _ = Signals.setMask(before) }
    do throws(Errno) { try Signals.raise(signal) } catch { throw .host(error) }
    let result: TimekeepingError?
    do throws(TimekeepingError) {
        try runUntilInterrupted(vcpu, mask: before & ~mask, onExit: onExit)
        result = nil
    } catch {
        result = error
    }
    // Before the mask comes back, whatever happened: the signal must not find its way to a handler.
    try consume(mask)
    if let result { throw result }
}

private func runUntilInterrupted<VCPU: HypervisorVCPU>(
    _ vcpu: VCPU, mask: UInt64, onExit: (Exit) -> Void
) throws(TimekeepingError) {
    func failed(_ error: HypervisorError) -> TimekeepingError { .call(vcpu: vcpu.id, doing: .expose, error) }
    do throws(HypervisorError) { try vcpu.setSignalMask(mask) } catch { throw failed(error) }
    // Whoever stopped the vCPU may have left this set; with it the guest would not be entered.
    let immediateExit = vcpu.runArea.immediateExit
    vcpu.runArea.immediateExit = false
    defer { vcpu.runArea.immediateExit = immediateExit }
    var exits = 0
    var stop: HypervisorError? = nil
    while stop == nil, exits <= mostExits {
        do throws(HypervisorError) {
            let exit = try vcpu.run()
            exits += 1
            onExit(exit)
        } catch {
            stop = error
        }
    }
    do throws(HypervisorError) { try vcpu.setSignalMask(nil) } catch { throw failed(error) }
    guard let stop else { throw .notInterrupted(vcpu: vcpu.id, exits: exits) }
    guard stop.errno == .intr else { throw failed(stop) }
}

/// Takes the pending signals of `mask`, which are blocked.
private func consume(_ mask: UInt64) throws(TimekeepingError) {
    do throws(Errno) {
        guard Signals.pending() & mask != 0 else { return }
        let descriptor = try Signals.descriptor(for: mask)
        // struct signalfd_siginfo is 128 bytes; what it says is known.
        var record = InlineArray<16, UInt64>(repeating: 0)
        while Signals.pending() & mask != 0 {
            var span = record.mutableSpan
            // The bytes of a local array, for the length of the call.
            _ = try unsafe span.withUnsafeMutableBytes { bytes throws(Errno) in try unsafe descriptor.read(into: bytes)
            }
        }
    } catch {
        throw .host(error)
    }
}
