// The checksum of snapshots: CRC-32C (Castagnoli, polynomial 0x1EDC6F41 reflected), as in iSCSI and ext4.

import Host

/// A CRC-32C in the making.
public struct CRC32C: Sendable {
    private var state: UInt32 = 0xFFFF_FFFF

    public init() {}

    /// The sum over everything so far; 0 over nothing.
    public var value: UInt32 { ~state }

    /// Continues over more bytes, by the processor's instruction where there is one.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        // The buffer is read during the call only.
        if let next = unsafe Processor.crc32c(state, bytes) { state = next } else { unsafe updateByTable(bytes) }
    }

    /// The same by tables, eight bytes a step: for processors without the instruction, and to test it against.
    public mutating func updateByTable(_ bytes: UnsafeRawBufferPointer) {
        let tables = CRC32C.tables
        var sum = state
        var index = 0
        let count = bytes.count
        // Inside `bytes` by the loop conditions, inside the tables because an index is 8 bits and a table's number.
        unsafe tables.withUnsafeBufferPointer { table in
            while count - index >= 8 {
                let low = unsafe sum ^ UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self))
                let high = unsafe UInt32(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: index + 4, as: UInt32.self))
                sum = unsafe table[0x700 + Int(low & 0xFF)] ^ table[0x600 + Int(low >> 8 & 0xFF)]
                sum ^= unsafe table[0x500 + Int(low >> 16 & 0xFF)] ^ table[0x400 + Int(low >> 24)]
                sum ^= unsafe table[0x300 + Int(high & 0xFF)] ^ table[0x200 + Int(high >> 8 & 0xFF)]
                sum ^= unsafe table[0x100 + Int(high >> 16 & 0xFF)] ^ table[Int(high >> 24)]
                index += 8
            }
            while index < count {
                sum = unsafe sum >> 8 ^ table[Int((sum ^ UInt32(bytes[index])) & 0xFF)]
                index += 1
            }
        }
        state = sum
    }

    /// The sum over an array.
    public static func of(_ bytes: [UInt8]) -> UInt32 {
        var sum = CRC32C()
        unsafe bytes.withUnsafeBytes { unsafe sum.update($0) }
        return sum.value
    }

    /// The sum over so many zero bytes.
    static func ofZeros(_ count: Int) -> UInt32 {
        of([UInt8](repeating: 0, count: count))
    }

    /// Table t at 256 * t: what one byte adds after t more bytes have passed.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var sum = UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0x82F6_3B78 : sum >> 1 }
            tables[byte] = sum
        }
        for entry in 256..<8 * 256 {
            let before = tables[entry - 256]
            tables[entry] = before >> 8 ^ tables[Int(before & 0xFF)]
        }
        return tables
    }()
}
