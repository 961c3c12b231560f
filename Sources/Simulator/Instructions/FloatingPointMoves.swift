// Floating-point moves, loads and stores (MIPS32 manual, Volume II-A).
//
// Moves between FPRs: `o.rs` is fs, `o.rd` fd, `o.rt` a GPR offset or a condition bit. Transfers: `o.rt` is a GPR offset, `o.rs` the
// FPR. Loads and stores: `o.rs` is the base's offset, `o.rt` the FPR, `o.imm` the offset; indexed ones keep the index
// register's offset in `o.rd`.

@inline(__always) private func copySingle(_ s: Core, _ o: Op) { s.setFPR32(Int(o.rd), s.fpr32(Int(o.rs))) }
@inline(__always) private func copyDouble(_ s: Core, _ o: Op) { s.setDouble(Int(o.rd), s.double(Int(o.rs))) }
@inline(__always) private func condition(_ s: Core, _ o: Op) -> Bool { s.fcsr &>> UInt32(o.rt) & 1 != 0 }

@inline(__always) func MOV_S(_ s: Core, _ o: Op) { copySingle(s, o) }
@inline(__always) func MOV_D(_ s: Core, _ o: Op) { copyDouble(s, o) }
@inline(__always) func MOVF_S(_ s: Core, _ o: Op) { if !condition(s, o) { copySingle(s, o) } }
@inline(__always) func MOVF_D(_ s: Core, _ o: Op) { if !condition(s, o) { copyDouble(s, o) } }
@inline(__always) func MOVT_S(_ s: Core, _ o: Op) { if condition(s, o) { copySingle(s, o) } }
@inline(__always) func MOVT_D(_ s: Core, _ o: Op) { if condition(s, o) { copyDouble(s, o) } }
@inline(__always) func MOVN_S(_ s: Core, _ o: Op) { if s[o.rt] != 0 { copySingle(s, o) } }
@inline(__always) func MOVN_D(_ s: Core, _ o: Op) { if s[o.rt] != 0 { copyDouble(s, o) } }
@inline(__always) func MOVZ_S(_ s: Core, _ o: Op) { if s[o.rt] == 0 { copySingle(s, o) } }
@inline(__always) func MOVZ_D(_ s: Core, _ o: Op) { if s[o.rt] == 0 { copyDouble(s, o) } }

/// MOVF and MOVT on GPRs; `o.rt` is the condition's bit in FCSR.
@inline(__always) func MOVF(_ s: Core, _ o: Op) { if !condition(s, o) { s[o.rd] = s[o.rs] } }
@inline(__always) func MOVT(_ s: Core, _ o: Op) { if condition(s, o) { s[o.rd] = s[o.rs] } }

@inline(__always) func MFC1(_ s: Core, _ o: Op) { s[o.rt] = s.fpr32(Int(o.rs)) }
@inline(__always) func MTC1(_ s: Core, _ o: Op) { s.setFPR32(Int(o.rs), s[o.rt]) }

/// The upper half of a double: with FR = 0 that is the odd register of the pair.
@inline(__always)
func MFHC1(_ s: Core, _ o: Op) {
    let n = Int(o.rs)
    s[o.rt] = s.fr ? Word(truncatingIfNeeded: s.fpr(n) &>> 32) : s.fpr32(n | 1)
}

@inline(__always)
func MTHC1(_ s: Core, _ o: Op) {
    let n = Int(o.rs)
    if s.fr { s.setFPR(n, s.fpr(n) & 0xFFFF_FFFF | UInt64(s[o.rt]) &<< 32) } else { s.setFPR32(n | 1, s[o.rt]) }
}

@inline(never) private func readControl(_ s: Core, _ o: Op) -> UInt32 { s.cpu { $0.readFCR(Int(o.rs)) } }
@inline(never) private func writeControl(_ s: Core, _ o: Op) -> Bool { s.cpu { $0.writeFCR(Int(o.rs), s[o.rt], o) } }

@inline(__always) func CFC1(_ s: Core, _ o: Op) { s[o.rt] = readControl(s, o) }

@inline(__always)
func CTC1(_ s: Core, _ o: Op) -> Outcome {
    guard writeControl(s, o) else { return s.leave }
    return proceed(s, o)
}

// Loads and stores

/// How an access finds its address, and which FPR it moves; missed accesses work it out again.
private enum Addressing {
    case direct
    case indexed
    /// LUXC1 and SUXC1 ignore the low three address bits.
    case indexedAligned

