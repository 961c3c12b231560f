// Floating-point arithmetic, comparison and conversion (MIPS32 manual, Volume II-A). The arithmetic is FPU/; here operands are
// fetched, flags recorded, results stored.
//
// Operands: `o.rs` is fs, `o.rt` ft, `o.rd` fd (register numbers, not offsets); `o.imm` is fr, or the condition and its bit.

import MIPS

@inline(never)
private func trapped(_ s: Core, _ o: Op) -> Outcome { s.cpu { $0.raiseSynchronous(ExceptionCode.fpe, o) } }

/// Stores a single result and goes on, or traps.
@inline(__always)
private func finish(_ s: Core, _ o: Op, _ r: FloatingResult32) -> Outcome {
    guard s.record(r.flags) else { return trapped(s, o) }
    s.setFPR32(Int(o.rd), r.bits)
    return proceed(s, o)
}

/// Stores a double result and goes on, or traps.
@inline(__always)
private func finish(_ s: Core, _ o: Op, _ r: FloatingResult64) -> Outcome {
    guard s.record(r.flags) else { return trapped(s, o) }
    s.setDouble(Int(o.rd), r.bits)
    return proceed(s, o)
}

@inline(__always) private func fs(_ s: Core, _ o: Op) -> UInt32 { s.fpr32(Int(o.rs)) }
@inline(__always) private func ft(_ s: Core, _ o: Op) -> UInt32 { s.fpr32(Int(o.rt)) }
@inline(__always) private func fr(_ s: Core, _ o: Op) -> UInt32 { s.fpr32(Int(o.imm)) }
@inline(__always) private func fsd(_ s: Core, _ o: Op) -> UInt64 { s.double(Int(o.rs)) }
@inline(__always) private func ftd(_ s: Core, _ o: Op) -> UInt64 { s.double(Int(o.rt)) }
@inline(__always) private func frd(_ s: Core, _ o: Op) -> UInt64 { s.double(Int(o.imm)) }

@inline(__always) func ADD_S(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.add32(fs(s, o), ft(s, o), s.mode)) }
@inline(__always) func ADD_D(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.add64(fsd(s, o), ftd(s, o), s.mode)) }
@inline(__always) func SUB_S(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.sub32(fs(s, o), ft(s, o), s.mode)) }
@inline(__always) func SUB_D(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.sub64(fsd(s, o), ftd(s, o), s.mode)) }
@inline(__always) func MUL_S(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.mul32(fs(s, o), ft(s, o), s.mode)) }
@inline(__always) func MUL_D(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.mul64(fsd(s, o), ftd(s, o), s.mode)) }
@inline(__always) func DIV_S(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.div32(fs(s, o), ft(s, o), s.mode)) }
@inline(__always) func DIV_D(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.div64(fsd(s, o), ftd(s, o), s.mode)) }
@inline(__always) func SQRT_S(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.sqrt32(fs(s, o), s.mode)) }
@inline(__always) func SQRT_D(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.sqrt64(fsd(s, o), s.mode)) }
@inline(__always) func RECIP_S(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.recip32(fs(s, o), s.mode)) }
@inline(__always) func RECIP_D(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.recip64(fsd(s, o), s.mode)) }
@inline(__always) func RSQRT_S(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.rsqrt32(fs(s, o), s.mode)) }
@inline(__always) func RSQRT_D(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.rsqrt64(fsd(s, o), s.mode)) }
@inline(__always) func ABS_S(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.abs32(fs(s, o))) }
@inline(__always) func ABS_D(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.abs64(fsd(s, o))) }
@inline(__always) func NEG_S(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.neg32(fs(s, o))) }
@inline(__always) func NEG_D(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.neg64(fsd(s, o))) }

@inline(__always)
func MADD_S(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.madd32(fr(s, o), fs(s, o), ft(s, o), s.mode)) }
@inline(__always)
func MADD_D(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.madd64(frd(s, o), fsd(s, o), ftd(s, o), s.mode)) }
@inline(__always)
func MSUB_S(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.msub32(fr(s, o), fs(s, o), ft(s, o), s.mode)) }
@inline(__always)
func MSUB_D(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.msub64(frd(s, o), fsd(s, o), ftd(s, o), s.mode)) }
@inline(__always)
func NMADD_S(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.nmadd32(fr(s, o), fs(s, o), ft(s, o), s.mode)) }
@inline(__always)
func NMADD_D(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.nmadd64(frd(s, o), fsd(s, o), ftd(s, o), s.mode)) }
@inline(__always)
func NMSUB_S(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.nmsub32(fr(s, o), fs(s, o), ft(s, o), s.mode)) }
@inline(__always)
func NMSUB_D(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.nmsub64(frd(s, o), fsd(s, o), ftd(s, o), s.mode)) }

// Conversions

