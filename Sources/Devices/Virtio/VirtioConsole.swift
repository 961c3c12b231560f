// virtio-console (virtio 1.2, 5.3): one port, bytes in both directions.
//
// Queue 0 is what the guest receives into, queue 1 what it writes. No byte is lost: what the guest wrote stays in its
// buffer until the owner takes it, a large buffer in several steps, and what the owner could not hand over it keeps.
//
// State, after the common part: columns 16, rows 16, bytes taken of the chain at the head of the output 32.

/// Features of virtio-console.
enum VirtioConsoleFeature {
    static let size: UInt64 = 1 << 0
}

/// A console.
public final class VirtioConsole: VirtioFunction {
    /// The most bytes `takeOutput` gives in one call.
    public static let mostOutput = 65536
    static let queueSize: UInt16 = 64
    static let inputQueue = 0
    static let outputQueue = 1

    public let core: VirtioCore
    /// Whether `takeOutput` has something to do. The owner calls it until this is false.
    public private(set) var hasOutput = false
    /// Bytes already taken of the chain that is next in the output queue.
    private var taken: UInt32 = 0

    /// - Parameters:
    ///   - columns: width in characters; 0 if nobody knows, and then the driver is not told.
    ///   - rows: height in characters.
    public init(memory: any DMA, columns: UInt16 = 0, rows: UInt16 = 0) {
        var config = StateWriter()
        config.write(columns)
        config.write(rows)
        config.write(UInt32(1))  // max_nr_ports, not offered
        core = VirtioCore(
            memory: memory, deviceID: VirtioDeviceID.console,
            features: columns != 0 && rows != 0 ? VirtioConsoleFeature.size : 0, config: config.bytes,
            queues: [Self.queueSize, Self.queueSize])
    }

    // MARK: The transport's calls

    public func activate() { hasOutput = true }

    public func notified(_ queue: Int) {
        // New input buffers are found when there is input.
        if queue == Self.outputQueue { hasOutput = true }
    }

    public func stopped(_ queue: Int) {
        if queue == Self.outputQueue { taken = 0 }
    }

    public func reset() {
        hasOutput = false
        taken = 0
    }

    // MARK: The host's side

    /// The terminal has a new size. Without effect if the console was made without one.
    public func setSize(columns: UInt16, rows: UInt16) {
        guard core.offered & VirtioConsoleFeature.size != 0 else { return }
        var config = StateWriter()
        config.write(columns)
        config.write(rows)
        if config.bytes != [UInt8](core.config.prefix(4)) { core.setConfig(at: 0, config.bytes) }
    }

    /// What the guest wrote, in order; at most 64 KiB in one call.
    public func takeOutput() -> [UInt8] {
        guard hasOutput else { return [] }
        var output: [UInt8] = []
        // Once more than the queue has chains: seeing that it is empty is what asks the driver to notify again.
        for _ in 0...Self.queueSize {
            let room = UInt32(Self.mostOutput - output.count)
            guard room > 0 else { return output }
            guard core.peek(Self.outputQueue) else {
                hasOutput = false
                return output
            }
            let count = core.chain.readableBytes
            guard core.chain.writableBytes == 0 else {
                core.fail(Self.outputQueue, .malformedRequest)
                continue
            }
            // A guest that shortened a chain it was not given back has no more to say in it.
            let part = min(count - min(taken, count), room)
            guard core.chain.gather(skip: taken, take: part, core.memory, to: &output) else {
                core.fail(Self.outputQueue, .outsideMemory)
                continue
            }
            taken += part
            guard taken >= count else { continue }
            taken = 0
            core.queues[Self.outputQueue].take()
            core.giveBack(Self.outputQueue, head: core.chain.head, written: 0)
        }
        return output
    }

    /// Whether `receive` would take something now. After false the guest notifies when it has new buffers.
    public var canReceive: Bool { core.hasAvailable(Self.inputQueue) }

    /// Input for the guest. Gives how many bytes it took; the rest is to be offered again after its next notification.
    public func receive(_ bytes: [UInt8]) -> Int {
        var position = 0
        while position < bytes.count, core.take(Self.inputQueue) {
            guard core.chain.readableBytes == 0 else {
                core.fail(Self.inputQueue, .malformedRequest)
                break
            }
            let left = bytes.count - position
            let room = core.chain.writableBytes
            let count = left > Int(UInt16.max) ? Int(min(room, UInt32(UInt16.max))) : Int(min(room, UInt32(left)))
            guard core.chain.scatter(bytes, position..<position + count, core.memory) else {
                core.fail(Self.inputQueue, .outsideMemory)
                break
            }
            position += count
            core.giveBack(Self.inputQueue, head: core.chain.head, written: UInt32(count))
        }
        return position
    }

    // MARK: State

    public func encodeState() -> [UInt8] {
        var writer = StateWriter()
        writer.write(contentsOf: [UInt8](core.config.prefix(4)))
        writer.write(taken)
        return writer.bytes
    }

    /// The size is as it was when the state was saved; the owner then says how it is now.
    public func restoreState(_ bytes: [UInt8], _ saved: VirtioState) throws(DeviceStateError) {
        let name: StaticString = "a virtio console"
        var reader = StateReader(bytes, of: name)
        let size = try reader.readBytes(4)
        let taken = try reader.readUInt32()
        try reader.expectEnd()
        let hasSize = core.offered & VirtioConsoleFeature.size != 0
        guard hasSize || size == [UInt8](core.config.prefix(4)) else {
            throw .otherDevice(device: name, field: "size")
        }
        // Bytes of a chain were taken only by an active device from an output queue that is ready.
        guard taken == 0 || (saved.status & VirtioStatus.driverOK != 0 && saved.queues[Self.outputQueue].isReady) else {
            throw .impossible(device: name, field: "bytes taken", value: taken)
        }
        core.config.replaceSubrange(0..<4, with: size)
        self.taken = taken
        hasOutput = false
    }
}
