// Memory on its way into the file: what is zero is left out, the rest goes in large pieces that are on their way to the disk
// while the next ones are looked at.

import Host

extension SnapshotWriter {
    /// Bytes of a piece, at most. Small ones cost a system call each, large ones begin late.
    private static var piece: Int { 1 << 20 }
    /// Zeros between data that are written all the same: a hole is one more extent, which costs more than some pages.
    private static var bridge: Int { 32768 }
    /// What is left out or not.
    private static var page: Int { 4096 }

    /// Writes the pages that are not zero and notes the checksums of all chunks.
    func writeMemory(_ file: borrowing FileDescriptor, _ layout: inout Layout) throws(SnapshotError.Reason) {
        var total: UInt64 = 0
        for region in regions { total += region.size }
        var done: UInt64 = 0
        let chunk = Int(MemoryDirectory.chunk)
        let zeros = CRC32C.ofZeros(chunk)
        for index in regions.indices {
            let offset = layout.directory.regions[index].offset
            let memory = unsafe contents[index]
            var untouched = unsafe UntouchedChunks(memory, regions[index], origins[index])
            var checksums: [UInt32] = []
            checksums.reserveCapacity(Int(MemoryDirectory.chunks(regions[index].size)))
            var piece = 0..<0
            var start = 0
            while start < memory.count {
                // Parts of a buffer the caller keeps, by the loop's condition and the minimum.
                let length = min(chunk, memory.count - start)
                let part = unsafe UnsafeRawBufferPointer(rebasing: memory[start..<start + length])
                if unsafe untouched.isZero(checksums.count) || Memory.isZero(part) {
                    checksums.append(length == chunk ? zeros : CRC32C.ofZeros(length))
                } else {
                    var sum = CRC32C()
                    unsafe sum.update(part)
                    checksums.append(sum.value)
                    for first in stride(from: start, to: start + length, by: Self.page) {
                        // Inside the chunk.
                        let end = min(first + Self.page, start + length)
                        if unsafe Memory.isZero(UnsafeRawBufferPointer(rebasing: memory[first..<end])) { continue }
                        if !piece.isEmpty, first - piece.upperBound <= Self.bridge, end - piece.lowerBound <= Self.piece
                        {
                            piece = piece.lowerBound..<end
                        } else {
                            try unsafe Self.write(file, memory, piece, at: offset)
                            piece = first..<end
                        }
                    }
                }
                start += length
                done += UInt64(length)
                if done % (16 << 20) == 0 || done == total { progress?(done, total) }
            }
            try unsafe Self.write(file, memory, piece, at: offset)
            layout.directory.regions[index].checksums = checksums
        }
    }

    /// Writes a piece of a region that begins at `offset`.
    private static func write(
        _ file: borrowing FileDescriptor, _ memory: UnsafeRawBufferPointer, _ piece: Range<Int>, at offset: UInt64
    ) throws(SnapshotError.Reason) {
        if piece.isEmpty { return }
        // Inside the region: it is made of pages of it.
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: memory[piece])
        let place = offset + UInt64(piece.lowerBound)
        try host(.write) { () throws(Errno) in try unsafe file.pwriteAll(bytes, at: place) }
        file.startWriteback(at: place, count: UInt64(piece.count))
    }
}

/// Which chunks of a region are zeros because nobody has touched them. Asked in order.
@safe
private struct UntouchedChunks: ~Copyable {
    private let pagemap: Pagemap?
    private let memory: UnsafeRawBufferPointer
    private var holes: Holes?
    /// The chunks that `bits` is about begin with this one.
    private var first = 0
    private var bits: UInt64 = 0
    private var known = 0

    /// - Parameter memory: kept alive and in its place by the caller.
    init(_ memory: UnsafeRawBufferPointer, _ region: MemoryRegion, _ origin: SnapshotWriter.Origin) {
        unsafe self.memory = memory
        switch origin {
        case .unknown: pagemap = nil
        case .zeros: pagemap = Pagemap()
        case .snapshot(let reader):
            holes = Holes(reader, region)
            pagemap = holes == nil ? nil : Pagemap()
        }
    }

    /// Whether a chunk is zeros for certain, from its number.
    mutating func isZero(_ chunk: Int) -> Bool {
        guard pagemap != nil else { return false }
        if chunk >= first + known { look(chunk) }
        guard bits >> UInt64(chunk - first) & 1 == 1 else { return false }
        return holes?.contain(chunk) ?? true
    }

    private mutating func look(_ chunk: Int) {
        let size = Int(MemoryDirectory.chunk)
        first = chunk
        // Whole chunks only; one that is cut short is read.
        known = unsafe min(Pagemap.most, memory.count / size - chunk)
        bits = 0
        guard known > 0, let base = unsafe memory.baseAddress else {
            known = 1
            return
        }
        // Inside the region by the minimum.
        bits = unsafe pagemap?.untouched(base + chunk * size, stretch: size, count: known) ?? 0
    }
}

/// The holes of a snapshot's region. Asked in order.
private struct Holes {
    private let reader: SnapshotReader
    private let offset: UInt64
    private var data: Range<UInt64>?

    /// Nil if the snapshot has no such region.
    init?(_ reader: SnapshotReader, _ region: MemoryRegion) {
        for other in reader.regions where other.guestAddress == region.guestAddress && other.size == region.size {
            self.reader = reader
            offset = other.offset
            return
        }
        return nil
    }

    mutating func contain(_ chunk: Int) -> Bool {
        let start = offset + UInt64(chunk) * MemoryDirectory.chunk
        if data == nil || data!.upperBound <= start {
            data = (try? SnapshotReader.nextData(reader.file, reader.header, from: start)) ?? start..<UInt64.max
        }
        return data!.lowerBound >= start + MemoryDirectory.chunk
    }
}
