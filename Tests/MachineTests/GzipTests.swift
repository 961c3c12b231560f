// Unpacking gzip: what Debian's gzip packs; and damage of every kind.
import Foundation
import Testing

@testable import Machine

@Suite(.enabled(if: Packer.find("gzip") != nil, "gzip is Debian's gzip"))
struct GzipTests {
    static func unpack(_ bytes: [UInt8], limit: Int = 4 << 20) throws -> [UInt8] {
        try Gzip.unpack(bytes, at: 0, limit: limit).array
    }

    @Test(arguments: ["-1", "-6", "-9"])
    func whatGzipPacks(level: String) throws {
        for plain in Packer.plain {
            let isSame = try Self.unpack(Packer.run("gzip", ["-nc", level], plain)) == plain
            #expect(isSame)
        }
    }

    @Test func allPartsOfTheHeader() throws {
        let packed = try Packer.run("gzip", ["-nc"], [1, 2, 3])
        // Extra field, name, comment, sum of the header.
        let header = [0x1F, 0x8B, 8, 0x1E] + Array(packed[4..<10]) + [2, 0, 9, 9, 65, 0, 66, 67, 0, 7, 7]
        let bytes = [5, 5] + header + Array(packed[10...]) + [8]
        #expect(try Gzip.unpack(bytes, at: 2, limit: 3).array == [1, 2, 3])
        for length in 2..<bytes.count - 1 {
            #expect(throws: UnpackError.self) { try Gzip.unpack([UInt8](bytes[..<length]), at: 2, limit: 3) }
        }
    }

    @Test func theLimitIsExact() throws {
        for plain in Packer.plain.dropFirst() {
            let packed = try Packer.run("gzip", ["-nc"], plain)
            let isSame = try Self.unpack(packed, limit: plain.count) == plain
            #expect(isSame)
            #expect(throws: UnpackError.tooLong) { try Self.unpack(packed, limit: plain.count - 1) }
        }
    }

    @Test func everyCutIsRefusedAndNoFlipPasses() throws {
        let plain = Array(Packer.plain[5].prefix(300))
        for packed in [
            try Packer.run("gzip", ["-nc"], plain), try Packer.run("gzip", ["-nc"], Array(plain.prefix(20))),
        ] {
            for length in 0..<packed.count {
                #expect(throws: UnpackError.self) { try Self.unpack([UInt8](packed.prefix(length))) }
            }
            // Time, extra flags and system are not looked at.
            for index in packed.indices where !(4..<10).contains(index) {
                for bit in [index & 7, (index + 3) & 7] {
                    var damaged = packed
                    damaged[index] ^= UInt8(1 << bit)
                    let result = try? Self.unpack(damaged)
                    // A flag of the header can be one that asks for nothing here.
                    #expect(result == nil || result == plain || result == Array(plain.prefix(20)))
                    if index != 3 && result != nil { #expect(index > 9, "byte \(index), bit \(bit)") }
                }
            }
        }
    }

    @Test func damageNeverTraps() throws {
        var random = SplitMix(seed: 6)
        let plain = Array(Packer.plain[5].prefix(5000) + Packer.plain[4].prefix(200))
        let packed = try Packer.run("gzip", ["-nc"], plain)
        var passed = 0
        for _ in 0..<300 {
            var damaged = packed
            for _ in 0...random.next() % 4 {
                damaged[Int.random(in: 10..<packed.count, using: &random)] ^= UInt8(1 << (random.next() & 7))
            }
            if (try? Self.unpack(damaged, limit: 20_000)) != nil { passed += 1 }
        }
        #expect(passed == 0, "the checksum finds it")
    }
}
