// Addresses of network cards.

/// An Ethernet address.
public struct MACAddress: Equatable, Sendable, CustomStringConvertible {
    /// In the order they are sent.
    public let bytes: [UInt8]

    /// An address for one machine's card, never one that a manufacturer gave: locally administered (IEEE 802, 8.4).
    ///
    /// - Parameters:
    ///   - name: the interface's, so that two cards of one machine differ.
    ///   - number: what makes machines differ: random, or given to get the same address each time.
    public init(local name: String, number: UInt64) {
        // FNV-1a over both, whose low bits depend on all of the input.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        for byte in name.utf8 { add(byte) }
        for shift in stride(from: UInt64(0), to: 64, by: 8) { add(UInt8(truncatingIfNeeded: number >> shift)) }
        hash ^= hash >> 32
        var bytes: [UInt8] = []
        for shift in stride(from: UInt64(0), to: 48, by: 8) { bytes.append(UInt8(truncatingIfNeeded: hash >> shift)) }
        // Bit 0 of the first byte: a group's; bit 1: local.
        bytes[0] = bytes[0] & ~1 | 2
        self.bytes = bytes
    }

    /// Six pairs of digits: 02:1f:...
    public var description: String {
        var text = ""
        for byte in bytes {
            if !text.isEmpty { text += ":" }
            text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return text
    }
}
