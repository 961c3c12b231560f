// The disassembler against an independent one: LLVM's, where the toolchain has it.

import Foundation
import MIPS
import Testing

/// The object dumper of the Swift toolchain on the search path. Others may be too old: their text differs.
private let objdump: String? = {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    for directory in path.split(separator: ":") {
        // A link to the compiler says where the rest of the toolchain is.
        let compiler = URL(fileURLWithPath: "\(directory)/swiftc").resolvingSymlinksInPath()
        let tool = compiler.deletingLastPathComponent().appendingPathComponent("llvm-objdump").path
        let files = FileManager.default
        if files.isExecutableFile(atPath: compiler.path) && files.isExecutableFile(atPath: tool) { return tool }
    }
    return nil
}()

@Suite(.enabled(if: objdump != nil, "needs the toolchain's llvm-objdump"))
struct OracleTests {
    /// Words of every instruction with random operands and everything else zero, as LLVM wants to see them. Each word
    /// must read the same in LLVM's text and in ours. A few instructions LLVM does not know for this processor.
    @Test func everyInstructionReadsAsLLVMReadsIt() throws {
        var random = SplitMix(seed: 24)
        var words: [UInt32] = []
        for instruction in Instruction.allCases where instruction.facts.format != .raw {
            let facts = instruction.facts
            for _ in 0..<80 { words.append(facts.encoding.match | random.next32() & facts.format.operandMask) }
        }
        var unknown: Set<String> = []
        var compared = 0
        for (word, line) in zip(words, try dump(words)) {
            let instruction = Instruction(decoding: word)
            // Some instructions are printed as several lines.
            if line.text.utf8.starts(with: ".set".utf8) { continue }
            if line.text == "<unknown>" {
                if instruction != .reserved { unknown.insert("\(instruction)") }
                continue
            }
            guard instruction != .reserved else {
                // LLVM prints bit fields that leave the word where the manual calls the result unpredictable.
                #expect(line.text.utf8.starts(with: "ins".utf8) || line.text.utf8.starts(with: "ext".utf8))
                continue
            }
            let ours = disassemble(word, at: line.address)
            #expect(normalized(ours) == normalized(line.text), "\(String(word, radix: 16))")
            compared += 1
        }
        #expect(compared > 14_000)
        #expect(unknown.isSubset(of: ["dmfc0", "dmtc0", "prefx", "rdhwr", "rdpgpr", "wrpgpr", "wait", "hypcall"]))
    }

    /// Random words: what LLVM takes for an instruction we must take for the same one. The converse does not hold: LLVM
    /// rejects words whose ignored fields are not zero.
    @Test func randomWordsReadAsLLVMReadsThem() throws {
        var random = SplitMix(seed: 42)
        let words = (0..<20_000).map { _ in random.next32() }
        var compared = 0
        for (word, line) in zip(words, try dump(words)) {
            if line.text == "<unknown>" || line.text.utf8.starts(with: ".set".utf8) { continue }
            let instruction = Instruction(decoding: word)
            let theirs = normalized(line.text)
            if instruction == .reserved || instruction == .cop2 {
                let mnemonic = theirs.prefix { $0 != " " }
                // Paired singles, coprocessor 2 and MIPS16e are absent, which LLVM cannot know.
                let absent = ["ins", "ext", "jalx", "mfc2", "mtc2", "mfhc2", "mthc2"].contains(String(mnemonic))
                #expect(absent || mnemonic.contains("ps"), "\(theirs)")
                continue
            }
            let ours = normalized(disassemble(word, at: line.address))
            #expect(ours == theirs, "\(String(word, radix: 16))")
            compared += 1
        }
        #expect(compared > 10_000)
    }
}

private struct Line {
    var address: UInt32
    var text: String
}

/// LLVM's text for each word.
private func dump(_ words: [UInt32]) throws -> [Line] {
    let directory = FileManager.default.temporaryDirectory
    let file = directory.appendingPathComponent("stasis-\(UUID().uuidString).o")
    defer { try? FileManager.default.removeItem(at: file) }
    try elfObject(words).write(to: file)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(objdump))
    process.arguments = [
        "-d", "--no-show-raw-insn", "--disassemble-zeroes", "--mcpu=mips32r2", "--mattr=+fp64", file.path,
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    var lines: [Line] = []
    for line in output.split(separator: "\n") {
        let parts = line.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let address = UInt32(parts[0].drop { $0 == " " }, radix: 16) else { continue }
        // Numbers that look like addresses are followed by a symbol in angle brackets.
        var text = parts[1].trimmingCharacters(in: .whitespaces)
        if let symbol = text.range(of: " <") { text = String(text[..<symbol.lowerBound]) }
        lines.append(Line(address: address, text: text))
    }
    try #require(lines.count == words.count)
    return lines
}

