// The way of a request through a virtio disk: from the chain to the owner, and back (virtio 1.2, 5.2.6).
//
// A chain is a header of 16 bytes (type 32, priority 32, sector 64), data, and a status byte, cut into buffers as the
// driver likes.

/// Types of requests.
enum VirtioBlockType {
    static let read: UInt32 = 0
    static let write: UInt32 = 1
    static let flush: UInt32 = 4
    static let getID: UInt32 = 8
    static let discard: UInt32 = 11
    static let writeZeroes: UInt32 = 13
}

extension VirtioBlock {
    private static let headerSize: UInt32 = 16
    /// A range of discard or write-zeroes: sector 64, sectors 32, flags 32.
    private static let rangeSize: UInt32 = 16

    /// What a chain comes to: work for the owner, or an answer at once with the bytes of data written.
    private enum Outcome {
        case request(BlockRequest.Kind, offset: UInt64, count: UInt64)
        case answer(BlockCompletion.Status, written: UInt32)
    }

    // MARK: To the owner

    /// The requests that wait, about as many as the queue is long. Those the device answers itself are not among
    /// them; so look at the interrupt line after this, whatever it gives.
    public func takeRequests() -> [BlockRequest] {
        guard hasRequests else { return [] }
        var requests: [BlockRequest] = []
        for token in flushes {
            requests.append(BlockRequest(token: token, kind: .flush, offset: 0, count: 0, segments: []))
        }
        flushes.removeAll(keepingCapacity: true)
        // Once more than the queue has chains: seeing that it is empty is what asks the driver to notify again.
        for _ in 0...Self.queueSize {
            guard let index = claimSlot() else {
                // The next completion makes room.
                hasRequests = false
                return requests
            }
            guard core.take(0) else {
                freeSlots.append(UInt16(truncatingIfNeeded: index))
                hasRequests = false
                return requests
            }
            guard let request = begin(index) else { continue }
            if requests.isEmpty { requests.reserveCapacity(8) }
            requests.append(request)
        }
        return requests
    }

    /// Begins the chain just taken in a free slot, or answers it.
    private func begin(_ index: Int) -> BlockRequest? {
        let chain = core.chain
        guard chain.readableBytes >= Self.headerSize, chain.writableBytes >= 1,
            let status = chain.address(in: chain.writable, at: chain.writableBytes - 1)
        else {
            freeSlots.append(UInt16(truncatingIfNeeded: index))
            core.fail(0, .malformedRequest)
            return nil
        }
        switch decide() {
        case .answer(let answer, let written):
            freeSlots.append(UInt16(truncatingIfNeeded: index))
            finish(head: chain.head, statusAddress: status, answer, written: written)
            return nil
        case .request(let kind, let offset, let count):
            let isRead = kind == .read
            var segments: [DMASegment] = []
            if isRead {
                segments = chain.part(of: chain.writable, skip: 0, take: chain.writableBytes - 1)
            } else if kind == .write {
                segments = chain.part(of: chain.readable, skip: Self.headerSize, take: .max)
            }
            slots[index].life = .waits
            slots[index].needsFlush = !isRead && kind != .flush && isWriteThrough
            slots[index].head = chain.head
            slots[index].room = isRead ? chain.writableBytes - 1 : 0
            slots[index].statusAddress = status
            inFlight += 1
            return BlockRequest(token: token(of: index), kind: kind, offset: offset, count: count, segments: segments)
        }
    }

