// The bus: which device answers a guest-physical address, and which lines are high.

public import Devices

/// A device in its box, as the bus holds it.
public protocol BusPort: AnyObject {
    func read(offset: UInt32, size: UInt32) -> UInt32
    func write(offset: UInt32, size: UInt32, value: UInt32) -> DeviceEvent
    var interruptLevel: Bool { get }
}

/// The box: gives a device, which is a value, an identity the bus and the board can share.
public final class Port<D: Device>: BusPort {
    public var device: D

    public init(_ device: D) {
        self.device = device
    }

    public func read(offset: UInt32, size: UInt32) -> UInt32 {
        device.read(offset: offset, size: size)
    }

    public func write(offset: UInt32, size: UInt32, value: UInt32) -> DeviceEvent {
        device.write(offset: offset, size: size, value: value)
    }

    public var interruptLevel: Bool { device.interruptLevel }
}

/// An access by the guest that was not to memory the CPU reaches directly.
public struct MMIOAccess: Equatable, Sendable {
    /// Guest-physical address.
    public var address: UInt64
    /// Bytes: 1, 2, 4 or 8.
    public var size: UInt32
    public var isWrite: Bool
    /// The value stored, little endian in the low `size` bytes; without meaning for a load.
    public var data: UInt64

    public init(address: UInt64, size: UInt32, isWrite: Bool, data: UInt64 = 0) {
        self.address = address
        self.size = size
        self.isWrite = isWrite
        self.data = data
    }
}

extension MMIOAccess: CustomStringConvertible {
    public var description: String {
        let verb = isWrite ? "store" : "load"
        return "\(size)-byte \(verb) at guest-physical address 0x\(String(address, radix: 16))"
    }
}

/// What an access gave.
public struct MMIOResult: Equatable, Sendable {
    /// The value loaded, little endian, zero above the access's size; 0 for a store.
    public var value: UInt64
    /// What the access means for the machine.
    public var event: DeviceEvent

    public init(value: UInt64 = 0, event: DeviceEvent = .none) {
        self.value = value
        self.event = event
    }
}

/// Devices at their addresses. The few there are lie in a list; the last one used is tried first, since a guest that
/// talks to a device goes on talking to it.
public struct Bus {
    private struct Slot {
        let window: AddressWindow
        let line: InterruptLine?
        let port: any BusPort
    }

    private var slots: [Slot] = []
    private var last = 0

    public init() {}

    /// Puts a device at `window`, its interrupt on `line`. Windows of two devices never overlap.
    public mutating func attach(_ port: any BusPort, at window: AddressWindow, line: InterruptLine? = nil) {
        precondition(window.size > 0 && window.end <= AddressMap.end, "a device window lies in 32-bit physical space")
        precondition(!slots.contains { $0.window.overlaps(window) }, "two devices at one address")
        slots.append(Slot(window: window, line: line, port: port))
    }

    /// Lines that are high: bit n for IPn. A shared line is high while any of its devices asks.
    public var assertedLines: UInt32 {
        var mask: UInt32 = 0
        for index in slots.indices {
            if let line = slots[index].line, slots[index].port.interruptLevel { mask |= line.bit }
        }
        return mask
    }

    /// Performs the access, or returns nil if no device lies there.
    ///
    /// An access belongs to the device at its first byte. Eight bytes are two accesses of four, low word first, both to
    /// that device.
    public mutating func perform(_ access: MMIOAccess) -> MMIOResult? {
        guard let index = find(access.address) else { return nil }
        let offset = UInt32(truncatingIfNeeded: access.address - slots[index].window.base)
        let port = slots[index].port
        guard access.size == 8 else { return Self.perform(access, on: port, offset) }
        var low = access
        low.size = 4
        var high = low
        high.data = access.data >> 32
        let first = Self.perform(low, on: port, offset)
        let second = Self.perform(high, on: port, offset &+ 4)
        return MMIOResult(
            value: first.value | second.value << 32, event: first.event == .none ? second.event : first.event)
    }

    private static func perform(_ access: MMIOAccess, on port: any BusPort, _ offset: UInt32) -> MMIOResult {
        let mask: UInt32
        switch access.size {
        case 1: mask = 0xFF
        case 2: mask = 0xFFFF
        default: mask = .max
        }
        if access.isWrite {
            let value = UInt32(truncatingIfNeeded: access.data) & mask
            return MMIOResult(event: port.write(offset: offset, size: access.size, value: value))
        }
        return MMIOResult(value: UInt64(port.read(offset: offset, size: access.size) & mask))
    }

    private mutating func find(_ address: UInt64) -> Int? {
        if last < slots.count && slots[last].window.contains(address) { return last }
        guard let index = slots.firstIndex(where: { $0.window.contains(address) }) else { return nil }
        last = index
        return index
    }
}
