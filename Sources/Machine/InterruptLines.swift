// The CPU's external interrupt lines, and what changed on them.
//
// Devices have levels; KVM_INTERRUPT wants changes, a positive number to raise a line and a negative one to lower it.
// `InterruptLines` keeps the levels last told to the CPU and yields the difference.

/// A hardware interrupt line of the CPU: bit IPn of Cause. Only those exist that KVM_INTERRUPT accepts.
public enum InterruptLine: UInt8, CaseIterable, Sendable {
    case ip2 = 2
    case ip3 = 3
    case ip4 = 4
    case ip6 = 6

    /// The line's bit in a mask of lines: bit n for IPn.
    public var bit: UInt32 { 1 << UInt32(rawValue) }
}

/// The levels of the lines as the CPU knows them. Bit n of a mask is IPn.
public struct InterruptLines: Equatable, Sendable {
    /// Lines that rose and fell between two looks.
    public struct Change: Equatable, Sendable {
        public var raised: UInt32
        public var lowered: UInt32

        public init(raised: UInt32, lowered: UInt32) {
            self.raised = raised
            self.lowered = lowered
        }

        public var isEmpty: Bool { raised | lowered == 0 }
    }

    /// Lines the CPU was last told are high.
    public private(set) var known: UInt32 = 0

    public init() {}

    /// Takes the present levels and returns what the CPU has to be told.
    public mutating func update(_ asserted: UInt32) -> Change {
        defer { known = asserted }
        return Change(raised: asserted & ~known, lowered: known & ~asserted)
    }

    /// Forgets what the CPU was told, so that the next update raises every asserted line again: after a restore, and
    /// before each entry on trap-and-emulate, where a delivered interrupt is taken off the queue whatever its line
    /// says.
    public mutating func forget() {
        known = 0
    }
}
