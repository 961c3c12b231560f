// A vector of the engine differential: a whole machine, at random, and what is done to it while it runs.

import Hypervisor
import MIPS
import Simulator

/// Everything a pair of machines starts from, and where it is stopped and compared.
struct EngineVector {
    /// What happens to both machines at a stop.
    enum Event {
        case none
        /// A line goes up, or down if negative.
        case interrupt(Int32)
        /// A device writes a word of memory.
        case write(at: Int, UInt32)
    }

    let plan: GuestPlan
    let engine: Engine
    /// RAM as words.
    var ram = [UInt32](repeating: 0, count: GuestPlan.ramSize / 4)
    var gpr = [UInt32](repeating: 0, count: 32)
    var hi: UInt32 = 0
    var lo: UInt32 = 0
    var fpr = [UInt32](repeating: 0, count: 64)
    var fcsr: UInt32 = 0
    /// 64 entries of EntryHi, EntryLo0, EntryLo1, PageMask.
    var tlb = [UInt32](repeating: 0, count: 256)
    var coprocessor0: [(RegisterID, UInt32)] = []
    /// Where the program may begin: PC and Status.
    var starts: [(pc: UInt32, status: UInt32)] = []
    /// Instructions to the next stop, and what happens there.
    var stops: [(instructions: Int, event: Event)] = []
    /// The words of RAM that are the program's.
    var program = 0..<0

    /// Addresses at which the code pages can be seen, with their address spaces.
    private(set) var aliases: [(base: UInt32, user: Bool, asid: UInt32)] = []
    let asid: UInt32
    private var entries = 0

    init(seed: Int, index: Int) {
        var random = Random(seed: UInt64(seed) &* 1_000_003 &+ UInt64(index))
        plan = GuestPlan(profile: [.vz, .teFixed, .vz, .te510][index & 3])
        engine = index % 5 == 4 ? .translated(after: 24) : .eager
        asid = random.word() & 0xFF
        fillAddressSpace(&random)
        fillMemory(&random)
        fillRegisters(&random)
        var writer = EngineProgram(&random, self)
        let start = Int(GuestPlan.code) / 4 + random.below(Int(GuestPlan.codeSize) / 4 - EngineProgram.longest - 16)
        let words = writer.write(at: start)
        program = start..<start + words.count
        // Around the program: ways back to it.
        let code = Int(GuestPlan.code) / 4..<Int(GuestPlan.code + GuestPlan.codeSize) / 4
        for at in code where at & 1 == 0 {
            ram[at] = 0x1000_0000 | UInt32(bitPattern: Int32(start - at - 1)) & 0xFFFF
        }
        ram.replaceSubrange(program, with: words)
        fillStarts(&random, writer.boundaries)
        fillStops(&random)
        setVariables(&random)
    }

    // MARK: Address space

    private mutating func setEntry(_ hi: UInt32, _ lo0: UInt32, _ lo1: UInt32, _ mask: UInt32) {
        tlb.replaceSubrange(entries * 4..<entries * 4 + 4, with: [hi, lo0, lo1, mask])
        entries += 1
    }

    /// Maps `size` bytes of physical memory. A flag is now and then clear: V one in `seldom`, D likewise.
    private mutating func map(
        _ random: inout Random, _ address: UInt32, to physical: UInt32, size: UInt32, asid: UInt32, seldom: Int
    ) {
        let global: UInt32 = random.once(in: 3) ? 1 : 0
        for pair in stride(from: 0, to: size, by: Int(plan.pageSize) * 2) {
            let lo = [0, plan.pageSize].map { side in
                let flags: UInt32 = (random.once(in: seldom) ? 0 : 2) | (random.once(in: seldom) ? 0 : 4) | global
                return GuestPlan.frame(physical + pair + side) | 0x18 | flags
            }
            setEntry(address &+ pair | asid, lo[0], lo[1], plan.pageMask)
        }
    }

