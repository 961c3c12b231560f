// Branches, and the delay slots that belong to them.
//
// The delay slot is written once for each way a branch can go, behind the decision, so that nothing has to be kept while it runs.

#if arch(x86_64)
    import MIPS
    import X86

    extension BlockWriter {
        /// May the op at `index` be in the delay slot of a branch that has code? Whatever has code of its own may.
        func canFollowBranch(_ index: Int) -> Bool {
            let word = self.word(index)
            let instruction = Instruction(decoding: word.rawValue)
            if instruction.traits.contains(.branch) || instruction.traits.contains(.endsBlock) { return false }
            // Tried on a copy whose code is thrown away.
            var trial = self
            return trial.write(instruction, word, index)
        }

        /// Writes a branch and its delay slot, the last two instructions of the block; false if it has no code.
        mutating func writeBranch(_ instruction: Instruction, _ w: InstructionWord, _ index: Int) -> Bool {
            let target = w.branchTarget(at: pc(index))
            let isLikely = instruction.traits.contains(.likely)
            switch instruction {
            case .j: jump(w.jumpTarget(at: pc(index)), index)
            case .jal:
                put(31, constant: pc(index) &+ 8)
                jump(w.jumpTarget(at: pc(index)), index)
            case .jr, .jalr: jumpToRegister(instruction, w, index)
            case .beq, .beql, .bne, .bnel:
                let isEqual = instruction == .beq || instruction == .beql
                if w.rs == w.rt {
                    if isEqual { jump(target, index) } else { fall(index, isLikely) }
                    return true
                }
                if let flags = takeFlags(), flags.guest == w.rs && w.rt == 0 || flags.guest == w.rt && w.rs == 0 {
                    decide(isEqual ? flags.condition.inverted : flags.condition, target, index, isLikely)
                    return true
                }
                equality(w.rs, w.rt)
                decide(isEqual ? .equal : .notEqual, target, index, isLikely)
            case .blez, .blezl: sign(.lessOrEqual, w, target, index, isLikely)
            case .bgtz, .bgtzl: sign(.greater, w, target, index, isLikely)
            case .bltz, .bltzl: sign(.less, w, target, index, isLikely)
            case .bgez, .bgezl: sign(.greaterOrEqual, w, target, index, isLikely)
            case .bltzal, .bltzall, .bgezal, .bgezall:
                let isLess = instruction == .bltzal || instruction == .bltzall
                if w.rs == 0 {
                    put(31, constant: pc(index) &+ 8)
                    if isLess { fall(index, isLikely) } else { jump(target, index) }
                    return true
                }
                assembler.alu(.cmp, .w32, place(w.rs), 0)
                put(31, constant: pc(index) &+ 8)
                decide(isLess ? .less : .greaterOrEqual, target, index, isLikely)
            case .bc1t, .bc1f, .bc1tl, .bc1fl:
                guard hasFPU else { return false }
                let code = w.testedCondition
                assembler.test(.w32, .memory(field(Core.fcsrOffset)), Int32(1) << Int32(code == 0 ? 23 : 24 + code))
                let isTrue = instruction == .bc1t || instruction == .bc1tl
                decide(isTrue ? .notEqual : .equal, target, index, isLikely)
            default: return false
            }
            return true
        }

        private mutating func equality(_ a: Int, _ b: Int) {
            // The one that is not zero, if one is.
            if a == 0 || b == 0 {
                switch place(a == 0 ? b : a) {
                case .register(let host): assembler.test(.w32, host, host)
                case .memory(let memory): assembler.alu(.cmp, .w32, .memory(memory), 0)
                }
            } else if let host = map.host(a) {
                assembler.alu(.cmp, .w32, host, place(b))
            } else if let host = map.host(b) {
                assembler.alu(.cmp, .w32, host, place(a))
            } else {
                get(.rax, a)
                assembler.alu(.cmp, .w32, .rax, place(b))
            }
        }

        private mutating func sign(
            _ condition: Condition, _ w: InstructionWord, _ target: UInt32, _ index: Int, _ isLikely: Bool
        ) {
            if w.rs == 0 {
                let isTaken = condition == .lessOrEqual || condition == .greaterOrEqual
                if isTaken { jump(target, index) } else { fall(index, isLikely) }
                return
            }
            switch place(w.rs) {
            case .register(let host): assembler.test(.w32, host, host)
            case .memory(let memory): assembler.alu(.cmp, .w32, .memory(memory), 0)
            }
            decide(condition, target, index, isLikely)
        }

        /// Both ways of a branch, by the flags. What is written last can run on into the next block; what leads back into this unit comes
        /// first, where the processor need not jump to it.
        private mutating func decide(_ condition: Condition, _ target: UInt32, _ index: Int, _ isLikely: Bool) {
            let next = pc(index) &+ 8
            let hasSlot = word(index + 1).rawValue != 0
            if !hasSlot, let number = member(target) {
                jump(condition, toMember: number)
                return fall(index, isLikely)
            }
            let isLoop = member(target) != nil && !canFollow(target)
            let state = (known, values)
            if isLoop || canFollow(next) {
                let other = assembler.jump(condition.inverted)
                jump(target, index, isLast: false)
                (known, values) = state
                assembler.bind(other)
                fall(index, isLikely)
            } else {
                let taken = assembler.jump(condition)
                fall(index, isLikely, isLast: false)
                (known, values) = state
                assembler.bind(taken)
                jump(target, index)
            }
        }

        /// The way that is not taken.
        private mutating func fall(_ index: Int, _ isLikely: Bool, isLast: Bool = true) {
            let next = pc(index) &+ 8
            if !isLikely { writeSlot(index + 1, target: next) }
            exit(to: next, isLast: isLast)
        }

        private mutating func jump(_ target: UInt32, _ index: Int, isLast: Bool = true) {
            writeSlot(index + 1, target: target)
            exit(to: target, isLast: isLast)
        }

        private mutating func writeSlot(_ index: Int, target: UInt32?) {
            slotTarget = target
            let word = self.word(index)
            let isWritten = write(Instruction(decoding: word.rawValue), word, index)
            precondition(isWritten, "a delay slot was tried before")
            slotTarget = nil
        }

        private mutating func jumpToRegister(_ instruction: Instruction, _ w: InstructionWord, _ index: Int) {
            // The target is read before the delay slot and before the link is written.
            get(.rax, w.rs)
            if instruction == .jalr { put(w.rd, constant: pc(index) &+ 8) }
            if word(index + 1).rawValue == 0 { return exitToAddress() }
            assembler.mov(.w32, field(Core.targetOffset), .rax)
            writeSlot(index + 1, target: nil)
            assembler.mov(.w32, .rax, field(Core.targetOffset))
            exitToAddress()
        }
    }
#endif
