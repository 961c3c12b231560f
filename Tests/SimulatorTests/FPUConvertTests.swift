// Conversions and comparisons of the FPU against known results and against exact arithmetic.

import Testing

@testable import Simulator

private func bits(_ value: Float) -> UInt32 { value.bitPattern }
private func bits(_ value: Double) -> UInt64 { value.bitPattern }

private let hostRules: [FloatingPointRoundingRule] = [.toNearestOrEven, .towardZero, .up, .down]

@Suite struct FPUConvertTests {
    @Test(arguments: [-2.5, -2.0, -1.5, -1.25, -1, -0.75, -0.5, -0.25, -0.0, 0, 0.25, 0.5, 0.75, 1, 1.5, 2.5, 3.5, 1e9])
    func smallNumbersToIntegers(value: Double) {
        for rounding in UInt32(0)..<4 {
            let expected = Int64(value.rounded(hostRules[Int(rounding)]))
            let flags: UInt32 = value == value.rounded() ? 0 : FloatingFlags.inexact
            let results32 = [
                FPU.toInt32_d(bits(value), rounding: rounding), FPU.toInt32_s(bits(Float(value)), rounding: rounding),
            ]
            let results64 = [
                FPU.toInt64_d(bits(value), rounding: rounding), FPU.toInt64_s(bits(Float(value)), rounding: rounding),
            ]
            for result in results32 {
                #expect(Int32(bitPattern: result.bits) == Int32(expected) && result.flags == flags)
            }
            for result in results64 {
                #expect(Int64(bitPattern: result.bits) == expected && result.flags == flags)
            }
        }
    }

    @Test func integersOutOfRangeAreInvalid() {
        let values: [Double] = [
            2_147_483_648, -2_147_483_649, 1e300, -1e300, .infinity, -.infinity,
            Double(bitPattern: 0x7FF0_0000_0000_0001),
            Double(bitPattern: 0xFFF8_0000_0000_0000),
        ]
        for value in values {
            for rounding in UInt32(0)..<4 {
                let result = FPU.toInt32_d(bits(value), rounding: rounding)
                #expect(result.bits == 0x7FFF_FFFF && result.flags == FloatingFlags.invalid)
            }
        }
        for value in [9_223_372_036_854_775_808.0, -9_223_372_036_854_777_856.0, .infinity] {
            let result = FPU.toInt64_d(bits(value), rounding: 1)
            #expect(result.bits == 0x7FFF_FFFF_FFFF_FFFF && result.flags == FloatingFlags.invalid)
        }
        let single = FPU.toInt64_s(0x7FC0_0000, rounding: 0)
        #expect(single.bits == 0x7FFF_FFFF_FFFF_FFFF && single.flags == FloatingFlags.invalid)
    }

    @Test func roundingDecidesWhatIsInRange() {
        // 2^31 − 1/2 and −2^31 − 1/2.
        let above = bits(2_147_483_647.5)
        #expect(FPU.toInt32_d(above, rounding: 1).bits == 0x7FFF_FFFF)
        #expect(FPU.toInt32_d(above, rounding: 1).flags == FloatingFlags.inexact)
        #expect(FPU.toInt32_d(above, rounding: 0).flags == FloatingFlags.invalid)
        #expect(FPU.toInt32_d(above, rounding: 2).flags == FloatingFlags.invalid)
        let below = bits(-2_147_483_648.5)
        #expect(FPU.toInt32_d(below, rounding: 0).bits == 0x8000_0000)
        #expect(FPU.toInt32_d(below, rounding: 2).bits == 0x8000_0000)
        #expect(FPU.toInt32_d(below, rounding: 3).flags == FloatingFlags.invalid)
        // The ends themselves are exact.
        #expect(FPU.toInt32_d(bits(-2_147_483_648), rounding: 0).bits == 0x8000_0000)
        #expect(FPU.toInt64_d(bits(-9_223_372_036_854_775_808), rounding: 0).bits == 1 << 63)
        #expect(FPU.toInt64_d(bits(-9_223_372_036_854_775_808), rounding: 0).flags == 0)
    }

