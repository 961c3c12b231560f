// virtio-net (virtio 1.2, 5.1): the guest's network card, without the network.
//
// Frames cross to and from the owner with the 12-byte header of virtio in front, as a TAP device of Linux takes them
// (IFF_VNET_HDR): what the header leaves to do (a checksum, cutting a large segment) is the host's business or the
// guest's, as negotiated. What was not negotiated never crosses, in either direction: such frames are dropped and
// counted.
//
// Queue 0 is what the guest receives into, queue 1 what it transmits.
//
// State, after the common part: MAC 6 bytes, MTU 16, link 8 (1 up, 0 down).

/// What the host's side of a network card can do; offered to the driver bit for bit.
public struct VirtioNetOffloads: OptionSet, Sendable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The host finishes checksums of frames the guest transmits.
    public static let checksum = VirtioNetOffloads(rawValue: 1 << 0)
    /// The guest may be given frames with unfinished checksums.
    public static let guestChecksum = VirtioNetOffloads(rawValue: 1 << 1)
    /// The guest may be given large TCP segments over IPv4; needs `guestChecksum`.
    public static let guestTSO4 = VirtioNetOffloads(rawValue: 1 << 7)
    /// The same over IPv6.
    public static let guestTSO6 = VirtioNetOffloads(rawValue: 1 << 8)
    /// The host cuts large TCP segments over IPv4; needs `checksum`.
    public static let hostTSO4 = VirtioNetOffloads(rawValue: 1 << 11)
    /// The same over IPv6.
    public static let hostTSO6 = VirtioNetOffloads(rawValue: 1 << 12)
    /// A frame may be spread over several receive buffers.
    public static let mergedBuffers = VirtioNetOffloads(rawValue: 1 << 15)

    static let all: VirtioNetOffloads = [
        .checksum, .guestChecksum, .guestTSO4, .guestTSO6, .hostTSO4, .hostTSO6, .mergedBuffers,
    ]

    /// Without what needs something that is not there (5.1.3.1).
    var consistent: VirtioNetOffloads {
        var result = intersection(.all)
        if !contains(.checksum) { result.subtract([.hostTSO4, .hostTSO6]) }
        if !contains(.guestChecksum) { result.subtract([.guestTSO4, .guestTSO6]) }
        return result
    }
}

/// Features beside the offloads.
enum VirtioNetFeature {
    static let mtu: UInt64 = 1 << 3
    static let mac: UInt64 = 1 << 5
    static let status: UInt64 = 1 << 16
}

/// A network card.
public final class VirtioNet: VirtioFunction {
    /// Bytes of the header in front of each frame.
    public static let headerSize = 12
    /// The longest frame, without the header (5.1.6.3.1).
    public static let longestFrame = 65550
    /// Chains `takeTransmitted` takes in one call.
    static let mostFrames = 64
    static let queueSize: UInt16 = 256
    static let receiveQueue = 0
    static let transmitQueue = 1
    private static let statusOffset = 6

    public let core: VirtioCore
    let mac: [UInt8]
    let mtu: UInt16
    /// Frames that crossed in neither direction: too short, too long, not as negotiated, or with the link down.
    public private(set) var dropped: UInt64 = 0
    /// Whether `takeTransmitted` has something to do. The owner calls it until this is false.
    public private(set) var hasTransmitted = false

