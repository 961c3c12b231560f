// Split queues through a source of entropy: event index, wrapping, and everything a hostile driver can write.
import Devices
import Testing

@Suite struct VirtQueueTests {
    private let memory = ArrayMemory()
    private let entropy: VirtioEntropy
    private var guest: Guest

    init() {
        entropy = VirtioEntropy(memory: memory)
        guest = Guest(memory, entropy)
        guest.start()
    }

    private mutating func expectFailure(_ error: VirtQueueError, _ comment: Comment? = nil) {
        #expect(entropy.wantedBytes == 0, comment)
        #expect(guest.device.core.failure?.error == error, comment)
        #expect(guest.read(VirtioRegister.status) == 0x4F, comment)
        #expect(guest.takeInterrupts() == 2, comment)
        // Nothing goes on until reset.
        let before = memory.bytes
        #expect(entropy.wantedBytes == 0)
        entropy.supply([1, 2, 3])
        guest.notify()
        #expect(memory.bytes == before)
        #expect(!guest.device.interruptLevel)
    }

    // MARK: Hostile

    @Test mutating func aLoopIsTooLong() {
        guest.queues[0].describe(0, guest.data, 4, flags: 3, next: 1)
        guest.queues[0].describe(1, guest.data, 4, flags: 3, next: 0)
        guest.queues[0].offer(0)
        memory.accesses = 0
        expectFailure(.chainTooLong)
        #expect(memory.accesses < 100)
    }

    @Test mutating func aChainAsLongAsTheQueueIsNot() {
        for index: UInt16 in 0..<8 {
            let isLast = index == 7
            guest.queues[0].describe(index, guest.data, 1, flags: isLast ? 2 : 3, next: index + 1)
        }
        guest.queues[0].offer(0)
        #expect(entropy.wantedBytes == 8)
    }

    @Test mutating func aDescriptorThatPointsToItself() {
        guest.queues[0].describe(3, guest.data, 4, flags: 3, next: 3)
        guest.queues[0].offer(3)
        expectFailure(.chainTooLong)
    }

    @Test(arguments: [UInt16(8), 9, 0x7FFF, 0xFFFF])
    mutating func headsBeyondTheTable(head: UInt16) {
        guest.queues[0].offer(head)
        expectFailure(.badDescriptorIndex)
    }

    @Test(arguments: [UInt16(8), 0xFFFF])
    mutating func nextBeyondTheTable(next: UInt16) {
        guest.queues[0].describe(0, guest.data, 4, flags: 3, next: next)
        guest.queues[0].offer(0)
        expectFailure(.badDescriptorIndex)
    }

    @Test(arguments: [UInt16(9), 10, 0x8000, 0xFFFF])
    mutating func anIndexTooFarAhead(index: UInt16) {
        memory.put(UInt64(index), 2, at: guest.queues[0].available + 2)
        expectFailure(.badAvailableIndex)
    }

    @Test mutating func anIndexThatGoesBack() {
        guest.queues[0].add([.writable(guest.data, 4)])
        entropy.supply([1])
        #expect(guest.takeInterrupts() == 1)
        memory.put(0, 2, at: guest.queues[0].available + 2)
        expectFailure(.badAvailableIndex)
    }

    @Test(arguments: [
        (UInt64(0), UInt32(4)), (0xFFFF, 1), (0x11_0000, 1), (0x10_FFFF, 2), (0x1_0000, .max), (.max, 1), (.max, .max),
        (0xFFFF_FFFF_FFFF_0000, 0xFFFF_FFFF), (0x1_0001_0000, 4),
    ])
    mutating func buffersOutsideMemory(address: UInt64, count: UInt32) {
        guest.queues[0].add([.writable(guest.data, 4), .writable(address, count)])
        expectFailure(.outsideMemory)
    }

    @Test mutating func emptyBuffers() {
        guest.queues[0].add([.writable(guest.data, 4), .writable(guest.data, 0)])
        expectFailure(.emptyBuffer)
    }

    @Test mutating func readableAfterWritable() {
        guest.queues[0].add([.writable(guest.data, 4), .readable(guest.data, 4)])
        expectFailure(.readableAfterWritable)
    }

