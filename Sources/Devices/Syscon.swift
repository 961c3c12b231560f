// The board's power switch: one 32-bit register that ends or restarts the machine.
//
// Linux drives it through `syscon-poweroff` and `syscon-reboot`, bare-metal programs by one store. The values are those
// of the "test finisher" that several boards without firmware share, so existing code for it works here.

/// Values of the control register.
public enum SysconCommand {
    /// Power off, success.
    public static let pass: UInt32 = 0x5555
    /// Power off with the exit code in bits 31...16.
    public static let fail: UInt32 = 0x3333
    /// Reset the board.
    public static let reset: UInt32 = 0x7777
    /// The bits that select the command; what is above is the exit code.
    public static let commandMask: UInt32 = 0xFFFF
}

/// The reset and power-off register at offset 0.
///
/// It has no state. Reads give 0, so the read-modify-write that Linux's regmap does before it stores always sees a
/// change and stores. A store of 2 or 4 bytes at offset 0 is a command; anything else is ignored.
public struct Syscon: Device, Sendable {
    public init() {}

    public var interruptLevel: Bool { false }

    public mutating func read(offset: UInt32, size: UInt32) -> UInt32 { 0 }

    public mutating func write(offset: UInt32, size: UInt32, value: UInt32) -> DeviceEvent {
        guard offset == 0 else { return .none }
        let command: UInt32
        switch size {
        case 2: command = value & 0xFFFF
        case 4: command = value
        default: return .none
        }
        switch command & SysconCommand.commandMask {
        case SysconCommand.pass: return .powerOff(code: 0)
        case SysconCommand.fail: return .powerOff(code: UInt16(truncatingIfNeeded: command >> 16))
        case SysconCommand.reset: return .reset
        default: return .none
        }
    }
}
