// Privileged instructions under KVM's trap-and-emulate: what its emulator makes of them, and the patches its dynamic translation
// leaves in guest memory (reference 7.3, 7.5).

import Hypervisor
import MIPS

extension CPU {
    func moveFromTE(_ o: Op, _ w: InstructionWord, _ cell: Int) -> Bool {
        if cell == Cell.count {
            core[o.rt] = readCount(o)
            return true
        }
        if cell == Cell.errCtl {
            core[o.rt] = 0
            // ADD rt, $zero, $zero
            patch(o, UInt32(truncatingIfNeeded: w.rt) << 11 | 0x20)
            return true
        }
        core[o.rt] = self[cell]
        // LW rt, cell($zero)
        patch(o, 0x8C00_0000 | UInt32(truncatingIfNeeded: w.rt) << 16 | commpageAddress(cell))
        return true
    }

    private func commpageAddress(_ cell: Int) -> UInt32 { (commpage ?? 0) &+ UInt32(truncatingIfNeeded: cell) * 4 }

    func moveToTE(_ o: Op, _ w: InstructionWord, _ cell: Int, _ value: UInt32) -> Outcome {
        let old = self[cell]
        switch cell {
        case Cell.index:
            guard value < 64 else { return internalError(o) }
            store(o, w, cell, value)
        case Cell.count:
            writeCount(value, o)
        case Cell.compare:
            writeCompare(value, o)
        case Cell.cause:
            writeCause(value, writable: Cause.dc | Cause.iv | CauseLines.software, o)
        case Cell.status:
            var allowed = value & ~Status.nmi
            if !fpuUsable { allowed &= ~(Status.cu1 | Status.fr) }
            self[cell] = allowed
            if !fpuUsable { patch(o, storePatch(w, cell)) }
        case Cell.ebase:
            self[cell] = old & ~0x1FFF_F000 | value & 0x1FFF_F000
        case Cell.hwrEna:
            self[cell] = value & (self[Cell.config3] & 1 << 13 != 0 ? 0x2000_000F : 0xF)
        case Cell.config5:
            break
        case Cell.entryHi:
            self[cell] = value
        default:
            store(o, w, cell, value)
        }
        changed(cell, old)
        core.pc = following(o)
        return Flow.next
    }

    /// The general case: any register is storage, and the instruction becomes a store to its cell.
    private func store(_ o: Op, _ w: InstructionWord, _ cell: Int, _ value: UInt32) {
        self[cell] = value
        patch(o, storePatch(w, cell))
    }

    /// SW rt, cell($zero)
    private func storePatch(_ w: InstructionWord, _ cell: Int) -> UInt32 {
        0xAC00_0000 | UInt32(truncatingIfNeeded: w.rt) << 16 | commpageAddress(cell)
    }

    /// CACHE: five operations are known; the others fail.
    func cacheTE(_ o: Op, _ w: InstructionWord) -> Outcome {
        switch w.cacheOperation {
        case 0x00, 0x01:
            patch(o, 0)
        case 0x10, 0x11, 0x15:
            // SYNCI offset(base)
            patch(o, 0x041F_0000 | UInt32(truncatingIfNeeded: w.base) << 21 | w.unsignedImmediate)
        default:
            return internalError(o)
        }
        takeWrites()
        core.pc = following(o)
        return Flow.next
    }

    /// Replaces the guest instruction at `o` in guest memory.
    private func patch(_ o: Op, _ replacement: UInt32) {
        guard dynamicTranslation else { return }
        let t = translate(pc(o), .fetch)
        guard t.kind == .physical || t.kind == .mapped, let page = page(UInt64(t.physical)), page.writable else {
            return
        }
        unsafe (page.host + Int(t.physical & 0xFFF)).storeBytes(of: replacement, as: UInt32.self)
        memory.markDirty(UInt64(t.physical))
        if blocks.invalidate(t.physical, length: 4) {
            restoreHandlers()
            bumpEpoch()
        }
    }

    /// DMFC0 reads the raw cell, Count's stale one included; DMTC0 fails (row C16).
    func doubleMoveFromCP0(_ o: Op) -> Outcome {
        guard isTE else { return reservedInstruction(o) }
        core[o.rt] = self[Int(o.imm)]
        core.pc = following(o)
        return Flow.next
    }

    func doubleMoveToCP0(_ o: Op) -> Outcome { isTE ? internalError(o) : reservedInstruction(o) }
}
