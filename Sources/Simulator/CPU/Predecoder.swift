// From guest words to ops.
//
// Purpose. Everything that can be decided once per block is decided here: handler, register offsets, extended immediates, branch
// targets, which instructions a mode may not execute. Handlers extract no bit fields and make no checks a block cannot change.
//
// A block ends behind the delay slot of a branch, behind an instruction that ends blocks, at the page's end, or at
// `BlockCache.maximumLength`. Virtual addresses go into ops, so a block belongs to one virtual PC.

import MIPS

extension CPU {
    /// Predecodes from `memory`, the host address of the word at `pc`; returns how many instructions the block has.
    func predecode(pc start: UInt32, memory: UnsafeRawPointer, mode: UInt32, into ops: UnsafeMutableRawPointer) -> Int {
        let wordsInPage = Int(0x1000 - (start & 0xFFF)) / 4
        let limit = min(BlockCache.maximumLength, wordsInPage)
        var n = 0
        while true {
            let word = InstructionWord(unsafe memory.load(fromByteOffset: n * 4, as: UInt32.self))
            let pc = start &+ UInt32(truncatingIfNeeded: n) &* 4
            let slot = unsafe ops + n * Op.size
            let kind = unsafe emit(word, pc: pc, mode: mode, at: slot, flags: 0)
            n += 1
            switch kind {
            case .straight:
                guard n < limit else {
                    unsafe Op.write(ops + n * Op.size, { unsafe endSequential(Core($0), Op($1)) }, imm: pc &+ 4)
                    return n
                }
            case .ends:
                return n
            case .branch:
                // The delay slot belongs to the block even if that makes it one longer than the limit, but not if it lies on
                // the next page.
                guard n < wordsInPage else {
                    unsafe Op.write(ops + n * Op.size, { unsafe remoteDelaySlot(Core($0), Op($1)) })
                    return n
                }
                let delayed = InstructionWord(unsafe memory.load(fromByteOffset: n * 4, as: UInt32.self))
                unsafe emitDelaySlot(delayed, pc: pc &+ 4, mode: mode, at: ops + n * Op.size)
                n += 1
                unsafe Op.write(ops + n * Op.size, { unsafe endAfterBranch(Core($0), Op($1)) })
                return n
            }
        }
    }

    /// How a block goes on after an instruction.
    enum Continuation {
        case straight
        case ends
        case branch
    }

    /// An instruction in a delay slot. A branch there is unpredictable by the manual; it raises Reserved Instruction.
    func emitDelaySlot(_ word: InstructionWord, pc: UInt32, mode: UInt32, at op: UnsafeMutableRawPointer) {
        _ = unsafe emit(word, pc: pc, mode: mode, at: op, flags: Op.delaySlot)
    }

    /// Writes the op of one instruction.
    private func emit(
        _ w: InstructionWord, pc: UInt32, mode: UInt32, at op: UnsafeMutableRawPointer, flags: UInt8
    ) -> Continuation {
        if let known = unsafe decoded.copy(w.rawValue, pc: pc, mode: mode, to: op, flags: flags) { return known }
        let instruction = Instruction(decoding: w.rawValue)
        let traits = instruction.traits
        if flags & Op.delaySlot != 0, traits.contains(.branch) || instruction == .eret {
            unsafe Op.write(op, { unsafe RESERVED(Core($0), Op($1)) }, flags: flags)
            return .ends
        }
        let continuation = unsafe emit(instruction, traits, w, pc: pc, mode: mode, at: op, flags: flags)
        // A branch of a unit that cannot be used raises that where it stands, and something else in a delay slot.
        if instruction != .eret, !traits.contains(.branch) || continuation == .branch {
            unsafe decoded.keep(w.rawValue, mode: mode, op: op, kind(instruction, continuation))
        }
        return continuation
    }

    private func kind(_ instruction: Instruction, _ continuation: Continuation) -> DecodedWords.Kind {
        switch continuation {
        case .straight: return .straight
        case .ends: return .ends
        case .branch: break
        }
        switch instruction {
        case .j, .jal: return .jump
        case .jr, .jalr: return .registerBranch
        default: return .branch
        }
    }

