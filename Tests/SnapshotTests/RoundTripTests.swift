// What goes in comes out, and holes stay holes.

import Host
import Testing

@testable import Snapshot

@Suite struct RoundTrip {
    @Test(arguments: [UInt32(4096), 65536])
    func everythingComesBack(alignment: UInt32) throws {
        let path = try temporaryPath("roundtrip")
        defer { try? Files.unlink(path) }
        let sample = try Sample()
        try sample.save(alignment: alignment, to: path)
        #expect(try sample.matches(path))
        let reader = try SnapshotReader(path: path)
        #expect(reader.regions.allSatisfy { $0.offset % UInt64(alignment) == 0 })
        #expect(reader.header.architecture == .mips32LittleEndian)
        #expect(reader.header.fileSize == (try Files.status(path).size))
        #expect(try Files.status(path).mode == 0o600)
        #expect(try sample.matches(path), "reading leaves it as it is")
    }

    @Test func nothingComesBackFromNothing() throws {
        let path = try temporaryPath("nothing")
        defer { try? Files.unlink(path) }
        try SnapshotWriter(architecture: .mips64LittleEndian, profile: "", guestPageSize: 16384).write(to: path)
        let reader = try SnapshotReader(path: path, known: [])
        #expect(reader.sections.isEmpty && reader.regions.isEmpty && reader.header.fileSize == 128)
        #expect(throws: SnapshotError(path: path, .missingSection("CPU "))) { _ = try reader.section("CPU ") }
    }

    @Test func mappedMemoryIsPrivate() throws {
        let path = try temporaryPath("private")
        defer { try? Files.unlink(path) }
        let sample = try Sample()
        try sample.save(to: path)
        let reader = try SnapshotReader(path: path)
        let memory = try reader.mapMemory(reader.regions[0])
        unsafe memory.base.storeBytes(of: 0xAA, toByteOffset: 5, as: UInt8.self)
        #expect(try sample.matches(path))
    }

    @Test func memoryOfOddSizesAndAlignments() throws {
        for size in [1, 4095, 4097, 65536, 65537, 3 * 65536 + 5] {
            let path = try temporaryPath("odd")
            defer { try? Files.unlink(path) }
            var bytes = [UInt8](repeating: 0, count: size)
            bytes[size - 1] = 0x77
            try unsafe bytes.withUnsafeBytes { buffer in
                var writer = SnapshotWriter(architecture: .mips32LittleEndian, profile: "TE", guestPageSize: 4096)
                unsafe writer.addMemory(guestAddress: 0x1000, buffer)
                try writer.write(to: path)
            }
            let reader = try SnapshotReader(path: path)
            let memory = try reader.mapMemory(reader.regions[0])
            #expect(memory.size == size)
            #expect(unsafe Array(memory.bytes) == bytes)
            var part = [UInt8](repeating: 1, count: 8)
            #expect(try reader.readMemory(reader.regions[0], at: UInt64(size - 1), into: &part) == 1)
            #expect(part[0] == 0x77)
        }
    }

    @Test func holesCostNothing() throws {
        let path = try temporaryPath("sparse")
        defer { try? Files.unlink(path) }
        // 256 MiB with three pages in use: in the first, in the middle and in the last chunk.
        let pages = try Pages(65536, written: [0, 30000, 65535])
        var writer = SnapshotWriter(architecture: .mips32LittleEndian, profile: "VZ", guestPageSize: 4096)
        unsafe writer.addMemory(guestAddress: 0, pages.bytes)
        var reports: [UInt64] = []
        writer.progress = { done, total in
            #expect(total == 256 << 20)
            reports.append(done)
        }
        let driver = SystemCallDriver()
        try driver.run { try writer.write(to: path) }
        #expect(reports.last == 256 << 20 && reports == reports.sorted())
        #expect(driver.trace.filter { $0.name == .pwrite }.count == 4, "three pages and everything before memory")
        let status = try Files.status(path)
        #expect(status.size > 256 << 20)

        let reading = SystemCallDriver()
        let reader = try reading.run { try SnapshotReader(path: path) }
        if status.allocated < 1 << 20 {
            #expect(reading.trace.filter { $0.name == .pread }.count < 40, "holes are not read")
        }
        let mapping = SystemCallDriver()
        let memory = try mapping.run { try reader.mapMemory(reader.regions[0]) }
        #expect(mapping.trace.map { $0.name } == [.mmap], "restoring reads nothing")
        #expect(unsafe memory.base.load(fromByteOffset: 30000 * 4096, as: UInt8.self) == pages.copy[30000 * 4096])
        let untouched = memory.isZeroPage(29999)
        #expect(untouched)
        withExtendedLifetime(pages) {}
    }

