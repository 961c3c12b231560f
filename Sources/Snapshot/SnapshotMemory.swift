// The directory of guest memory: which physical range lies where in the file, and the checksums of its chunks.

/// A range of guest physical memory in the file.
public struct MemoryRegion: Equatable, Sendable {
    /// Guest physical address of the first byte.
    public let guestAddress: UInt64
    /// Bytes.
    public let size: UInt64
    /// Where in the file it begins, a multiple of the directory's alignment.
    public internal(set) var offset: UInt64
    /// CRC-32C of each chunk, the last of which may be shorter. Equal sums mean equal memory for a quick comparison.
    public internal(set) var checksums: [UInt32]

    init(guestAddress: UInt64, size: UInt64) {
        self.guestAddress = guestAddress
        self.size = size
        offset = 0
        checksums = []
    }

    /// The same beginning and more bytes.
    func extended(by more: UInt64) -> MemoryRegion {
        var longer = MemoryRegion(guestAddress: guestAddress, size: size + more)
        longer.offset = offset
        return longer
    }

    /// Bytes of the chunk with this number.
    func chunkLength(_ index: UInt64) -> UInt64 {
        min(MemoryDirectory.chunk, size - index * MemoryDirectory.chunk)
    }
}

struct MemoryDirectory {
    /// Bytes one checksum covers.
    static var chunk: UInt64 { 65536 }
    static var version: UInt16 { 1 }
    /// Regions begin at multiples of this, so that hosts with pages up to that size can map them.
    static var standardAlignment: UInt64 { 65536 }

    var alignment: UInt64
    var regions: [MemoryRegion]

    /// Length of the encoded directory.
    var length: UInt64 {
        var sum: UInt64 = 16
        for region in regions { sum += 32 + 4 * MemoryDirectory.chunks(region.size) }
        return sum
    }

    static func chunks(_ size: UInt64) -> UInt64 {
        size / chunk + (size % chunk == 0 ? 0 : 1)
    }

    func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.u32(UInt32(MemoryDirectory.chunk))
        writer.u32(UInt32(alignment))
        writer.u32(UInt32(regions.count))
        writer.u32(0)
        for region in regions {
            writer.u64(region.guestAddress)
            writer.u64(region.size)
            writer.u64(region.offset)
            writer.u64(UInt64(region.checksums.count))
        }
        for region in regions {
            for checksum in region.checksums { writer.u32(checksum) }
        }
        return writer.bytes
    }

    init(alignment: UInt64, regions: [MemoryRegion]) {
        self.alignment = alignment
        self.regions = regions
    }

    /// Reads a directory and checks it against the file: regions in order, each at the next aligned offset after the
    /// one before, none overlapping another in guest memory, the last ending with the file.
    ///
    /// - Parameter start: where the last section ends.
    init(
        decoding bytes: [UInt8], start: UInt64, fileSize: UInt64
    ) throws(ByteError) {
        var reader = ByteReader(bytes)
        let chunk = try reader.u32("the chunk size")
        if UInt64(chunk) != MemoryDirectory.chunk { throw .value(field: "the chunk size", UInt64(chunk)) }
        alignment = UInt64(try reader.u32("the alignment"))
        if alignment < 4096 || alignment > 1 << 24 || alignment & (alignment - 1) != 0 {
            throw .value(field: "the alignment", alignment)
        }
        let count = try reader.u32("the number of regions")
        if count == 0 || UInt64(count) > UInt64(SnapshotLimits.regions) {
            throw .value(field: "the number of regions", UInt64(count))
        }
        try reader.zeros(4)
        regions = []
        var counts: [Int] = []
        var end = start
        for _ in 0..<count {
            var region = MemoryRegion(
                guestAddress: try reader.u64("a region's address"), size: try reader.u64("a region's size"))
            region.offset = try reader.u64("a region's offset")
            let chunks = try reader.u64("a region's number of chunks")
            let (last, overflow) = region.guestAddress.addingReportingOverflow(region.size &- 1)
            if region.size == 0 || overflow { throw .value(field: "a region's size", region.size) }
            for other in regions
            where region.guestAddress <= other.guestAddress + (other.size - 1) && other.guestAddress <= last {
                throw .value(field: "a region's address", region.guestAddress)
            }
            if region.size > fileSize || region.offset != aligned(end, to: alignment) {
                throw .value(field: "a region's offset", region.offset)
            }
            end = region.offset + region.size
            if end > fileSize { throw .value(field: "a region's size", region.size) }
            if chunks != MemoryDirectory.chunks(region.size) || chunks > UInt64(reader.left) {
                throw .value(field: "a region's number of chunks", chunks)
            }
            counts.append(Int(chunks))
            regions.append(region)
        }
        if end != fileSize { throw .value(field: "the end of memory", end) }
        for index in regions.indices {
            if counts[index] > reader.left / 4 {
                throw .short(field: "the checksums", needed: 4 * counts[index], left: reader.left)
            }
            regions[index].checksums.reserveCapacity(counts[index])
            for _ in 0..<counts[index] { regions[index].checksums.append(try reader.u32("a checksum")) }
        }
        try reader.finish()
    }
}
