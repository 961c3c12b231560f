// Guest memory: sizes, the split at 256 MiB, checked access, values of every size.
import Host
import Machine
import Testing

@Suite struct MemoryTests {
    @Test func layoutAroundTheDevices() throws {
        let small = GuestMemory.regions(of: 64 * mebibyte)
        #expect(small.map(\.window) == [AddressWindow(base: 0, size: 64 * mebibyte)])
        let exact = GuestMemory.regions(of: 256 * mebibyte)
        #expect(exact.map(\.window) == [AddressWindow(base: 0, size: 256 * mebibyte)])
        let large = GuestMemory.regions(of: 1024 * mebibyte)
        #expect(
            large.map(\.window) == [
                AddressWindow(base: 0, size: 256 * mebibyte),
                AddressWindow(base: 0x2000_0000, size: 768 * mebibyte),
            ])
        #expect(large.map(\.offset) == [0, 256 * mebibyte])
        #expect(GuestMemory.regions(of: AddressMap.largestRAM).last?.window.end == AddressMap.end)
    }

    @Test(arguments: [UInt64(0), 1, 65535, 65537, AddressMap.largestRAM + 65536, .max, .max - 65535])
    func impossibleSizes(size: UInt64) {
        #expect(throws: GuestMemoryError.badSize(size)) { _ = try GuestMemory(size: size) }
    }

    @Test func smallestSize() throws {
        let memory = try GuestMemory(size: 65536)
        #expect(memory.store(1, at: 65535, size: 1))
        #expect(!memory.store(1, at: 65536, size: 1))
    }

    @Test func noAccessCrossesTheGap() throws {
        let memory = try GuestMemory(size: 257 * mebibyte)
        let low: UInt64 = 0x1000_0000
        let high: UInt64 = 0x2000_0000
        try memory.write([1, 2, 3, 4], at: low - 4)
        try memory.write([5, 6, 7, 8], at: high)
        #expect(try memory.read(at: low - 4, count: 4) == [1, 2, 3, 4])
        #expect(try memory.read(at: high, count: 4) == [5, 6, 7, 8])
        for address in [
            low - 3, low, high - 1, high - 4, high + mebibyte - 3, high + mebibyte, UInt64.max, UInt64.max - 3,
        ] {
            let refused = GuestMemoryError.outside(address: address, count: 4)
            #expect(throws: refused) { try memory.write([0, 0, 0, 0], at: address) }
            #expect(throws: refused) { _ = try memory.read(at: address, count: 4) }
            #expect(throws: refused) { try memory.zero(at: address, count: 4) }
            #expect(memory.load(at: address, size: 4) == nil)
            #expect(!memory.store(0, at: address, size: 4))
        }
        #expect(throws: GuestMemoryError.self) { try memory.zero(at: 0, count: .max) }
        #expect(throws: GuestMemoryError.self) { try memory.zero(at: 1, count: .max) }
        #expect(try memory.read(at: low - 4, count: 4) == [1, 2, 3, 4])
        #expect(memory.contains(low, count: 0))
        #expect(!memory.contains(low + 1, count: 0))
    }

    /// Whoever runs the guest is told of every write but the guest's.
    @Test func writesAreNoted() throws {
        let memory = try GuestMemory(size: 257 * mebibyte)
        func taken() -> [ClosedRange<UInt32>]? {
            var ranges: [ClosedRange<UInt32>] = []
            return memory.writes.take { ranges.append($0...$1) } ? ranges : nil
        }
        #expect(taken() == [])
        try memory.write([1, 2], at: 0x2FFF)
        #expect(taken() == [2...3])
        try memory.write([1, 2, 3], 1..<2, at: 0x2000_0000)
        #expect(taken() == [0x20000...0x20000])
        try memory.zero(at: 0x5000, count: 0x2000)
        #expect(taken() == [5...6])
        #expect(memory.store(1, at: 0x7FFE, size: 4))
        #expect(taken() == [7...8])
        #expect(memory.copyIn([1], at: 0x9000) && memory.copyIn([1, 2], 0..<1, at: 0x9001))
        #expect(taken() == [9...9])
        // Nothing was written.
        #expect(!memory.store(1, at: 0x7FFE, size: 3))
        #expect(throws: GuestMemoryError.self) { try memory.zero(at: .max, count: 2) }
        _ = memory.load(at: 0, size: 4)
        _ = try memory.read(at: 0, count: 4)
        #expect(taken() == [])
    }

    @Test func slotsAreOneMapping() throws {
        let memory = try GuestMemory(size: 257 * mebibyte)
        #expect(memory.regions.count == 2)
        #expect(memory.hostAddress(of: memory.regions[1]) - memory.hostAddress(of: memory.regions[0]) == 256 * mebibyte)
        #expect(memory.hostAddress(of: memory.regions[0]) % UInt64(Mapping.pageSize) == 0)
        try memory.write([9], at: 0x2000_0000)
        #expect(unsafe memory.bytes[Int(256 * mebibyte)] == 9)
        #expect(!memory.isZeroPage(Int(256 * mebibyte) / Mapping.pageSize))
        #expect(memory.isZeroPage(0))
    }

    @Test func valuesAreLittleEndianAtAnyAlignment() throws {
        let memory = try GuestMemory(size: 65536)
        for address: UInt64 in 16..<24 {
            #expect(memory.store(0x1122_3344_5566_7788, at: address, size: 8))
            #expect(try memory.read(at: address, count: 8) == [0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11])
            #expect(memory.load(at: address, size: 8) == 0x1122_3344_5566_7788)
            #expect(memory.load(at: address, size: 4) == 0x5566_7788)
            #expect(memory.load(at: address, size: 2) == 0x7788)
            #expect(memory.load(at: address, size: 1) == 0x88)
            #expect(memory.store(0xFFFF_FFFF_FFFF_0102, at: address, size: 2))
            #expect(memory.load(at: address, size: 4) == 0x5566_0102, "only the low bytes are stored")
        }
        for size: UInt32 in [0, 3, 5, 6, 7, 9, .max] {
            #expect(memory.load(at: 0, size: size) == nil)
            #expect(!memory.store(1, at: 0, size: size))
        }
    }

    @Test func adoptedMappingKeepsItsContents() throws {
        let mapping = try Mapping.anonymous(size: 65536)
        unsafe mapping.bytes[100] = 42
        let memory = try GuestMemory(adopting: mapping)
        #expect(memory.size == 65536)
        #expect(memory.load(at: 100, size: 1) == 42)
        #expect(throws: GuestMemoryError.badSize(4096)) {
            _ = try GuestMemory(adopting: Mapping.anonymous(size: 4096))
        }
    }

    #if DEBUG
        @Test func aHostWithoutMemorySaysSo() {
            do throws(GuestMemoryError) {
                _ = try SystemCallDriver.failing(.mmap, .nomem).run { () throws(GuestMemoryError) in
                    try GuestMemory(size: 64 * mebibyte)
                }
                Issue.record("accepted")
            } catch {
                #expect(error == .host(.nomem, size: 64 * mebibyte))
                #expect(error.description.contains("64 MiB"))
                #expect(error.description.contains("ENOMEM"))
            }
        }
    #endif
}
