// MMIO exits and their completion (reference 6.2).

import Hypervisor
import MIPS

/// A load from a device that waits for its data.
struct PendingMMIO {
    var instruction: Instruction
    /// Destination GPR, 0 to 31.
    var register: Int
    /// Address & 3, for LWL and LWR.
    var byte: UInt32
    /// PC after completion, decided when the exit happened.
    var next: UInt32
}

extension CPU {
    /// The guest word of `o`.
    func word(_ o: Op) -> InstructionWord {
        InstructionWord(unsafe BlockCache.word(ops: core.blockOps, index: index(o)))
    }

    /// A store to a device: the instruction is complete when the exit is reported.
    func mmioStore(_ o: Op, _ physical: UInt32, _ data: UInt64, _ size: UInt32) {
        refund(o, executed: true)
        core.pc = following(o)
        // TE signals an eventfd or fills the ring and reports the exit all the same; VZ stays in the guest (reference 6.2).
        let taken = ioEvents.store(UInt64(physical), data, size, ring: runArea)
        if taken, !isTE {
            core.leave = Flow.next
            return
        }
        runArea.mmio = MMIO(address: UInt64(physical), data: merged(data, size), length: size, isWrite: true)
        _ = leave(ExitReason.mmio)
    }

    /// Only `size` bytes of the run area's data change.
    private func merged(_ data: UInt64, _ size: UInt32) -> UInt64 {
        let mask: UInt64 = size >= 8 ? .max : (1 << (UInt64(size) * 8)) - 1
        return runArea.mmioData & ~mask | data & mask
    }

    /// A load from a device: the exit comes now, the register and the PC with the next run.
    func beginMMIOLoad(_ o: Op, _ physical: UInt32, _ size: UInt32, byte: UInt32) {
        let w = word(o)
        pendingMMIO = PendingMMIO(
            instruction: Instruction(decoding: w.rawValue), register: w.rt, byte: byte, next: following(o))
        refund(o, executed: false)
        core.pc = o.flags & Op.delaySlot != 0 ? pc(o) &- 4 : pc(o)
        runArea.mmio = MMIO(address: UInt64(physical), data: runArea.mmioData, length: size, isWrite: false)
        _ = leave(ExitReason.mmio)
    }

    /// Finishes a load with what the user put into the run area.
    func completeMMIO() {
        guard let load = pendingMMIO else { return }
        pendingMMIO = nil
        let data = UInt32(truncatingIfNeeded: runArea.mmioData)
        let old = gpr(load.register)
        let value: UInt32 =
            switch load.instruction {
            case .lb: UInt32(bitPattern: Int32(Int8(truncatingIfNeeded: data)))
            case .lbu: data & 0xFF
            case .lh: UInt32(bitPattern: Int32(Int16(truncatingIfNeeded: data)))
            case .lhu: data & 0xFFFF
            case .lwl: Unaligned.lwl(old, data, load.byte)
            case .lwr: Unaligned.lwr(old, data, load.byte)
            default: data
            }
        if load.register == 0 {
            // The kernel stores into the saved registers, $zero included; the guest itself never sees it.
            zeroRegister = value
        } else {
            setGPR(load.register, value)
        }
        core.pc = load.next
        completedLoad = true
    }

    func gpr(_ n: Int) -> UInt32 { core[UInt8(truncatingIfNeeded: (n & 31) * 4)] }
    func setGPR(_ n: Int, _ value: UInt32) { if n & 31 != 0 { core[UInt8(truncatingIfNeeded: (n & 31) * 4)] = value } }
}
