// What is measured, in the order and with the numbers of Tests/MIPSHost/bench.c.

import Host

/// One measurement. Both programs do the same number of the same operations, except for the two loops, which run for a while.
enum Measurement: Int {
    /// KVM_GET_ONE_REG of COUNT_CTL.
    case get = 0
    /// KVM_SET_ONE_REG of a general register.
    case set = 1
    /// COUNT_CTL := 1; COUNT_RESUME, COUNT_HZ, Cause, Count and Compare; COUNT_CTL := 0. Here by `KVMVCPU`, one call after the
    /// other.
    case calls = 2
    /// The same by `Timekeeper.freeze` and `thaw` with policy catch-up, as pause and resume have it. Beyond the calls above it asks
    /// whether somebody else has stopped the timer (COUNT_CTL), reads both clocks as one instant, reads the monotonic clock before the
    /// thaw, and enters the gap in the ledger. The C program makes the same system calls and keeps a sum.
    case cycle = 3
    /// KVM_RUN up to the guest's next store to a device, which gets it by the bus. Here `KVMVCPU.run`, `Exit` and `Bus`.
    case storeExit = 4
    /// The same with a load.
    case loadExit = 5
    /// Stores to a device for 150 ms, in the run loop of a VMM that a signal can stop; the guest measures. Here
    /// `VirtualMachine.run`.
    case storeLoop = 6
    /// The same with loads.
    case loadLoop = 7

    var isLoop: Bool { rawValue >= Measurement.storeLoop.rawValue }
}

/// How long some operations took.
struct Measured {
    var nanoseconds: UInt64
    var operations: UInt64

    init(nanoseconds: UInt64, operations: UInt64) {
        self.nanoseconds = nanoseconds
        self.operations = operations
    }

    /// - Parameter body: answers how many operations it made.
    init<Failure: Error>(_ body: () throws(Failure) -> Int) throws(Failure) {
        let start = Clock.monotonic()
        let count = try body()
        nanoseconds = Clock.monotonic() - start
        operations = UInt64(count)
    }
}
