// Where everything lies on the "virt" board: the one table of guest-physical addresses and interrupt lines.
//
// All devices lie below 512 MiB, so that the unmapped kernel segments reach them; that splits RAM in two.

/// A stretch of guest-physical addresses.
public struct AddressWindow: Equatable, Sendable {
    /// First guest-physical address.
    public let base: UInt64
    /// Length in bytes.
    public let size: UInt64

    public init(base: UInt64, size: UInt64) {
        self.base = base
        self.size = size
    }

    /// One past the last address.
    public var end: UInt64 { base + size }

    /// Whether an access that begins at `address` belongs to this window.
    public func contains(_ address: UInt64) -> Bool { address >= base && address - base < size }

    public func overlaps(_ other: AddressWindow) -> Bool { base < other.end && other.base < end }
}

/// The board's addresses and lines.
public enum AddressMap {
    /// RAM from 0 up to here at most; the rest of it begins at `highRAMBase`.
    public static let lowRAMLimit: UInt64 = 0x1000_0000
    /// Where RAM beyond the first 256 MiB continues.
    public static let highRAMBase: UInt64 = 0x2000_0000
    /// End of the 32-bit physical address space.
    public static let end: UInt64 = 0x1_0000_0000
    /// The most RAM the board can hold: 3840 MiB.
    public static let largestRAM = lowRAMLimit + (end - highRAMBase)
    /// RAM comes in multiples of this: the largest page of any MIPS Linux host, so that every region can be a memory
    /// slot.
    public static let ramGranule: UInt64 = 0x1_0000

    public static let uart = AddressWindow(base: 0x1000_0000, size: 0x100)
    public static let rtc = AddressWindow(base: 0x1000_1000, size: 0x100)
    public static let syscon = AddressWindow(base: 0x1000_2000, size: 0x100)
    public static let bootROM = AddressWindow(base: 0x1FC0_0000, size: 0x1_0000)

    /// Number of virtio-mmio slots.
    public static let virtioSlots: UInt64 = 8

    /// The window of virtio-mmio slot `slot`, 0 ..< `virtioSlots`.
    public static func virtio(_ slot: UInt64) -> AddressWindow {
        precondition(slot < virtioSlots, "the board has 8 virtio slots")
        return AddressWindow(base: 0x1000_4000 + slot * 0x200, size: 0x200)
    }

    public static let uartLine = InterruptLine.ip2
    /// Shared by all virtio slots.
    public static let virtioLine = InterruptLine.ip3
    public static let rtcLine = InterruptLine.ip4
}

/// The guest kernel's unmapped window onto the first 512 MiB of physical addresses.
public enum KernelWindow: Equatable, Sendable {
    /// KSEG0 of an ordinary MIPS CPU, 0x80000000.
    case kseg0
    /// Under trap-and-emulate the guest kernel runs in host user mode and finds its window at 0x40000000.
    case trapAndEmulate

    /// Size of the window, and of the physical addresses it reaches.
    public static let size: UInt32 = 0x2000_0000

    /// First virtual address of the window.
    public var base: UInt32 {
        switch self {
        case .kseg0: 0x8000_0000
        case .trapAndEmulate: 0x4000_0000
        }
    }

    /// The virtual address at which the guest kernel finds `physical`, which is below 512 MiB.
    public func address(ofPhysical physical: UInt32) -> UInt32 {
        precondition(physical < Self.size, "the kernel window reaches 512 MiB")
        return base + physical
    }

    /// The physical address behind a virtual one of any unmapped segment: the top three bits cleared.
    public static func physical(of virtual: UInt32) -> UInt32 { virtual & (size - 1) }

    /// The window a kernel address is linked for: KSEG0 and KSEG1 count as the ordinary one; nil for mapped segments.
    public init?(of virtual: UInt32) {
        switch virtual >> 29 {
        case 2: self = .trapAndEmulate
        case 4, 5: self = .kseg0
        default: return nil
        }
    }
}

extension KernelWindow: CustomStringConvertible {
    public var description: String {
        switch self {
        case .kseg0: "the ordinary kernel segments (0x80000000)"
        case .trapAndEmulate: "the trap-and-emulate kernel segment (0x40000000)"
        }
    }
}
