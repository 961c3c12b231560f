// Traps, system calls, coprocessor 0 and everything else that leaves straight-line code (MIPS32 manual, Volume II-A).
//
// These are rare; each hands over to class CPU out of line.

import MIPS

@inline(__always)
private func trap(_ s: Core, _ o: Op, _ condition: Bool) -> Outcome {
    if _slowPath(condition) { return trapped(s, o) }
    return proceed(s, o)
}

@inline(never)
private func trapped(_ s: Core, _ o: Op) -> Outcome { s.cpu { $0.raiseSynchronous(ExceptionCode.tr, o) } }

@inline(__always) func TEQ(_ s: Core, _ o: Op) -> Outcome { trap(s, o, s[o.rs] == s[o.rt]) }
@inline(__always) func TNE(_ s: Core, _ o: Op) -> Outcome { trap(s, o, s[o.rs] != s[o.rt]) }
@inline(__always) func TGE(_ s: Core, _ o: Op) -> Outcome { trap(s, o, signed(s[o.rs]) >= signed(s[o.rt])) }
@inline(__always) func TGEU(_ s: Core, _ o: Op) -> Outcome { trap(s, o, s[o.rs] >= s[o.rt]) }
@inline(__always) func TLT(_ s: Core, _ o: Op) -> Outcome { trap(s, o, signed(s[o.rs]) < signed(s[o.rt])) }
@inline(__always) func TLTU(_ s: Core, _ o: Op) -> Outcome { trap(s, o, s[o.rs] < s[o.rt]) }
@inline(__always) func TEQI(_ s: Core, _ o: Op) -> Outcome { trap(s, o, s[o.rs] == o.imm) }
@inline(__always) func TNEI(_ s: Core, _ o: Op) -> Outcome { trap(s, o, s[o.rs] != o.imm) }
@inline(__always) func TGEI(_ s: Core, _ o: Op) -> Outcome { trap(s, o, signed(s[o.rs]) >= signed(o.imm)) }
@inline(__always) func TGEIU(_ s: Core, _ o: Op) -> Outcome { trap(s, o, s[o.rs] >= o.imm) }
@inline(__always) func TLTI(_ s: Core, _ o: Op) -> Outcome { trap(s, o, signed(s[o.rs]) < signed(o.imm)) }
@inline(__always) func TLTIU(_ s: Core, _ o: Op) -> Outcome { trap(s, o, s[o.rs] < o.imm) }

@inline(never) func SYSCALL(_ s: Core, _ o: Op) -> Outcome { s.cpu { $0.raiseSynchronous(ExceptionCode.sys, o) } }
@inline(never) func BREAK(_ s: Core, _ o: Op) -> Outcome { s.cpu { $0.raiseSynchronous(ExceptionCode.bp, o) } }
@inline(never) func RESERVED(_ s: Core, _ o: Op) -> Outcome { s.cpu { $0.reservedInstruction(o) } }
/// `o.imm` is the unit.
@inline(never) func UNUSABLE(_ s: Core, _ o: Op) -> Outcome { s.cpu { $0.coprocessorUnusable(o, o.imm) } }

@inline(never) private func slowMFC0(_ s: Core, _ o: Op) -> Bool { s.cpu { $0.moveFromCP0(o) } }

@inline(__always)
func MFC0(_ s: Core, _ o: Op) -> Outcome {
    guard slowMFC0(s, o) else { return s.leave }
    return proceed(s, o)
}

@inline(never) func MTC0(_ s: Core, _ o: Op) -> Outcome { s.cpu { $0.moveToCP0(o) } }
@inline(never) func DMFC0(_ s: Core, _ o: Op) -> Outcome { s.cpu { $0.doubleMoveFromCP0(o) } }
@inline(never) func DMTC0(_ s: Core, _ o: Op) -> Outcome { s.cpu { $0.doubleMoveToCP0(o) } }
@inline(never) func EI(_ s: Core, _ o: Op) -> Outcome { s.cpu { $0.setInterruptEnable(o, true) } }
@inline(never) func DI(_ s: Core, _ o: Op) -> Outcome { s.cpu { $0.setInterruptEnable(o, false) } }
@inline(never) func ERET(_ s: Core, _ o: Op) -> Outcome { s.cpu { $0.returnFromException(o) } }
@inline(never) func WAIT(_ s: Core, _ o: Op) -> Outcome { s.cpu { $0.wait(o) } }
@inline(never) func HYPCALL(_ s: Core, _ o: Op) -> Outcome { s.cpu { $0.hypercall(o) } }
@inline(never) func CACHE(_ s: Core, _ o: Op) -> Outcome { s.cpu { $0.cacheOperation(o) } }
@inline(never) func SYNCI(_ s: Core, _ o: Op) -> Outcome { s.cpu { $0.synchronizeCaches(o) } }

@inline(never)
private func tlb(_ s: Core, _ o: Op, _ operation: (CPU) -> Void) -> Outcome {
    s.cpu { cpu in
        operation(cpu)
        s.pc = cpu.following(o)
        return Flow.next
    }
}

func TLBP(_ s: Core, _ o: Op) -> Outcome { tlb(s, o) { $0.tlbProbe() } }
func TLBR(_ s: Core, _ o: Op) -> Outcome { tlb(s, o) { $0.tlbRead() } }
func TLBWI(_ s: Core, _ o: Op) -> Outcome { tlb(s, o) { $0.tlbWriteIndexed() } }
func TLBWR(_ s: Core, _ o: Op) -> Outcome { tlb(s, o) { $0.tlbWriteRandom() } }

@inline(never)
private func slowRDHWR(_ s: Core, _ o: Op) -> Bool {
    guard let value = s.cpu({ $0.readHardwareRegister(o) }) else { return false }
    s[o.rt] = value
    return true
}

@inline(__always)
func RDHWR(_ s: Core, _ o: Op) -> Outcome {
    guard slowRDHWR(s, o) else { return s.leave }
    return proceed(s, o)
}
