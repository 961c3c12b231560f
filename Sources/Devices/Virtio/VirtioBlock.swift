// virtio-blk (virtio 1.2, 5.2): the guest's disk, without its contents.
//
// The owner fetches requests, has them done by whatever thread it likes, and brings the completions. The device itself
// answers what cannot be right (outside the disk, a write to a read-only one, a piece of a sector) and what it knows
// (its serial). One chain is one request: discard and write-zeroes take one range each, which drivers read in the
// configuration.
//
// Life of a request: the guest puts a chain into the queue and notifies; `hasRequests` becomes true; `takeRequests`
// walks the chain and remembers it under a token; `complete` writes the status byte, gives the chain back and raises
// the interrupt. If the driver resets the device in between, the request is stale: the guest's memory it points to may
// serve something else soon. The owner therefore looks at `staleRequests` after the guest's accesses and, if there are
// any, waits for them before it lets the guest run on. Their completions change nothing but the counts.
//
// A driver that does not flush, or chose write-through, gets it (5.2.6.2): its write is completed in two steps, the
// write and then a flush under the same token.
//
// State, after the common part: capacity in bytes 64, block size 32, write-back 8 (1 or 0).

/// Numbers of virtio-blk.
enum VirtioBlockFeature {
    static let segmentsMax: UInt64 = 1 << 2
    static let readOnly: UInt64 = 1 << 5
    static let blockSize: UInt64 = 1 << 6
    static let flush: UInt64 = 1 << 9
    static let topology: UInt64 = 1 << 10
    static let configWriteback: UInt64 = 1 << 11
    static let discard: UInt64 = 1 << 13
    static let writeZeroes: UInt64 = 1 << 14
}

/// A disk.
public final class VirtioBlock: VirtioFunction {
    /// What capacity and requests are counted in.
    public static let sectorSize: UInt64 = 512
    /// Bytes of a serial.
    public static let serialSize = 20
    static let queueSize: UInt16 = 128
    /// Sectors one discard or write-zeroes may cover: 2 GiB.
    static let mostSectorsAtOnce: UInt32 = 1 << 22
    private static let writebackOffset = 32

    public let core: VirtioCore
    /// Bytes, a multiple of 512.
    public let capacity: UInt64
    public let isReadOnly: Bool
    let blockSize: UInt32
    let serial: [UInt8]

    /// A chain under way.
    struct Slot {
        enum Life: UInt8 { case free, waits, isStale }
        var life = Life.free
        /// A write, discard or write-zeroes that a flush has to follow before it is completed.
        var needsFlush = false
        /// Changes with each use, so that an old token is not taken for a new one.
        var generation: UInt16 = 0
        var head: UInt16 = 0
        /// Bytes a read may write.
        var room: UInt32 = 0
        var statusAddress: UInt64 = 0
    }

    /// Twice the queue, so that after a reset a new driver finds room even while the requests of the old one are under
    /// way.
    static let mostSlots = 2 * Int(queueSize)
    /// Slots in use and free ones.
    var slots: [Slot] = []
    var freeSlots: [UInt16] = []
    /// Tokens of writes whose flush the owner has not fetched yet.
    var flushes: [UInt32] = []

    /// Whether `takeRequests` has something to do. The owner calls it until this is false, after the guest's accesses
    /// and after `complete`.
    public internal(set) var hasRequests = false
    /// Requests that the owner has not completed, stale ones among them. 0 before the device is saved.
    public internal(set) var inFlight = 0
    /// Requests of before a reset that the owner has not completed.
    public internal(set) var staleRequests = 0

    /// - Parameters:
    ///   - capacity: bytes; what is beyond the last whole sector is not used.
    ///   - blockSize: bytes of the blocks drivers should work in, a power of two of at least 512.
    ///   - discards: whether the owner can discard and write zeroes.
    ///   - serial: up to 20 bytes.
    public init(
        memory: any DMA, capacity: UInt64, readOnly: Bool = false, discards: Bool = true, serial: [UInt8] = [],
        blockSize: UInt32 = 512
    ) {
        precondition(
            blockSize >= 512 && blockSize <= 4096 && blockSize & (blockSize - 1) == 0,
            "blocks are 512, 1024, 2048 or 4096 bytes")
        self.capacity = capacity & ~(Self.sectorSize - 1)
        self.isReadOnly = readOnly
        self.blockSize = blockSize
        var name = [UInt8](serial.prefix(Self.serialSize))
        while name.count < Self.serialSize { name.append(0) }
        self.serial = name
        typealias Feature = VirtioBlockFeature
        var features =
            Feature.segmentsMax | Feature.blockSize | Feature.flush | Feature.topology | Feature.configWriteback
        if readOnly {
            features |= Feature.readOnly
        } else if discards {
            features |= Feature.discard | Feature.writeZeroes
        }
        core = VirtioCore(
            memory: memory, deviceID: VirtioDeviceID.block, features: features,
            config: Self.config(capacity: self.capacity, blockSize: blockSize), queues: [Self.queueSize])
    }

