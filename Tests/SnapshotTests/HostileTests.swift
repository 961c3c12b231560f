// Files whose checksums are right and whose contents lie: versions, sizes, places.

import Host
import Testing

@testable import Snapshot

/// A snapshot's bytes with fields to change and checksums that follow.
private struct Forgery {
    var bytes: [UInt8]

    /// Changes a field of the header.
    mutating func header<T: FixedWidthInteger>(_ offset: Int, _ value: T) {
        set(offset, value)
        seal()
    }

    /// Changes a field of an entry of the table.
    mutating func entry<T: FixedWidthInteger>(_ index: Int, _ offset: Int, _ value: T) {
        set(128 + 32 * index + offset, value)
        seal()
    }

    /// Changes a field of the memory directory, which is section `index`.
    mutating func directory<T: FixedWidthInteger>(_ index: Int, _ offset: Int, _ value: T) {
        let start = Int(get(128 + 32 * index + 16, 8))
        set(start + offset, value)
        let length = Int(get(128 + 32 * index + 24, 8))
        set(128 + 32 * index + 12, CRC32C.of(Array(bytes[start..<start + length])))
        seal()
    }

    func get(_ offset: Int, _ count: Int) -> UInt64 {
        (0..<count).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
    }

    private mutating func set<T: FixedWidthInteger>(_ offset: Int, _ value: T) {
        for index in 0..<T.bitWidth / 8 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> T(8 * index)) }
    }

    private mutating func seal() {
        let count = min(Int(get(32, 4)), (bytes.count - 128) / 32)
        set(120, CRC32C.of(Array(bytes[128..<128 + 32 * count])))
        set(124, CRC32C.of(Array(bytes[..<124])))
    }
}

@Suite struct Hostile {
    /// What a reader says to a sample that was changed.
    private func verdict(_ change: (inout Forgery) -> Void) throws -> SnapshotError.Reason? {
        let path = try temporaryPath("forged")
        defer { try? Files.unlink(path) }
        let sample = try Sample()
        try sample.save(to: path)
        var forgery = Forgery(bytes: try Files.readWhole(path, limit: 1 << 20))
        change(&forgery)
        try Files.unlink(path)
        let file = try FileDescriptor.open(path: path, [.write, .create, .exclusive])
        try file.writeAll(forgery.bytes)
        return refusal(path, known: ["CPU ", "NONE"])
    }

