// virtio-rng (virtio 1.2, 5.4): random bytes for the guest, which the owner brings.
//
// No configuration, no features of its own, one queue of buffers to fill. Nothing is kept between calls, so the state
// beyond the common part is empty.

/// A source of entropy.
public final class VirtioEntropy: VirtioFunction {
    /// The most bytes given for one buffer; the guest asks again for more.
    public static let mostBytes = 4096

    public let core: VirtioCore

    public init(memory: any DMA) {
        core = VirtioCore(memory: memory, deviceID: VirtioDeviceID.entropy, features: 0, config: [], queues: [8])
    }

    public func activate() {}
    public func notified(_ queue: Int) {}
    public func reset() {}

    /// How many bytes the guest's next buffer takes, at most 4096; 0 if it waits for none.
    public var wantedBytes: Int {
        guard core.peek(0) else { return 0 }
        guard core.chain.readableBytes == 0 else {
            core.fail(0, .malformedRequest)
            return 0
        }
        return Int(min(core.chain.writableBytes, UInt32(Self.mostBytes)))
    }

    /// Fills the guest's next buffer, with less if there are fewer bytes; what it has no room for is dropped.
    public func supply(_ bytes: [UInt8]) {
        let count = min(wantedBytes, bytes.count)
        guard count > 0 else { return }
        guard core.chain.scatter(bytes, 0..<count, core.memory) else { return core.fail(0, .outsideMemory) }
        core.queues[0].take()
        core.giveBack(0, head: core.chain.head, written: UInt32(truncatingIfNeeded: count))
    }

    // MARK: State

    public func encodeState() -> [UInt8] { [] }

    public func restoreState(_ bytes: [UInt8], _ saved: VirtioState) throws(DeviceStateError) {
        try StateReader(bytes, of: "a virtio source of entropy").expectEnd()
    }
}
