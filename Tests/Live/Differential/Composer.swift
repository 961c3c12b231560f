// Programs for guests: random, but such that they come to an end and every word of them means the same on both sides.
//
// Rules. Registers with a role (`Map`) are written only for it. EPC and jumps lead to known code: data are never
// executed, as SDBBP, which a trap-and-emulate host does not survive, could be among them. Count goes into $s7 only
// and from there to a device, where the timer's model judges it. Instructions that KVM replaces in memory are not in
// loops: the replaced form of MTC0 Status does not trap, so that an interrupt it unmasks comes whenever the kernel
// looks next (reference 6.4).

struct Composer {
    var numbers: Numbers
    var words: [UInt32] = []
    /// Emit instructions that touch Count, Compare and Cause.DC.
    var timed = false
    /// The guest may use its FPU, with Status.FR as given.
    var fpu = false
    var fr = false
    /// The interrupts may be enabled.
    var interrupts = false
    /// Dirty pages are logged.
    var logged = false
    /// WAIT does not sleep: something is queued.
    var waits = false

    init(_ seed: UInt64) { numbers = Numbers(seed) }

    var here: UInt32 { Map.window + Map.code + UInt32(words.count) * 4 }

    /// A general register without a role.
    mutating func register() -> UInt32 {
        let n = numbers.from(1...24)
        return n == Map.timeRegister ? 25 : n
    }
    /// The same or $zero.
    mutating func source() -> UInt32 { numbers.oneIn(8) ? 0 : register() }

    mutating func emit(_ word: UInt32) { words.append(word) }
    mutating func emit(_ list: [UInt32]) { words += list }

    mutating func constant(_ value: UInt32) -> UInt32 {
        let r = register()
        emit(Word.li(r, value))
        return r
    }

    /// A program of about so many pieces.
    mutating func compose(_ pieces: Int) -> [UInt32] {
        for _ in 0..<pieces { piece() }
        return words
    }

    private mutating func piece() {
        let kind = numbers.below(100)
        if fpu, kind < 45 {
            floating()
            return
        }
        switch kind {
        case 0..<18: arithmetic()
        case 18..<28: memory()
        case 28..<48: device()
        case 48..<58: branch()
        case 58..<62: loop()
        case 62..<78: coprocessor0()
        case 78..<86: exception()
        case 86..<90: translated()
        default: timed ? timer() : waits && numbers.oneIn(2) ? emit(Word.wait) : coprocessor0()
        }
    }

    // MARK: Instructions without effects beyond registers and RAM

    /// One instruction that cannot fail.
    mutating func simple() -> UInt32 {
        let d = register()
        let s = source()
        let t = source()
        let imm = numbers.value()
        switch numbers.below(14) {
        case 0: return Word.r(numbers.one(of: [0x21, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2A, 0x2B]), d, s, t)
        case 1: return Word.i(numbers.one(of: [0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E]), d, s, imm)
        case 2: return Word.lui(d, imm)
        case 3: return Word.r(numbers.one(of: [0x00, 0x02, 0x03]), d, 0, t, numbers.below(32))
        case 4: return Word.r(numbers.one(of: [0x04, 0x06, 0x07, 0x0A, 0x0B]), d, s, t)
        case 5: return Word.r(0x02, d, 1, t, numbers.below(32))  // ROTR
        case 6: return Word.r(0x06, d, s, t, 1)  // ROTRV
        case 7: return Word.r(numbers.one(of: [0x18, 0x19]), 0, s, t)
        case 8: return Word.r2(numbers.one(of: [0x00, 0x01, 0x04, 0x05]), 0, s, t)
        case 9: return Word.r2(0x02, d, s, t)  // MUL, which leaves HI and LO alone in this processor
        case 10: return Word.r2(numbers.one(of: [0x20, 0x21]), d, s, d)
        case 11: return Word.r3(0x20, d, 0, t, numbers.one(of: [0x02, 0x10, 0x18]))
        case 12:
            let low = numbers.below(32)
            let size = numbers.from(1...(32 - low))
            // EXT has size - 1, INS the last bit.
            return numbers.oneIn(2) ? Word.r3(0x00, size - 1, s, d, low) : Word.r3(0x04, low + size - 1, s, d, low)
        default:
            return numbers.oneIn(2)
                ? Word.r(numbers.one(of: [0x10, 0x12]), d, 0, 0) : Word.r(numbers.one(of: [0x11, 0x13]), 0, s, 0)
        }
    }

    private mutating func arithmetic() {
        for _ in 0...numbers.below(3) { emit(simple()) }
        if numbers.oneIn(5) {
            // A divisor that is neither 0 nor -1.
            let r = register()
            emit(Word.andi(r, r, 0x7FFF))
            emit(Word.ori(r, r, 1))
            emit(Word.r(numbers.one(of: [0x1A, 0x1B]), 0, source(), r))
        }
    }

