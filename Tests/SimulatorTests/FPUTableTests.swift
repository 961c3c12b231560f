// Known results of the FPU, operation by operation and mode by mode. Those about NaNs, FS and tininess were read off
// QEMU's 24Kf.

import Testing

@testable import Simulator

private let nearest = FloatingMode(rm: 0, fs: false)
private let towardZero = FloatingMode(rm: 1, fs: false)
private let up = FloatingMode(rm: 2, fs: false)
private let down = FloatingMode(rm: 3, fs: false)
private let flush = FloatingMode(rm: 0, fs: true)
private let modes = [nearest, towardZero, up, down]

private let inexact: UInt32 = 1
private let underflow: UInt32 = 2
private let overflow: UInt32 = 4
private let divideByZero: UInt32 = 8
private let invalid: UInt32 = 16

/// Legacy encoding: the fraction's top bit marks a signalling NaN.
private let quiet32: UInt32 = 0x7F80_0001
private let signalling32: UInt32 = 0x7FC0_0001
private let default32: UInt32 = 0x7FBF_FFFF
private let default64: UInt64 = 0x7FF7_FFFF_FFFF_FFFF
private let infinity32: UInt32 = 0x7F80_0000
private let largest32: UInt32 = 0x7F7F_FFFF
private let infinity64: UInt64 = 0x7FF0_0000_0000_0000
private let largest64: UInt64 = 0x7FEF_FFFF_FFFF_FFFF

private func expect(
    _ result: FloatingResult32, _ bits: UInt32, _ flags: UInt32 = 0, at location: SourceLocation = #_sourceLocation
) {
    #expect(
        result.bits == bits && result.flags == flags,
        "\(String(result.bits, radix: 16)) flags \(String(result.flags, radix: 2))", sourceLocation: location)
}

private func expect(
    _ result: FloatingResult64, _ bits: UInt64, _ flags: UInt32 = 0, at location: SourceLocation = #_sourceLocation
) {
    #expect(
        result.bits == bits && result.flags == flags,
        "\(String(result.bits, radix: 16)) flags \(String(result.flags, radix: 2))", sourceLocation: location)
}

@Suite struct FPUTableTests {
    @Test func modeIsReadFromFCSR() {
        for rounding in UInt32(0)..<4 {
            let plain = FloatingMode(fcsr: rounding | 0x00FF_FFFC)
            #expect(plain.rm == rounding && !plain.fs)
            let flushing = FloatingMode(fcsr: rounding | 1 << 24)
            #expect(flushing.rm == rounding && flushing.fs)
            #expect(flushing.isNearest == (rounding == 0))
            #expect(FloatingMode(rm: rounding, fs: true).bits == flushing.bits)
        }
    }

    @Test func additionRoundsInEachDirection() {
        // 1 + 2^-24: exactly half-way to the next single.
        let half: UInt32 = 0x3380_0000
        for (mode, bits) in zip(modes, [0x3F80_0000, 0x3F80_0000, 0x3F80_0001, 0x3F80_0000] as [UInt32]) {
            expect(FPU.add32(0x3F80_0000, half, mode), bits, inexact)
        }
        for (mode, bits) in zip(modes, [0x3F80_0000, 0x3F80_0000, 0x3F80_0001, 0x3F80_0000] as [UInt32]) {
            expect(FPU.sub32(0x3F80_0000, half ^ 0x8000_0000, mode), bits, inexact)
        }
        // A tie goes to the even neighbour.
        expect(FPU.add32(0x3F80_0001, half, nearest), 0x3F80_0002, inexact)
        // 1 + 2^-53.
        for (mode, last) in zip(modes, [0, 0, 1, 0] as [UInt64]) {
            expect(FPU.add64(0x3FF0_0000_0000_0000, 0x3CA0_0000_0000_0000, mode), 0x3FF0_0000_0000_0000 | last, inexact)
        }
        // Bits far below the last one still count upward.
        expect(FPU.add64(0x3FF0_0000_0000_0000, 1, up), 0x3FF0_0000_0000_0001, inexact)
        expect(FPU.sub64(0x3FF0_0000_0000_0000, 1, towardZero), 0x3FEF_FFFF_FFFF_FFFF, inexact)
        expect(FPU.add32(0x3F80_0000, 0x4000_0000, nearest), 0x4040_0000)
    }

    @Test func signOfAnExactZero() {
        for mode in modes {
            let zero: UInt32 = mode.rm == 3 ? 0x8000_0000 : 0
            expect(FPU.sub32(0x4123_4567, 0x4123_4567, mode), zero)
            expect(FPU.add32(0, 0x8000_0000, mode), zero)
            expect(FPU.add32(0x8000_0000, 0x8000_0000, mode), 0x8000_0000)
            expect(FPU.add64(0, 1 << 63, mode), UInt64(zero) << 32)
        }
    }

