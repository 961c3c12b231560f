// The network card: frames both ways, merged buffers, what is not negotiated, the link.
import Devices
import Testing

/// A guest with a network card.
struct NetGuest {
    let memory = ArrayMemory()
    let net: VirtioNet
    var guest: Guest

    static let mac: [UInt8] = [0x52, 0x54, 0, 1, 2, 3]
    static let everything: VirtioNetOffloads = [
        .checksum, .guestChecksum, .guestTSO4, .guestTSO6, .hostTSO4, .hostTSO6, .mergedBuffers,
    ]

    init(_ offloads: VirtioNetOffloads = everything, mtu: UInt16? = 1500, without: UInt64 = 0, size: UInt16 = 8) {
        net = VirtioNet(memory: memory, mac: Self.mac, mtu: mtu, offloads: offloads)
        guest = Guest(memory, net)
        guest.start(without: without, size: size)
    }

    /// Header (flags and gso_type given) and a frame of `count` bytes.
    static func frame(_ count: Int, flags: UInt8 = 0, segmentation: UInt8 = 0) -> [UInt8] {
        [flags, segmentation] + [UInt8](repeating: 0, count: 10)
            + (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 3) }
    }

    /// Has the guest transmit these bytes, cut into buffers of `pieces` bytes.
    mutating func transmit(_ bytes: [UInt8], pieces: Int = .max, indirect: Bool = false) {
        #expect(memory.copyIn(bytes, at: guest.data))
        var buffers: [Buffer] = []
        var position = 0
        while position < bytes.count {
            let count = min(pieces, bytes.count - position)
            buffers.append(.readable(guest.data + UInt64(position), UInt32(count)))
            position += count
        }
        guest.queues[1].add(buffers, indirect: indirect)
        guest.notify(1)
    }

    func bytes(_ offset: UInt64, _ count: Int) -> [UInt8] { memory.copyOut(guest.data + offset, count) ?? [] }
}

@Suite struct VirtioNetTests {
    @Test func configuration() {
        var net = NetGuest()
        #expect((0..<6).map { UInt8(net.guest.read(0x100 + $0, size: 1)) } == NetGuest.mac)
        #expect(net.guest.read(0x106, size: 2) == 1)
        #expect(net.guest.read(0x10A, size: 2) == 1500)
        #expect(net.guest.read(0x10C) == 0)
        #expect(net.guest.read(0x008) == 1)
    }

    private static let offers: [(VirtioNetOffloads, UInt64)] = [
        (NetGuest.everything, 0x1_3001_99AB), ([], 0x1_3001_0028), ([.hostTSO4, .guestTSO6], 0x1_3001_0028),
        ([.checksum, .hostTSO6], 0x1_3001_1029), (VirtioNetOffloads(rawValue: .max), 0x1_3001_99AB),
    ]

    @Test(arguments: offers)
    func offeredFeatures(offloads: VirtioNetOffloads, features: UInt64) {
        var net = NetGuest(offloads)
        #expect(net.guest.offeredFeatures() == features)
        var without = NetGuest(offloads, mtu: nil)
        #expect(without.guest.offeredFeatures() == features & ~8)
    }

    @Test(arguments: [UInt64(1 << 7), 1 << 8, 1 << 11, 1 << 12])
    func featuresNeedTheirs(feature: UInt64) {
        var net = NetGuest()
        net.guest.write(VirtioRegister.status, 0)
        net.guest.write(VirtioRegister.status, 3)
        net.guest.acceptFeatures(VirtioFeature.version1 | feature)
        net.guest.write(VirtioRegister.status, 11)
        #expect(net.guest.read(VirtioRegister.status) == 3)
        net.guest.acceptFeatures(VirtioFeature.version1 | feature | 3)
        net.guest.write(VirtioRegister.status, 11)
        #expect(net.guest.read(VirtioRegister.status) == 11)
        #expect(net.net.negotiated == [])
        net.guest.write(VirtioRegister.status, 15)
        #expect(net.net.negotiated == VirtioNetOffloads(rawValue: feature | 3))
    }

    // MARK: Transmit

    @Test(arguments: [(Int.max, false), (12, false), (7, true), (200, true)])
    func framesLeaveInOnePiece(pieces: Int, indirect: Bool) {
        var net = NetGuest()
        let frame = NetGuest.frame(80)
        net.transmit(frame, pieces: max(pieces, indirect ? 1 : 12), indirect: indirect)
        #expect(net.net.hasTransmitted)
        #expect(net.net.takeTransmitted() == [frame])
        #expect(!net.net.hasTransmitted)
        #expect(net.guest.takeInterrupts() == 1)
        #expect(net.guest.queues[1].collect().map(\.written) == [0])
    }