    @inline(__always)
    func address(_ s: Core, _ o: Op) -> UInt32 {
        switch self {
        case .direct: s[o.rs] &+ o.imm
        case .indexed: s[o.rs] &+ s[o.rd]
        case .indexedAligned: (s[o.rs] &+ s[o.rd]) & ~7
        }
    }
}

@inline(never)
private func missedLoad32(_ s: Core, _ o: Op, _ addressing: Addressing) -> Outcome {
    guard let value = s.cpu({ $0.load32FPU(o, addressing.address(s, o)) }) else { return s.leave }
    s.setFPR32(Int(o.rt), value)
    return proceed(s, o)
}

@inline(never)
private func missedLoad64(_ s: Core, _ o: Op, _ addressing: Addressing) -> Outcome {
    guard let value = s.cpu({ $0.load64(o, addressing.address(s, o)) }) else { return s.leave }
    s.setDouble(Int(o.rt), value)
    return proceed(s, o)
}

@inline(never)
private func missedStore32(_ s: Core, _ o: Op, _ addressing: Addressing) -> Outcome {
    guard s.cpu({ $0.store32FPU(o, addressing.address(s, o), s.fpr32(Int(o.rt))) }) else { return s.leave }
    return proceed(s, o)
}

@inline(never)
private func missedStore64(_ s: Core, _ o: Op, _ addressing: Addressing) -> Outcome {
    guard s.cpu({ $0.store64(o, addressing.address(s, o), s.double(Int(o.rt))) }) else { return s.leave }
    return proceed(s, o)
}

@inline(__always)
private func load32(_ s: Core, _ o: Op, _ addressing: Addressing) -> Outcome {
    guard let host = unsafe SoftTLB.lookup(s.readTLB, addressing.address(s, o), alignment: 3) else {
        return missedLoad32(s, o, addressing)
    }
    s.setFPR32(Int(o.rt), unsafe host.load(as: UInt32.self))
    return proceed(s, o)
}

@inline(__always)
private func load64(_ s: Core, _ o: Op, _ addressing: Addressing) -> Outcome {
    guard let host = unsafe SoftTLB.lookup(s.readTLB, addressing.address(s, o), alignment: 7) else {
        return missedLoad64(s, o, addressing)
    }
    s.setDouble(Int(o.rt), unsafe host.load(as: UInt64.self))
    return proceed(s, o)
}

@inline(__always)
private func store32(_ s: Core, _ o: Op, _ addressing: Addressing) -> Outcome {
    guard let host = unsafe SoftTLB.lookup(s.writeTLB, addressing.address(s, o), alignment: 3) else {
        return missedStore32(s, o, addressing)
    }
    unsafe host.storeBytes(of: s.fpr32(Int(o.rt)), as: UInt32.self)
    return proceed(s, o)
}

@inline(__always)
private func store64(_ s: Core, _ o: Op, _ addressing: Addressing) -> Outcome {
    guard let host = unsafe SoftTLB.lookup(s.writeTLB, addressing.address(s, o), alignment: 7) else {
        return missedStore64(s, o, addressing)
    }
    unsafe host.storeBytes(of: s.double(Int(o.rt)), as: UInt64.self)
    return proceed(s, o)
}

@inline(__always) func LWC1(_ s: Core, _ o: Op) -> Outcome { load32(s, o, .direct) }
@inline(__always) func SWC1(_ s: Core, _ o: Op) -> Outcome { store32(s, o, .direct) }
@inline(__always) func LDC1(_ s: Core, _ o: Op) -> Outcome { load64(s, o, .direct) }
@inline(__always) func SDC1(_ s: Core, _ o: Op) -> Outcome { store64(s, o, .direct) }
@inline(__always) func LWXC1(_ s: Core, _ o: Op) -> Outcome { load32(s, o, .indexed) }
@inline(__always) func SWXC1(_ s: Core, _ o: Op) -> Outcome { store32(s, o, .indexed) }
@inline(__always) func LDXC1(_ s: Core, _ o: Op) -> Outcome { load64(s, o, .indexed) }
@inline(__always) func SDXC1(_ s: Core, _ o: Op) -> Outcome { store64(s, o, .indexed) }
@inline(__always) func LUXC1(_ s: Core, _ o: Op) -> Outcome { load64(s, o, .indexedAligned) }
@inline(__always) func SUXC1(_ s: Core, _ o: Op) -> Outcome { store64(s, o, .indexedAligned) }
