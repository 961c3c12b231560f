// A split virtqueue, the device's side (virtio 1.2, 2.7): three areas of guest memory, and how far the device has come.
//
// Everything in them is the guest's and may be anything. The areas were checked to be RAM when the queue was made
// ready; each chain is checked while it is walked, with every loop bounded by the number of descriptors the device
// allows. A violation is an error, after which nobody touches the queue until the driver has reset the device.
//
//   available ring  at driverArea:  flags 16, index 16, head 16 [size], used event 16
//   used ring       at deviceArea:  flags 16, index 16, (id 32, length 32) [size], available event 16
//   descriptor      16 bytes:       address 64, length 32, flags 16, next 16

/// Bits of a descriptor's flags.
enum VirtDescriptorFlag {
    static let next: UInt64 = 1
    static let write: UInt64 = 2
    static let indirect: UInt64 = 4
}

/// One queue: what the driver set up, and the device's two indices, which count without end and wrap at 2^16.
public struct VirtQueue: Sendable {
    /// The largest size the device allows; also the most buffers in one chain. A power of two.
    public let maximumSize: UInt16
    /// Descriptors, as the driver wrote it; 0 if that was no possible size.
    public internal(set) var size: UInt16 = 0
    /// The driver has finished setting up.
    public internal(set) var isReady = false
    /// Guest-physical address of the descriptor table.
    public internal(set) var descriptorTable: UInt64 = 0
    /// Guest-physical address of the available ring, which the driver writes.
    public internal(set) var driverArea: UInt64 = 0
    /// Guest-physical address of the used ring, which the device writes.
    public internal(set) var deviceArea: UInt64 = 0
    /// Place in the available ring of the chain the device takes next.
    public internal(set) var nextAvailable: UInt16 = 0
    /// Place in the used ring the device fills next: its index there.
    public internal(set) var nextUsed: UInt16 = 0
    /// The available index when it was last looked at. Known chains need no further look.
    private var seen: UInt16 = 0

    init(maximumSize: UInt16) {
        self.maximumSize = maximumSize
    }

    // MARK: Setting up

    /// Whether a driver may choose this size.
    func isPossible(size: UInt64) -> Bool {
        size > 0 && size <= UInt64(maximumSize) && size & (size - 1) == 0
    }

    /// Checks what the driver set up.
    func check(_ memory: any DMA) throws(VirtQueueError) {
        guard isPossible(size: UInt64(size)) else { throw .badSize }
        guard descriptorTable & 15 == 0, driverArea & 1 == 0, deviceArea & 3 == 0 else { throw .misaligned }
        let count = UInt64(size)
        guard memory.contains(descriptorTable, count: 16 * count), memory.contains(driverArea, count: 6 + 2 * count),
            memory.contains(deviceArea, count: 6 + 8 * count)
        else { throw .outsideMemory }
    }

    /// Starts at both rings' beginning, with what `check` accepted.
    mutating func start() {
        stop()
        isReady = true
    }

    /// Leaves the rings alone until `start`; the set-up stays for the driver to change.
    mutating func stop() {
        isReady = false
        setIndices(available: 0, used: 0)
    }

    /// Goes on where a saved queue stopped.
    mutating func setIndices(available: UInt16, used: UInt16) {
        nextAvailable = available
        nextUsed = used
        seen = available
    }

    // MARK: Taking chains

    /// Whether a chain waits. If none does and the driver tells by index when it wants to be told, it is asked to tell
    /// of the next one.
    mutating func hasAvailable(_ memory: any DMA, _ features: UInt64) throws(VirtQueueError) -> Bool {
        if nextAvailable != seen { return true }
        try look(memory)
        if nextAvailable != seen { return true }
        guard features & VirtioFeature.eventIndex != 0 else { return false }
        let event = deviceArea + 4 + 8 * UInt64(size)
        guard memory.store(UInt64(nextAvailable), at: event, size: 2) else { throw .outsideMemory }
        // A driver that added a chain before it could see the store does not tell: look again.
        memory.barrier()
        try look(memory)
        return nextAvailable != seen
    }

    private mutating func look(_ memory: any DMA) throws(VirtQueueError) {
        guard let index = memory.load(at: driverArea + 2, size: 2) else { throw .outsideMemory }
        // What the index announces is read after the index.
        memory.barrier()
        seen = UInt16(truncatingIfNeeded: index)
        // Chains not given back yet have descriptors too.
        let known = UInt32(seen &- nextAvailable) + UInt32(nextAvailable &- nextUsed)
        guard known <= UInt32(size) else { throw .badAvailableIndex }
    }