@inline(__always) func CVT_S_D(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.cvt_s_d(fsd(s, o), s.mode)) }
@inline(__always) func CVT_S_W(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.cvt_s_w(fs(s, o), s.mode)) }
@inline(__always) func CVT_S_L(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.cvt_s_l(fsd(s, o), s.mode)) }
@inline(__always) func CVT_D_S(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.cvt_d_s(fs(s, o), s.mode)) }
@inline(__always) func CVT_D_W(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.cvt_d_w(fs(s, o))) }
@inline(__always) func CVT_D_L(_ s: Core, _ o: Op) -> Outcome { finish(s, o, FPU.cvt_d_l(fsd(s, o), s.mode)) }

@inline(__always)
private func toWord(_ s: Core, _ o: Op, _ rounding: UInt32) -> Outcome {
    finish(s, o, FPU.toInt32_s(fs(s, o), rounding: rounding))
}
@inline(__always)
private func toWordD(_ s: Core, _ o: Op, _ rounding: UInt32) -> Outcome {
    finish(s, o, FPU.toInt32_d(fsd(s, o), rounding: rounding))
}
@inline(__always)
private func toLong(_ s: Core, _ o: Op, _ rounding: UInt32) -> Outcome {
    finish(s, o, FPU.toInt64_s(fs(s, o), rounding: rounding))
}
@inline(__always)
private func toLongD(_ s: Core, _ o: Op, _ rounding: UInt32) -> Outcome {
    finish(s, o, FPU.toInt64_d(fsd(s, o), rounding: rounding))
}

@inline(__always) func CVT_W_S(_ s: Core, _ o: Op) -> Outcome { toWord(s, o, s.mode.rm) }
@inline(__always) func CVT_W_D(_ s: Core, _ o: Op) -> Outcome { toWordD(s, o, s.mode.rm) }
@inline(__always) func CVT_L_S(_ s: Core, _ o: Op) -> Outcome { toLong(s, o, s.mode.rm) }
@inline(__always) func CVT_L_D(_ s: Core, _ o: Op) -> Outcome { toLongD(s, o, s.mode.rm) }
@inline(__always) func ROUND_W_S(_ s: Core, _ o: Op) -> Outcome { toWord(s, o, 0) }
@inline(__always) func ROUND_W_D(_ s: Core, _ o: Op) -> Outcome { toWordD(s, o, 0) }
@inline(__always) func ROUND_L_S(_ s: Core, _ o: Op) -> Outcome { toLong(s, o, 0) }
@inline(__always) func ROUND_L_D(_ s: Core, _ o: Op) -> Outcome { toLongD(s, o, 0) }
@inline(__always) func TRUNC_W_S(_ s: Core, _ o: Op) -> Outcome { toWord(s, o, 1) }
@inline(__always) func TRUNC_W_D(_ s: Core, _ o: Op) -> Outcome { toWordD(s, o, 1) }
@inline(__always) func TRUNC_L_S(_ s: Core, _ o: Op) -> Outcome { toLong(s, o, 1) }
@inline(__always) func TRUNC_L_D(_ s: Core, _ o: Op) -> Outcome { toLongD(s, o, 1) }
@inline(__always) func CEIL_W_S(_ s: Core, _ o: Op) -> Outcome { toWord(s, o, 2) }
@inline(__always) func CEIL_W_D(_ s: Core, _ o: Op) -> Outcome { toWordD(s, o, 2) }
@inline(__always) func CEIL_L_S(_ s: Core, _ o: Op) -> Outcome { toLong(s, o, 2) }
@inline(__always) func CEIL_L_D(_ s: Core, _ o: Op) -> Outcome { toLongD(s, o, 2) }
@inline(__always) func FLOOR_W_S(_ s: Core, _ o: Op) -> Outcome { toWord(s, o, 3) }
@inline(__always) func FLOOR_W_D(_ s: Core, _ o: Op) -> Outcome { toWordD(s, o, 3) }
@inline(__always) func FLOOR_L_S(_ s: Core, _ o: Op) -> Outcome { toLong(s, o, 3) }
@inline(__always) func FLOOR_L_D(_ s: Core, _ o: Op) -> Outcome { toLongD(s, o, 3) }

// Comparison: `o.imm` bits 3-0 are the condition, the rest the number of the FCSR bit that gets the answer.

@inline(__always)
private func compared(_ s: Core, _ o: Op, _ answer: (result: Bool, flags: UInt32)) -> Outcome {
    guard s.record(answer.flags) else { return trapped(s, o) }
    let bit: UInt32 = 1 &<< (o.imm &>> 4)
    s.fcsr = answer.result ? s.fcsr | bit : s.fcsr & ~bit
    return proceed(s, o)
}

@inline(__always)
func C_S(_ s: Core, _ o: Op) -> Outcome { compared(s, o, FPU.compare32(fs(s, o), ft(s, o), condition: o.imm & 15)) }
@inline(__always)
func C_D(_ s: Core, _ o: Op) -> Outcome { compared(s, o, FPU.compare64(fsd(s, o), ftd(s, o), condition: o.imm & 15)) }
