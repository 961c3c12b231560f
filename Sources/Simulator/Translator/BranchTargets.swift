// Where a block goes on.

#if arch(x86_64)
    import MIPS

    /// Guest addresses at which a block goes on by itself, as far as they are known.
    @safe
    struct BranchTargets {
        /// Where code of the block jumps to.
        private(set) var direct: [UInt32] = []
        /// With it, where a call comes back to.
        private(set) var all: [UInt32] = []

        init(_ ops: UnsafeRawPointer, pc: UInt32, length: Int) {
            let end = pc &+ UInt32(truncatingIfNeeded: length) &* 4
            direct = [end]
            defer { if all.isEmpty { all = direct } }
            guard length >= 2 else { return }
            let word = InstructionWord(unsafe BlockCache.word(ops: ops, index: length - 2))
            let instruction = Instruction(decoding: word.rawValue)
            switch instruction {
            case .jr, .jalr: direct = []
            case .j, .jal: direct = [word.jumpTarget(at: end &- 8)]
            default: if instruction.traits.contains(.branch) { direct.append(word.branchTarget(at: end &- 8)) }
            }
            if instruction == .jal || instruction == .jalr { all = direct + [end] }
        }
    }
#endif
