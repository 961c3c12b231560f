// What was observed on one side in one step, and where two sides differ.

import Hypervisor

/// What an observation is of.
struct Subject: Equatable {
    enum Kind: UInt8 {
        /// The errno of a call, 0 for success; `detail` counts the calls of the step.
        case result
        case exit
        case mmioAddress
        case mmioData
        case mmioLength
        case mmioWrite
        case ready
        /// By KVM_GET_ONE_REG, `detail` is its id.
        case register
        /// By KVM_GET_REGS, `detail` is 0 to 34.
        case general
        case list
        case dirty
        case stop
    }
    var kind: Kind
    var detail: UInt64 = 0
}

extension Subject: CustomStringConvertible {
    var description: String {
        switch kind {
        case .result: "result of call \(detail)"
        case .exit: "exit reason of stop \(detail)"
        case .mmioAddress: "mmio.phys_addr at stop \(detail)"
        case .mmioData: "mmio.data at stop \(detail)"
        case .mmioLength: "mmio.len at stop \(detail)"
        case .mmioWrite: "mmio.is_write at stop \(detail)"
        case .ready: "ready_for_interrupt_injection at stop \(detail)"
        case .register: "GET_ONE_REG \(RegisterID(rawValue: detail))"
        case .general: "GET_REGS \(RegisterID(rawValue: RegisterID.gpr(0).rawValue + detail))"
        case .list: "entry \(detail) of GET_REG_LIST"
        case .dirty: "word \(detail) of the dirty log"
        case .stop: "end of the program at stop \(detail)"
        }
    }
}

struct Observation: Equatable {
    var subject: Subject
    var value: UInt64
}

/// An observation altered on purpose, to see that it is found.
struct Mutation {
    /// How many observations from now.
    var countdown: Int
    var bit: UInt64

    var isDone: Bool { countdown < 0 }

    mutating func apply(_ value: UInt64, timed: Bool) -> UInt64 {
        countdown -= 1
        guard countdown == -1 else { return value }
        // Half a turn of a 32-bit clock and more than any bracket of a 64-bit one.
        return timed ? value ^ 1 << 31 : value ^ 1 << (bit & 31)
    }
}

/// A value that contradicts the reference's timer, whatever the other side says.
struct TimeError: CustomStringConvertible {
    var text: String
    var description: String { text }
}

/// A side's step.
struct Record {
    var observations: [Observation] = []
    var errors: [TimeError] = []
    /// Cause.TI could have fallen due within a call of the step.
    var doubted = false
    /// It cannot be known whether an interrupt is queued.
    var blind = false
    /// Timer interrupts queued so far, by the reference.
    var queues = 0

    /// Index of the first observation in which the two differ.
    func firstDifference(_ other: Record) -> Int? {
        let count = min(observations.count, other.observations.count)
        for i in 0..<count where observations[i] != other.observations[i] { return i }
        return observations.count == other.observations.count ? nil : count
    }

    func describe(_ index: Int) -> String {
        guard index < observations.count else { return "nothing more" }
        let o = observations[index]
        return "\(o.subject) = \(hex(o.value))"
    }
}

func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
func hex(_ value: UInt32) -> String { "0x" + String(value, radix: 16) }
