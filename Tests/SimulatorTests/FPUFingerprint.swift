// One number that stands for millions of FPU results, so that hosts can be compared.
//
// Shared by the tests and by Tests/Differential/fpu/fingerprint, which runs it as Embedded Swift and on MIPS.

#if canImport(Simulator)
    @testable import Simulator
#endif

/// FNV-1a over results and flags.
struct FPUFingerprint {
    private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    private mutating func mix(_ value: UInt64) {
        hash = (hash ^ value) &* 0x100_0000_01B3
    }

    private mutating func mix(_ result: FloatingResult64) {
        mix(result.bits)
        mix(UInt64(result.flags))
    }

    private mutating func mix(_ result: FloatingResult32) {
        mix(UInt64(result.bits))
        mix(UInt64(result.flags))
    }

    private mutating func mix(_ outcome: (result: Bool, flags: UInt32)) {
        mix(outcome.result ? 1 : 0)
        mix(UInt64(outcome.flags))
    }

    /// The fingerprint of every operation on `rounds` random operands of each format, half of them in mid-range.
    static func compute(rounds: Int) -> UInt64 {
        var operands = FPUOperandGenerator(seed: 99)
        var print = FPUFingerprint()
        for round in 0..<rounds {
            let double = operands.record(.double)
            let single = operands.record(.single)
            let mode = FloatingMode(fcsr: double.fcsr)
            var (a, b) = (double.a, double.b)
            var x = UInt32(truncatingIfNeeded: single.a)
            var y = UInt32(truncatingIfNeeded: single.b)
            if round & 1 == 0 {
                (a, b) = (comfortable(a), comfortable(b))
                (x, y) = (comfortable(x), comfortable(y))
            }
            print.doubles(a, b, double.c, mode)
            print.singles(x, y, UInt32(truncatingIfNeeded: single.c), mode)
        }
        return print.hash
    }

    private mutating func doubles(_ a: UInt64, _ b: UInt64, _ c: UInt64, _ mode: FloatingMode) {
        mix(FPU.add64(a, b, mode))
        mix(FPU.sub64(a, b, mode))
        mix(FPU.mul64(a, b, mode))
        mix(FPU.div64(a, b, mode))
        mix(FPU.sqrt64(a, mode))
        mix(FPU.recip64(a, mode))
        mix(FPU.rsqrt64(a, mode))
        mix(FPU.madd64(c, a, b, mode))
        mix(FPU.nmsub64(c, a, b, mode))
        mix(FPU.abs64(a))
        mix(FPU.neg64(a))
        mix(FPU.cvt_s_d(a, mode))
        mix(FPU.cvt_d_l(a, mode))
        mix(FPU.cvt_s_l(a, mode))
        for rounding in UInt32(0)..<4 {
            mix(FPU.toInt32_d(a, rounding: rounding))
            mix(FPU.toInt64_d(a, rounding: rounding))
        }
        for condition in UInt32(0)..<16 {
            mix(FPU.compare64(a, b, condition: condition))
        }
    }

    private mutating func singles(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ mode: FloatingMode) {
        mix(FPU.add32(a, b, mode))
        mix(FPU.sub32(a, b, mode))
        mix(FPU.mul32(a, b, mode))
        mix(FPU.div32(a, b, mode))
        mix(FPU.sqrt32(a, mode))
        mix(FPU.recip32(a, mode))
        mix(FPU.rsqrt32(a, mode))
        mix(FPU.msub32(c, a, b, mode))
        mix(FPU.nmadd32(c, a, b, mode))
        mix(FPU.abs32(a))
        mix(FPU.neg32(a))
        mix(FPU.cvt_d_s(a, mode))
        mix(FPU.cvt_d_w(a))
        mix(FPU.cvt_s_w(a, mode))
        for rounding in UInt32(0)..<4 {
            mix(FPU.toInt32_s(a, rounding: rounding))
            mix(FPU.toInt64_s(a, rounding: rounding))
        }
        for condition in UInt32(0)..<16 {
            mix(FPU.compare32(a, b, condition: condition))
        }
    }
}

/// A double without the far ends of the exponent range, where nearly every operand takes the fast path.
func comfortable(_ bits: UInt64) -> UInt64 {
    bits & 0x800F_FFFF_FFFF_FFFF | (((bits >> 52) & 0xFF) + 900) << 52
}

/// As above, in single precision.
func comfortable(_ bits: UInt32) -> UInt32 {
    bits & 0x807F_FFFF | (((bits >> 23) & 0x1F) + 110) << 23
}
