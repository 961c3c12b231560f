// The disk: every kind of request, what it refuses by itself, completions in any order, reset under way.
import Devices
import Testing

@Suite struct VirtioBlockTests {
    @Test func configuration() {
        var disk = DiskGuest(capacity: 1 << 20 + 511)
        #expect(disk.disk.capacity == 1 << 20)
        let config = { (offset: UInt32, size: UInt32) in disk.guest.read(0x100 + offset, size: size) }
        #expect(config(0, 4) == 2048)
        #expect(config(4, 4) == 0)
        #expect(config(12, 4) == 126)
        #expect(config(20, 4) == 512)
        #expect(config(24, 1) == 3)
        #expect(config(26, 2) == 8)
        #expect(config(32, 1) == 1)
        #expect(config(36, 4) == 1 << 22)
        #expect(config(40, 4) == 1)
        #expect(config(44, 4) == 1)
        #expect(config(48, 4) == 1 << 22)
        #expect(config(52, 4) == 1)
        #expect(config(56, 1) == 1)
        #expect(config(60, 4) == 0)
    }

    @Test func offeredFeatures() {
        var disk = DiskGuest()
        #expect(disk.guest.offeredFeatures() == 0x1_3000_6E44)
        var without = DiskGuest(discards: false)
        #expect(without.guest.offeredFeatures() == 0x1_3000_0E44)
        var readOnly = DiskGuest(readOnly: true)
        #expect(readOnly.guest.offeredFeatures() == 0x1_3000_0E64)
    }

    @Test(arguments: [false, true])
    func readsIntoSeveralBuffers(indirect: Bool) {
        var disk = DiskGuest()
        let buffers: [Buffer] = [
            .writable(disk.payload, 100), .writable(disk.payload + 0x1000, 412), .writable(disk.payload + 0x2000, 512),
        ]
        #expect(disk.perform(0, sector: 7, buffers, indirect: indirect) == [0, 1025])
        #expect(disk.memory.copyOut(disk.payload, 101) == [UInt8](repeating: 7, count: 100) + [0])
        #expect(disk.memory.copyOut(disk.payload + 0x1000, 413) == [UInt8](repeating: 7, count: 412) + [0])
        #expect(disk.memory.copyOut(disk.payload + 0x2000, 512) == [UInt8](repeating: 8, count: 512))
    }

    @Test(arguments: [false, true])
    func writesFromSeveralBuffers(indirect: Bool) {
        var disk = DiskGuest()
        #expect(disk.memory.copyIn((0..<1024).map { UInt8(truncatingIfNeeded: $0 &* 7) }, at: disk.payload))
        let buffers: [Buffer] = [.readable(disk.payload, 1), .readable(disk.payload + 1, 1023)]
        #expect(disk.perform(1, sector: 2046, buffers, indirect: indirect) == [0, 1])
        #expect([UInt8](disk.back.contents.suffix(1024)) == (0..<1024).map { UInt8(truncatingIfNeeded: $0 &* 7) })
    }

