// Integer arithmetic, logic, shifts, multiplication.

#if arch(x86_64)
    import MIPS
    import X86

    extension BlockWriter {
        /// Writes an instruction that is no branch; false if it has no code.
        mutating func write(_ instruction: Instruction, _ w: InstructionWord, _ index: Int) -> Bool {
            switch instruction {
            case .addiu: add(w.rt, w.rs, w.signedImmediate)
            case .andi: immediate(.and, w.rt, w.rs, w.unsignedImmediate)
            case .ori: immediate(.or, w.rt, w.rs, w.unsignedImmediate)
            case .xori: immediate(.xor, w.rt, w.rs, w.unsignedImmediate)
            case .lui: put(w.rt, constant: w.unsignedImmediate << 16)
            case .addu: three(.add, w)
            case .subu: three(.sub, w)
            case .and: three(.and, w)
            case .or: three(.or, w)
            case .xor: three(.xor, w)
            case .nor:
                guard w.rd != 0 else { break }
                get(.rax, w.rs)
                if w.rt != 0 { assembler.alu(.or, .w32, .rax, place(w.rt)) }
                assembler.unary(.not, .w32, .register(.rax))
                put(w.rd, .rax)
            case .slt: compare(.less, w)
            case .sltu: compare(.below, w)
            case .slti: compare(.less, w.rt, w.rs, w.signedImmediate)
            case .sltiu: compare(.below, w.rt, w.rs, w.signedImmediate)
            case .sll: shift(.shl, w)
            case .srl: shift(.shr, w)
            case .sra: shift(.sar, w)
            case .rotr: shift(.ror, w)
            case .sllv: shiftByRegister(.shl, w)
            case .srlv: shiftByRegister(.shr, w)
            case .srav: shiftByRegister(.sar, w)
            case .rotrv: shiftByRegister(.ror, w)
            case .movz: conditionalMove(.equal, w)
            case .movn: conditionalMove(.notEqual, w)
            case .seb, .seh: extend(w, isByte: instruction == .seb)
            case .wsbh:
                guard w.rd != 0 else { break }
                get(.rax, w.rt)
                assembler.bswap(.w32, .rax)
                assembler.shift(.rol, .w32, .register(.rax), 16)
                put(w.rd, .rax)
            case .ext:
                guard w.rt != 0 else { break }
                get(.rax, w.rs)
                let size = w.extSize
                if w.bitFieldPosition != 0 {
                    assembler.shift(.shr, .w32, .register(.rax), UInt8(w.bitFieldPosition))
                }
                if size < 32 { assembler.alu(.and, .w32, .register(.rax), Int32(bitPattern: (1 << size) - 1)) }
                put(w.rt, .rax)
            case .ins: insert(w)
            case .clz, .clo:
                guard w.rd != 0 else { break }
                get(.rax, w.rs)
                if instruction == .clo { assembler.unary(.not, .w32, .register(.rax)) }
                // 63 ^ 31 is 32: no bit is set.
                assembler.mov(.rcx, 63)
                assembler.bsr(.w32, .rax, .register(.rax))
                assembler.cmov(.equal, .w32, .rax, .register(.rcx))
                assembler.alu(.xor, .w32, .register(.rax), 31)
                put(w.rd, .rax)
            case .mfhi, .mflo:
                guard w.rd != 0 else { break }
                let from = instruction == .mfhi ? RegisterMap.hi : RegisterMap.lo
                let target = map.host(w.rd) ?? .rax
                get(target, from)
                put(w.rd, target)
            case .mthi, .mtlo:
                get(.rax, w.rs)
                put(instruction == .mthi ? RegisterMap.hi : RegisterMap.lo, .rax)
            case .mult: multiply(.imul, w)
            case .multu: multiply(.mul, w)
            case .madd: accumulate(.imul, .add, .adc, w)
            case .maddu: accumulate(.mul, .add, .adc, w)
            case .msub: accumulate(.imul, .sub, .sbb, w)
            case .msubu: accumulate(.mul, .sub, .sbb, w)
            case .mul:
                guard w.rd != 0 else { break }
                get(.rax, w.rs)
                assembler.imul(.w32, .rax, operand(w.rt))
                put(w.rd, .rax)
            case .div, .divu: divide(w, index, isSigned: instruction == .div)
            case .add, .sub:
                get(.rax, w.rs)
                assembler.alu(instruction == .add ? .add : .sub, .w32, .rax, operand(w.rt))
                slow(assembler.jump(.overflow), index)
                put(w.rd, .rax)
            case .addi:
                get(.rax, w.rs)
                assembler.alu(.add, .w32, .register(.rax), w.signedImmediate)
                slow(assembler.jump(.overflow), index)
                put(w.rt, .rax)
            case .teq: trap(.equal, w, index)
            case .tne: trap(.notEqual, w, index)
            case .tge: trap(.greaterOrEqual, w, index)
            case .tgeu: trap(.aboveOrEqual, w, index)
            case .tlt: trap(.less, w, index)
            case .tltu: trap(.below, w, index)
            case .sync, .pref: break
            case .mfc0, .di: return writeCoprocessor0(instruction, w)
            default: return writeAccess(instruction, w, index)
            }
            return true
        }

        // MARK: Shapes

        private mutating func add(_ to: Int, _ from: Int, _ value: Int32) {
            guard to != 0 else { return }
            if let base = constant(from) { return put(to, constant: base &+ UInt32(bitPattern: value)) }
            if to == from {
                forget(to)
                return assembler.alu(.add, .w32, place(to), value)
            }
            if let a = map.host(from) {
                let target = map.host(to) ?? .rax
                if value == 0 { assembler.mov(.w32, target, a) } else { assembler.lea(.w32, target, Memory(a, value)) }
                return put(to, target)
            }
            let target = map.host(to) ?? .rax
            get(target, from)
            if value != 0 { assembler.alu(.add, .w32, .register(target), value) }
            put(to, target)
        }

        private mutating func immediate(_ operation: ALU, _ to: Int, _ from: Int, _ value: UInt32) {
            guard to != 0 else { return }
            if let base = constant(from) {
                return put(
                    to, constant: operation == .and ? base & value : operation == .or ? base | value : base ^ value)
            }
            if to == from {
                forget(to)
                return assembler.alu(operation, .w32, place(to), Int32(bitPattern: value))
            }
            let target = map.host(to) ?? .rax
            get(target, from)
            assembler.alu(operation, .w32, .register(target), Int32(bitPattern: value))
            put(to, target)
        }

        private mutating func three(_ operation: ALU, _ w: InstructionWord) {
            let (d, a, b) = (w.rd, w.rs, w.rt)
            guard d != 0 else { return }
            if a == 0 || b == 0 {
                switch operation {
                case .and: return put(d, constant: 0)
                case .sub where a == 0:
                    get(.rax, b)
                    assembler.unary(.neg, .w32, .register(.rax))
                    return put(d, .rax)
                default: return move(d, a == 0 ? b : a)
                }
            }
            if d == a {
                forget(d)
                switch (place(d), place(b)) {
                case (.register(let host), let other): assembler.alu(operation, .w32, host, other)
                case (.memory(let memory), .register(let host)): assembler.alu(operation, .w32, memory, host)
                case (.memory(let memory), .memory(let other)):
                    assembler.mov(.w32, .rax, other)
                    assembler.alu(operation, .w32, memory, .rax)
                }
                return
            }
            if d == b {
                if operation != .sub {
                    // The same with the operands the other way round.
                    var turned = w.rawValue & ~0x03FF_0000
                    turned |= UInt32(b) << 21 | UInt32(a) << 16
                    return three(operation, InstructionWord(turned))
                }
                get(.rax, a)
                assembler.alu(.sub, .w32, .rax, place(b))
                return put(d, .rax)
            }
            if operation == .add, let x = map.host(a), let y = map.host(b), let to = map.host(d) {
                forget(d)
                return assembler.lea(.w32, to, Memory(x, index: y))
            }
            let target = map.host(d) ?? .rax
            get(target, a)
            assembler.alu(operation, .w32, target, place(b))
            put(d, target)
        }

        mutating func move(_ to: Int, _ from: Int) {
            guard to != 0 else { return }
            if let value = constant(from) { return put(to, constant: value) }
            let target = map.host(to) ?? map.host(from) ?? .rax
            get(target, from)
            put(to, target)
        }

        private mutating func compare(_ condition: Condition, _ w: InstructionWord) {
            guard w.rd != 0 else { return }
            if w.rt == 0, condition == .less {
                get(.rax, w.rs)
                assembler.shift(.shr, .w32, .register(.rax), 31)
                return put(w.rd, .rax)
            }
            if let a = w.rs == 0 ? nil : map.host(w.rs) {
                assembler.alu(.cmp, .w32, a, operand(w.rt))
            } else {
                get(.rax, w.rs)
                assembler.alu(.cmp, .w32, .rax, operand(w.rt))
            }
            setFlag(condition, w.rd)
        }

        private mutating func compare(_ condition: Condition, _ to: Int, _ from: Int, _ value: Int32) {
            guard to != 0 else { return }
            assembler.alu(.cmp, .w32, operand(from), value)
            setFlag(condition, to)
        }

        private mutating func setFlag(_ condition: Condition, _ to: Int) {
            assembler.set(condition, .rax)
            let target = map.host(to) ?? .rax
            assembler.movzx8(target, .register(.rax))
            put(to, target)
            // None of these changed the flags.
            flags = (to, condition)
        }

        private mutating func shift(_ operation: Shift, _ w: InstructionWord) {
            guard w.rd != 0 else { return }
            guard w.sa != 0 else { return move(w.rd, w.rt) }
            if let value = constant(w.rt), operation == .shl { return put(w.rd, constant: value &<< w.sa) }
            if w.rd == w.rt {
                forget(w.rd)
                return assembler.shift(operation, .w32, place(w.rd), UInt8(w.sa))
            }
            let target = map.host(w.rd) ?? .rax
            get(target, w.rt)
            assembler.shift(operation, .w32, .register(target), UInt8(w.sa))
            put(w.rd, target)
        }

        private mutating func shiftByRegister(_ operation: Shift, _ w: InstructionWord) {
            guard w.rd != 0 else { return }
            get(.rcx, w.rs)
            get(.rax, w.rt)
            assembler.shiftByCL(operation, .w32, .register(.rax))
            put(w.rd, .rax)
        }

        private mutating func conditionalMove(_ condition: Condition, _ w: InstructionWord) {
            guard w.rd != 0 else { return }
            if w.rt == 0 {
                if condition == .equal { move(w.rd, w.rs) }
                return
            }
            get(.rcx, w.rs)
            switch place(w.rt) {
            case .register(let host): assembler.test(.w32, host, host)
            case .memory(let memory): assembler.alu(.cmp, .w32, .memory(memory), 0)
            }
            if let host = map.host(w.rd) {
                // The value must be there even if it is a constant.
                forget(w.rd)
                return assembler.cmov(condition, .w32, host, .register(.rcx))
            }
            get(.rax, w.rd)
            assembler.cmov(condition, .w32, .rax, .register(.rcx))
            put(w.rd, .rax)
        }

        private mutating func extend(_ w: InstructionWord, isByte: Bool) {
            guard w.rd != 0 else { return }
            let target = map.host(w.rd) ?? .rax
            let from = operand(w.rt)
            if isByte { assembler.movsx8(target, from) } else { assembler.movsx16(target, from) }
            put(w.rd, target)
        }

        private mutating func insert(_ w: InstructionWord) {
            guard w.rt != 0 else { return }
            let mask: UInt32 = w.insSize >= 32 ? .max : (1 << w.insSize) - 1
            let position = w.bitFieldPosition
            get(.rax, w.rs)
            assembler.alu(.and, .w32, .register(.rax), Int32(bitPattern: mask))
            if position != 0 { assembler.shift(.shl, .w32, .register(.rax), UInt8(position)) }
            get(.rcx, w.rt)
            assembler.alu(.and, .w32, .register(.rcx), Int32(bitPattern: ~(mask &<< position)))
            assembler.alu(.or, .w32, .rax, .register(.rcx))
            put(w.rt, .rax)
        }

        // MARK: HI and LO

        private mutating func multiply(_ operation: Unary, _ w: InstructionWord) {
            get(.rax, w.rs)
            assembler.unary(operation, .w32, operand(w.rt))
            put(RegisterMap.lo, .rax)
            put(RegisterMap.hi, .rdx)
        }

        private mutating func accumulate(_ operation: Unary, _ low: ALU, _ high: ALU, _ w: InstructionWord) {
            get(.rax, w.rs)
            assembler.unary(operation, .w32, operand(w.rt))
            combine(low, RegisterMap.lo, .rax)
            combine(high, RegisterMap.hi, .rdx)
        }

        private mutating func combine(_ operation: ALU, _ guest: Int, _ from: Register) {
            switch place(guest) {
            case .register(let host): assembler.alu(operation, .w32, host, .register(from))
            case .memory(let memory): assembler.alu(operation, .w32, memory, from)
            }
        }

        /// Divisors that x86 traps at are the handler's.
        private mutating func divide(_ w: InstructionWord, _ index: Int, isSigned: Bool) {
            get(.rcx, w.rt)
            assembler.test(.w32, .rcx, .rcx)
            slow(assembler.jump(.equal), index)
            if isSigned {
                assembler.alu(.cmp, .w32, .register(.rcx), -1)
                slow(assembler.jump(.equal), index)
            }
            get(.rax, w.rs)
            if isSigned { assembler.cdq() } else { assembler.mov(.rdx, 0) }
            assembler.unary(isSigned ? .idiv : .div, .w32, .register(.rcx))
            put(RegisterMap.lo, .rax)
            put(RegisterMap.hi, .rdx)
        }

        private mutating func trap(_ condition: Condition, _ w: InstructionWord, _ index: Int) {
            get(.rax, w.rs)
            assembler.alu(.cmp, .w32, .rax, operand(w.rt))
            slow(assembler.jump(condition), index)
        }
    }
#endif
