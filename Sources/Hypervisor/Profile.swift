// A profile names what the other side of the contract is.

/// Which KVM/MIPS this is: implementation, defects, page size, FPU.
public struct Profile: Equatable, Sendable {
    /// The implementation (reference section 0, "three configurations").
    public enum Kind: UInt8, Sendable, CaseIterable {
        /// Trap-and-emulate of Linux 5.8 to 5.12, where every interrupt is gated by Status.IM0 (reference 6.4).
        case te510 = 0
        /// Trap-and-emulate with that defect repaired, or Linux 5.7 and earlier.
        case teFixed = 1
        /// Hardware virtualization.
        case vz = 2
    }

    public var kind: Kind
    /// The host's page size in bytes: granularity of memory slots and of the dirty log.
    public var pageSize: UInt32
    /// Whether the host has an FPU it can lend to guests.
    public var hasFPU: Bool

    public init(kind: Kind, pageSize: UInt32, hasFPU: Bool) {
        self.kind = kind
        self.pageSize = pageSize
        self.hasFPU = hasFPU
    }

    public static let te510 = Profile(kind: .te510, pageSize: 16384, hasFPU: true)
    public static let teFixed = Profile(kind: .teFixed, pageSize: 16384, hasFPU: true)
    public static let vz = Profile(kind: .vz, pageSize: 4096, hasFPU: true)

    /// The profile of that name, or nil.
    public init?(named name: String) {
        // By bytes: `==` of strings would bring Unicode's tables and normalization along.
        for profile in [Profile.te510, .teFixed, .vz] where profile.name.utf8.elementsEqual(name.utf8) {
            self = profile
            return
        }
        return nil
    }

    /// The name used on the command line, in snapshots and in conformance output.
    public var name: String {
        switch kind {
        case .te510: "te-5.10"
        case .teFixed: "te-fixed"
        case .vz: "vz"
        }
    }

    /// Trap-and-emulate, with or without the defect.
    public var isTE: Bool { kind != .vz }

    /// Virtual address of guest-physical 0 in the guest kernel's unmapped, cached window: KSEG0, or what TE offers instead
    /// (reference 2.4).
    public var kernelWindow: UInt32 { isTE ? 0x4000_0000 : 0x8000_0000 }

    /// The machine type to create: the number that every kernel of this kind takes, before and after Linux 5.9 renumbered them
    /// (reference 2.1). 0 has always meant trap-and-emulate where there is that, and 1 VZ.
    public var machineType: MachineType { isTE ? .auto : .vz }
}