    /// - Parameters:
    ///   - mac: six bytes.
    ///   - mtu: the largest packet the network takes, at least 68; nil leaves it to the driver.
    ///   - offloads: what the host's side can do.
    ///   - linkUp: whether the cable is plugged in.
    public init(
        memory: any DMA, mac: [UInt8], mtu: UInt16? = nil, offloads: VirtioNetOffloads = [.mergedBuffers],
        linkUp: Bool = true
    ) {
        precondition(mac.count == 6, "a MAC address has six bytes")
        precondition(mtu.map { $0 >= 68 } ?? true, "an MTU is at least 68")
        self.mac = mac
        self.mtu = mtu ?? 0
        var features = offloads.consistent.rawValue | VirtioNetFeature.mac | VirtioNetFeature.status
        if mtu != nil { features |= VirtioNetFeature.mtu }
        var config = StateWriter()
        config.write(contentsOf: mac)
        config.write(UInt16(linkUp ? 1 : 0))
        config.write(UInt16(1))  // max_virtqueue_pairs, not offered
        config.write(self.mtu)
        core = VirtioCore(
            memory: memory, deviceID: VirtioDeviceID.net, features: features, config: config.bytes,
            queues: [Self.queueSize, Self.queueSize])
    }

    // MARK: The transport's calls

    public func accepts(_ features: UInt64) -> Bool {
        let chosen = VirtioNetOffloads(rawValue: features).intersection(.all)
        return chosen == chosen.consistent
    }

    public func activate() { hasTransmitted = true }

    public func notified(_ queue: Int) {
        // New receive buffers are found when there is something to receive.
        if queue == Self.transmitQueue { hasTransmitted = true }
    }

    public func reset() { hasTransmitted = false }

    // MARK: The host's side

    /// What driver and host agreed on: what a TAP device has to be told. Nothing before the driver is ready.
    public var negotiated: VirtioNetOffloads {
        core.isActive ? VirtioNetOffloads(rawValue: core.features).intersection(.all) : []
    }

    public var isLinkUp: Bool { core.config[Self.statusOffset] & 1 != 0 }

    /// Plugs the cable in or out; the driver is told if it can be.
    public func setLink(_ isUp: Bool) {
        guard isUp != isLinkUp else { return }
        core.setConfig(at: Self.statusOffset, [isUp ? 1 : 0])
    }

    /// Frames the guest transmitted, each behind its header. At most 64 chains are taken in one call.
    public func takeTransmitted() -> [[UInt8]] {
        guard hasTransmitted else { return [] }
        var frames: [[UInt8]] = []
        for _ in 0..<Self.mostFrames {
            guard core.take(Self.transmitQueue) else {
                hasTransmitted = false
                break
            }
            guard core.chain.readableBytes >= UInt32(Self.headerSize) else {
                core.fail(Self.transmitQueue, .malformedRequest)
                continue
            }
            if let frame = copyFrame() { frames.append(frame) } else { dropped &+= 1 }
            core.giveBack(Self.transmitQueue, head: core.chain.head, written: 0)
        }
        return frames
    }

    /// The frame of the chain just taken, or nil if it must not leave.
    private func copyFrame() -> [UInt8]? {
        let count = core.chain.readableBytes
        guard count > UInt32(Self.headerSize), count <= UInt32(Self.headerSize + Self.longestFrame), isLinkUp else {
            return nil
        }
        var frame: [UInt8] = []
        frame.reserveCapacity(Int(count))
        guard core.chain.gather(skip: 0, take: count, core.memory, to: &frame) else { return nil }
        // The only flag a driver may set asks for a checksum; without that feature the header has nothing to say.
        guard frame[0] & ~(has(.checksum) ? 1 : 0) == 0, isAgreed(segmentation: frame[1], .hostTSO4, .hostTSO6) else {
            return nil
        }
        return frame
    }

    private func has(_ offload: VirtioNetOffloads) -> Bool { core.has(offload.rawValue) }

    /// Whether a header's gso_type is none, or one that was negotiated. Marking congestion (0x80) was not.
    private func isAgreed(segmentation type: UInt8, _ over4: VirtioNetOffloads, _ over6: VirtioNetOffloads) -> Bool {
        switch type {
        case 0: true
        case 1: has(over4)
        case 4: has(over6)
        default: false
        }
    }

    /// Whether `receive` may succeed now. After false the guest notifies when it has new buffers.
    public var canReceive: Bool { core.hasAvailable(Self.receiveQueue) }