    @Test mutating func indirectWithNext() {
        guest.queues[0].describe(0, guest.data, 16, flags: 5, next: 1)
        guest.queues[0].offer(0)
        expectFailure(.badIndirect)
    }

    @Test(arguments: [UInt32(0), 1, 15, 17, 24])
    mutating func indirectTablesOfWrongLength(length: UInt32) {
        guest.queues[0].describe(0, guest.data, length, flags: 4)
        guest.queues[0].offer(0)
        expectFailure(.badIndirect)
    }

    @Test mutating func indirectInsideIndirect() {
        GuestQueue.describe(memory, guest.data, 0, guest.data + 0x100, 16, flags: 4)
        guest.queues[0].describe(0, guest.data, 16, flags: 4)
        guest.queues[0].offer(0)
        expectFailure(.badIndirect)
    }

    @Test(arguments: [UInt64(0), 0x10_FFF8, 0xFFFF_FFFF_FFFF_FFF0, 0x2_0000_0000])
    mutating func indirectTablesOutsideMemory(address: UInt64) {
        guest.queues[0].describe(0, address, 16, flags: 4)
        guest.queues[0].offer(0)
        expectFailure(.outsideMemory)
    }

    @Test mutating func aLoopInAnIndirectTable() {
        GuestQueue.describe(memory, guest.data, 0, guest.data, 1, flags: 3, next: 1)
        GuestQueue.describe(memory, guest.data, 1, guest.data, 1, flags: 3, next: 0)
        guest.queues[0].describe(0, guest.data, 32, flags: 4)
        guest.queues[0].offer(0)
        expectFailure(.chainTooLong)
    }

