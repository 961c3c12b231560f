// Loads and stores, inline.
//
// A block belongs to one mode, so the software TLB it looks into is known. The tag compare rejects unaligned addresses as well, as in the
// interpreter; misses, devices, pages with code and everything else are the handler's.
//
// Kernel code loads from the RAM of the unmapped segment with a compare and no lookup: most of its loads go there. Those that do not
// look into the software TLB behind the block's end ("late"). Stores have to know pages with code, and so always look.

#if arch(x86_64)
    import MIPS
    import X86

    extension BlockWriter {
        /// Writes a load or store, of integer or floating-point registers; false if it is none or has no code.
        mutating func writeAccess(_ instruction: Instruction, _ w: InstructionWord, _ index: Int) -> Bool {
            switch instruction {
            case .lb, .lbu: load(instruction, w, index, 1)
            case .lh, .lhu: load(instruction, w, index, 2)
            case .lw: load(instruction, w, index, 4)
            case .lwc1 where hasFPU: load(instruction, w, index, 4)
            case .ldc1 where hasFPU && (is64 || w.ft & 1 == 0): load(instruction, w, index, 8)
            case .sb: store(instruction, w, index, 1)
            case .sh: store(instruction, w, index, 2)
            case .sw: store(instruction, w, index, 4)
            case .swc1 where hasFPU: store(instruction, w, index, 4)
            case .sdc1 where hasFPU && (is64 || w.ft & 1 == 0): store(instruction, w, index, 8)
            case .lwl, .lwr: loadPart(w, index, isLeft: instruction == .lwl)
            case .swl, .swr: storePart(w, index, isLeft: instruction == .swl)
            case .mfc1 where hasFPU:
                assembler.mov(.w32, .rax, fpr(w.fs))
                put(w.rt, .rax)
            case .mtc1 where hasFPU:
                get(.rax, w.rt)
                assembler.mov(.w32, fpr(w.fs), .rax)
            default: return false
            }
            return true
        }

        /// Status.CU1: without it each of these raises an exception.
        var hasFPU: Bool { block.mode & 2 != 0 }
        /// Status.FR: registers of 64 bits.
        var is64: Bool { block.mode & 8 != 0 }
        func fpr(_ n: Int) -> Memory { field(Core.fprOffset + n * 8) }

        // MARK: Loads

        /// From the host's memory to the guest's register.
        private mutating func transfer(_ instruction: Instruction, _ w: InstructionWord, from host: Memory) {
            switch instruction {
            case .lwc1:
                assembler.mov(.w32, .rax, host)
                return assembler.mov(.w32, fpr(w.ft), .rax)
            case .ldc1:
                assembler.mov(.w64, .rax, host)
                if is64 { return assembler.mov(.w64, fpr(w.ft), .rax) }
                assembler.mov(.w32, fpr(w.ft), .rax)
                assembler.shift(.shr, .w64, .register(.rax), 32)
                return assembler.mov(.w32, fpr(w.ft + 1), .rax)
            default: break
            }
            let target = w.rt == 0 ? .rax : map.host(w.rt) ?? .rax
            switch instruction {
            case .lb: assembler.movsx8(target, .memory(host))
            case .lbu: assembler.movzx8(target, .memory(host))
            case .lh: assembler.movsx16(target, .memory(host))
            case .lhu: assembler.movzx16(target, .memory(host))
            default: assembler.mov(.w32, target, host)
            }
            put(w.rt, target)
        }

        private mutating func load(_ instruction: Instruction, _ w: InstructionWord, _ index: Int, _ size: UInt32) {
            if isUser { return transfer(instruction, w, from: find(w, index, size, isStore: false)) }
            var address: UInt32?
            let jump: Fixup
            let host: Memory
            if let base = constant(w.base) {
                let known = base &+ w.signExtendedImmediate
                let distance = known &- block.unmapped
                guard distance < 0x2000_0000, distance & (size - 1) == 0 else {
                    return transfer(instruction, w, from: find(w, index, size, isStore: false))
                }
                address = known
                let limit = field(Core.unmappedSizeOffset)
                assembler.alu(.cmp, .w32, .memory(limit), Int32(bitPattern: distance))
                jump = assembler.jump(.belowOrEqual)
                host = Memory(.rax, Int32(bitPattern: distance))
            } else {
                let shift = size.trailingZeroBitCount
                self.address(.rcx, w, minus: block.unmapped)
                // Bits that should be zero end up on top, beyond any limit.
                if shift > 0 { assembler.shift(.ror, .w32, .register(.rcx), UInt8(shift)) }
                assembler.alu(.cmp, .w32, .rcx, .memory(field(Core.unmappedSizeOffset + shift * 4)))
                jump = assembler.jump(.aboveOrEqual)
                host = Memory(.rax, index: .rcx, scale: UInt8(size))
            }
            assembler.mov(.w64, .rax, field(Core.unmappedHostOffset))
            transfer(instruction, w, from: host)
            postpone(
                LateLoad(
                    fixup: jump, back: assembler.address, instruction: instruction, word: w, index: index, size: size,
                    address: address, slotTarget: slotTarget))
        }

        /// A load that was not from the unmapped segment.
        mutating func writeLate(_ late: LateLoad) {
            assembler.bind(late.fixup)
            if let address = late.address {
                assembler.mov(.rax, UInt64(address))
            } else {
                if late.size > 1 {
                    assembler.shift(.rol, .w32, .register(.rcx), UInt8(late.size.trailingZeroBitCount))
                }
                assembler.lea(.w32, .rax, Memory(.rcx, Int32(bitPattern: block.unmapped)))
            }
            slotTarget = late.slotTarget
            assembler.call(to: translator.lookups[late.size.trailingZeroBitCount])
            slow(assembler.jump(.notEqual), late.index)
            transfer(late.instruction, late.word, from: Memory(.rax))
            assembler.jmp(to: late.back)
            slotTarget = nil
        }

        private mutating func loadPart(_ w: InstructionWord, _ index: Int, isLeft: Bool) {
            let host = find(w, index, 1, isStore: false)
            findShift(host, isLeft)
            let operation: Shift = isLeft ? .shl : .shr
            assembler.mov(.w32, .rdx, Memory(.rax))
            assembler.shiftByCL(operation, .w32, .register(.rdx))
            assembler.mov(.rax, UInt64(UInt32.max))
            assembler.shiftByCL(operation, .w32, .register(.rax))
            assembler.unary(.not, .w32, .register(.rax))
            if w.rt != 0 { assembler.alu(.and, .w32, .rax, place(w.rt)) }
            assembler.alu(.or, .w32, .rax, .register(.rdx))
            put(w.rt, .rax)
        }

        /// The aligned word's address in rax, and in ecx the bits between its end and the byte that was meant.
        private mutating func findShift(_ host: Memory, _ isLeft: Bool) {
            if host.displacement != 0 { assembler.lea(.w64, .rax, host) }
            assembler.mov(.w32, .rcx, .rax)
            if isLeft { assembler.unary(.not, .w32, .register(.rcx)) }
            assembler.alu(.and, .w32, .register(.rcx), 3)
            assembler.shift(.shl, .w32, .register(.rcx), 3)
            assembler.alu(.and, .w64, .register(.rax), -4)
        }

        // MARK: Stores

        private mutating func store(_ instruction: Instruction, _ w: InstructionWord, _ index: Int, _ size: UInt32) {
            let host = find(w, index, size, isStore: true)
            switch instruction {
            case .swc1:
                assembler.mov(.w32, .rcx, fpr(w.ft))
                return assembler.mov(.w32, host, .rcx)
            case .sdc1:
                if is64 {
                    assembler.mov(.w64, .rcx, fpr(w.ft))
                    return assembler.mov(.w64, host, .rcx)
                }
                assembler.mov(.w32, .rcx, fpr(w.ft))
                assembler.mov(.w32, host, .rcx)
                assembler.mov(.w32, .rcx, fpr(w.ft + 1))
                return assembler.mov(.w32, Memory(host.base, host.displacement + 4), .rcx)
            default: break
            }
            var value = Register.rcx
            if w.rt != 0, let register = map.host(w.rt) { value = register } else { get(.rcx, w.rt) }
            switch instruction {
            case .sb: assembler.store8(host, value)
            case .sh: assembler.store16(host, value)
            default: assembler.mov(.w32, host, value)
            }
        }

        private mutating func storePart(_ w: InstructionWord, _ index: Int, isLeft: Bool) {
            let host = find(w, index, 1, isStore: true)
            findShift(host, isLeft)
            let operation: Shift = isLeft ? .shr : .shl
            assembler.mov(.rdx, UInt64(UInt32.max))
            assembler.shiftByCL(operation, .w32, .register(.rdx))
            assembler.unary(.not, .w32, .register(.rdx))
            assembler.alu(.and, .w32, Memory(.rax), .rdx)
            guard w.rt != 0 else { return }
            get(.rdx, w.rt)
            assembler.shiftByCL(operation, .w32, .register(.rdx))
            assembler.alu(.or, .w32, Memory(.rax), .rdx)
        }

        // MARK: Addresses

        /// The effective address of an access whose base is not known, less something, in a register that is no guest's.
        private mutating func address(_ to: Register, _ w: InstructionWord, minus base: UInt32 = 0) {
            let offset = Int32(bitPattern: w.signExtendedImmediate &- base)
            if let host = map.host(w.base) {
                if offset == 0 {
                    assembler.mov(.w32, to, host)
                } else {
                    assembler.lea(.w32, to, Memory(host, offset))
                }
            } else {
                get(to, w.base)
                if offset != 0 { assembler.alu(.add, .w32, .register(to), offset) }
            }
        }

        /// Finds the host address of an access, or leaves for the handler. Uses rax, rcx and rdx; the answer needs rax alone.
        private mutating func find(_ w: InstructionWord, _ index: Int, _ size: UInt32, isStore: Bool) -> Memory {
            guard let base = constant(w.base) else {
                address(.rax, w)
                return look(index, size, isStore: isStore)
            }
            let address = base &+ w.signExtendedImmediate
            let entry = table(isStore) + SoftTLB.offset(address)
            let tag = address & (0xFFFF_F000 | (size - 1))
            assembler.alu(.cmp, .w32, .memory(field(entry)), Int32(bitPattern: tag))
            slow(assembler.jump(.notEqual), index)
            assembler.mov(.rax, UInt64(address))
            assembler.alu(.add, .w64, .rax, .memory(field(entry + 8)))
            return Memory(.rax)
        }

        private func table(_ isStore: Bool) -> Int {
            CPU.Layout.softTLBs + ((isUser ? 2 : 0) + (isStore ? 1 : 0)) * SoftTLB.bytes
        }

        /// The same of the address in eax.
        private mutating func look(_ index: Int, _ size: UInt32, isStore: Bool) -> Memory {
            let table = self.table(isStore)
            SoftTLB.write(&assembler, table: table, size: size)
            slow(assembler.jump(.notEqual), index)
            assembler.alu(.add, .w64, .rax, .memory(Memory(HostRegister.core, index: .rcx, Int32(table + 8))))
            return Memory(.rax)
        }
    }

    extension SoftTLB {
        /// Compares the address in eax with its entry of a table, whose distance from the table is in rcx then: they are equal if it is there.
        static func write(_ a: inout Assembler, table: Int, size: UInt32) {
            a.mov(.w32, .rcx, .rax)
            a.mov(.w32, .rdx, .rax)
            a.shift(.shr, .w32, .register(.rcx), 8)
            a.alu(.and, .w32, .register(.rcx), 0xFF0)
            a.alu(.and, .w32, .register(.rdx), Int32(bitPattern: 0xFFFF_F000 | (size - 1)))
            a.alu(.cmp, .w32, .rdx, .memory(Memory(HostRegister.core, index: .rcx, Int32(table))))
        }
    }
#endif
