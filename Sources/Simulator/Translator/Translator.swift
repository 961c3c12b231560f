// From blocks to machine code (docs/translator.md).
//
// Purpose. Blocks that run often get machine code, and the handler of a block's first op becomes an entry to it. So the dispatcher, the
// handlers and everything that decides what a block is stay as they are, and the translated guest does the same at the same
// instants as the interpreted one. What code cannot do itself, it leaves to the handler of the op: it goes there with registers in their
// places, and the handler's jump to the next op comes back into code.
//
// Glossary.
//   unit      blocks of one page that are translated together and jump to each other
//   body      a block's code, for those who come from other code: it looks at the budget and pays
//   entry     where the dispatcher or a handler comes in: loads registers, and goes on at an op
//   slow exit leaves for the handler of one op
//   leave     returns to the dispatcher, which goes on at the guest address in eax
//
// Unsafe code: ops and jump cache entries are those of class CPU and BlockCache; code is written through CodeMemory only.

#if arch(x86_64)
    import Host
    import MIPS
    import X86

    @safe
    final class Translator {
        /// Bytes of code kept before everything is dropped.
        static let codeSize = 4 << 20
        /// Bytes the longest unit may take.
        private static let longest = 1 << 15
        /// Blocks, and their instructions, that are translated together at most.
        static let mostBlocks = 16
        static let mostInstructions = 192

        private let code: CodeMemory
        private let staging: HostMemory
        private(set) var enter: UInt = 0
        private(set) var slow: UInt = 0
        /// For the jump cache: an entry without code leads here.
        private(set) var leave: UInt = 0
        /// Look up the address in eax in the software TLB for loads of the kernel, for 1, 2, 4 and 8 bytes: with ZF it is there, at rax.
        private(set) var lookups: [UInt] = []
        private let kept: Int
        /// Blocks translated since creation, the instructions in them, and bytes of code made of those.
        private(set) var translated = 0
        private(set) var instructions = 0
        private(set) var bytes = 0

        /// - Throws: what the system has against code that is made at run time.
        init() throws(Errno) {
            code = try CodeMemory(size: Self.codeSize)
            staging = try HostMemory(size: Self.longest)
            var a = unsafe Assembler(
                UnsafeMutableRawBufferPointer(start: staging.base, count: staging.size), runsAt: code.base)
            enter = a.address
            for register in HostRegister.saved { a.push(register) }
            a.mov(.w64, HostRegister.core, .rdi)
            a.mov(.w64, HostRegister.budget, Memory(HostRegister.core, Int32(Core.budgetOffset)))
            for (guest, host) in zip(RegisterMap.common.guests, RegisterMap.hosts) {
                a.mov(.w32, host, Memory(HostRegister.core, Int32(guest * 4)))
            }
            a.jmp(.register(.rax))
            // rcx: the op, rdx: its handler.
            slow = a.address
            Self.spill(&a)
            a.mov(.w64, .rdi, HostRegister.core)
            a.mov(.w64, .rsi, .rcx)
            for register in HostRegister.saved.reversed() { a.pop(register) }
            a.jmp(.register(.rdx))
            leave = a.address
            a.mov(.w32, Memory(HostRegister.core, Int32(Core.pcOffset)), .rax)
            Self.spill(&a)
            for register in HostRegister.saved.reversed() { a.pop(register) }
            // Flow.next
            a.alu(.xor, .w32, .rax, .register(.rax))
            a.ret()
            for shift in 0..<4 {
                lookups.append(a.address)
                SoftTLB.write(&a, table: CPU.Layout.softTLBs, size: 1 << UInt32(shift))
                let miss = a.jump(.notEqual)
                // Not ADD, which changes ZF.
                a.mov(.w64, .rcx, Memory(HostRegister.core, index: .rcx, Int32(CPU.Layout.softTLBs + 8)))
                a.lea(.w64, .rax, Memory(.rax, index: .rcx))
                a.bind(miss)
                a.ret()
            }
            guard !a.isOverflowed, unsafe code.append(UnsafeRawBufferPointer(start: staging.base, count: a.position))
            else {
                throw .nomem
            }
            kept = code.top
        }

        private static func spill(_ a: inout Assembler) {
            for (guest, host) in zip(RegisterMap.common.guests, RegisterMap.hosts) {
                a.mov(.w32, Memory(HostRegister.core, Int32(guest * 4)), host)
            }
            a.mov(.w64, Memory(HostRegister.core, Int32(Core.budgetOffset)), HostRegister.budget)
        }

        /// Is there room for the longest block?
        var isFull: Bool { code.room < Self.longest }

        /// More memory than an idle guest should keep.
        var isLarge: Bool { code.top > Self.codeSize / 4 }

        /// Gives the memory of code back, when there is none.
        func release() { code.release() }

        /// Forgets all code. No block may lead to it any more.
        func removeAll() { code.removeAll(but: kept) }

        /// Translates blocks of one page and mode, the first of which is warm, as a unit in which they jump to each other, and lets their
        /// handlers lead to code. Answers with the address of each one's code; with nothing if there is none.
        func translate(_ blocks: [Block]) -> [UInt] {
            let base = code.base + UInt(bitPattern: code.top)
            let buffer = unsafe UnsafeMutableRawBufferPointer(start: staging.base, count: staging.size)
            var writer = BlockWriter(blocks, unsafe Assembler(buffer, runsAt: base), self)
            writer.write()
            let written = writer.assembler.position
            guard !writer.assembler.isOverflowed,
                unsafe code.append(UnsafeRawBufferPointer(start: staging.base, count: written))
            else { return blocks.count > 1 ? translate([blocks[0]]) : [] }
            for entry in writer.entries {
                // A function's address is a pointer to its code on every host this is compiled for.
                unsafe (blocks[entry.block].ops + entry.index * Op.size).storeBytes(of: entry.address, as: UInt.self)
            }
            translated += blocks.count
            for block in blocks { instructions += block.length }
            bytes += written
            return writer.starts
        }
    }
#else
    import Host

    /// There is none for this processor: it cannot be made, so what follows is never called.
    final class Translator {
        var leave: UInt { 0 }
        var isFull: Bool { false }
        var translated: Int { 0 }
        var instructions: Int { 0 }
        var bytes: Int { 0 }
        init() throws(Errno) { throw .nosys }
        func removeAll() {}
        var isLarge: Bool { false }
        func release() {}
        func translate(_ blocks: [Block]) -> [UInt] { [] }
    }
#endif

extension Translator {
    /// A block as the translator wants it.
    @safe
    struct Block {
        let ops: UnsafeMutableRawPointer
        let length: Int
        let pc: UInt32
        let mode: UInt32
        /// Where the unmapped segment begins that is RAM's: KSEG0, or a TE guest's.
        let unmapped: UInt32
    }
}