    private func emit(
        _ instruction: Instruction, _ traits: InstructionTraits, _ w: InstructionWord, pc: UInt32, mode: UInt32,
        at op: UnsafeMutableRawPointer, flags: UInt8
    ) -> Continuation {
        if let unit = unusableUnit(instruction, traits, w, mode) {
            unsafe Op.write(op, { unsafe UNUSABLE(Core($0), Op($1)) }, imm: unit, flags: flags)
            return .ends
        }
        if traits.contains(.fpu), mode & 8 == 0, usesOddDouble(instruction, w) {
            unsafe Op.write(op, { unsafe RESERVED(Core($0), Op($1)) }, flags: flags)
            return .ends
        }
        let operands = self.operands(instruction, traits, w, pc)
        let handler = unsafe operands.nop ? handlerOfNop : Simulator.handler(instruction)
        unsafe Op.write(
            op, handler, imm: operands.imm, rs: operands.rs, rt: operands.rt, rd: operands.rd, flags: flags)
        if traits.contains(.branch) { return .branch }
        return leavesBlock(instruction) ? .ends : .straight
    }

    /// Handlers of these return to the dispatcher.
    private func leavesBlock(_ instruction: Instruction) -> Bool {
        switch instruction {
        case .syscall, .break, .reserved, .sdbbp, .deret, .cop2, .lwc2, .swc2, .ldc2, .sdc2, .mtc0, .dmfc0, .dmtc0, .ei,
            .di, .eret,
            .wait, .hypcall, .cache, .synci, .tlbp, .tlbr, .tlbwi, .tlbwr:
            true
        default: false
        }
    }

    /// The coprocessor an instruction needs and `mode` does not grant, or nil.
    /// It goes before Reserved Instruction (Volume III, "Reserved Instruction Exception"), so words of a coprocessor's opcodes count
    /// even if they are no instruction.
    private func unusableUnit(
        _ instruction: Instruction, _ traits: InstructionTraits, _ w: InstructionWord, _ mode: UInt32
    ) -> UInt32? {
        var needs0 = traits.contains(.coprocessor0)
        var needs1 = traits.contains(.fpu)
        switch instruction {
        case .cop2, .lwc2, .swc2, .ldc2, .sdc2: return 2
        case .reserved:
            needs0 = w.opcode == 0x10
            needs1 = w.opcode == 0x11 || w.opcode == 0x13
        default: break
        }
        if needs0, mode & 1 != 0, isTE || mode & 4 == 0 { return 0 }
        if needs1, mode & 2 == 0 { return 1 }
        return nil
    }

    /// With Status.FR = 0 a double lives in an even-odd pair; naming its odd register is reserved.
    private func usesOddDouble(_ instruction: Instruction, _ w: InstructionWord) -> Bool {
        let fs = w.fs & 1 != 0
        let ft = w.ft & 1 != 0
        let fd = w.fd & 1 != 0
        switch instruction {
        case .add_d, .sub_d, .mul_d, .div_d: return fs || ft || fd
        case .madd_d, .msub_d, .nmadd_d, .nmsub_d: return fs || ft || fd || w.fr & 1 != 0
        case .abs_d, .neg_d, .mov_d, .sqrt_d, .recip_d, .rsqrt_d, .movf_d, .movt_d, .movn_d, .movz_d, .cvt_d_l,
            .cvt_l_d,
            .round_l_d, .trunc_l_d, .ceil_l_d, .floor_l_d:
            return fs || fd
        case .c_d: return fs || ft
        case .cvt_d_s, .cvt_d_w, .cvt_l_s, .round_l_s, .trunc_l_s, .ceil_l_s, .floor_l_s: return fd
        case .cvt_s_d, .cvt_w_d, .cvt_s_l, .round_w_d, .trunc_w_d, .ceil_w_d, .floor_w_d: return fs
        case .ldc1, .sdc1: return ft
        case .ldxc1, .luxc1: return fd
        case .sdxc1, .suxc1: return fs
        default: return false
        }
    }

    /// Operands of an op as its handler expects them.
    private struct Operands {
        var rs: UInt8 = 0
        var rt: UInt8 = 0
        var rd: UInt8 = 0
        var imm: Word = 0
        /// The instruction has no effect because of its operands.
        var nop = false
    }

    private func source(_ n: Int) -> UInt8 { UInt8(truncatingIfNeeded: n &* 4) }
    private func destination(_ n: Int) -> UInt8 { n == 0 ? Core.sink : UInt8(truncatingIfNeeded: n &* 4) }
    private func cell(_ w: InstructionWord) -> UInt32 { UInt32(truncatingIfNeeded: w.rd << 3 | w.sel) }
    private func number(_ n: Int) -> UInt8 { UInt8(truncatingIfNeeded: n) }
    /// The bit of FCSR that holds condition code `cc`.
    private func conditionBit(_ cc: Int) -> UInt8 { UInt8(truncatingIfNeeded: cc == 0 ? 23 : 24 + cc) }

