// Coprocessor 0 as hardware has it: a 24Kf-like part (Manual Volume III; MIPS32 24K Processor Core Family Software User's Manual).
// The TE personality is in CPU+TrapAndEmulate.

import Hypervisor
import MIPS

extension CPU {
    /// Bits a guest's MTC0 changes, for registers that are plain storage. Others are handled by name or are read-only.
    private func writable(_ cell: Int) -> UInt32 {
        switch cell {
        case Cell.index: 0x3F
        case Cell.entryLo0, Cell.entryLo1: 0x03FF_FFFF  // PFN of 20 bits
        case Cell.context: 0xFF80_0000
        case Cell.userLocal, Cell.epc, Cell.errorEPC, Cell.depc: .max
        case Cell.pageMask: 0x1FFF_E000
        case Cell.wired: 0x3F
        case Cell.hwrEna: 0x2000_000F
        case Cell.entryHi: 0xFFFF_E0FF
        case Cell.status: 0x3478_FF17
        case Cell.intCtl: 0x3E0
        case Cell.ebase: 0x3FFF_F000
        case Cell.config: 7
        case Cell.errCtl, Cell.errCtl + 1: .max
        case 28 * 8..<30 * 8: .max  // TagLo, DataLo, TagHi, DataHi
        case 31 * 8: .max  // DESAVE
        default: 0
        }
    }

    /// MFC0; `o.imm` is the cell. Returns false when the guest was left or an exception taken.
    func moveFromCP0(_ o: Op) -> Bool {
        let cell = Int(o.imm)
        if isTE { return moveFromTE(o, word(o), cell) }
        core[o.rt] = readCell(cell, o)
        return true
    }

    /// Is MFC0 of that register more than a load of its cell?
    static func isReadByName(_ cell: Int) -> Bool { cell == Cell.count || cell == Cell.compare || cell == Cell.random }

    private func readCell(_ cell: Int, _ o: Op) -> UInt32 {
        switch cell {
        case Cell.count: return readCount(o)
        case Cell.compare: return timer.compare
        case Cell.random: return currentRandom(o)
        default: return self[cell]
        }
    }

    /// Random counts down over the unwired entries; here with retired instructions, so that a run repeats.
    private func currentRandom(_ o: Op) -> UInt32 {
        let wired = min(self[Cell.wired] & 63, 63)
        random = random &* 1_664_525 &+ 1_013_904_223
        return wired + (random >> 8) % (64 - wired)
    }

    /// MTC0; ends its block.
    func moveToCP0(_ o: Op) -> Outcome {
        let cell = Int(o.imm)
        let value = core[o.rt]
        if isTE { return moveToTE(o, word(o), cell, value) }
        writeCell(cell, value, o)
        core.pc = following(o)
        return Flow.next
    }

    private func writeCell(_ cell: Int, _ value: UInt32, _ o: Op) {
        switch cell {
        case Cell.count:
            writeCount(value, o)
            return
        case Cell.compare:
            writeCompare(value, o)
            return
        case Cell.cause:
            // WP can be cleared only.
            let wp = self[Cell.cause] & value & Cause.wp
            writeCause(
                value & ~Cause.wp | wp, writable: Cause.dc | Cause.iv | Cause.wp | CauseLines.software, o
            )
            return
        default: break
        }
        let old = self[cell]
        let mask = writable(cell)
        self[cell] = old & ~mask | value & mask
        changed(cell, old)
    }

    /// What follows from a new value of `cell`.
    func changed(_ cell: Int, _ old: UInt32) {
        switch cell {
        case Cell.status:
            updateContext()
            noticeInterrupts()
            if (old ^ self[cell]) & Status.erl != 0 { unmappedUserSegmentChanged() }
        case Cell.entryHi:
            if (old ^ self[cell]) & 0xFF != 0 { addressSpaceChanged() }
        case Cell.wired:
            // To TE, Random is a cell like any other.
            if !isTE { self[Cell.random] = 63 }
        case Cell.config1:
            updateContext()
        default: break
        }
    }

    /// EI and DI: the old Status goes to rt.
    func setInterruptEnable(_ o: Op, _ on: Bool) -> Outcome {
        let status = self[Cell.status]
        core[o.rt] = status
        self[Cell.status] = on ? status | Status.ie : status & ~Status.ie
        noticeInterrupts()
        core.pc = following(o)
        return Flow.next
    }

    func returnFromException(_ o: Op) -> Outcome {
        let status = self[Cell.status]
        core.llActive = false
        if status & Status.erl != 0 {
            self[Cell.status] = status & ~Status.erl
            unmappedUserSegmentChanged()
            core.pc = self[Cell.errorEPC]
        } else if isTE, status & Status.exl == 0 {
            // The kernel fails with the PC behind ERET (reference 6.1).
            refund(o, executed: false)
            core.pc = pc(o) &+ 4
            return leave(ExitReason.internalError)
        } else {
            self[Cell.status] = status & ~Status.exl
            core.pc = self[Cell.epc]
        }
        changed(Cell.status, status)
        return Flow.next
    }

    /// RDHWR: nil when it raised an exception. `o.imm` is the hardware register.
    func readHardwareRegister(_ o: Op) -> UInt32? {
        let register = o.imm
        let free = kernelMode || (!isTE && self[Cell.status] & Status.cu0 != 0)
        guard free || self[Cell.hwrEna] >> register & 1 != 0 else {
            _ = reservedInstruction(o)
            return nil
        }
        switch register {
        case 0: return id
        case 1: return isTE ? 16 : 32
        case 2: return readCount(o)
        case 3: return 2
        case 29: return self[Cell.userLocal]
        default:
            _ = reservedInstruction(o)
            return nil
        }
    }

    /// HYPCALL: code 0 is answered with an error in v0, anything else nobody can emulate (reference 6.7).
    func hypercall(_ o: Op) -> Outcome {
        guard word(o).hypcallCode == 0 else { return internalError(o) }
        setGPR(2, UInt32(bitPattern: -1000))
        core.pc = following(o)
        return Flow.next
    }

    /// CACHE. Blocks are checked against memory again, now or before their next execution; there is nothing else to keep coherent. Hit
    /// operations translate their address and can fault.
    func cacheOperation(_ o: Op) -> Outcome {
        let w = word(o)
        if isTE { return cacheTE(o, w) }
        if w.cacheOperation >= 0x10 {
            let address = core[o.rs] &+ w.signExtendedImmediate
            let t = translate(address, .load)
            if t.kind != .modified, raiseFault(t, address, .load, o) { return core.leave }
            recheck(t)
        } else {
            // By its index an operation may mean any line.
            takeWrites()
        }
        core.pc = following(o)
        return Flow.next
    }

    /// Checks the blocks of a cache line against memory, which a device may have written.
    private func recheck(_ t: Translation) {
        guard t.kind == .physical || t.kind == .mapped else { return bumpEpoch() }
        guard blocks.hasCode(t.physical) else { return }
        guard let page = page(UInt64(t.physical)) else { return bumpEpoch() }
        if unsafe blocks.recheck(t.physical & ~31, length: 32, page: UnsafeRawPointer(page.host)) {
            restoreHandlers()
            bumpEpoch()
        }
    }

    /// SYNCI.
    func synchronizeCaches(_ o: Op) -> Outcome {
        let address = core[o.rs] &+ o.imm
        let t = translate(address, .load)
        if !isTE, raiseFault(t, address, .load, o) { return core.leave }
        recheck(t)
        core.pc = following(o)
        return Flow.next
    }
}
