// Coprocessor 0 in the engine differential: time and interrupts, modes, address spaces, pages that change under the program.

import MIPS

extension EngineProgram {
    mutating func coprocessor0() {
        switch random.below(16) {
        case 0, 1: readTime()
        case 2: setTimer()
        case 3: changeStatus()
        case 4: changeAddressSpace()
        case 5, 6: writeEntry()
        case 7: words.append(random.pick([0x4200_0001, 0x4200_0008, 0x4200_0002, 0x4200_0006]))
        case 8: words.append((random.once(in: 2) ? 0x4160_6020 : 0x4160_6000) | temporary() << 16)
        case 9: returnFromException()
        case 10: softwareInterrupt()
        case 11 where random.once(in: 3): words.append(0x4200_0020)
        case 12: writeAny()
        default: readAny()
        }
    }

    /// Count by MFC0 or RDHWR, into the results of the program.
    private mutating func readTime() {
        let to = temporary()
        words.append(random.once(in: 2) ? ProgramWriter.mfc0(to, 9) : 0x7C00_103B | to << 16)
    }

    /// Compare a few instructions ahead, or Count itself.
    private mutating func setTimer() {
        let register = temporary()
        words.append(ProgramWriter.mfc0(register, 9))
        words.append(0x2400_0000 | register << 21 | register << 16 | UInt32(random.below(300)))
        words.append(ProgramWriter.mtc0(register, random.once(in: 6) ? 9 : 11))
    }

    private mutating func changeStatus() {
        let register = temporary()
        words.append(ProgramWriter.mfc0(register, 12))
        let bit = random.pick([0, 0, 1, 2, 4, 26, 28, 29, 29, 15, 8, 9]) as UInt32
        // ERL and EXL seldom: nothing comes back from there soon.
        guard bit != 1 && bit != 2 || random.once(in: 3) else { return }
        constant(3, 1 << bit)
        words.append(0x0000_0026 | register << 21 | 3 << 16 | register << 11)
        words.append(ProgramWriter.mtc0(register, 12))
    }

    /// Another ASID for some instructions, or for good.
    private mutating func changeAddressSpace() {
        let register = temporary()
        let other = random.pick(vector.aliases).asid
        words.append(ProgramWriter.ori(register, 0, random.once(in: 4) ? UInt32(random.below(256)) : other))
        words.append(ProgramWriter.mtc0(register, 10))
        for _ in 0..<random.below(5) { single(random.once(in: 2) ? Self.plainMemory : Self.integer) }
        if random.once(in: 2) {
            words.append(ProgramWriter.ori(register, 0, vector.asid))
            words.append(ProgramWriter.mtc0(register, 10))
        }
    }

    /// Maps one of the vector's pairs of pages to another place, often the one the program runs in: the halves change places, or
    /// data become code. TLBWI of the same entry or TLBWR of any.
    private mutating func writeEntry() {
        let register = temporary()
        let index = random.below(28) * 4
        let entry = vector.tlb[index..<index + 4]
        let code = GuestPlan.frame(GuestPlan.code)
        let data = GuestPlan.frame(GuestPlan.data)
        let other = (random.once(in: 4) ? data : code) | 0x18 | UInt32(random.below(8))
        let (lo0, lo1): (UInt32, UInt32) =
            switch random.below(4) {
            case 0: (entry[index + 2], entry[index + 1])
            case 1: (entry[index + 1] ^ UInt32(1 << random.below(3)), entry[index + 2])
            case 2: (other, entry[index + 2])
            default: (entry[index + 1], other)
            }
        for (value, number) in [(entry[index], 10), (lo0, 2), (lo1, 3), (entry[index + 3], 5)] as [(UInt32, UInt32)] {
            constant(register, value)
            words.append(ProgramWriter.mtc0(register, number))
        }
        if random.once(in: 4) {
            words.append(0x4200_0006)
        } else {
            words.append(ProgramWriter.ori(register, 0, UInt32(index / 4)))
            words.append(ProgramWriter.mtc0(register, 0))
            words.append(0x4200_0002)
        }
        words.append(ProgramWriter.ori(register, 0, vector.asid))
        words.append(ProgramWriter.mtc0(register, 10))
    }

    /// ERET to the program by any alias, from whatever mode it is in.
    private mutating func returnFromException() {
        let register = temporary()
        let address = random.pick(vector.aliases).base &+ UInt32(random.pick(boundaries)) * 4 - GuestPlan.code
        constant(register, address)
        words.append(ProgramWriter.mtc0(register, 14))
        constant(register, random.pick([0x2000_0002, 0x2000_0012, 0x2400_8003, 0x2400_8013, 0x3000_0002]))
        words.append(ProgramWriter.mtc0(register, 12))
        words.append(0x4200_0018)
    }

    private mutating func softwareInterrupt() {
        let register = temporary()
        words.append(ProgramWriter.ori(register, 0, random.word() & 0x300))
        words.append(ProgramWriter.mtc0(register, 13))
    }

    private static let registers: [(UInt32, UInt32)] = [
        (0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (4, 2), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0), (10, 0), (11, 0),
        (12, 0),
        (12, 1), (13, 0), (14, 0), (15, 0), (15, 1), (16, 0), (16, 1), (16, 3), (17, 0), (26, 0), (30, 0), (31, 2),
    ]

    private mutating func readAny() {
        let (rd, sel) = random.pick(Self.registers)
        words.append(ProgramWriter.mfc0(UInt32(random.below(16)), rd, sel))
    }

    /// Any register but those without which nothing goes on: Status, EBase.
    private mutating func writeAny() {
        let (rd, sel) = random.pick(Self.registers)
        guard rd != 12, rd != 15 else { return readAny() }
        words.append(ProgramWriter.mtc0(UInt32(random.below(32)), rd, sel))
    }
}