    private func decide() -> Outcome {
        let chain = core.chain
        let output = chain.readableBytes - Self.headerSize
        let input = chain.writableBytes - 1
        switch UInt32(truncatingIfNeeded: chain.value(at: 0, size: 4, core.memory)) {
        case VirtioBlockType.read:
            guard output == 0 else { return .answer(.ioError, written: 0) }
            return transfer(.read, sector: sector, bytes: input)
        case VirtioBlockType.write:
            guard input == 0, !isReadOnly else { return .answer(.ioError, written: 0) }
            return transfer(.write, sector: sector, bytes: output)
        case VirtioBlockType.flush:
            guard core.has(VirtioBlockFeature.flush) else { return .answer(.unsupported, written: 0) }
            return .request(.flush, offset: 0, count: 0)
        case VirtioBlockType.getID:
            let count = Int(min(input, UInt32(Self.serialSize)))
            guard chain.scatter(serial, 0..<count, core.memory) else { return .answer(.ioError, written: 0) }
            return .answer(.ok, written: UInt32(truncatingIfNeeded: count))
        case VirtioBlockType.discard:
            return range(VirtioBlockFeature.discard, bytes: output)
        case VirtioBlockType.writeZeroes:
            return range(VirtioBlockFeature.writeZeroes, bytes: output)
        default:
            return .answer(.unsupported, written: 0)
        }
    }

    private var sector: UInt64 { core.chain.value(at: 8, size: 8, core.memory) }

    private func transfer(_ kind: BlockRequest.Kind, sector: UInt64, bytes: UInt32) -> Outcome {
        let count = UInt64(bytes)
        guard count % Self.sectorSize == 0, isOnDisk(sector, count / Self.sectorSize) else {
            return .answer(.ioError, written: 0)
        }
        guard count > 0 else { return .answer(.ok, written: 0) }
        return .request(kind, offset: sector * Self.sectorSize, count: count)
    }

    /// The one range of a discard or write-zeroes.
    private func range(_ feature: UInt64, bytes: UInt32) -> Outcome {
        guard core.has(feature) else { return .answer(.unsupported, written: 0) }
        guard bytes == Self.rangeSize, core.chain.writableBytes == 1, !isReadOnly else {
            return .answer(.ioError, written: 0)
        }
        let first = core.chain.value(at: Self.headerSize, size: 8, core.memory)
        let sizes = core.chain.value(at: Self.headerSize + 8, size: 8, core.memory)
        let sectors = sizes & 0xFFFF_FFFF
        let flags = sizes >> 32
        let isDiscard = feature == VirtioBlockFeature.discard
        // Bit 0 asks to give space up, which a discard does anyway and must not ask for.
        guard flags & ~(isDiscard ? 0 : 1) == 0 else { return .answer(.unsupported, written: 0) }
        guard sectors <= UInt64(Self.mostSectorsAtOnce), isOnDisk(first, sectors) else {
            return .answer(.ioError, written: 0)
        }
        guard sectors > 0 else { return .answer(.ok, written: 0) }
        return .request(
            isDiscard ? .discard : .writeZeroes(unmap: flags != 0), offset: first * Self.sectorSize,
            count: sectors * Self.sectorSize)
    }

    private func isOnDisk(_ sector: UInt64, _ sectors: UInt64) -> Bool {
        let end = capacity / Self.sectorSize
        return sector <= end && sectors <= end - sector
    }

    // MARK: Back to the guest

    /// Brings the answer to a request. Tokens of no request, and of one that was completed already, are ignored.
    public func complete(_ completion: BlockCompletion) {
        let index = Int(completion.token & 0xFFFF)
        guard index < slots.count, slots[index].life != .free,
            slots[index].generation == UInt16(truncatingIfNeeded: completion.token >> 16)
        else { return }
        let slot = slots[index]
        if slot.life == .isStale {
            staleRequests -= 1
        } else if slot.needsFlush && completion.status == .ok && core.isActive {
            slots[index].needsFlush = false
            flushes.append(completion.token)
            hasRequests = true
            return
        } else {
            let written = min(completion.written, slot.room)
            finish(head: slot.head, statusAddress: slot.statusAddress, completion.status, written: written)
        }
        // Chains may have been left in the queue for want of a slot.
        if freeSlots.isEmpty && slots.count == Self.mostSlots && core.isActive { hasRequests = true }
        free(index)
    }

    private func finish(head: UInt16, statusAddress: UInt64, _ status: BlockCompletion.Status, written: UInt32) {
        guard core.isRunning(0) else { return }
        guard core.memory.store(UInt64(status.rawValue), at: statusAddress, size: 1) else {
            return core.fail(0, .outsideMemory)
        }
        core.giveBack(0, head: head, written: written + 1)
    }
}
