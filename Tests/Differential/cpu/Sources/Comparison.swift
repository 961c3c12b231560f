// Comparing two results of a vector, and saying in words where they differ.

import MIPS

/// One result as words.
struct VectorResult {
    let words: ArraySlice<UInt32>

    init(_ all: [UInt32], _ index: Int) {
        words = all[index * Layout.resultWords..<(index + 1) * Layout.resultWords]
    }

    subscript(_ word: Int) -> UInt32 { words[words.startIndex + word] }
}

enum Comparison {
    private static let names = [
        "exceptions", "executed", "Status", "Cause", "EPC", "BadVAddr", "EntryHi", "EntryLo0", "EntryLo1", "PageMask",
        "Context", "Index", "Wired", "HWREna", "UserLocal", "FCSR", "HI", "LO", "ErrorEPC",
    ]
    private static let logNames = ["vector", "Cause", "Status", "EPC", "BadVAddr", "EntryHi", "Context", "ra"]

    /// Name and mask of a result's word; nil for words nobody compares. What an exception does not define is masked: Cause.CE
    /// but for Coprocessor Unusable, BadVAddr but for exceptions with an address, Context.BadVPN2 but for TLB exceptions.
    private static func field(_ word: Int, _ result: VectorResult, exceptions: Int) -> (name: String, mask: UInt32)? {
        switch word {
        case ResultWord.executed, ResultWord.userLocal, ResultWord.badVAddr, 26, 27: return nil
        case ResultWord.cause: return ("Cause", causeMask(result[word]))
        case ResultWord.context: return ("Context", 0xFF80_0000)
        case 0..<names.count: return (names[word], .max)
        case VectorWord.gpr..<VectorWord.gpr + 32:
            let n = word - VectorWord.gpr
            return n == 0 || n == 26 || n == 27 ? nil : ("$\(n)", .max)
        case VectorWord.fpr..<VectorWord.fpr + 64:
            return ("f\((word - VectorWord.fpr) / 2).\(word & 1 == 0 ? "low" : "high")", .max)
        case VectorWord.tlb..<VectorWord.tlb + 64:
            let n = word - VectorWord.tlb
            return ("TLB[\(n / 4)].\(["EntryHi", "EntryLo0", "EntryLo1", "PageMask"][n & 3])", .max)
        case VectorWord.windows..<VectorWord.windows + 128:
            let n = word - VectorWord.windows
            return ("window \(n / 32) + \(n % 32 * 4)", .max)
        case ResultWord.log..<ResultWord.log + Layout.logEntries * 8:
            let n = word - ResultWord.log
            guard n / 8 < exceptions else { return nil }
            let cause = result[word - (n & 7) + 1]
            let code = cause >> 2 & 31
            let mask: UInt32 =
                switch n & 7 {
                case 1: causeMask(cause)
                case 4: (1...5).contains(code) ? .max : 0
                case 6: (1...3).contains(code) ? .max : 0xFF80_0000
                default: .max
                }
            return ("exception \(n / 8) \(logNames[n & 7])", mask)
        default: return nil
        }
    }

    /// Cause without what devices and the timer drive: IP7 to IP2 and TI.
    private static func causeMask(_ cause: UInt32) -> UInt32 {
        let mask: UInt32 = ~0x4000_FC00
        return cause >> 2 & 31 == 11 ? mask : mask & ~0x3000_0000
    }

    /// The fields in which two results differ, the exceptions first: they are what happened first.
    static func differences(_ a: VectorResult, _ b: VectorResult) -> [String] {
        if a.words.elementsEqual(b.words) { return [] }
        let exceptions = min(Int(min(a[0], b[0])), Layout.logEntries)
        var found: [String] = []
        let order = Array(ResultWord.log..<Layout.resultWords) + Array(0..<ResultWord.log)
        for word in order {
            guard let (name, mask) = field(word, a, exceptions: exceptions), (a[word] ^ b[word]) & mask != 0 else {
                continue
            }
            found.append("\(name): Stasis \(hex(a[word] & mask)), reference \(hex(b[word] & mask))")
        }
        return found
    }

    /// The program of a vector with the instructions that raised exceptions marked, and where it ran.
    static func listing(_ vector: ArraySlice<UInt32>, _ a: VectorResult, _ b: VectorResult) -> String {
        func at(_ word: Int) -> UInt32 { vector[vector.startIndex + word] }
        let pc = at(VectorWord.pc)
        var text =
            "  Status \(hex(at(VectorWord.status))) Cause \(hex(at(VectorWord.cause))) FCSR \(hex(at(VectorWord.fcsr))) "
            + "EntryHi \(hex(at(VectorWord.entryHi))) HI \(hex(at(VectorWord.hi))) LO \(hex(at(VectorWord.lo)))\n"
        for n in stride(from: 0, to: 32, by: 8) {
            text += "  " + (n..<n + 8).map { "$\($0)=\(hex(at(VectorWord.gpr + $0)))" }.joined(separator: " ") + "\n"
        }
        for n in 0..<Int(at(VectorWord.words)) {
            let address = pc &+ UInt32(n) * 4
            let word = at(VectorWord.word + n)
            var mark = ""
            for (who, result) in [("S", a), ("R", b)] {
                for e in 0..<min(Int(result[0]), Layout.logEntries) {
                    let log = ResultWord.log + e * 8
                    guard result[log + 3] == address else { continue }
                    mark += " \(who):\(result[log + 1] >> 2 & 31)\(result[log + 1] >> 31 != 0 ? "bd" : "")"
                }
            }
            if word == 0, mark.isEmpty { continue }
            text += "  \(hex(address)): \(hex(word))  \(disassemble(word, at: address))\(mark)\n"
        }
        return text
    }

    static func hex(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
