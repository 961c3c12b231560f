// Devices: the parts of a board that a guest sees as registers.
//
// Purpose. Each file holds one part: its registers as named constants, its behaviour as a pure value, its saved state
// as a plain struct. A device is told what the guest did to it and what arrived from outside, and answers with values:
// bytes read, bytes sent, an event, the level of its interrupt line. It does nothing by itself.
//
// What a device does not know: the address it lies at, the bus, the other devices, threads, time, files, and whether
// the processor in front of it is real or simulated. All of that belongs to module Machine. That is why a device can
// be tested register by register with plain calls, and why saving one is copying one.
//
// Glossary.
//   register    a place in the device's window, named by its offset from the window's start.
//   window      the stretch of guest-physical addresses that leads to the device; only the bus knows where it is.
//   line        the device's interrupt output. It is a level, not an event: high for as long as the reason lasts. The
//               bus samples `interruptLevel` after each access, so nobody has to remember an edge.
//   event       what an access means for the whole machine: power off, reset. See `DeviceEvent`.
//   sink        where a device's output bytes go, injected as a generic parameter. See `ByteSink`.
//   state       a plain struct beside its owner, with a documented byte layout. See StateCoding.swift.
//
// Life cycle. `init()` is the state after power-on. Accesses and arriving bytes change it. `state` copies it out;
// `restore` puts a copy back and refuses what the device could never have reached. The line needs no restoring: it is
// computed from the state, so an interrupt that was pending when the state was taken is pending again.
//
// Guests are hostile here. Every access, of any size at any offset with any value, has a defined result and none traps.

/// What a register access means for the machine around the device.
public enum DeviceEvent: Equatable, Sendable {
    /// Nothing beyond the device itself.
    case none
    /// The guest asked for the power to be switched off and gave this exit code; 0 is success.
    case powerOff(code: UInt16)
    /// The guest asked for a reset of the whole board.
    case reset
    /// The device has something for its owner: a request in a queue, an alarm set or taken back.
    case attention
}

extension DeviceEvent: CustomStringConvertible {
    public var description: String {
        switch self {
        case .none: "no event"
        case .powerOff(let code): "power off with code \(code)"
        case .reset: "reset"
        case .attention: "work for the owner"
        }
    }
}

/// A device as the bus sees it: registers behind offsets, and one interrupt line.
///
/// Devices are values; the bus puts each into a box of its own. Implementations never trap: an access they do not
/// understand reads 0 and writes nothing.
public protocol Device {
    /// Performs a guest load.
    ///
    /// - Parameters:
    ///   - offset: bytes from the start of the device's window; any value.
    ///   - size: bytes the guest asked for: 1, 2 or 4. The bus splits longer accesses.
    /// - Returns: the value, little endian, zero above `size` bytes.
    mutating func read(offset: UInt32, size: UInt32) -> UInt32

    /// Performs a guest store of the low `size` bytes of `value`; the rest of `value` is ignored.
    mutating func write(offset: UInt32, size: UInt32, value: UInt32) -> DeviceEvent

    /// The level of the interrupt line: true while the device wants attention.
    var interruptLevel: Bool { get }
}

/// Takes a device's output, byte by byte, in order.
public protocol ByteSink {
    /// Accepts one byte. A sink that cannot keep it drops it; a device never waits.
    mutating func put(_ byte: UInt8)
}
