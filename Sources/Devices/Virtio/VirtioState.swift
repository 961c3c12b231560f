// What a virtio device remembers, as a plain struct, and its bytes in a snapshot.
//
// Layout, version 1, little endian:
//
//   offset size  field
//   0      1     layout version, 1
//   1      1     device id
//   2      1     status
//   3      1     interrupt status
//   4      4     selected page of device features
//   8      4     selected page of driver features
//   12     4     selected queue
//   16     4     configuration generation
//   20     8     features the driver accepted
//   28     1     n, queues
//   29     31n   each queue:
//     0      2     size, 0 if the driver chose none that is possible
//     2      1     1 if ready, else 0
//     3      8     address of the descriptor table
//     11     8     address of the driver area, the available ring
//     19     8     address of the device area, the used ring
//     27     2     index of the next chain to take
//     29     2     index of the next chain to give back
//   then   2     m, bytes of the function's own state
//   then   m     the function's own state, documented beside each function
//
// Guest memory is not looked at: what lies in the rings is found there when the device works with it.

/// The state of one queue.
public struct VirtQueueState: Equatable, Sendable {
    public var size: UInt16
    public var isReady: Bool
    public var descriptorTable: UInt64
    public var driverArea: UInt64
    public var deviceArea: UInt64
    public var nextAvailable: UInt16
    public var nextUsed: UInt16
}

/// The complete state of a `VirtioMMIO` with its function.
public struct VirtioState: Equatable, Sendable {
    /// Layout version written and read by this build.
    public static let version: UInt8 = 1
    /// Most queues a state may have.
    static let mostQueues: UInt8 = 8

    public var deviceID: UInt8
    public var status: UInt8
    public var interruptStatus: UInt8
    public var deviceFeaturesSelect: UInt32
    public var driverFeaturesSelect: UInt32
    public var queueSelect: UInt32
    public var configGeneration: UInt32
    public var features: UInt64
    public var queues: [VirtQueueState]
    public var function: [UInt8]

    /// The driver is ready and nothing failed.
    var isActive: Bool { status & (VirtioStatus.driverOK | VirtioStatus.needsReset) == VirtioStatus.driverOK }

    /// The bytes of the layout above.
    public func encode() -> [UInt8] {
        var writer = StateWriter()
        writer.write(Self.version)
        writer.write(deviceID)
        writer.write(status)
        writer.write(interruptStatus)
        writer.write(deviceFeaturesSelect)
        writer.write(driverFeaturesSelect)
        writer.write(queueSelect)
        writer.write(configGeneration)
        writer.write(features)
        writer.write(UInt8(truncatingIfNeeded: queues.count))
        for queue in queues {
            writer.write(queue.size)
            writer.write(UInt8(queue.isReady ? 1 : 0))
            writer.write(queue.descriptorTable)
            writer.write(queue.driverArea)
            writer.write(queue.deviceArea)
            writer.write(queue.nextAvailable)
            writer.write(queue.nextUsed)
        }
        writer.write(UInt16(truncatingIfNeeded: function.count))
        writer.write(contentsOf: function)
        return writer.bytes
    }

    /// Reads hostile bytes. Whether the state is one of a particular device, its `restore` says.
    public static func decode(_ bytes: [UInt8]) throws(DeviceStateError) -> VirtioState {
        var reader = StateReader(bytes, of: name)
        try reader.expectVersion(version)
        var state = VirtioState(
            deviceID: try reader.readUInt8(), status: try reader.readUInt8(), interruptStatus: try reader.readUInt8(),
            deviceFeaturesSelect: try reader.readUInt32(), driverFeaturesSelect: try reader.readUInt32(),
            queueSelect: try reader.readUInt32(), configGeneration: try reader.readUInt32(),
            features: try reader.readUInt64(), queues: [], function: [])
        let count = try reader.readUInt8()
        try check(count <= mostQueues, "queue count", UInt32(count))
        for _ in 0..<count {
            let size = try reader.readUInt16()
            let ready = try reader.readUInt8()
            try check(ready <= 1, "queue ready", UInt32(ready))
            state.queues.append(
                VirtQueueState(
                    size: size, isReady: ready == 1, descriptorTable: try reader.readUInt64(),
                    driverArea: try reader.readUInt64(), deviceArea: try reader.readUInt64(),
                    nextAvailable: try reader.readUInt16(), nextUsed: try reader.readUInt16()))
        }
        state.function = try reader.readBytes(UInt32(try reader.readUInt16()))
        try reader.expectEnd()
        try state.validate()
        return state
    }

