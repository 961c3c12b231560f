// Memory slots (struct kvm_userspace_memory_region; reference 1.5).

/// One slot of guest-physical memory backed by host memory.
public struct MemoryRegion: Equatable, Sendable {
    /// What the slot does besides holding bytes.
    public struct Flags: OptionSet, Sendable {
        public let rawValue: UInt32
        public init(rawValue: UInt32) { self.rawValue = rawValue }
        /// Keep a dirty bitmap. KVM_MEM_LOG_DIRTY_PAGES.
        public static let logDirtyPages = Flags(rawValue: 1)
        /// Guest stores become MMIO exits. KVM_MEM_READONLY.
        public static let readOnly = Flags(rawValue: 2)
    }

    /// Slot number in bits 15-0, address space (always 0 on MIPS) above.
    public var slot: UInt32
    public var flags: Flags
    /// First guest-physical address, a multiple of the host's page size.
    public var guestPhysicalAddress: UInt64
    /// Bytes, a multiple of the host's page size; 0 deletes the slot.
    public var size: UInt64
    /// Address of the host memory behind the slot, a multiple of the host's page size.
    public var hostAddress: UInt64

    public init(
        slot: UInt32, flags: Flags = [], guestPhysicalAddress: UInt64, size: UInt64, hostAddress: UInt64
    ) {
        self.slot = slot
        self.flags = flags
        self.guestPhysicalAddress = guestPhysicalAddress
        self.size = size
        self.hostAddress = hostAddress
    }
}
