// What `stasis doctor` wants to know of a kernel beyond whether it can be used.

import CHost
import Host
public import Hypervisor

/// Answers of one kernel. Making one asks them: a VM of each type is created and given back, and where that is safe a vCPU, which
/// never runs.
public struct KVMFacts: Sendable {
    /// What KVM_CHECK_EXTENSION said, with the capability's name in <linux/kvm.h>.
    public struct Answer: Sendable {
        public let capability: Capability
        public let name: StaticString
        public let value: Int
    }

    /// What a vCPU that does not run can show.
    public enum VCPU: Sendable {
        /// COUNT_HZ of a new vCPU, and whether its timer has the defect that raises an interrupt after a long freeze (reference 4.8,
        /// Q1); nil where only a guest would see it.
        case seen(countHz: UInt64, spuriousInterrupt: Bool?)
        /// None was made: it may crash this kernel.
        case avoided(KernelVersion)
        case failed(HypervisorError)
    }

    /// Of the types 0, 1 and 2, those that KVM_CREATE_VM takes.
    public let machineTypes: [MachineType]
    public let answers: [Answer]
    public let vcpu: VCPU

    /// What a capability is worth; 0 where it is absent.
    public func value(of capability: Capability) -> Int {
        for answer in answers where answer.capability == capability { return answer.value }
        return 0
    }

    /// Capabilities that matter to Stasis or its user.
    private static var named: [(Capability, StaticString)] {
        [
            (.userMemory, "USER_MEMORY"), (.memorySlotCount, "NR_MEMSLOTS"), (.synchronousMMU, "SYNC_MMU"),
            (.ioEventFD, "IOEVENTFD"), (.maximumVCPUs, "MAX_VCPUS"), (.oneRegister, "ONE_REG"),
            (.readOnlyMemory, "READONLY_MEM"), (.mipsFPU, "MIPS_FPU"), (.mipsMSA, "MIPS_MSA"),
            (.immediateExit, "IMMEDIATE_EXIT"), (.mipsVZ, "MIPS_VZ"), (.mipsTE, "MIPS_TE"),
            (.mips64Bit, "MIPS_64BIT"), (.manualDirtyLogProtect2, "MANUAL_DIRTY_LOG_PROTECT2"),
        ]
    }

    /// Asks the kernel behind a device.
    ///
    /// - Parameter trustingKernel: make a vCPU although this version of Linux may crash.
    /// - Throws: as `KVMProbe.examine`.
    public init(path: String = "/dev/kvm", trustingKernel: Bool = false) throws(KVMProbeError) {
        try self.init(path: path, trustingKernel: trustingKernel, version: KernelVersion.running())
    }

    init(path: String, trustingKernel: Bool, version: KernelVersion?) throws(KVMProbeError) {
        let descriptor = try KVMProbe.open(path)
        let host = try KVMProbe.examine(descriptor, path: path)
        let device = KVMDescriptor(descriptor)
        var answers: [Answer] = []
        for (capability, name) in Self.named {
            // A kernel that cannot say has not got it.
            let value = (try? device.call(.checkExtension, UInt(capability.rawValue))) ?? 0
            answers.append(Answer(capability: capability, name: name, value: value))
        }
        self.answers = answers
        var types: [MachineType] = []
        for number: UInt32 in 0...2 {
            let type = MachineType(rawValue: number)
            do throws(HypervisorError) {
                _ = try device.createMachine(type)
                types.append(type)
            } catch {
                // EINVAL, or whatever keeps it from making one now: then making the vCPU says what.
            }
        }
        machineTypes = types
        if host.kind == .vz, let version, version.mayCrashAtVCPUCreation, !trustingKernel {
            vcpu = .avoided(version)
            return
        }
        do throws(HypervisorError) {
            vcpu = try Self.look(device, host.kind)
        } catch {
            vcpu = .failed(error)
        }
    }

    /// Makes a vCPU and looks at its timer. The defect is provoked the short way: with COUNT_HZ lowered during a freeze, the expiry
    /// noted before is too near for the new rate, and the thaw takes it for one that was missed.
    private static func look(_ device: borrowing KVMDescriptor, _ kind: KVMHost.Kind) throws(HypervisorError) -> VCPU {
        let machine = try device.createMachine(kind == .vz ? .vz : .auto)
        let vcpu = KVMDescriptor(raw: try machine.call(.createVCPU, 0))
        let countHz = try vcpu.register(.countHz)
        // On VZ the interrupt would only be queued, and show when the guest is entered.
        guard kind == .trapAndEmulate else { return .seen(countHz: countHz, spuriousInterrupt: nil) }
        try vcpu.setRegister(.countControl, 1)
        try vcpu.setRegister(.countHz, 1_000_000)
        try vcpu.setRegister(.compare, 500)
        try vcpu.setRegister(.count, 1000)
        try vcpu.setRegister(.countControl, 0)
        let cause = try vcpu.register(.cause)
        return .seen(countHz: countHz, spuriousInterrupt: cause & 0x4000_0000 != 0)
    }
}
