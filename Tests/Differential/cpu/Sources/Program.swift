// A random program: straight-line code with forward branches, steered so that most of it does something and none of it
// leaves the machine's memory.

import MIPS

/// Writes one program for a machine state.
struct ProgramWriter {
    var random: Random
    let state: MachineState
    var words: [UInt32] = []
    /// Word numbers a branch may go to: not the inside of a sequence that belongs together.
    var boundaries: [Int] = []
    enum Target { case branch, jump, absolute(upper: Int) }
    /// Branches whose targets are not known yet.
    var open: [(at: Int, kind: Target)] = []
    var status: UInt32
    /// A kernel program has gone to user mode: KSEG0 may be out of reach.
    var wasUser = false
    let limit: Int

    init(_ random: inout Random, _ state: MachineState) {
        self.random = Random(seed: random.next())
        self.state = state
        status = state.words[VectorWord.status]
        limit = min(state.room, 40 + random.below(140))
    }

    /// The program and, at its end, system calls that lie outside the range exceptions are stepped over in.
    mutating func write() -> (words: [UInt32], length: Int) {
        while words.count < limit - 20 {
            boundaries.append(words.count)
            writeNext()
        }
        let end = words.count
        boundaries.append(end)
        for _ in 0..<4 { words.append(0x0000_000C) }
        close(end)
        return (words, end * 4)
    }

    // MARK: Kinds of instructions

    static func all(where accept: (Instruction, InstructionTraits) -> Bool) -> [Instruction] {
        Instruction.allCases.filter { !Exclusions.instructions.contains($0) && accept($0, $0.traits) }
    }
    static let integer = all { i, t in
        !t.contains(.fpu) && !t.contains(.branch) && !t.contains(.loads) && !t.contains(.stores)
            && !t.contains(.coprocessor0) && !t.contains(.endsBlock) && !i.isTrap
    }
    static let traps = all { i, _ in i.isTrap }
    static let calls: [Instruction] = [.syscall, .break]
    static let memory = all { _, t in
        (t.contains(.loads) || t.contains(.stores)) && !t.contains(.fpu)
    }
    static let floatMemory = all { _, t in
        t.contains(.fpu) && (t.contains(.loads) || t.contains(.stores))
    }
    static let float = all { _, t in
        t.contains(.fpu) && !t.contains(.loads) && !t.contains(.stores) && !t.contains(.branch)
    }
    static let branches = all { _, t in t.contains(.branch) }

    mutating func writeNext() {
        switch random.below(100) {
        case 0..<34: single(ProgramWriter.integer)
        case 34..<52: single(ProgramWriter.memory)
        case 52..<58: single(ProgramWriter.floatMemory)
        case 58..<72: single(ProgramWriter.float)
        case 72..<82: branch()
        case 82..<84: registerJump()
        case 84..<86: division()
        case 86..<88: linked()
        case 88: single(ProgramWriter.traps)
        case 89: trapOrCall()
        case 90..<94: coprocessor0()
        case 94: hardwareRegister()
        case 95: selfModifying()
        case 96: returnFromException()
        case 97: if random.once(in: 2) { randomWord() } else { floatControl() }
        default: divisionOrProduct()
        }
    }

    mutating func single(_ kinds: [Instruction]) {
        while true {
            let instruction = random.pick(kinds)
            if !state.fr, Exclusions.needsWideRegisters.contains(instruction) { continue }
            words.append(operands(of: instruction))
            return
        }
    }

    mutating func divisionOrProduct() {
        single([.mult, .multu, .madd, .maddu, .msub, .msubu, .mfhi, .mflo, .mthi, .mtlo, .mul])
    }

    mutating func trapOrCall() { single(random.once(in: 2) ? ProgramWriter.calls : ProgramWriter.traps) }

    // MARK: Operands

    /// A register to write: address registers are spared, k0 and k1 are the harness's.
    mutating func destination() -> UInt32 {
        while true {
            let n = random.below(32)
            if n == 26 || n == 27 { continue }
            if MachineState.bases.contains(n) || MachineState.indexes.contains(n) {
                if state.free, random.once(in: 10) { return UInt32(n) }
                continue
            }
            return UInt32(n)
        }
    }

    mutating func source() -> UInt32 {
        let n = random.below(32)
        return UInt32(n == 26 || n == 27 ? 0 : n)
    }

    mutating func base() -> UInt32 {
        state.free && random.once(in: 20) ? source() : UInt32(16 + random.below(8))
    }

