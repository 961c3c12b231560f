// The MMIO transport, version 2 (virtio 1.2, 4.2): the registers by which a driver finds and runs a device.
//
// Registers take 32-bit accesses at their own offset; anything else reads 0 and writes nothing. Configuration space
// takes any size. What a driver stores out of turn (features after they were agreed on, a queue's set-up while it runs)
// is ignored; what cannot work (a queue of a wrong size or outside of RAM) makes the device fail when it is made ready.

/// A virtio device on a bus: registers in front of a function.
public struct VirtioMMIO: Device {
    /// What the device is.
    public let function: any VirtioFunction
    /// The function's; kept here because every entry of the guest asks for the interrupt line.
    public let core: VirtioCore
    var deviceFeaturesSelect: UInt32 = 0
    var driverFeaturesSelect: UInt32 = 0
    var queueSelect: UInt32 = 0

    public init(_ function: any VirtioFunction) {
        self.function = function
        core = function.core
    }

    public var interruptLevel: Bool { core.interruptStatus != 0 }

    /// As after power-on, or as a driver's store of 0 to the status register.
    public mutating func reset() {
        deviceFeaturesSelect = 0
        driverFeaturesSelect = 0
        queueSelect = 0
        core.reset()
        function.reset()
    }

    // MARK: Loads

    public mutating func read(offset: UInt32, size: UInt32) -> UInt32 {
        if offset >= VirtioRegister.config { return readConfig(offset - VirtioRegister.config, size) }
        guard size == 4 else { return 0 }
        switch offset {
        case VirtioRegister.magic: return VirtioRegister.magicValue
        case VirtioRegister.version: return VirtioRegister.versionValue
        case VirtioRegister.deviceID: return UInt32(core.deviceID)
        case VirtioRegister.vendorID: return VirtioRegister.vendorValue
        case VirtioRegister.deviceFeatures:
            guard deviceFeaturesSelect < 2 else { return 0 }
            return UInt32(truncatingIfNeeded: core.offered >> (32 * UInt64(deviceFeaturesSelect)))
        case VirtioRegister.queueSizeMax: return selected.map { UInt32(core.queues[$0].maximumSize) } ?? 0
        case VirtioRegister.queueReady: return selected.map { core.queues[$0].isReady ? 1 : 0 } ?? 0
        case VirtioRegister.interruptStatus: return UInt32(core.interruptStatus)
        case VirtioRegister.status: return UInt32(core.status)
        case VirtioRegister.sharedMemoryLengthLow...VirtioRegister.sharedMemoryBaseHigh:
            return offset & 3 == 0 ? .max : 0
        case VirtioRegister.configGeneration: return core.configGeneration
        default: return 0
        }
    }

    private func readConfig(_ offset: UInt32, _ size: UInt32) -> UInt32 {
        var value: UInt32 = 0
        for index in 0..<size where offset &+ index < UInt32(core.config.count) {
            value |= UInt32(core.config[Int(offset + index)]) << (8 * index)
        }
        return value
    }

    // MARK: Stores

    public mutating func write(offset: UInt32, size: UInt32, value: UInt32) -> DeviceEvent {
        if offset >= VirtioRegister.config {
            let status = core.status & (VirtioStatus.featuresOK | VirtioStatus.needsReset)
            if status == VirtioStatus.featuresOK {
                function.writeConfig(offset - VirtioRegister.config, size, value)
            }
            return .none
        }
        guard size == 4 else { return .none }
        switch offset {
        case VirtioRegister.queueNotify:
            notify(value)
            return .attention
        case VirtioRegister.interruptAcknowledge: core.interruptStatus &= ~UInt8(truncatingIfNeeded: value)
        case VirtioRegister.deviceFeaturesSelect: deviceFeaturesSelect = value
        case VirtioRegister.driverFeatures: setFeatures(value)
        case VirtioRegister.driverFeaturesSelect: driverFeaturesSelect = value
        case VirtioRegister.queueSelect: queueSelect = value
        case VirtioRegister.queueReady:
            // A queue that stops leaves requests of the owner's stale.
            setReady(value)
            return .attention
        case VirtioRegister.status:
            // A driver that is ready may have filled its queues already.
            setStatus(UInt8(truncatingIfNeeded: value))
            return .attention
        default: setQueue(offset, value)
        }
        return .none
    }