    /// Gives the guest a frame behind its header. False if the guest has no room for it now: the owner keeps it, and
    /// tries again after the guest's next notification. Frames the guest must not get are dropped, which is true.
    public func receive(_ frame: [UInt8]) -> Bool {
        guard core.isRunning(Self.receiveQueue) else { return false }
        guard frame.count > Self.headerSize, frame.count <= Self.headerSize + Self.longestFrame, isLinkUp,
            isAgreed(segmentation: frame[1], .guestTSO4, .guestTSO6), frame[0] & 1 == 0 || has(.guestChecksum)
        else {
            dropped &+= 1
            return true
        }
        return deliver(frame)
    }

    private func deliver(_ frame: [UInt8]) -> Bool {
        let queue = Self.receiveQueue
        let isMerged = has(.mergedBuffers)
        var position = 0
        var chains: UInt16 = 0
        // Where the header's flags and its count of buffers went.
        var places: (flags: UInt64, low: UInt64, high: UInt64) = (0, 0, 0)
        while position < frame.count {
            // No more chains than the queue is long: more are not there.
            guard core.take(queue) else {
                // They wait for the owner's next try; nothing was said about them.
                if core.isRunning(queue) { core.queues[queue].putBack(chains) }
                return false
            }
            chains &+= 1
            let room = core.chain.writableBytes
            guard core.chain.readableBytes == 0, chains > 1 || room >= UInt32(Self.headerSize),
                chains <= core.queues[queue].size
            else {
                core.fail(queue, .malformedRequest)
                return false
            }
            let count = min(frame.count - position, Int(min(room, UInt32(frame.count))))
            guard isMerged || count == frame.count else {
                // Without merging, a frame has one buffer, and this one is too small.
                core.queues[queue].putBack(1)
                dropped &+= 1
                return true
            }
            if chains == 1, let flags = core.chain.address(in: core.chain.writable, at: 0),
                let low = core.chain.address(in: core.chain.writable, at: 10),
                let high = core.chain.address(in: core.chain.writable, at: 11)
            {
                places = (flags, low, high)
            }
            guard core.chain.scatter(frame, position..<position + count, core.memory) else {
                core.fail(queue, .outsideMemory)
                return false
            }
            position += count
            core.fill(queue, ahead: chains - 1, head: core.chain.head, written: UInt32(truncatingIfNeeded: count))
        }
        // Checksums left open (1) or known to be good (2) are for those who agreed to that.
        let flags = has(.guestChecksum) ? frame[0] & 3 : 0
        guard core.memory.store(UInt64(flags), at: places.flags, size: 1),
            core.memory.store(UInt64(chains & 0xFF), at: places.low, size: 1),
            core.memory.store(UInt64(chains >> 8), at: places.high, size: 1)
        else {
            core.fail(queue, .outsideMemory)
            return false
        }
        core.publish(queue, count: chains)
        return true
    }

    // MARK: State

    public func encodeState() -> [UInt8] {
        var writer = StateWriter()
        writer.write(contentsOf: mac)
        writer.write(mtu)
        writer.write(UInt8(isLinkUp ? 1 : 0))
        return writer.bytes
    }

    /// The link is as it was when the state was saved; the owner then says how it is now.
    public func restoreState(_ bytes: [UInt8], _ saved: VirtioState) throws(DeviceStateError) {
        let name: StaticString = "a virtio network card"
        var reader = StateReader(bytes, of: name)
        let mac = try reader.readBytes(6)
        let mtu = try reader.readUInt16()
        let link = try reader.readUInt8()
        try reader.expectEnd()
        guard mac == self.mac else { throw .otherDevice(device: name, field: "MAC address") }
        guard mtu == self.mtu else { throw .otherDevice(device: name, field: "MTU") }
        guard link <= 1 else { throw .impossible(device: name, field: "link", value: UInt32(link)) }
        core.config[Self.statusOffset] = link
        hasTransmitted = false
    }
}
