// Properties of the FPU on random operands: the fast path equals the soft path, both equal the host to nearest, and the
// laws of IEEE 754 hold between modes.

import Testing

@testable import Simulator

private let nearest = FloatingMode(rm: 0, fs: false)
private let towardZero = FloatingMode(rm: 1, fs: false)
private let up = FloatingMode(rm: 2, fs: false)
private let down = FloatingMode(rm: 3, fs: false)

private func same(_ a: FloatingResult32, _ b: FloatingResult32) -> Bool { a.bits == b.bits && a.flags == b.flags }
private func same(_ a: FloatingResult64, _ b: FloatingResult64) -> Bool { a.bits == b.bits && a.flags == b.flags }

/// Whether `bits` is what the host computed; any NaN equals any other.
private func matches(_ bits: UInt32, _ host: Float) -> Bool {
    host.isNaN ? FloatingFormat.single.isNaN(UInt64(bits)) : bits == host.bitPattern
}

private func matches(_ bits: UInt64, _ host: Double) -> Bool {
    host.isNaN ? FloatingFormat.double.isNaN(bits) : bits == host.bitPattern
}

@Suite struct FPUPropertyTests {
    static let rounds = 100_000

    @Test func fastPathEqualsSoftPathSingle() {
        var operands = FPUOperandGenerator(seed: 1)
        var wrong = 0
        for round in 0..<Self.rounds {
            let record = operands.record(.single)
            var a = UInt32(truncatingIfNeeded: record.a)
            var b = UInt32(truncatingIfNeeded: record.b)
            if round & 1 == 0 { (a, b) = (comfortable(a), comfortable(b)) }
            let host = (Float(bitPattern: a), Float(bitPattern: b))
            let results = [
                (FPU.add32(a, b, nearest), FPU.slowAdd32(a, b, nearest), host.0 + host.1),
                (FPU.sub32(a, b, nearest), FPU.slowSub32(a, b, nearest), host.0 - host.1),
                (FPU.mul32(a, b, nearest), FPU.slowMul32(a, b, nearest), host.0 * host.1),
                (FPU.div32(a, b, nearest), FPU.slowDiv32(a, b, nearest), host.0 / host.1),
                (FPU.sqrt32(a, nearest), FPU.slowSqrt32(a, nearest), host.0.squareRoot()),
            ]
            for (fast, slow, expected) in results where !same(fast, slow) || !matches(fast.bits, expected) {
                wrong += 1
            }
        }
        #expect(wrong == 0)
    }

    @Test func fastPathEqualsSoftPathDouble() {
        var operands = FPUOperandGenerator(seed: 2)
        var wrong = 0
        for round in 0..<Self.rounds {
            let record = operands.record(.double)
            var (a, b) = (record.a, record.b)
            if round & 1 == 0 { (a, b) = (comfortable(a), comfortable(b)) }
            let host = (Double(bitPattern: a), Double(bitPattern: b))
            let results = [
                (FPU.add64(a, b, nearest), FPU.slowAdd64(a, b, nearest), host.0 + host.1),
                (FPU.sub64(a, b, nearest), FPU.slowSub64(a, b, nearest), host.0 - host.1),
                (FPU.mul64(a, b, nearest), FPU.slowMul64(a, b, nearest), host.0 * host.1),
                (FPU.div64(a, b, nearest), FPU.slowDiv64(a, b, nearest), host.0 / host.1),
                (FPU.sqrt64(a, nearest), FPU.slowSqrt64(a, nearest), host.0.squareRoot()),
            ]
            for (fast, slow, expected) in results where !same(fast, slow) || !matches(fast.bits, expected) {
                wrong += 1
            }
            let narrowed = FPU.cvt_s_d(a, nearest)
            if !same(narrowed, FPU.slowCvt_s_d(a, nearest)) || !matches(narrowed.bits, Float(host.0)) { wrong += 1 }
        }
        #expect(wrong == 0)
    }

    @Test func exactResultsRaiseNothingOnTheFastPath() {
        // Products and squares of short integers, and back by division and root.
        var operands = FPUOperandGenerator(seed: 3)
        for _ in 0..<10_000 {
            let x = Double(operands.below(1 << 26) + 1)
            let y = Double(operands.below(1 << 26) + 1)
            let product = FPU.mul64(x.bitPattern, y.bitPattern, nearest)
            #expect(product.bits == (x * y).bitPattern && product.flags == 0)
            let quotient = FPU.div64(product.bits, y.bitPattern, nearest)
            #expect(quotient.bits == x.bitPattern && quotient.flags == 0)
            let root = FPU.sqrt64((x * x).bitPattern, nearest)
            #expect(root.bits == x.bitPattern && root.flags == 0)
            let sum = FPU.sub64(FPU.add64(x.bitPattern, y.bitPattern, nearest).bits, y.bitPattern, nearest)
            #expect(sum.bits == x.bitPattern && sum.flags == 0)
            // One unit in the last place more is never a product of that many zero bits.
            #expect(FPU.sqrt64((x * x).bitPattern + 1, nearest).flags == FloatingFlags.inexact)
        }
    }

