// The disassembler, for chosen words; OracleTests compares it with LLVM's for thousands.

import MIPS
import Testing

struct DisassemblerTests {
    @Test(
        arguments: [
            (0x0000_0000, "nop"),
            (0x0000_0040, "sll $zero, $zero, 1"),
            (0x27BD_FFE0, "addiu $sp, $sp, -32"),
            (0x3C08_8000, "lui $t0, 0x8000"),
            (0x8FBF_001C, "lw $ra, 28($sp)"),
            (0x1000_FFFF, "beq $zero, $zero, 0x80001000"),
            (0x0C00_0400, "jal 0x80001000"),
            (0x0320_F809, "jalr $ra, $t9"),
            (0x4008_6000, "mfc0 $t0, $12, 0"),
            (0x4088_8001, "mtc0 $t0, $16, 1"),
            (0x7C03_E83B, "rdhwr $v1, $29"),
            (0x7D08_0A03, ".word 0x7d080a03"),
            (0x7C88_1900, "ext $t0, $a0, 4, 4"),
            (0x7C88_1904, ".word 0x7c881904"),
            (0x7C88_3904, "ins $t0, $a0, 4, 4"),
            (0x0000_000D, "break"),
            (0x0007_000D, "break 0x7"),
            (0x0000_000C, "syscall"),
            (0x4602_0832, "c.eq.s $f1, $f2"),
            (0x4622_0F3C, "c.lt.d $fcc7, $f1, $f2"),
            (0x4C65_1021, "madd.d $f0, $f3, $f2, $f5"),
            (0x4C85_1081, "ldxc1 $f2, $a1($a0)"),
            (0xBC94_0000, "cache 0x14, 0($a0)"),
            (0x4200_0018, "eret"),
            (0xFFFF_FFFF, ".word 0xffffffff"),
        ] as [(UInt32, String)])
    func text(word: UInt32, expected: String) {
        #expect(disassemble(word, at: 0x8000_1000) == expected)
    }

    /// Operands and encoding share no bit, and what is left over is what the instruction ignores.
    @Test(arguments: Instruction.allCases)
    func operandsLieOutsideTheEncoding(instruction: Instruction) {
        guard instruction != .reserved else { return }
        let facts = instruction.facts
        #expect(facts.format.operandMask & facts.encoding.mask == 0)
    }

    /// The traits that name registers agree with the operands that are written.
    @Test(arguments: Instruction.allCases)
    func registersReadAndWrittenAreOperands(instruction: Instruction) {
        let (traits, operands) = (instruction.traits, instruction.facts.format.operandMask)
        let fields: [(InstructionTraits, UInt32)] = [
            ([.readsRs, .readsFr], 0x03E0_0000), ([.readsRt, .writesRt, .readsFt, .writesFt], 0x001F_0000),
            ([.writesRd, .readsFs, .writesFs], 0xF800), (.writesFd, 0x07C0),
        ]
        for (named, field) in fields where !traits.isDisjoint(with: named) {
            #expect(operands & field == field)
        }
        #expect(traits.contains(.branch) == traits.contains(.delaySlot))
        #expect(!traits.contains(.likely) || traits.contains([.branch, .conditional]))
        #expect((instruction.facts.accessSize != 0) == !traits.isDisjoint(with: [.loads, .stores]))
    }
}
