// What is known about an instruction: the types of the entries of the list.

/// Which words are an instruction: those whose bits under `mask` equal `match`.
public struct Encoding: Hashable, Sendable {
    public let match: UInt32
    public let mask: UInt32

    @inlinable
    public init(match: UInt32, mask: UInt32) {
        precondition(match & ~mask == 0, "bits to match lie outside the mask")
        self.match = match
        self.mask = mask
    }

    /// Whether `word` is this instruction, unless a more specific entry claims it.
    @inlinable
    public func accepts(_ word: UInt32) -> Bool { word & mask == match }
}

/// What an instruction does, as far as a predecoder, a translator or a tracer must know.
///
/// 32 bits, so that a compiler for a host of 32 bits makes constants of them: with one more each row of the list was code.
public struct InstructionTraits: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32
    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

    // MARK: Control flow

    /// Transfers control to a target, at once or under a condition. Every branch and jump of MIPS32 has a delay slot.
    public static let branch = Self(rawValue: 1 << 0)
    /// The next instruction belongs to this one. Set together with `branch`, but is the question decoders ask.
    public static let delaySlot = Self(rawValue: 1 << 1)
    /// The delay slot runs only if the branch is taken.
    public static let likely = Self(rawValue: 1 << 2)
    /// May or may not happen, as a register or condition code says: branches, traps, conditional moves, `sc`.
    public static let conditional = Self(rawValue: 1 << 3)
    /// Writes the return address (address + 8) to register 31, or to rd for `jalr`. Done taken or not.
    public static let links = Self(rawValue: 1 << 4)
    /// The target comes from a register.
    public static let indirect = Self(rawValue: 1 << 5)
    /// Predecoding must stop behind it: it always raises an exception, or changes state that later instructions were
    /// decoded under (mode, mapping, interrupts, code in caches), or sleeps.
    public static let endsBlock = Self(rawValue: 1 << 6)

    // MARK: Exceptions

    /// Can raise an exception by what it computes or addresses. Coprocessor Unusable is not meant; see the next three.
    public static let mayTrap = Self(rawValue: 1 << 7)
    /// Needs kernel mode or Status.CU0.
    public static let coprocessor0 = Self(rawValue: 1 << 8)
    /// Needs Status.CU1 (and a floating-point unit).
    public static let fpu = Self(rawValue: 1 << 9)

    // MARK: Memory

    /// Reads memory; `accessSize` bytes.
    public static let loads = Self(rawValue: 1 << 10)
    /// Writes memory; `accessSize` bytes.
    public static let stores = Self(rawValue: 1 << 11)
    /// The address need not be aligned to `accessSize`.
    public static let unaligned = Self(rawValue: 1 << 12)

    // MARK: Registers

    public static let readsRs = Self(rawValue: 1 << 16)
    public static let readsRt = Self(rawValue: 1 << 17)
    public static let writesRd = Self(rawValue: 1 << 18)
    public static let writesRt = Self(rawValue: 1 << 19)
    /// Writes register 31 whatever the word says.
    public static let writesRA = Self(rawValue: 1 << 20)
    public static let readsHI = Self(rawValue: 1 << 21)
    public static let readsLO = Self(rawValue: 1 << 22)
    public static let writesHI = Self(rawValue: 1 << 23)
    public static let writesLO = Self(rawValue: 1 << 24)
    public static let readsFs = Self(rawValue: 1 << 25)
    public static let readsFt = Self(rawValue: 1 << 26)
    public static let readsFr = Self(rawValue: 1 << 27)
    public static let writesFd = Self(rawValue: 1 << 28)
    public static let writesFs = Self(rawValue: 1 << 29)
    public static let writesFt = Self(rawValue: 1 << 30)
    /// Reads a floating-point condition code.
    public static let readsCondition = Self(rawValue: 1 << 31)
    /// Writes a floating-point condition code.
    public static let writesCondition = Self(rawValue: 1 << 15)
}

/// One entry of the instruction list.
public struct InstructionFacts: Sendable {
    /// The manual's name in lower case, with dots. `c.s` and `c.d` lack the condition, which is a field.
    public let mnemonic: StaticString
    /// The words that are this instruction. Where two entries accept a word, the one with more mask bits wins.
    public let encoding: Encoding
    /// How operands are written.
    public let format: OperandFormat
    /// What it does.
    public let traits: InstructionTraits
    /// Bytes read or written in memory, 0 if none.
    public let accessSize: UInt8

    init(
        _ mnemonic: StaticString, _ encoding: Encoding, _ format: OperandFormat, _ traits: InstructionTraits,
        size: UInt8 = 0
    ) {
        self.mnemonic = mnemonic
        self.encoding = encoding
        self.format = format
        self.traits = traits
        self.accessSize = size
    }
}

extension Instruction {
    /// All entries, indexed by raw value. Built from the list once.
    static let allFacts: ContiguousArray<InstructionFacts> = {
        var all = ContiguousArray<InstructionFacts>()
        all.reserveCapacity(allCases.count)
        for instruction in allCases { all.append(instruction.listed) }
        return all
    }()

    /// What is known about this instruction.
    public var facts: InstructionFacts { Self.allFacts[Int(rawValue)] }

    /// What this instruction does.
    public var traits: InstructionTraits { Self.allFacts[Int(rawValue)].traits }
}