    @Test func operationsCommute() {
        var operands = FPUOperandGenerator(seed: 4)
        for _ in 0..<20_000 {
            let record = operands.record(.double)
            let mode = FloatingMode(fcsr: record.fcsr)
            #expect(same(FPU.add64(record.a, record.b, mode), FPU.add64(record.b, record.a, mode)))
            #expect(same(FPU.mul64(record.a, record.b, mode), FPU.mul64(record.b, record.a, mode)))
        }
    }

    @Test func roundingDownMirrorsRoundingUp() {
        var operands = FPUOperandGenerator(seed: 5)
        let sign: UInt64 = 1 << 63
        for _ in 0..<20_000 {
            let record = operands.record(.double)
            let pairs = [
                (FPU.div64(record.a, record.b, up), FPU.div64(record.a ^ sign, record.b, down)),
                (FPU.mul64(record.a, record.b, up), FPU.mul64(record.a, record.b ^ sign, down)),
                (FPU.add64(record.a, record.b, up), FPU.add64(record.a ^ sign, record.b ^ sign, down)),
            ]
            for (above, below) in pairs where !FloatingFormat.double.isNaN(above.bits) {
                #expect(above.bits == below.bits ^ sign && above.flags == below.flags)
            }
        }
    }

    @Test func modesBracketTheExactResult() {
        var operands = FPUOperandGenerator(seed: 6)
        for _ in 0..<20_000 {
            let record = operands.record(.double)
            let compute: [(FloatingMode) -> FloatingResult64] = [
                { FPU.add64(record.a, record.b, $0) }, { FPU.mul64(record.a, record.b, $0) },
                { FPU.div64(record.a, record.b, $0) }, { FPU.sqrt64(record.a & ~(1 << 63), $0) },
            ]
            for operation in compute {
                let results = [down, nearest, up].map { operation($0) }
                let values = results.map { Double(bitPattern: $0.bits) }
                if values[1].isNaN { continue }
                #expect(values[0] <= values[1] && values[1] <= values[2])
                if results[1].flags & FloatingFlags.inexact == 0 {
                    #expect(values[0] == values[2])
                } else {
                    #expect(values[0].nextUp == values[2])
                }
                let cut = Double(bitPattern: operation(towardZero).bits)
                #expect(cut == (values[2] > 0 ? values[0] : values[2]))
            }
        }
    }

    @Test func singlesSurviveTheWayThroughDoubles() {
        var operands = FPUOperandGenerator(seed: 7)
        for _ in 0..<20_000 {
            let single = UInt32(truncatingIfNeeded: operands.record(.single).a)
            let double = FPU.cvt_d_s(single, nearest)
            let back = FPU.cvt_s_d(double.bits, nearest)
            if FloatingFormat.single.isNaN(UInt64(single)) {
                #expect(back.bits == 0x7FBF_FFFF)
            } else {
                #expect(back.bits == single && back.flags == 0 && double.flags == 0)
            }
        }
    }

    @Test func flushedResultsAreZeroOrUnchanged() {
        var operands = FPUOperandGenerator(seed: 8)
        for _ in 0..<20_000 {
            let record = operands.record(.single)
            let (a, b) = (UInt32(truncatingIfNeeded: record.a), UInt32(truncatingIfNeeded: record.b))
            let kept = FPU.mul32(a, b, FloatingMode(rm: record.fcsr & 3, fs: false))
            let flushed = FPU.mul32(a, b, FloatingMode(rm: record.fcsr & 3, fs: true))
            let isTiny = (kept.bits >> 23) & 0xFF == 0 && kept.bits << 1 != 0
            if isTiny {
                #expect(flushed.bits == kept.bits & 0x8000_0000 && flushed.flags == 0)
            } else if !same(kept, flushed) {
                // Rounded up to the smallest normal number, or down to zero: flushed before rounding.
                #expect(flushed.bits << 1 == 0 && flushed.flags == 0 && kept.flags & FloatingFlags.inexact != 0)
            }
        }
    }

    @Test func resultsAreTheSameOnEveryHost() {
        // Compared with Embedded Swift and with MIPS by Tests/Differential/fpu/fingerprint. A change of the operand
        // generator or of the fingerprint changes the number too; a change of the FPU must not.
        #expect(FPUFingerprint.compute(rounds: 5_000) == 0xE2CD_3AF9_7B22_E7F5)
    }
}