    @Test func versions() throws {
        #expect(try verdict { $0.header(8, UInt16(1)) } == nil)
        #expect(try verdict { $0.header(8, UInt16(2)) } == .newer(found: 2, supported: 1))
        #expect(try verdict { $0.header(8, UInt16.max) } == .newer(found: .max, supported: 1))
        #expect(try verdict { $0.header(8, UInt16(0)) } == .older(found: 0, oldest: 1))
        #expect(
            "\(SnapshotError(path: "s", .newer(found: 3, supported: 1)))"
                == "snapshot s was written by a newer Stasis: format 3, this one reads up to 1; use the newer one")
        // A newer revision may use reserved fields.
        #expect(try verdict { $0.header(10, UInt16(1)) } == nil)
        #expect(
            try verdict {
                $0.header(10, UInt16(1))
                $0.header(100, UInt32(5))
            } == nil)
        #expect(try verdict { $0.header(100, UInt32(5)) } == .field("a reserved field", 5))
    }

    @Test func headerFields() throws {
        #expect(try verdict { $0.header(12, UInt32(127)) } == .field("the header's length", 127))
        #expect(try verdict { $0.header(16, UInt32(1)) } == .field("the flags", 1))
        #expect(try verdict { $0.header(24, UInt32(0)) } == .field("the page size", 0))
        #expect(try verdict { $0.header(24, UInt32(3000)) } == .field("the page size", 3000))
        #expect(try verdict { $0.header(28, UInt32.max) } == .field("the page size", UInt64(UInt32.max)))
        #expect(try verdict { $0.header(36, UInt32(33)) } == .field("the table's entry", 33))
        #expect(try verdict { $0.header(70, UInt8(7)) } == .field("the profile's name", 7))
        #expect(try verdict { $0.header(32, UInt32(6)) } != nil)
        #expect(try verdict { $0.header(32, UInt32(4)) } != nil)
        #expect(try verdict { $0.header(32, UInt32.max) } == .tooLarge("it has too many sections"))
        #expect(try verdict { $0.header(32, UInt32(4000)) } == .field("the number of sections", 4000))
    }

    @Test func sectionsLieWhereTheyHaveTo() throws {
        // Overlap, gap, beyond the end, wrapping round.
        for offset in [UInt64(0), 16, 288, 304, 320, 1 << 20, 1 << 62, .max, .max - 15] {
            let original = UInt64(128 + 5 * 32)
            if offset == original { continue }
            #expect(try verdict { $0.entry(0, 16, offset) } == .field("a section's offset", offset))
        }
        for length in [UInt64(1 << 20), 1 << 33, 1 << 63, .max, .max - 287] {
            #expect(try verdict { $0.entry(0, 24, length) } == .field("a section's length", length))
        }
        #expect(try verdict { $0.entry(0, 24, UInt64(36)) } == .damaged(.section("CPU ")))
        #expect(try verdict { $0.entry(1, 4, UInt32(0)) } == .field("a section's instance", 0))
        #expect(try verdict { $0.entry(0, 10, UInt16(2)) } == .field("a section's flags", 2))
        #expect(try verdict { $0.entry(0, 0, UInt32(0x2050_0A43)) } == .field("a section's name", 0x2050_0A43))
    }

    @Test func unknownSections() throws {
        let name: SectionName = "XYZ "
        // Mandatory: refused. Optional: kept, and passed over.
        #expect(try verdict { $0.entry(0, 0, name.rawValue) } == .unknownSection(name))
        #expect(
            try verdict {
                $0.entry(0, 0, name.rawValue)
                $0.entry(0, 10, UInt16(1))
            } == nil)
        #expect(try verdict { $0.entry(3, 0, name.rawValue) } == nil)
        #expect(try verdict { $0.entry(3, 10, UInt16(0)) } == .unknownSection("NOTE"))
    }

    @Test func memoryDirectories() throws {
        func field(_ name: StaticText, _ value: UInt64) -> SnapshotError.Reason {
            .section(.memory, .value(field: name, value))
        }
        let memory = 4
        #expect(try verdict { $0.directory(memory, 0, UInt32(65536)) } == nil)
        #expect(try verdict { $0.directory(memory, 0, UInt32(0)) } == field("the chunk size", 0))
        for alignment in [UInt32(0), 1, 2048, 4097, 1 << 25] {
            #expect(
                try verdict { $0.directory(memory, 4, alignment) } == field("the alignment", UInt64(alignment)))
        }
        for count in [UInt32(0), 1025, .max] {
            #expect(
                try verdict { $0.directory(memory, 8, count) } == field("the number of regions", UInt64(count)))
        }
        #expect(try verdict { $0.directory(memory, 8, UInt32(1)) } == field("the end of memory", 8192))
        #expect(try verdict { $0.directory(memory, 12, UInt32(1)) } == field("a reserved field", 1))
        // Region 0: address, size, offset, chunks.
        #expect(
            try verdict { $0.directory(memory, 16, UInt64(0x2000_1000)) } == field("a region's address", 0x2000_0000))
        #expect(try verdict { $0.directory(memory, 16, UInt64.max) } == field("a region's size", 4096))
        #expect(try verdict { $0.directory(memory, 24, UInt64(0)) } == field("a region's size", 0))
        #expect(try verdict { $0.directory(memory, 24, UInt64.max) } == field("a region's offset", 4096))
        #expect(try verdict { $0.directory(memory, 24, UInt64(16384)) } == field("a region's size", 16384))
        #expect(try verdict { $0.directory(memory, 32, UInt64(0)) } == field("a region's offset", 0))
        #expect(try verdict { $0.directory(memory, 32, UInt64(8192)) } == field("a region's offset", 8192))
        #expect(try verdict { $0.directory(memory, 32, UInt64.max - 4095) } == field("a region's offset", .max - 4095))
        #expect(try verdict { $0.directory(memory, 40, UInt64(2)) } == field("a region's number of chunks", 2))
        #expect(
            try verdict { $0.directory(memory, 40, UInt64(1) << 62) } == field("a region's number of chunks", 1 << 62))
        #expect(try verdict { $0.directory(memory, 80, UInt32(0)) } == .damaged(.memory(0)))
        #expect(try verdict { $0.directory(memory, 84, UInt32(0)) } == .damaged(.memory(0x2000_0000)))
        #expect(
            try verdict { $0.entry(memory, 8, UInt16(2)) } == .sectionVersion(.memory, found: 2, supported: 1))
    }

    @Test func callersRefuseWhatIsNotTheirs() throws {
        let path = try temporaryPath("require")
        defer { try? Files.unlink(path) }
        try Sample().save(to: path)
        let reader = try SnapshotReader(path: path)
        try reader.require(architecture: .mips32LittleEndian, profile: "VZ", guestPageSize: 4096)
        #expect(
            throws: SnapshotError(
                path: path, .architecture(found: .mips32LittleEndian, wanted: .mips64LittleEndian))
        ) {
            try reader.require(architecture: .mips64LittleEndian)
        }
        #expect(throws: SnapshotError(path: path, .profile(found: "VZ", wanted: "TE-5.10"))) {
            try reader.require(architecture: .mips32LittleEndian, profile: "TE-5.10")
        }
        #expect(throws: SnapshotError(path: path, .pageSize(found: 4096, wanted: 16384))) {
            try reader.require(architecture: .mips32LittleEndian, guestPageSize: 16384)
        }
        #expect(throws: SnapshotError(path: path, .sectionVersion("CPU ", found: 3, supported: 2))) {
            _ = try reader.section("CPU ", upTo: 2)
        }
        #expect(throws: SnapshotError(path: path, .section("CPU ", .excess(left: 33)))) {
            _ = try reader.decode("CPU ") { (reader: inout ByteReader) throws(ByteError) in try reader.u32() }
        }
        #expect(throws: SnapshotError(path: path, .section("NONE", .short(field: "pc", needed: 4, left: 0)))) {
            _ = try reader.decode("NONE") { (reader: inout ByteReader) throws(ByteError) in try reader.u32("pc") }
        }
    }

    @Test func tooMuchIsRefusedWhenWriting() throws {
        let path = try temporaryPath("large")
        let long = String(repeating: "x", count: 33)
        #expect(throws: SnapshotError(path: path, .tooLarge("the profile's name"))) {
            try SnapshotWriter(architecture: .mips32LittleEndian, profile: long, guestPageSize: 4096).write(to: path)
        }
        #expect(throws: SnapshotError(path: path, .field("the page size", 5000))) {
            try SnapshotWriter(architecture: .mips32LittleEndian, profile: "", guestPageSize: 5000).write(to: path)
        }
        #expect(!Files.exists(path))
    }
}
