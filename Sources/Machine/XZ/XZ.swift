// XZ files: what Debian's kernels are packed in (The .xz File Format 1.1.0; LZMA2 as in its section 5.3.1).
//
// One stream, any number of blocks, the filter LZMA2 alone, CRC-32 or no check: what kernels are packed with. Every
// other check or filter is `unsupported`. Why not liblzma: it would add more bytes than the whole MIPS program may
// have, and a distribution's is made for its own C library, which static programs here do without.

/// Unpacks XZ.
struct XZ {
    static let magic: [UInt8] = [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]
    /// Bytes of a stream's header: the magic, flags, their sum.
    static let headerSize = 12

    /// Whether a stream begins here, whatever follows: the magic alone is also a constant of programs.
    static func hasHeader(_ bytes: [UInt8], at start: Int) -> Bool {
        guard bytes.count - start >= headerSize, bytes[start..<start + magic.count].elementsEqual(magic) else {
            return false
        }
        return CRC32().sum(bytes, start + 6..<start + 8) == ELFImage.word(bytes, start + 8)
    }

    private let bytes: [UInt8]
    private var at: Int
    private let output: UnpackBuffer
    private let decoder: LZMADecoder
    private let crc = CRC32()
    private var hasCheck = false
    /// Of each block, as the index has to tell them: bytes without padding, bytes unpacked.
    private var blocks: [(packed: UInt64, unpacked: UInt64)] = []

    /// Unpacks the stream at `start` of an array; what follows it is not looked at.
    ///
    /// - Parameter limit: the most bytes the result may have. So many bytes of address space are reserved.
    static func unpack(_ bytes: [UInt8], at start: Int, limit: Int) throws(UnpackError) -> UnpackBuffer {
        var reader = XZ(bytes: bytes, at: start, output: try UnpackBuffer(capacity: limit))
        try reader.stream()
        return reader.output
    }

    private init(bytes: [UInt8], at: Int, output: UnpackBuffer) {
        self.bytes = bytes
        self.at = at
        self.output = output
        decoder = LZMADecoder(output: output)
    }

    // MARK: The container

    private mutating func stream() throws(UnpackError) {
        for byte in Self.magic { guard try take() == byte else { throw .damaged } }
        let flags = try flags()
        try checkSum(over: at - 2)
        while true {
            let start = at
            let size = try take()
            if size == 0 {
                try index(start)
                try footer(flags, indexSize: at - start)
                return
            }
            try block(start, headerEnd: start + (Int(size) + 1) * 4)
        }
    }

    /// The two bytes that say how blocks are checked.
    private mutating func flags() throws(UnpackError) -> UInt8 {
        let zero = try take()
        let check = try take()
        guard zero == 0, check <= 1 else { throw check < 16 && zero == 0 ? .unsupported : .damaged }
        hasCheck = check == 1
        return check
    }

    private mutating func block(_ start: Int, headerEnd: Int) throws(UnpackError) {
        guard headerEnd <= bytes.count else { throw .truncated }
        guard crc.sum(bytes, start..<headerEnd - 4) == word(headerEnd - 4) else { throw .damaged }
        let flags = try take()
        // One filter, no reserved bits.
        guard flags & 0x3F == 0 else { throw .unsupported }
        let packed = flags & 0x40 != 0 ? try number() : nil
        let unpacked = flags & 0x80 != 0 ? try number() : nil
        guard try number() == 0x21, try number() == 1 else { throw .unsupported }
        // The size of the dictionary: the output is one, whatever it says.
        guard try take() <= 40 else { throw .damaged }
        try zeros(until: headerEnd - 4)
        at = headerEnd
        let first = output.count
        try lzma2()
        let size = UInt64(at - headerEnd)
        let count = UInt64(output.count - first)
        guard packed ?? size == size, unpacked ?? count == count else { throw .damaged }
        blocks.append((UInt64(at - start) + (hasCheck ? 4 : 0), count))
        try zeros(until: start + (at - start + 3) & ~3)
        guard hasCheck else { return }
        let sum = unsafe crc.sum(UnsafeRawBufferPointer(rebasing: output.bytes[first...]))
        guard try takeWord() == sum else { throw .damaged }
    }

