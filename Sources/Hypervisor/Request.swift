// The ioctl numbers of KVM/MIPS, as Linux on MIPS encodes them (arch/mips/include/uapi/asm/ioctl.h; reference 1.1, 1.2).
//
// Both backends use the MIPS numbers: the kernel module passes them on as they are, the simulator decodes them. (An x86 kernel
// numbers the same calls differently, but no x86 kernel ever sees them.)

/// An ioctl request number: bits 31-29 direction, 28-16 size of the argument, 15-8 type, 7-0 number.
public struct Request: RawRepresentable, Equatable, Sendable, CustomStringConvertible {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Direction of a request as its three top bits say it.
    public enum Direction: UInt32, Sendable {
        case none = 1
        case read = 2
        case write = 4
        case readWrite = 6
    }

    /// KVM's type byte.
    public static let kvmType: UInt32 = 0xAE

    public init(_ direction: Direction, number: UInt32, size: UInt32 = 0, type: UInt32 = Request.kvmType) {
        rawValue = direction.rawValue << 29 | (size & 0x1FFF) << 16 | (type & 0xFF) << 8 | number & 0xFF
    }

    public var number: UInt32 { rawValue & 0xFF }
    public var type: UInt32 { rawValue >> 8 & 0xFF }

    // System
    public static let getAPIVersion = Request(.none, number: 0x00)
    public static let createVM = Request(.none, number: 0x01)
    public static let checkExtension = Request(.none, number: 0x03)
    public static let getVCPUMapSize = Request(.none, number: 0x04)
    public static let traceEnable = Request(.write, number: 0x06, size: 8)
    // Machine
    public static let createVCPU = Request(.none, number: 0x41)
    public static let getDirtyLog = Request(.write, number: 0x42, size: 16)
    public static let setUserMemoryRegion = Request(.write, number: 0x46, size: 32)
    public static let createIRQChip = Request(.none, number: 0x60)
    public static let irqLine = Request(.write, number: 0x61, size: 8)
    public static let registerCoalescedMMIO = Request(.write, number: 0x67, size: 16)
    public static let irqLineStatus = Request(.readWrite, number: 0x67, size: 8)
    public static let unregisterCoalescedMMIO = Request(.write, number: 0x68, size: 16)
    public static let setGSIRouting = Request(.write, number: 0x6A, size: 8)
    public static let irqFD = Request(.write, number: 0x76, size: 32)
    public static let ioEventFD = Request(.write, number: 0x79, size: 64)
    public static let signalMSI = Request(.write, number: 0xA5, size: 32)
    public static let clearDirtyLog = Request(.readWrite, number: 0xC0, size: 24)
    public static let createDevice = Request(.readWrite, number: 0xE0, size: 12)
    // Machine and vCPU
    public static let enableCapability = Request(.write, number: 0xA3, size: 104)
    // vCPU
    public static let run = Request(.none, number: 0x80)
    public static let getRegisters = Request(.read, number: 0x81, size: 280)
    public static let setRegisters = Request(.write, number: 0x82, size: 280)
    public static let getSpecialRegisters = Request(.read, number: 0x83)
    public static let setSpecialRegisters = Request(.write, number: 0x84)
    public static let translate = Request(.readWrite, number: 0x85, size: 24)
    public static let interrupt = Request(.write, number: 0x86, size: 4)
    public static let setSignalMask = Request(.write, number: 0x8B, size: 4)
    public static let getFPU = Request(.read, number: 0x8C)
    public static let setFPU = Request(.write, number: 0x8D)
    public static let getMPState = Request(.read, number: 0x98, size: 4)
    public static let setMPState = Request(.write, number: 0x99, size: 4)
    public static let nmi = Request(.none, number: 0x9A)
    public static let setGuestDebug = Request(.write, number: 0x9B, size: 8)
    public static let getOneRegister = Request(.write, number: 0xAB, size: 16)
    public static let setOneRegister = Request(.write, number: 0xAC, size: 16)
    public static let getRegisterList = Request(.readWrite, number: 0xB0, size: 8)

    /// The kernel's name of the request, or its number.
    public var description: String {
        switch self {
        case .getAPIVersion: "KVM_GET_API_VERSION"
        case .createVM: "KVM_CREATE_VM"
        case .checkExtension: "KVM_CHECK_EXTENSION"
        case .getVCPUMapSize: "KVM_GET_VCPU_MMAP_SIZE"
        case .createVCPU: "KVM_CREATE_VCPU"
        case .getDirtyLog: "KVM_GET_DIRTY_LOG"
        case .setUserMemoryRegion: "KVM_SET_USER_MEMORY_REGION"
        case .enableCapability: "KVM_ENABLE_CAP"
        case .run: "KVM_RUN"
        case .getRegisters: "KVM_GET_REGS"
        case .setRegisters: "KVM_SET_REGS"
        case .interrupt: "KVM_INTERRUPT"
        case .setSignalMask: "KVM_SET_SIGNAL_MASK"
        case .getOneRegister: "KVM_GET_ONE_REG"
        case .setOneRegister: "KVM_SET_ONE_REG"
        case .getRegisterList: "KVM_GET_REG_LIST"
        case .ioEventFD: "KVM_IOEVENTFD"
        case .registerCoalescedMMIO: "KVM_REGISTER_COALESCED_MMIO"
        default: "ioctl 0x" + String(rawValue, radix: 16)
        }
    }
}