    /// Walks the next chain into `chain` without taking it; false if none waits.
    mutating func peek(
        _ memory: any DMA, _ features: UInt64, into chain: inout VirtChain
    ) throws(VirtQueueError) -> Bool {
        guard try hasAvailable(memory, features) else { return false }
        let slot = UInt64(nextAvailable & (size - 1))
        guard let head = memory.load(at: driverArea + 4 + 2 * slot, size: 2) else { throw .outsideMemory }
        chain.start(at: UInt16(truncatingIfNeeded: head))
        var table = descriptorTable
        var count = UInt32(size)
        var index = UInt32(truncatingIfNeeded: head)
        var isIndirect = false
        while true {
            guard index < count else { throw .badDescriptorIndex }
            let place = table + 16 * UInt64(index)
            guard let address = memory.load(at: place, size: 8), let rest = memory.load(at: place + 8, size: 8) else {
                throw .outsideMemory
            }
            let length = UInt32(truncatingIfNeeded: rest)
            let flags = rest >> 32
            if flags & VirtDescriptorFlag.indirect != 0 {
                guard features & VirtioFeature.indirectDescriptors != 0, !isIndirect,
                    flags & VirtDescriptorFlag.next == 0, length > 0, length & 15 == 0
                else { throw .badIndirect }
                guard memory.contains(address, count: UInt64(length)) else { throw .outsideMemory }
                table = address
                count = length >> 4
                index = 0
                isIndirect = true
                continue
            }
            guard chain.segments.count < Int(maximumSize) else { throw .chainTooLong }
            try add(address, length, isWritable: flags & VirtDescriptorFlag.write != 0, memory, to: &chain)
            guard flags & VirtDescriptorFlag.next != 0 else { return true }
            index = UInt32(truncatingIfNeeded: rest >> 48)
        }
    }

    private func add(
        _ address: UInt64, _ length: UInt32, isWritable: Bool, _ memory: any DMA, to chain: inout VirtChain
    ) throws(VirtQueueError) {
        guard length > 0 else { throw .emptyBuffer }
        guard memory.contains(address, count: UInt64(length)) else { throw .outsideMemory }
        guard UInt64(chain.readableBytes) + UInt64(chain.writableBytes) + UInt64(length) <= UInt64(UInt32.max) else {
            throw .tooManyBytes
        }
        if isWritable {
            chain.writableBytes += length
        } else {
            guard chain.writableBytes == 0 else { throw .readableAfterWritable }
            chain.readableBytes += length
            chain.readableSegments += 1
        }
        chain.segments.append(DMASegment(address: address, count: length))
    }

    /// Takes the chain that `peek` showed.
    mutating func take() {
        nextAvailable &+= 1
    }

    /// Puts the last `count` chains taken back; nothing was said about them yet.
    mutating func putBack(_ count: UInt16) {
        nextAvailable &-= count
    }

    // MARK: Giving chains back

    /// Fills the used ring's entry `ahead` places after the next one. The driver does not look at it before `publish`.
    func fill(
        _ memory: any DMA, ahead: UInt16, head: UInt16, written: UInt32
    ) throws(VirtQueueError) {
        let slot = UInt64((nextUsed &+ ahead) & (size - 1))
        let entry = UInt64(head) | UInt64(written) << 32
        guard memory.store(entry, at: deviceArea + 4 + 8 * slot, size: 8) else { throw .outsideMemory }
    }

    /// Shows the driver the `count` entries that were filled. Gives whether it wants an interrupt for them (2.7.7).
    mutating func publish(
        _ memory: any DMA, _ features: UInt64, count: UInt16
    ) throws(VirtQueueError) -> Bool {
        let old = nextUsed
        let new = old &+ count
        // Entries and data come before the index that announces them.
        memory.barrier()
        guard memory.store(UInt64(new), at: deviceArea + 2, size: 2) else { throw .outsideMemory }
        nextUsed = new
        // The driver sets its wish and then looks at the index; here it is the other way round, so one of both sees.
        memory.barrier()
        if features & VirtioFeature.eventIndex != 0 {
            guard let event = memory.load(at: driverArea + 4 + 2 * UInt64(size), size: 2) else { throw .outsideMemory }
            return new &- UInt16(truncatingIfNeeded: event) &- 1 < count
        }
        guard let flags = memory.load(at: driverArea, size: 2) else { throw .outsideMemory }
        return flags & 1 == 0
    }
}