    @Test func aSnapshotReplacesASnapshotThatIsMapped() throws {
        let path = try temporaryPath("replace")
        defer { try? Files.unlink(path) }
        let (first, second) = (try Sample(seed: 1), try Sample(seed: 2))
        try first.save(to: path)
        let reader = try SnapshotReader(path: path)
        let memory = try reader.mapMemory(reader.regions[0])
        try second.save(to: path)
        #expect(unsafe Array(memory.bytes) == first.low.copy, "what is mapped stays what it was")
        #expect(try second.matches(path))
    }

    @Test func bytesRoundTrip() throws {
        var writer = ByteWriter()
        writer.u8(1)
        writer.u16(0x0203)
        writer.u32(0x0405_0607)
        writer.u64(0x0809_0A0B_0C0D_0E0F)
        writer.i32(-2)
        writer.i64(-3)
        writer.bool(true)
        writer.text("héllo")
        writer.zeros(3)
        #expect(writer.bytes.prefix(7) == [1, 3, 2, 7, 6, 5, 4])
        var reader = ByteReader(writer.bytes)
        #expect(try reader.u8() == 1)
        #expect(try reader.u16() == 0x0203)
        #expect(try reader.u32() == 0x0405_0607)
        #expect(try reader.u64() == 0x0809_0A0B_0C0D_0E0F)
        #expect(try reader.i32() == -2)
        #expect(try reader.i64() == -3)
        #expect(try reader.bool())
        #expect(try reader.text() == "héllo")
        #expect(throws: ByteError.excess(left: 3)) { try reader.finish() }
        try reader.zeros(3)
        try reader.finish()
        #expect(throws: ByteError.short(field: "here", needed: 4, left: 0)) { _ = try reader.u32("here") }
        var hostile = ByteReader([0xFF, 0xFF, 0xFF, 0xFF, 1])
        #expect(throws: ByteError.self) { _ = try hostile.blob() }
        var two = ByteReader([2])
        #expect(throws: ByteError.value(field: "flag", 2)) { _ = try two.bool("flag") }
    }

    @Test func checksumIsCastagnoli() {
        #expect(CRC32C.of(Array("123456789".utf8)) == 0xE306_9283)
        #expect(CRC32C.of([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.of([]) == 0)
        // Both ways agree, at every length and starting place, in one piece and in two.
        let bytes = (0..<200).map { UInt8(truncatingIfNeeded: $0 &* $0 &+ 7) }
        for start in 0..<9 {
            for end in start..<bytes.count {
                var (fast, slow) = (CRC32C(), CRC32C())
                unsafe bytes[start..<end].withUnsafeBytes { buffer in
                    let half = buffer.count / 2
                    unsafe fast.update(UnsafeRawBufferPointer(rebasing: buffer[..<half]))
                    unsafe fast.update(UnsafeRawBufferPointer(rebasing: buffer[half...]))
                    unsafe slow.updateByTable(buffer)
                }
                #expect(fast.value == slow.value)
            }
        }
    }

    /// Long enough for several sums side by side, with what is left at the end.
    @Test func checksumOfLongBytes() {
        let bytes = (0..<70000).map { UInt8(truncatingIfNeeded: $0 &* $0 &>> 3 &+ 7) }
        for (start, end) in [(0, 3071), (0, 3072), (1, 3073), (0, 3073), (5, 6149), (0, 9216), (3, 65539), (0, 70000)] {
            var (fast, slow) = (CRC32C(), CRC32C())
            unsafe bytes[start..<end].withUnsafeBytes { buffer in
                unsafe fast.update(UnsafeRawBufferPointer(rebasing: buffer[..<17]))
                unsafe fast.update(UnsafeRawBufferPointer(rebasing: buffer[17...]))
                unsafe slow.updateByTable(buffer)
            }
            #expect(fast.value == slow.value, "\(start)..<\(end)")
        }
    }
}