/// A MIPS object file whose `.text` holds `words`, with a symbol at its start.
private func elfObject(_ words: [UInt32]) -> Data {
    let names = Array("\0.text\0.shstrtab\0.symtab\0\0".utf8)
    let (header, sectionHeader, symbol) = (52, 40, 16)
    let symbols = header + words.count * 4
    let namesOffset = symbols + 2 * symbol
    let sections = namesOffset + names.count
    var bytes = Data([0x7F, 0x45, 0x4C, 0x46, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    func append(_ value: Int, bytes count: Int) {
        for byte in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * byte))) }
    }
    func append16(_ values: Int...) { for value in values { append(value, bytes: 2) } }
    func append32(_ values: Int...) { for value in values { append(value, bytes: 4) } }
    append16(1, 8)  // relocatable, MIPS
    append32(1, 0, 0, sections, 0x7000_1000)  // o32, MIPS32 release 2
    append16(header, 0, 0, sectionHeader, 4, 2)
    for word in words { append32(Int(word)) }
    append32(0, 0, 0, 0)
    append32(1, 0, 0)  // ".text" at 0
    append16(2, 1)  // a local function in section 1
    bytes.append(contentsOf: names)
    append32(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    append32(1, 1, 6, 0, header, words.count * 4, 0, 0, 4, 0)  // .text: bits, allocated, executable
    append32(7, 3, 0, 0, namesOffset, names.count, 0, 0, 1, 0)  // .shstrtab
    append32(17, 2, 0, 0, symbols, 2 * symbol, 2, 2, 4, symbol)  // .symtab, names in section 2
    return bytes
}

/// Text brought to one form: single spaces, register numbers, decimal numbers modulo 2^32, aliases written out.
private func normalized(_ text: String) -> String {
    let parts = text.split(maxSplits: 1) { $0 == " " || $0 == "\t" }
    let mnemonic = String(parts[0])
    guard parts.count == 2 else {
        switch mnemonic {
        case "ssnop": return "sll $0,$0,1"
        case "ehb": return "sll $0,$0,3"
        case "pause": return "sll $0,$0,5"
        default: return mnemonic
        }
    }
    var operands = parts[1].split(separator: ",").map { operand in
        // offset(base): keep both.
        let pieces = operand.filter { $0 != " " && $0 != ")" }.split(separator: "(").map(normalizedOperand)
        return pieces.joined(separator: "(")
    }
    func form(_ name: String, _ list: [String]) -> String { name + " " + list.joined(separator: ",") }
    switch (mnemonic, operands.count) {
    case ("move", 2): return form("addu|or", operands + ["$0"])
    case ("addu", 3) where operands[2] == "$0", ("or", 3) where operands[2] == "$0": return form("addu|or", operands)
    case ("not", 2): return form("nor", operands + ["$0"])
    case ("neg", 2): return form("sub", [operands[0], "$0", operands[1]])
    case ("negu", _): return form("subu", [operands[0], "$0", operands.last ?? ""])
    case ("b", 1): return form("beq", ["$0", "$0"] + operands)
    case ("bal", 1): return form("bgezal", ["$0"] + operands)
    case ("beqz", 2), ("bnez", 2), ("beqzl", 2), ("bnezl", 2):
        let name = mnemonic.replacingOccurrences(of: "z", with: "")
        return form(name, [operands[0], "$0", operands[1]])
    case ("jalr", 1): return form("jalr", ["$31"] + operands)
    case ("jalr", 2) where operands[0] == "$0": return form("jr", [operands[1]])
    case ("div", 3), ("divu", 3): operands.removeFirst()
    case ("cache", 2), ("pref", 2): break
    default: break
    }
    return form(mnemonic, operands)
}

private func normalizedOperand(_ operand: Substring) -> String {
    if operand.first == "$" {
        for register in GPR.allCases where operand.dropFirst() == register.name.string {
            return "$\(register.rawValue)"
        }
        return String(operand)
    }
    let negative = operand.first == "-"
    let digits = operand.drop { $0 == "-" }
    let value = digits.starts(with: "0x") ? Int64(digits.dropFirst(2), radix: 16) : Int64(digits)
    guard let value else { return String(operand) }
    return String(UInt32(truncatingIfNeeded: negative ? -value : value))
}
