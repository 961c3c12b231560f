// What a UART remembers, as a plain struct, and its bytes in a snapshot.
//
// Layout, version 1, little endian:
//
//   offset size  field
//   0      1     layout version, 1
//   1      1     IER
//   2      1     FCR, without the two clear bits; 0 while the FIFOs are off
//   3      1     LCR
//   4      1     MCR
//   5      1     bit 1: overrun (as in LSR); the other bits 0
//   6      1     the four delta bits of MSR
//   7      1     SCR
//   8      2     divisor latch
//   10     1     1 if "transmitter empty" waits to be told, else 0
//   11     1     n, characters in the receiver: 0...16, at most 1 while the FIFOs are off
//   12     2n    each character: the byte, then its error bits (as in LSR, 0x04, 0x08, 0x10)

/// A received character with the errors that arrived with it.
public struct UARTCharacter: Equatable, Sendable {
    public var byte: UInt8
    /// Bits of `UARTLineStatus.characterErrors`.
    public var errors: UInt8

    public init(byte: UInt8, errors: UInt8 = 0) {
        self.byte = byte
        self.errors = errors
    }
}

/// The complete state of a `UART16550A`. The default value is the state after power-on.
public struct UARTState: Equatable, Sendable {
    /// Layout version written and read by this build.
    public static let version: UInt8 = 1
    /// Depth of the receiver's FIFO.
    public static let fifoDepth = 16

    public var interruptEnable: UInt8 = 0
    public var fifoControl: UInt8 = 0
    public var lineControl: UInt8 = 0
    public var modemControl: UInt8 = 0
    /// `UARTLineStatus.overrunError` or 0.
    public var overrun: UInt8 = 0
    public var modemDeltas: UInt8 = 0
    public var scratch: UInt8 = 0
    /// Kept for the guest's eyes; bytes take no time here. 12 is 9600 baud from the usual 1.8432 MHz.
    public var divisor: UInt16 = 12
    /// The transmitter became empty and the guest has not been told through IIR yet. Only while IER asks for it.
    public var transmitterEmptyPending = false
    /// Oldest first.
    public var received: [UARTCharacter] = []

    public init() {}

    var fifosEnabled: Bool { fifoControl & UARTFIFOControl.enable != 0 }

    /// Throws `impossible` if no sequence of accesses leads here.
    public func validate() throws(DeviceStateError) {
        try Self.check(interruptEnable & ~UARTInterruptEnable.implemented == 0, "IER", interruptEnable)
        try Self.check(fifoControl & ~UARTFIFOControl.kept == 0, "FCR", fifoControl)
        try Self.check(fifosEnabled || fifoControl == 0, "FCR", fifoControl)
        try Self.check(modemControl & ~UARTModemControl.implemented == 0, "MCR", modemControl)
        try Self.check(overrun & ~UARTLineStatus.overrunError == 0, "LSR", overrun)
        try Self.check(modemDeltas & ~UARTModemStatus.deltas == 0, "MSR", modemDeltas)
        let asksForEmpty = interruptEnable & UARTInterruptEnable.transmitterEmpty != 0
        try Self.check(!transmitterEmptyPending || asksForEmpty, "transmitter empty pending", 1)
        let room = fifosEnabled ? Self.fifoDepth : 1
        try Self.check(received.count <= room, "receiver count", UInt8(truncatingIfNeeded: received.count))
        for character in received {
            try Self.check(
                character.errors & ~UARTLineStatus.characterErrors == 0, "character errors", character.errors)
        }
    }

    /// The bytes of the layout above.
    public func encode() -> [UInt8] {
        var writer = StateWriter()
        writer.write(Self.version)
        writer.write(interruptEnable)
        writer.write(fifoControl)
        writer.write(lineControl)
        writer.write(modemControl)
        writer.write(overrun)
        writer.write(modemDeltas)
        writer.write(scratch)
        writer.write(divisor)
        writer.write(UInt8(transmitterEmptyPending ? 1 : 0))
        writer.write(UInt8(truncatingIfNeeded: received.count))
        for character in received {
            writer.write(character.byte)
            writer.write(character.errors)
        }
        return writer.bytes
    }

    /// Reads hostile bytes; the result is a state the device can reach.
    public static func decode(_ bytes: [UInt8]) throws(DeviceStateError) -> UARTState {
        var reader = StateReader(bytes, of: name)
        try reader.expectVersion(version)
        var state = UARTState()
        state.interruptEnable = try reader.readUInt8()
        state.fifoControl = try reader.readUInt8()
        state.lineControl = try reader.readUInt8()
        state.modemControl = try reader.readUInt8()
        state.overrun = try reader.readUInt8()
        state.modemDeltas = try reader.readUInt8()
        state.scratch = try reader.readUInt8()
        state.divisor = try reader.readUInt16()
        let pending = try reader.readUInt8()
        try check(pending <= 1, "transmitter empty pending", pending)
        state.transmitterEmptyPending = pending == 1
        let count = try reader.readUInt8()
        try check(count <= fifoDepth, "receiver count", count)
        for _ in 0..<count {
            let byte = try reader.readUInt8()
            state.received.append(UARTCharacter(byte: byte, errors: try reader.readUInt8()))
        }
        try reader.expectEnd()
        try state.validate()
        return state
    }

    private static let name: StaticString = "the UART"

    private static func check(_ holds: Bool, _ field: StaticString, _ value: UInt8) throws(DeviceStateError) {
        guard holds else { throw .impossible(device: name, field: field, value: UInt32(value)) }
    }
}
