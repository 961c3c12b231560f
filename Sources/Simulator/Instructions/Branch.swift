// Branches and jumps (MIPS32 manual, Volume II-A).
//
// A branch decides where the block goes, writes that to `core.target` and runs on into its delay slot, the next op; the op
// after the delay slot ends the block. `o.imm` is the taken target for PC-relative branches and jumps inside the region, as
// a full address: blocks are predecoded for one virtual address. A likely branch that is not taken nullifies its delay slot by
// leaving the block before it.

@inline(__always)
func branch(_ s: Core, _ o: Op, _ taken: Bool) -> Outcome {
    s.target = taken ? o.imm : notTaken(s, o)
    return proceed(s, o)
}

@inline(__always)
func branchLikely(_ s: Core, _ o: Op, _ taken: Bool) -> Outcome {
    guard taken else {
        s.pc = notTaken(s, o)
        return Flow.next
    }
    s.target = o.imm
    return proceed(s, o)
}

/// Address after the delay slot of the branch `o`, which is the last but one instruction of its block.
@inline(__always)
private func notTaken(_ s: Core, _ o: Op) -> Word { address(s, o) &+ 8 }

/// Virtual address of the instruction `o`.
@inline(__always)
func address(_ s: Core, _ o: Op) -> Word {
    s.blockPC &+ Word(truncatingIfNeeded: unsafe (o.p - s.blockOps) / Op.size) &* 4
}

@inline(__always) func BEQ(_ s: Core, _ o: Op) -> Outcome { branch(s, o, s[o.rs] == s[o.rt]) }
@inline(__always) func BNE(_ s: Core, _ o: Op) -> Outcome { branch(s, o, s[o.rs] != s[o.rt]) }
@inline(__always) func BLEZ(_ s: Core, _ o: Op) -> Outcome { branch(s, o, signed(s[o.rs]) <= 0) }
@inline(__always) func BGTZ(_ s: Core, _ o: Op) -> Outcome { branch(s, o, signed(s[o.rs]) > 0) }
@inline(__always) func BLTZ(_ s: Core, _ o: Op) -> Outcome { branch(s, o, signed(s[o.rs]) < 0) }
@inline(__always) func BGEZ(_ s: Core, _ o: Op) -> Outcome { branch(s, o, signed(s[o.rs]) >= 0) }
@inline(__always) func BEQL(_ s: Core, _ o: Op) -> Outcome { branchLikely(s, o, s[o.rs] == s[o.rt]) }
@inline(__always) func BNEL(_ s: Core, _ o: Op) -> Outcome { branchLikely(s, o, s[o.rs] != s[o.rt]) }
@inline(__always) func BLEZL(_ s: Core, _ o: Op) -> Outcome { branchLikely(s, o, signed(s[o.rs]) <= 0) }
@inline(__always) func BGTZL(_ s: Core, _ o: Op) -> Outcome { branchLikely(s, o, signed(s[o.rs]) > 0) }
@inline(__always) func BLTZL(_ s: Core, _ o: Op) -> Outcome { branchLikely(s, o, signed(s[o.rs]) < 0) }
@inline(__always) func BGEZL(_ s: Core, _ o: Op) -> Outcome { branchLikely(s, o, signed(s[o.rs]) >= 0) }

// The linking forms write $ra whether or not they are taken, after reading rs.

@inline(__always)
private func link(_ s: Core, _ o: Op) { s[31 * 4] = address(s, o) &+ 8 }

@inline(__always)
func BLTZAL(_ s: Core, _ o: Op) -> Outcome {
    let taken = signed(s[o.rs]) < 0
    link(s, o)
    return branch(s, o, taken)
}

@inline(__always)
func BGEZAL(_ s: Core, _ o: Op) -> Outcome {
    let taken = signed(s[o.rs]) >= 0
    link(s, o)
    return branch(s, o, taken)
}

@inline(__always)
func BLTZALL(_ s: Core, _ o: Op) -> Outcome {
    let taken = signed(s[o.rs]) < 0
    link(s, o)
    return branchLikely(s, o, taken)
}

@inline(__always)
func BGEZALL(_ s: Core, _ o: Op) -> Outcome {
    let taken = signed(s[o.rs]) >= 0
    link(s, o)
    return branchLikely(s, o, taken)
}

@inline(__always)
func J(_ s: Core, _ o: Op) -> Outcome {
    s.target = o.imm
    return proceed(s, o)
}

@inline(__always)
func JAL(_ s: Core, _ o: Op) -> Outcome {
    link(s, o)
    s.target = o.imm
    return proceed(s, o)
}

@inline(__always)
func JR(_ s: Core, _ o: Op) -> Outcome {
    s.target = s[o.rs]
    return proceed(s, o)
}

@inline(__always)
func JALR(_ s: Core, _ o: Op) -> Outcome {
    let target = s[o.rs]
    s[o.rd] = address(s, o) &+ 8
    s.target = target
    return proceed(s, o)
}

// FPU branches: `o.rs` is the condition code's bit number in FCSR.

@inline(__always) private func condition(_ s: Core, _ o: Op) -> Bool { s.fcsr &>> UInt32(o.rs) & 1 != 0 }
@inline(__always) func BC1T(_ s: Core, _ o: Op) -> Outcome { branch(s, o, condition(s, o)) }
@inline(__always) func BC1F(_ s: Core, _ o: Op) -> Outcome { branch(s, o, !condition(s, o)) }
@inline(__always) func BC1TL(_ s: Core, _ o: Op) -> Outcome { branchLikely(s, o, condition(s, o)) }
@inline(__always) func BC1FL(_ s: Core, _ o: Op) -> Outcome { branchLikely(s, o, !condition(s, o)) }

// What ends a block. Not instructions: the predecoder appends one of these.

/// After a delay slot: go where the branch said.
@inline(__always)
func endAfterBranch(_ s: Core, _ o: Op) -> Outcome {
    s.pc = s.target
    return Flow.next
}

/// A block cut at its longest or at the end of a page: go on at `o.imm`.
@inline(__always)
func endSequential(_ s: Core, _ o: Op) -> Outcome {
    s.pc = o.imm
    return Flow.next
}

/// The delay slot lies on the next page, which may not even be mapped.
@inline(never)
func remoteDelaySlot(_ s: Core, _ o: Op) -> Outcome { s.cpu { $0.executeRemoteDelaySlot(o) } }
