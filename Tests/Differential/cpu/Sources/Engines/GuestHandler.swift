// The exception handler of the engine differential's guests, as machine words.
//
// It notes every exception with Count, and goes on behind the instruction; after an unreachable jump, and now and then anyway, at the
// next of eight starts. Half of the TLB refills it serves with TLBWR. An interrupt is withdrawn and the timer set anew.

struct GuestHandler {
    private var words: [UInt32] = []
    private var labels: [String: Int] = [:]
    private var branches: [(at: Int, label: String)] = []

    private static let at: UInt32 = 1
    private static let k0: UInt32 = 26
    private static let k1: UInt32 = 27

    private mutating func emit(_ word: UInt32) { words.append(word) }
    private mutating func immediate(_ opcode: UInt32, _ rt: UInt32, _ rs: UInt32, _ value: UInt32) {
        emit(opcode << 26 | rs << 21 | rt << 16 | value & 0xFFFF)
    }
    private mutating func lw(_ rt: UInt32, _ offset: UInt32, _ base: UInt32 = k1) { immediate(0x23, rt, base, offset) }
    private mutating func sw(_ rt: UInt32, _ offset: UInt32, _ base: UInt32 = k1) { immediate(0x2B, rt, base, offset) }
    private mutating func addiu(_ rt: UInt32, _ rs: UInt32, _ value: UInt32) { immediate(9, rt, rs, value) }
    private mutating func mfc0(_ rt: UInt32, _ rd: UInt32) { emit(ProgramWriter.mfc0(rt, rd)) }
    private mutating func mtc0(_ rt: UInt32, _ rd: UInt32) { emit(ProgramWriter.mtc0(rt, rd)) }
    private mutating func label(_ name: String) { labels[name] = words.count }
    /// A branch, and a NOP behind it unless a slot is given.
    private mutating func branch(_ word: UInt32, to name: String, slot: UInt32 = 0) {
        branches.append((words.count, name))
        emit(word)
        emit(slot)
    }
    private static func beq(_ a: UInt32, _ b: UInt32) -> UInt32 { 0x1000_0000 | a << 21 | b << 16 }
    private static func bne(_ a: UInt32, _ b: UInt32) -> UInt32 { 0x1400_0000 | a << 21 | b << 16 }

    /// What an exception vector holds.
    static func vector(_ offset: UInt32, _ plan: GuestPlan) -> [UInt32] {
        [
            ProgramWriter.lui(k1, plan.kseg0), 0x0800_0000 | (plan.kseg0 | GuestPlan.handler) >> 2 & 0x03FF_FFFF,
            ProgramWriter.ori(k0, 0, offset),
        ]
    }

    /// The handler proper.
    static func code() -> [UInt32] {
        var h = GuestHandler()
        h.record()
        h.choose()
        h.serveInterrupt()
        h.restart()
        for (place, name) in h.branches {
            h.words[place] |= UInt32(bitPattern: Int32(h.labels[name]! - place - 1)) & 0xFFFF
        }
        return h.words
    }

    private mutating func record() {
        let (at, k0) = (Self.at, Self.k0)
        sw(k0, GuestPlan.Variable.vector)
        sw(at, GuestPlan.Variable.at)
        lw(k0, GuestPlan.Variable.log)
        // Cause, EPC, BadVAddr, Status, Count, EntryHi, Context
        for (n, register) in ([13, 14, 8, 12, 9, 10, 4] as [UInt32]).enumerated() {
            mfc0(at, register)
            sw(at, UInt32(n) * 4, k0)
        }
        sw(31, 28, k0)
        addiu(k0, k0, 32)
        immediate(12, at, k0, 0xFFF)
        branch(Self.bne(at, 0), to: "same page")
        addiu(k0, k0, 0xF000)
        label("same page")
        sw(k0, GuestPlan.Variable.log)
    }

    private mutating func choose() {
        let (at, k0) = (Self.at, Self.k0)
        mfc0(at, 13)
        immediate(12, at, at, 0x7C)
        branch(Self.beq(at, 0), to: "interrupt")
        lw(k0, GuestPlan.Variable.left)
        addiu(k0, k0, 0xFFFF)
        branch(
            Self.beq(k0, 0), to: "restart", slot: 0xAC00_0000 | Self.k1 << 21 | k0 << 16 | GuestPlan.Variable.left)
        lw(k0, GuestPlan.Variable.vector)
        branch(Self.bne(k0, 0), to: "step")
        lw(k0, GuestPlan.Variable.flip)
        immediate(14, k0, k0, 1)
        branch(
            Self.beq(k0, 0), to: "step", slot: 0xAC00_0000 | Self.k1 << 21 | k0 << 16 | GuestPlan.Variable.flip)
        for (variable, register) in [
            (GuestPlan.Variable.entryLo0, 2), (GuestPlan.Variable.entryLo1, 3), (GuestPlan.Variable.pageMask, 5),
        ] as [(UInt32, UInt32)] {
            lw(k0, variable)
            mtc0(k0, register)
        }
        emit(ProgramWriter.ehb)
        emit(0x4200_0006)
        branch(Self.beq(0, 0), to: "out")
        label("step")
        mfc0(k0, 14)
        mfc0(at, 8)
        branch(Self.beq(at, k0), to: "restart")
        immediate(12, at, k0, 3)
        branch(Self.bne(at, 0), to: "restart")
        mfc0(at, 13)
        // bgez at
        branch(0x0401_0000 | at << 21, to: "no slot", slot: 0x2400_0004 | k0 << 21 | k0 << 16)
        addiu(k0, k0, 4)
        label("no slot")
        mtc0(k0, 14)
        label("out")
        lw(at, GuestPlan.Variable.at)
        emit(ProgramWriter.ehb)
        emit(0x4200_0018)
    }

    private mutating func serveInterrupt() {
        let (at, k0) = (Self.at, Self.k0)
        label("interrupt")
        // Lines of devices are nobody's here: they are masked. IP7 is the timer's.
        mfc0(k0, 13)
        immediate(12, k0, k0, 0x7C00)
        mfc0(at, 12)
        emit(0x0000_0025 | at << 21 | k0 << 16 | at << 11)
        emit(0x0000_0026 | at << 21 | k0 << 16 | at << 11)
        mtc0(at, 12)
        mfc0(k0, 13)
        immediate(13, k0, k0, 0x300)
        immediate(14, k0, k0, 0x300)
        mtc0(k0, 13)
        mfc0(k0, 9)
        lw(at, GuestPlan.Variable.period)
        emit(0x0000_0021 | k0 << 21 | at << 16 | k0 << 11)
        mtc0(k0, 11)
        branch(Self.beq(0, 0), to: "out")
    }

    private mutating func restart() {
        let (at, k0, k1) = (Self.at, Self.k0, Self.k1)
        label("restart")
        lw(k0, GuestPlan.Variable.patience)
        sw(k0, GuestPlan.Variable.left)
        lw(at, GuestPlan.Variable.next)
        addiu(at, at, 8)
        immediate(12, at, at, 0x38)
        sw(at, GuestPlan.Variable.next)
        emit(0x0000_0021 | at << 21 | k1 << 16 | at << 11)
        lw(k0, GuestPlan.Variable.starts, at)
        mtc0(k0, 14)
        lw(k0, GuestPlan.Variable.starts + 4, at)
        mtc0(k0, 12)
        lw(k0, GuestPlan.Variable.entryHi)
        mtc0(k0, 10)
        for n in 16..<26 as Range<UInt32> { lw(n, GuestPlan.Variable.bases + (n - 16) * 4) }
        branch(Self.beq(0, 0), to: "out")
    }
}
