// Memory that this process never touched is saved without reading it, and is what it should be all the same.

import Host
import Testing

@testable import Snapshot

@Suite struct Untouched {
    private func save(
        _ memory: UnsafeRawBufferPointer, _ origin: SnapshotWriter.Origin, to path: String
    ) throws(SnapshotError) {
        var writer = SnapshotWriter(architecture: .mips32LittleEndian, profile: "VZ", guestPageSize: 4096)
        unsafe writer.addMemory(guestAddress: 0, memory, origin: origin)
        try writer.write(to: path)
    }

    /// Pages of one mapping that the page table knows.
    private func touched(_ mapping: borrowing Mapping) -> Int {
        // Linux always has it.
        let pagemap = Pagemap()!
        let page = Mapping.pageSize
        var count = 0
        for first in stride(from: 0, to: mapping.size / page, by: Pagemap.most) {
            let stretches = min(Pagemap.most, mapping.size / page - first)
            let bits = unsafe pagemap.untouched(
                UnsafeRawPointer(mapping.base + first * page), stretch: page, count: stretches)
            count += stretches - bits.nonzeroBitCount
        }
        return count
    }

    @Test func pagemap() throws {
        let memory = try Mapping.anonymous(size: 8 * Mapping.pageSize)
        #expect(touched(memory) == 0)
        unsafe memory.base.storeBytes(of: 1, toByteOffset: 3 * Mapping.pageSize, as: UInt8.self)
        #expect(touched(memory) == 1)
        // Linux always has it.
        let pagemap = Pagemap()!
        let base = unsafe UnsafeRawPointer(memory.base)
        #expect(unsafe pagemap.untouched(base, stretch: 2 * Mapping.pageSize, count: 4) == 0b1101)
        // Not of whole pages: nothing is claimed.
        #expect(unsafe pagemap.untouched(base, stretch: 100, count: 4) == 0)
        #expect(unsafe pagemap.untouched(base + 8, stretch: Mapping.pageSize, count: 4) == 0)
    }

    @Test func anonymousMemoryIsNotTouchedByASave() throws {
        let (path, plain) = (try temporaryPath("untouched"), try temporaryPath("touched"))
        defer { for file in [path, plain] { try? Files.unlink(file) } }
        // A length that is no multiple of a chunk, and pages at all of its ends.
        let size = (16 << 20) + 3 * 4096
        let memory = try Mapping.anonymous(size: size)
        for page in [0, 15, 16, 17, 1000, 1024, 4098] {
            unsafe memory.base.storeBytes(
                of: UInt8(truncatingIfNeeded: page | 1), toByteOffset: page * 4096 + 9, as: UInt8.self)
        }
        let before = touched(memory)
        try unsafe save(UnsafeRawBufferPointer(memory.bytes), .zeros, to: path)
        // Chunks that hold one of these pages are read: at most 16 pages for each of 5 chunks, and the short one.
        #expect(touched(memory) <= before + 6 * 16)
        try unsafe save(UnsafeRawBufferPointer(memory.bytes), .unknown, to: plain)
        #expect(try Files.readWhole(path, limit: 1 << 25) == Files.readWhole(plain, limit: 1 << 25))
    }

    /// A restored machine's memory: data that was never touched here is in the file, holes are zeros, and what was written counts.
    @Test func snapshotsOfSnapshots() throws {
        let (first, second, plain) = (
            try temporaryPath("first"), try temporaryPath("second"), try temporaryPath("plain")
        )
        defer { for file in [first, second, plain] { try? Files.unlink(file) } }
        let pages = try Pages(4096, written: [3, 40, 41, 2000])
        try unsafe save(pages.bytes, .zeros, to: first)
        let reader = try SnapshotReader(path: first)
        let memory = try reader.mapAllMemory()
        for (page, value) in [(41, UInt8(7)), (3000, 8), (4095, 9)] {
            unsafe memory.base.storeBytes(of: value, toByteOffset: page * 4096, as: UInt8.self)
        }
        // Zeros where there was data.
        unsafe (memory.base + 2000 * 4096).initializeMemory(as: UInt8.self, repeating: 0, count: 4096)
        try unsafe save(UnsafeRawBufferPointer(memory.bytes), .snapshot(reader), to: second)
        #expect(touched(memory) < 200, "holes are not touched")
        try unsafe save(UnsafeRawBufferPointer(memory.bytes), .unknown, to: plain)
        #expect(try Files.readWhole(second, limit: 1 << 25) == Files.readWhole(plain, limit: 1 << 25))
        // Read back and compared, checksums included.
        let again = try SnapshotReader(path: second).mapAllMemory()
        #expect(unsafe Array(again.bytes) == Array(memory.bytes))
        withExtendedLifetime(pages) {}
    }

    /// A snapshot without such a region knows nothing: all is read.
    @Test func anotherOrigin() throws {
        let (first, second) = (try temporaryPath("other"), try temporaryPath("mine"))
        defer { for file in [first, second] { try? Files.unlink(file) } }
        let small = try Pages(16, written: [1])
        try unsafe save(small.bytes, .zeros, to: first)
        let pages = try Pages(64, written: [5, 20])
        try unsafe save(pages.bytes, .snapshot(SnapshotReader(path: first)), to: second)
        let again = try SnapshotReader(path: second).mapAllMemory()
        #expect(unsafe Array(again.bytes) == pages.copy)
        withExtendedLifetime((small, pages)) {}
    }

    @Test func memoryIsVerifiedLater() throws {
        let path = try temporaryPath("later")
        defer { try? Files.unlink(path) }
        let sample = try Sample(lowPages: 40)
        try sample.save(to: path)
        let reader = try SnapshotReader(path: path, verifyingMemory: false)
        #expect(!reader.isMemoryVerified)
        #expect(try reader.verifyMemory())
        #expect(try !reader.verifyMemory { true })
        let file = try FileDescriptor.open(path: path, [.write])
        try file.pwriteAll([0xFF], at: reader.regions[1].offset + 4096)
        do throws(SnapshotError) {
            _ = try reader.verifyMemory()
            Issue.record("damage was not noticed")
        } catch {
            #expect(error.reason == .damaged(.memory(0x2000_0000)))
        }
    }
}
