// Multiplication, division and the HI/LO accumulator (MIPS32 manual, Volume II-A).

@inline(__always)
private func setAccumulator(_ s: Core, _ value: UInt64) {
    s.lo = Word(truncatingIfNeeded: value)
    s.hi = Word(truncatingIfNeeded: value &>> 32)
}

@inline(__always)
private func accumulator(_ s: Core) -> UInt64 { UInt64(s.hi) &<< 32 | UInt64(s.lo) }

@inline(__always)
private func signedProduct(_ s: Core, _ o: Op) -> UInt64 {
    UInt64(bitPattern: Int64(signed(s[o.rs])) &* Int64(signed(s[o.rt])))
}

@inline(__always)
private func unsignedProduct(_ s: Core, _ o: Op) -> UInt64 { UInt64(s[o.rs]) &* UInt64(s[o.rt]) }

@inline(__always) func MULT(_ s: Core, _ o: Op) { setAccumulator(s, signedProduct(s, o)) }
@inline(__always) func MULTU(_ s: Core, _ o: Op) { setAccumulator(s, unsignedProduct(s, o)) }
@inline(__always) func MADD(_ s: Core, _ o: Op) { setAccumulator(s, accumulator(s) &+ signedProduct(s, o)) }
@inline(__always) func MADDU(_ s: Core, _ o: Op) { setAccumulator(s, accumulator(s) &+ unsignedProduct(s, o)) }
@inline(__always) func MSUB(_ s: Core, _ o: Op) { setAccumulator(s, accumulator(s) &- signedProduct(s, o)) }
@inline(__always) func MSUBU(_ s: Core, _ o: Op) { setAccumulator(s, accumulator(s) &- unsignedProduct(s, o)) }
/// MUL leaves HI and LO unpredictable; here they keep their values.
@inline(__always) func MUL(_ s: Core, _ o: Op) { s[o.rd] = s[o.rs] &* s[o.rt] }

/// Division by zero is unpredictable and does not trap. As on the 24K family's divider: quotient all ones (or 1 for a negative
/// dividend), remainder the dividend.
@inline(__always)
func DIV(_ s: Core, _ o: Op) {
    let n = signed(s[o.rs])
    let d = signed(s[o.rt])
    if d == 0 {
        s.lo = n < 0 ? 1 : .max
        s.hi = Word(bitPattern: n)
    } else if d == -1 {
        // The one quotient that does not fit, -2^31 / -1, wraps to itself.
        s.lo = 0 &- Word(bitPattern: n)
        s.hi = 0
    } else {
        s.lo = Word(bitPattern: n / d)
        s.hi = Word(bitPattern: n % d)
    }
}

@inline(__always)
func DIVU(_ s: Core, _ o: Op) {
    let n = s[o.rs]
    let d = s[o.rt]
    if d == 0 {
        s.lo = .max
        s.hi = n
    } else {
        s.lo = n / d
        s.hi = n % d
    }
}