    private mutating func index(_ start: Int) throws(UnpackError) {
        guard try number() == UInt64(blocks.count) else { throw .damaged }
        for block in blocks {
            guard try number() == block.packed, try number() == block.unpacked else { throw .damaged }
        }
        try zeros(until: start + (at - start + 3) & ~3)
        try checkSum(over: start)
    }

    private mutating func footer(_ flags: UInt8, indexSize: Int) throws(UnpackError) {
        let sum = try takeWord()
        let start = at
        guard UInt64(try takeWord()) * 4 + 4 == UInt64(indexSize), try self.flags() == flags,
            crc.sum(bytes, start..<at) == sum, try take() == 0x59, try take() == 0x5A
        else { throw .damaged }
    }

    // MARK: LZMA2

    private mutating func lzma2() throws(UnpackError) {
        // What has to come before the next chunk can be used.
        var needsDictionary = true
        var needsProperties = true
        var needsState = true
        while true {
            let control = try take()
            guard control != 0 else { return }
            if control >= 0xE0 || control == 1 {
                decoder.resetDictionary()
                needsDictionary = false
                needsProperties = true
            }
            guard !needsDictionary else { throw .damaged }
            if control < 0x80 {
                guard control <= 2 else { throw .damaged }
                let count = Int(try half()) + 1
                guard count <= bytes.count - at else { throw .truncated }
                try output.append(bytes, at..<at + count)
                at += count
                continue
            }
            let count = Int(control & 0x1F) << 16 + Int(try half()) + 1
            let size = Int(try half()) + 1
            if control >= 0xC0 {
                guard decoder.setProperties(try take()) else { throw .damaged }
                needsProperties = false
            }
            if control >= 0xA0 {
                decoder.resetState()
                needsState = false
            }
            guard !needsProperties, !needsState else { throw .damaged }
            guard size <= bytes.count - at else { throw .truncated }
            guard count <= output.capacity - output.count else { throw .tooLong }
            // The chunk lies inside the array, which stays as it is during the call.
            let isGood = unsafe bytes[at..<at + size].withUnsafeBufferPointer { unsafe decoder.run($0, count: count) }
            guard isGood else { throw .damaged }
            at += size
        }
    }

    // MARK: Fields

    private mutating func take() throws(UnpackError) -> UInt8 {
        guard at < bytes.count else { throw .truncated }
        defer { at += 1 }
        return bytes[at]
    }

    /// Big endian, as LZMA2 has it.
    private mutating func half() throws(UnpackError) -> UInt16 {
        let high = UInt16(try take())
        return high << 8 | UInt16(try take())
    }

    private mutating func takeWord() throws(UnpackError) -> UInt32 {
        guard bytes.count - at >= 4 else { throw .truncated }
        defer { at += 4 }
        return word(at)
    }

    private func word(_ at: Int) -> UInt32 { ELFImage.word(bytes, at) }

    /// A number of 63 bits, seven a byte, lowest first.
    private mutating func number() throws(UnpackError) -> UInt64 {
        var value: UInt64 = 0
        for shift: UInt64 in stride(from: 0, to: 63, by: 7) {
            let byte = try take()
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 {
                guard byte != 0 || shift == 0 else { throw .damaged }
                return value
            }
        }
        throw .damaged
    }

    private mutating func zeros(until end: Int) throws(UnpackError) {
        guard at <= end else { throw .damaged }
        while at < end { guard try take() == 0 else { throw .damaged } }
    }

    /// A checksum over everything from `start`.
    private mutating func checkSum(over start: Int) throws(UnpackError) {
        let sum = crc.sum(bytes, start..<at)
        guard try takeWord() == sum else { throw .damaged }
    }
}
