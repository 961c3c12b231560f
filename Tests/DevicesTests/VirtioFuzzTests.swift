// Hostile drivers at random: nothing traps, every call ends after a bounded number of memory accesses, a failed device
// touches nothing, and whatever is reached can be saved and restored.
import Devices
import Testing

/// One random driver and its device.
private struct Fuzz {
    var random: SplitMix
    let memory = ArrayMemory(base: 0x1_0000, size: 0x1_0000)
    var guest: Guest
    let function: any VirtioFunction
    var tokens: [UInt32] = []
    /// Makes no mistakes on purpose.
    let isTame: Bool
    var completed = 0

    init(seed: UInt64) {
        random = SplitMix(seed: seed)
        isTame = seed & 1 == 0
        function = Self.make(Int.random(in: 0..<4, using: &random), memory)
        guest = Guest(memory, function)
    }

    static func make(_ kind: Int, _ memory: ArrayMemory) -> any VirtioFunction {
        switch kind {
        case 0: VirtioBlock(memory: memory, capacity: 1 << 20)
        case 1: VirtioNet(memory: memory, mac: NetGuest.mac, mtu: 1500, offloads: NetGuest.everything)
        case 2: VirtioConsole(memory: memory, columns: 80, rows: 25)
        default: VirtioEntropy(memory: memory)
        }
    }

    func fresh() -> any VirtioFunction {
        switch guest.device.core.deviceID {
        case VirtioDeviceID.block: Self.make(0, memory)
        case VirtioDeviceID.net: Self.make(1, memory)
        case VirtioDeviceID.console: Self.make(2, memory)
        default: Self.make(3, memory)
        }
    }

    mutating func pick(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }
    mutating func chance(_ one: Int) -> Bool { pick(0..<one) == 0 }

    /// An address: mostly good, sometimes at an edge, sometimes anything.
    mutating func address() -> UInt64 {
        switch pick(0..<40) {
        case 0: random.next()
        case 1: 0x2_0000 - UInt64(pick(0..<20))
        case 2: 0x1_0000 &- UInt64(pick(0..<20))
        case 3: UInt64.max - UInt64(pick(0..<20))
        default: 0x1_0000 + UInt64(pick(0..<0xF000))
        }
    }

    mutating func length() -> UInt32 {
        switch pick(0..<40) {
        case 0: UInt32(truncatingIfNeeded: random.next())
        case 1: 0
        case 2...10: 512 * UInt32(pick(1..<5))
        case 11...20: 16 * UInt32(pick(1..<20))
        default: UInt32(pick(1..<100))
        }
    }

    mutating func fillTable(_ table: UInt64, _ count: Int) {
        for index in 0..<count {
            var flags = UInt16(pick(0..<4))
            if chance(8) { flags |= 4 }
            if chance(30) { flags = UInt16(truncatingIfNeeded: random.next()) }
            let next = chance(30) ? UInt16(truncatingIfNeeded: random.next()) : UInt16(pick(0..<count))
            let place = table + 16 * UInt64(index)
            guard memory.contains(place, count: 16) else { return }
            GuestQueue.describe(memory, table, UInt16(index), address(), length(), flags: flags, next: next)
        }
    }

    mutating func setUpQueues() {
        guest.queues = []
        for index in 0..<guest.device.core.queues.count {
            let size = UInt16(1 << pick(isTame ? 3..<7 : 0..<9))
            let queue = GuestQueue(memory, at: 0x1_0000 + 0x4000 * UInt64(index), size: size)
            fillTable(queue.descriptors, Int(size))
            fillTable(0x1_9000, 64)
            memory.put(0, 4, at: queue.available)
            memory.put(0, 4, at: queue.used)
            guest.queues.append(queue)
            guest.write(VirtioRegister.queueSelect, UInt32(index))
            if !isTame && chance(20) {
                guest.write(VirtioRegister.queueDescriptorLow, UInt32(truncatingIfNeeded: random.next()))
            }
            guest.setUp(UInt32(index), queue)
        }
    }

    mutating func start() {
        guest.write(VirtioRegister.status, 0)
        guest.write(VirtioRegister.status, 3)
        var features = guest.offeredFeatures()
        if chance(3) { features &= random.next() | VirtioFeature.version1 }
        if !isTame && chance(40) { features = random.next() }
        guest.acceptFeatures(features)
        guest.write(VirtioRegister.status, 11)
        setUpQueues()
        guest.write(VirtioRegister.status, 15)
    }

    mutating func offerChains() {
        guard !guest.queues.isEmpty else { return }
        let index = pick(0..<guest.queues.count)
        let size = guest.queues[index].size
        for _ in 0..<pick(1..<5) {
            // Often a chain that makes sense, so that deeper code is reached; a tame driver makes no other.
            let head = UInt16(pick(0..<Int(size)))
            if isTame || chance(2) { describeGoodChain(index, head) }
            guest.queues[index].offer(!isTame && chance(50) ? UInt16(truncatingIfNeeded: random.next()) : head)
            // A tame driver has one chain under way.
            if isTame { break }
        }
        if !isTame && chance(60) {
            memory.put(random.next(), 2, at: guest.queues[index].available + 2)
        }
        guest.notify(UInt32(index))
    }