    private mutating func fillAddressSpace(_ random: inout Random) {
        let pair = plan.pageSize * 2
        let size = max(GuestPlan.codeSize, pair)
        var slots = Array(1..<32 as Range<UInt32>).shuffled(using: &random)
        // User addresses up to 1 GiB, in stretches of 32 MiB.
        func place(_ random: inout Random) -> UInt32 {
            slots.removeLast() << 25 | random.word() & 0x01FF_0000
        }
        let other = asid ^ UInt32(1 << random.below(8))
        aliases = [
            (plan.kseg0 | GuestPlan.code, false, asid), (plan.kseg1 | GuestPlan.code, false, asid),
            (plan.kseg2 | random.word() & 0x0FFF_0000, false, asid), (place(&random), true, asid),
            (place(&random), true, other),
        ]
        for alias in aliases.dropFirst(2) {
            map(&random, alias.base, to: GuestPlan.code, size: size, asid: alias.asid, seldom: 16)
        }
        var pointers: [UInt32] = []
        var good: [UInt32] = []
        for _ in 0..<5 {
            let at = random.once(in: 4) ? plan.kseg2 | 0x1000_0000 | random.word() & 0x0FFF_0000 : place(&random)
            map(
                &random, at, to: GuestPlan.data, size: GuestPlan.dataSize, asid: random.once(in: 6) ? other : asid,
                seldom: 16)
            pointers.append(at)
            if at < plan.userEnd, tlb[(entries - 1) * 4] & 0xFF == asid { good.append(at) }
        }
        if good.isEmpty { good = pointers }
        pointers += [plan.kseg0 | GuestPlan.data, plan.kseg1 | GuestPlan.data, plan.kseg0 | GuestPlan.data]
        let unreachable = [place(&random), plan.kseg2 | 0x0F00_0000, 0xFFFF_F000, plan.kseg0 | 0x0800_0000]
        while entries < 64 { setEntry(0x8000_0000 + UInt32(entries) << 13, 0, 0, 0) }
        for n in 16..<22 {
            let near = UInt32(random.below(4)) * 0x1000 + UInt32(64 + random.below(1000) * 4)
            // Half of them good in every mode, most of the time.
            let isGood = n < 19 && !random.once(in: 8)
            gpr[n] = random.once(in: 10) ? random.pick(unreachable) : random.pick(isGood ? good : pointers) + near
            // At the edge of a page.
            if random.once(in: 4) { gpr[n] = gpr[n] & ~0xFFF }
        }
    }

    // MARK: Contents

    private mutating func fillMemory(_ random: inout Random) {
        for n in 0..<Int(GuestPlan.dataSize) / 4 {
            ram[Int(GuestPlan.data) / 4 + n] = n & 0x30 == 0 ? random.interestingWord() : random.word()
        }
        for offset in [0, 0x180, 0x200] as [UInt32] {
            ram.replaceSubrange(Int(offset) / 4..<Int(offset) / 4 + 3, with: GuestHandler.vector(offset, plan))
        }
        let handler = GuestHandler.code()
        let at = Int(GuestPlan.handler) / 4
        ram.replaceSubrange(at..<at + handler.count, with: handler)
    }

