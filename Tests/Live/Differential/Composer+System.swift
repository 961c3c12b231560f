// The privileged part of programs: coprocessor 0, exceptions, the TLB, the timer; and floating point.

extension Composer {
    // MARK: Coprocessor 0

    /// A Status of the kernel's mode. Bits with a meaning to the hardware only are storage to KVM.
    mutating func status() -> UInt32 {
        var value = numbers.word() & 0x0800_FF00
        if interrupts, !numbers.oneIn(3) { value |= 1 }
        if numbers.oneIn(12) { value |= 2 }
        if numbers.oneIn(24) { value |= 4 }
        if fpu, !numbers.oneIn(4) { value |= 1 << 29 }
        if fpu, fr { value |= 1 << 26 }
        if numbers.oneIn(8) { value |= numbers.word() & 0xD218_00E0 }
        return value
    }

    mutating func coprocessor0() {
        switch numbers.below(16) {
        case 0...4:
            // Any register, Count excepted.
            let rd: UInt32 = numbers.one(of: [
                0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 26, 28, 30, 31,
            ])
            let sel: UInt32 =
                rd == 16
                ? numbers.one(of: [0, 2, 3, 4, 5, 7])
                : rd == 15
                    ? numbers.below(2)
                    : rd == 4 ? numbers.one(of: [0, 2]) : rd == 31 ? numbers.below(8) : 0
            emit(Word.mfc0(register(), rd, sel))
        case 5...7:
            let (rd, sel): (UInt32, UInt32) = numbers.one(of: [
                (2, 0), (3, 0), (4, 0), (4, 2), (5, 0), (6, 0), (8, 0), (15, 0), (16, 0), (31, 2), (31, 3),
                (12, 1), (28, 0),
            ])
            emit(Word.mtc0(source(), rd, sel))
        case 8: emit(Word.mtc0(constant(status()), 12))
        case 9: emit(numbers.oneIn(2) ? Word.ei(source()) : Word.di(source()))
        case 10: emit(Word.mtc0(source(), 7))  // HWREna
        case 11: emit(Word.mtc0(constant(Map.window | numbers.below(0x1000)), 15, 1))  // EBase
        case 12:
            // Cause, its DC aside.
            let r = constant(numbers.word() & 0x0080_0300)
            emit(Word.mtc0(r, 13))
            emit(Word.sw(r, Map.causeWritten, Map.k0))
        case 13: emit(Word.mtc0(constant(Map.window | Map.end), numbers.one(of: [14, 30])))
        case 14: emit(Word.rdhwr(register(), numbers.one(of: [0, 3, 29])))
        default:
            emit(
                numbers.one(of: [
                    Word.dmfc0(register(), numbers.one(of: [12, 15, 16])), Word.ehb, Word.hypcall(0),
                    Word.cache(numbers.one(of: [0x00, 0x01, 0x10, 0x11, 0x15]), 0, Map.gp), Word.synci(0, Map.gp), 0x0F,
                    Word.i(0x33, 0, Map.gp, 0),  // PREF
                ]))
        }
    }

    mutating func exception() {
        switch numbers.below(14) {
        case 0: emit(0x0C | numbers.below(1 << 20) << 6)  // SYSCALL
        case 1: emit(0x0D | numbers.below(1 << 20) << 6)  // BREAK
        case 2: emit(Word.r(numbers.one(of: [0x30, 0x31, 0x32, 0x33, 0x34, 0x36]), 0, source(), source()))
        case 3: emit(Word.i(0x01, numbers.one(of: [8, 9, 10, 11, 12, 14]), source(), numbers.value()))
        case 4: emit(numbers.one(of: [0x15, 0x0E, 0x39, 0x7C00_003F, 0x7000_0010]))  // undefined words
        case 5: emit(Word.rdhwr(register(), numbers.one(of: [4, 30])))
        case 6:
            // ADDI that overflows.
            emit(Word.i(0x08, register(), constant(0x7FFF_FFFF), 1))
        case 7: emit(Word.lw(register(), 1 + numbers.below(3), Map.gp))
        case 8:
            emit(
                numbers.oneIn(2) ? Word.lw(register(), 0, constant(0xC000_0000)) : Word.sw(1, 0, constant(0xE000_0004)))
        case 9:
            // A failing ERET leaves the PC behind itself.
            emit(numbers.one(of: [Word.eret, Word.hypcall(1), Word.dmtc0(register(), 14)]))
            emit(Word.nop)
        case 10: emit(Word.cache(numbers.one(of: [0x08, 0x14, 0x19]), 0, Map.gp))
        case 11: emit(Word.mtc0(constant(64 + numbers.below(1000)), 0))  // Index
        case 12:
            // Return from an exception that was none.
            let r = register()
            let target = here + 7 * 4
            emit(Word.li(r, target))
            emit(Word.mtc0(r, 14))
            emit(Word.li(r, 2 | (fpu && fr ? 1 << 26 : 0)))
            emit(Word.mtc0(r, 12))
            emit(Word.eret)
        default:
            if fpu { emit(Word.mtc0(constant(status() & ~(1 << 29)), 12)) }
            emit(Word.cop1(numbers.one(of: [0, 4]), register(), numbers.below(32)))
        }
    }

    // MARK: Translation