    private mutating func setStatus(_ value: UInt8) {
        guard value != 0 else { return reset() }
        var added = value & VirtioStatus.driversBits & ~core.status
        if added & VirtioStatus.featuresOK != 0 {
            if areAcceptable(core.features) {
                core.status |= VirtioStatus.featuresOK
                function.negotiated()
            } else {
                // The driver reads the register back and sees it refused.
                added &= ~VirtioStatus.featuresOK
            }
        }
        if core.status & VirtioStatus.featuresOK == 0 { added &= ~VirtioStatus.driverOK }
        core.status |= added
        if added & VirtioStatus.driverOK != 0 { function.activate() }
    }

    /// Whether a driver may work with these features.
    func areAcceptable(_ features: UInt64) -> Bool {
        features & VirtioFeature.version1 != 0 && features & ~core.offered == 0 && function.accepts(features)
    }

    /// Nothing is offered above the second page, so nothing can be accepted there.
    private func setFeatures(_ value: UInt32) {
        guard driverFeaturesSelect < 2, core.status & VirtioStatus.featuresOK == 0 else { return }
        let shift = 32 * UInt64(driverFeaturesSelect)
        core.features = core.features & ~(0xFFFF_FFFF << shift) | UInt64(value) << shift
    }

    private func notify(_ queue: UInt32) {
        guard queue < UInt32(core.queues.count), core.isRunning(Int(queue)) else { return }
        function.notified(Int(queue))
    }

    // MARK: Queues

    /// The selected queue, if there is one.
    private var selected: Int? {
        queueSelect < UInt32(core.queues.count) ? Int(queueSelect) : nil
    }

    private func setReady(_ value: UInt32) {
        guard let index = selected else { return }
        let ready = value & 1 != 0
        guard ready != core.queues[index].isReady else { return }
        guard ready else {
            core.queues[index].stop()
            function.stopped(index)
            return
        }
        do throws(VirtQueueError) {
            try core.queues[index].check(core.memory)
            core.queues[index].start()
        } catch {
            core.fail(index, error)
        }
    }

    private func setQueue(_ offset: UInt32, _ value: UInt32) {
        guard let index = selected, !core.queues[index].isReady else { return }
        switch offset {
        case VirtioRegister.queueSize:
            let isPossible = core.queues[index].isPossible(size: UInt64(value))
            core.queues[index].size = isPossible ? UInt16(truncatingIfNeeded: value) : 0
        case VirtioRegister.queueDescriptorLow: Self.setLow(&core.queues[index].descriptorTable, value)
        case VirtioRegister.queueDescriptorHigh: Self.setHigh(&core.queues[index].descriptorTable, value)
        case VirtioRegister.queueDriverLow: Self.setLow(&core.queues[index].driverArea, value)
        case VirtioRegister.queueDriverHigh: Self.setHigh(&core.queues[index].driverArea, value)
        case VirtioRegister.queueDeviceLow: Self.setLow(&core.queues[index].deviceArea, value)
        case VirtioRegister.queueDeviceHigh: Self.setHigh(&core.queues[index].deviceArea, value)
        default: break
        }
    }

    private static func setLow(_ address: inout UInt64, _ value: UInt32) {
        address = address & 0xFFFF_FFFF_0000_0000 | UInt64(value)
    }

    private static func setHigh(_ address: inout UInt64, _ value: UInt32) {
        address = address & 0xFFFF_FFFF | UInt64(value) << 32
    }
}
