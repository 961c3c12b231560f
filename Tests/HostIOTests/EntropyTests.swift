// Random bytes and addresses.

import Host
import HostIO
import Testing

@Suite struct Randomness {
    @Test func theHostsBytes() throws {
        var entropy = try Entropy.host()
        let one = entropy.bytes(64)
        let two = entropy.bytes(64)
        #expect(one.count == 64 && two.count == 64 && one != two)
        #expect(entropy.seed == nil)
        #expect(entropy.bytes(0).isEmpty && entropy.bytes(-1).isEmpty)
        #expect(entropy.bytes(.max).count == Entropy.limit)
    }

    @Test func aHostWithoutAnyGivesNone() throws {
        #expect(throws: Errno.nosys) {
            try SystemCallDriver.failing(.getrandom, .nosys).run { () throws(Errno) in _ = try Entropy.host() }
        }
        var entropy = try Entropy.host()
        #expect(SystemCallDriver.failing(.getrandom, .io).run { entropy.bytes(8) }.isEmpty)
        // Short answers are continued.
        let short = SystemCallDriver { _, _ in .short(3) }
        #expect(short.run { entropy.bytes(8) }.count == 8)
        #expect(short.trace.map { $0.arguments.1 } == [8, 5, 2])
    }

    /// SplitMix64's published output for seed 1234567.
    @Test func theSeededOnesAreThoseOfSplitMix() {
        var entropy = Entropy(seed: 1_234_567)
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        ]
        for word in expected {
            let bytes = entropy.bytes(8)
            #expect(bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) } == word)
        }
    }

    @Test func aSeedContinues() throws {
        var one = Entropy(seed: 42)
        let first = one.bytes(13)
        var two = Entropy(seed: try #require(one.seed))
        #expect(one.bytes(100) == two.bytes(100))
        var again = Entropy(seed: 42)
        #expect(again.bytes(13) == first)
        var other = Entropy(seed: 43)
        #expect(other.bytes(13) != first)
    }

    @Test func addressesAreLocalAndDiffer() {
        var seen: Set<String> = []
        for name in ["tap0", "tap1", "a", ""] {
            for number: UInt64 in [0, 1, 2, 1 << 63, .max] {
                let address = MACAddress(local: name, number: number)
                #expect(address.bytes.count == 6 && address.bytes[0] & 3 == 2)
                #expect(address == MACAddress(local: name, number: number))
                let text = address.description
                #expect(text.count == 17 && text.split(separator: ":").count == 6)
                seen.insert(text)
            }
        }
        #expect(seen.count == 20)
    }
}
