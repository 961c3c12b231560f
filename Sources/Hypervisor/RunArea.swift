// The memory a vCPU shares with its user (struct kvm_run; reference 1.4).
//
// Unsafe code: this type holds the address of a mapping that the vCPU owns; every access is at a constant offset inside
// the first 2352 bytes, which both backends map before they hand the area out.

/// Typed view of `struct kvm_run` and the coalesced MMIO ring behind it.
@safe
public struct RunArea: @unchecked Sendable {
    /// Address of the area.
    public let base: UnsafeMutableRawPointer
    /// Bytes mapped: two host pages.
    public let size: Int

    public init(base: UnsafeMutableRawPointer, size: Int) {
        unsafe self.base = base
        self.size = size
    }

    /// Offset 1: makes the next KVM_RUN return EINTR before it enters the guest.
    public var immediateExit: Bool {
        get { unsafe base.load(fromByteOffset: 1, as: UInt8.self) != 0 }
        nonmutating set { unsafe base.storeBytes(of: newValue ? 1 : 0, toByteOffset: 1, as: UInt8.self) }
    }

    /// Offset 8.
    public var exitReason: UInt32 {
        get { unsafe base.load(fromByteOffset: 8, as: UInt32.self) }
        nonmutating set { unsafe base.storeBytes(of: newValue, toByteOffset: 8, as: UInt32.self) }
    }

    /// Offset 12: set to 1 by every real exit, never cleared by the kernel.
    public var readyForInterruptInjection: UInt8 {
        get { unsafe base.load(fromByteOffset: 12, as: UInt8.self) }
        nonmutating set { unsafe base.storeBytes(of: newValue, toByteOffset: 12, as: UInt8.self) }
    }

    /// Offsets 32 to 52: the access of an MMIO exit.
    public var mmio: MMIO {
        get {
            MMIO(
                address: unsafe base.load(fromByteOffset: 32, as: UInt64.self),
                data: mmioData,
                length: unsafe base.load(fromByteOffset: 48, as: UInt32.self),
                isWrite: unsafe base.load(fromByteOffset: 52, as: UInt8.self) != 0)
        }
        nonmutating set {
            unsafe base.storeBytes(of: newValue.address, toByteOffset: 32, as: UInt64.self)
            mmioData = newValue.data
            unsafe base.storeBytes(of: newValue.length, toByteOffset: 48, as: UInt32.self)
            unsafe base.storeBytes(of: newValue.isWrite ? 1 : 0, toByteOffset: 52, as: UInt8.self)
        }
    }

    /// Offsets 40 to 47: the bytes of an MMIO access in guest memory order, byte 0 the least significant.
    public var mmioData: UInt64 {
        get { unsafe UInt64(littleEndian: base.load(fromByteOffset: 40, as: UInt64.self)) }
        nonmutating set { unsafe base.storeBytes(of: newValue.littleEndian, toByteOffset: 40, as: UInt64.self) }
    }

    /// Offset 32 of an internal error; MIPS kernels never write it.
    public var internalSuberror: UInt32 { unsafe base.load(fromByteOffset: 32, as: UInt32.self) }

    /// Offset 36 of an internal error; MIPS kernels never write it.
    public var internalDataCount: UInt32 { unsafe base.load(fromByteOffset: 36, as: UInt32.self) }

    /// The coalesced MMIO ring's `last` index, at the start of the second page.
    public var coalescedLast: UInt32 {
        get { unsafe base.load(fromByteOffset: size / 2 + 4, as: UInt32.self) }
        nonmutating set { unsafe base.storeBytes(of: newValue, toByteOffset: size / 2 + 4, as: UInt32.self) }
    }

    /// The coalesced MMIO ring's `first` index.
    public var coalescedFirst: UInt32 {
        get { unsafe base.load(fromByteOffset: size / 2, as: UInt32.self) }
        nonmutating set { unsafe base.storeBytes(of: newValue, toByteOffset: size / 2, as: UInt32.self) }
    }

    /// Entries a coalesced MMIO ring of this size holds (reference 1.4).
    public var coalescedCapacity: UInt32 { UInt32(truncatingIfNeeded: (size / 2 - 8) / 24) }

    /// Appends a store to the coalesced MMIO ring, as the kernel does; false when the ring is full.
    public func appendCoalesced(_ address: UInt64, _ data: UInt64, _ length: UInt32) -> Bool {
        let last = coalescedLast
        let capacity = coalescedCapacity
        guard last < capacity, (last + 1) % capacity != coalescedFirst else { return false }
        let entry = size / 2 + 8 + Int(last) * 24
        unsafe base.storeBytes(of: address, toByteOffset: entry, as: UInt64.self)
        unsafe base.storeBytes(of: length, toByteOffset: entry + 8, as: UInt32.self)
        unsafe base.storeBytes(of: data.littleEndian, toByteOffset: entry + 16, as: UInt64.self)
        coalescedLast = (last + 1) % capacity
        return true
    }
}