    @Test func overflowGivesInfinityOrTheLargestNumber() {
        let positive = [infinity32, largest32, infinity32, largest32]
        let negative = [infinity32, largest32, largest32, infinity32].map { $0 | 0x8000_0000 }
        for (index, mode) in modes.enumerated() {
            expect(FPU.add32(largest32, largest32, mode), positive[index], overflow | inexact)
            expect(FPU.mul32(largest32, 0xC000_0000, mode), negative[index], overflow | inexact)
            expect(FPU.div32(largest32, 0x0000_0001, mode), positive[index], overflow | inexact)
        }
        expect(FPU.mul64(largest64, largest64, nearest), infinity64, overflow | inexact)
        expect(FPU.mul64(largest64, largest64, towardZero), largest64, overflow | inexact)
        expect(FPU.cvt_s_d(largest64, nearest), infinity32, overflow | inexact)
        // The largest double that still rounds to the largest single, and the next one.
        expect(FPU.cvt_s_d(0x47EF_FFFF_EFFF_FFFF, nearest), largest32, inexact)
        expect(FPU.cvt_s_d(0x47EF_FFFF_F000_0000, nearest), infinity32, overflow | inexact)
    }

    @Test func tinyResults() {
        // Exact subnormals raise nothing, inexact ones U and I.
        expect(FPU.mul32(0x0080_0000, 0x3F00_0000, nearest), 0x0040_0000)
        expect(FPU.mul32(0x0080_0001, 0x3F00_0000, nearest), 0x0040_0000, underflow | inexact)
        expect(FPU.mul32(0x0000_0001, 0x3F00_0000, nearest), 0, underflow | inexact)
        expect(FPU.mul32(0x0000_0001, 0x3F00_0000, up), 1, underflow | inexact)
        expect(FPU.add32(1, 1, nearest), 2)
        expect(FPU.sub32(0x0080_0000, 1, nearest), 0x007F_FFFF)
        // Tiny is judged after rounding with an unbounded exponent: the first still is, the second is not.
        expect(FPU.mul32(0x00FF_FFFF, 0x3F00_0000, nearest), 0x0080_0000, underflow | inexact)
        expect(FPU.cvt_s_d(0x380F_FFFF_E000_0000, nearest), 0x0080_0000, underflow | inexact)
        expect(FPU.cvt_s_d(0x380F_FFFF_F000_0000, nearest), 0x0080_0000, inexact)
        expect(FPU.mul64(0x0010_0000_0000_0001, 0x3FE0_0000_0000_0000, nearest), 0x0008_0000_0000_0000, 3)
    }

    @Test func flushToZeroRaisesNothing() {
        expect(FPU.mul32(0x0080_0000, 0x3F00_0000, flush), 0)
        expect(FPU.mul32(0x8080_0001, 0x3F00_0000, flush), 0x8000_0000)
        expect(FPU.add32(1, 0, flush), 0)
        expect(FPU.add32(0x8000_0001, 0x0080_0000, flush), 0)
        // Looks before rounding: this one would round to the smallest normal number.
        expect(FPU.mul32(0x00FF_FFFF, 0x3F00_0000, flush), 0)
        // Operands are not flushed.
        expect(FPU.add32(1, 0x0080_0000, flush), 0x0080_0001)
        expect(FPU.sqrt32(1, flush), 0x1A35_04F3, inexact)
        expect(FPU.cvt_d_s(1, flush), 0x36A0_0000_0000_0000)
        expect(FPU.cvt_s_d(0x3800_0000_0000_0000, flush), 0)
    }

    @Test func invalidOperations() {
        for mode in modes {
            expect(FPU.sub32(infinity32, infinity32, mode), default32, invalid)
            expect(FPU.add32(infinity32, infinity32 | 0x8000_0000, mode), default32, invalid)
            expect(FPU.mul32(0, infinity32, mode), default32, invalid)
            expect(FPU.div32(0, 0x8000_0000, mode), default32, invalid)
            expect(FPU.div32(infinity32, infinity32, mode), default32, invalid)
            expect(FPU.sqrt32(0xBF80_0000, mode), default32, invalid)
            expect(FPU.sqrt64(infinity64 | 1 << 63, mode), default64, invalid)
            expect(FPU.rsqrt64(0xBFF0_0000_0000_0000, mode), default64, invalid)
            expect(FPU.madd64(0, infinity64, 0, mode), default64, invalid)
        }
    }