    /// Accesses through the TLB, with and without an entry. Entries are for pages of the host's size: the kernel maps
    /// a pair of those whatever PageMask says. Each address has its own Index: of two entries for one address the
    /// kernel may go on using the one that was first (docs/hosts.md).
    mutating func translated() {
        let pointer = Map.pointer
        let slot = numbers.below(4)
        let page = 0x10_0000 + slot * 0x8000
        let odd = numbers.below(2) * 0x4000
        if !numbers.oneIn(3) {
            let hi = page | (numbers.oneIn(4) ? numbers.below(2) : 0)
            emit(Word.mtc0(constant(hi), 10))
            emit(Word.mtc0(constant(0x6000), 5))
            for (rd, frame) in [(UInt32(2), Map.mapped), (3, Map.mapped + 0x4000)] {
                var lo = frame >> 6 | 3 << 3
                if !numbers.oneIn(5) { lo |= 2 }
                if logged || !numbers.oneIn(4) { lo |= 4 }
                if !numbers.oneIn(3) { lo |= 1 }
                if numbers.oneIn(12) { lo |= 0x14000 << 6 }
                emit(Word.mtc0(constant(lo), rd))
            }
            emit(Word.mtc0(constant(slot * 16 + 3), 0))
            emit(Word.tlbwi)
        }
        for _ in 0...numbers.below(3) {
            let kernel = numbers.oneIn(6) ? UInt32(0x6000_0000) : 0
            emit(Word.li(pointer, kernel | page | odd))
            let offset = numbers.below(64) & ~3
            emit(numbers.oneIn(2) ? Word.lw(register(), offset, pointer) : Word.sw(register(), offset, pointer))
        }
        if numbers.oneIn(2) { emit(Word.tlbp) }
        if numbers.oneIn(3) { emit(Word.tlbr) }
    }

    // MARK: Timer

    /// One instruction about the timer and its report.
    mutating func timer() {
        let k0 = Map.k0
        switch numbers.below(7) {
        case 0...2:
            emit(numbers.oneIn(3) ? Word.rdhwr(Map.timeRegister, 2) : Word.mfc0(Map.timeRegister, 9))
            emit(Word.sw(Map.timeRegister, Map.countRead, k0))
        case 3:
            let r = constant(numbers.word())
            emit(Word.mtc0(r, 9))
            emit(Word.sw(r, Map.countWritten, k0))
        case 4, 5:
            let r = constant(numbers.word())
            if numbers.oneIn(4) { emit(Word.mfc0(r, 11)) }
            emit(Word.mtc0(r, 11))
            emit(Word.sw(r, Map.compareWritten, k0))
        default:
            let r = constant(numbers.oneIn(2) ? 1 << 27 : 0)
            emit(Word.mtc0(r, 13))
            emit(Word.sw(r, Map.causeWritten, k0))
        }
    }

    // MARK: Floating point

    /// A register for doubles: even ones only while Status.FR is 0.
    private mutating func double() -> UInt32 { fr ? numbers.below(32) : numbers.below(16) * 2 }

    private mutating func single() -> UInt32 { numbers.oneIn(2) ? double() : numbers.below(32) }

    mutating func floating() {
        let isDouble = numbers.oneIn(2)
        let format: UInt32 = isDouble ? 17 : 16
        let d = isDouble ? double() : single()
        let s = isDouble ? double() : single()
        let t = isDouble ? double() : single()
        switch numbers.below(12) {
        case 0, 1: emit(Word.cop1(4, numbers.oneIn(2) ? constant(float()) : source(), single()))  // MTC1
        case 2: emit(Word.cop1(0, register(), single()))  // MFC1
        case 3: emit(Word.cop1(numbers.one(of: [3, 7]), register(), double()))  // MFHC1, MTHC1
        case 4, 5: emit(Word.cop1(format, t, s, d, numbers.below(4)))
        case 6: emit(Word.cop1(format, 0, s, d, numbers.one(of: [4, 6])))
        case 7: emit(Word.cop1(format, 0, s, d, numbers.one(of: [0x0C, 0x0D, 0x0E, 0x0F])))
        case 8: emit(Word.cop1(format, 0, isDouble ? s : s, isDouble ? single() : double(), isDouble ? 0x20 : 0x21))
        case 9:
            emit(Word.cop1(format, t, s, 0, 0x30 | numbers.below(16)))
            emit(Word.cop1(8, numbers.below(2), 0) | 2)  // BC1F, BC1T over one
            emit(simple())
            emit(simple())
        case 10:
            let offset = numbers.below(64) & ~7
            emit(Word.i(numbers.one(of: [0x35, 0x3D]), double(), Map.gp, offset))
            emit(Word.i(numbers.one(of: [0x31, 0x39]), single(), Map.gp, offset + 4))
        default:
            if numbers.oneIn(3) {
                // Rounding, flags and now and then an enabled trap.
                let enables = numbers.oneIn(4) ? numbers.below(32) << 7 : 0
                emit(Word.cop1(6, constant(numbers.below(4) | enables), 31))
            } else {
                emit(Word.cop1(2, register(), 31))
            }
        }
    }

    private mutating func float() -> UInt32 {
        switch numbers.below(4) {
        case 0: numbers.one(of: [0, 0x8000_0000, 0x3F80_0000, 0x7F80_0000, 0xFF80_0000, 0x0000_0001, 0x7F7F_FFFF])
        case 1: numbers.one(of: [0x3FF0_0000, 0x7FF0_0000, 0x4330_0000, 0x41E0_0000, 0x0010_0000])
        default: numbers.word()
        }
    }
}
