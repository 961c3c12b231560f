// A random machine state: mode, address space, registers. What a program starts from.

/// A stretch of virtual addresses that leads, or does not lead, to a window.
struct Pointer {
    /// The middle of the window as this mapping shows it.
    var address: UInt32
    /// Loads and stores succeed there.
    var sound = false
}

/// Everything of a vector but its code.
struct MachineState {
    var words = [UInt32](repeating: 0, count: Layout.vectorWords)
    /// User mode at the start.
    var user = false
    /// The program may change registers that addresses are made of: nothing it can reach would do harm.
    var free = false
    /// Interrupts may happen, so nothing may depend on EPC.
    var interrupts = false
    var fr = false
    /// Virtual address of the code, and of its page pair's end.
    var codeStart: UInt32 = 0
    /// The program runs in KSEG0 or KSEG1.
    var unmapped: Bool { codeStart >= 0x8000_0000 && codeStart < 0xC000_0000 }
    /// Words that fit behind `codeStart`.
    var room = 0
    /// Base registers that loads and stores succeed with.
    private(set) var sound: [UInt32] = []
    /// TLB entries left for the program to write: index and values.
    var spare: [(index: UInt32, hi: UInt32, lo0: UInt32, lo1: UInt32, mask: UInt32)] = []

    private var slots: [UInt32] = []

    /// Registers that hold addresses: s0 to s7 bases, t8 and t9 small indexes.
    static let bases = 16...23
    static let indexes = 24...25

    init(_ random: inout Random) {
        user = random.once(in: 2)
        let cu0 = user && random.once(in: 6)
        free = user && !cu0 && random.once(in: 2)
        interrupts = random.once(in: 6)
        fr = random.once(in: 2)
        // Disjoint stretches of 32 MiB, so that no two TLB entries overlap. One of 512 MiB is kept for the largest pages.
        for slot in 0..<64 where !(32..<48).contains(slot) { slots.append(UInt32(slot) << 25) }
        if !user { for slot in 96..<128 { slots.append(UInt32(slot) << 25) } }

        var status: UInt32 = 0
        if user { status |= 0x10 }
        if cu0 || !user && random.once(in: 2) { status |= 1 << 28 }
        if !random.once(in: 4) { status |= 1 << 29 }
        if fr { status |= 1 << 26 }
        var cause: UInt32 = random.once(in: 2) ? 1 << 23 : 0
        if interrupts {
            status |= random.word() & 0x301
            cause |= random.word() & 0x300
        }
        words[VectorWord.status] = status
        words[VectorWord.cause] = cause
        let asid = random.word() & 0xFF
        words[VectorWord.entryHi] = random.word() & 0xFFFF_E000 | asid
        words[VectorWord.entryLo0] = random.word() & 0x3FFF_FFFF
        words[VectorWord.entryLo1] = random.word() & 0x3FFF_FFFF
        words[VectorWord.pageMask] = random.pick(MachineState.masks)
        words[VectorWord.context] = random.word()
        words[VectorWord.index] = UInt32(random.below(16))
        words[VectorWord.wired] = UInt32(random.below(16))
        words[VectorWord.hwrEna] = random.word() & 0xB
        words[VectorWord.errorEPC] = random.word()
        words[VectorWord.limit] = 120
        words[VectorWord.rounds] = 12
        words[VectorWord.hi] = random.interestingWord()
        words[VectorWord.lo] = random.interestingWord()
        fillAddressSpace(&random, asid: asid)
        fillRegisters(&random)
    }

    static let masks: [UInt32] = [0, 0x6000, 0x1_E000, 0x7_E000, 0x1F_E000, 0x7F_E000, 0x1FF_E000]
    private static let hugeMasks: [UInt32] = [0x7FF_E000, 0x1FFF_E000]

    private mutating func setEntry(_ index: Int, _ hi: UInt32, _ lo0: UInt32, _ lo1: UInt32, _ mask: UInt32) {
        let at = VectorWord.tlb + index * 4
        words[at] = hi
        words[at + 1] = lo0
        words[at + 2] = lo1
        words[at + 3] = mask
    }

    /// A place for a pair of pages of this mask where nothing else is.
    private mutating func place(_ random: inout Random, mask: UInt32) -> UInt32 {
        let pair = (mask | 0x1FFF) &+ 1
        if pair > 1 << 25 { return 0x4000_0000 + (random.word() & 0x1FFF_FFFF & ~(pair - 1)) }
        let slot = slots.remove(at: random.below(slots.count))
        return slot | random.word() & 0x01FF_FFFF & ~(pair - 1)
    }

    /// EntryLo of the page that holds `physical`, of half a pair of this mask.
    private func entryLo(_ random: inout Random, _ physical: UInt32, _ mask: UInt32, _ flags: UInt32) -> UInt32 {
        let half = (mask | 0x1FFF) >> 1
        return ((physical & ~half) >> 6) | (UInt32(2 + random.below(2)) << 3) | flags
    }

