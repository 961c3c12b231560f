// The FPU's control side: usability, FCRs, exceptions (Manual Volume I, "Floating Point Unit"; reference 3.6, 7.6).

import MIPS

extension CPU {
    /// The guest has an FPU: the capability is enabled and Config1.FP set.
    var fpuUsable: Bool { fpuEnabled && self[Cell.config1] & 1 != 0 }

    /// FIR of a 24Kf: F64, L, W, D, S; processor id 0x93.
    static let fir: UInt32 = 1 << 22 | 1 << 21 | 1 << 20 | 1 << 17 | 1 << 16 | 0x93 << 8

    /// Bits of FCSR that can be written.
    static let fcsrMask: UInt32 = 0xFF83_FFFF

    /// CFC1.
    func readFCR(_ register: Int) -> UInt32 {
        let fcsr = core.fcsr
        switch register {
        case 0: return CPU.fir
        case 25: return fcsr >> 24 & 0xFE | fcsr >> 23 & 1
        case 26: return fcsr & 0x0003_F07C
        case 28: return fcsr & 0x0000_0F83 | fcsr >> 22 & 4
        case 31: return fcsr
        default: return 0
        }
    }

    /// CTC1. Returns false when the new Cause and Enable bits raise an exception.
    func writeFCR(_ register: Int, _ value: UInt32, _ o: Op) -> Bool {
        let fcsr = core.fcsr
        switch register {
        case 25: core.fcsr = fcsr & ~0xFE80_0000 | (value & 0xFE) << 24 | (value & 1) << 23
        case 26: core.fcsr = fcsr & ~0x0003_F07C | value & 0x0003_F07C
        case 28: core.fcsr = fcsr & ~0x0100_0F83 | value & 0x0000_0F83 | (value & 4) << 22
        case 31: core.fcsr = value & CPU.fcsrMask
        default: return true
        }
        // Unimplemented Operation (bit 17) has no enable: it always traps.
        let enabled = core.fcsr >> 7 & 0x1F | 0x20
        guard core.fcsr >> 12 & 0x3F & enabled == 0 else {
            _ = raiseSynchronous(ExceptionCode.fpe, o)
            return false
        }
        return true
    }
}

extension Core {
    var mode: FloatingMode { @inline(__always) get { FloatingMode(fcsr: fcsr) } }

    /// Records the flags of an operation in FCSR. Returns false when one of them is enabled to trap: Cause is set, Flags is not,
    /// and the destination must stay as it is.
    @inline(__always)
    func record(_ flags: UInt32) -> Bool {
        let old = fcsr & ~0x0003_F000
        if flags == 0 {
            fcsr = old
            return true
        }
        if flags & old &>> 7 & 0x1F != 0 {
            fcsr = old | flags &<< 12
            return false
        }
        fcsr = old | flags &<< 12 | flags &<< 2
        return true
    }

    /// FPR `n` as a double: with FR = 0 the pair n, n + 1.
    @inline(__always)
    func double(_ n: Int) -> UInt64 {
        fr ? fpr(n) : UInt64(fpr32(n & ~1)) | UInt64(fpr32(n | 1)) &<< 32
    }

    @inline(__always)
    func setDouble(_ n: Int, _ value: UInt64) {
        if fr {
            setFPR(n, value)
        } else {
            setFPR32(n & ~1, UInt32(truncatingIfNeeded: value))
            setFPR32(n | 1, UInt32(truncatingIfNeeded: value &>> 32))
        }
    }
}
