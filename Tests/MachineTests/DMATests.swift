// Guest RAM as devices see it: the same bytes, the same refusals, parts of arrays.
import Devices
import Machine
import Testing

@Suite struct DMATests {
    private let memory: any DMA

    init() throws {
        memory = try GuestMemory(size: 257 * mebibyte)
    }

    @Test func copies() {
        let high: UInt64 = 0x2000_0000
        #expect(memory.copyIn([1, 2, 3, 4, 5], at: high + 1))
        #expect(memory.copyOut(high, 7) == [0, 1, 2, 3, 4, 5, 0])
        #expect(memory.copyIn([1, 2, 3, 4, 5], 1..<3, at: high + 0x1000))
        #expect(memory.copyOut(high + 0x1000, 3) == [2, 3, 0])
        var bytes: [UInt8] = [9]
        #expect(memory.copyOut(high + 1, 2, to: &bytes))
        #expect(memory.copyOut(high + 0x1000, 2, to: &bytes))
        #expect(bytes == [9, 1, 2, 2, 3])
        #expect(memory.copyOut(high, 0) == [])
    }

    @Test(arguments: [UInt64(0x0FFF_FFFD), 0x1000_0000, 0x1FFF_FFFF, 0x200F_FFFD, 0x2010_0000, .max - 2, .max])
    func outsideOfMemory(address: UInt64) {
        #expect(!memory.contains(address, count: 4))
        #expect(memory.copyOut(address, 4) == nil)
        var bytes: [UInt8] = [7]
        #expect(!memory.copyOut(address, 4, to: &bytes))
        #expect(bytes == [7])
        #expect(!memory.copyIn([1, 2, 3, 4], at: address))
        #expect(!memory.copyIn([1, 2, 3, 4, 5], 0..<4, at: address))
        #expect(memory.load(at: address, size: 4) == nil)
        #expect(!memory.store(1, at: address, size: 4))
    }

    @Test func valuesOfEverySizeAtEveryAlignment() {
        for address in UInt64(0x100)..<0x108 {
            #expect(memory.copyIn([UInt8](0x11...0x20), at: 0x100))
            for (size, value) in [(UInt32(1), UInt64(0xFF)), (2, 0xFFFF), (4, 0xFFFF_FFFF), (8, .max)] {
                let first = 0x11 + address - 0x100
                let expected = (0..<UInt64(size)).reversed().reduce(UInt64(0)) { $0 << 8 | (first + $1) }
                #expect(memory.load(at: address, size: size) == expected)
                #expect(memory.store(value, at: address, size: size))
                let count = Int(address - 0x100)
                let after = [UInt8](0x11...0x20).enumerated().map { index, byte in
                    index >= count && index < count + Int(size) ? 0xFF : byte
                }
                #expect(memory.copyOut(0x100, 16) == after)
                #expect(memory.copyIn([UInt8](0x11...0x20), at: 0x100))
            }
        }
        for size: UInt32 in [0, 3, 5, 7, 9, 16] {
            #expect(memory.load(at: 0x100, size: size) == nil)
            #expect(!memory.store(0, at: 0x100, size: size))
        }
    }
}
