// The transport: every register, negotiation, queue set-up, status.
import Devices
import Testing

private typealias MMIO = VirtioRegister

@Suite struct VirtioMMIOTests {
    private func makeEntropy() -> Guest {
        let memory = ArrayMemory()
        return Guest(memory, VirtioEntropy(memory: memory))
    }

    @Test func identity() {
        var guest = makeEntropy()
        #expect(guest.read(0x000) == 0x7472_6976)
        #expect(guest.read(0x004) == 2)
        #expect(guest.read(0x008) == 4)
        #expect(guest.read(0x00C) == 0x5341_5453)
        #expect(guest.read(0x034) == 8)
        guest.write(MMIO.queueSelect, 1)
        #expect(guest.read(MMIO.queueSizeMax) == 0, "there is no second queue")
    }

    @Test func writeOnlyAndUnusedRegistersReadZero() {
        var guest = makeEntropy()
        guest.start()
        let readable: Set<UInt32> = [
            0x000, 0x004, 0x008, 0x00C, 0x010, 0x034, 0x044, 0x060, 0x070, 0x0B0, 0x0B4, 0x0B8, 0x0BC, 0x0FC,
        ]
        for offset in stride(from: UInt32(0), to: 0x200, by: 4) where !readable.contains(offset) {
            #expect(guest.read(offset) == 0, "register \(offset)")
        }
        for offset: UInt32 in [0x0B0, 0x0B4, 0x0B8, 0x0BC] { #expect(guest.read(offset) == .max) }
    }

    @Test func registersTakeWordsOnly() {
        var guest = makeEntropy()
        for size: UInt32 in [1, 2] { #expect(guest.read(0, size: size) == 0) }
        for offset: UInt32 in [1, 2, 3, 5, 0x71, 0x0B1] { #expect(guest.read(offset) == 0) }
        guest.write(MMIO.status, 1, size: 1)
        guest.write(MMIO.status, 1, size: 2)
        #expect(guest.read(MMIO.status) == 0)
        guest.write(MMIO.status, 1)
        #expect(guest.read(MMIO.status) == 1)
    }

    @Test func featurePages() {
        var guest = makeEntropy()
        #expect(guest.offeredFeatures() == 0x1_3000_0000)
        for page: UInt32 in [2, 3, .max] {
            guest.write(MMIO.deviceFeaturesSelect, page)
            #expect(guest.read(MMIO.deviceFeatures) == 0)
            guest.write(MMIO.driverFeaturesSelect, page)
            guest.write(MMIO.driverFeatures, .max)
        }
        #expect(guest.device.core.features == 0, "pages that do not exist take nothing")
    }

    @Test(arguments: [
        UInt64(0), VirtioFeature.indirectDescriptors | VirtioFeature.eventIndex, VirtioFeature.version1 | 1,
        VirtioFeature.version1 | 1 << 33, VirtioFeature.version1 | 1 << 63,
    ])
    func featuresThatCannotBe(features: UInt64) {
        var guest = makeEntropy()
        guest.write(MMIO.status, 3)
        guest.acceptFeatures(features)
        guest.write(MMIO.status, 11)
        #expect(guest.read(MMIO.status) == 3)
        guest.write(MMIO.status, 15)
        #expect(guest.read(MMIO.status) == 3, "no DRIVER_OK without FEATURES_OK")
        guest.acceptFeatures(VirtioFeature.version1)
        guest.write(MMIO.status, 15)
        #expect(guest.read(MMIO.status) == 15, "a second try may do better")
    }

    @Test func featuresStayOnceAgreed() {
        var guest = makeEntropy()
        guest.start(without: VirtioFeature.eventIndex)
        guest.acceptFeatures(.max)
        #expect(guest.device.core.features == VirtioFeature.version1 | VirtioFeature.indirectDescriptors)
    }

    @Test func statusOnlyGrowsUntilReset() {
        var guest = makeEntropy()
        guest.start()
        guest.write(MMIO.status, 1)
        #expect(guest.read(MMIO.status) == 15)
        guest.write(MMIO.status, 0xFFFF_FF70)
        #expect(guest.read(MMIO.status) == 15, "the driver cannot set the device's bits")
        guest.write(MMIO.status, 0x80)
        #expect(guest.read(MMIO.status) == 0x8F)
        guest.write(MMIO.status, 0)
        #expect(guest.read(MMIO.status) == 0)
    }

    @Test func resetForgetsEverything() {
        var guest = makeEntropy()
        guest.start()
        guest.queues[0].add([.writable(guest.data, 16)])
        guest.notify()
        (guest.device.function as? VirtioEntropy)?.supply([1])
        #expect(guest.device.interruptLevel)
        guest.write(MMIO.status, 0)
        #expect(!guest.device.interruptLevel)
        #expect(guest.read(MMIO.interruptStatus) == 0)
        #expect(guest.read(MMIO.queueReady) == 0)
        #expect(guest.device.state == makeEntropy().device.state)
    }

    @Test func queueSetUpIsKeptWhileTheQueueRuns() {
        var guest = makeEntropy()
        guest.start()
        let before = guest.device.state
        guest.write(MMIO.queueSize, 2)
        for offset: UInt32 in [0x80, 0x84, 0x90, 0x94, 0xA0, 0xA4] { guest.write(offset, 0x1234_5670) }
        #expect(guest.device.state == before)
        guest.write(MMIO.queueReady, 0)
        #expect(guest.read(MMIO.queueReady) == 0)
        for offset: UInt32 in [0x80, 0x84, 0x90, 0x94, 0xA0, 0xA4] { guest.write(offset, 0x1234_5670 + offset) }
        let queue = guest.device.state.queues[0]
        #expect(queue.descriptorTable == 0x1234_56F4_1234_56F0)
        #expect(queue.driverArea == 0x1234_5704_1234_5700)
        #expect(queue.deviceArea == 0x1234_5714_1234_5710)
        #expect(queue.size == 8)
    }

    @Test(arguments: [UInt32(0), 3, 6, 16, 9, 0x1_0008, .max])
    func impossibleQueueSizesFail(size: UInt32) {
        var guest = makeEntropy()
        guest.start()
        guest.write(MMIO.queueReady, 0)
        guest.write(MMIO.queueSize, size)
        guest.write(MMIO.queueReady, 1)
        #expect(guest.read(MMIO.queueReady) == 0)
        #expect(guest.read(MMIO.status) == 0x4F)
        #expect(guest.read(MMIO.interruptStatus) == 2)
        #expect(guest.device.core.failure?.error == .badSize)
    }

    @Test(arguments: [
        (MMIO.queueDescriptorLow, UInt64(0x1_0008), VirtQueueError.misaligned),
        (MMIO.queueDriverLow, 0x1_0001, .misaligned), (MMIO.queueDeviceLow, 0x1_0002, .misaligned),
        (MMIO.queueDescriptorLow, 0, .outsideMemory), (MMIO.queueDescriptorLow, 0x10_FF90, .outsideMemory),
        (MMIO.queueDescriptorLow, 0xFFFF_FFFF_FFFF_FFF0, .outsideMemory),
        (MMIO.queueDriverLow, 0x10_FFEC, .outsideMemory),
        (MMIO.queueDriverLow, 0xFFFF_FFFF_FFFF_FFFE, .outsideMemory),
        (MMIO.queueDeviceLow, 0x10_FFBC, .outsideMemory), (MMIO.queueDeviceLow, 0xFFFC, .outsideMemory),
    ])
    func impossibleQueueAddressesFail(register: UInt32, address: UInt64, error: VirtQueueError) {
        var guest = makeEntropy()
        guest.start()
        guest.write(MMIO.queueReady, 0)
        guest.write(register, UInt32(truncatingIfNeeded: address))
        guest.write(register + 4, UInt32(truncatingIfNeeded: address >> 32))
        guest.write(MMIO.queueReady, 1)
        #expect(guest.device.core.failure?.error == error)
        #expect(guest.read(MMIO.queueReady) == 0)
    }

    @Test func areasMayEndWithMemory() {
        var guest = makeEntropy()
        guest.start()
        for (register, address) in [
            (MMIO.queueDescriptorLow, UInt32(0x10_FF80)), (MMIO.queueDriverLow, 0x10_FFEA),
            (MMIO.queueDeviceLow, 0x10_FFB8),
        ] {
            guest.write(MMIO.queueReady, 0)
            guest.write(register, address)
            guest.write(MMIO.queueReady, 1)
            #expect(guest.read(MMIO.queueReady) == 1)
        }
    }

    @Test func failingBeforeTheDriverIsReadyRaisesNoInterrupt() {
        var guest = makeEntropy()
        guest.write(MMIO.status, 3)
        guest.write(MMIO.queueReady, 1)
        #expect(guest.read(MMIO.status) == 0x43)
        #expect(!guest.device.interruptLevel)
    }

    @Test func notifyingQueuesThatDoNotRunDoesNothing() {
        let memory = ArrayMemory()
        let disk = VirtioBlock(memory: memory, capacity: 1 << 20)
        var guest = Guest(memory, disk)
        guest.notify()
        #expect(!disk.hasRequests)
        guest.start()
        #expect(disk.takeRequests().isEmpty)
        for queue: UInt32 in [1, 2, 0x1_0000, .max] { guest.notify(queue) }
        #expect(!disk.hasRequests)
        guest.write(MMIO.queueReady, 0)
        guest.notify()
        #expect(!disk.hasRequests)
        #expect(!guest.hasFailed)
    }

    @Test func interruptsAreAcknowledgedBitByBit() {
        let memory = ArrayMemory()
        let entropy = VirtioEntropy(memory: memory)
        var guest = Guest(memory, entropy)
        guest.start()
        guest.queues[0].add([.writable(guest.data, 16)])
        entropy.supply([1, 2, 3])
        #expect(guest.read(MMIO.interruptStatus) == 1)
        guest.write(MMIO.interruptAcknowledge, 2)
        #expect(guest.device.interruptLevel)
        guest.write(MMIO.interruptAcknowledge, 0xFFFF_FF01)
        #expect(!guest.device.interruptLevel)
    }

    @Test func accessesBeyondTheWindowAreHarmless() {
        var guest = makeEntropy()
        for offset: UInt32 in [0x100, 0x1FF, 0x200, 0xFFFF_FFFF, 0xFFFF_FFFD] {
            for size: UInt32 in [1, 2, 4] {
                #expect(guest.read(offset, size: size) == 0)
                guest.write(offset, .max, size: size)
            }
        }
    }
}

@Suite struct VirtioEntropyTests {
    @Test func fillsBuffersInOrder() {
        let memory = ArrayMemory()
        let entropy = VirtioEntropy(memory: memory)
        var guest = Guest(memory, entropy)
        guest.start()
        #expect(entropy.wantedBytes == 0)
        let first = guest.queues[0].add([.writable(guest.data, 3), .writable(guest.data + 16, 2)])
        let second = guest.queues[0].add([.writable(guest.data + 32, 0x10000)], indirect: true)
        #expect(entropy.wantedBytes == 5)
        entropy.supply([1, 2, 3, 4, 5, 6])
        #expect(memory.copyOut(guest.data, 3) == [1, 2, 3])
        #expect(memory.copyOut(guest.data + 16, 3) == [4, 5, 0])
        #expect(entropy.wantedBytes == 4096)
        entropy.supply([])
        #expect(entropy.wantedBytes == 4096, "nothing supplied, nothing taken")
        entropy.supply([7])
        let used = guest.queues[0].collect()
        #expect(used.map(\.head) == [first, second])
        #expect(used.map(\.written) == [5, 1])
        #expect(guest.takeInterrupts() == 1)
        #expect(entropy.wantedBytes == 0)
    }

    @Test func aReadableBufferFailsIt() {
        let memory = ArrayMemory()
        let entropy = VirtioEntropy(memory: memory)
        var guest = Guest(memory, entropy)
        guest.start()
        guest.queues[0].add([.readable(guest.data, 3), .writable(guest.data + 16, 2)])
        entropy.supply([1])
        #expect(guest.device.core.failure?.error == .malformedRequest)
        #expect(guest.takeInterrupts() == 2)
    }
}
