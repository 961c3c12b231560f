// The four ioctl numbers a probe needs, on both kinds of hosts.
//
// Architectures encode "no argument" differently: MIPS sets bit 29, others set nothing
// (arch/mips/include/uapi/asm/ioctl.h, include/uapi/asm-generic/ioctl.h). A probe must work on an x86 host too, where
// its answer is that this kernel is of the wrong kind, so here the numbers are those of the host.

package enum ProbeRequest {
    #if HOST_MIPS
        private static let none: UInt = 0x2000_0000
    #else
        private static let none: UInt = 0
    #endif
    /// KVM's type byte, in place.
    private static let kvm: UInt = 0xAE00

    package static let getAPIVersion = none | kvm | 0x00
    package static let checkExtension = none | kvm | 0x03
    package static let getVCPUMapSize = none | kvm | 0x04

    /// KVM_CAP_MIPS_VZ.
    package static let capabilityVZ: UInt = 137
    /// KVM_CAP_MIPS_TE.
    package static let capabilityTE: UInt = 138
    /// The only API version there has been since 2007.
    package static let version = 12
}
