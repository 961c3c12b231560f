// A guest with a disk, and who serves it, for the tests of the disk.
import Devices
import Testing

/// A disk's contents and the worker that serves them.
struct DiskBack {
    var contents: [UInt8]
    var flushes = 0

    mutating func serve(_ request: BlockRequest, _ memory: ArrayMemory) -> BlockCompletion {
        var position = Int(request.offset)
        switch request.kind {
        case .read:
            for segment in request.segments {
                let end = position + Int(segment.count)
                #expect(memory.copyIn([UInt8](contents[position..<end]), at: segment.address))
                position = end
            }
            return BlockCompletion(token: request.token, status: .ok, written: UInt32(request.count))
        case .write:
            for segment in request.segments {
                let bytes = memory.copyOut(segment.address, Int(segment.count)) ?? []
                contents.replaceSubrange(position..<position + bytes.count, with: bytes)
                position += bytes.count
            }
            #expect(position == Int(request.offset + request.count))
        case .flush: flushes += 1
        case .discard: break
        case .writeZeroes:
            contents.replaceSubrange(
                position..<position + Int(request.count), with: [UInt8](repeating: 0, count: Int(request.count)))
        }
        return BlockCompletion(token: request.token, status: .ok, written: 0)
    }
}

/// A guest with a disk of 1 MiB.
struct DiskGuest {
    let memory = ArrayMemory()
    let disk: VirtioBlock
    var guest: Guest
    var back: DiskBack

    init(readOnly: Bool = false, discards: Bool = true, capacity: UInt64 = 1 << 20, without: UInt64 = 0) {
        disk = VirtioBlock(
            memory: memory, capacity: capacity, readOnly: readOnly, discards: discards, serial: [UInt8]("disk-1".utf8))
        back = DiskBack(contents: (0..<Int(capacity)).map { UInt8(truncatingIfNeeded: $0 / 512) })
        guest = Guest(memory, disk)
        guest.start(without: without, size: 16)
    }

    var header: UInt64 { guest.data }
    var statusByte: UInt64 { guest.data + 0x100 }
    var payload: UInt64 { guest.data + 0x1000 }

    /// Offers a request of the usual shape: header, buffers, status.
    @discardableResult
    mutating func offer(
        _ type: UInt32, sector: UInt64 = 0, _ buffers: [Buffer] = [], indirect: Bool = false, slot: UInt64 = 0
    ) -> UInt16 {
        memory.put(UInt64(type), 4, at: header + 16 * slot)
        memory.put(0, 4, at: header + 16 * slot + 4)
        memory.put(sector, 8, at: header + 16 * slot + 8)
        memory.put(0xEE, 1, at: statusByte + slot)
        let head = guest.queues[0].add(
            [.readable(header + 16 * slot, 16)] + buffers + [.writable(statusByte + slot, 1)], indirect: indirect)
        guest.notify()
        return head
    }

    mutating func serveAll() {
        while disk.hasRequests {
            for request in disk.takeRequests() { disk.complete(back.serve(request, memory)) }
        }
    }

    /// Performs one request to its end. Gives the status byte and the length in the used ring.
    mutating func perform(
        _ type: UInt32, sector: UInt64 = 0, _ buffers: [Buffer] = [], indirect: Bool = false
    ) -> [UInt32] {
        offer(type, sector: sector, buffers, indirect: indirect)
        serveAll()
        #expect(disk.inFlight == 0)
        #expect(guest.device.interruptLevel)
        guest.queues[0].wantInterrupt(at: guest.queues[0].seenUsed &+ 1)
        _ = guest.takeInterrupts()
        let used = guest.queues[0].collect()
        #expect(used.count == 1)
        return [UInt32(memory.get(statusByte, 1)), used.first?.written ?? .max]
    }

    /// The range of a discard or write-zeroes, at `payload`.
    func range(_ sector: UInt64, _ sectors: UInt32, flags: UInt32 = 0, at index: UInt64 = 0) -> Buffer {
        memory.put(sector, 8, at: payload + 16 * index)
        memory.put(UInt64(sectors), 4, at: payload + 16 * index + 8)
        memory.put(UInt64(flags), 4, at: payload + 16 * index + 12)
        return .readable(payload, 16 * UInt32(index + 1))
    }
}