    /// A load or store of RAM, aligned as it must be.
    mutating func access() -> UInt32 {
        let op: UInt32 = numbers.one(of: [
            0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x28, 0x29, 0x2A, 0x2B, 0x2E,
        ])
        var offset = numbers.oneIn(3) ? numbers.below(Map.dataSize) : numbers.below(64)
        if op == 0x21 || op == 0x25 || op == 0x29 { offset &= ~1 }
        if op == 0x23 || op == 0x2B { offset &= ~3 }
        return Word.i(op, register(), Map.gp, offset & 0x7FFF)
    }

    private mutating func memory() {
        for _ in 0...numbers.below(3) { emit(access()) }
        if numbers.oneIn(8) {
            // LL and SC, again until it succeeds: the host's interrupts may come between them.
            let offset = numbers.below(64) & ~3
            let r = register()
            emit(Word.i(0x30, r, Map.gp, offset))
            emit(Word.addiu(r, r, 1))
            emit(Word.i(0x38, r, Map.gp, offset))
            emit(Word.i(0x04, 0, r, 0xFFFC))
            emit(Word.nop)
        }
    }

    // MARK: Devices

    /// A load or store of a device, of any alignment.
    mutating func deviceAccess() -> UInt32 {
        let op: UInt32 = numbers.one(of: [
            0x20, 0x21, 0x22, 0x23, 0x23, 0x24, 0x25, 0x26, 0x28, 0x29, 0x2A, 0x2B, 0x2B, 0x2E,
        ])
        let rt = op < 0x28 ? (numbers.oneIn(16) ? 0 : register()) : source()
        return Word.i(op, rt, Map.k0, Map.plain + numbers.below(Map.plainSize))
    }

    private mutating func device() {
        emit(deviceAccess())
        if numbers.oneIn(12) { emit(Word.i(0x30, register(), Map.k0, Map.plain)) }  // LL
        if numbers.oneIn(12) {
            // In the kernel window, where there is no RAM.
            let r = constant(0x4100_0000 | numbers.below(0x1000) << 2)
            emit(numbers.oneIn(2) ? Word.lw(register(), 0, r) : Word.sw(register(), 0, r))
        }
        if numbers.oneIn(12) {
            // RAM seen through the host's segments is a device.
            let r = constant(numbers.one(of: [0x8000_0000, 0xA000_0000]) | Map.data)
            emit(numbers.oneIn(2) ? Word.lw(register(), 4, r) : Word.sw(register(), 4, r))
        }
    }

    // MARK: Control

    private mutating func slot() -> UInt32 {
        switch numbers.below(8) {
        case 0: deviceAccess()
        case 1: access()
        case 2: Word.mfc0(register(), numbers.one(of: [12, 15, 16]))
        case 3: numbers.one(of: [Word.ehb, 0x0C, Word.rdhwr(register(), 3)])
        case 4: Word.nop
        default: simple()
        }
    }

    private mutating func branch() {
        let skipped = numbers.from(1...3)
        let offset = skipped + 1
        // Two registers, none of them $zero: QEMU's processors make NOP of a branch that cannot be taken, and an
        // instruction of its delay slot (docs/hosts.md).
        let s = register()
        let t = s == 1 ? 2 : s - 1 == Map.timeRegister ? 1 : s - 1
        switch numbers.below(8) {
        case 0: emit(Word.i(numbers.one(of: [0x04, 0x05, 0x14, 0x15]), t, s, offset))
        case 1: emit(Word.i(numbers.one(of: [0x06, 0x07, 0x16, 0x17]), 0, s, offset))
        case 2: emit(Word.i(0x01, numbers.one(of: [0, 1, 2, 3]), s, offset))
        case 3: emit(Word.i(0x01, numbers.one(of: [0x10, 0x11, 0x12, 0x13]), s, offset))  // and link
        case 4: emit(Word.j(here + 4 + offset * 4))
        case 5: emit(Word.jal(here + 4 + offset * 4))
        case 6:
            let r = register()
            emit(Word.li(r, here + 12 + offset * 4))
            emit(Word.r(0x08, 0, r, 0))
        default:
            let r = register()
            emit(Word.li(r, here + 12 + offset * 4))
            emit(Word.r(0x09, 31, r, 0))
        }
        emit(slot())
        for _ in 0..<skipped { emit(numbers.oneIn(4) ? deviceAccess() : simple()) }
    }

    private mutating func loop() {
        emit(Word.addiu(Map.counter, 0, numbers.from(2...5)))
        let count = numbers.from(1...3)
        for _ in 0..<count {
            emit(numbers.oneIn(3) ? deviceAccess() : numbers.oneIn(2) ? access() : simple())
        }
        emit(Word.addiu(Map.counter, Map.counter, 0xFFFF))
        emit(Word.i(0x05, 0, Map.counter, 0 &- (count + 2)))
        emit(numbers.oneIn(3) ? deviceAccess() : simple())
    }
}
