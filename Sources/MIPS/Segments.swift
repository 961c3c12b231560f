// The segments of the 32-bit virtual address space.

/// A segment (Manual Volume III, chapter 4). Segments follow each other in the order of the cases.
public enum Segment: UInt8, CaseIterable, Sendable {
    /// 0x0000_0000...0x7FFF_FFFF, 2 GiB: user, mapped; unmapped and uncached in the kernel while Status.ERL is set.
    case kuseg
    /// 0x8000_0000...0x9FFF_FFFF, 512 MiB: kernel, unmapped, cached as Config.K0 says.
    case kseg0
    /// 0xA000_0000...0xBFFF_FFFF, 512 MiB: kernel, unmapped, uncached.
    case kseg1
    /// 0xC000_0000...0xDFFF_FFFF, 512 MiB: supervisor and kernel, mapped. Without supervisor mode also called KSEG2.
    case ksseg
    /// 0xE000_0000...0xFFFF_FFFF, 512 MiB: kernel, mapped.
    case kseg3

    /// The segment that holds a virtual address.
    @inlinable
    public init(of address: UInt32) {
        switch address &>> 29 {
        case 0...3: self = .kuseg
        case 4: self = .kseg0
        case 5: self = .kseg1
        case 6: self = .ksseg
        default: self = .kseg3
        }
    }

    /// Its first address.
    @inlinable public var first: UInt32 { self == .kuseg ? 0 : 0x6000_0000 &+ UInt32(rawValue) &* 0x2000_0000 }
    /// Its last address.
    @inlinable public var last: UInt32 { self == .kuseg ? 0x7FFF_FFFF : first &+ 0x1FFF_FFFF }
    /// Whether its addresses go through the TLB (KUSEG: while Status.ERL is clear).
    @inlinable public var isMapped: Bool { self != .kseg0 && self != .kseg1 }
    /// Whether user mode may use it.
    @inlinable public var isUser: Bool { self == .kuseg }

    /// The bits of an address in KSEG0 or KSEG1 that are the physical address.
    public static let unmappedMask: UInt32 = 0x1FFF_FFFF
}
