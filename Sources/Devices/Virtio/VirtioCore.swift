// What every virtio device has, whatever its kind: status, features, queues, interrupts, configuration space.
//
// Shared by the transport, which shows it to the driver, and the function, which works with the queues. A queue that is
// found broken makes the device fail: status says DEVICE_NEEDS_RESET, the driver gets a configuration interrupt, and no
// queue is touched until it resets the device (virtio 1.2, 2.1.2).

/// Why a device failed.
public struct VirtioFailure: Equatable, Sendable {
    /// The queue's number.
    public var queue: UInt8
    public var error: VirtQueueError
}

extension VirtioFailure: CustomStringConvertible {
    public var description: String {
        "queue " + String(queue) + " of a virtio device is broken: " + error.description
            + "; the device waits for a reset by its driver"
    }
}

/// The common part of one device.
public final class VirtioCore {
    public let memory: any DMA
    public let deviceID: UInt8
    /// Features the driver may accept.
    public let offered: UInt64

    /// Bits of `VirtioStatus`.
    public internal(set) var status: UInt8 = 0
    /// Features the driver accepted. They count once status has `featuresOK`.
    public internal(set) var features: UInt64 = 0
    /// Bits of `VirtioInterrupt`. The line is high while any is set.
    public internal(set) var interruptStatus: UInt8 = 0
    /// Counts the changes of `config` that the device makes.
    public internal(set) var configGeneration: UInt32 = 0
    /// Configuration space as the driver reads it; 0 beyond its end.
    var config: [UInt8]
    public internal(set) var queues: [VirtQueue]
    /// What the device failed of; nil again after reset. Not part of the state: `status` says that it failed.
    public private(set) var failure: VirtioFailure?

    /// The chain that `peek` walked last.
    var chain = VirtChain()

    init(memory: any DMA, deviceID: UInt8, features: UInt64, config: [UInt8], queues: [UInt16]) {
        self.memory = memory
        self.deviceID = deviceID
        self.offered = features | VirtioFeature.common
        self.config = config
        self.queues = queues.map { VirtQueue(maximumSize: $0) }
    }

    /// The driver is ready and nothing failed.
    public var isActive: Bool {
        status & (VirtioStatus.driverOK | VirtioStatus.needsReset) == VirtioStatus.driverOK
    }

    /// Whether the device may touch the queue.
    func isRunning(_ queue: Int) -> Bool { isActive && queues[queue].isReady }

    func has(_ feature: UInt64) -> Bool { features & feature != 0 }

    /// As after power-on; the generation counts on, so that no driver takes an old configuration for the new one.
    func reset() {
        status = 0
        features = 0
        interruptStatus = 0
        failure = nil
        for index in queues.indices { queues[index] = VirtQueue(maximumSize: queues[index].maximumSize) }
    }

    /// As saved. All of it was checked.
    func restore(_ saved: VirtioState, _ queues: [VirtQueue]) {
        status = saved.status
        features = saved.features
        interruptStatus = saved.interruptStatus
        configGeneration = saved.configGeneration
        failure = nil
        self.queues = queues
    }

    // MARK: Telling the driver

    /// The device cannot go on.
    func fail(_ queue: Int, _ error: VirtQueueError) {
        guard status & VirtioStatus.needsReset == 0 else { return }
        failure = VirtioFailure(queue: UInt8(truncatingIfNeeded: queue), error: error)
        status |= VirtioStatus.needsReset
        tellConfigChange()
    }

    /// Replaces part of configuration space.
    func setConfig(at offset: Int, _ bytes: [UInt8]) {
        config.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        configGeneration &+= 1
        if isActive { tellConfigChange() }
    }

    private func tellConfigChange() {
        if status & VirtioStatus.driverOK != 0 { interruptStatus |= VirtioInterrupt.configChange }
    }

    // MARK: Working with queues
    //
    // Each answers false when there is nothing to do, the queue does not run, or the device fails over it.

    /// Whether a chain waits. After false the driver tells when there is one.
    func hasAvailable(_ queue: Int) -> Bool {
        guard isRunning(queue) else { return false }
        do throws(VirtQueueError) {
            return try queues[queue].hasAvailable(memory, features)
        } catch {
            fail(queue, error)
            return false
        }
    }

    /// Walks the next chain into `chain`, without taking it.
    func peek(_ queue: Int) -> Bool {
        guard isRunning(queue) else { return false }
        do throws(VirtQueueError) {
            return try queues[queue].peek(memory, features, into: &chain)
        } catch {
            fail(queue, error)
            return false
        }
    }

    /// Walks the next chain into `chain` and takes it.
    func take(_ queue: Int) -> Bool {
        guard peek(queue) else { return false }
        queues[queue].take()
        return true
    }

    /// Prepares giving a chain back, `ahead` places after the next; see `publish`.
    func fill(_ queue: Int, ahead: UInt16 = 0, head: UInt16, written: UInt32) {
        guard isRunning(queue) else { return }
        do throws(VirtQueueError) {
            try queues[queue].fill(memory, ahead: ahead, head: head, written: written)
        } catch {
            fail(queue, error)
        }
    }

    /// Gives back the `count` chains that were filled in, and raises the interrupt if the driver wants it.
    func publish(_ queue: Int, count: UInt16 = 1) {
        guard isRunning(queue) else { return }
        do throws(VirtQueueError) {
            if try queues[queue].publish(memory, features, count: count) {
                interruptStatus |= VirtioInterrupt.usedBuffer
            }
        } catch {
            fail(queue, error)
        }
    }

    /// Gives one chain back, with how many bytes the device wrote to it.
    func giveBack(_ queue: Int, head: UInt16, written: UInt32) {
        fill(queue, head: head, written: written)
        publish(queue)
    }
}
