// Guest memory of an open snapshot: checked where there is data, mapped without reading it.

public import Host

extension SnapshotReader {
    /// The region as memory of this process. Writes stay in this process (`MAP_PRIVATE`) and pages are read when they
    /// are touched, so the cost does not grow with the size. Where the host's pages are larger than the file's
    /// alignment the bytes are read instead.
    public func mapMemory(_ region: MemoryRegion) throws(SnapshotError) -> Mapping {
        do throws(SnapshotError.Reason) {
            guard let size = Int(exactly: region.size) else {
                throw SnapshotError.Reason.tooLarge("a memory region does not fit this host's address space")
            }
            if region.offset % UInt64(Mapping.pageSize) == 0 {
                return try host(.map) { () throws(Errno) in
                    try Mapping.file(file, offset: region.offset, size: size)
                }
            }
            let memory = try host(.map) { () throws(Errno) in try Mapping.anonymous(size: size) }
            // All of the mapping, which lives until this function returns it.
            let done = try host(.read) { () throws(Errno) in
                try unsafe file.preadAll(into: memory.bytes, at: region.offset)
            }
            if done != size { throw SnapshotError.Reason.truncated(expected: header.fileSize, found: region.offset) }
            return memory
        } catch {
            throw SnapshotError(path: path, error)
        }
    }

    /// All regions as one piece of memory, one after the other in the order of the file, as `mapMemory` makes it.
    public func mapAllMemory() throws(SnapshotError) -> Mapping {
        guard var whole = regions.first else { throw SnapshotError(path: path, .missingSection(.memory)) }
        for region in regions.dropFirst() {
            // Regions of a whole number of alignments follow each other without a gap.
            guard region.offset == whole.offset + whole.size else {
                throw SnapshotError(path: path, .field("a memory region's place", region.offset))
            }
            whole = whole.extended(by: region.size)
        }
        return try mapMemory(whole)
    }

    /// Copies a part of a region, to look at it. Answers how many bytes there were.
    public func readMemory(
        _ region: MemoryRegion, at position: UInt64, into bytes: inout [UInt8]
    ) throws(SnapshotError) -> Int {
        guard position < region.size else { return 0 }
        let count = min(UInt64(bytes.count), region.size - position)
        do throws(SnapshotError.Reason) {
            let piece = try SnapshotReader.read(file, at: region.offset + position, count)
            bytes.replaceSubrange(0..<piece.count, with: piece)
            return piece.count
        } catch {
            throw SnapshotError(path: path, error)
        }
    }

    /// Compares guest memory with its checksums: what a mapping shows as long as nobody changes the file, because both are of one
    /// open file. From any thread.
    ///
    /// - Parameter isCancelled: asked now and then; true ends it.
    /// - Returns: false if it was ended before it was through.
    public func verifyMemory(unless isCancelled: () -> Bool = { false }) throws(SnapshotError) -> Bool {
        do throws(SnapshotError.Reason) {
            return try SnapshotReader.checkMemory(file, header, regions, unless: isCancelled)
        } catch {
            throw SnapshotError(path: path, error)
        }
    }

    /// Compares guest memory with its checksums. Reads only what is not a hole; a hole is known to be zeros. False if it was
    /// cancelled.
    static func checkMemory(
        _ file: borrowing FileDescriptor, _ header: SnapshotHeader, _ regions: [MemoryRegion],
        unless isCancelled: () -> Bool
    ) throws(SnapshotError.Reason) -> Bool {
        var buffer = [UInt8](repeating: 0, count: Int(MemoryDirectory.chunk))
        let zeros = CRC32C.ofZeros(buffer.count)
        for region in regions {
            // The next range of data in the file, and how far holes have been ruled out before it.
            var data: Range<UInt64>?
            for index in 0..<UInt64(region.checksums.count) {
                let start = region.offset + index * MemoryDirectory.chunk
                let length = region.chunkLength(index)
                if data == nil || data!.upperBound <= start { data = try nextData(file, header, from: start) }
                let actual: UInt32
                if index % 16 == 0, isCancelled() { return false }
                if let data, data.lowerBound < start + length {
                    let done = try host(.read) { () throws(Errno) in try file.pread(into: &buffer, at: start) }
                    if UInt64(done) < length {
                        throw .truncated(expected: header.fileSize, found: start + UInt64(done))
                    }
                    var sum = CRC32C()
                    // `length` is at most the buffer's.
                    unsafe buffer.withUnsafeBytes {
                        unsafe sum.update(UnsafeRawBufferPointer(rebasing: $0[..<Int(length)]))
                    }
                    actual = sum.value
                } else {
                    actual = length == MemoryDirectory.chunk ? zeros : CRC32C.ofZeros(Int(length))
                }
                if actual != region.checksums[Int(index)] {
                    throw .damaged(.memory(region.guestAddress + index * MemoryDirectory.chunk))
                }
            }
        }
        return true
    }

    /// The first range at or after `offset` that is not a hole; an empty one at the end of everything when there is
    /// none. A file system that does not know holes has data everywhere.
    static func nextData(
        _ file: borrowing FileDescriptor, _ header: SnapshotHeader, from offset: UInt64
    ) throws(SnapshotError.Reason) -> Range<UInt64> {
        do throws(Errno) {
            guard let start = try file.seekData(from: offset) else { return UInt64.max..<UInt64.max }
            let end = try file.seekHole(from: start) ?? header.fileSize
            return start..<max(start + 1, end)
        } catch {
            if error == .inval || error == .opnotsupp || error == .nosys { return offset..<UInt64.max }
            throw .host(.read, error)
        }
    }
}