    private mutating func fillAddressSpace(_ random: inout Random, asid: UInt32) {
        for i in 0..<Layout.tlbEntries { setEntry(i, 0x8000_0000 + (UInt32(i) << 13), 0, 0, 0) }
        // Entry numbers in random order.
        var numbers = Array(0..<Layout.tlbEntries)
        numbers.shuffle(using: &random)

        placeCode(&random, asid: asid, entry: numbers.removeLast())

        var pointers: [Pointer] = []
        func inWindow(_ n: Int) -> UInt32 { Layout.windows[n] + UInt32(Layout.windowSize / 2) }
        // A program that may use any address must not reach the harness through a large page.
        let masks = free ? Array(MachineState.masks.prefix(5)) : MachineState.masks
        var huge = !free
        for _ in 0..<7 {
            let useHuge = huge && random.once(in: 6)
            if useHuge { huge = false }
            let mask = useHuge ? random.pick(MachineState.hugeMasks) : random.pick(masks)
            let half = (mask | 0x1FFF) >> 1
            let at = place(&random, mask: mask)
            let global: UInt32 = random.once(in: 3) ? 1 : 0
            let ours = global != 0 || !random.once(in: 8)
            var lo: [UInt32] = []
            for side in 0..<2 {
                let target = inWindow(random.below(4))
                // Mostly valid and writable; each bit clear now and then.
                let flags: UInt32 = (random.once(in: 6) ? 0 : 2) | (random.once(in: 5) ? 0 : 4) | global
                lo.append(entryLo(&random, target, mask, flags))
                pointers.append(
                    Pointer(address: at &+ UInt32(side) * (half &+ 1) | target & half, sound: ours && flags & 6 == 6))
            }
            // A clear G in one half makes the pair not global.
            if global != 0, random.once(in: 8) { lo[random.below(2)] &= ~1 }
            let hi = at | (ours ? asid : asid ^ UInt32(1 << random.below(8)))
            if random.once(in: 4), spare.count < 3 {
                pointers[pointers.count - 1].sound = false
                pointers[pointers.count - 2].sound = false
                spare.append((UInt32(numbers.removeLast()), hi, lo[0], lo[1], mask))
            } else {
                setEntry(numbers.removeLast(), hi, lo[0], lo[1], mask)
            }
        }
        // Addresses without the TLB, right or wrong by mode, and one that nothing maps.
        for n in 0..<4 where !random.once(in: 3) {
            pointers.append(
                Pointer(address: inWindow(n) | (random.once(in: 2) ? 0x8000_0000 : 0xA000_0000), sound: !user))
        }
        pointers.append(Pointer(address: slots[random.below(slots.count)] | random.word() & 0x01FF_FFFC))
        if user { pointers.append(Pointer(address: 0xC000_0000 | random.word() & 0x3FFF_FFFC)) }
        for n in MachineState.bases {
            let pointer = random.pick(pointers)
            words[VectorWord.gpr + n] = pointer.address
            if pointer.sound { sound.append(UInt32(n)) }
        }
    }

    /// Chooses where the program runs: one of the unmapped segments or mapped pages in either order, from a random place in
    /// the page, often so that it crosses into the next.
    private mutating func placeCode(_ random: inout Random, asid: UInt32, entry: Int) {
        let way = user ? 2 : random.below(4)
        let crossing = random.once(in: 3)
        let offset = crossing ? UInt32(0x1000 - 4 * (1 + random.below(80))) : UInt32(random.below(0x340)) * 4
        room = min(VectorWord.maximumCode, Int(0x2000 - offset) / 4) - 8
        words[VectorWord.code] = 0x8000_0000 + Layout.code + offset
        switch way {
        case 0: codeStart = 0x8000_0000 + Layout.code + offset
        case 1: codeStart = 0xA000_0000 + Layout.code + offset
        default:
            let global: UInt32 = random.once(in: 3) ? 1 : 0
            // A program that may use any address must not write itself: what it would write is not chosen with care.
            let flags = (free ? 2 : 6) | global
            if random.once(in: 3) {
                // One larger page holds both.
                let mask = random.pick(Array(MachineState.masks.dropFirst().prefix(free ? 4 : 6)))
                let half = (mask | 0x1FFF) >> 1
                let at = place(&random, mask: mask)
                let odd = random.once(in: 2)
                let lo = entryLo(&random, Layout.code, mask, flags)
                setEntry(entry, at | asid, odd ? global : lo, odd ? lo : global, mask)
                codeStart = at &+ (odd ? half &+ 1 : 0) | (Layout.code &+ offset) & half
            } else {
                let at = place(&random, mask: 0)
                var lo = [
                    entryLo(&random, Layout.code, 0, flags), entryLo(&random, Layout.code + 0x1000, 0, flags),
                ]
                // The second page may be missing.
                if crossing, random.once(in: 4) { lo[1] &= ~2 }
                setEntry(entry, at | asid, lo[0], lo[1], 0)
                codeStart = at | offset
            }
        }
        words[VectorWord.pc] = codeStart
        words[VectorWord.base] = codeStart
    }

    private mutating func fillRegisters(_ random: inout Random) {
        for n in 1..<32 where !MachineState.bases.contains(n) {
            words[VectorWord.gpr + n] = random.interestingWord()
        }
        for n in MachineState.indexes {
            words[VectorWord.gpr + n] = UInt32(bitPattern: Int32(random.below(17) * 4 - 32))
        }
        // k0 and k1 belong to the harness.
        words[VectorWord.gpr + 26] = 0
        words[VectorWord.gpr + 27] = 0
        for n in 0..<32 {
            let value =
                random.once(in: 2)
                ? random.interestingDouble() : UInt64(random.word()) << 32 | UInt64(random.interestingSingle())
            words[VectorWord.fpr + 2 * n] = UInt32(truncatingIfNeeded: value)
            words[VectorWord.fpr + 2 * n + 1] = UInt32(truncatingIfNeeded: value >> 32)
        }
        // Condition codes, flags, rounding; often flush-to-zero or some enabled trap; no cause, which would trap at once.
        var fcsr = random.word() & 0xFE80_007F
        if random.once(in: 4) { fcsr |= 1 << 24 }
        if random.once(in: 3) { fcsr |= random.word() & 0xF80 }
        words[VectorWord.fcsr] = fcsr
        for n in 0..<Layout.windows.count * Layout.windowSize / 4 {
            words[VectorWord.windows + n] = random.once(in: 2) ? random.interestingWord() : random.interestingSingle()
        }
    }
}

extension Random: RandomNumberGenerator {}
