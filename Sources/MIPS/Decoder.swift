// From a word to the instruction it is.

/// Decoding tables, built once from the instruction list.
///
/// A word's primary opcode names a bucket; within it a key, made of the fields that subdivide the opcode, names
/// a chain of entries, the most specific first; the first entry whose mask and match accept the word is the answer. The
/// last entry of every chain accepts everything and says `reserved`. Chains are short: most have one entry.
struct DecodeTables {
    /// Which fields make the key of a bucket.
    enum Key: UInt8 {
        /// No subdivision.
        case none
        /// Bits 5...0.
        case funct
        /// Bits 20...16.
        case rt
        /// Bits 25...21.
        case rs
        /// Bits 25...21 above bits 5...0.
        case rsFunct

        /// Subdivisions of the opcode maps (Manual Volume II-A, appendix A).
        init(opcode: Int) {
            switch opcode {
            case 0x00, 0x13, 0x1C, 0x1F: self = .funct
            case 0x01: self = .rt
            case 0x10: self = .rs
            case 0x11: self = .rsFunct
            default: self = .none
            }
        }

        var count: Int {
            switch self {
            case .none: 1
            case .funct: 64
            case .rt, .rs: 32
            case .rsFunct: 2048
            }
        }

        /// The key of a word; of a mask, the bits of the key that the mask covers.
        func extract(_ word: UInt32) -> Int {
            switch self {
            case .none: 0
            case .funct: Int(word & 0x3F)
            case .rt: Int(word >> 16 & 0x1F)
            case .rs: Int(word >> 21 & 0x1F)
            case .rsFunct: Int((word >> 15 & 0x7C0) | (word & 0x3F))
            }
        }
    }

    /// An entry of a chain.
    struct Entry {
        var match: UInt32
        var mask: UInt32
        var next: UInt16
        var instruction: Instruction
    }

    /// Per primary opcode, its key and the first of its slots.
    private var buckets = ContiguousArray<(key: Key, base: UInt16)>()
    /// Per key, the first entry of its chain.
    private var slots = ContiguousArray<UInt16>()
    /// Entry 0 ends all chains.
    private var entries = ContiguousArray<Entry>()

    static let shared = DecodeTables()

    init() {
        entries.append(Entry(match: 0, mask: 0, next: 0, instruction: .reserved))
        for opcode in 0..<64 {
            let key = Key(opcode: opcode)
            buckets.append((key, UInt16(slots.count)))
            for _ in 0..<key.count { slots.append(0) }
        }
        // Each insertion goes to the front of a chain, so the less specific come first here.
        var bySpecificity = ContiguousArray<ContiguousArray<Instruction>>(repeating: [], count: 33)
        for instruction in Instruction.allCases where instruction != .reserved {
            bySpecificity[instruction.facts.encoding.mask.nonzeroBitCount].append(instruction)
        }
        for instructions in bySpecificity {
            for instruction in instructions { insert(instruction) }
        }
    }

    private mutating func insert(_ instruction: Instruction) {
        let encoding = instruction.facts.encoding
        precondition(encoding.mask >> 26 == 0x3F, "an instruction must name its primary opcode")
        let (key, base) = buckets[Int(encoding.match >> 26)]
        let wanted = key.extract(encoding.match)
        let free = (key.count - 1) & ~key.extract(encoding.mask)
        // Counts through the values of the free bits alone: 0, then the next larger subset of them, until it wraps.
        var ignored = 0
        repeat {
            let slot = Int(base) + (wanted | ignored)
            let entry = Entry(
                match: encoding.match, mask: encoding.mask, next: slots[slot], instruction: instruction)
            // Keys that differ only in ignored bits lead to the same chain.
            if let last = entries.last, last.instruction == instruction, last.next == entry.next {
                slots[slot] = UInt16(entries.count - 1)
            } else {
                slots[slot] = UInt16(entries.count)
                entries.append(entry)
            }
            ignored = (ignored - free) & free
        } while ignored != 0
    }

    func instruction(of word: UInt32) -> Instruction {
        let (key, base) = buckets[Int(word >> 26)]
        var entry = entries[Int(slots[Int(base) + key.extract(word)])]
        while word & entry.mask != entry.match { entry = entries[Int(entry.next)] }
        return entry.instruction
    }
}

extension Instruction {
    /// The instruction that `word` encodes; `reserved` where MIPS32 release 2 defines none. Every word has an answer.
    ///
    /// Fields the manual wants to be zero are ignored where processors ignore them. Coprocessors 0 and 1 are decoded
    /// whether usable or not: usability is looked at when an instruction runs.
    public init(decoding word: UInt32) {
        let instruction = DecodeTables.shared.instruction(of: word)
        self = instruction.hasReservedOperands(InstructionWord(word)) ? .reserved : instruction
    }

    /// Whether operand values make the word reserved: a bit field that does not lie within a word.
    private func hasReservedOperands(_ word: InstructionWord) -> Bool {
        switch self {
        case .ext: word.bitFieldPosition &+ word.extSize > 32
        case .ins: word.bits(11, 5) < word.bitFieldPosition
        default: false
        }
    }
}
