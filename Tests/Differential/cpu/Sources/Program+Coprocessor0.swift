// What programs do with coprocessor 0: registers, Status and Cause, the TLB, nested exceptions.

extension ProgramWriter {
    mutating func coprocessor0() {
        // Once in a while in user mode too, where it is forbidden.
        if state.free, !random.once(in: 4) { return single(ProgramWriter.integer) }
        switch random.below(12) {
        case 0: changeStatus()
        case 1: changeCause()
        case 2: probe()
        case 3 where state.unmapped:
            // TLBR of a random entry, whose ASID would unmap a mapped program.
            setIndex(UInt32(random.below(16)))
            words.append(contentsOf: [ProgramWriter.ehb, 0x4200_0001, ProgramWriter.ehb])
            restoreEntryHi()
        case 4: writeEntry()
        case 5, 6, 7: storageRegister()
        case 8:
            // EI and DI
            words.append((state.interrupts && random.once(in: 2) ? 0x4160_6020 : 0x4160_6000) | destination() << 16)
            words.append(ProgramWriter.ehb)
        default: readRegister()
        }
    }

    mutating func setIndex(_ value: UInt32) {
        let register = temporary()
        words.append(ProgramWriter.ori(register, 0, value))
        words.append(ProgramWriter.mtc0(register, 0))
    }

    mutating func restoreEntryHi() {
        let register = temporary()
        constant(register, state.words[VectorWord.entryHi] & 0xFF | random.word() & 0xFFFF_E000)
        words.append(ProgramWriter.mtc0(register, 10))
        words.append(ProgramWriter.ehb)
    }

    mutating func readRegister() {
        // Index, EntryLo0/1, Context, PageMask, Wired, HWREna, EntryHi, Status, EPC, PRId, EBase, ErrorEPC
        let (rd, sel) =
            random.pick([
                (0, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (10, 0), (12, 0), (14, 0), (15, 0), (15, 1),
                (30, 0),
            ]) as (UInt32, UInt32)
        let to = destination()
        words.append(ProgramWriter.mfc0(to, rd, sel))
        // Context.BadVPN2 is unpredictable after an address error: only PTEBase is looked at.
        if rd == 4 { words.append(0x0000_0002 | to << 16 | to << 11 | 23 << 6) }
    }

    mutating func storageRegister() {
        switch random.below(8) {
        case 0: words.append(ProgramWriter.mtc0(source(), 2))
        case 1: words.append(ProgramWriter.mtc0(source(), 3))
        case 2: words.append(ProgramWriter.mtc0(source(), 4))
        case 3: words.append(ProgramWriter.mtc0(source(), 30))
        case 4:
            let register = temporary()
            constant(register, random.pick(MachineState.masks))
            words.append(ProgramWriter.mtc0(register, 5))
        case 5:
            let register = temporary()
            words.append(ProgramWriter.ori(register, 0, UInt32(random.below(16))))
            words.append(ProgramWriter.mtc0(register, 6))
        case 6:
            let register = temporary()
            words.append(ProgramWriter.ori(register, 0, UInt32(random.below(16))))
            words.append(ProgramWriter.mtc0(register, 7))
        default: restoreEntryHi()
        }
        words.append(ProgramWriter.ehb)
    }

    mutating func changeStatus() {
        let register = temporary()
        var new = status
        switch random.below(8) {
        case 0: new ^= 1 << 29
        case 1: new ^= 1 << 28
        case 2 where !state.interrupts: return nested()
        case 3 where !state.interrupts && !state.user && state.codeStart < 0x8000_0000:
            new |= 0x10
            wasUser = true
        default:
            if state.interrupts { new ^= random.word() & 0x301 }
        }
        status = new
        constant(register, new)
        words.append(ProgramWriter.mtc0(register, 12))
        words.append(ProgramWriter.ehb)
    }

    /// Runs a few instructions with EXL set. An exception there does not change EPC, so EPC is made to lead behind the
    /// sequence: the harness goes on 4 bytes behind it, or 8 if Cause.BD is still set from before.
    mutating func nested() {
        let register = temporary()
        let epc = words.count
        constant(register, 0)
        words.append(ProgramWriter.mtc0(register, 14))
        constant(register, status | 2)
        words.append(ProgramWriter.mtc0(register, 12))
        words.append(ProgramWriter.ehb)
        single(ProgramWriter.integer)
        single(random.once(in: 2) ? ProgramWriter.memory : ProgramWriter.traps)
        constant(register, status)
        words.append(ProgramWriter.mtc0(register, 12))
        let address = state.codeStart &+ UInt32(words.count - 1) * 4
        words[epc] |= address >> 16
        words[epc + 1] |= address & 0xFFFF
        words.append(contentsOf: [ProgramWriter.ehb, 0, 0])
    }

    mutating func changeCause() {
        let register = temporary()
        let bits: UInt32 = state.interrupts ? 0x0080_0300 : 0x0080_0000
        constant(register, random.word() & bits)
        words.append(ProgramWriter.mtc0(register, 13))
        words.append(ProgramWriter.ehb)
    }

    /// TLBP of a mapped or unmapped address; Index is made predictable again.
    mutating func probe() {
        // Not across a page whose successor may be missing: the sequence has to run to its end.
        guard (state.codeStart &+ UInt32(words.count) * 4) & 0xFFF < 0xF80 else { return readRegister() }
        let register = temporary()
        let entry = VectorWord.tlb + random.below(Layout.tlbEntries) * 4
        var hi = state.words[entry]
        // KSEG0 addresses are what unused entries carry.
        if hi >= 0x8000_0000, hi < 0xC000_0000 { hi = random.word() & 0xFFFF_E000 }
        hi = hi & 0xFFFF_E000 | state.words[VectorWord.entryHi] & 0xFF
        constant(register, hi)
        words.append(ProgramWriter.mtc0(register, 10))
        words.append(contentsOf: [ProgramWriter.ehb, 0x4200_0008, ProgramWriter.ehb])
        let found = temporary()
        let sign: UInt32 = found == 2 ? 3 : 2
        words.append(ProgramWriter.mfc0(found, 0))
        // sign = Index >> 31 (arithmetic); found &= ~sign
        words.append(0x0000_0003 | found << 16 | sign << 11 | 31 << 6)
        let inverse: UInt32 = found == 4 || sign == 4 ? 5 : 4
        words.append(0x0000_0027 | sign << 21 | 0 << 16 | inverse << 11)
        words.append(0x0000_0024 | found << 21 | inverse << 16 | found << 11)
        words.append(ProgramWriter.mtc0(found, 0))
        words.append(ProgramWriter.ehb)
    }

    /// TLBWI of one of the entries kept for that.
    mutating func writeEntry() {
        guard !state.spare.isEmpty else { return readRegister() }
        let entry = random.pick(state.spare)
        // A foreign ASID would unmap a mapped program.
        if (entry.hi ^ state.words[VectorWord.entryHi]) & 0xFF != 0, !state.unmapped { return readRegister() }
        let register = temporary()
        for (value, number) in [(entry.hi, 10), (entry.lo0, 2), (entry.lo1, 3), (entry.mask, 5), (entry.index, 0)]
            as [(UInt32, UInt32)]
        {
            constant(register, value)
            words.append(ProgramWriter.mtc0(register, number))
        }
        words.append(contentsOf: [ProgramWriter.ehb, 0x4200_0002, ProgramWriter.ehb])
        restoreEntryHi()
    }
}
