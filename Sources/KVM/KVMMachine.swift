// A VM of the kernel.

import CHost
import Host
public import Hypervisor

/// Memory slots and vCPUs of one guest.
public final class KVMMachine: HypervisorMachine, @unchecked Sendable {
    public typealias VCPU = KVMVCPU

    private let descriptor: KVMDescriptor
    private let mapSize: Int
    private let alarm: AlarmClock
    private let lock = Lock()
    /// Bytes of each slot, which the length of its dirty log follows from.
    private var slots: [(slot: UInt32, size: UInt64)] = []

    init(
        _ device: borrowing KVMDescriptor, _ type: MachineType, mapSize: Int, _ alarm: AlarmClock
    ) throws(HypervisorError) {
        descriptor = try device.createMachine(type)
        self.mapSize = mapSize
        self.alarm = alarm
    }

    public func checkExtension(_ capability: Capability) throws(HypervisorError) -> Int {
        try descriptor.call(.checkExtension, UInt(capability.rawValue))
    }

    public func setMemoryRegion(_ region: MemoryRegion) throws(HypervisorError) {
        var structure = chost_kvm_userspace_memory_region(
            slot: region.slot, flags: region.flags.rawValue, guest_phys_addr: region.guestPhysicalAddress,
            memory_size: region.size, userspace_addr: region.hostAddress)
        lock.lock()
        defer { lock.unlock() }
        try descriptor.call(.setUserMemoryRegion, &structure)
        note(structure)
    }

    /// Remembers a slot the kernel accepted.
    private func note(_ region: chost_kvm_userspace_memory_region) {
        slots.removeAll { $0.slot == region.slot }
        if region.memory_size > 0 { slots.append((region.slot, region.memory_size)) }
    }

    public func dirtyLog(slot: UInt32) throws(HypervisorError) -> [UInt64] {
        lock.lock()
        defer { lock.unlock() }
        let size = slots.first { $0.slot == slot }?.size ?? 0
        // One bit a page, in whole words of the host, which 64-bit words hold in the same order on little-endian hosts. A slot that
        // is not there has no log; the kernel says why.
        let pages = size / UInt64(mapSize / 2)
        guard let words = Int(exactly: max(1, (pages + 63) / 64)) else { throw HypervisorError(.getDirtyLog, .nomem) }
        var bitmap = [UInt64](repeating: 0, count: words)
        var failure: HypervisorError?
        // The closure's throws would be untyped in this call, so the error leaves by a variable.
        unsafe bitmap.withUnsafeMutableBytes { bytes in
            var structure = chost_kvm_dirty_log(
                slot: slot, padding1: 0, dirty_bitmap: UInt64(UInt(bitPattern: bytes.baseAddress)))
            do throws(HypervisorError) { try descriptor.call(.getDirtyLog, &structure) } catch { failure = error }
        }
        if let failure { throw failure }
        return bitmap
    }

    public func createVCPU(_ id: UInt32) throws(HypervisorError) -> KVMVCPU {
        let vcpu = KVMDescriptor(raw: try descriptor.call(.createVCPU, UInt(id)))
        do throws(Errno) {
            return KVMVCPU(self, id, try vcpu.map(mapSize), vcpu, alarm)
        } catch {
            throw HypervisorError(.createVCPU, error)
        }
    }

    public func enable(_ capability: Capability, flags: UInt32, argument: UInt64) throws(HypervisorError) {
        try descriptor.enable(capability, flags, argument)
    }

    public func ioctl(_ request: Request, _ argument: UInt) throws(HypervisorError) -> Int {
        guard request == .setUserMemoryRegion else { return try descriptor.call(request, argument) }
        lock.lock()
        defer { lock.unlock() }
        let answer = try descriptor.call(request, argument)
        // The kernel has read the structure, so the address is good.
        if let pointer = unsafe UnsafeRawPointer(bitPattern: argument) {
            note(unsafe pointer.loadUnaligned(as: chost_kvm_userspace_memory_region.self))
        }
        return answer
    }
}

extension KVMDescriptor {
    /// KVM_ENABLE_CAP, on a VM or a vCPU.
    func enable(_ capability: Capability, _ flags: UInt32, _ argument: UInt64) throws(HypervisorError) {
        var structure = chost_kvm_enable_cap()
        structure.cap = capability.rawValue
        structure.flags = flags
        structure.args.0 = argument
        try call(.enableCapability, &structure)
    }

    /// KVM_CREATE_VM. Registering with the memory management gives up with EINTR when a signal is pending; nothing has been made
    /// then, and the signal is handled on the way back, so asking again is right (QEMU does too).
    func createMachine(_ type: MachineType) throws(HypervisorError) -> KVMDescriptor {
        while true {
            do throws(HypervisorError) {
                return KVMDescriptor(raw: try call(.createVM, UInt(type.rawValue)))
            } catch {
                if error.errno != .intr { throw error }
            }
        }
    }
}
