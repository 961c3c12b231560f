// Unpacking XZ: what Debian's xz packs, in every way it can; and damage of every kind.
import Foundation
import Testing

@testable import Machine

extension UnpackBuffer {
    /// A copy of what was unpacked.
    var array: [UInt8] { unsafe [UInt8](bytes) }
}

@Suite(.enabled(if: Packer.find("xz") != nil, "xz is Debian's xz-utils"))
struct XZTests {
    static func pack(_ bytes: [UInt8], _ options: String...) throws -> [UInt8] {
        try Packer.run("xz", ["-c"] + options, bytes)
    }

    static func unpack(_ bytes: [UInt8], limit: Int = 4 << 20) throws -> [UInt8] {
        try XZ.unpack(bytes, at: 0, limit: limit).array
    }

    @Test(arguments: [
        ["-0"], ["-6"], ["-9e"], ["--lzma2=preset=6,lc=0,lp=0,pb=0"], ["--lzma2=preset=6,lc=4,lp=0,pb=4"],
        ["--lzma2=preset=6,lc=0,lp=4,pb=2"], ["--lzma2=preset=6,lc=1,lp=3,pb=1,mode=fast,mf=hc3"],
        ["--block-size=65536"], ["-T2", "--block-size=100000"],
    ])
    func whatXZPacks(options: [String]) throws {
        for plain in options == ["-6"] ? Packer.plain : [Packer.plain[0], Packer.plain[7]] {
            let packed = try Packer.run("xz", ["-c", "--check=crc32"] + options, plain)
            var isSame = try Self.unpack(packed) == plain
            #expect(isSame)
            let unchecked = try Packer.run("xz", ["-c", "--check=none"] + options, plain)
            isSame = try Self.unpack(unchecked) == plain
            #expect(isSame)
        }
    }

    @Test func whatComesBeforeAndAfterIsNotLookedAt() throws {
        let packed = try Self.pack(Packer.plain[2], "--check=crc32")
        let output = try XZ.unpack([1, 2, 3] + packed + [9, 9, 9, 9, 9], at: 3, limit: 100)
        #expect(output.array == Packer.plain[2])
    }

    @Test func theLimitIsExact() throws {
        for plain in Packer.plain.dropFirst() {
            let packed = try Self.pack(plain, "--check=crc32")
            let isSame = try Self.unpack(packed, limit: plain.count) == plain
            #expect(isSame)
            #expect(throws: UnpackError.tooLong) { try Self.unpack(packed, limit: plain.count - 1) }
            #expect(throws: UnpackError.tooLong) { try Self.unpack(packed, limit: 0) }
        }
    }

    @Test func otherChecksAndFiltersAreSaidToBe() throws {
        for options in [["--check=crc64"], ["--check=sha256"], ["--check=crc32", "--x86", "--lzma2"]] {
            let packed = try Packer.run("xz", ["-c"] + options, Packer.plain[5])
            #expect(throws: UnpackError.unsupported) { try Self.unpack(packed) }
        }
    }

    @Test func everyCutIsRefused() throws {
        let packed = try Self.pack(Array(Packer.plain[5].prefix(3000)), "--check=crc32")
        for length in 0..<packed.count {
            #expect(throws: UnpackError.self) { try Self.unpack([UInt8](packed.prefix(length))) }
        }
    }

    @Test func everyBitIsLookedAt() throws {
        let plain = Array(Packer.plain[5].prefix(400))
        let packed = try Self.pack(plain, "--check=crc32")
        for index in packed.indices {
            for bit in 0..<8 {
                var damaged = packed
                damaged[index] ^= UInt8(1 << bit)
                let result = try? Self.unpack(damaged)
                #expect(result == nil, "byte \(index), bit \(bit)")
            }
        }
    }

    /// Without checksums in the way damage reaches the decoder.
    @Test func damageNeverTraps() throws {
        var random = SplitMix(seed: 3)
        let plain = Packer.plain[5].prefix(5000) + Packer.plain[6].prefix(5000) + Packer.plain[4].prefix(500)
        let packed = try Self.pack(Array(plain), "--check=none", "--lzma2=preset=9,lc=2,lp=2")
        // Behind the headers of stream and block, before the index.
        let payload = 24..<packed.count - 40
        var different = 0
        for _ in 0..<1200 {
            var damaged = packed
            for _ in 0...random.next() % 4 {
                damaged[Int.random(in: payload, using: &random)] = UInt8(truncatingIfNeeded: random.next())
            }
            if (try? Self.unpack(damaged, limit: 20_000)) != Array(plain) { different += 1 }
        }
        #expect(different > 1150)
    }

    @Test func noiseNeverTraps() throws {
        var random = SplitMix(seed: 4)
        let header = try Self.pack([], "--check=none").prefix(12)
        let block = try Self.pack([1], "--check=none")[12..<24]
        for _ in 0..<4000 {
            // A good beginning, then chunks of noise: control byte, sizes, properties.
            var bytes = Array(header) + Array(block) + [[0xE0, 0x80, 0xA0, 0xFF, 1, 2].randomElement(using: &random)!]
            bytes += (0..<Int.random(in: 0...300, using: &random)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            if bytes.count > 29 { (bytes[27], bytes[28], bytes[29]) = (0, UInt8(random.next() % 200), 0x5D) }
            _ = try? Self.unpack(bytes, limit: 10_000)
        }
    }

    @Test func theSumIsTheStandards() {
        let digits = Array("123456789".utf8)
        #expect(CRC32().sum(digits, 0..<9) == 0xCBF4_3926)
        #expect(CRC32().sum(digits, 0..<0) == 0)
    }
}
