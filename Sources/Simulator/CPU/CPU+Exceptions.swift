// Taking exceptions (Manual Volume III, "Exceptions"; reference 7.2 for TE).
//
// Handlers inside a block call `raise(_:_:)`: it works out PC and delay slot from the op, gives back the budget of the
// instructions that did not run, and leaves `core.pc` at the vector. Nothing of the instruction has happened before.

import Hypervisor
import MIPS

extension CPU {
    /// Index of `o` in the running block.
    func index(_ o: Op) -> Int { unsafe (o.p - core.blockOps) / Op.size }

    /// Address of the instruction `o`.
    func pc(_ o: Op) -> UInt32 { core.blockPC &+ UInt32(truncatingIfNeeded: index(o)) &* 4 }

    /// Where execution goes on after `o`, when `o` ends its block.
    func following(_ o: Op) -> UInt32 { o.flags & Op.delaySlot != 0 ? core.target : pc(o) &+ 4 }

    /// Instructions charged to the running block that will not run when it stops in front of (or behind) `o`.
    func refund(_ o: Op, executed: Bool) {
        core.budget += Int64(core.blockLength) - Int64(index(o)) - (executed ? 1 : 0)
    }

    /// Raises an exception at `o`.
    @discardableResult
    func raise(_ code: ExceptionCode, _ o: Op, coprocessor: UInt32 = 0, refill: Bool = false) -> Outcome {
        refund(o, executed: false)
        let slot = o.flags & Op.delaySlot != 0
        enterException(code, at: slot ? pc(o) &- 4 : pc(o), delaySlot: slot, coprocessor: coprocessor, refill: refill)
        core.leave = Flow.next
        return Flow.next
    }

    /// Exception entry proper. Interrupts come here too.
    func enterException(
        _ code: ExceptionCode, at pc: UInt32, delaySlot: Bool, coprocessor: UInt32 = 0, refill: Bool = false
    ) {
        let status = self[Cell.status]
        var cause = causeOfException(code, coprocessor)
        var offset: UInt32 = 0x180
        if status & Status.exl == 0 {
            self[Cell.epc] = pc
            cause = delaySlot ? cause | Cause.bd : cause & ~Cause.bd
            if refill { offset = 0 }
        }
        if code == .int, cause & Cause.iv != 0 { offset = vectoredOffset(cause) }
        self[Cell.cause] = cause
        self[Cell.status] = status | Status.exl
        let base: UInt32 =
            status & Status.bev != 0 ? (isTE ? 0x5FC0_0200 : 0xBFC0_0200) : self[Cell.ebase] & 0xFFFF_F000
        core.pc = base &+ offset
        core.llActive = false
        updateContext()
    }

    /// Cause with its ExcCode, and CE as the case may be. KVM replaces the whole low byte, ExcCode alone for
    /// interrupts, and writes CE for coprocessor 1 only: otherwise it keeps what it was.
    private func causeOfException(_ code: ExceptionCode, _ coprocessor: UInt32) -> UInt32 {
        var cleared = Cause.excCode.mask | Cause.ce.mask
        if isTE {
            cleared = code == .int ? Cause.excCode.mask : 0xFF
            if coprocessor == 1 { cleared |= Cause.ce.mask }
        }
        return self[Cell.cause] & ~cleared | UInt32(code.rawValue) << 2 | coprocessor << 28
    }

    /// Vectored interrupts (Config3.VInt): spacing IntCtl.VS, highest pending line first. TE knows only 0x200.
    private func vectoredOffset(_ cause: UInt32) -> UInt32 {
        let spacing = self[Cell.intCtl] >> 5 & 0x1F
        guard !isTE, spacing != 0 else { return 0x200 }
        let pending = cause & self[Cell.status] & 0xFF00
        guard pending != 0 else { return 0x200 }
        let line = 31 - UInt32(truncatingIfNeeded: pending.leadingZeroBitCount) - 8
        return 0x200 + line * spacing * 32
    }

    /// An address error: BadVAddr is set, the TLB registers are not.
    func raiseAddressError(_ address: UInt32, store: Bool, _ o: Op) {
        self[Cell.badVAddr] = address
        raise(store ? ExceptionCode.adES : ExceptionCode.adEL, o)
    }

    /// What a TLB exception records, besides the exception itself. TE does not update Context (reference 7.2).
    func recordTLBFault(_ address: UInt32) {
        self[Cell.badVAddr] = address
        self[Cell.entryHi] = address & 0xFFFF_E000 | self[Cell.entryHi] & 0xFF
        if !isTE { self[Cell.context] = self[Cell.context] & 0xFF80_0000 | address >> 9 & 0x007F_FFF0 }
    }

    /// Raises what a translation of a load or store demands. Returns false when it demands nothing.
    func raiseFault(_ t: Translation, _ address: UInt32, _ access: Access, _ o: Op) -> Bool {
        let store = access == .store
        switch t.kind {
        case .addressError:
            raiseAddressError(address, store: store, o)
        case .refill, .invalid:
            recordTLBFault(address)
            raise(store ? ExceptionCode.tlbs : ExceptionCode.tlbl, o, refill: t.kind == .refill)
        case .modified:
            recordTLBFault(address)
            raise(ExceptionCode.mod, o)
        case .unsupported:
            internalError(o)
        case .physical, .mapped, .mmio, .commpage:
            return false
        }
        return true
    }

    // MARK: What single instructions raise

    /// ADD, ADDI, SUB. TE cannot deliver an overflow of the guest's kernel (reference 6.1).
    func integerOverflow(_ o: Op) -> Outcome {
        if isTE, kernelMode { return internalError(o) }
        return raise(ExceptionCode.ov, o)
    }

    /// SYSCALL, BREAK, traps, reserved instructions: TE fails on them while EXL is set.
    func raiseSynchronous(_ code: ExceptionCode, _ o: Op, coprocessor: UInt32 = 0) -> Outcome {
        if isTE, self[Cell.status] & Status.exl != 0 { return internalError(o) }
        return raise(code, o, coprocessor: coprocessor)
    }

    func reservedInstruction(_ o: Op) -> Outcome { raiseSynchronous(ExceptionCode.ri, o) }

    /// Coprocessor 1 is the one exception of an instruction that KVM delivers whether or not EXL is set; of
    /// coprocessors 2 and 3 it knows nothing.
    func coprocessorUnusable(_ o: Op, _ unit: UInt32) -> Outcome {
        if isTE, unit == 1 { return raise(ExceptionCode.cpU, o, coprocessor: unit) }
        if isTE, unit > 1 { return internalError(o) }
        return raiseSynchronous(ExceptionCode.cpU, o, coprocessor: unit)
    }

    // MARK: Leaving the guest

    /// KVM_EXIT_INTERNAL_ERROR with the PC on the failing instruction (on the branch, if it is in a delay slot).
    @discardableResult
    func internalError(_ o: Op) -> Outcome {
        refund(o, executed: false)
        core.pc = o.flags & Op.delaySlot != 0 ? pc(o) &- 4 : pc(o)
        return leave(ExitReason.internalError)
    }

    /// Fills in an exit without payload.
    func leave(_ reason: UInt32) -> Outcome {
        runArea.exitReason = reason
        runArea.readyForInterruptInjection = 1
        exitKind = .exit
        core.leave = Flow.exit
        return Flow.exit
    }
}
