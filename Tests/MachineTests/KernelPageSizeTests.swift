// The page size a kernel was built for, by its writes to PageMask.
import Testing

@testable import Machine

struct KernelPageSizeTests {
    private func find(_ words: [UInt32]) -> UInt32? {
        KernelPageSize.find(in: words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } })
    }

    /// MTC0 of a register to PageMask.
    private func set(_ register: UInt32) -> UInt32 { 0x4080_2800 | register << 16 }

    @Test func sizes() {
        #expect(find([0x27BD_FFF8, set(0), 0]) == 4096)
        // li v0, 0x6000; sw ra, 20(sp); mtc0 v0: as in Linux 5.10.
        #expect(find([0x27BD_FFE8, 0x2402_6000, 0xAFBF_0014, set(2)]) == 16384)
        #expect(find([0x3402_6000, set(2)]) == 16384)
        // lui t0, 1; ori t0, t0, 0xe000
        #expect(find([0x3C08_0001, 0, 0x3508_E000, set(8)]) == 65536)
        // The same twice, a value that is not constant, and a huge page's, beside it.
        #expect(find([set(0), 0x8FA2_0030, set(2), 0x2402_6000, 0x3C02_01FF, 0x3442_E000, set(2), set(0)]) == 4096)
    }

    @Test func whatDoesNotTell() {
        #expect(find([]) == nil)
        #expect(find([0, 0]) == nil)
        #expect(find([set(2)]) == nil)
        #expect(find([0x2403_6000, set(2)]) == nil, "another register's constant")
        #expect(find([0x2402_6000, 0x0062_1021, set(2)]) == nil, "added to before it is used")
        #expect(find([0x2402_6000, 0x8FA2_0030, set(2)]) == nil, "loaded before it is used")
        #expect(find([0x2402_6000, 0x2442_0001, set(2)]) == nil)
        #expect(find([0x2402_6000, 0x3442_8000, set(2)]) == nil)
        #expect(find([0x2402_6000] + [UInt32](repeating: 0, count: 9) + [set(2)]) == nil, "too far away")
        #expect(find([0x2402_5000, set(2)]) == nil, "no size")
        #expect(find([set(0), 0x2402_6000, set(2)]) == nil, "two sizes")
    }
}
