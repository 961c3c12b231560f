// The bus: which device answers a guest-physical address, and which lines are high.
//
// Unsafe code: the slots, of which `count` are initialized, and their unmanaged references, which the array beside them keeps
// alive.

public import Devices

/// A device in its box, as the bus holds it. By itself it is a device that does nothing.
public class BusPort {
    init() {}

    func read(offset: UInt32, size: UInt32) -> UInt32 { 0 }
    func write(offset: UInt32, size: UInt32, value: UInt32) -> DeviceEvent { .none }
    var interruptLevel: Bool { false }
}

/// The box: gives a device, which is a value, an identity the bus and the board can share.
public final class Port<D: Device>: BusPort {
    public var device: D

    public init(_ device: D) {
        self.device = device
        super.init()
    }

    override func read(offset: UInt32, size: UInt32) -> UInt32 {
        device.read(offset: offset, size: size)
    }

    override func write(offset: UInt32, size: UInt32, value: UInt32) -> DeviceEvent {
        device.write(offset: offset, size: size, value: value)
    }

    override var interruptLevel: Bool { device.interruptLevel }
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
///
/// Every exit comes through here and every entry asks for the lines, so no references are counted: slots lie in memory of
/// their own and name their ports, and `ports`, which only grows, keeps these alive.
@safe
public final class Bus {
    /// Devices a bus can hold.
    public static let capacity = 32

    @safe
    private struct Slot {
        let window: AddressWindow
        let line: InterruptLine?
        let port: Unmanaged<BusPort>

        /// Calls `body` with the port.
        @inline(__always)
        func with<Result>(_ body: (BusPort) -> Result) -> Result {
            unsafe port._withUnsafeGuaranteedRef(body)
        }
    }

    /// `count` of them are there.
    private let slots: UnsafeMutablePointer<Slot>
    private var count = 0
    private var ports: [BusPort] = []
    private var last = 0

    public init() {
        unsafe slots = UnsafeMutablePointer<Slot>.allocate(capacity: Self.capacity)
    }

    // Slots own nothing.
    deinit { unsafe slots.deallocate() }

    /// Puts a device at `window`, its interrupt on `line`. Windows of two devices never overlap.
    public func attach(_ port: BusPort, at window: AddressWindow, line: InterruptLine? = nil) {
        precondition(count < Self.capacity, "a bus holds so many devices")
        precondition(window.size > 0 && window.end <= AddressMap.end, "a device window lies in 32-bit physical space")
        for index in 0..<count {
            precondition(unsafe !slots[index].window.overlaps(window), "two devices at one address")
        }
        ports.append(port)
        unsafe (slots + count).initialize(to: Slot(window: window, line: line, port: Unmanaged.passUnretained(port)))
        count += 1
    }

    /// Lines that are high: bit n for IPn. A shared line is high while any of its devices asks.
    public var assertedLines: UInt32 {
        var mask: UInt32 = 0
        for index in 0..<count {
            let slot = unsafe slots[index]
            if let line = slot.line, slot.with({ $0.interruptLevel }) { mask |= line.bit }
        }
        return mask
    }

    /// Performs the access, or returns nil if no device lies there.
    ///
    /// An access belongs to the device at its first byte. Eight bytes are two accesses of four, low word first, both to
    /// that device.
    public func perform(_ access: MMIOAccess) -> MMIOResult? {
        guard let index = find(access.address) else { return nil }
        let slot = unsafe slots[index]
        let offset = UInt32(truncatingIfNeeded: access.address - slot.window.base)
        return slot.with { port in
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
    }

    private static func perform(_ access: MMIOAccess, on port: BusPort, _ offset: UInt32) -> MMIOResult {
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

    @inline(__always)
    private func find(_ address: UInt64) -> Int? {
        if last < count, unsafe slots[last].window.contains(address) { return last }
        for index in 0..<count where unsafe slots[index].window.contains(address) {
            last = index
            return index
        }
        return nil
    }
}
