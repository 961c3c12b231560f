// One descriptor chain, walked and checked: buffers the device may read, then buffers it may write.

/// A chain that a driver made available. One value is filled again and again, so that walking costs no allocation.
struct VirtChain {
    /// The number of the first descriptor: what the used ring names the chain by.
    var head: UInt16 = 0
    /// Readable buffers first. All of it is RAM; none is empty.
    var segments: [DMASegment] = []
    /// How many of `segments` are readable.
    var readableSegments = 0
    var readableBytes: UInt32 = 0
    /// Together with `readableBytes` below 2^32.
    var writableBytes: UInt32 = 0

    var readable: Range<Int> { 0..<readableSegments }
    var writable: Range<Int> { readableSegments..<segments.count }

    mutating func start(at head: UInt16) {
        self.head = head
        segments.removeAll(keepingCapacity: true)
        readableSegments = 0
        readableBytes = 0
        writableBytes = 0
    }

    /// The part of the buffers in `range` that begins after `skip` bytes and has `take` bytes, or what there is.
    func part(of range: Range<Int>, skip: UInt32, take: UInt32) -> [DMASegment] {
        var parts: [DMASegment] = []
        parts.reserveCapacity(range.count)
        visit(range, skip: skip, take: take) { address, count in
            parts.append(DMASegment(address: address, count: count))
            return true
        }
        return parts
    }

    /// The address of a byte of the buffers in `range`, or nil if there are not so many.
    func address(in range: Range<Int>, at offset: UInt32) -> UInt64? {
        var found: UInt64?
        visit(range, skip: offset, take: 1) { address, _ in
            found = address
            return true
        }
        return found
    }

    /// A little-endian value of `size` bytes out of the readable buffers, wherever they are cut; bytes beyond the last
    /// buffer count as 0.
    func value(at offset: UInt32, size: UInt32, _ memory: any DMA) -> UInt64 {
        // Drivers rarely cut a field.
        if let first = segments.first, readableSegments > 0, offset <= first.count, size <= first.count - offset {
            return memory.load(at: first.address + UInt64(offset), size: size) ?? 0
        }
        var value: UInt64 = 0
        for index in 0..<size {
            guard let address = address(in: readable, at: offset + index) else { break }
            value |= (memory.load(at: address, size: 1) ?? 0) << (8 * UInt64(index))
        }
        return value
    }

    /// Appends up to `take` readable bytes from `skip` on to `bytes`. `take` fits an array.
    func gather(skip: UInt32, take: UInt32, _ memory: any DMA, to bytes: inout [UInt8]) -> Bool {
        visit(readable, skip: skip, take: take) { address, count in
            memory.copyOut(address, Int(count), to: &bytes)
        }
    }

    /// Writes `bytes[range]` to the start of the writable buffers, as far as they reach.
    func scatter(_ bytes: [UInt8], _ range: Range<Int>, _ memory: any DMA) -> Bool {
        var position = range.lowerBound
        return visit(writable, skip: 0, take: UInt32(range.count)) { address, count in
            let end = position + Int(count)
            defer { position = end }
            return memory.copyIn(bytes, position..<end, at: address)
        }
    }

    /// Calls `body` with the pieces, in order, until it gives false.
    @discardableResult
    private func visit(
        _ range: Range<Int>, skip: UInt32, take: UInt32, _ body: (UInt64, UInt32) -> Bool
    ) -> Bool {
        var skip = skip
        var left = take
        for index in range {
            guard left > 0 else { break }
            let segment = segments[index]
            guard skip < segment.count else {
                skip -= segment.count
                continue
            }
            let count = min(segment.count - skip, left)
            guard body(segment.address + UInt64(skip), count) else { return false }
            skip = 0
            left -= count
        }
        return true
    }
}