    /// A driver that had to settle for a small queue may still use tables as long as the largest one (8 here).
    @Test(arguments: [UInt16(8), 9])
    mutating func indirectTablesLongerThanTheQueue(count: UInt16) {
        guest.start(size: 2)
        for index in 0..<count {
            GuestQueue.describe(
                memory, guest.data, index, guest.data, 1, flags: index == count - 1 ? 2 : 3, next: index + 1)
        }
        guest.queues[0].describe(0, guest.data, 16 * UInt32(count), flags: 4)
        guest.queues[0].offer(0)
        if count == 8 { #expect(entropy.wantedBytes == 8) } else { expectFailure(.chainTooLong) }
    }

    @Test mutating func nextBeyondAnIndirectTable() {
        GuestQueue.describe(memory, guest.data, 0, guest.data, 1, flags: 3, next: 1)
        guest.queues[0].describe(0, guest.data, 16, flags: 4)
        guest.queues[0].offer(0)
        expectFailure(.badDescriptorIndex)
    }

    @Test mutating func indirectWithoutTheFeature() {
        guest.start(without: VirtioFeature.indirectDescriptors)
        guest.queues[0].add([.writable(guest.data, 4)], indirect: true)
        expectFailure(.badIndirect)
    }

    @Test func fourGibibytesInAChain() {
        // Memory that says yes to everything: only the sum is wrong.
        final class Endless: DMA {
            let inner = ArrayMemory()
            func contains(_ address: UInt64, count: UInt64) -> Bool { true }
            func load(at address: UInt64, size: UInt32) -> UInt64? { inner.load(at: address, size: size) }
            func store(_ value: UInt64, at address: UInt64, size: UInt32) -> Bool {
                inner.store(value, at: address, size: size)
            }
            func copyOut(_ address: UInt64, _ count: Int) -> [UInt8]? { nil }
            func copyIn(_ bytes: [UInt8], at address: UInt64) -> Bool { true }
        }
        for (last, error) in [(UInt32(0x8000_0000), VirtQueueError.tooManyBytes), (0x7FFF_FFFF, nil)] {
            let memory = Endless()
            let entropy = VirtioEntropy(memory: memory)
            var guest = Guest(memory.inner, entropy)
            guest.start()
            guest.queues[0].add([.writable(guest.data, 0x8000_0000), .writable(guest.data, last)])
            #expect(entropy.wantedBytes == (error == nil ? 4096 : 0))
            #expect(guest.device.core.failure?.error == error)
        }
    }

    @Test mutating func afterAFailureAResetHelps() {
        guest.queues[0].offer(99)
        expectFailure(.badDescriptorIndex)
        guest.start()
        #expect(guest.device.core.failure == nil)
        guest.queues[0].add([.writable(guest.data, 4)])
        entropy.supply([1, 2])
        #expect(guest.queues[0].collect().map(\.written) == [2])
    }

    // MARK: Indirect

    @Test mutating func directBuffersThenAnIndirectTable() {
        GuestQueue.describe(memory, guest.data + 0x1000, 0, guest.data + 4, 4, flags: 3, next: 2)
        GuestQueue.describe(memory, guest.data + 0x1000, 2, guest.data + 8, 4, flags: 2)
        guest.queues[0].describe(0, guest.data, 4, flags: 3, next: 5)
        // The write flag beside "indirect" means nothing.
        guest.queues[0].describe(5, guest.data + 0x1000, 48, flags: 6)
        guest.queues[0].offer(0)
        #expect(entropy.wantedBytes == 12)
        entropy.supply([UInt8](1...12))
        #expect(memory.copyOut(guest.data, 12) == [UInt8](1...12))
    }

    // MARK: Event index

    @Test mutating func theDriverIsAskedToNotifyOnlyWhenTheQueueWasEmptied() {
        guest.queues[0].add([.writable(guest.data, 4)])
        #expect(guest.queues[0].mustNotify(), "the first chain")
        guest.queues[0].add([.writable(guest.data, 4)])
        #expect(!guest.queues[0].mustNotify(), "the device has not come to the end since")
        entropy.supply([1])
        guest.queues[0].add([.writable(guest.data, 4)])
        #expect(!guest.queues[0].mustNotify())
        entropy.supply([1])
        entropy.supply([1])
        #expect(entropy.wantedBytes == 0)
        guest.queues[0].add([.writable(guest.data, 4)])
        #expect(guest.queues[0].mustNotify())
    }

    @Test mutating func theDriverIsInterruptedWhenItsIndexIsPassed() {
        for _ in 0..<6 { guest.queues[0].add([.writable(guest.data, 4)]) }
        guest.queues[0].wantInterrupt(at: 3)
        for count in 1...6 {
            entropy.supply([1])
            #expect(guest.device.interruptLevel == (count >= 4), "after \(count)")
        }
        #expect(guest.takeInterrupts() == 1)
    }

    @Test mutating func withoutEventIndexTheFlagsDecide() {
        guest.start(without: VirtioFeature.eventIndex)
        #expect(entropy.wantedBytes == 0)
        let usedEvent = guest.queues[0].used + 4 + 8 * 8
        for _ in 0..<3 { guest.queues[0].add([.writable(guest.data, 4)]) }
        #expect(guest.queues[0].mustNotify())
        memory.put(1, 2, at: guest.queues[0].available)
        entropy.supply([1])
        #expect(!guest.device.interruptLevel)
        memory.put(0, 2, at: guest.queues[0].available)
        entropy.supply([1])
        #expect(guest.takeInterrupts() == 1)
        entropy.supply([1])
        #expect(entropy.wantedBytes == 0)
        #expect(memory.get(usedEvent, 2) == 0, "the event index is not the device's to write")
    }

    @Test(arguments: [UInt64(0), VirtioFeature.eventIndex])
    mutating func indicesWrap(without: UInt64) {
        guest.start(without: without)
        var interrupts = 0
        var notifications = 0
        for round in 0..<70_000 {
            guest.queues[0].add([.writable(guest.data, 4)])
            if guest.queues[0].mustNotify() { notifications += 1 }
            guest.queues[0].wantInterrupt(at: guest.queues[0].seenUsed)
            entropy.supply([UInt8(truncatingIfNeeded: round), 1])
            guard entropy.wantedBytes == 0 else { break }
            if guest.device.interruptLevel {
                interrupts += 1
                _ = guest.takeInterrupts()
            }
            let used = guest.queues[0].collect()
            guard used.count == 1, used[0].written == 2 else {
                Issue.record("round \(round): \(used.count) chains came back")
                break
            }
        }
        #expect(interrupts == 70_000)
        #expect(notifications == 70_000)
        #expect(guest.queues[0].availableIndex == 70_000 - 65_536)
    }
}
