// The three protocols every backend implements. Linux sources of the behaviour: virt/kvm/kvm_main.c, arch/mips/kvm/mips.c.

public import Host

/// The system handle: what an open /dev/kvm is on a MIPS host.
public protocol HypervisorSystem: AnyObject, Sendable {
    associatedtype Machine: HypervisorMachine

    /// What this system is. Probed on a kernel, chosen on the simulator.
    var profile: Profile { get }

    /// Which clock COUNT_RESUME is measured on; two readings are comparable only within one domain.
    var timeDomain: TimeDomain { get }

    /// The clock of COUNT_RESUME (nanoseconds) and the wall clock (nanoseconds since 1970 UTC), read together.
    func clock() -> ClockReading

    /// The clock of COUNT_RESUME alone.
    var monotonic: UInt64 { get }

    /// Waits until the clock of COUNT_RESUME reaches `monotonic` (ns). A virtual clock is moved there at once.
    func sleep(until monotonic: UInt64)

    /// Makes `run` of every vCPU of this system return EINTR, as a signal would, once the clock of COUNT_RESUME reaches
    /// `monotonic` (ns); nil takes the alarm back. It stays in force until then: a run begun later returns at once. A guest that
    /// sleeps in WAIT when the alarm comes is left in front of WAIT on a virtual clock's exact instant, so nothing of the
    /// guest's course changes.
    func setAlarm(_ monotonic: UInt64?)

    /// KVM_GET_API_VERSION; 12 on every kernel that matters.
    func apiVersion() throws(HypervisorError) -> Int

    /// KVM_CHECK_EXTENSION; 0 where the capability is absent or unknown.
    func checkExtension(_ capability: Capability) throws(HypervisorError) -> Int

    /// KVM_GET_VCPU_MMAP_SIZE: bytes of a run area, twice the host's page size.
    func runAreaSize() throws(HypervisorError) -> Int

    /// KVM_CREATE_VM. Throws EINVAL for a type this kernel does not offer (reference 2.1).
    func createMachine(_ type: MachineType) throws(HypervisorError) -> Machine

    /// A raw call on the system descriptor.
    func ioctl(_ request: Request, _ argument: UInt) throws(HypervisorError) -> Int
}

extension HypervisorSystem {
    public var monotonic: UInt64 { clock().monotonic }
}

/// A VM.
public protocol HypervisorMachine: AnyObject, Sendable {
    associatedtype VCPU: HypervisorVCPU

    /// KVM_CHECK_EXTENSION on the VM.
    func checkExtension(_ capability: Capability) throws(HypervisorError) -> Int

    /// KVM_SET_USER_MEMORY_REGION. The host memory must stay mapped until the slot is deleted or the machine is gone.
    /// Throws EINVAL (slot, alignment, flags, change of an existing slot) or EEXIST (overlap); reference 1.5.
    func setMemoryRegion(_ region: MemoryRegion) throws(HypervisorError)

    /// KVM_GET_DIRTY_LOG: one bit for each host page of the slot, least significant first; reading clears it.
    /// Throws ENOENT when the slot does not log, EINVAL when there cannot be such a slot.
    func dirtyLog(slot: UInt32) throws(HypervisorError) -> [UInt64]

    /// Promises that user space notes in `log` what it writes into the memory of slots, after it wrote it: a backend that keeps guest code
    /// in a form of its own need not compare it with memory at each entry. What is noted is seen at the next entry, and when the guest
    /// executes CACHE; without a log, all that was written is. A kernel takes no notice: the caches of its processor are the guest's business.
    func announceWrites(_ log: WriteLog)

    /// KVM_CREATE_VCPU. Throws EINVAL for an id of 16 or more, EEXIST for one in use.
    func createVCPU(_ id: UInt32) throws(HypervisorError) -> VCPU

    /// KVM_ENABLE_CAP on the VM.
    func enable(_ capability: Capability, flags: UInt32, argument: UInt64) throws(HypervisorError)

    /// A raw call on the VM descriptor.
    func ioctl(_ request: Request, _ argument: UInt) throws(HypervisorError) -> Int
}

/// A virtual CPU.
public protocol HypervisorVCPU: AnyObject, Sendable {
    /// The id given at creation, 0 to 15; CPUNum and EBase show it.
    var id: UInt32 { get }

    /// The memory shared with the kernel. Only the thread that runs the vCPU may use it while it runs, `immediateExit` excepted.
    var runArea: RunArea { get }

