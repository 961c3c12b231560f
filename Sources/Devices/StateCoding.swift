// The bytes of saved devices: little-endian writer and checking reader, and the error both sides of a restore share.

/// Why a saved device state was refused. The device is unchanged when one of these is thrown.
public enum DeviceStateError: Error {
    /// The bytes end in the middle of a field.
    case truncated(device: StaticString, have: Int, need: UInt64)
    /// Bytes are left over after the last field.
    case trailingBytes(device: StaticString, count: Int)
    /// The layout's version is not one this build can read.
    case unknownVersion(device: StaticString, found: UInt32, known: UInt32)
    /// A field holds what the device could never have reached.
    case impossible(device: StaticString, field: StaticString, value: UInt32)
    /// The state is of a device that was set up otherwise than this one.
    case otherDevice(device: StaticString, field: StaticString)
}

extension DeviceStateError: CustomStringConvertible {
    // Joined, because interpolation takes three times the code.
    public var description: String {
        switch self {
        case .truncated(let device, let have, let need):
            of(device) + String(have) + " bytes where at least " + String(need)
                + " are needed; the file is cut short or damaged"
        case .trailingBytes(let device, let count):
            of(device) + String(count) + " bytes too many after the last field; the file is damaged"
        case .unknownVersion(let device, let found, let known):
            of(device) + "layout version " + String(found) + ", this build reads version " + String(known)
                + "; use the build that saved it"
        case .impossible(let device, let field, let value):
            of(device) + "field " + text(field) + " holds 0x" + String(value, radix: 16)
                + ", which the device cannot reach; the file is damaged"
        case .otherDevice(let device, let field):
            of(device) + "it was saved with another " + text(field)
                + " than this device has; start with the devices it was saved with"
        }
    }

    private func of(_ device: StaticString) -> String { "state of " + text(device) + ": " }
}

/// A static string as a `String`; Embedded Swift has no interpolation of `StaticString`.
private func text(_ string: StaticString) -> String {
    string.withUTF8Buffer { unsafe String(decoding: $0, as: UTF8.self) }  // Valid for the call; the bytes are copied.
}

/// Appends fields, little endian.
public struct StateWriter {
    /// What was written so far.
    public private(set) var bytes: [UInt8] = []

    public init() {}

    public mutating func write(_ value: UInt8) {
        bytes.append(value)
    }

    public mutating func write(_ value: UInt16) {
        write(UInt8(truncatingIfNeeded: value))
        write(UInt8(truncatingIfNeeded: value >> 8))
    }

    public mutating func write(_ value: UInt32) {
        write(UInt16(truncatingIfNeeded: value))
        write(UInt16(truncatingIfNeeded: value >> 16))
    }

    public mutating func write(_ value: UInt64) {
        write(UInt32(truncatingIfNeeded: value))
        write(UInt32(truncatingIfNeeded: value >> 32))
    }

    public mutating func write(contentsOf values: [UInt8]) {
        bytes.append(contentsOf: values)
    }
}

/// Takes fields off hostile bytes: whatever is missing or left over is an error, never a trap.
public struct StateReader {
    private let device: StaticString
    private let bytes: [UInt8]
    private var position = 0

    /// - Parameter device: the name errors carry.
    public init(_ bytes: [UInt8], of device: StaticString) {
        self.device = device
        self.bytes = bytes
    }

    /// Bytes not read yet.
    public var remaining: Int { bytes.count - position }

    public mutating func readUInt8() throws(DeviceStateError) -> UInt8 {
        guard remaining >= 1 else { throw .truncated(device: device, have: bytes.count, need: UInt64(position) + 1) }
        defer { position += 1 }
        return bytes[position]
    }

    public mutating func readUInt16() throws(DeviceStateError) -> UInt16 {
        let low = UInt16(try readUInt8())
        return low | UInt16(try readUInt8()) << 8
    }

    public mutating func readUInt32() throws(DeviceStateError) -> UInt32 {
        let low = UInt32(try readUInt16())
        return low | UInt32(try readUInt16()) << 16
    }

    public mutating func readUInt64() throws(DeviceStateError) -> UInt64 {
        let low = UInt64(try readUInt32())
        return low | UInt64(try readUInt32()) << 32
    }

    /// Takes the next `count` bytes.
    public mutating func readBytes(_ count: UInt32) throws(DeviceStateError) -> [UInt8] {
        guard UInt64(count) <= UInt64(remaining) else {
            throw .truncated(device: device, have: bytes.count, need: UInt64(position) + UInt64(count))
        }
        let end = position + Int(count)
        defer { position = end }
        return [UInt8](bytes[position..<end])
    }

    /// Checks the layout version that every state begins with.
    public mutating func expectVersion(_ known: UInt8) throws(DeviceStateError) {
        let found = try readUInt8()
        guard found == known else {
            throw .unknownVersion(device: device, found: UInt32(found), known: UInt32(known))
        }
    }

    /// Checks that nothing is left over.
    public func expectEnd() throws(DeviceStateError) {
        guard remaining == 0 else { throw .trailingBytes(device: device, count: remaining) }
    }
}
