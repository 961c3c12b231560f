// What page size a Linux kernel was built for, by what it tells the TLB.
//
// A kernel image does not say it anywhere: not in its header, and its symbols are often stripped. But when it sets up the
// TLB (Linux, arch/mips/mm/tlb-r4k.c), it writes a constant to CP0's PageMask, which is the size: MTC0 of register zero
// for 4 KiB, or of a register that one or two instructions have put the constant into.
//
// It matters under trap-and-emulate, where a guest's pages are the host's: the kernel of another size corrupts its memory
// and dies before it has said a word.

/// Looks for a kernel's page size.
public enum KernelPageSize {
    /// Instructions that may lie between a constant and its use.
    private static let farthest = 8
    /// MTC0 to PageMask; the general register is in bits 16 to 20.
    private static let toPageMask: UInt32 = 0x4080_2800

    /// The size in bytes, from the code of a kernel. Nil if nothing tells it, or different places tell different sizes.
    public static func find(in code: [UInt8]) -> UInt32? {
        var found: UInt32?
        for at in stride(from: 0, to: code.count - 3, by: 4) {
            let word = ELFImage.word(code, at)
            guard word & 0xFFE0_FFFF == toPageMask, let mask = constant(of: word >> 16 & 31, before: at, code),
                let size = size(mask)
            else { continue }
            guard found ?? size == size else { return nil }
            found = size
        }
        return found
    }

    /// The page size of a mask: 4 KiB times a power of four, up to 64 KiB. Larger ones are huge pages, beside others.
    private static func size(_ mask: UInt32) -> UInt32? {
        switch mask {
        case 0: 4096
        case 0x6000: 16384
        case 0x1_E000: 65536
        default: nil
        }
    }

    /// The constant in a register at an instruction, if the ones right before it have put one there.
    private static func constant(of register: UInt32, before end: Int, _ code: [UInt8]) -> UInt32? {
        if register == 0 { return 0 }
        var low: UInt32?
        for at in stride(from: end - 4, through: max(0, end - 4 * farthest), by: -4) {
            let word = ELFImage.word(code, at)
            let immediate = word & 0xFFFF
            switch word >> 16 {
            case 0x2400 | register, 0x3400 | register:
                // ADDIU or ORI of register zero. Nothing may have come on top.
                return low == nil ? immediate : nil
            case 0x3C00 | register: return immediate << 16 | (low ?? 0)
            case 0x3400 | register << 5 | register:
                if low != nil { return nil }
                low = immediate
            default:
                // Anything else that may have the register as its target: unknown.
                if word >> 16 & 31 == register && word >> 26 >= 0x08 && word >> 26 < 0x28 { return nil }
                if word >> 26 == 0 && word >> 11 & 31 == register { return nil }
            }
        }
        return nil
    }
}
