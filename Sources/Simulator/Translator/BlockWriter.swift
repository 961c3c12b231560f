// Writes the code of a unit: blocks of one page that jump to each other. Here is their frame, and what instructions have in common.

#if arch(x86_64)
    import MIPS
    import X86

    /// A load of kernel code that looks into the software TLB, behind the block's end.
    struct LateLoad {
        /// The jump to it, and where it goes on.
        let fixup: Fixup
        let back: UInt
        let instruction: Instruction
        let word: InstructionWord
        let index: Int
        let size: UInt32
        /// Where it loads from, if that is known; else ecx has the distance from the unmapped segment, turned by the size.
        let address: UInt32?
        let slotTarget: UInt32?
    }

    /// The code of a unit under construction: blocks that jump to each other.
    @safe
    struct BlockWriter {
        var assembler: Assembler
        let blocks: [Translator.Block]
        let translator: Translator
        /// The block being written.
        private(set) var block: Translator.Block
        private var current = 0
        /// For each block: where its code begins for the others of the unit, or 0.
        private var bodies: [UInt]
        /// For each block: where its code begins for everybody else.
        private(set) var starts: [UInt] = []
        /// Ops that lead to code, and where.
        private(set) var entries: [(block: Int, index: Int, address: UInt)] = []
        /// Jumps to blocks that are not written yet.
        private var forwardJumps: [(fixup: Fixup, to: Int)] = []
        /// Jumps to handlers: from where, for which op, and the branch target an op in a delay slot needs.
        private var slowJumps: [(fixup: Fixup, block: Int, index: Int, target: UInt32?)] = []
        /// Jumps of blocks that find the budget used up.
        private var lastJumps: [(fixup: Fixup, block: Int)] = []
        private var lateLoads: [(block: Int, load: LateLoad)] = []
        /// Ops that handlers come back to, with what follows them.
        private var reentries: [(block: Int, index: Int, address: UInt)] = []
        /// The block that is written next, because the code written last runs on into it.
        private var following: Int?
        /// Target of the branch whose delay slot is being written, if it is known.
        var slotTarget: UInt32?
        /// Guest registers whose value is known, as bits; and the values.
        var known: UInt32 = 1
        var values: InlineArray<32, UInt32> = .init(repeating: 0)
        /// An op before the present one may be left to its handler.
        private var needsReentry = false
        /// Which guest register the instruction before the present one made 1 if a condition holds that the host's flags still tell.
        var flags: (guest: Int, condition: Condition)?
        /// Where guest registers are inside of this unit.
        let map: RegisterMap

        init(_ blocks: [Translator.Block], _ assembler: consuming Assembler, _ translator: Translator) {
            self.blocks = blocks
            self.assembler = assembler
            self.translator = translator
            block = blocks[0]
            bodies = [UInt](repeating: 0, count: blocks.count)
            map = Self.map(blocks)
        }

        /// A unit with a loop has a map of its own.
        private static func map(_ blocks: [Translator.Block]) -> RegisterMap {
            let isLoop = blocks.contains { block in
                let targets = unsafe BranchTargets(block.ops, pc: block.pc, length: block.length)
                return targets.direct.contains { target in target <= block.pc && blocks.contains { $0.pc == target } }
            }
            guard isLoop else { return .common }
            var uses = InlineArray<36, Int>(repeating: 0)
            for block in blocks {
                for index in 0..<block.length {
                    let word = unsafe InstructionWord(BlockCache.word(ops: block.ops, index: index))
                    RegisterMap.count(Instruction(decoding: word.rawValue), word, in: &uses)
                }
            }
            return RegisterMap(uses: uses)
        }

        /// The guest's word of an op.
        func word(_ index: Int) -> InstructionWord {
            unsafe InstructionWord(BlockCache.word(ops: block.ops, index: index))
        }

        func pc(_ index: Int) -> UInt32 { block.pc &+ UInt32(truncatingIfNeeded: index) &* 4 }

        var isUser: Bool { block.mode & 1 != 0 }

        // MARK: The blocks

        mutating func write() {
            var next: Int? = 0
            while let number = next {
                writeBlock(number)
                next = following ?? bodies.firstIndex(of: 0)
                following = nil
            }
            for jump in forwardJumps { assembler.bind(jump.fixup, to: bodies[jump.to]) }
            finish()
        }

        private mutating func turn(to number: Int) {
            current = number
            block = blocks[number]
        }

        private mutating func writeBlock(_ number: Int) {
            turn(to: number)
            known = 1
            flags = nil
            bodies[number] = assembler.address
            assembler.test(.w64, HostRegister.budget, HostRegister.budget)
            lastJumps.append((assembler.jump(.lessOrEqual), number))
            assembler.alu(.sub, .w64, .register(HostRegister.budget), Int32(block.length))
            reentries.append((number, 0, assembler.address))
            needsReentry = false
            var index = 0
            while index < block.length {
                if needsReentry {
                    reentries.append((number, index, assembler.address))
                    needsReentry = false
                }
                let word = self.word(index)
                let instruction = Instruction(decoding: word.rawValue)
                if instruction.traits.contains(.branch) {
                    // Its delay slot is on another page, or in it is what has no code: handlers do it all.
                    guard index == block.length - 2, canFollowBranch(index + 1), writeBranch(instruction, word, index)
                    else { leaveToHandler(index); break }
                    break
                }
                flags = nil
                if !write(instruction, word, index) { leaveToHandler(index) }
                index += 1
                // Behind what ends a block by itself this is never reached: its handler returns to the dispatcher.
                if index == block.length { exit(to: pc(index), isLast: true) }
            }
        }

        private mutating func leaveToHandler(_ index: Int) {
            slow(assembler.jmp(), index)
            // Nothing is known of what a handler writes.
            known = 1
        }

        /// The jump `fixup` leaves for the handler of an op.
        mutating func slow(_ fixup: Fixup, _ index: Int) {
            slowJumps.append((fixup, current, index, slotTarget))
            needsReentry = true
        }

        mutating func postpone(_ load: LateLoad) {
            lateLoads.append((current, load))
            needsReentry = true
        }

        mutating func takeFlags() -> (guest: Int, condition: Condition)? {
            defer { flags = nil }
            return flags
        }

        // MARK: Behind the blocks

        private mutating func finish() {
            for late in lateLoads {
                turn(to: late.block)
                writeLate(late.load)
            }
            for number in blocks.indices where slowJumps.contains(where: { $0.block == number }) {
                turn(to: number)
                writeSlowJumps()
            }
            let isCommon = map.differences.isEmpty
            for entry in reentries {
                var start = entry.address
                if !isCommon {
                    start = assembler.address
                    moveIn()
                    assembler.jmp(to: entry.address)
                }
                entries.append((entry.block, entry.index, assembler.address))
                assembler.lea(.rax, near: start)
                assembler.jmp(to: translator.enter)
            }
            for last in lastJumps {
                assembler.bind(last.fixup)
                assembler.mov(.rax, UInt64(blocks[last.block].pc))
                moveOut()
                assembler.jmp(to: translator.leave)
            }
            for body in bodies {
                starts.append(isCommon ? body : assembler.address)
                guard !isCommon else { continue }
                moveIn()
                assembler.jmp(to: body)
            }
        }

        /// From the common map to this unit's.
        private mutating func moveIn() {
            for difference in map.differences {
                assembler.mov(.w32, field(difference.common * 4), difference.host)
                assembler.mov(.w32, difference.host, field(difference.here * 4))
            }
        }

        /// And back. It changes no other registers.
        private mutating func moveOut() {
            for difference in map.differences {
                assembler.mov(.w32, field(difference.here * 4), difference.host)
                assembler.mov(.w32, difference.host, field(difference.common * 4))
            }
        }

        /// The ways to handlers of the present block's ops.
        private mutating func writeSlowJumps() {
            // rax: offset of the op, rdx: its handler.
            let common = assembler.address
            assembler.mov(.rcx, unsafe UInt64(UInt(bitPattern: block.ops)))
            assembler.mov(.w64, field(Core.blockOpsOffset), .rcx)
            assembler.mov(.w32, field(Core.blockPCOffset), Int32(bitPattern: block.pc))
            assembler.mov(.w32, field(Core.blockLengthOffset), Int32(block.length))
            assembler.alu(.add, .w64, .rcx, .register(.rax))
            moveOut()
            assembler.jmp(to: translator.slow)
            for jump in slowJumps where jump.block == current {
                assembler.bind(jump.fixup)
                if let target = jump.target {
                    assembler.mov(.w32, field(Core.targetOffset), Int32(bitPattern: target))
                }
                // None of its ops leads to code yet.
                let handler = unsafe (block.ops + jump.index * Op.size).load(as: UInt.self)
                assembler.mov(.rax, UInt64(jump.index * Op.size))
                assembler.mov(.rdx, UInt64(handler))
                assembler.jmp(to: common)
            }
        }

        // MARK: Leaving

        func field(_ offset: Int) -> Memory { Memory(HostRegister.core, Int32(truncatingIfNeeded: offset)) }

        /// The block of this unit at a guest address.
        func member(_ pc: UInt32) -> Int? { blocks.firstIndex { $0.pc == pc } }

        /// Is there a block of this unit at a guest address, that could be written next?
        func canFollow(_ pc: UInt32) -> Bool { member(pc).map { bodies[$0] == 0 } ?? false }

        /// Jumps to a block of this unit if a condition holds.
        mutating func jump(_ condition: Condition, toMember number: Int) {
            if bodies[number] != 0 { return assembler.jump(condition, to: bodies[number]) }
            forwardJumps.append((assembler.jump(condition), number))
        }

        /// Goes on at a guest address that is known: in this unit, or at its code if the jump cache has some, else in the dispatcher.
        ///
        /// - Parameter isLast: nothing else of this block is written behind it.
        mutating func exit(to pc: UInt32, isLast: Bool) {
            if let number = member(pc) {
                if bodies[number] != 0 { return assembler.jmp(to: bodies[number]) }
                if isLast { following = number } else { forwardJumps.append((assembler.jmp(), number)) }
                return
            }
            moveOut()
            let entry = CPU.Layout.jumpCache + JumpCache.offset(pc)
            assembler.mov(.rax, UInt64(pc))
            assembler.alu(.or, .w64, .rax, .memory(field(Core.contextOffset)))
            assembler.alu(.cmp, .w64, .rax, .memory(field(entry)))
            assembler.jump(.notEqual, to: translator.leave)
            assembler.jmp(.memory(field(entry + JumpCache.codeOffset)))
        }

        /// Goes on at the guest address in eax, whose upper half is zero.
        mutating func exitToAddress() {
            moveOut()
            assembler.mov(.w32, .rcx, .rax)
            assembler.alu(.and, .w32, .register(.rcx), Int32((JumpCache.entries - 1) << 2))
            assembler.alu(.or, .w64, .rax, .memory(field(Core.contextOffset)))
            let entry = Int32(CPU.Layout.jumpCache)
            assembler.alu(.cmp, .w64, .rax, .memory(Memory(HostRegister.core, index: .rcx, scale: 8, entry)))
            assembler.jump(.notEqual, to: translator.leave)
            assembler.jmp(
                .memory(Memory(HostRegister.core, index: .rcx, scale: 8, entry + Int32(JumpCache.codeOffset))))
        }

        // MARK: Guest registers

        /// Where a guest register is; not for register 0.
        func place(_ guest: Int) -> Place {
            if let host = map.host(guest) { return .register(host) }
            return .memory(field(guest * 4))
        }

        /// Copies a guest register into a host register. The flags stay.
        mutating func get(_ to: Register, _ guest: Int) {
            if let value = constant(guest) { return assembler.mov(to, UInt64(value)) }
            switch place(guest) {
            case .register(let host): if host != to { assembler.mov(.w32, to, host) }
            case .memory(let memory): assembler.mov(.w32, to, memory)
            }
        }

        /// Writes a host register to a guest register, whose value is unknown then. The flags stay.
        mutating func put(_ guest: Int, _ from: Register) {
            guard guest != 0 else { return }
            forget(guest)
            switch place(guest) {
            case .register(let host): if host != from { assembler.mov(.w32, host, from) }
            case .memory(let memory): assembler.mov(.w32, memory, from)
            }
        }

        /// Gives a guest register a value. The flags stay.
        mutating func put(_ guest: Int, constant value: UInt32) {
            guard guest != 0 else { return }
            switch place(guest) {
            case .register(let host): assembler.mov(host, UInt64(value))
            case .memory(let memory): assembler.mov(.w32, memory, Int32(bitPattern: value))
            }
            known |= 1 << UInt32(guest)
            values[guest] = value
        }

        mutating func forget(_ guest: Int) { known &= ~(1 << UInt32(guest)) | 1 }

        func constant(_ guest: Int) -> UInt32? { known & 1 << UInt32(guest) != 0 ? values[guest] : nil }

        /// A guest register as an operand: register 0 goes through rcx.
        mutating func operand(_ guest: Int) -> Place {
            guard guest == 0 else { return place(guest) }
            assembler.mov(.rcx, 0)
            return .register(.rcx)
        }
    }
#endif