    @Test func numbersWithoutFractionBitsStayExact() {
        // From 2^62 on nothing is cut; an increment there would be seen.
        for pattern in [0x43D0_0000_0000_0001, 0x43DC_E2A3_ED4C_BA87, 0xC3D4_0020_0000_0001] as [UInt64] {
            let value = Double(bitPattern: pattern)
            for rounding in UInt32(0)..<4 {
                let result = FPU.toInt64_d(pattern, rounding: rounding)
                #expect(Int64(bitPattern: result.bits) == Int64(value) && result.flags == 0)
            }
        }
    }

    @Test func subnormalsToIntegers() {
        for rounding in UInt32(0)..<4 {
            let result = FPU.toInt32_s(1, rounding: rounding)
            #expect(result.bits == (rounding == 2 ? 1 : 0) && result.flags == FloatingFlags.inexact)
            let negative = FPU.toInt64_d(1 << 63 | 1, rounding: rounding)
            #expect(negative.bits == (rounding == 3 ? UInt64.max : 0) && negative.flags == FloatingFlags.inexact)
        }
    }

    @Test func integersToNumbers() {
        var operands = FPUOperandGenerator(seed: 11)
        let nearest = FloatingMode(rm: 0, fs: false)
        for _ in 0..<20_000 {
            let long = operands.record(.long).a
            let word = UInt32(truncatingIfNeeded: operands.record(.word).a)
            let signedLong = Int64(bitPattern: long)
            let signedWord = Int32(bitPattern: word)
            #expect(FPU.cvt_d_w(word).bits == bits(Double(signedWord)) && FPU.cvt_d_w(word).flags == 0)
            #expect(FPU.cvt_s_w(word, nearest).bits == bits(Float(signedWord)))
            #expect(FPU.cvt_s_l(long, nearest).bits == bits(Float(signedLong)))
            let double = FPU.cvt_d_l(long, nearest)
            #expect(double.bits == bits(Double(signedLong)))
            #expect((double.flags == 0) == (Double(exactly: signedLong) != nil))
            #expect((FPU.cvt_s_w(word, nearest).flags == 0) == (Float(exactly: signedWord) != nil))
            // The word's conversion is the long's of the same number, in every mode.
            for rounding in UInt32(0)..<4 {
                let mode = FloatingMode(rm: rounding, fs: false)
                let extended = UInt64(bitPattern: Int64(signedWord))
                #expect(FPU.cvt_s_w(word, mode).bits == FPU.cvt_s_l(extended, mode).bits)
                #expect(FPU.cvt_s_w(word, mode).flags == FPU.cvt_s_l(extended, mode).flags)
            }
        }
    }

    @Test func comparisonsFollowTheConditionBits() {
        let numbers: [Double] = [
            -.infinity, -2, -1, -Double.leastNonzeroMagnitude, -0.0, 0, .leastNonzeroMagnitude, 1, 2, .infinity,
        ]
        for x in numbers {
            for y in numbers {
                for condition in UInt32(0)..<16 {
                    let expected = (condition & 2 != 0 && x == y) || (condition & 4 != 0 && x < y)
                    let double = FPU.compare64(bits(x), bits(y), condition: condition)
                    #expect(double.result == expected && double.flags == 0)
                    // 5E-324 would vanish in single precision: use its own smallest number.
                    let narrow = { (value: Double) -> UInt32 in
                        value.isSubnormal ? (value < 0 ? 0x8000_0001 : 1) : Float(value).bitPattern
                    }
                    let single = FPU.compare32(narrow(x), narrow(y), condition: condition)
                    #expect(single.result == expected && single.flags == 0)
                }
            }
        }
    }

    @Test func comparisonsWithNaNs() {
        for condition in UInt32(0)..<16 {
            for (a, b) in [(0x7F80_0001, 0x3F80_0000), (0x3F80_0000, 0xFFBF_FFFF)] as [(UInt32, UInt32)] {
                let outcome = FPU.compare32(a, b, condition: condition)
                #expect(outcome.result == (condition & 1 != 0))
                #expect(outcome.flags == (condition >= 8 ? FloatingFlags.invalid : 0))
            }
            let signalling = FPU.compare64(0x7FF8_0000_0000_0000, 0, condition: condition)
            #expect(signalling.result == (condition & 1 != 0) && signalling.flags == FloatingFlags.invalid)
        }
    }
}
