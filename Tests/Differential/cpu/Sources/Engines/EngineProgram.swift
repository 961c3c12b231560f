// A random program for the engine differential. Nothing is left out of it: whatever it does, both engines have to do.

import MIPS

/// Writes one program: mostly sensible instructions, loops, calls, and whatever breaks a translator's assumptions.
struct EngineProgram {
    static let longest = 320
    var random: Random
    let vector: EngineVector
    var words: [UInt32] = []
    /// Word of RAM the program begins at.
    var start = 0
    /// Words of RAM between which nothing belongs together.
    var boundaries: [Int] = []
    private var open: [(at: Int, isJump: Bool)] = []
    private var addresses: [Int] = []
    /// It writes itself.
    private let isRestless: Bool
    private let isWild: Bool
    private let limit: Int

    init(_ random: inout Random, _ vector: EngineVector) {
        self.random = Random(seed: random.next())
        self.vector = vector
        isRestless = random.once(in: 2)
        isWild = random.once(in: 6)
        limit = 24 + random.below(Self.longest - 80)
    }

    var plan: GuestPlan { vector.plan }

    mutating func write(at start: Int) -> [UInt32] {
        self.start = start
        while words.count < limit {
            boundaries.append(start + words.count)
            writeNext()
        }
        boundaries.append(start + words.count)
        // Once more.
        words.append(0x1000_0000 | UInt32(bitPattern: Int32(-words.count - 1)) & 0xFFFF)
        delaySlot()
        close()
        return words
    }

    // MARK: Kinds of instructions

    private static func all(where accept: (Instruction, InstructionTraits) -> Bool) -> [Instruction] {
        Instruction.allCases.filter { $0 != .reserved && accept($0, $0.traits) }
    }
    private static func isPlain(_ i: Instruction, _ t: InstructionTraits) -> Bool {
        t.isDisjoint(with: [.fpu, .branch, .loads, .stores, .coprocessor0, .endsBlock]) && i != .cop2 && i != .rdhwr
    }
    static let integer = all { isPlain($0, $1) && ($0 == .add || !$1.contains(.mayTrap)) }
    static let trapping = all { i, t in isPlain(i, t) && t.contains(.mayTrap) || i == .syscall || i == .break }
    static let memory = all { _, t in !t.isDisjoint(with: [.loads, .stores]) && !t.contains(.fpu) }
    static let floatMemory = all { _, t in !t.isDisjoint(with: [.loads, .stores]) && t.contains(.fpu) }
    static let float = all { _, t in t.contains(.fpu) && t.isDisjoint(with: [.loads, .stores, .branch]) }
    static let branches = all { _, t in t.contains(.branch) && !t.contains(.indirect) }
    static let everything = all { _, _ in true }
    static let plainMemory: [Instruction] = [.lb, .lbu, .lh, .lhu, .lw, .sb, .sh, .sw, .lwl, .lwr, .swl, .swr]

    private mutating func writeNext() {
        switch random.below(100) {
        case 0..<34: single(Self.integer)
        case 34..<50: single(Self.plainMemory)
        case 50..<52: linked()
        case 52..<55: single(Self.floatMemory)
        case 55..<63: single(Self.float)
        case 63..<73: branch()
        case 73..<78: loop()
        case 78..<82: registerJump()
        case 82..<84: single(Self.trapping)
        case 84..<90 where isRestless: selfModifying()
        case 90..<95: coprocessor0()
        case 95: single(Self.everything)
        case 96 where isWild: words.append(random.word())
        case 97 where isRestless: single([.synci, .cache])
        default: single(Self.integer)
        }
    }

    mutating func single(_ kinds: [Instruction]) {
        let instruction = random.pick(kinds)
        words.append(operands(of: instruction))
        if instruction.traits.contains(.branch) { delaySlot() }
    }

