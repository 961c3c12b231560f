// A simulated VM.

public import Hypervisor
public import Host

/// Memory slots and vCPUs of one guest.
public final class SimulatedMachine: HypervisorMachine, @unchecked Sendable {
    public typealias VCPU = SimulatedVCPU

    let system: SimulatedSystem
    let memory: MemorySlots
    let ioEvents = IOEvents()
    private let lock = Lock()
    /// In creation order, which is what `kvm_mips_interrupt.cpu` counts (reference 6.5). Unowned: a vCPU's life is its user's.
    private var vcpus: [(id: UInt32, mail: InterruptMail)] = []

    init(_ system: SimulatedSystem) {
        self.system = system
        memory = MemorySlots(pageSize: system.profile.pageSize, slotLimit: UInt32(Capabilities.memorySlots))
    }

    /// EIO in a process that did not create the machine.
    func checkOwner(_ request: Request) throws(HypervisorError) {
        guard Process.forkGeneration == system.generation else { throw HypervisorError(request, .io) }
    }

    public func checkExtension(_ capability: Capability) throws(HypervisorError) -> Int {
        try checkOwner(.checkExtension)
        return Capabilities.value(capability, system.profile)
    }

    public func setMemoryRegion(_ region: MemoryRegion) throws(HypervisorError) {
        try checkOwner(.setUserMemoryRegion)
        if let errno = memory.set(region) { throw HypervisorError(.setUserMemoryRegion, errno) }
    }

    public func dirtyLog(slot: UInt32) throws(HypervisorError) -> [UInt64] {
        try checkOwner(.getDirtyLog)
        do throws(Errno) {
            return try memory.takeDirtyLog(slot)
        } catch {
            throw HypervisorError(.getDirtyLog, error)
        }
    }

    public func announceWrites(_ log: WriteLog) { memory.announce(log) }

    public func createVCPU(_ id: UInt32) throws(HypervisorError) -> SimulatedVCPU {
        try checkOwner(.createVCPU)
        guard id < Capabilities.vcpus else { throw HypervisorError(.createVCPU, .inval) }
        lock.lock()
        defer { lock.unlock() }
        guard !vcpus.contains(where: { $0.id == id }) else { throw HypervisorError(.createVCPU, .exist) }
        do throws(Errno) {
            let vcpu = try SimulatedVCPU(self, id: id)
            vcpus.append((id, vcpu.mail))
            return vcpu
        } catch {
            throw HypervisorError(.createVCPU, error)
        }
    }

    /// The mail of the vCPU created as number `index`.
    func mail(_ index: UInt32) -> InterruptMail? {
        lock.withLock { Int(index) < vcpus.count ? vcpus[Int(index)].mail : nil }
    }

    /// Only MANUAL_DIRTY_LOG_PROTECT2 and HALT_POLL can be enabled on a VM (reference 1.2).
    public func enable(_ capability: Capability, flags: UInt32, argument: UInt64) throws(HypervisorError) {
        try checkOwner(.enableCapability)
        guard capability == .haltPoll, flags == 0 else { throw HypervisorError(.enableCapability, .inval) }
    }
}
