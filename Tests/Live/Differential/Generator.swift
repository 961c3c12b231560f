// Scenarios from numbers. What is generated depends on the seed and the scenario's number alone, never on what a
// backend did, so that any of them can be run again by itself.

import Hypervisor

struct Generator {
    private var numbers: Numbers
    private var steps: [Step] = []
    /// COUNT_HZ as the scenario has set it.
    private var hz: UInt64 = 100_000_000
    private var frozen = false
    private var logged = false
    private var fpu = false
    /// Status.FR, the same throughout: the architecture leaves open what a change makes of the registers.
    private var fr = false
    /// INTERRUPT 6 was asserted, which is queued for ever.
    private var queued = false
    /// Some interrupt was asserted.
    private var asserted = false

    private init(_ seed: UInt64) { numbers = Numbers(seed) }

    static func scenario(_ number: UInt64, seed: UInt64) -> Scenario {
        var mixing = Numbers(seed &* 0x1_0000_0001 ^ number)
        var generator = Generator(mixing.next() ^ number)
        let theme = Theme(rawValue: UInt32(number % UInt64(Theme.allCases.count))) ?? .mixed
        var scenario = Scenario(number: number, theme: theme)
        generator.logged = generator.numbers.oneIn(8)
        scenario.logsDirtyPages = generator.logged
        scenario.vcpuID = generator.numbers.oneIn(8) ? generator.numbers.below(16) : 0
        generator.fr = generator.numbers.oneIn(2)
        generator.fill(theme)
        if scenario.logsDirtyPages { generator.steps.append(.dirtyLog) }
        scenario.steps = generator.steps
        return scenario
    }

    private mutating func fill(_ theme: Theme) {
        if theme == .floatingPoint || theme == .mixed && numbers.oneIn(3) { enableFPU() }
        let count = numbers.from(3...10)
        for _ in 0..<count {
            switch theme {
            case .registers: register(theme)
            case .timer: timer()
            case .processor, .floatingPoint, .mapped: run(theme)
            case .interrupts: numbers.oneIn(3) ? run(theme) : interrupt()
            case .guestTimer: numbers.oneIn(2) ? run(theme) : timer()
            case .mixed:
                switch numbers.below(6) {
                case 0: register(theme)
                case 1, 2: timer()
                case 3: interrupt()
                default: run(theme)
                }
            }
        }
        if frozen, numbers.oneIn(2) {
            steps.append(.set(.countControl, 0))
            frozen = false
        }
    }

    // MARK: Registers

    private static let ids: [RegisterID] = [
        .index, .entryLo0, .entryLo1, .context, .userLocal, .pageMask, .wired, .hwrEna, .badVAddr, .compare,
        .status, .intCtl, .cause, .epc, .prid, .ebase, .config, .config1, .config2, .config3, .config4, .config5,
        .config7,
        .errorEPC, .kScratch(1), .kScratch(2), .kScratch(3), .kScratch(4), .kScratch(5), .kScratch(6), .hi, .lo, .pc,
        .entryHi, .gpr(0), .gpr(1), .gpr(22), .gpr(31),
    ]

    private static let absent: [RegisterID] = [
        .contextConfig, .xContextConfig, .pageGrain, .segCtl0, .pwBase, .pwField, .pwSize, .pwCtl, .badInstr,
        .badInstrP, .config6, .maari, .xContext, .diag, .fpr32(0), .fpr64(2), .fcrIR, .fcrCSR, .msaIR, .vec128(1),
    ]

    private mutating func value64() -> UInt64 {
        let low = UInt64(numbers.value())
        switch numbers.below(4) {
        case 0: return low
        case 1: return signExtended(low)
        default: return low | UInt64(numbers.word()) << 32
        }
    }