    /// KVM_GET_ONE_REG. A 32-bit register comes back in the low half, upper half zero; a 64-bit one as the kernel gives it,
    /// that is sign-extended from 32 bits with the exceptions of reference 3.2. Throws EINVAL for an id this vCPU lacks.
    func register(_ id: RegisterID) throws(HypervisorError) -> UInt64

    /// KVM_SET_ONE_REG; only the register's width of `value` is looked at. Throws EINVAL (unknown id, value out of range).
    func setRegister(_ id: RegisterID, _ value: UInt64) throws(HypervisorError)

    /// KVM_GET_REG_LIST: every id this vCPU has, in the kernel's order.
    func registerList() throws(HypervisorError) -> [RegisterID]

    /// KVM_GET_REGS. Zero-extended by a 32-bit kernel, unlike `register`: use `Registers.normalized`.
    func registers() throws(HypervisorError) -> Registers

    /// KVM_SET_REGS.
    func setRegisters(_ registers: Registers) throws(HypervisorError)

    /// KVM_INTERRUPT: assert (2, 3, 4, 6) or withdraw (-2, -3, -4, -6) an interrupt line of this vCPU; anything else is EINVAL.
    /// The only call that does not wait for `run`.
    func interrupt(_ line: Int32) throws(HypervisorError)

    /// KVM_INTERRUPT naming the vCPU by its index in creation order, as the kernel's structure can. The index must exist:
    /// kernels do not check it (reference 6.5).
    func interrupt(_ line: Int32, vcpuIndex: UInt32) throws(HypervisorError)

    /// `run` for a caller that knows which thread it is on, which is cheaper than finding out before every entry.
    /// - Parameter thread: the calling thread.
    func run(on thread: HostThread.ID) throws(HypervisorError) -> Exit

    /// KVM_RUN. Returns the exit, or throws EINTR when a signal or `immediateExit` ended it.
    func run() throws(HypervisorError) -> Exit

    /// KVM_SET_SIGNAL_MASK: the signals blocked during `run` (bit n-1 is signal n); nil turns it off.
    func setSignalMask(_ mask: UInt64?) throws(HypervisorError)

    /// KVM_ENABLE_CAP on the vCPU: MIPS_FPU or MIPS_MSA, flags and argument zero; else EINVAL.
    func enable(_ capability: Capability, flags: UInt32, argument: UInt64) throws(HypervisorError)

    /// What a vCPU has beyond the registers of the contract, for snapshots that stay with one backend: the simulator's TLB,
    /// Random and LLbit. Empty on KVM, where the guest TLB cannot be read (reference 7.4): such guests refill it.
    func backendState() throws(HypervisorError) -> [UInt8]

    /// Restores what `backendState` gave. Throws EINVAL when the bytes are not of this backend and version; nothing is changed then.
    func setBackendState(_ bytes: [UInt8]) throws(HypervisorError)

    /// A raw call on the vCPU descriptor.
    func ioctl(_ request: Request, _ argument: UInt) throws(HypervisorError) -> Int
}

extension HypervisorMachine {
    public func announceWrites(_ log: WriteLog) {}
}

extension HypervisorVCPU {
    public func run(on thread: HostThread.ID) throws(HypervisorError) -> Exit { try run() }
}

/// Identifies a clock: readings of two domains must never be mixed (reference 5.3, pitfalls).
public struct TimeDomain: Equatable, Sendable {
    /// What kind of clock it is.
    public enum Kind: UInt8, Sendable {
        /// A host's CLOCK_MONOTONIC, as long as that host stays booted.
        case host = 0
        /// A clock driven by retired guest instructions.
        case virtual = 1
    }

    public var kind: Kind
    /// The host's boot id, or zero for a virtual clock.
    public var identity: (UInt64, UInt64)
    /// Nanoseconds one instruction takes on a virtual clock; 0 on a host's.
    public var nanosecondsPerInstruction: UInt32

    public init(kind: Kind, identity: (UInt64, UInt64), nanosecondsPerInstruction: UInt32) {
        self.kind = kind
        self.identity = identity
        self.nanosecondsPerInstruction = nanosecondsPerInstruction
    }

    public static func == (a: TimeDomain, b: TimeDomain) -> Bool {
        a.kind == b.kind && a.identity.0 == b.identity.0 && a.identity.1 == b.identity.1
    }
}
