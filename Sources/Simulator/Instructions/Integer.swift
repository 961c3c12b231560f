// Integer arithmetic, logic, shifts and moves: one function per instruction, named as in the MIPS32 manual (Volume II-A).
//
// Operands are predecoded: `o.rs`, `o.rt`, `o.rd` are register offsets, `o.imm` the immediate already extended as the
// instruction wants it, or the shift amount.

@inline(__always) func ADDIU(_ s: Core, _ o: Op) { s[o.rt] = s[o.rs] &+ o.imm }
@inline(__always) func ADDU(_ s: Core, _ o: Op) { s[o.rd] = s[o.rs] &+ s[o.rt] }
@inline(__always) func SUBU(_ s: Core, _ o: Op) { s[o.rd] = s[o.rs] &- s[o.rt] }
@inline(__always) func AND(_ s: Core, _ o: Op) { s[o.rd] = s[o.rs] & s[o.rt] }
@inline(__always) func OR(_ s: Core, _ o: Op) { s[o.rd] = s[o.rs] | s[o.rt] }
@inline(__always) func XOR(_ s: Core, _ o: Op) { s[o.rd] = s[o.rs] ^ s[o.rt] }
@inline(__always) func NOR(_ s: Core, _ o: Op) { s[o.rd] = ~(s[o.rs] | s[o.rt]) }
@inline(__always) func ANDI(_ s: Core, _ o: Op) { s[o.rt] = s[o.rs] & o.imm }
@inline(__always) func ORI(_ s: Core, _ o: Op) { s[o.rt] = s[o.rs] | o.imm }
@inline(__always) func XORI(_ s: Core, _ o: Op) { s[o.rt] = s[o.rs] ^ o.imm }
@inline(__always) func LUI(_ s: Core, _ o: Op) { s[o.rt] = o.imm }
@inline(__always) func SLT(_ s: Core, _ o: Op) { s[o.rd] = signed(s[o.rs]) < signed(s[o.rt]) ? 1 : 0 }
@inline(__always) func SLTU(_ s: Core, _ o: Op) { s[o.rd] = s[o.rs] < s[o.rt] ? 1 : 0 }
@inline(__always) func SLTI(_ s: Core, _ o: Op) { s[o.rt] = signed(s[o.rs]) < signed(o.imm) ? 1 : 0 }
@inline(__always) func SLTIU(_ s: Core, _ o: Op) { s[o.rt] = s[o.rs] < o.imm ? 1 : 0 }
@inline(__always) func SLL(_ s: Core, _ o: Op) { s[o.rd] = s[o.rt] &<< o.imm }
@inline(__always) func SRL(_ s: Core, _ o: Op) { s[o.rd] = s[o.rt] &>> o.imm }
@inline(__always) func SRA(_ s: Core, _ o: Op) { s[o.rd] = Word(bitPattern: signed(s[o.rt]) &>> signed(o.imm)) }
@inline(__always) func SLLV(_ s: Core, _ o: Op) { s[o.rd] = s[o.rt] &<< s[o.rs] }
@inline(__always) func SRLV(_ s: Core, _ o: Op) { s[o.rd] = s[o.rt] &>> s[o.rs] }
@inline(__always) func SRAV(_ s: Core, _ o: Op) { s[o.rd] = Word(bitPattern: signed(s[o.rt]) &>> signed(s[o.rs])) }
@inline(__always) func ROTR(_ s: Core, _ o: Op) { s[o.rd] = rotatedRight(s[o.rt], o.imm) }
@inline(__always) func ROTRV(_ s: Core, _ o: Op) { s[o.rd] = rotatedRight(s[o.rt], s[o.rs]) }
@inline(__always) func CLZ(_ s: Core, _ o: Op) { s[o.rd] = Word(truncatingIfNeeded: s[o.rs].leadingZeroBitCount) }
@inline(__always) func CLO(_ s: Core, _ o: Op) { s[o.rd] = Word(truncatingIfNeeded: (~s[o.rs]).leadingZeroBitCount) }
@inline(__always) func SEB(_ s: Core, _ o: Op) { s[o.rd] = Word(bitPattern: Int32(Int8(truncatingIfNeeded: s[o.rt]))) }
@inline(__always) func SEH(_ s: Core, _ o: Op) { s[o.rd] = Word(bitPattern: Int32(Int16(truncatingIfNeeded: s[o.rt]))) }

