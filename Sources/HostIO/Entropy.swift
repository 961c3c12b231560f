// Random bytes for a guest.
//
// There is no worker: once the host's generator has been filled, which making one waits for, the kernel answers without
// waiting.

public import Host

/// A source of random bytes. One thread at a time uses it.
public struct Entropy: Sendable {
    /// Bytes asked for at once, at most; a guest may ask for less than it says.
    public static var limit: Int { 65536 }

    private enum Source: Sendable {
        case host
        case seeded(UInt64)
    }

    private var source: Source

    /// The host's generator: bytes fit for secrets. Waits until it has been filled, a while after the host started.
    public static func host() throws(Errno) -> Entropy {
        var probe: [UInt8] = [0]
        try PhysicalRandom.fillSecret(&probe)
        return Entropy(source: .host)
    }

    private init(source: Source) { self.source = source }

    /// A generator that gives the same bytes for the same seed, for machines on a virtual clock, whose runs repeat to
    /// the bit. **Not for secrets**: who knows a few bytes knows all of them. It is SplitMix64.
    public init(seed: UInt64) { source = .seeded(seed) }

    /// The seed that continues where this one is, for a snapshot; nil for the host's generator, which cannot be
    /// repeated.
    public var seed: UInt64? {
        if case .seeded(let state) = source { state } else { nil }
    }

    /// So many bytes, `limit` at most. None when the host gives none, which it does not say before it has run.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        let count = max(0, min(count, Entropy.limit))
        var bytes: [UInt8] = []
        switch source {
        case .host:
            bytes = [UInt8](repeating: 0, count: count)
            do throws(Errno) {
                try PhysicalRandom.fillSecret(&bytes)
            } catch {
                // Zeros would pass for random bytes.
                return []
            }
        case .seeded(var state):
            bytes.reserveCapacity(count)
            // Eight bytes a step; what is left of the last ones is lost.
            while bytes.count < count {
                state &+= 0x9E37_79B9_7F4A_7C15
                var word = state
                word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
                word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
                word ^= word >> 31
                for _ in 0..<min(8, count - bytes.count) {
                    bytes.append(UInt8(truncatingIfNeeded: word))
                    word >>= 8
                }
            }
            source = .seeded(state)
        }
        return bytes
    }
}
