// Saving and restoring in the middle of traffic; bytes that no device could have saved are refused.
import Devices
import Testing

@Suite struct VirtioStateTests {
    private func makeEntropy() -> Guest {
        let memory = ArrayMemory()
        return Guest(memory, VirtioEntropy(memory: memory))
    }

    @Test func layoutAfterPowerOn() {
        let zeros = [UInt8](repeating: 0, count: 24)
        #expect(makeEntropy().device.state.encode() == [1, 4, 0, 0] + zeros + [1] + [UInt8](repeating: 0, count: 33))
    }

    @Test func layoutOfABusyState() {
        let memory = ArrayMemory()
        let entropy = VirtioEntropy(memory: memory)
        var guest = Guest(memory, entropy)
        guest.start()
        guest.queues[0].add([.writable(guest.data, 4)])
        entropy.supply([1])
        guest.write(VirtioRegister.deviceFeaturesSelect, 0x0403_0201)
        guest.write(VirtioRegister.queueSelect, 7)
        #expect(
            guest.device.state.encode() == [
                1, 4, 15, 1, 1, 2, 3, 4, 1, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0,  // up to the generation
                0, 0, 0, 0x30, 1, 0, 0, 0, 1,  // features, queues
                8, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0x80, 0, 1, 0, 0, 0, 0, 0, 0x98, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0,
                0, 0,
            ])
    }

    @Test func layoutOfTheFunctions() {
        let memory = ArrayMemory()
        #expect(
            VirtioBlock(memory: memory, capacity: 0x12345600).encodeState()
                == [0, 0x56, 0x34, 0x12, 0, 0, 0, 0, 0, 2, 0, 0, 1])
        #expect(
            VirtioNet(memory: memory, mac: NetGuest.mac, mtu: 1500, linkUp: false).encodeState()
                == NetGuest.mac + [0xDC, 5, 0])
        #expect(VirtioConsole(memory: memory, columns: 80, rows: 25).encodeState() == [80, 0, 25, 0, 0, 0, 0, 0])
    }

    // MARK: Traffic

    @Test func aDiskGoesOnInANewDevice() throws {
        var random = SplitMix(seed: 7)
        var disk = DiskGuest()
        var function = disk.disk
        var outstanding = 0
        var done = 0
        for round in 0..<2000 {
            // Requests that nobody has looked at stay in the queue over the save.
            while outstanding < 3 && Bool.random(using: &random) {
                let slot = UInt64(outstanding)
                let sector = UInt64.random(in: 0..<2048, using: &random)
                disk.memory.put(0, 8, at: disk.header + 16 * slot)
                disk.memory.put(sector, 8, at: disk.header + 16 * slot + 8)
                disk.guest.queues[0].add(
                    [
                        .readable(disk.header + 16 * slot, 16), .writable(disk.payload + 512 * slot, 512),
                        .writable(disk.statusByte + slot, 1),
                    ], indirect: Bool.random(using: &random))
                if disk.guest.queues[0].mustNotify() { disk.guest.notify() }
                outstanding += 1
            }
            if Bool.random(using: &random) {
                let saved = disk.guest.device.state
                #expect(function.isQuiet)
                function = VirtioBlock(memory: disk.memory, capacity: 1 << 20)
                disk.guest.device = VirtioMMIO(function)
                try disk.guest.device.restore(VirtioState.decode(saved.encode()))
                #expect(disk.guest.device.state == saved)
                #expect(disk.guest.device.interruptLevel == (saved.interruptStatus != 0))
            }
            if Bool.random(using: &random) {
                while function.hasRequests {
                    for request in function.takeRequests() { function.complete(disk.back.serve(request, disk.memory)) }
                }
                let used = disk.guest.queues[0].collect()
                #expect(used.count == outstanding, "round \(round)")
                #expect(used.allSatisfy { $0.written == 513 })
                if outstanding > 0 { #expect(disk.guest.takeInterrupts() == 1) }
                disk.guest.queues[0].wantInterrupt(at: disk.guest.queues[0].seenUsed)
                done += outstanding
                outstanding = 0
            }
        }
        #expect(done > 500)
    }

    @Test func writeThroughSurvives() throws {
        var disk = DiskGuest()
        disk.guest.write(0x120, 0, size: 1)
        let other = VirtioBlock(memory: disk.memory, capacity: 1 << 20)
        var device = VirtioMMIO(other)
        try device.restore(disk.guest.device.state)
        #expect(device.read(offset: 0x120, size: 1) == 0)
    }

    @Test func aConsoleSavedInTheMiddleOfABuffer() throws {
        let memory = ArrayMemory()
        let console = VirtioConsole(memory: memory, columns: 80, rows: 25)
        var guest = Guest(memory, console)
        guest.start()
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8) }
        #expect(memory.copyIn(bytes, at: guest.data))
        guest.queues[1].add([.readable(guest.data, 100_000)])
        guest.notify(1)
        let first = console.takeOutput()
        console.setSize(columns: 100, rows: 40)
        let other = VirtioConsole(memory: memory, columns: 80, rows: 25)
        var device = VirtioMMIO(other)
        try device.restore(VirtioState.decode(guest.device.state.encode()))
        #expect(device.interruptLevel)
        #expect(device.read(offset: 0x100, size: 2) == 100)
        #expect(first + other.takeOutput() == bytes)
    }

    @Test func aCardKeepsItsLink() throws {
        var net = NetGuest()
        net.net.setLink(false)
        net.transmit(NetGuest.frame(60))
        let other = VirtioNet(
            memory: net.memory, mac: NetGuest.mac, mtu: 1500, offloads: NetGuest.everything)
        var device = VirtioMMIO(other)
        try device.restore(VirtioState.decode(net.guest.device.state.encode()))
        #expect(!other.isLinkUp)
        #expect(other.negotiated == NetGuest.everything)
        #expect(device.read(offset: VirtioRegister.interruptStatus, size: 4) == 2)
        other.setLink(true)
        #expect(other.takeTransmitted() == [NetGuest.frame(60)], "the frame waited in its queue")
    }

    @Test func aFailedDeviceStaysFailed() throws {
        var disk = DiskGuest()
        disk.offer(0, [.writable(disk.payload, 512)])
        let request = disk.disk.takeRequests()[0]
        disk.guest.queues[0].offer(0xFFFF)
        disk.guest.notify()
        _ = disk.disk.takeRequests()
        disk.disk.complete(BlockCompletion(token: request.token, status: .ok, written: 512))
        let saved = try VirtioState.decode(disk.guest.device.state.encode())
        #expect(saved.queues[0].nextAvailable == 1)
        #expect(saved.queues[0].nextUsed == 0)
        let other = VirtioBlock(memory: disk.memory, capacity: 1 << 20)
        disk.guest.device = VirtioMMIO(other)
        try disk.guest.device.restore(saved)
        disk.guest.notify()
        #expect(!other.hasRequests)
        #expect(disk.guest.read(VirtioRegister.status) == 0x4F)
        disk.guest.start(size: 16)
        #expect(disk.guest.read(VirtioRegister.status) == 15)
    }

    // MARK: Hostile bytes

    @Test func everyCutIsRefused() {
        let bytes = DiskGuest().guest.device.state.encode()
        for length in 0..<bytes.count {
            #expect(throws: DeviceStateError.self) { try VirtioState.decode([UInt8](bytes.prefix(length))) }
        }
        #expect(throws: DeviceStateError.self) { try VirtioState.decode(bytes + [0]) }
    }

    @Test func everyByteOfEveryValueIsEitherValidOrRefused() {
        var disk = DiskGuest()
        _ = disk.perform(4)
        let bytes = disk.guest.device.state.encode()
        for index in bytes.indices {
            for value in UInt8.min...UInt8.max {
                var damaged = bytes
                damaged[index] = value
                guard let state = try? VirtioState.decode(damaged) else { continue }
                #expect(state.encode() == damaged)
                let other = VirtioBlock(memory: disk.memory, capacity: 1 << 20)
                var device = VirtioMMIO(other)
                let before = device.state
                if (try? device.restore(state)) == nil {
                    #expect(device.state == before, "a refused restore changes nothing")
                } else {
                    #expect(device.state == state)
                    while other.hasRequests { _ = other.takeRequests() }
                }
            }
        }
    }

    private func expectRefused(_ change: (inout VirtioState) -> Void, _ text: String) {
        let disk = DiskGuest()
        var state = disk.guest.device.state
        change(&state)
        var device = VirtioMMIO(VirtioBlock(memory: disk.memory, capacity: 1 << 20))
        let before = device.state
        do throws(DeviceStateError) {
            try device.restore(state)
            Issue.record("accepted, but \(text)")
        } catch {
            #expect(error.description.contains(text))
        }
        #expect(device.state == before)
    }

    @Test func impossibleStatesAreNamed() {
        expectRefused({ $0.status = 0x10 }, "field status holds 0x10")
        expectRefused({ $0.status = 0x07 }, "field status holds 0x7")
        expectRefused({ $0.interruptStatus = 4 }, "field interrupt status holds 0x4")
        expectRefused(
            {
                $0.status = 11; $0.interruptStatus = 1
            }, "field interrupt status")
        expectRefused({ $0.features &= ~VirtioFeature.version1 }, "field features")
        expectRefused({ $0.features |= 1 << 50 }, "another set of features")
        expectRefused({ $0.deviceID = 3 }, "another device id")
        expectRefused({ $0.queues = [] }, "another queue count")
        expectRefused({ $0.queues[0].size = 3 }, "field queue size holds 0x3")
        expectRefused({ $0.queues[0].size = 256 }, "field queue size holds 0x100")
        expectRefused({ $0.queues[0].size = 0 }, "field queue address")
        expectRefused({ $0.queues[0].descriptorTable = 8 }, "field queue address")
        expectRefused({ $0.queues[0].deviceArea = .max - 3 }, "field queue address")
        expectRefused({ $0.queues[0].nextAvailable = 1 }, "field queue index")
        expectRefused({ $0.queues[0].nextUsed = 1 }, "field queue index")
        expectRefused(
            {
                $0.queues[0].isReady = false; $0.queues[0].nextUsed = 1; $0.queues[0].nextAvailable = 1
            },
            "field queue index")
        expectRefused(
            {
                $0.status |= 0x40; $0.queues[0].nextAvailable = 17
            }, "field queue index")
        expectRefused({ $0.function = [] }, "state of a virtio disk: 0 bytes")
        expectRefused({ $0.function[12] = 2 }, "field write-back holds 0x2")
        expectRefused(
            {
                $0.features &= ~(1 << 11); $0.function[12] = 0
            }, "field write-back holds 0x0")
        expectRefused({ $0.function[1] = 2 }, "another capacity")
        expectRefused({ $0.function[9] = 4 }, "another block size")
    }

    @Test func otherCardsAndConsolesAreRefused() {
        let net = NetGuest()
        var device = VirtioMMIO(
            VirtioNet(memory: net.memory, mac: [2, 0, 0, 0, 0, 1], mtu: 1500, offloads: .init(rawValue: .max)))
        #expect(throws: DeviceStateError.self) { try device.restore(net.guest.device.state) }
        device = VirtioMMIO(
            VirtioNet(memory: net.memory, mac: NetGuest.mac, mtu: 1400, offloads: .init(rawValue: .max)))
        #expect(throws: DeviceStateError.self) { try device.restore(net.guest.device.state) }
        device = VirtioMMIO(VirtioNet(memory: net.memory, mac: NetGuest.mac, mtu: 1500))
        #expect(throws: DeviceStateError.self) { try device.restore(net.guest.device.state) }
        device = VirtioMMIO(
            VirtioNet(memory: net.memory, mac: NetGuest.mac, mtu: 1500, offloads: .init(rawValue: .max)))
        #expect(throws: Never.self) { try device.restore(net.guest.device.state) }

        let memory = ArrayMemory()
        var console = VirtioMMIO(VirtioConsole(memory: memory))
        var state = console.state
        state.function[0] = 80
        #expect(throws: DeviceStateError.self) { try console.restore(state) }
        state = console.state
        state.function[4] = 1
        #expect(throws: DeviceStateError.self) { try console.restore(state) }
        #expect(throws: Never.self) { try console.restore(console.state) }
    }
}
