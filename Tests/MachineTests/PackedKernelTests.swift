// Kernels that unpack themselves: recognised and unpacked, or loaded as they are.
import Foundation
import Testing

@testable import Machine

/// Words of head.S of arch/mips/boot/compressed, as compilers lay it out, and a wrapper around packed bytes.
private struct Wrapper {
    static let base: UInt32 = 0x8040_0000
    /// Where the kernel goes and begins.
    static let loadAddress: UInt32 = 0x8010_0000
    static let kernelEntry: UInt32 = 0x8010_9294

    var head: [UInt32] = [
        0x0080_8025, 0x00A0_8825, 0x00C0_9025, 0x00E0_9825,  // move s0-s3, a0-a3
        0x3C04_8050, 0x2484_C900,  // a0 = start of what is cleared
        0x3C06_8051, 0x24C6_ED10,  // a2 = its end
        0xAC80_0000, 0x2484_0004, 0x14C4_FFFD, 0,
        0x3C04_8050, 0x2484_CD10, 0x3C1D_8051, 0x27BD_ED10,  // a0 = heap, sp = stack
        0x3C19_8040, 0x2739_0100, 0x0320_F809, 0,  // t9 = the unpacker, jalr t9
        0x0200_2025, 0x0220_2825, 0x0240_3025, 0x0260_3825,  // move a0-a3, s0-s3
        0x3C19_8010, 0x3739_9294, 0x0320_0008, 0,  // t9 = the kernel's entry, jr t9
        0x1000_FFFF, 0,
    ]
    /// Of the unpacker: v0 = load address, sw v0, 80(sp); and addresses of its own.
    var unpacker: [UInt32] = [0x3C02_8010, 0xAFA2_0050, 0x3C02_8040, 0x2442_0100, 0x3C03_BF00]
    var packed: [UInt8] = []

