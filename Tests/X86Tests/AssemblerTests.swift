// Every form of every instruction, as Debian's disassembler reads it.

import Foundation
import Testing

@testable import X86

@Suite struct AssemblerTests {
    /// Code, and what a disassembler is to say of it, instruction by instruction.
    @safe final class Listing {
        private let buffer: UnsafeMutableRawBufferPointer = .allocate(byteCount: 1 << 20, alignment: 16)
        private(set) var assembler: Assembler
        private(set) var expected: [(offset: Int, text: String)] = []

        init() { assembler = unsafe Assembler(buffer, runsAt: 0) }
        deinit { unsafe buffer.deallocate() }

        func add(_ text: String, _ write: (inout Assembler) -> Void) {
            expected.append((assembler.position, text))
            write(&assembler)
        }

        func bind(_ fixup: Fixup) { assembler.bind(fixup) }

        var bytes: [UInt8] {
            unsafe [UInt8](UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<assembler.position]))
        }

        func check() throws {
            #expect(!assembler.isOverflowed)
            let file = FileManager.default.temporaryDirectory.appendingPathComponent("x86-\(UUID().uuidString)")
            try Data(bytes).write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/objdump")
            process.arguments = [
                "-D", "-b", "binary", "-m", "i386:x86-64", "-M", "intel", "--no-show-raw-insn", file.path,
            ]
            let pipe = Pipe()
            process.standardOutput = pipe
            try process.run()
            let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            var found: [(offset: Int, text: String)] = []
            for line in output.split(separator: "\n") {
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts.count == 2, let offset = Int(parts[0].trimmingCharacters(in: .whitespaces), radix: 16)
                else { continue }
                var text = parts[1].trimmingCharacters(in: .whitespaces)
                if let comment = text.range(of: "#") {
                    text = text[..<comment.lowerBound].trimmingCharacters(in: .whitespaces)
                }
                found.append((offset, text.replacingOccurrences(of: " +", with: " ", options: .regularExpression)))
            }
            #expect(found.count == expected.count)
            for (a, b) in zip(found, expected) where a != b {
                Issue.record("at \(b.offset): \(b.text), which is read as \(a.text) at \(a.offset)")
                return
            }
        }
    }

    static let names32 = [
        "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "r8d", "r9d", "r10d", "r11d", "r12d", "r13d", "r14d",
        "r15d",
    ]
    static let names64 = [
        "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
    ]
    static let names8 = [
        "al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil", "r8b", "r9b", "r10b", "r11b", "r12b", "r13b", "r14b",
        "r15b",
    ]
    static let names16 = [
        "ax", "cx", "dx", "bx", "sp", "bp", "si", "di", "r8w", "r9w", "r10w", "r11w", "r12w", "r13w", "r14w", "r15w",
    ]
    static let conditions = ["o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"]
    static let displacements: [Int32] = [0, 1, -1, 127, -128, 128, -129, 0x1000, .max, .min]

    func name(_ width: Width, _ register: Register) -> String {
        (width == .w32 ? Self.names32 : Self.names64)[Int(register.rawValue)]
    }

    func text(_ memory: Memory) -> String {
        var text = "[" + Self.names64[Int(memory.base.rawValue)]
        if let index = memory.index { text += "+\(Self.names64[Int(index.rawValue)])*\(memory.scale)" }
        let base = memory.base.rawValue & 7
        if memory.displacement != 0 || base == 5 {
            text += memory.displacement < 0 ? "-0x" : "+0x"
            text += String(memory.displacement.magnitude, radix: 16)
        }
        return text + "]"
    }

    /// Operands of every shape.
    static let memories: [Memory] = {
        var all: [Memory] = []
        for base in Register.allCases {
            for displacement in displacements { all.append(Memory(base, displacement)) }
            for index in Register.allCases where index != .rsp {
                for scale: UInt8 in [1, 2, 4, 8] {
                    all.append(Memory(base, index: index, scale: scale, displacements[Int(index.rawValue) % 10]))
                }
            }
        }
        return all
    }()

    func hex(_ value: Int32, _ width: Width) -> String {
        width == .w32
            ? "0x" + String(UInt32(bitPattern: value), radix: 16)
            : "0x" + String(UInt64(bitPattern: Int64(value)), radix: 16)
    }

    @Test func moves() throws {
        let list = Listing()
        for width in [Width.w32, .w64] {
            let size = width == .w32 ? "DWORD" : "QWORD"
            for a in Register.allCases {
                for b in Register.allCases {
                    list.add("mov \(name(width, a)),\(name(width, b))") { $0.mov(width, a, b) }
                }
            }
            for (number, memory) in Self.memories.enumerated() {
                let r = Register.allCases[number % 16]
                list.add("mov \(name(width, r)),\(size) PTR \(text(memory))") { $0.mov(width, r, memory) }
                list.add("mov \(size) PTR \(text(memory)),\(name(width, r))") { $0.mov(width, memory, r) }
                list.add("mov \(size) PTR \(text(memory)),\(hex(-5, width))") { $0.mov(width, memory, -5) }
                list.add("lea \(name(width, r)),\(text(memory))") { $0.lea(width, r, memory) }
            }
        }
        for (number, memory) in Self.memories.enumerated() {
            let r = Register.allCases[number % 16]
            let n = Int(r.rawValue)
            list.add("mov BYTE PTR \(text(memory)),\(Self.names8[n])") { $0.store8(memory, r) }
            list.add("mov WORD PTR \(text(memory)),\(Self.names16[n])") { $0.store16(memory, r) }
            list.add("movzx \(Self.names32[n]),BYTE PTR \(text(memory))") { $0.movzx8(r, .memory(memory)) }
            list.add("movsx \(Self.names32[n]),BYTE PTR \(text(memory))") { $0.movsx8(r, .memory(memory)) }
            list.add("movzx \(Self.names32[n]),WORD PTR \(text(memory))") { $0.movzx16(r, .memory(memory)) }
            list.add("movsx \(Self.names32[n]),WORD PTR \(text(memory))") { $0.movsx16(r, .memory(memory)) }
        }
        for a in Register.allCases {
            for b in Register.allCases {
                let (to, from) = (Self.names32[Int(a.rawValue)], Int(b.rawValue))
                list.add("movzx \(to),\(Self.names8[from])") { $0.movzx8(a, .register(b)) }
                list.add("movsx \(to),\(Self.names8[from])") { $0.movsx8(a, .register(b)) }
                list.add("movzx \(to),\(Self.names16[from])") { $0.movzx16(a, .register(b)) }
                list.add("movsx \(to),\(Self.names16[from])") { $0.movsx16(a, .register(b)) }
            }
            list.add("mov \(name(.w32, a)),0xffffffff") { $0.mov(a, 0xFFFF_FFFF) }
            list.add("mov \(name(.w32, a)),0x0") { $0.mov(a, 0) }
            list.add("mov \(name(.w64, a)),0xffffffff80000000") { $0.mov(a, 0xFFFF_FFFF_8000_0000) }
            list.add("movabs \(name(.w64, a)),0x123456789abcdef0") { $0.mov(a, 0x1234_5678_9ABC_DEF0) }
            list.add("push \(name(.w64, a))") { $0.push(a) }
            list.add("pop \(name(.w64, a))") { $0.pop(a) }
        }
        try list.check()
    }

    @Test func arithmetic() throws {
        let list = Listing()
        for width in [Width.w32, .w64] {
            let size = width == .w32 ? "DWORD" : "QWORD"
            for (number, memory) in Self.memories.enumerated() {
                let r = Register.allCases[number % 16]
                let operation = ALU.allCases[number % 8]
                list.add("\(operation) \(name(width, r)),\(size) PTR \(text(memory))") {
                    $0.alu(operation, width, r, .memory(memory))
                }
                list.add("\(operation) \(size) PTR \(text(memory)),\(name(width, r))") {
                    $0.alu(operation, width, memory, r)
                }
                list.add("\(operation) \(size) PTR \(text(memory)),\(hex(0x1234, width))") {
                    $0.alu(operation, width, .memory(memory), 0x1234)
                }
                let unary = Unary.allCases[number % 6]
                list.add("\(unary) \(size) PTR \(text(memory))") { $0.unary(unary, width, .memory(memory)) }
                list.add("imul \(name(width, r)),\(size) PTR \(text(memory))") { $0.imul(width, r, .memory(memory)) }
                list.add("test \(size) PTR \(text(memory)),0x7f000000") { $0.test(width, .memory(memory), 0x7F00_0000) }
                list.add("bsr \(name(width, r)),\(size) PTR \(text(memory))") { $0.bsr(width, r, .memory(memory)) }
                list.add("shr \(size) PTR \(text(memory)),0x1f") { $0.shift(.shr, width, .memory(memory), 31) }
            }
            for a in Register.allCases {
                for b in Register.allCases {
                    for operation in ALU.allCases {
                        list.add("\(operation) \(name(width, a)),\(name(width, b))") {
                            $0.alu(operation, width, a, .register(b))
                        }
                    }
                    list.add("test \(name(width, a)),\(name(width, b))") { $0.test(width, a, b) }
                    list.add("imul \(name(width, a)),\(name(width, b))") { $0.imul(width, a, .register(b)) }
                    list.add("bsr \(name(width, a)),\(name(width, b))") { $0.bsr(width, a, .register(b)) }
                    let condition = Condition.allCases[Int(a.rawValue ^ b.rawValue)]
                    list.add("cmov\(Self.conditions[Int(condition.rawValue)]) \(name(width, a)),\(name(width, b))") {
                        $0.cmov(condition, width, a, .register(b))
                    }
                }
                for value: Int32 in [0, 1, -1, 127, -128] {
                    list.add("add \(name(width, a)),\(hex(value, width))") { $0.alu(.add, width, .register(a), value) }
                }
                for value: Int32 in [128, -129, .max, .min] {
                    // A disassembler sees the general form, which this is even for eax.
                    list.add("xor \(name(width, a)),\(hex(value, width))") { $0.alu(.xor, width, .register(a), value) }
                }
                for unary in Unary.allCases {
                    list.add("\(unary) \(name(width, a))") { $0.unary(unary, width, .register(a)) }
                }
                for shift in [Shift.rol, .ror, .shl, .shr, .sar] {
                    list.add("\(shift) \(name(width, a)),0x5") { $0.shift(shift, width, .register(a), 5) }
                    list.add("\(shift) \(name(width, a)),cl") { $0.shiftByCL(shift, width, .register(a)) }
                }
                list.add("bswap \(name(width, a))") { $0.bswap(width, a) }
            }
        }
        list.add("cdq") { $0.cdq() }
        for condition in Condition.allCases {
            for a in Register.allCases {
                list.add("set\(Self.conditions[Int(condition.rawValue)]) \(Self.names8[Int(a.rawValue)])") {
                    $0.set(condition, a)
                }
            }
        }
        try list.check()
    }

    @Test func jumps() throws {
        let list = Listing()
        var fixups: [Fixup] = []
        for condition in Condition.allCases {
            list.add("j\(Self.conditions[Int(condition.rawValue)]) 0x1000") { $0.jump(condition, to: 0x1000) }
            #expect(condition.inverted.inverted == condition && condition.inverted != condition)
        }
        let end = 16 * 6 * 2 + 10 + 7
        for condition in Condition.allCases {
            list.add("j\(Self.conditions[Int(condition.rawValue)]) 0x\(String(end, radix: 16))") {
                fixups.append($0.jump(condition))
            }
        }
        list.add("jmp 0x\(String(end, radix: 16))") { fixups.append($0.jmp()) }
        list.add("jmp 0x0") { $0.jmp(to: 0) }
        list.add("lea r9,[rip+0x0]") { $0.lea(.r9, near: UInt(end)) }
        for fixup in fixups { list.bind(fixup) }
        #expect(list.assembler.position == end)
        for a in Register.allCases {
            list.add("jmp \(Self.names64[Int(a.rawValue)])") { $0.jmp(.register(a)) }
        }
        for memory in Self.memories { list.add("jmp QWORD PTR \(text(memory))") { $0.jmp(.memory(memory)) } }
        list.add("call 0x1000") { $0.call(to: 0x1000) }
        list.add("ret") { $0.ret() }
        try list.check()
    }

    /// Code that does not fit leaves what lies behind the buffer alone.
    @Test func overflow() {
        for size in 0..<40 {
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 16)
            defer { unsafe memory.deallocate() }
            unsafe memory.initializeMemory(as: UInt8.self, repeating: 0xEE)
            var assembler = unsafe Assembler(
                UnsafeMutableRawBufferPointer(rebasing: memory[..<size]), runsAt: 0x7000_0000)
            assembler.mov(.r8, 0x1234_5678_9ABC_DEF0)
            let fixup = assembler.jump(.less)
            assembler.alu(.add, .w64, .memory(Memory(.r12, index: .r13, scale: 8, 0x1000)), 0x1234)
            assembler.bind(fixup)
            assembler.jmp(to: 0x7000_0000)
            #expect(assembler.isOverflowed == (size < 10 + 6 + 12 + 5))
            #expect(unsafe memory[size...].allSatisfy { $0 == 0xEE })
        }
    }

    /// Relative jumps count from where the code runs, and do not reach further than 2 GiB.
    @Test func distance() {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 16)
        defer { unsafe memory.deallocate() }
        var assembler = unsafe Assembler(memory, runsAt: 0x7000_0000_0000)
        assembler.jmp(to: 0x7000_0000_0005)
        #expect(unsafe memory.loadUnaligned(fromByteOffset: 1, as: Int32.self) == 0)
        assembler.jmp(to: 0x7000_0000_0000)
        #expect(unsafe memory.loadUnaligned(fromByteOffset: 6, as: Int32.self) == -10)
        // The same for a jump whose target comes later and is not the next instruction.
        let fixup = assembler.jmp()
        assembler.bind(fixup, to: 0x7000_0000_0000)
        #expect(unsafe memory.loadUnaligned(fromByteOffset: 11, as: Int32.self) == -15)
        #expect(!assembler.isOverflowed)
        assembler.jmp(to: 0x7000_8000_0020)
        #expect(assembler.isOverflowed)
    }
}