    private mutating func fillRegisters(_ random: inout Random) {
        for n in 1..<32 where !(16..<24).contains(n) { gpr[n] = random.interestingWord() }
        gpr[24] = UInt32(random.below(40))
        gpr[25] = UInt32(bitPattern: Int32(random.below(17) * 4 - 32))
        (hi, lo) = (random.interestingWord(), random.interestingWord())
        for n in 0..<32 {
            let value =
                random.once(in: 2)
                ? random.interestingDouble() : UInt64(random.word()) << 32 | UInt64(random.interestingSingle())
            fpr[2 * n] = UInt32(truncatingIfNeeded: value)
            fpr[2 * n + 1] = UInt32(truncatingIfNeeded: value >> 32)
        }
        fcsr = random.word() & 0xFE80_007F
        if random.once(in: 4) { fcsr |= 1 << 24 }
        if random.once(in: 4) { fcsr |= random.word() & 0xF80 }
        let count = random.word()
        coprocessor0 = [
            (.entryHi, random.word() & 0xFFFF_E000 | asid), (.entryLo0, random.word() & 0x03FF_FFFF),
            (.entryLo1, random.word() & 0x03FF_FFFF), (.pageMask, plan.pageMask), (.context, random.word()),
            (.index, UInt32(random.below(64))), (.wired, UInt32(random.below(60))), (.hwrEna, random.word() & 0xF),
            (.userLocal, random.word()), (.badVAddr, random.word()), (.epc, random.word()),
            (.errorEPC, random.word()), (.count, count), (.compare, count &+ UInt32(random.below(4000))),
            (.cause, (random.once(in: 2) ? 1 << 23 : 0) | (random.once(in: 4) ? random.word() & 0x300 : 0)),
        ]
    }

    private mutating func fillStarts(_ random: inout Random, _ boundaries: [Int]) {
        for n in 0..<8 {
            let alias = random.pick(aliases.filter { $0.asid == asid || random.once(in: 6) })
            var status: UInt32 = alias.user && !random.once(in: 4) ? 0x10 : 0
            if !random.once(in: 12) { status |= 1 << 29 }
            if random.once(in: 4) { status |= 1 << 28 }
            if random.once(in: 2) { status |= 1 << 26 }
            if random.once(in: 2) { status |= 0x8001 | random.word() & 0xFF00 }
            let word = n < 2 ? program.lowerBound : random.pick(boundaries)
            starts.append((alias.base &+ (UInt32(word) * 4 - GuestPlan.code), status))
        }
    }

    private mutating func fillStops(_ random: inout Random) {
        for _ in 0..<2 + random.below(3) {
            let event: Event =
                switch random.below(4) {
                case 0: .interrupt((random.once(in: 2) ? 1 : -1) * Int32(random.pick([2, 3, 4, 6])))
                case 1: .write(at: random.pick(Array(program)) * 4, random.once(in: 2) ? 0 : 0x2442_0001)
                case 2: .write(at: Int(GuestPlan.data) + random.below(0x1000) * 4, random.word())
                default: .none
                }
            stops.append((random.once(in: 6) ? random.below(60) : 500 + random.below(3000), event))
        }
    }

    private mutating func setVariables(_ random: inout Random) {
        func set(_ variable: UInt32, _ value: UInt32) { ram[Int(variable) / 4] = value }
        set(GuestPlan.Variable.log, plan.kseg0 | GuestPlan.log)
        let patience = UInt32(3 + random.below(30))
        set(GuestPlan.Variable.left, patience)
        set(GuestPlan.Variable.patience, patience)
        set(GuestPlan.Variable.entryLo0, GuestPlan.frame(GuestPlan.data) | 0x18 | (random.once(in: 6) ? 2 : 6))
        set(
            GuestPlan.Variable.entryLo1,
            GuestPlan.frame(GuestPlan.data + plan.pageSize) | 0x18 | (random.once(in: 6) ? 0 : 6))
        set(GuestPlan.Variable.pageMask, plan.pageMask)
        set(GuestPlan.Variable.period, UInt32(20 + random.below(2000)))
        set(GuestPlan.Variable.entryHi, asid)
        // Addresses in the program, by two of its aliases: what it writes itself through.
        for n in 22..<24 {
            gpr[n] = random.pick(aliases).base &+ UInt32(random.pick(Array(program))) * 4 - GuestPlan.code
        }
        for n in 16..<26 as Range<UInt32> { set(GuestPlan.Variable.bases + (n - 16) * 4, gpr[Int(n)]) }
        for (n, start) in starts.enumerated() {
            set(GuestPlan.Variable.starts + UInt32(n) * 8, start.pc)
            set(GuestPlan.Variable.starts + UInt32(n) * 8 + 4, start.status | 2)
        }
    }
}