    private func operands(
        _ instruction: Instruction, _ traits: InstructionTraits, _ w: InstructionWord, _ pc: UInt32
    ) -> Operands {
        var o = Operands(rs: source(w.rs), rt: source(w.rt), rd: destination(w.rd))
        switch instruction {
        case .addi, .addiu, .slti, .sltiu, .lb, .lbu, .lh, .lhu, .lw, .ll:
            o.rt = destination(w.rt)
            o.imm = w.signExtendedImmediate
        case .andi, .ori, .xori:
            o.rt = destination(w.rt)
            o.imm = w.unsignedImmediate
        case .lui:
            o.rt = destination(w.rt)
            o.imm = w.unsignedImmediate << 16
        case .lwl, .lwr, .sc:
            // The old value of rt is an operand too; rd carries it.
            o.rd = source(w.rt)
            o.rt = destination(w.rt)
            o.imm = w.signExtendedImmediate
        case .sb, .sh, .sw, .swl, .swr, .teqi, .tnei, .tgei, .tgeiu, .tlti, .tltiu, .cache, .synci:
            o.imm = w.signExtendedImmediate
        case .sll, .srl, .sra, .rotr:
            o.imm = w.sa
            o.nop = w.rd == 0
        case .ext:
            o.rt = destination(w.rt)
            o.rd = number(Int(w.bitFieldPosition))
            o.imm = fieldMask(w.extSize)
        case .ins:
            o.rd = number(Int(w.bitFieldPosition))
            o.imm = fieldMask(w.insSize)
            o.nop = w.rt == 0
        case .beq, .bne, .blez, .bgtz, .bltz, .bgez, .beql, .bnel, .blezl, .bgtzl, .bltzl, .bgezl, .bltzal, .bgezal,
            .bltzall, .bgezall:
            o.imm = w.branchTarget(at: pc)
        case .bc1t, .bc1f, .bc1tl, .bc1fl:
            o.rs = conditionBit(w.testedCondition)
            o.imm = w.branchTarget(at: pc)
        case .j, .jal:
            o.imm = w.jumpTarget(at: pc)
        case .movf, .movt:
            o.rt = conditionBit(w.testedCondition)
        case .mfc0, .dmfc0:
            o.rt = destination(w.rt)
            o.imm = cell(w)
        case .mtc0: o.imm = cell(w)
        case .ei, .di: o.rt = destination(w.rt)
        case .rdhwr:
            o.rt = destination(w.rt)
            o.imm = UInt32(truncatingIfNeeded: w.rd)
        case .mfc1, .mfhc1, .cfc1:
            o.rt = destination(w.rt)
            o.rs = number(w.fs)
        case .mtc1, .mthc1, .ctc1:
            o.rs = number(w.fs)
        case .lwc1, .ldc1, .swc1, .sdc1:
            o.rt = number(w.ft)
            o.imm = w.signExtendedImmediate
        case .lwxc1, .ldxc1, .luxc1:
            o.rd = source(w.index)
            o.rt = number(w.fd)
        case .swxc1, .sdxc1, .suxc1:
            o.rd = source(w.index)
            o.rt = number(w.fs)
        case .movf_s, .movf_d, .movt_s, .movt_d:
            o.rs = number(w.fs)
            o.rd = number(w.fd)
            o.rt = conditionBit(w.testedCondition)
        case .movn_s, .movn_d, .movz_s, .movz_d:
            o.rs = number(w.fs)
            o.rd = number(w.fd)
        case .c_s, .c_d:
            o.rs = number(w.fs)
            o.rt = number(w.ft)
            o.imm = w.cond | UInt32(conditionBit(w.comparedCondition)) << 4
        default:
            if traits.contains(.fpu) {
                o.rs = number(w.fs)
                o.rt = number(w.ft)
                o.rd = number(w.fd)
                o.imm = UInt32(truncatingIfNeeded: w.fr)
            }
        }
        return o
    }

    private func fieldMask(_ size: UInt32) -> UInt32 { size >= 32 ? .max : (1 << size) - 1 }

    /// NOP, SSNOP, EHB, PAUSE and instructions without effect.
    private var handlerOfNop: Handler { { unsafe proceed(Core($0), Op($1)) } }
}
