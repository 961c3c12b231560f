// Capabilities (KVM_CHECK_EXTENSION) and machine types (KVM_CREATE_VM). include/uapi/linux/kvm.h; reference 2.1, 2.3.

/// A KVM capability number.
public struct Capability: RawRepresentable, Equatable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let userMemory = Capability(rawValue: 3)
    public static let vcpuCount = Capability(rawValue: 9)
    public static let memorySlotCount = Capability(rawValue: 10)
    public static let mpState = Capability(rawValue: 14)
    public static let coalescedMMIO = Capability(rawValue: 15)
    public static let synchronousMMU = Capability(rawValue: 16)
    public static let destroyMemoryRegionWorks = Capability(rawValue: 21)
    public static let joinMemoryRegionsWorks = Capability(rawValue: 30)
    public static let irqFD = Capability(rawValue: 32)
    public static let ioEventFD = Capability(rawValue: 36)
    public static let internalErrorData = Capability(rawValue: 40)
    public static let enableCapability = Capability(rawValue: 54)
    public static let maximumVCPUs = Capability(rawValue: 66)
    public static let oneRegister = Capability(rawValue: 70)
    public static let readOnlyMemory = Capability(rawValue: 81)
    public static let enableCapabilityVM = Capability(rawValue: 98)
    public static let checkExtensionVM = Capability(rawValue: 105)
    public static let mipsFPU = Capability(rawValue: 111)
    public static let mipsMSA = Capability(rawValue: 112)
    public static let ioEventFDAnyLength = Capability(rawValue: 122)
    public static let maximumVCPUID = Capability(rawValue: 128)
    public static let immediateExit = Capability(rawValue: 136)
    public static let mipsVZ = Capability(rawValue: 137)
    public static let mipsTE = Capability(rawValue: 138)
    public static let mips64Bit = Capability(rawValue: 139)
    public static let coalescedPIO = Capability(rawValue: 162)
    public static let manualDirtyLogProtect2 = Capability(rawValue: 168)
    public static let haltPoll = Capability(rawValue: 182)
}

/// The argument of KVM_CREATE_VM. The numbers changed meaning in Linux 5.9 (reference 2.1).
public struct MachineType: RawRepresentable, Equatable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Whatever the kernel offers (5.9 and later); trap-and-emulate before.
    public static let auto = MachineType(rawValue: 0)
    /// Hardware virtualization.
    public static let vz = MachineType(rawValue: 1)
    /// Trap-and-emulate, 5.9 to 5.12.
    public static let te = MachineType(rawValue: 2)
}
