// A scenario: what happens, in order. It follows from its number and the seed alone.

import Hypervisor
import MIPS

enum Step {
    case get(RegisterID)
    case set(RegisterID, UInt64)
    /// KVM_SET_REGS with numbers from a seed.
    case setRegisters(UInt64)
    /// COUNT_RESUME := now - n
    case resumeBack(UInt64)
    /// COUNT_RESUME := now + n, which is refused
    case resumeAhead(UInt64)
    /// Nothing for so many ns.
    case sleep(UInt64)
    /// Count and Compare written so that the timer is due in a moment, a freeze if wanted, and a sleep till after it.
    case due(count: UInt32, compare: UInt32, freeze: Bool, sleep: UInt64)
    case interrupt(Int32)
    case enable(UInt32, flags: UInt32, argument: UInt64)
    case run(Program)
    /// KVM_RUN with immediate_exit set.
    case runNothing
    case dirtyLog
}

struct Program {
    enum Kind {
        case plain
        /// Ends in WAIT, and the timer wakes it.
        case wait
        /// Ends in an endless loop, out of which the timer takes it.
        case spin
    }
    var kind = Kind.plain
    var words: [UInt32] = []
    /// GPRs and what devices give.
    var seed: UInt64 = 0
    var status: UInt32 = 0
    var cause: UInt32?
    /// Count and Compare, written right before the guest is entered.
    var deadline: (count: UInt32, compare: UInt32)?
    /// The exception handlers acknowledge the timer.
    var acknowledges = false
}

/// What a scenario is about.
enum Theme: UInt32, CaseIterable {
    case registers
    case timer
    case processor
    case interrupts
    case guestTimer
    case mapped
    case floatingPoint
    case mixed

    var name: String {
        switch self {
        case .registers: "registers"
        case .timer: "timer"
        case .processor: "processor"
        case .interrupts: "interrupts"
        case .guestTimer: "guest timer"
        case .mapped: "TLB"
        case .floatingPoint: "floating point"
        case .mixed: "mixed"
        }
    }
}

struct Scenario {
    var number: UInt64
    var theme: Theme
    var logsDirtyPages = false
    var vcpuID: UInt32 = 0
    var steps: [Step] = []
}

extension Step: CustomStringConvertible {
    var description: String {
        switch self {
        case .get(let id): "GET \(id)"
        case .set(let id, let value): "SET \(id) = \(hex(value))"
        case .setRegisters(let seed): "SET_REGS from seed \(hex(seed))"
        case .resumeBack(let n): "SET COUNT_RESUME = now - \(n) ns"
        case .resumeAhead(let n): "SET COUNT_RESUME = now + \(n) ns"
        case .sleep(let n): "sleep \(n / 1000) us"
        case .due(let count, let compare, let freeze, let n):
            "SET Compare = \(hex(compare)), SET Count = \(hex(count)), " + (freeze ? "SET COUNT_CTL = 0x1, " : "")
                + "sleep \(n / 1000) us"
        case .interrupt(let line): "INTERRUPT \(line)"
        case .enable(let capability, let flags, let argument): "ENABLE_CAP \(capability) \(flags) \(argument)"
        case .run(let program): program.description
        case .runNothing: "RUN with immediate_exit"
        case .dirtyLog: "GET_DIRTY_LOG"
        }
    }
}

extension Program: CustomStringConvertible {
    var description: String {
        var text = "RUN with Status \(hex(status))"
        if let cause { text += ", Cause \(hex(cause))" }
        if let deadline { text += ", Count \(hex(deadline.count)), Compare \(hex(deadline.compare))" }
        text += acknowledges ? ", handlers acknowledge" : ""
        text += ", registers and devices from seed \(hex(seed))"
        var pc = Map.window + Map.code
        for word in words {
            text += "\n        \(hex(pc))  \(hex(word))  " + disassemble(word, at: pc)
            pc += 4
        }
        return text
    }
}