    /// An offset that stays in the window, mostly aligned.
    mutating func offset(_ size: Int) -> UInt32 {
        var value = random.below(Layout.windowSize - 8) - Layout.windowSize / 2
        if !random.once(in: 12) { value &= ~(max(size, 1) - 1) }
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
            w = w & 0xFFFF_0000 | offset(Int(facts.accessSize))
        case .fdIndexed, .fsIndexed, .hintIndexed:
            set(21, UInt32(16 + random.below(8)))
            set(16, UInt32(24 + random.below(2)))
        case .rtRsExt:
            let position = UInt32(random.below(32))
            set(6, position)
            set(11, UInt32(random.below(32 - Int(position))))
        case .rtRsIns:
            let position = UInt32(random.below(32))
            set(6, position)
            set(11, position + UInt32(random.below(32 - Int(position))))
        case .rtControl:
            set(11, instruction == .ctc1 ? 31 : random.pick([0, 25, 26, 28, 31, 31, 31, 31]))
        default: break
        }
        // Once in a while an odd one, but not for memory, where the address may come first, and not for moves.
        let even = facts.accessSize != 0 || facts.format == .fdFsCondition || facts.format == .fdFsRt
        if !state.fr, t.contains(.fpu), even || !random.once(in: 12) { w = evenDoubles(instruction, w) }
        return w
    }

    /// With FR = 0, doubles with odd numbers are reserved: mostly even numbers then.
    func evenDoubles(_ instruction: Instruction, _ w: UInt32) -> UInt32 {
        switch instruction.facts.format {
        case .fdFsFt, .fdFs, .fdFsCondition, .fdFsRt, .fdFrFsFt, .compare:
            var w = w & ~(1 << 11 | 1 << 6)
            if instruction.traits.contains(.readsFt) { w &= ~(1 << 16) }
            if instruction.traits.contains(.readsFr) { w &= ~(1 << 21) }
            return w
        case .ftMemory: return w & ~(1 << 16)
        case .fdIndexed: return w & ~(1 << 6)
        case .fsIndexed: return w & ~(1 << 11)
        case .rtFs: return w & ~(1 << 11)
        default: return w
        }
    }

    // MARK: Sequences

    static func lui(_ rt: UInt32, _ value: UInt32) -> UInt32 { 0x3C00_0000 | rt << 16 | value >> 16 }
    static func ori(_ rt: UInt32, _ rs: UInt32, _ value: UInt32) -> UInt32 {
        0x3400_0000 | rs << 21 | rt << 16 | value & 0xFFFF
    }
    static func mtc0(_ rt: UInt32, _ rd: UInt32, _ sel: UInt32 = 0) -> UInt32 {
        0x4080_0000 | rt << 16 | rd << 11 | sel
    }
    static func mfc0(_ rt: UInt32, _ rd: UInt32, _ sel: UInt32 = 0) -> UInt32 {
        0x4000_0000 | rt << 16 | rd << 11 | sel
    }
    static let ehb: UInt32 = 0xC0

    mutating func constant(_ rt: UInt32, _ value: UInt32) {
        words.append(ProgramWriter.lui(rt, value))
        words.append(ProgramWriter.ori(rt, rt, value))
    }

    /// A scratch register for sequences: never zero, never an address register.
    mutating func temporary() -> UInt32 { random.pick([2, 3, 8, 9, 10, 11, 12, 13]) }

    /// What goes into a delay slot.
    mutating func delaySlot() {
        switch random.below(20) {
        case 0: single(ProgramWriter.traps)
        case 1: single(ProgramWriter.calls)
        case 2..<7: single(ProgramWriter.memory)
        case 7..<10: single(ProgramWriter.float)
        case 10: single(ProgramWriter.floatMemory)
        case 11: words.append(0)
        case 12 where state.free: randomWord()
        default: single(ProgramWriter.integer)
        }
    }

    mutating func branch() {
        let instruction = random.pick(ProgramWriter.branches)
        var w = operands(of: instruction)
        // Linking branches must not test register 31. A condition that the operands alone decide is a NOP to QEMU, which
        // then knows of no delay slot.
        if instruction.traits.contains(.readsRs) {
            while [0, 31, w >> 16 & 31].contains(w >> 21 & 31) { w = w & ~(31 << 21) | source() << 21 }
        }
        // The slot of a likely branch that is not taken need not be there; QEMU fetches it all the same.
        if (state.codeStart &+ UInt32(words.count) * 4) & 0xFFF == 0xFFC { words.append(0) }
        let jumps = instruction == .j || instruction == .jal
        open.append((words.count, jumps ? .jump : .branch))
        words.append(w)
        delaySlot()
    }

    mutating func registerJump() {
        let register = temporary()
        open.append((words.count + 1, .absolute(upper: words.count)))
        constant(register, 0)
        var link = destination()
        while link == register { link = destination() }
        words.append(random.once(in: 2) ? 0x0000_0008 | register << 21 : 0x0000_0009 | register << 21 | link << 11)
        delaySlot()
    }

    mutating func division() {
        let divisor = temporary()
        words.append(ProgramWriter.ori(divisor, divisor, 1))
        words.append((random.once(in: 2) ? 0x1A : 0x1B) | source() << 21 | divisor << 16)
    }

    /// LL, a few instructions, SC. Only where both succeed: QEMU fails an SC without an LL before it looks at the address.
    mutating func linked() {
        guard !state.free, !wasUser, !state.sound.isEmpty else { return single(ProgramWriter.memory) }
        let b = random.pick(state.sound)
        let at = offset(4) & 0xFFFC
        words.append(0xC000_0000 | b << 21 | destination() << 16 | at)
        for _ in 0..<random.below(3) { single(random.once(in: 6) ? ProgramWriter.traps : ProgramWriter.integer) }
        words.append(0xE000_0000 | b << 21 | destination() << 16 | at)
    }

    mutating func hardwareRegister() {
        // 0 CPUNum, 1 SYNCI_Step, 3 CCRes, and numbers without a register.
        let register = random.pick([0, 1, 3, 1, 3, 4, 10, 28]) as UInt32
        words.append(0x7C00_003B | destination() << 16 | register << 11)
    }

    /// CTC1 to FCCR, FEXR or FENR. QEMU ignores values with bits that should be zero.
    mutating func floatControl() {
        let register = temporary()
        let (control, mask) = random.pick([(25, 0xFF), (26, 0xF07C), (28, 0x0F87)]) as (UInt32, UInt32)
        words.append(0x3000_0000 | source() << 21 | register << 16 | mask)
        words.append(0x44C0_0000 | register << 16 | control << 11)
    }

    /// A word of user mode that may be anything.
    mutating func randomWord() {
        guard state.free else { return single(ProgramWriter.integer) }
        while true {
            let w = random.word()
            let traits = Instruction(decoding: w).traits
            // k0 and k1 are not what a program left there.
            if Exclusions.allowsRandom(w, status: state.words[VectorWord.status]),
                !traits.contains(.loads) || random.once(in: 4)
            {
                words.append(w)
                return
            }
        }
    }

    /// Rewrites an instruction further on, with SYNCI in kernel mode where the code can be reached through KSEG0.
    mutating func selfModifying() {
        guard status & 0x10 == 0 else { return single(ProgramWriter.integer) }
        let register = temporary()
        let pointer: UInt32 = register == 2 ? 3 : 2
        let ahead = 7 + random.below(6)
        guard words.count + ahead + 4 < limit else { return }
        let address = state.words[VectorWord.code] &+ UInt32(words.count + ahead) * 4
        // addiu t, t, n: harmless whatever it replaces, as long as that is not part of a sequence.
        constant(register, 0x2400_0000 | register << 21 | register << 16 | random.word() & 0x7FFF)
        constant(pointer, address)
        words.append(0xAC00_0000 | pointer << 21 | register << 16)
        words.append(0x041F_0000 | pointer << 21)
        words.append(ProgramWriter.ehb)
        while words.count < boundaryBefore(ahead) { words.append(operands(of: random.pick(ProgramWriter.integer))) }
    }

    func boundaryBefore(_ ahead: Int) -> Int { (boundaries.last ?? 0) + ahead + 1 }

    /// ERET to a place further on. Not with interrupts: one between MTC0 and ERET would make it return to itself.
    mutating func returnFromException() {
        guard !state.interrupts else { return single(ProgramWriter.integer) }
        let register = temporary()
        open.append((words.count + 1, .absolute(upper: words.count)))
        constant(register, 0)
        words.append(ProgramWriter.mtc0(register, 14))
        words.append(ProgramWriter.ehb)
        words.append(0x4200_0018)
    }

    // MARK: Targets

    mutating func close(_ end: Int) {
        for (at, kind) in open {
            // Behind the delay slot, or the slot itself never: at most some 16 words on.
            let first = boundaries.firstIndex { $0 > at + 1 } ?? boundaries.count - 1
            var index = min(first + random.below(8), boundaries.count - 1)
            while boundaries[index] < end, boundaries[index] <= at + 3 { index += 1 }
            let target = boundaries[index]
            let address = state.codeStart &+ UInt32(target) * 4
            switch kind {
            case .branch: words[at] = words[at] & 0xFFFF_0000 | UInt32(target - at - 1)
            case .jump: words[at] = words[at] & 0xFC00_0000 | address >> 2 & 0x03FF_FFFF
            case .absolute(let upper):
                words[upper] = words[upper] & 0xFFFF_0000 | address >> 16
                words[at] = words[at] & 0xFFFF_0000 | address & 0xFFFF
            }
        }
    }
}

extension Instruction {
    fileprivate var isTrap: Bool {
        switch self {
        case .teq, .tne, .tge, .tgeu, .tlt, .tltu, .teqi, .tnei, .tgei, .tgeiu, .tlti, .tltiu: true
        default: false
        }
    }
}
