// Small snapshots to take apart, and what the tests ask of them.

import Host

@testable import Snapshot

/// A file name in the temporary directory that nobody else uses.
func temporaryPath(_ name: String) throws -> String {
    let directory = Process.environment("TMPDIR") ?? "/tmp"
    return try Files.temporarySibling(of: directory + "/stasis-snapshot-" + name)
}

/// Memory of a guest: `pages` pages of 4096 bytes, of which those listed hold a pattern and the others zeros.
final class Pages {
    let mapping: Mapping
    init(_ pages: Int, written: [Int], seed: UInt8 = 1) throws {
        mapping = try Mapping.anonymous(size: pages * 4096)
        for page in written {
            for offset in 0..<4096 {
                let value = UInt8(truncatingIfNeeded: offset &* 31 &+ page &* 7) ^ seed
                unsafe mapping.base.storeBytes(of: value | 1, toByteOffset: page * 4096 + offset, as: UInt8.self)
            }
        }
    }
    var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(mapping.bytes) }
    var copy: [UInt8] { unsafe Array(mapping.bytes) }
}

/// A snapshot with sections of several lengths and two pieces of memory, one of them with a hole in it.
struct Sample {
    let low: Pages
    let high: Pages
    let seed: UInt8

    init(seed: UInt8 = 1, lowPages: Int = 1) throws {
        self.seed = seed
        low = try Pages(lowPages, written: [0], seed: seed)
        high = try Pages(2, written: [1], seed: seed &+ 9)
    }

    var sections: [(name: SectionName, instance: UInt32, optional: Bool, bytes: [UInt8])] {
        [
            ("CPU ", 0, false, (0..<37).map { UInt8($0) &+ seed }), ("CPU ", 1, false, [seed]),
            ("NONE", 0, false, []), ("NOTE", 0, true, Array("hello \(seed)".utf8)),
        ]
    }

    private func writer(alignment: UInt32 = 4096) -> SnapshotWriter {
        var writer = SnapshotWriter(
            architecture: .mips32LittleEndian, profile: "VZ", guestPageSize: 4096, memoryAlignment: alignment)
        for section in sections {
            writer.addSection(
                name: section.name, instance: section.instance, version: 3, isOptional: section.optional,
                bytes: section.bytes)
        }
        // `low` and `high` live as long as this sample, which outlives every writer in these tests.
        unsafe writer.addMemory(guestAddress: 0, low.bytes)
        unsafe writer.addMemory(guestAddress: 0x2000_0000, high.bytes)
        return writer
    }

    /// Writes this sample, and keeps its memory until that is done.
    func save(alignment: UInt32 = 4096, to path: String) throws(SnapshotError) {
        defer { withExtendedLifetime((low, high)) {} }
        try writer(alignment: alignment).write(to: path)
    }

    /// True when the file holds exactly this sample.
    func matches(_ path: String) throws(SnapshotError) -> Bool {
        let reader = try SnapshotReader(path: path, known: ["CPU ", "NONE"])
        for section in sections {
            guard let entry = reader.find(section.name, instance: section.instance) else { return false }
            if try reader.bytes(of: entry) != section.bytes || entry.version != 3 { return false }
        }
        if reader.regions.count != 2 || reader.sections.count != sections.count + 1 { return false }
        for (region, pages) in zip(reader.regions, [low, high]) {
            let memory = try reader.mapMemory(region)
            if unsafe Array(memory.bytes) != pages.copy { return false }
        }
        return reader.header.profile == "VZ" && reader.header.guestPageSize == 4096
    }
}

/// Overwrites bytes of a file where they are.
func patch(_ path: String, at offset: UInt64, _ bytes: [UInt8]) throws {
    let file = try FileDescriptor.open(path: path, [.write])
    try file.pwriteAll(bytes, at: offset)
}

/// Why a file is refused, `nil` when it is not.
func refusal(_ path: String, known: [SectionName]? = nil) -> SnapshotError.Reason? {
    do throws(SnapshotError) {
        _ = try SnapshotReader(path: path, known: known)
        return nil
    } catch {
        return error.reason
    }
}
