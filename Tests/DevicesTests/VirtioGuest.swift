// The guest's side of virtio, for tests: memory in an array, a driver of the MMIO registers, a split queue.
import Devices
import Testing

/// RAM of some size at some address; nothing else is there.
final class ArrayMemory: DMA {
    let base: UInt64
    var bytes: [UInt8]
    /// Loads and stores so far: what bounds are counted in.
    var accesses = 0

    init(base: UInt64 = 0x1_0000, size: Int = 1 << 20) {
        self.base = base
        bytes = [UInt8](repeating: 0, count: size)
    }

    private func index(_ address: UInt64, _ count: UInt64) -> Int? {
        guard address >= base, address - base <= UInt64(bytes.count),
            count <= UInt64(bytes.count) - (address - base)
        else { return nil }
        return Int(address - base)
    }

    func contains(_ address: UInt64, count: UInt64) -> Bool { index(address, count) != nil }

    func load(at address: UInt64, size: UInt32) -> UInt64? {
        accesses += 1
        guard let index = index(address, UInt64(size)) else { return nil }
        return (0..<Int(size)).reversed().reduce(0) { $0 << 8 | UInt64(bytes[index + $1]) }
    }

    func store(_ value: UInt64, at address: UInt64, size: UInt32) -> Bool {
        accesses += 1
        guard let index = index(address, UInt64(size)) else { return false }
        for byte in 0..<Int(size) { bytes[index + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte)) }
        return true
    }

    func copyOut(_ address: UInt64, _ count: Int) -> [UInt8]? {
        accesses += 1
        guard let index = index(address, UInt64(count)) else { return nil }
        return [UInt8](bytes[index..<index + count])
    }

    func copyIn(_ new: [UInt8], at address: UInt64) -> Bool {
        accesses += 1
        guard let index = index(address, UInt64(new.count)) else { return false }
        bytes.replaceSubrange(index..<index + new.count, with: new)
        return true
    }

    func put(_ value: UInt64, _ size: UInt32, at address: UInt64) {
        #expect(store(value, at: address, size: size))
    }

    func get(_ address: UInt64, _ size: UInt32) -> UInt64 { load(at: address, size: size) ?? .max }
}

/// A buffer of a chain.
struct Buffer {
    var address: UInt64
    var count: UInt32
    var isWritable: Bool

    static func readable(_ address: UInt64, _ count: UInt32) -> Buffer {
        Buffer(address: address, count: count, isWritable: false)
    }

    static func writable(_ address: UInt64, _ count: UInt32) -> Buffer {
        Buffer(address: address, count: count, isWritable: true)
    }
}

/// A split queue as a driver keeps it.
struct GuestQueue {
    let memory: ArrayMemory
    let size: UInt16
    let descriptors: UInt64
    let available: UInt64
    let used: UInt64
    /// Where indirect tables go: one page a descriptor.
    let tables: UInt64
    var hasEventIndex = false
    var availableIndex: UInt16 = 0
    var seenUsed: UInt16 = 0
    var free: [UInt16]
    var chains: [UInt16: [UInt16]] = [:]

    /// A queue with its three areas one after the other at `address`.
    init(_ memory: ArrayMemory, at address: UInt64, size: UInt16) {
        self.memory = memory
        self.size = size
        descriptors = address
        available = descriptors + 16 * UInt64(size)
        used = (available + 6 + 2 * UInt64(size) + 3) & ~3
        tables = address + 0x8000
        free = (0..<size).reversed()
    }

    func describe(_ index: UInt16, _ address: UInt64, _ count: UInt32, flags: UInt16, next: UInt16 = 0) {
        Self.describe(memory, descriptors, index, address, count, flags: flags, next: next)
    }

    static func describe(
        _ memory: ArrayMemory, _ table: UInt64, _ index: UInt16, _ address: UInt64, _ count: UInt32, flags: UInt16,
        next: UInt16 = 0
    ) {
        let place = table + 16 * UInt64(index)
        memory.put(address, 8, at: place)
        memory.put(UInt64(count), 4, at: place + 8)
        memory.put(UInt64(flags), 2, at: place + 12)
        memory.put(UInt64(next), 2, at: place + 14)
    }

    /// Puts a head into the available ring and shows it.
    mutating func offer(_ head: UInt16) {
        memory.put(UInt64(head), 2, at: available + 4 + 2 * UInt64(availableIndex % size))
        availableIndex &+= 1
        memory.put(UInt64(availableIndex), 2, at: available + 2)
    }

    /// Makes a chain of the buffers and offers it.
    @discardableResult
    mutating func add(_ buffers: [Buffer], indirect: Bool = false) -> UInt16 {
        var taken: [UInt16] = []
        for _ in 0..<(indirect ? 1 : buffers.count) { taken.append(free.removeLast()) }
        let head = taken[0]
        if indirect {
            let table = tables + 0x1000 * UInt64(head)
            for (index, buffer) in buffers.enumerated() {
                let isLast = index == buffers.count - 1
                Self.describe(
                    memory, table, UInt16(index), buffer.address, buffer.count,
                    flags: (isLast ? 0 : 1) | (buffer.isWritable ? 2 : 0), next: UInt16(index + 1))
            }
            describe(head, table, 16 * UInt32(buffers.count), flags: 4)
        } else {
            for (index, buffer) in buffers.enumerated() {
                let isLast = index == buffers.count - 1
                describe(
                    taken[index], buffer.address, buffer.count, flags: (isLast ? 0 : 1) | (buffer.isWritable ? 2 : 0),
                    next: isLast ? 0 : taken[index + 1])
            }
        }
        chains[head] = taken
        offer(head)
        return head
    }

