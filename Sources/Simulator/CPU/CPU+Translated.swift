// When blocks get machine code, and when they lose it.
//
// Unsafe code: jump cache entries and ops are those of `CPU+Run` and BlockCache.

extension CPU {
    /// Gives the ops of blocks that were unlinked their handlers back: one of them may be running, and must not go on in code, which
    /// jumps to the others of its unit.
    func restoreHandlers() {
        while let block = blocks.takeUnlinked() {
            _ = unsafe predecode(
                pc: blocks.pc(block), memory: blocks.words(block), mode: blocks.mode(block), into: blocks.ops(block))
        }
    }

    func remember(_ code: UInt, _ entry: UnsafeMutableRawPointer, warmth: UInt32) {
        unsafe entry.storeBytes(
            of: code == 0 ? warmth : 0, toByteOffset: JumpCache.warmthOffset, as: UInt32.self)
        unsafe entry.storeBytes(
            of: code == 0 ? translator?.leave ?? 0 : code, toByteOffset: JumpCache.codeOffset, as: UInt.self)
    }

    #if arch(x86_64)
        /// Counts a run of a block without code, and translates it when it is one of many. True if all blocks had to be dropped for it.
        @inline(never)
        func warm(_ entry: UnsafeMutableRawPointer, _ warmth: UInt32) -> Bool {
            unsafe entry.storeBytes(of: warmth - 1, toByteOffset: JumpCache.warmthOffset, as: UInt32.self)
            let ops = unsafe entry.load(fromByteOffset: 8, as: UnsafeMutableRawPointer.self)
            let block = unsafe blocks.block(ops: ops)
            blocks.setWarmth(block, warmth - 1)
            guard warmth == 1, let translator else { return false }
            if translator.isFull {
                dropBlocks()
                return true
            }
            // An alias of its address may have translated it.
            let code = blocks.code(block)
            if code == 0 { translate(block, translator) } else { unsafe remember(code, entry, warmth: 0) }
            return false
        }

        /// Translates a block, and with it the blocks of its page that it leads to and that run often too.
        private func translate(_ head: UInt32, _ translator: Translator) {
            var unit = [head]
            var words = Int(blocks.length(head))
            var done = 0
            while done < unit.count {
                let block = unit[done]
                done += 1
                let targets = unsafe BranchTargets(
                    blocks.ops(block), pc: blocks.pc(block), length: Int(blocks.length(block)))
                for pc in targets.all {
                    guard unit.count < Translator.mostBlocks, pc &>> 12 == blocks.pc(head) &>> 12,
                        let other = warmBlock(pc), !unit.contains(other), blocks.mode(other) == blocks.mode(head),
                        words + Int(blocks.length(other)) <= Translator.mostInstructions
                    else { continue }
                    words += Int(blocks.length(other))
                    unit.append(other)
                }
            }
            let codes = translator.translate(
                unit.map { block in
                    unsafe Translator.Block(
                        ops: blocks.ops(block), length: Int(blocks.length(block)), pc: blocks.pc(block),
                        mode: blocks.mode(block), unmapped: isTE ? 0x4000_0000 : 0x8000_0000)
                })
            blocks.join(unit[..<codes.count])
            for (block, code) in zip(unit, codes) {
                blocks.setCode(block, code)
                unsafe remember(code, jumpCache + JumpCache.offset(blocks.pc(block)), warmth: 0)
            }
        }

        /// The block at `pc`, if the jump cache has it, it runs often and has no code yet.
        private func warmBlock(_ pc: UInt32) -> UInt32? {
            let entry = unsafe jumpCache + JumpCache.offset(pc)
            guard unsafe entry.load(as: UInt64.self) == core.context | UInt64(pc) else { return nil }
            let left = unsafe entry.load(fromByteOffset: JumpCache.warmthOffset, as: UInt32.self)
            guard left > 0, left <= warmth - max(1, warmth / 4) else { return nil }
            let block = unsafe blocks.block(ops: entry.load(fromByteOffset: 8, as: UnsafeRawPointer.self))
            return blocks.code(block) == 0 ? block : nil
        }
    #else
        /// Nothing is ever translated.
        func warm(_ entry: UnsafeMutableRawPointer, _ warmth: UInt32) -> Bool { false }
    #endif
}
