// What of coprocessor 0 is a plain access to a cell: system calls and interrupts are full of it.

#if arch(x86_64)
    import MIPS
    import X86

    extension BlockWriter {
        /// Writes MFC0 or DI; false if it has no code.
        mutating func writeCoprocessor0(_ instruction: Instruction, _ w: InstructionWord) -> Bool {
            // What a user may do is the handler's to know.
            guard !isUser else { return false }
            switch instruction {
            case .mfc0:
                let number = w.rd << 3 | w.sel
                // Under trap-and-emulate the instruction is replaced by another in guest memory.
                guard !isTE, !CPU.isReadByName(number) else { return false }
                assembler.mov(.w32, .rax, cell(number))
                put(w.rt, .rax)
            case .di:
                // Fewer interrupts can be taken than before, so there is nothing to look for.
                assembler.mov(.w32, .rax, cell(Cell.status))
                put(w.rt, .rax)
                assembler.alu(.and, .w32, .register(.rax), Int32(bitPattern: ~Status.ie))
                assembler.mov(.w32, cell(Cell.status), .rax)
            default: return false
            }
            return true
        }

        private var isTE: Bool { block.unmapped == 0x4000_0000 }

        /// A register of coprocessor 0, all of which lie at a fixed distance from the core.
        private func cell(_ number: Int) -> Memory { field(CPU.Layout.commpage - CPU.Layout.core + number * 4) }
    }
#endif