@inline(__always)
func WSBH(_ s: Core, _ o: Op) {
    let v = s[o.rt]
    s[o.rd] = (v & 0x00FF_00FF) &<< 8 | v &>> 8 & 0x00FF_00FF
}

/// `o.rd` holds the position, `o.imm` the mask of the field (already shifted down).
@inline(__always) func EXT(_ s: Core, _ o: Op) { s[o.rt] = s[o.rs] &>> Word(o.rd) & o.imm }

/// `o.rd` holds the position, `o.imm` the mask of the field (already shifted down).
@inline(__always)
func INS(_ s: Core, _ o: Op) {
    let position = Word(o.rd)
    s[o.rt] = s[insSource(o)] & ~(o.imm &<< position) | (s[o.rs] & o.imm) &<< position
}

/// INS reads its destination; when that is $zero the predecoder has replaced the op by a no-operation.
@inline(__always) func insSource(_ o: Op) -> UInt8 { o.rt }

@inline(__always) func MOVZ(_ s: Core, _ o: Op) { if s[o.rt] == 0 { s[o.rd] = s[o.rs] } }
@inline(__always) func MOVN(_ s: Core, _ o: Op) { if s[o.rt] != 0 { s[o.rd] = s[o.rs] } }
@inline(__always) func MFHI(_ s: Core, _ o: Op) { s[o.rd] = s.hi }
@inline(__always) func MFLO(_ s: Core, _ o: Op) { s[o.rd] = s.lo }
@inline(__always) func MTHI(_ s: Core, _ o: Op) { s.hi = s[o.rs] }
@inline(__always) func MTLO(_ s: Core, _ o: Op) { s.lo = s[o.rs] }
/// Shadow sets: there is only set 0 (SRSCtl.HSS = 0), so both are moves.
@inline(__always) func RDPGPR(_ s: Core, _ o: Op) { s[o.rd] = s[o.rt] }
@inline(__always) func WRPGPR(_ s: Core, _ o: Op) { s[o.rd] = s[o.rt] }

@inline(__always) func signed(_ w: Word) -> SignedWord { SignedWord(bitPattern: w) }
@inline(__always) func rotatedRight(_ v: Word, _ n: Word) -> Word { v &>> n | v &<< (0 &- n) }

// ADD, ADDI and SUB trap on overflow, so they hand over to the CPU.

@inline(__always)
func ADD(_ s: Core, _ o: Op) -> Outcome {
    let (sum, overflow) = signed(s[o.rs]).addingReportingOverflow(signed(s[o.rt]))
    guard !overflow else { return integerOverflow(s, o) }
    s[o.rd] = Word(bitPattern: sum)
    return proceed(s, o)
}

@inline(__always)
func ADDI(_ s: Core, _ o: Op) -> Outcome {
    let (sum, overflow) = signed(s[o.rs]).addingReportingOverflow(signed(o.imm))
    guard !overflow else { return integerOverflow(s, o) }
    s[o.rt] = Word(bitPattern: sum)
    return proceed(s, o)
}

@inline(__always)
func SUB(_ s: Core, _ o: Op) -> Outcome {
    let (difference, overflow) = signed(s[o.rs]).subtractingReportingOverflow(signed(s[o.rt]))
    guard !overflow else { return integerOverflow(s, o) }
    s[o.rd] = Word(bitPattern: difference)
    return proceed(s, o)
}

@inline(never)
func integerOverflow(_ s: Core, _ o: Op) -> Outcome { s.cpu { $0.integerOverflow(o) } }
