// # MIPS: the architecture as data
//
// What a MIPS32 release 2 processor is, apart from running one: its instructions and their encodings, its registers and
// their fields, its exceptions and address segments. Nothing here has state, and nothing here executes anything.
//
// The instruction list (`InstructionList.swift`) is the single source. From it come the decoder
// (`Instruction(decoding:)`), the names, the disassembler (`disassemble(_:at:)`), and the facts a predecoder or
// translator asks (`Instruction.traits`). An `Instruction` has no operands; those stay in the word and are read through
// `InstructionWord`. Adding a case to `Instruction` fails to compile until it has a row, and until every exhaustive
// switch over instructions elsewhere (the interpreter's dispatch) treats it.
//
// Sources: "MIPS Architecture For Programmers", Volume I-A (MD00082), II-A (MD00086) and III (MD00090), release 2
// unless said otherwise; "MIPS32 24K Processor Core Family Software User's Manual" (MD00343) for what the architecture
// leaves open.
//
// Glossary
//   word            the 32 bits of an instruction, in the guest's byte order
//   encoding        the match and mask that say which words are an instruction
//   traits          what an instruction does, as a set: branches, loads, may trap, ends a block
//   delay slot      the instruction after a branch, run before the branch takes effect
//   likely          a branch whose delay slot runs only if it is taken
//   CP0             coprocessor 0, the system control registers; numbered by rd and sel
//   ExcCode         the number in Cause that says which exception was taken
//   KSEG0, KSEG1    the unmapped segments: the first 512 MiB of physical memory, cached and uncached
//
// Life cycle: tables are built at first use and stay for the life of the process. Decoding allocates nothing.
