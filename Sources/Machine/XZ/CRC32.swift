// The checksum of XZ and gzip: CRC-32 (polynomial 0x04C11DB7, reflected), as in Ethernet.
//
// Unsafe code: inside the bytes by the loops' conditions, inside the tables because an index is 8 bits and a table's
// number.

/// Tables for CRC-32: table t at 256 * t is what one byte adds after t more bytes have passed.
struct CRC32 {
    private let tables: [UInt32]

    init() {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var sum = UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
            tables[byte] = sum
        }
        for entry in 256..<8 * 256 {
            let before = tables[entry - 256]
            tables[entry] = before >> 8 ^ tables[Int(before & 0xFF)]
        }
        self.tables = tables
    }

    /// The sum over part of an array.
    func sum(_ bytes: [UInt8], _ range: Range<Int>) -> UInt32 {
        unsafe bytes[range].withUnsafeBytes { unsafe sum($0) }
    }

    /// The sum over bytes, eight a step.
    func sum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var sum = UInt32.max
        var index = 0
        let count = bytes.count
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
        return ~sum
    }
}
