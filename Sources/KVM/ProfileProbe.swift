// Which profile a kernel is: what it says, and for the interrupt-mask defect what a guest shows.
//
// Linux 5.8 to 5.12 tests Status.IM0 instead of an interrupt's own mask bit (reference 6.4). Versions do not tell: distributions
// repair, and back-port. So a guest with IM0 alone set is given interrupt 2: if it takes it, the kernel has the defect.
//
// Unsafe code: the guest's page is memory of this probe's own, written at constant offsets before the guest exists, and unmapped
// after it is gone.

import Host
import Hypervisor

enum ProfileProbe {
    static func profile(
        of host: KVMHost, _ device: borrowing KVMDescriptor, _ alarm: AlarmClock
    ) throws(KVMOpenError) -> Profile {
        let pageSize = host.vcpuMapSize / 2
        // Two pages of 4 to 64 KiB are what kernels answer; anything else would spoil arithmetic further up.
        guard host.vcpuMapSize % 2 == 0, pageSize >= 4096, pageSize <= 65536, pageSize & (pageSize - 1) == 0 else {
            throw .mapSize(host.vcpuMapSize)
        }
        let hasFPU: Bool
        do throws(HypervisorError) {
            hasFPU = try device.call(.checkExtension, UInt(Capability.mipsFPU.rawValue)) > 0
        } catch {
            throw .call(error)
        }
        var profile = Profile(kind: .vz, pageSize: UInt32(pageSize), hasFPU: hasFPU)
        if host.kind == .trapAndEmulate {
            profile.kind = try hasMaskDefect(device, mapSize: host.vcpuMapSize, alarm) ? .te510 : .teFixed
        }
        return profile
    }

    /// Offsets in the guest's page, and where the guest stores: to MMIO, so that KVM_RUN comes back.
    private static let program = 0x400
    private static let handler = 0x180
    private static let notTaken: UInt64 = 0x1400_0000
    private static let taken: UInt64 = 0x1400_0004

    /// Guest-physical 0 in the kernel window of trap-and-emulate.
    private static let window: UInt64 = 0x4000_0000

    private static func hasMaskDefect(
        _ device: borrowing KVMDescriptor, mapSize: Int, _ alarm: AlarmClock
    ) throws(KVMOpenError) -> Bool {
        let page: Mapping
        do throws(Errno) {
            page = try Mapping.anonymous(size: 65536)
        } catch {
            throw .memory(error)
        }
        var absent: HypervisorError?
        store([0x3C1A_B400, 0xAF40_0000], at: program, page)  // lui k0, 0xB400; sw zero, 0(k0)
        store([0x3C1A_B400, 0xAF40_0004], at: handler, page)  // lui k0, 0xB400; sw zero, 4(k0)
        do throws(HypervisorError) {
            let machine = try KVMMachine(device, .auto, mapSize: mapSize, alarm)
            try machine.setMemoryRegion(
                MemoryRegion(
                    slot: 0, guestPhysicalAddress: 0, size: UInt64(page.size),
                    hostAddress: UInt64(UInt(bitPattern: unsafe page.base))))
            let vcpu = try machine.createVCPU(0)
            do throws(HypervisorError) {
                _ = try vcpu.register(.countControl)
            } catch {
                // Trap-and-emulate is older than the master disable.
                absent = error
                throw error
            }
            try vcpu.setRegister(.pc, window + UInt64(program))
            // IE and IM0; IM2, the interrupt's own bit, is not set.
            try vcpu.setRegister(.status, 0x101)
            try vcpu.interrupt(2)
            let address = try storeAddress(vcpu)
            guard address == taken || address == notTaken else { throw HypervisorError(.run, .io) }
            return address == taken
        } catch {
            if let absent { throw .noMasterDisable(absent) }
            throw .guest(error)
        }
    }

    private static func store(_ words: [UInt32], at offset: Int, _ page: borrowing Mapping) {
        for (i, word) in words.enumerated() {
            unsafe page.base.storeBytes(of: word, toByteOffset: offset + i * 4, as: UInt32.self)
        }
    }

    /// Runs to the guest's first store and answers where it went; nil for anything else. A signal only delays it.
    private static func storeAddress(_ vcpu: KVMVCPU) throws(HypervisorError) -> UInt64? {
        while true {
            do throws(HypervisorError) {
                if case .mmio(let access) = try vcpu.run(), access.isWrite { return access.address }
                return nil
            } catch {
                if error.errno != .intr { throw error }
            }
        }
    }
}
