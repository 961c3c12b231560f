// The board's power switch: one 32-bit register that ends or restarts the machine, and one that tells a start from a
// restart.
//
// Linux drives it through `syscon-poweroff` and `syscon-reboot`, bare-metal programs by one store. The values are those
// of the "test finisher" that several boards without firmware share, so existing code for it works here.

/// Register offsets.
public enum SysconRegister {
    /// Stores are commands.
    public static let command: UInt32 = 0
    /// 0 after a reset of the board, 1 once it was written. The boot ROM's, so that it knows whether it runs for the
    /// first time.
    public static let started: UInt32 = 4
}

/// Values of the command register.
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

/// The reset and power-off register at offset 0, and what remembers a start behind it.
///
/// Reads of the first give 0, so the read-modify-write that Linux's regmap does before it stores always sees a change
/// and stores. A store of 2 or 4 bytes at offset 0 is a command, one of 4 bytes at offset 4 marks the start; anything
/// else is ignored.
public struct Syscon: Device, Sendable {
    /// Whether the guest has been started since the last reset.
    public var hasStarted = false

    public init() {}

    public var interruptLevel: Bool { false }

    public mutating func read(offset: UInt32, size: UInt32) -> UInt32 {
        offset == SysconRegister.started && size == 4 && hasStarted ? 1 : 0
    }

    public mutating func write(offset: UInt32, size: UInt32, value: UInt32) -> DeviceEvent {
        if offset == SysconRegister.started, size == 4 { hasStarted = true }
        guard offset == SysconRegister.command else { return .none }
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