    /// Whether a driver that added the last `count` chains has to notify (2.7.13.4).
    func mustNotify(_ count: UInt16 = 1) -> Bool {
        guard hasEventIndex else { return memory.get(used, 2) & 1 == 0 }
        let event = UInt16(truncatingIfNeeded: memory.get(used + 4 + 8 * UInt64(size), 2))
        return availableIndex &- event &- 1 < count
    }

    /// Asks for an interrupt once the used index passes `index`.
    func wantInterrupt(at index: UInt16) {
        memory.put(UInt64(index), 2, at: available + 4 + 2 * UInt64(size))
    }

    /// Chains that came back: head and bytes written.
    mutating func collect() -> [(head: UInt16, written: UInt32)] {
        var result: [(head: UInt16, written: UInt32)] = []
        let index = UInt16(truncatingIfNeeded: memory.get(used + 2, 2))
        while seenUsed != index {
            let entry = used + 4 + 8 * UInt64(seenUsed % size)
            let head = UInt16(truncatingIfNeeded: memory.get(entry, 4))
            result.append((head, UInt32(truncatingIfNeeded: memory.get(entry + 4, 4))))
            if let taken = chains.removeValue(forKey: head) { free.append(contentsOf: taken.reversed()) }
            seenUsed &+= 1
        }
        return result
    }
}

/// A driver of the registers.
struct Guest {
    typealias Register = VirtioRegister
    let memory: ArrayMemory
    var device: VirtioMMIO
    var queues: [GuestQueue] = []

    init(_ memory: ArrayMemory, _ function: any VirtioFunction) {
        self.memory = memory
        device = VirtioMMIO(function)
    }

    mutating func read(_ offset: UInt32, size: UInt32 = 4) -> UInt32 { device.read(offset: offset, size: size) }

    mutating func write(_ offset: UInt32, _ value: UInt32, size: UInt32 = 4) {
        // What the owner has to look at after the access.
        let wakes = size == 4 && [Register.queueNotify, Register.queueReady, Register.status].contains(offset)
        #expect(device.write(offset: offset, size: size, value: value) == (wakes ? .attention : .none))
    }

    var status: UInt8 { device.core.status }
    var hasFailed: Bool { status & VirtioStatus.needsReset != 0 }

    mutating func offeredFeatures() -> UInt64 {
        write(Register.deviceFeaturesSelect, 0)
        let low = UInt64(read(Register.deviceFeatures))
        write(Register.deviceFeaturesSelect, 1)
        return low | UInt64(read(Register.deviceFeatures)) << 32
    }

    mutating func acceptFeatures(_ features: UInt64) {
        write(Register.driverFeaturesSelect, 0)
        write(Register.driverFeatures, UInt32(truncatingIfNeeded: features))
        write(Register.driverFeaturesSelect, 1)
        write(Register.driverFeatures, UInt32(truncatingIfNeeded: features >> 32))
    }

    mutating func setUp(_ index: UInt32, _ queue: GuestQueue) {
        write(Register.queueSelect, index)
        write(Register.queueSize, UInt32(queue.size))
        for (low, address) in [
            (Register.queueDescriptorLow, queue.descriptors), (Register.queueDriverLow, queue.available),
            (Register.queueDeviceLow, queue.used),
        ] {
            write(low, UInt32(truncatingIfNeeded: address))
            write(low + 4, UInt32(truncatingIfNeeded: address >> 32))
        }
        write(Register.queueReady, 1)
    }

    /// The whole way to DRIVER_OK, with every offered feature but `without`, and queues of `size` in the first part of
    /// memory.
    mutating func start(without: UInt64 = 0, size: UInt16 = 8) {
        let features = offeredFeatures() & ~without
        write(Register.status, 0)
        write(Register.status, 1)
        write(Register.status, 3)
        acceptFeatures(features)
        write(Register.status, 11)
        #expect(read(Register.status) == 11)
        queues = []
        for index in 0..<UInt32(device.core.queues.count) {
            let place = memory.base + 0x1_0000 * UInt64(index)
            memory.bytes.replaceSubrange(
                Int(place - memory.base)..<Int(place - memory.base) + 0x2000, with: [UInt8](repeating: 0, count: 0x2000)
            )
            var queue = GuestQueue(memory, at: place, size: size)
            queue.hasEventIndex = features & VirtioFeature.eventIndex != 0
            queues.append(queue)
            setUp(index, queue)
        }
        write(Register.status, 15)
        #expect(read(Register.status) == 15)
    }

    mutating func notify(_ queue: UInt32 = 0) { write(Register.queueNotify, queue) }

    /// Where data goes: the second half of memory.
    var data: UInt64 { memory.base + 0x8_0000 }

    /// Reads and acknowledges interrupts.
    mutating func takeInterrupts() -> UInt32 {
        let status = read(Register.interruptStatus)
        write(Register.interruptAcknowledge, status)
        #expect(!device.interruptLevel)
        return status
    }
}