    private mutating func register(_ theme: Theme) {
        switch numbers.below(12) {
        case 0: steps.append(.setRegisters(numbers.next()))
        case 1:
            // An id with one bit changed; or another width of it.
            let id = numbers.one(of: Self.ids).rawValue ^ 1 << UInt64(numbers.below(64))
            steps.append(numbers.oneIn(2) ? .get(RegisterID(rawValue: id)) : .set(RegisterID(rawValue: id), value64()))
        case 2:
            let id = numbers.one(of: Self.absent)
            // Words the FPU cannot hold only where no guest loads them into it.
            let value = numbers.next()
            let word = theme == .registers ? value : value & 0xFF83_FFFF
            steps.append(numbers.oneIn(2) ? .get(id) : .set(id, id == RegisterID.fcrCSR ? word : value64()))
        case 3:
            steps.append(
                .enable(
                    numbers.one(of: [0, 70, 111, 112, 168, 1000]), flags: numbers.oneIn(3) ? 1 : 0,
                    argument: numbers.oneIn(3) ? 1 : 0))
        case 4: enableFPU()
        case 5: steps.append(.runNothing)
        default:
            var id = numbers.one(of: Self.ids)
            // An address space changed by the user leaves the kernel's translations of the old one in place.
            if id == RegisterID.entryHi, theme != .registers { id = .errorEPC }
            var value = value64()
            if id == RegisterID.status { value = value & ~(1 << 26) | (fr ? 1 << 26 : 0) }
            steps.append(.set(id, value))
        }
    }

    private mutating func enableFPU() {
        fpu = true
        steps.append(.enable(Capability.mipsFPU.rawValue, flags: 0, argument: 0))
        steps.append(.set(.config1, 0xFE19_0C81))
        steps.append(.set(.status, fr ? 1 << 26 : 0))
        for _ in 0..<numbers.below(3) {
            let n = Int(numbers.below(32))
            switch numbers.below(3) {
            case 0: steps.append(.set(.fpr32(n), value64()))
            case 1: steps.append(.set(.fpr64(n), value64()))
            default: steps.append(.set(.fcrCSR, UInt64(numbers.word() & 0x0180_007F)))
            }
        }
    }

    // MARK: The timer from outside

    private static let frequencies: [UInt64] = [
        100_000_000, 100_000_000, 1_000_000_000, 1_000_000, 33_333_333, 62_500_000, 666_666_666, 32_768,
    ]