    func build() -> [UInt8] {
        var bytes: [UInt8] = []
        for word in head + unpacker { bytes += (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
        // The unpacker knows the magic.
        bytes += XZ.magic + [UInt8](repeating: 0, count: 10)
        bytes += packed
        var builder = ELFBuilder()
        builder.entry = Self.base
        builder.segments = [.init(address: Self.base, bytes: bytes, memorySize: UInt32(bytes.count) + 0x1000)]
        return builder.build()
    }

    /// What is at the load address after loading, the entry and the last byte that is taken.
    func load(_ memory: GuestMemory? = nil) throws -> (entry: UInt32, contents: [UInt8], range: Range<UInt64>) {
        let memory = try memory ?? makeMemory(8 * mebibyte)
        let image = try ImageLoader.load(build(), name: "vmlinuz", window: .kseg0, into: memory)
        return (image.entry, try memory.read(at: 0x10_0000, count: kernel.count), image.physicalRange)
    }

    var isLoadedAsItIs: Bool {
        guard let loaded = try? load() else { return false }
        return loaded.entry == Self.base && loaded.contents.allSatisfy { $0 == 0 }
    }
}

private let kernel = Array(Packer.plain[6].prefix(0x1_2345))

@Suite(.enabled(if: Packer.find("xz") != nil, "xz is Debian's xz-utils"))
struct PackedKernelTests {
    private func wrapper() throws -> Wrapper {
        Wrapper(packed: try Packer.run("xz", ["-c", "--check=crc32"], kernel))
    }

    @Test func isUnpackedAndStartedAtItsEntry() throws {
        let loaded = try wrapper().load()
        #expect(loaded.entry == Wrapper.kernelEntry)
        let isSame = loaded.contents == kernel
        #expect(isSame)
        #expect(loaded.range.lowerBound == 0x10_0000)
        #expect(loaded.range.upperBound > 0x40_1000, "the wrapper's place counts as taken, as if it had unpacked")
    }

    @Test(.enabled(if: Packer.find("gzip") != nil)) func gzipToo() throws {
        let loaded = try Wrapper(packed: Packer.run("gzip", ["-9nc"], kernel)).load()
        #expect(loaded.entry == Wrapper.kernelEntry)
        let isSame = loaded.contents == kernel
        #expect(isSame)
    }

    @Test func otherWordsForTheSame() throws {
        var other = try wrapper()
        // move as addu, the jump by jalr, the entry by addiu, an argument taken back in the delay slot.
        other.head[0] = 0x0080_8021
        other.head[22] = 0x3C19_8011
        other.head[23] = 0x2739_9294
        other.head[24] = 0x0240_3021
        other.head[25] = 0
        other.head[26] = 0x0320_F809
        other.head[27] = 0x0260_3825
        // The load address with a low half, added some instructions later.
        other.unpacker = [0x3C02_8011, 0x2403_0001, 0xAFA3_0050, 0x2442_8000]
        let memory = try makeMemory(8 * mebibyte)
        let image = try ImageLoader.load(other.build(), name: "a", window: .kseg0, into: memory)
        #expect(image.entry == Wrapper.kernelEntry)
        let isSame = try memory.read(at: 0x10_8000, count: kernel.count) == kernel
        #expect(isSame)
    }

    @Test func whatIsNotRecognisedIsLoadedAsItIs() throws {
        let good = try wrapper()
        #expect(!good.isLoadedAsItIs)
        func expectAsItIs(_ what: Comment, _ change: (inout Wrapper) -> Void) {
            var other = good
            change(&other)
            let isAsItIs = other.isLoadedAsItIs
            #expect(isAsItIs, what)
        }
        expectAsItIs("an instruction head.S does not have") { $0.head[19] = 0x0000_0040 }
        expectAsItIs("an argument that is not taken back") { $0.head[21] = 0 }
        expectAsItIs("arguments in the wrong places") {
            $0.head.swapAt(20, 21); $0.head[20] = 0x0220_2025
        }
        expectAsItIs("an argument put where calls may change it") {
            $0.head[3] = 0x00E0_4025; $0.head[23] = 0x0100_3825
        }
        expectAsItIs("a jump to an unknown address") { $0.head[24] = 0 }
        expectAsItIs("no second jump") { $0.head[26] = 0 }
        expectAsItIs("no load address") { $0.unpacker[0] = 0 }
        expectAsItIs("two that could be it") { $0.unpacker += [0x3C05_8010, 0x24A5_0100] }
        expectAsItIs("one that the entry does not lie behind") { $0.unpacker[0] = 0x3C02_8020 }
        expectAsItIs("one too far before the entry") { $0.unpacker[0] = 0x3C02_8001 }
        expectAsItIs("one of the other window") { $0.unpacker[0] = 0x3C02_4010 }
        expectAsItIs("no payload") { $0.packed = [] }
        expectAsItIs("another packer") { $0.packed[0] = 0x5D }
        expectAsItIs("a check that is not known here") {
            $0.packed.replaceSubrange(7..<12, with: [4, 0xE6, 0xD6, 0xB4, 0x46])
        }
    }

    @Test(.enabled(if: Packer.find("gzip") != nil)) func aDamagedPayloadIsRefused() throws {
        for packed in [try wrapper().packed, try Packer.run("gzip", ["-9nc"], kernel)] {
            func expectRefusal(_ change: (inout [UInt8]) -> Void) throws {
                var other = Wrapper(packed: packed)
                change(&other.packed)
                // Behind the words and the magic that is a constant.
                let offset = 52 + 32 + 4 * (other.head.count + other.unpacker.count) + 16
                let memory = try makeMemory(8 * mebibyte)
                #expect {
                    try ImageLoader.load(other.build(), name: "vmlinuz", window: .kseg0, into: memory)
                } throws: {
                    ($0 as? ImageError)?.reason == .packedKernelDamaged(offset: offset)
                }
                let isUntouched = try memory.read(at: 0x40_0000, count: 64).allSatisfy { $0 == 0 }
                #expect(isUntouched)
            }
            try expectRefusal { $0[$0.count / 2] ^= 1 }
            try expectRefusal { $0.removeLast(9) }
            try expectRefusal { $0.removeLast($0.count - 100) }
        }
    }

    @Test func aKernelThatCoversItsUnpackerIsNone() throws {
        var other = try wrapper()
        other.unpacker[0] = 0x3C02_803F
        other.head[24] = 0x3C19_803F
        let memory = try makeMemory(8 * mebibyte)
        #expect(try ImageLoader.load(other.build(), name: "a", window: .kseg0, into: memory).entry == Wrapper.base)
    }

    @Test func damageNeverTraps() throws {
        var random = SplitMix(seed: 8)
        let good = try wrapper().build()
        let memory = try makeMemory(8 * mebibyte)
        for _ in 0..<1000 {
            var bytes = good
            for _ in 0...random.next() % 3 {
                let limit = random.next() & 1 == 0 ? 300 : bytes.count
                bytes[Int.random(in: 0..<limit, using: &random)] = UInt8(truncatingIfNeeded: random.next())
            }
            if random.next() & 7 == 0 { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
            _ = try? ImageLoader.load(bytes, name: "a", window: .kseg0, into: memory)
        }
    }
}