    /// A chain such as the device at hand expects in the queue.
    mutating func describeGoodChain(_ index: Int, _ head: UInt16) {
        let queue = guest.queues[index]
        if guest.device.core.deviceID != VirtioDeviceID.block {
            queue.describe(head, 0x1_A000, UInt32(pick(12..<2000)), flags: index == 0 ? 2 : 0)
            return
        }
        guard queue.size >= 4 else { return queue.describe(head, 0x1_8000, 16, flags: 0) }
        memory.put([0, 1, 4, 8, 11, 13][pick(0..<6)], 4, at: 0x1_8000)
        memory.put(UInt64(pick(0..<2050)), 8, at: 0x1_8008)
        let second = (head + 1) % queue.size
        let third = (head + 2) % queue.size
        let isOutput = chance(2)
        queue.describe(head, 0x1_8000, 16, flags: 1, next: second)
        queue.describe(second, 0x1_A000, 512, flags: isOutput ? 1 : 3, next: third)
        queue.describe(third, 0x1_8100, 1, flags: 2)
    }

    /// The owner does what it can do.
    mutating func work() {
        if let block = function as? VirtioBlock {
            if chance(2) { tokens += block.takeRequests().map(\.token) }
            while !tokens.isEmpty && !chance(4) {
                let token = tokens.remove(at: pick(0..<tokens.count))
                block.complete(BlockCompletion(token: token, status: .ok, written: UInt32(pick(0..<2000))))
                completed += 1
            }
            if chance(10) {
                block.complete(
                    BlockCompletion(token: UInt32(truncatingIfNeeded: random.next()), status: .ok, written: .max))
            }
        } else if let net = function as? VirtioNet {
            _ = net.takeTransmitted()
            _ = net.canReceive
            _ = net.receive(NetGuest.frame(pick(0..<3000)))
            if chance(10) { net.setLink(chance(2)) }
        } else if let console = function as? VirtioConsole {
            _ = console.takeOutput()
            _ = console.receive([UInt8](repeating: 7, count: pick(0..<3000)))
            if chance(10) { console.setSize(columns: UInt16(pick(1..<4)), rows: 1) }
        } else if let entropy = function as? VirtioEntropy {
            entropy.supply([UInt8](repeating: 7, count: min(entropy.wantedBytes, pick(0..<5000))))
        }
    }

    mutating func step() {
        switch pick(0..<12) {
        case 0 where !isTame:
            // Any register, any value.
            let value = chance(2) ? UInt32(pick(0..<16)) : UInt32(truncatingIfNeeded: random.next())
            guest.write(UInt32(pick(0..<0x200)), value, size: [1, 2, 4, 4][pick(0..<4)])
        case 1:
            _ = guest.read(UInt32(pick(0..<0x210)), size: [1, 2, 4, 4][pick(0..<4)])
        case 2: if chance(8) { start() }
        case 3: if !isTame, let queue = guest.queues.first { fillTable(queue.descriptors, Int(queue.size)) }
        case 4...7: offerChains()
        default: work()
        }
    }

    mutating func checkState(_ seed: UInt64) throws {
        guard function.isQuiet else { return }
        let state = guest.device.state
        var other = VirtioMMIO(fresh())
        try other.restore(VirtioState.decode(state.encode()))
        #expect(other.state == state, "seed \(seed)")
    }
}

@Suite struct VirtioFuzzTests {
    @Test func randomDriversDoNoHarm() throws {
        var failures = 0
        var active = 0
        var completed = 0
        for seed in UInt64(0)..<2500 {
            var fuzz = Fuzz(seed: seed)
            fuzz.start()
            for _ in 0..<40 {
                let hadFailed = fuzz.guest.hasFailed
                if hadFailed && fuzz.chance(3) {
                    // Whatever the owner brings, a failed device leaves memory alone.
                    let before = fuzz.memory.bytes
                    fuzz.work()
                    #expect(fuzz.memory.bytes == before, "seed \(seed)")
                    continue
                }
                fuzz.memory.accesses = 0
                fuzz.step()
                #expect(fuzz.memory.accesses < 200_000, "seed \(seed)")
                if !hadFailed && fuzz.guest.hasFailed { failures += 1 }
            }
            if fuzz.guest.device.core.isActive { active += 1 }
            completed += fuzz.completed
            try fuzz.checkState(seed)
        }
        // The generator reaches both ends.
        #expect(failures > 500)
        #expect(active > 500)
        #expect(completed > 500)
    }
}