    private mutating func delaySlot() {
        switch random.below(20) {
        case 0: single(Self.trapping)
        case 1..<6: single(Self.plainMemory)
        case 6..<8: single(Self.float)
        case 8: single(Self.floatMemory)
        case 9: words.append(0)
        case 10: words.append(operands(of: random.pick(Self.everything)))
        default: words.append(operands(of: random.pick(Self.integer)))
        }
    }

    // MARK: Operands

    private mutating func destination() -> UInt32 {
        let n = random.below(32)
        // Addresses and counters live longer, so that loads and stores go somewhere.
        if (16..<26).contains(n), !random.once(in: 25) { return UInt32(random.pick([2, 3, 4, 5, 8, 9, 31])) }
        return UInt32(n)
    }

    private mutating func source() -> UInt32 { UInt32(random.below(32)) }

    private mutating func base() -> UInt32 {
        if random.once(in: 20) { return source() }
        // The program's own words are read now and then, and written by restless ones.
        return isRestless && random.once(in: 8)
            ? UInt32(22 + random.below(2)) : UInt32(16 + random.below(random.once(in: 3) ? 6 : 3))
    }

    private mutating func offset(_ size: Int) -> UInt32 {
        var value = random.below(256) - 128
        if !random.once(in: 16) { value &= ~(max(size, 1) - 1) }
        return UInt32(bitPattern: Int32(value)) & 0xFFFF
    }

    mutating func operands(of instruction: Instruction) -> UInt32 {
        let facts = instruction.facts
        let t = facts.traits
        var w = facts.encoding.match | random.word() & facts.format.operandMask & ~facts.encoding.mask
        func set(_ shift: UInt32, _ value: UInt32) { w = w & ~(31 << shift) | value << shift }
        if t.contains(.writesRd) { set(11, destination()) }
        if t.contains(.writesRt) { set(16, destination()) } else if t.contains(.readsRt) { set(16, source()) }
        if t.contains(.readsRs) { set(21, source()) }
        switch facts.format {
        case .rtMemory, .ftMemory, .memory, .hintMemory:
            set(21, base())
            let size = t.contains(.unaligned) ? 1 : Int(facts.accessSize)
            w = w & 0xFFFF_0000 | offset(size)
        case .fdIndexed, .fsIndexed, .hintIndexed:
            set(21, UInt32(16 + random.below(random.once(in: 3) ? 6 : 3)))
            set(16, UInt32(24 + random.below(2)))
        default: break
        }
        // Almost only even numbers: with FR = 0 doubles with odd ones are reserved.
        if t.contains(.fpu), !random.once(in: 12) {
            if !t.isDisjoint(with: [.writesFd, .readsFs]) { w &= ~(1 << 11 | 1 << 6) }
            if !t.isDisjoint(with: [.writesFt, .readsFt]) { w &= ~(1 << 16) }
            if t.contains(.readsFr) { w &= ~(1 << 21) }
        }
        return w
    }

    // MARK: Sequences

    mutating func temporary() -> UInt32 { random.pick([2, 3, 8, 9, 10, 11, 4]) }

    mutating func constant(_ rt: UInt32, _ value: UInt32) {
        words.append(ProgramWriter.lui(rt, value))
        words.append(ProgramWriter.ori(rt, rt, value))
    }

    private mutating func branch() {
        let instruction = random.pick(Self.branches)
        open.append((words.count, instruction == .j || instruction == .jal))
        words.append(operands(of: instruction))
        delaySlot()
    }

    /// A few instructions several times over.
    private mutating func loop() {
        let counter = random.once(in: 2) ? 24 : temporary()
        words.append(0x2400_0000 | counter << 16 | UInt32(2 + random.below(30)))
        let top = words.count
        for _ in 0..<1 + random.below(10) { single(random.once(in: 3) ? Self.plainMemory : Self.integer) }
        words.append(0x2400_FFFF | counter << 21 | counter << 16)
        // BGTZ or BGTZL
        let back = UInt32(bitPattern: Int32(top - words.count - 1)) & 0xFFFF
        words.append((random.once(in: 4) ? 0x5C00_0000 : 0x1C00_0000) | counter << 21 | back)
        delaySlot()
    }

