// What keeps a snapshot from another backend, and what is only worth a word.
//
// A machine saved on /dev/kvm goes on in the simulator and the other way round, because both keep one contract. What differs from
// host to host, and what the contract does not give out, is judged here; docs/snapshot-format.md, "What crosses backends", is the
// list with its reasons.

public import Hypervisor

/// Why a snapshot cannot go on here, and what a guest would notice that may.
public enum Crossing {
    /// Something that keeps it from going on.
    public enum Obstacle: Error, Equatable, Sendable {
        /// From trap-and-emulate to hardware virtualization or back.
        case kind(saved: Profile, here: Profile)
        /// Trap-and-emulate with pages of another size.
        case pageSize(saved: UInt32, here: UInt32, patched: Bool)
        /// So many TLB entries are wired, and were not saved or cannot be loaded.
        case wired(UInt32)
    }

    /// Something the guest can see if it looks, and lives with.
    public enum Note: Equatable, Sendable {
        /// A register that says what the hardware is has another value here.
        case register(RegisterID, saved: UInt64, here: UInt64)
        /// The two kinds of trap-and-emulate take turns.
        case interruptMask(saved: Profile, here: Profile)
    }

    /// Trap-and-emulate and hardware virtualization are different machines. The two kinds of trap-and-emulate are one: they differ in
    /// which interrupts they deliver, not in what they keep.
    static func check(saved: Profile, here: Profile) throws(Obstacle) -> Note? {
        if saved.isTE != here.isTE { throw .kind(saved: saved, here: here) }
        if saved.pageSize != here.pageSize {
            throw .pageSize(saved: saved.pageSize, here: here.pageSize, patched: here.isTE)
        }
        return saved.kind == here.kind ? nil : .interruptMask(saved: saved, here: here)
    }

    /// Whether a register that cannot be set to `saved` may stay as it is.
    static func tolerates(_ id: RegisterID, saved: UInt64, here: UInt64) -> Bool {
        let different = saved ^ here
        switch id {
        // FIR: processor and revision may differ, what the FPU can do may not.
        case .fcrIR: return different & ~0xFFFF == 0
        // Config1: sets and ways of the caches may differ. Lines may not: a guest that flushes a line here and one where the next was
        // would leave every other one out.
        case .config1: return different & ~0x01C7_E380 == 0
        // Config.MM, how writes merge on their way to memory. Linux switches it on where it can; KVM lets a guest write it, and a
        // VMM not, under trap-and-emulate. There is nothing behind it that could differ.
        case .config: return different & ~mergeMode == 0
        default: return false
        }
    }

    /// Config.MM of the 24K and its kin.
    private static let mergeMode: UInt64 = 3 << 17

    /// Where KVM maps the vCPU's page in a trap-and-emulate guest (reference 2.4).
    static func commpage(_ pageSize: UInt32) -> UInt32 { pageSize > 0x8000 ? 0 : 0x8000 - pageSize }
}

extension Crossing.Obstacle: CustomStringConvertible {
    /// What follows the file's name.
    public var description: String {
        switch self {
        case .kind(let saved, let here):
            "was taken on \(saved.name) and cannot continue on \(here.name): "
                + (saved.isTE
                    ? "the guest's kernel is linked for the addresses of trap-and-emulate, and instructions in it have been replaced "
                        + "by loads and stores of a page that only trap-and-emulate has; "
                    : "the guest's kernel is linked for segments that trap-and-emulate does not have; ")
                + "restore it on such a host, or with --backend simulator --profile \(saved.name)"
        case .pageSize(let saved, let here, true):
            "was taken with pages of \(saved) bytes and cannot continue with \(here): instructions of the guest have been replaced by "
                + "loads and stores of the vCPU's page at \(hex(Crossing.commpage(saved))), which would be at "
                + "\(hex(Crossing.commpage(here))) here; restore it on a host with pages of the first size"
        case .pageSize(let saved, let here, false):
            "was taken with pages of \(saved) bytes and cannot continue with \(here); "
                + "restore it on a host with pages of the first size"
        case .wired(let count):
            "cannot continue here: the guest has wired \(count) TLB entries and counts on them, and they cannot be moved, because "
                + "/dev/kvm neither gives out the TLB nor takes one; keep such a guest on the simulator"
        }
    }
}

extension Crossing.Note: CustomStringConvertible {
    public var description: String {
        switch self {
        case .register(let id, let saved, let here):
            "\(id) was 0x" + String(saved, radix: 16) + " and is 0x" + String(here, radix: 16)
                + " here: another make with the same abilities, and the guest can tell if it looks again"
        case .interruptMask(let saved, let here):
            "the guest was on \(saved.name) and is on \(here.name) now: "
                + (here.kind == .te510
                    ? "interrupts are gated by Status.IM0 alone, and without that bit it gets none"
                    : "interrupts are gated by their own bits of Status, no longer by IM0")
        }
    }
}