    @Test func severalFramesInOrder() {
        var net = NetGuest()
        for count in 1...5 {
            #expect(net.memory.copyIn(NetGuest.frame(count), at: net.guest.data + 0x100 * UInt64(count)))
            net.guest.queues[1].add([.readable(net.guest.data + 0x100 * UInt64(count), UInt32(12 + count))])
        }
        net.guest.notify(1)
        #expect(net.net.takeTransmitted() == (1...5).map { NetGuest.frame($0) })
    }

    @Test func oneCallTakesABoundedNumber() {
        var net = NetGuest(size: 128)
        for _ in 0..<100 { net.transmit(NetGuest.frame(20)) }
        #expect(net.net.takeTransmitted().count == 64)
        #expect(net.net.hasTransmitted)
        #expect(net.net.takeTransmitted().count == 36)
        #expect(!net.net.hasTransmitted)
    }

    @Test func theLongestFrame() {
        var net = NetGuest()
        net.transmit(NetGuest.frame(65550))
        #expect(net.net.takeTransmitted().map(\.count) == [65562])
        net.transmit(NetGuest.frame(65551))
        #expect(net.net.takeTransmitted() == [])
        #expect(net.net.dropped == 1)
        #expect(net.guest.queues[1].collect().count == 2, "a dropped frame's buffer comes back")
        #expect(!net.guest.hasFailed)
    }

    @Test func framesNotAsNegotiatedStay() {
        var net = NetGuest(without: 1 << 11 | 1 << 12 | 1)
        for (flags, segmentation): (UInt8, UInt8) in [(1, 0), (2, 0), (0, 1), (0, 4), (0, 3), (0, 0x80)] {
            net.transmit(NetGuest.frame(60, flags: flags, segmentation: segmentation))
        }
        #expect(net.net.takeTransmitted() == [])
        #expect(net.net.dropped == 6)
        var with = NetGuest()
        for (flags, segmentation): (UInt8, UInt8) in [(1, 0), (1, 1), (1, 4), (2, 0), (1, 3), (1, 0x81)] {
            with.transmit(NetGuest.frame(60, flags: flags, segmentation: segmentation))
            let isAllowed = flags == 1 && [0, 1, 4].contains(segmentation)
            #expect(with.net.takeTransmitted().count == (isAllowed ? 1 : 0))
        }
        #expect(with.net.dropped == 3)
    }