    /// So many ns in ticks.
    private func ticks(_ nanoseconds: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: nanoseconds * hz / 1_000_000_000)
    }

    private mutating func sleep() { steps.append(.sleep(UInt64(numbers.from(200...4000)) * 1000)) }

    private mutating func timer() {
        switch numbers.below(20) {
        case 0...2:
            frozen.toggle()
            steps.append(.set(.countControl, frozen ? 1 : 0))
            if numbers.oneIn(2) { sleep() }
        case 3: steps.append(.set(.countControl, numbers.oneIn(2) ? (frozen ? 1 : 0) : value64() | 2))
        case 4, 5: sleep()
        case 6: steps.append(.get(.count))
        case 7, 8: steps.append(.set(.count, UInt64(numbers.word())))
        case 9: steps.append(.set(.compare, UInt64(numbers.word())))
        case 10...12: due()
        case 13:
            let value =
                numbers.oneIn(4)
                ? numbers.one(of: [0, .max, 1_000_000_001, 1 << 32]) : numbers.one(of: Self.frequencies)
            if value > 0, value <= 1_000_000_000 { hz = value }
            steps.append(.set(.countHz, value))
        case 14: steps.append(.resumeBack(UInt64(numbers.from(0...20_000)) * 1000))
        case 15:
            steps.append(
                numbers.one(of: [.resumeAhead(10_000_000_000), .set(.countResume, 0), .set(.countResume, .max)]))
        case 16, 17:
            steps.append(.set(.cause, UInt64(numbers.one(of: [0, 1 << 27, 1 << 27, 0x4000_8000, 0x4800_8000]))))
        case 18: steps.append(.set(.cause, UInt64(numbers.word())))
        default: rewrite()
        }
    }

    /// Count and Compare so that the timer falls due in the next sleep, or just does not.
    private mutating func due() {
        let count = numbers.word()
        let near = ticks(UInt64(numbers.from(50...150)) * 1000)
        let compare = count &+ (numbers.oneIn(4) ? ticks(3_000_000_000) : max(1, near))
        let freeze = !frozen && numbers.oneIn(3)
        if freeze { frozen = true }
        steps.append(
            .due(count: count, compare: compare, freeze: freeze, sleep: UInt64(numbers.from(1000...3000)) * 1000))
        if frozen, numbers.oneIn(2) {
            frozen = false
            steps.append(.set(.countControl, 0))
        }
    }

    /// The restore sequence of reference 5.2, with a Compare that has passed or not.
    private mutating func rewrite() {
        let count = numbers.word()
        if !frozen { steps.append(.set(.countControl, 1)) }
        frozen = true
        var order: [Step] = [
            .set(.compare, UInt64(count &+ numbers.one(of: [0, 1, 0x4000_0000, 0 &- 1, 0 &- 500, ticks(1_000_000)]))),
            .set(.cause, numbers.oneIn(4) ? 0x4000_8000 : 0),
            numbers.oneIn(3) ? .set(.countResume, 0) : .resumeBack(UInt64(numbers.from(0...5000)) * 1000),
            .set(.count, UInt64(count)),
        ]
        if numbers.oneIn(3) { order.swapAt(Int(numbers.below(4)), Int(numbers.below(4))) }
        steps += order
        if numbers.oneIn(2) { sleep() }
        frozen = false
        steps.append(.set(.countControl, 0))
    }

    // MARK: Interrupts and runs

    private mutating func interrupt() {
        let line = numbers.one(of: [2, 2, 2, 3, 3, 4, 4, 6, -2, -3, -4, 0, 1, 5, 7, -1, -7])
        if line == 6 { queued = true }
        if line > 1 { asserted = true }
        steps.append(.interrupt(Int32(line)))
    }

    private mutating func run(_ theme: Theme) {
        if theme == .guestTimer || theme == .mixed && numbers.oneIn(4), !frozen, !asserted, numbers.oneIn(4) {
            return numbers.oneIn(2) ? wait() : spin()
        }
        var composer = Composer(numbers.next())
        composer.timed = theme == .guestTimer || theme == .mixed
        composer.fpu = fpu
        composer.fr = fr
        composer.logged = logged
        composer.interrupts = theme == .interrupts || theme == .mixed
        composer.waits = queued
        var program = Program()
        program.seed = numbers.next()
        program.status = composer.status() & ~6
        if fpu { program.status |= 1 << 29 }
        program.acknowledges = numbers.oneIn(3)
        if numbers.oneIn(6) { program.cause = numbers.oneIn(2) ? 1 << 23 : 0 }
        if theme == .mapped {
            for _ in 0..<numbers.from(2...6) {
                composer.translated()
                if numbers.oneIn(3) { composer.emit(composer.simple()) }
            }
            program.words = composer.words
        } else {
            program.words = composer.compose(Int(numbers.from(3...14)))
        }
        steps.append(.run(program))
    }

    /// A program with the timer due so many ns after its beginning.
    private mutating func arm(_ program: inout Program, _ nanoseconds: UInt64) {
        program.cause = 0
        if hz < 1_000_000 {
            hz = 100_000_000
            steps.append(.set(.countHz, hz))
        }
        let count = numbers.word()
        program.deadline = (count, count &+ ticks(nanoseconds))
    }

    /// The guest acknowledges the timer, so that nothing is queued from before.
    private mutating func acknowledge() {
        let words = [Word.mfc0(1, 11), Word.mtc0(1, 11), Word.sw(1, Map.compareWritten, Map.k0)]
        steps.append(.run(Program(words: words, seed: numbers.next(), status: fpu && fr ? 1 << 26 : 0)))
    }

    private mutating func wait() {
        acknowledge()
        var composer = Composer(numbers.next())
        composer.emit(composer.simple())
        composer.emit(Word.wait)
        composer.emit(composer.deviceAccess())
        var program = Program(kind: .wait, words: composer.words, seed: numbers.next())
        program.status = (numbers.oneIn(2) ? 0x8101 : 0) | (fpu && fr ? 1 << 26 : 0)
        arm(&program, 12_000_000)
        program.acknowledges = numbers.oneIn(2)
        steps.append(.run(program))
    }

    private mutating func spin() {
        acknowledge()
        var program = Program(kind: .spin, words: [Word.i(0x04, 0, 0, 0xFFFF), Word.nop], seed: numbers.next())
        // Both the line's own mask bit and the one the defect of 5.8 to 5.12 looks at.
        program.status = 0x8101 | (fpu && fr ? 1 << 26 : 0)
        arm(&program, 5_000_000)
        if numbers.oneIn(3) { program.cause = 1 << 23 }
        program.acknowledges = numbers.oneIn(2)
        steps.append(.run(program))
    }
}