    /// Configuration space (5.2.4).
    private static func config(capacity: UInt64, blockSize: UInt32) -> [UInt8] {
        var writer = StateWriter()
        writer.write(capacity / sectorSize)
        writer.write(UInt32(0))  // size_max, not offered
        writer.write(UInt32(queueSize) - 2)  // seg_max: a chain without its header and status
        writer.write(UInt32(0))  // geometry, not offered
        writer.write(blockSize)
        // Files are cached in pages of 4 KiB: physical blocks of that size, aligned to the disk's start.
        writer.write(UInt8(truncatingIfNeeded: (4096 / blockSize).trailingZeroBitCount))
        writer.write(UInt8(0))
        writer.write(UInt16(truncatingIfNeeded: 4096 / blockSize))
        writer.write(UInt32(0))
        writer.write(UInt8(1))  // writeback
        writer.write(UInt8(0))
        writer.write(UInt16(1))  // num_queues, not offered
        writer.write(mostSectorsAtOnce)
        writer.write(UInt32(1))  // max_discard_seg
        writer.write(blockSize / UInt32(sectorSize))
        writer.write(mostSectorsAtOnce)
        writer.write(UInt32(1))  // max_write_zeroes_seg
        writer.write(UInt32(1))  // write_zeroes_may_unmap, and padding
        return writer.bytes
    }

    // MARK: The transport's calls

    public func negotiated() {
        // A driver that cannot flush counts on what it wrote (5.2.5.2).
        core.config[Self.writebackOffset] = core.has(VirtioBlockFeature.flush) ? 1 : 0
    }

    public func activate() {
        hasRequests = true
    }

    public func notified(_ queue: Int) {
        hasRequests = true
    }

    public func stopped(_ queue: Int) {
        abandon()
    }

    public func reset() {
        core.config[Self.writebackOffset] = 1
        abandon()
    }

    public func writeConfig(_ offset: UInt32, _ size: UInt32, _ value: UInt32) {
        guard core.has(VirtioBlockFeature.configWriteback), offset == UInt32(Self.writebackOffset), size == 1 else {
            return
        }
        core.config[Self.writebackOffset] = UInt8(truncatingIfNeeded: value & 1)
    }

    /// Whether writes are stable when they are completed.
    var isWriteThrough: Bool { core.config[Self.writebackOffset] == 0 }

    /// Forgets every chain. What is with the owner stays counted until it comes back.
    private func abandon() {
        hasRequests = false
        for token in flushes { free(Int(token & 0xFFFF)) }
        flushes.removeAll(keepingCapacity: true)
        for index in slots.indices where slots[index].life == .waits {
            slots[index].life = .isStale
            staleRequests += 1
        }
    }

    // MARK: Slots

    /// A free slot's index, or nil if all are in use.
    func claimSlot() -> Int? {
        if let index = freeSlots.popLast() { return Int(index) }
        guard slots.count < Self.mostSlots else { return nil }
        slots.append(Slot())
        return slots.count - 1
    }

    func token(of index: Int) -> UInt32 {
        UInt32(slots[index].generation) << 16 | UInt32(truncatingIfNeeded: index)
    }

    func free(_ index: Int) {
        slots[index].life = .free
        slots[index].generation &+= 1
        freeSlots.append(UInt16(truncatingIfNeeded: index))
        inFlight -= 1
    }

    // MARK: State

    public var isQuiet: Bool { inFlight == 0 }

    public func encodeState() -> [UInt8] {
        var writer = StateWriter()
        writer.write(capacity)
        writer.write(blockSize)
        writer.write(core.config[Self.writebackOffset])
        return writer.bytes
    }

    public func restoreState(_ bytes: [UInt8], _ saved: VirtioState) throws(DeviceStateError) {
        let name: StaticString = "a virtio disk"
        var reader = StateReader(bytes, of: name)
        let capacity = try reader.readUInt64()
        let blockSize = try reader.readUInt32()
        let writeback = try reader.readUInt8()
        try reader.expectEnd()
        guard capacity == self.capacity else { throw .otherDevice(device: name, field: "capacity") }
        guard blockSize == self.blockSize else { throw .otherDevice(device: name, field: "block size") }
        // Without features it is 1; without a way to change it, it is what the features say.
        let isChosen = saved.status & VirtioStatus.featuresOK != 0
        let mayChange = isChosen && saved.features & VirtioBlockFeature.configWriteback != 0
        let initial: UInt8 = !isChosen || saved.features & VirtioBlockFeature.flush != 0 ? 1 : 0
        guard mayChange ? writeback <= 1 : writeback == initial else {
            throw .impossible(device: name, field: "write-back", value: UInt32(writeback))
        }
        core.config[Self.writebackOffset] = writeback
        hasRequests = false
    }
}