    @Test func aFrameWithoutHeaderFailsTheCard() {
        var net = NetGuest()
        net.transmit([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
        #expect(net.net.takeTransmitted() == [])
        #expect(net.guest.device.core.failure?.error == .malformedRequest)
        #expect(net.guest.device.core.failure?.queue == 1)
        #expect(!net.net.receive(NetGuest.frame(60)))
        #expect(!net.net.hasTransmitted)
    }

    // MARK: Receive

    @Test func aFrameInOneBuffer() {
        var net = NetGuest()
        #expect(!net.net.canReceive)
        #expect(!net.net.receive(NetGuest.frame(60)))
        net.guest.queues[0].add([.writable(net.guest.data, 2000)])
        #expect(net.guest.queues[0].mustNotify())
        #expect(net.net.canReceive)
        var frame = NetGuest.frame(60, flags: 2)
        #expect(net.net.receive(frame))
        frame[10] = 1
        #expect(net.bytes(0, 73) == frame + [0])
        #expect(net.guest.queues[0].collect().map(\.written) == [72])
        #expect(net.guest.takeInterrupts() == 1)
        #expect(!net.net.canReceive)
    }

    @Test func aFrameOverSeveralBuffers() {
        var net = NetGuest()
        // The header is cut in the middle of its count of buffers.
        let heads = [
            net.guest.queues[0].add([.writable(net.guest.data, 11), .writable(net.guest.data + 0x100, 9)]),
            net.guest.queues[0].add([.writable(net.guest.data + 0x200, 30)]),
        ]
        let frame = NetGuest.frame(60)
        #expect(net.net.canReceive)
        #expect(!net.net.receive(frame), "50 bytes are not enough")
        #expect(net.guest.queues[0].collect().isEmpty)
        #expect(!net.guest.device.interruptLevel)
        let last = net.guest.queues[0].add([.writable(net.guest.data + 0x300, 100)], indirect: true)
        #expect(net.guest.queues[0].mustNotify(), "the driver was asked to tell of more")
        #expect(net.net.receive(frame))
        let used = net.guest.queues[0].collect()
        #expect(used.map(\.head) == heads + [last])
        #expect(used.map(\.written) == [20, 30, 22])
        var expected = frame
        expected[10] = 3
        #expect(net.bytes(0, 11) + net.bytes(0x100, 9) + net.bytes(0x200, 30) + net.bytes(0x300, 22) == expected)
        #expect(net.guest.takeInterrupts() == 1)
    }

    @Test func withoutMergingOneBufferHasToDo() {
        var net = NetGuest(without: 1 << 15)
        net.guest.queues[0].add([.writable(net.guest.data, 12), .writable(net.guest.data + 0x100, 60)])
        #expect(net.net.receive(NetGuest.frame(61)), "dropped")
        #expect(net.net.dropped == 1)
        #expect(net.guest.queues[0].collect().isEmpty)
        #expect(net.net.receive(NetGuest.frame(60)))
        #expect(net.guest.queues[0].collect().map(\.written) == [72])
        #expect(net.bytes(10, 2) == [1, 0])
        #expect(net.bytes(0x100, 60) == [UInt8](NetGuest.frame(60).dropFirst(12)))
    }

    @Test func whatTheGuestMustNotGetIsDropped() {
        var net = NetGuest(without: 1 << 1 | 1 << 7 | 1 << 8)
        net.guest.queues[0].add([.writable(net.guest.data, 2000)])
        for (flags, segmentation): (UInt8, UInt8) in [(1, 0), (0, 1), (0, 4), (0, 3), (0, 0x81)] {
            #expect(net.net.receive(NetGuest.frame(60, flags: flags, segmentation: segmentation)))
        }
        #expect(net.net.receive([UInt8](repeating: 0, count: 12)))
        #expect(net.net.receive([]))
        #expect(net.net.receive(NetGuest.frame(65551)))
        #expect(net.net.dropped == 8)
        #expect(net.guest.queues[0].collect().isEmpty)
        #expect(net.net.receive(NetGuest.frame(60, flags: 2)))
        #expect(net.bytes(0, 1) == [0], "nobody agreed to hear that the checksum is good")
    }

    @Test(arguments: [[Buffer.writable(0x9_0000, 11)], [.readable(0x9_0000, 12), .writable(0x9_0000, 2000)]])
    func receiveBuffersThatCannotBe(buffers: [Buffer]) {
        var net = NetGuest()
        net.guest.queues[0].add(buffers)
        #expect(!net.net.receive(NetGuest.frame(60)))
        #expect(net.guest.device.core.failure?.error == .malformedRequest)
        #expect(!net.net.canReceive)
    }

    @Test func beforeTheDriverIsReadyNothingArrives() {
        let memory = ArrayMemory()
        let net = VirtioNet(memory: memory, mac: NetGuest.mac)
        #expect(!net.canReceive)
        #expect(!net.receive(NetGuest.frame(60)))
        #expect(net.takeTransmitted() == [])
    }

    // MARK: Link

    @Test func theCableIsPulled() {
        var net = NetGuest()
        let generation = net.guest.read(VirtioRegister.configGeneration)
        net.net.setLink(true)
        #expect(!net.guest.device.interruptLevel, "no change")
        net.net.setLink(false)
        #expect(net.guest.takeInterrupts() == 2)
        #expect(net.guest.read(0x106, size: 2) == 0)
        #expect(net.guest.read(VirtioRegister.configGeneration) == generation + 1)
        net.guest.queues[0].add([.writable(net.guest.data + 0x8000, 2000)])
        #expect(net.net.receive(NetGuest.frame(60)))
        net.transmit(NetGuest.frame(60))
        #expect(net.net.takeTransmitted() == [])
        #expect(net.net.dropped == 2)
        #expect(net.guest.queues[0].collect().isEmpty)
        net.net.setLink(true)
        #expect(net.net.receive(NetGuest.frame(60)))
        #expect(net.guest.queues[0].collect().count == 1)
    }

    @Test func aLinkThatChangesBeforeTheDriverIsReadyRaisesNothing() {
        let memory = ArrayMemory()
        let net = VirtioNet(memory: memory, mac: NetGuest.mac)
        var guest = Guest(memory, net)
        net.setLink(false)
        #expect(!guest.device.interruptLevel)
        #expect(guest.read(0x106, size: 2) == 0)
        #expect(guest.read(VirtioRegister.configGeneration) == 1)
    }
}