    @Test func headerAndStatusMayBeCutAnywhere() {
        var disk = DiskGuest()
        for index: UInt64 in 0..<4 { disk.memory.put(0, 4, at: disk.header + 0x40 * index) }
        disk.memory.put(3, 2, at: disk.header + 0x80)
        // type | priority, low part of the sector | the rest of it; data and status share a buffer.
        disk.guest.queues[0].add([
            .readable(disk.header, 4), .readable(disk.header + 0x40, 4), .readable(disk.header + 0x80, 2),
            .readable(disk.header + 0x90, 6), .writable(disk.payload, 513),
        ])
        disk.memory.put(0xEE, 1, at: disk.payload + 512)
        disk.guest.notify()
        let requests = disk.disk.takeRequests()
        #expect(
            requests == [
                BlockRequest(
                    token: requests.first?.token ?? 0, kind: .read, offset: 3 * 512, count: 512,
                    segments: [DMASegment(address: disk.payload, count: 512)])
            ])
        for request in requests { disk.disk.complete(disk.back.serve(request, disk.memory)) }
        #expect(disk.memory.get(disk.payload + 511, 2) == 3, "the last byte of data, then the status")
    }

    @Test func aHeaderAndDataInOneBuffer() {
        var disk = DiskGuest()
        disk.memory.put(1, 8, at: disk.payload)
        disk.memory.put(5, 8, at: disk.payload + 8)
        #expect(disk.memory.copyIn([UInt8](repeating: 0x5A, count: 512), at: disk.payload + 16))
        disk.guest.queues[0].add([.readable(disk.payload, 528), .writable(disk.statusByte, 1)])
        disk.guest.notify()
        disk.serveAll()
        #expect([UInt8](disk.back.contents[2560..<3072]) == [UInt8](repeating: 0x5A, count: 512))
    }

    @Test func flush() {
        var disk = DiskGuest()
        #expect(disk.perform(4) == [0, 1])
        #expect(disk.back.flushes == 1)
    }

    @Test(arguments: [UInt32(20), 21, 5])
    func serialNumber(room: UInt32) {
        var disk = DiskGuest()
        #expect(disk.perform(8, [.writable(disk.payload, room)]) == [0, min(room, 20) + 1])
        let expected = [UInt8]("disk-1".utf8) + [UInt8](repeating: 0, count: 15)
        #expect(disk.memory.copyOut(disk.payload, Int(room)) == [UInt8](expected.prefix(Int(room))))
    }

    @Test func discardAndWriteZeroes() {
        var disk = DiskGuest()
        for (type, flags, kind) in [
            (UInt32(11), UInt32(0), BlockRequest.Kind.discard), (13, 0, .writeZeroes(unmap: false)),
            (13, 1, .writeZeroes(unmap: true)),
        ] {
            disk.offer(type, [disk.range(4, 6, flags: flags)])
            let requests = disk.disk.takeRequests()
            #expect(requests.count == 1)
            #expect(requests.first?.kind == kind)
            #expect(requests.first?.offset == 2048)
            #expect(requests.first?.count == 3072)
            #expect(requests.first?.segments == [])
            for request in requests { disk.disk.complete(disk.back.serve(request, disk.memory)) }
            #expect(disk.memory.get(disk.statusByte, 1) == 0)
            #expect(disk.guest.queues[0].collect().map(\.written) == [1])
        }
        #expect(disk.back.contents[2048..<5120].allSatisfy { $0 == 0 })
    }

    @Test func rangesThatCannotBe() {
        var disk = DiskGuest()
        let unsupported: [UInt32] = [2, 1]
        let wrong: [UInt32] = [1, 1]
        for type: UInt32 in [11, 13] {
            #expect(disk.perform(type, [disk.range(2047, 2)]) == wrong)
            #expect(disk.perform(type, [disk.range(2049, 0)]) == wrong)
            #expect(disk.perform(type, [disk.range(.max, 1)]) == wrong)
            #expect(disk.perform(type, [disk.range(0, .max)]) == wrong)
            #expect(disk.perform(type, [disk.range(0, 1 << 22 + 1)]) == wrong)
            #expect(disk.perform(type, [disk.range(0, 1, flags: 2)]) == unsupported)
            #expect(disk.perform(type, []) == wrong)
            #expect(disk.perform(type, [.readable(disk.payload, 15)]) == wrong)
            #expect(disk.perform(type, [disk.range(0, 1, at: 1)]) == wrong, "two ranges")
            #expect(disk.perform(type, [disk.range(0, 1), .writable(disk.payload + 512, 1)]) == wrong)
            #expect(disk.perform(type, [disk.range(2048, 0)]) == [0, 1], "nothing to do")
        }
        #expect(disk.perform(11, [disk.range(0, 1, flags: 1)]) == unsupported)
        #expect(disk.back.contents[512] == 1)
    }

    @Test func whatWasNotNegotiatedIsUnsupported() {
        var disk = DiskGuest(without: 1 << 13 | 1 << 14 | 1 << 9)
        #expect(disk.perform(11, [disk.range(0, 1)]) == [2, 1])
        #expect(disk.perform(13, [disk.range(0, 1)]) == [2, 1])
        #expect(disk.perform(4) == [2, 1])
        for type: UInt32 in [2, 3, 5, 14, 0x8000_0000, .max] { #expect(disk.perform(type) == [2, 1]) }
    }

    @Test func whatCannotBeIsRefused() {
        var disk = DiskGuest()
        let payload = disk.payload
        for sector: UInt64 in [2048, 2047, 1 << 55, .max, .max / 512 + 1] {
            #expect(disk.perform(0, sector: sector, [.writable(payload, 1024)]) == [1, 1])
            #expect(disk.perform(1, sector: sector, [.readable(payload, 1024)]) == [1, 1])
        }
        for count: UInt32 in [1, 511, 513, 1023] {
            #expect(disk.perform(0, [.writable(payload, count)]) == [1, 1])
            #expect(disk.perform(1, [.readable(payload, count)]) == [1, 1])
        }
        #expect(disk.perform(0, [.readable(payload, 512)]) == [1, 1], "a read into what is only readable")
        #expect(disk.perform(1, [.writable(payload, 512)]) == [1, 1])
        #expect(disk.perform(0, [.readable(payload, 512), .writable(payload, 512)]) == [1, 1])
        #expect(disk.perform(1, [.readable(payload, 512), .writable(payload, 512)]) == [1, 1])
        #expect(disk.perform(0) == [0, 1], "no bytes are no work")
        #expect(disk.perform(0, sector: 2048) == [0, 1])
        #expect(disk.perform(0, sector: 2049) == [1, 1])
        #expect(disk.back.contents[0] == 0)
        #expect(!disk.guest.hasFailed)
    }

    @Test func aReadOnlyDiskTakesNoWrites() {
        var disk = DiskGuest(readOnly: true)
        #expect(disk.perform(1, [.readable(disk.payload, 512)]) == [1, 1])
        #expect(disk.perform(11, [disk.range(0, 1)]) == [2, 1])
        #expect(disk.perform(0, sector: 1, [.writable(disk.payload, 512)]) == [0, 513])
    }

    @Test(arguments: [
        [Buffer.readable(0x9_0000, 16)], [.readable(0x9_0000, 15), .writable(0x9_0100, 1)], [.writable(0x9_0000, 64)],
    ])
    func chainsWithoutHeaderOrStatusFailTheDisk(buffers: [Buffer]) {
        var disk = DiskGuest()
        disk.guest.queues[0].add(buffers)
        disk.guest.notify()
        #expect(disk.disk.takeRequests().isEmpty)
        #expect(disk.guest.device.core.failure?.error == .malformedRequest)
        #expect(disk.guest.takeInterrupts() == 2)
        #expect(disk.disk.inFlight == 0)
        #expect(!disk.disk.hasRequests)
    }

    @Test func errorsReachTheGuest() {
        var disk = DiskGuest()
        for status: BlockCompletion.Status in [.ioError, .unsupported] {
            disk.offer(0, [.writable(disk.payload, 512)])
            for request in disk.disk.takeRequests() {
                disk.disk.complete(BlockCompletion(token: request.token, status: status, written: .max))
            }
            #expect(disk.memory.get(disk.statusByte, 1) == UInt64(status.rawValue))
            #expect(disk.guest.queues[0].collect().map(\.written) == [513], "not more than there is room for")
        }
    }

    @Test func completionsInAnyOrder() {
        var disk = DiskGuest()
        var heads: [UInt16] = []
        for slot: UInt64 in 0..<5 {
            heads.append(disk.offer(0, sector: slot, [.writable(disk.payload + 512 * slot, 512)], slot: slot))
        }
        let requests = disk.disk.takeRequests()
        #expect(requests.map(\.offset) == [0, 512, 1024, 1536, 2048])
        #expect(disk.disk.inFlight == 5)
        #expect(!disk.guest.device.interruptLevel)
        for index in [3, 0, 4, 2, 1] {
            disk.disk.complete(disk.back.serve(requests[index], disk.memory))
            disk.disk.complete(BlockCompletion(token: requests[index].token, status: .ioError, written: 0))
        }
        #expect(disk.disk.inFlight == 0)
        #expect(disk.guest.queues[0].collect().map(\.head) == [3, 0, 4, 2, 1].map { heads[$0] })
        for slot: UInt64 in 0..<5 { #expect(disk.memory.get(disk.statusByte + slot, 1) == 0, "completed once") }
    }

    @Test func tokensOfNoRequestAreIgnored() {
        var disk = DiskGuest()
        disk.disk.complete(BlockCompletion(token: 0, status: .ok, written: 0))
        disk.offer(4)
        let token = disk.disk.takeRequests()[0].token
        for wrong in [token ^ 1, token ^ 0x1_0000, 0xFFFF, .max] {
            disk.disk.complete(BlockCompletion(token: wrong, status: .ok, written: 0))
        }
        #expect(disk.disk.inFlight == 1)
        #expect(!disk.guest.device.interruptLevel)
    }

    @Test func aLateTokenIsNotTakenForItsSuccessor() {
        var disk = DiskGuest()
        disk.offer(4)
        let old = disk.disk.takeRequests()[0]
        disk.disk.complete(disk.back.serve(old, disk.memory))
        disk.offer(4)
        let new = disk.disk.takeRequests()[0]
        #expect(new.token & 0xFFFF == old.token & 0xFFFF, "the same slot again")
        disk.disk.complete(BlockCompletion(token: old.token, status: .ioError, written: 0))
        #expect(disk.disk.inFlight == 1)
        #expect(disk.memory.get(disk.statusByte, 1) == 0xEE)
        disk.disk.complete(disk.back.serve(new, disk.memory))
        #expect(disk.memory.get(disk.statusByte, 1) == 0)
    }

    /// One call sees the end of the queue however full it was: otherwise the driver would not notify of the next chain.
    @Test func aFullQueueIsEmptiedInOneCall() {
        let memory = ArrayMemory()
        let disk = VirtioBlock(memory: memory, capacity: 1 << 20)
        var guest = Guest(memory, disk)
        guest.start(size: 128)
        memory.put(99, 4, at: guest.data)
        for _ in 0..<128 {
            let table = guest.data + 0x100
            GuestQueue.describe(memory, table, 0, guest.data, 16, flags: 1, next: 1)
            GuestQueue.describe(memory, table, 1, guest.data + 0x80, 1, flags: 2)
            let head = guest.queues[0].free.removeLast()
            guest.queues[0].describe(head, table, 32, flags: 4)
            guest.queues[0].offer(head)
        }
        guest.notify()
        #expect(disk.takeRequests().isEmpty, "all of them are unsupported")
        #expect(!disk.hasRequests)
        #expect(guest.queues[0].collect().count == 128)
        guest.queues[0].offer(0)
        #expect(guest.queues[0].mustNotify())
    }

    @Test(arguments: [false, true])
    func resetUnderWayMakesRequestsStale(onlyTheQueue: Bool) {
        var disk = DiskGuest()
        disk.offer(0, [.writable(disk.payload, 512)])
        disk.offer(4, slot: 1)
        let old = disk.disk.takeRequests()
        #expect(old.count == 2)
        if onlyTheQueue { disk.guest.write(VirtioRegister.queueReady, 0) }
        disk.guest.start(size: 16)
        #expect(disk.disk.inFlight == 2)
        #expect(disk.disk.staleRequests == 2)
        disk.offer(0, sector: 9, [.writable(disk.payload, 512)])
        let new = disk.disk.takeRequests()
        #expect(new.count == 1)
        disk.memory.put(0xEE, 1, at: disk.statusByte + 1)
        for request in old { disk.disk.complete(BlockCompletion(token: request.token, status: .ioError, written: 0)) }
        #expect(disk.disk.staleRequests == 0)
        #expect(disk.disk.inFlight == 1)
        #expect(disk.memory.get(disk.statusByte, 1) == 0xEE)
        #expect(disk.memory.get(disk.statusByte + 1, 1) == 0xEE)
        #expect(disk.guest.queues[0].collect().isEmpty)
        #expect(!disk.guest.device.interruptLevel)
        for request in new { disk.disk.complete(disk.back.serve(request, disk.memory)) }
        #expect(disk.memory.get(disk.statusByte, 1) == 0)
        #expect(disk.disk.isQuiet)
    }

    @Test func aFailureUnderWayDropsWhatComesLater() {
        var disk = DiskGuest()
        disk.offer(0, [.writable(disk.payload, 512)])
        let request = disk.disk.takeRequests()[0]
        disk.guest.queues[0].offer(0xFFFF)
        disk.guest.notify()
        #expect(disk.disk.takeRequests().isEmpty)
        #expect(disk.guest.hasFailed)
        let before = disk.memory.bytes
        disk.disk.complete(BlockCompletion(token: request.token, status: .ok, written: 512))
        #expect(disk.memory.bytes == before)
        #expect(disk.disk.inFlight == 0)
        #expect(disk.guest.takeInterrupts() == 2)
    }

    @Test func resetsWithoutEndAreBounded() {
        var disk = DiskGuest()
        var tokens: [UInt32] = []
        for _ in 0..<100 {
            disk.guest.start(size: 16)
            for slot: UInt64 in 0..<8 { disk.offer(4, slot: slot) }
            tokens += disk.disk.takeRequests().map(\.token)
            #expect(!disk.disk.hasRequests)
        }
        #expect(tokens.count == 256, "slots for twice the queue")
        #expect(Set(tokens).count == 256)
        #expect(disk.disk.staleRequests == disk.disk.inFlight)
        // The next completion makes room again.
        disk.disk.complete(BlockCompletion(token: tokens[0], status: .ok, written: 0))
        #expect(disk.disk.hasRequests)
        #expect(disk.disk.takeRequests().count == 1)
        for token in tokens.dropFirst() {
            disk.disk.complete(BlockCompletion(token: token, status: .ok, written: 0))
        }
        #expect(disk.disk.staleRequests == 0)
        #expect(disk.disk.takeRequests().count == 7)
    }

    @Test func moreChainsThanDescriptorsCannotBe() {
        var disk = DiskGuest()
        for slot: UInt64 in 0..<5 { disk.offer(4, slot: slot) }
        #expect(disk.disk.takeRequests().count == 5)
        // Twelve more, though five were not given back.
        for _ in 0..<12 { disk.guest.queues[0].offer(0) }
        disk.guest.notify()
        #expect(disk.disk.takeRequests().isEmpty)
        #expect(disk.guest.device.core.failure?.error == .badAvailableIndex)
    }

    // MARK: Write-through

    @Test func withoutFlushEveryWriteIsFlushed() {
        var disk = DiskGuest(without: 1 << 9)
        #expect(disk.guest.read(0x120, size: 1) == 0)
        disk.offer(1, [.readable(disk.payload, 512)])
        let write = disk.disk.takeRequests()[0]
        disk.disk.complete(disk.back.serve(write, disk.memory))
        #expect(disk.memory.get(disk.statusByte, 1) == 0xEE)
        #expect(disk.disk.inFlight == 1)
        #expect(disk.disk.hasRequests)
        let flush = disk.disk.takeRequests()
        #expect(flush == [BlockRequest(token: write.token, kind: .flush, offset: 0, count: 0, segments: [])])
        disk.disk.complete(disk.back.serve(flush[0], disk.memory))
        #expect(disk.memory.get(disk.statusByte, 1) == 0)
        #expect(disk.disk.inFlight == 0)
        #expect(disk.guest.queues[0].collect().map(\.written) == [1])
        #expect(disk.perform(0, [.writable(disk.payload, 512)]) == [0, 513], "reads need none")
        #expect(disk.back.flushes == 1)
    }

    @Test func theDriverMayChooseWriteThrough() {
        var disk = DiskGuest()
        #expect(disk.perform(1, [.readable(disk.payload, 512)]) == [0, 1])
        #expect(disk.back.flushes == 0)
        disk.guest.write(0x120, 0, size: 1)
        #expect(disk.perform(1, [.readable(disk.payload, 512)]) == [0, 1])
        #expect(disk.perform(13, [disk.range(0, 1)]) == [0, 1])
        #expect(disk.back.flushes == 2)
        disk.guest.write(0x120, 1, size: 1)
        #expect(disk.perform(1, [.readable(disk.payload, 512)]) == [0, 1])
        #expect(disk.back.flushes == 2)
        disk.guest.write(0x120, 0, size: 4)
        disk.guest.write(0x100, 0, size: 1)
        #expect(disk.guest.read(0x120, size: 1) == 1, "only that byte")
        #expect(disk.guest.read(0x100) == 2048)
    }

    @Test func resetBetweenAWriteAndItsFlush() {
        var disk = DiskGuest(without: 1 << 9)
        disk.offer(1, [.readable(disk.payload, 512)])
        disk.disk.complete(disk.back.serve(disk.disk.takeRequests()[0], disk.memory))
        #expect(disk.disk.inFlight == 1)
        disk.guest.write(VirtioRegister.status, 0)
        #expect(disk.disk.inFlight == 0)
        #expect(disk.disk.staleRequests == 0)
        disk.guest.start(size: 16)
        #expect(disk.disk.takeRequests().isEmpty)
    }

    @Test func manyRequestsWrapTheIndices() {
        var disk = DiskGuest()
        for round in 0..<66_000 {
            disk.offer(0, sector: UInt64(round % 2048), [.writable(disk.payload, 512)], indirect: round & 1 == 0)
            disk.serveAll()
            let used = disk.guest.queues[0].collect()
            guard used.count == 1, disk.memory.bytes[Int(disk.payload - disk.memory.base)] == UInt8(round % 2048 & 255)
            else {
                Issue.record("round \(round)")
                return
            }
        }
        #expect(disk.guest.queues[0].availableIndex == 66_000 - 65_536)
        #expect(!disk.guest.hasFailed)
    }
}