    /// A jump through a register: to the program by one of its aliases, seldom to nowhere; or a return.
    private mutating func registerJump() {
        if random.once(in: 4) {
            words.append(0x03E0_0008)
            return delaySlot()
        }
        let register = temporary()
        if random.once(in: 12) {
            constant(register, random.once(in: 2) ? random.word() : vector.aliases[0].base | UInt32(random.below(4)))
        } else {
            addresses.append(words.count)
            constant(register, 0)
        }
        words.append(
            random.once(in: 2) ? 0x0000_0008 | register << 21 : 0x0000_0009 | register << 21 | destination() << 11)
        delaySlot()
    }

    /// LL, something, SC: at the same address most of the time.
    private mutating func linked() {
        let b = base()
        let at = offset(4)
        words.append(0xC000_0000 | b << 21 | destination() << 16 | at)
        for _ in 0..<random.below(4) { single(random.once(in: 4) ? Self.plainMemory : Self.integer) }
        words.append(0xE000_0000 | b << 21 | destination() << 16 | (random.once(in: 8) ? offset(4) : at))
    }

    /// Stores into the program: of whole instructions that do something else, of halves and bytes of the present ones, ahead and
    /// behind, through any alias; with or without SYNCI or CACHE behind it.
    private mutating func selfModifying() {
        let value = temporary()
        var pointer = temporary()
        while pointer == value { pointer = temporary() }
        switch random.below(16) {
        case 0: constant(value, random.word())
        case 1..<4: constant(value, operands(of: random.pick(Self.branches)))
        default: constant(value, operands(of: random.pick(Self.integer)))
        }
        // Near or anywhere.
        let near = words.count + random.below(24) - 6
        let target = random.once(in: 2) ? near : random.below(limit)
        let alias = random.pick(vector.aliases.filter { $0.asid == vector.asid })
        let address = alias.base &+ UInt32(start + max(0, target)) * 4 - GuestPlan.code
        constant(pointer, address)
        let opcode: UInt32 = random.pick([0x2B, 0x2B, 0x2B, 0x29, 0x28, 0x2A, 0x2E, 0x3D, 0x39])
        let inside = opcode == 0x28 || opcode == 0x2A || opcode == 0x2E ? UInt32(random.below(4)) : 0
        words.append(opcode << 26 | pointer << 21 | value << 16 | inside)
        switch random.below(4) {
        case 0: words.append(0x041F_0000 | pointer << 21)
        // Hit invalidate, instruction cache
        case 1: words.append(0xBC10_0000 | pointer << 21)
        default: break
        }
    }

    // MARK: Targets

    private mutating func close() {
        for (at, isJump) in open {
            let place = boundaries.firstIndex { $0 > start + at + 1 } ?? boundaries.count - 1
            // Forward, seldom back.
            let index =
                random.once(in: 10)
                ? random.below(boundaries.count) : min(place + random.below(10), boundaries.count - 1)
            if isJump {
                words[at] = words[at] & 0xFC00_0000 | address(boundaries[index]) >> 2 & 0x03FF_FFFF
            } else {
                let distance = Int32(boundaries[index] - start - at - 1)
                words[at] = words[at] & 0xFFFF_0000 | UInt32(bitPattern: distance) & 0xFFFF
            }
        }
        for at in addresses {
            let target = address(random.pick(boundaries))
            words[at] = words[at] & 0xFFFF_0000 | target >> 16
            words[at + 1] = words[at + 1] & 0xFFFF_0000 | target & 0xFFFF
        }
    }

    /// A word of RAM by one of the aliases of the code.
    private mutating func address(_ word: Int) -> UInt32 {
        random.pick(vector.aliases).base &+ UInt32(word) * 4 - GuestPlan.code
    }
}