    @Test func infinitiesAndZeros() {
        for mode in modes {
            expect(FPU.add32(infinity32, largest32, mode), infinity32)
            expect(FPU.sub32(0, infinity32, mode), infinity32 | 0x8000_0000)
            expect(FPU.mul32(0x8000_0001, infinity32, mode), infinity32 | 0x8000_0000)
            expect(FPU.mul32(0x8000_0000, largest32, mode), 0x8000_0000)
            expect(FPU.div32(0x8000_0001, infinity32, mode), 0x8000_0000)
            expect(FPU.div32(0x3F80_0000, 0x8000_0000, mode), infinity32 | 0x8000_0000, divideByZero)
            expect(FPU.div32(infinity32, 0, mode), infinity32)
            expect(FPU.recip64(1 << 63, mode), infinity64 | 1 << 63, divideByZero)
            expect(FPU.rsqrt32(0, mode), infinity32, divideByZero)
            expect(FPU.rsqrt32(infinity32, mode), 0)
            expect(FPU.sqrt32(0x8000_0000, mode), 0x8000_0000)
            expect(FPU.sqrt32(infinity32, mode), infinity32)
        }
    }

    @Test func notANumber() {
        for mode in modes {
            expect(FPU.add32(quiet32, 0x3F80_0000, mode), default32)
            expect(FPU.add32(quiet32, 0xFF80_0002, mode), default32)
            expect(FPU.sub32(0x3F80_0000, quiet32, mode), default32)
            expect(FPU.mul32(signalling32, quiet32, mode), default32, invalid)
            expect(FPU.div32(quiet32, signalling32, mode), default32, invalid)
            expect(FPU.sqrt32(signalling32 | 0x8000_0000, mode), default32, invalid)
            expect(FPU.sqrt32(quiet32 | 0x8000_0000, mode), default32)
            // The negated forms turn the sign of the default NaN too.
            expect(FPU.madd32(0, quiet32, 0, mode), default32)
            expect(FPU.nmadd32(0, quiet32, 0, mode), default32 | 0x8000_0000)
            expect(FPU.nmsub32(signalling32, 0x3F80_0000, 0, mode), default32 | 0x8000_0000, invalid)
            expect(FPU.cvt_s_d(0x7FF0_0000_0000_0001, mode), default32)
            expect(FPU.cvt_s_d(0xFFF8_0000_0000_0000, mode), default32, invalid)
            expect(FPU.cvt_d_s(0xFFBF_FFFF, mode), default64)
            expect(FPU.cvt_d_s(signalling32, mode), default64, invalid)
        }
    }

    @Test func absoluteValueAndNegationTouchOnlyTheSign() {
        expect(FPU.abs32(signalling32 | 0x8000_0000), signalling32)
        expect(FPU.neg32(signalling32), signalling32 | 0x8000_0000)
        expect(FPU.neg32(0), 0x8000_0000)
        expect(FPU.abs64(0xFFF8_0000_0000_0001), 0x7FF8_0000_0000_0001)
        expect(FPU.neg64(0x3FF0_0000_0000_0000), 0xBFF0_0000_0000_0000)
    }

    @Test func divisionAndRoots() {
        let third: [UInt32] = [0x3EAA_AAAB, 0x3EAA_AAAA, 0x3EAA_AAAB, 0x3EAA_AAAA]
        let rootOfTwo: [UInt64] = [
            0x3FF6_A09E_667F_3BCD, 0x3FF6_A09E_667F_3BCC, 0x3FF6_A09E_667F_3BCD, 0x3FF6_A09E_667F_3BCC,
        ]
        for (index, mode) in modes.enumerated() {
            expect(FPU.div32(0x3F80_0000, 0x4040_0000, mode), third[index], inexact)
            expect(FPU.recip32(0x4040_0000, mode), third[index], inexact)
            expect(FPU.sqrt64(0x4000_0000_0000_0000, mode), rootOfTwo[index], inexact)
            expect(FPU.div64(0x4018_0000_0000_0000, 0x4000_0000_0000_0000, mode), 0x4008_0000_0000_0000)
            expect(FPU.sqrt64(0x4022_0000_0000_0000, mode), 0x4008_0000_0000_0000)
            expect(FPU.sqrt32(0x4180_0000, mode), 0x4080_0000)
            expect(FPU.rsqrt64(0x4030_0000_0000_0000, mode), 0x3FD0_0000_0000_0000)
        }
    }

    @Test func multiplyAddRoundsTwice() {
        // (1 + 2^-12)² = 1 + 2^-11 + 2^-24: the product's last bit is a tie and goes down, a fused one would show it.
        let factor: UInt32 = 0x3F80_0800
        let product: UInt32 = 0x3F80_1000
        expect(FPU.madd32(product | 0x8000_0000, factor, factor, nearest), 0, inexact)
        expect(FPU.msub32(product, factor, factor, nearest), 0, inexact)
        expect(FPU.nmadd32(product | 0x8000_0000, factor, factor, nearest), 0x8000_0000, inexact)
        expect(
            FPU.madd64(0x4010_0000_0000_0000, 0x4000_0000_0000_0000, 0x4008_0000_0000_0000, nearest),
            0x4024_0000_0000_0000)
        expect(
            FPU.nmsub64(0x4010_0000_0000_0000, 0x4000_0000_0000_0000, 0x4008_0000_0000_0000, nearest),
            0xC000_0000_0000_0000)
    }
}
