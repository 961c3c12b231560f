// Where things lie in the guests of the engine differential, on every profile.

import Hypervisor

/// The address space of a profile as the generated guests use it. Physical addresses, sizes in bytes.
struct GuestPlan {
    static let ramSize = 0x4_0000
    static let handler: UInt32 = 0x400
    static let state: UInt32 = 0x4000
    static let log: UInt32 = 0x5000
    /// Pages programs run in and write into.
    static let code: UInt32 = 0x1_0000
    static let codeSize: UInt32 = 0x4000
    /// Data that loads and stores reach; each of two halves is a page of the largest size.
    static let data: UInt32 = 0x2_0000
    static let dataSize: UInt32 = 0x8000

    /// EntryLo's PFN for a physical address.
    static func frame(_ physical: UInt32) -> UInt32 { (physical >> 12) << 6 }

    let profile: Profile
    /// Segments without TLB, cached and uncached; under trap-and-emulate there is one.
    var kseg0: UInt32 { profile.kernelWindow }
    var kseg1: UInt32 { profile.isTE ? profile.kernelWindow : 0xA000_0000 }
    /// Mapped addresses of the kernel.
    var kseg2: UInt32 { profile.isTE ? 0x6000_0000 : 0xC000_0000 }
    /// Mapped addresses end there in user mode.
    var userEnd: UInt32 { profile.kernelWindow }
    var pageSize: UInt32 { profile.pageSize }
    /// PageMask of a pair of such pages.
    var pageMask: UInt32 { (pageSize * 2 - 1) & ~0x1FFF }

    /// The handler's variables, offsets from the start of RAM.
    enum Variable {
        static let vector = state
        static let at = state + 4
        static let log = state + 8
        /// Exceptions left before the program is started at another place.
        static let left = state + 12
        static let patience = state + 16
        static let flip = state + 20
        static let entryLo0 = state + 24
        static let entryLo1 = state + 28
        static let pageMask = state + 32
        static let period = state + 36
        static let next = state + 40
        static let entryHi = state + 44
        /// Registers 16 to 25 at a start.
        static let bases = state + 64
        /// Eight starts: PC and Status.
        static let starts = state + 128
    }
}