    /// Throws `impossible` if no device gets here.
    func validate() throws(DeviceStateError) {
        let known = VirtioStatus.driversBits | VirtioStatus.needsReset
        try Self.check(status & ~known == 0, "status", UInt32(status))
        let isReady = status & VirtioStatus.driverOK != 0
        try Self.check(!isReady || status & VirtioStatus.featuresOK != 0, "status", UInt32(status))
        let interrupts = VirtioInterrupt.usedBuffer | VirtioInterrupt.configChange
        try Self.check(interruptStatus & ~interrupts == 0, "interrupt status", UInt32(interruptStatus))
        try Self.check(isReady || interruptStatus == 0, "interrupt status", UInt32(interruptStatus))
        for queue in queues {
            let ahead = queue.nextAvailable &- queue.nextUsed
            // Every chain taken was given back before the device was saved, unless it had failed.
            try Self.check(
                ahead == 0 || (queue.isReady && status & VirtioStatus.needsReset != 0 && ahead <= queue.size),
                "queue index", UInt32(queue.nextAvailable))
            try Self.check(
                (queue.isReady && isReady) || queue.nextAvailable == 0, "queue index", UInt32(queue.nextAvailable))
        }
    }

    private static let name: StaticString = "a virtio device"

    static func check(_ holds: Bool, _ field: StaticString, _ value: UInt32) throws(DeviceStateError) {
        guard holds else { throw .impossible(device: name, field: field, value: value) }
    }

    static func checkSame(_ holds: Bool, _ field: StaticString) throws(DeviceStateError) {
        guard holds else { throw .otherDevice(device: name, field: field) }
    }
}

// MARK: - Of a device

extension VirtioMMIO {
    /// Everything that is to be saved. The owner has brought the answer to every request it was given.
    public var state: VirtioState {
        precondition(function.isQuiet, "a virtio device is saved with no request under way")
        return VirtioState(
            deviceID: core.deviceID, status: core.status, interruptStatus: core.interruptStatus,
            deviceFeaturesSelect: deviceFeaturesSelect, driverFeaturesSelect: driverFeaturesSelect,
            queueSelect: queueSelect, configGeneration: core.configGeneration, features: core.features,
            queues: core.queues.map {
                VirtQueueState(
                    size: $0.size, isReady: $0.isReady, descriptorTable: $0.descriptorTable,
                    driverArea: $0.driverArea, deviceArea: $0.deviceArea, nextAvailable: $0.nextAvailable,
                    nextUsed: $0.nextUsed)
            },
            function: function.encodeState())
    }

    /// Puts a saved state back into a device that was set up like the saved one. Pending interrupts are pending again,
    /// chains that waited in a queue are found there. The device is unchanged when this throws.
    public mutating func restore(_ saved: VirtioState) throws(DeviceStateError) {
        precondition(function.isQuiet, "a virtio device is restored with no request under way")
        try saved.validate()
        try VirtioState.checkSame(saved.deviceID == core.deviceID, "device id")
        try VirtioState.checkSame(saved.queues.count == core.queues.count, "queue count")
        if saved.status & VirtioStatus.featuresOK != 0 {
            try VirtioState.checkSame(saved.features & ~core.offered == 0, "set of features")
            let isAcceptable = areAcceptable(saved.features)
            try VirtioState.check(isAcceptable, "features", UInt32(truncatingIfNeeded: saved.features))
        }
        var queues = core.queues
        for index in queues.indices {
            let queue = saved.queues[index]
            let isPossible = queue.size == 0 || queues[index].isPossible(size: UInt64(queue.size))
            try VirtioState.check(isPossible, "queue size", UInt32(queue.size))
            queues[index].size = queue.size
            queues[index].descriptorTable = queue.descriptorTable
            queues[index].driverArea = queue.driverArea
            queues[index].deviceArea = queue.deviceArea
            queues[index].isReady = queue.isReady
            queues[index].setIndices(available: queue.nextAvailable, used: queue.nextUsed)
            guard queue.isReady else { continue }
            do throws(VirtQueueError) {
                try queues[index].check(core.memory)
            } catch {
                throw .impossible(
                    device: "a virtio device", field: "queue address",
                    value: UInt32(truncatingIfNeeded: queue.descriptorTable))
            }
        }
        try function.restoreState(saved.function, saved)
        // Everything was good: from here on nothing fails.
        deviceFeaturesSelect = saved.deviceFeaturesSelect
        driverFeaturesSelect = saved.driverFeaturesSelect
        queueSelect = saved.queueSelect
        core.restore(saved, queues)
        if core.isActive { function.activate() }
    }
}
