// gzip files (RFC 1952) and the deflate inside (RFC 1951): the other usual packing of kernels, CONFIG_KERNEL_GZIP.
//
// Unsafe code, all of it in `Inflater`. Input: never read at or past `inputEnd`; zeros are fed instead, and counted.
// Output: checked against the buffer's capacity before each literal and match, a match against the output's start.
// Tables: an index is the lowest 15 bits of what was read, and both tables have so many entries.

/// Unpacks gzip.
enum Gzip {
    static let magic: [UInt8] = [0x1F, 0x8B, 8]

    /// Whether a member as kernels' builds make it (`gzip -n -9`) begins here, whatever follows: no name, no time, made
    /// on Unix. Three bytes of magic alone can stand anywhere.
    static func hasPlainHeader(_ bytes: [UInt8], at start: Int) -> Bool {
        guard bytes.count - start >= 10, bytes[start..<start + 3].elementsEqual(magic) else { return false }
        return bytes[start + 3] == 0 && ELFImage.word(bytes, start + 4) == 0 && bytes[start + 9] == 3
    }

    private enum Flag {
        static let headerSum: UInt8 = 2
        static let extra: UInt8 = 4
        static let name: UInt8 = 8
        static let comment: UInt8 = 16
    }

    /// Unpacks the member at `start` of an array; what follows it is not looked at.
    ///
    /// - Parameter limit: the most bytes the result may have. So many bytes of address space are reserved.
    static func unpack(_ bytes: [UInt8], at start: Int, limit: Int) throws(UnpackError) -> UnpackBuffer {
        guard bytes.count - start >= 18 else { throw .truncated }
        guard bytes[start..<start + 3].elementsEqual(magic), bytes[start + 3] & 0xE0 == 0 else { throw .damaged }
        let flags = bytes[start + 3]
        var at = start + 10
        if flags & Flag.extra != 0 { at += 2 + Int(ELFImage.half(bytes, at)) }
        for flag in [Flag.name, Flag.comment] where flags & flag != 0 {
            while at < bytes.count, bytes[at] != 0 { at += 1 }
            at += 1
        }
        if flags & Flag.headerSum != 0 { at += 2 }
        guard at < bytes.count else { throw .truncated }
        let output = try UnpackBuffer(capacity: limit)
        // The array stays as it is during the call.
        let (used, error) = unsafe bytes[at...].withUnsafeBufferPointer { input -> (Int, UnpackError?) in
            var inflater = unsafe Inflater(input, output)
            let error = inflater.run()
            return (inflater.used, error)
        }
        if let error { throw error }
        at += used
        guard bytes.count - at >= 8 else { throw .truncated }
        let sum = unsafe CRC32().sum(output.bytes)
        guard ELFImage.word(bytes, at) == sum, ELFImage.word(bytes, at + 4) == UInt32(truncatingIfNeeded: output.count)
        else { throw .damaged }
        return output
    }
}

/// A code's table: for each 15 bits that may come next, the symbol they begin with and its length, 0 where there is
/// none.
@safe
private final class CodeTable {
    static let bits: UInt64 = 15
    /// The symbol in bits 4 and up, the length below.
    let entries: UnsafeMutablePointer<UInt16>

    init() { unsafe entries = UnsafeMutablePointer<UInt16>.allocate(capacity: 1 << Self.bits) }

    // Numbers own nothing.
    deinit { unsafe entries.deallocate() }

    /// Makes the table from the lengths of the symbols' codes, 0 to 15; false if there are more codes than lengths
    /// leave room for. Fewer are good: what has no code is an error when it comes.
    func fill(_ lengths: [UInt8]) -> Bool {
        unsafe entries.initialize(repeating: 0, count: 1 << Self.bits)
        var code: UInt32 = 0
        for length: UInt32 in 1...15 {
            code <<= 1
            for symbol in lengths.indices where UInt32(lengths[symbol]) == length {
                guard code < 1 << length else { return false }
                // Codes come highest bit first, and bits lowest first.
                var reversed: UInt32 = 0
                for bit in 0..<length where code >> bit & 1 != 0 { reversed |= 1 << (length - 1 - bit) }
                for index in stride(from: Int(reversed), to: 1 << Int(Self.bits), by: 1 << Int(length)) {
                    unsafe entries[index] = UInt16(symbol) << 4 | UInt16(length)
                }
                code += 1
            }
        }
        return true
    }
}

/// Deflate, once.
@safe
private struct Inflater {
    private static let lengthOrder: [Int] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

    private let inputStart: UnsafePointer<UInt8>
    private var next: UnsafePointer<UInt8>
    private let inputEnd: UnsafePointer<UInt8>
    private let output: UnpackBuffer
    private let literals = CodeTable()
    private let distances = CodeTable()
    /// Bits read and not used, the next one lowest.
    private var held: UInt64 = 0
    private var heldCount: UInt64 = 0
    /// Bytes fed after the input's end.
    private var missing: UInt64 = 0

    /// - Parameter input: not empty.
    init(_ input: UnsafeBufferPointer<UInt8>, _ output: UnpackBuffer) {
        guard let start = input.baseAddress else { preconditionFailure("an input that is not empty has an address") }
        unsafe inputStart = start
        unsafe next = start
        unsafe inputEnd = start + input.count
        self.output = output
    }

    /// Bytes of the input that were used.
    var used: Int { unsafe next - inputStart - Int(heldCount / 8 - min(missing, heldCount / 8)) }

    mutating func run() -> UnpackError? {
        var isLast = false
        while !isLast {
            isLast = take(1) == 1
            let error: UnpackError?
            switch take(2) {
            case 0: error = stored()
            case 1: error = fixedCodes() ? block() : .damaged
            case 2: error = readCodes() ? block() : .damaged
            default: error = .damaged
            }
            if isShort { return .truncated }
            if let error { return error }
        }
        return nil
    }

    /// Whether bits were used that were not there.
    private var isShort: Bool { missing * 8 > heldCount }

    /// Makes sure that 48 bits are held, enough for one symbol with all that belongs to it.
    @inline(__always)
    private mutating func refill() {
        while heldCount < 48 {
            if unsafe next < inputEnd {
                held |= UInt64(unsafe next.pointee) << heldCount
                unsafe next += 1
            } else {
                missing += 1
            }
            heldCount += 8
        }
    }

    /// So many bits that are held.
    @inline(__always)
    private mutating func drop(_ count: UInt64) -> Int {
        defer {
            held >>= count
            heldCount -= count
        }
        return Int(held & ((1 << count) - 1))
    }

    private mutating func take(_ count: UInt64) -> Int {
        refill()
        return drop(count)
    }

    private mutating func stored() -> UnpackError? {
        _ = drop(heldCount & 7)
        let count = take(16)
        guard take(16) == ~count & 0xFFFF else { return .damaged }
        guard count <= output.capacity - output.count else { return .tooLong }
        for index in 0..<count {
            let byte = UInt8(truncatingIfNeeded: take(8))
            unsafe output.base[output.count + index] = byte
        }
        output.count += count
        return nil
    }

    private func fixedCodes() -> Bool {
        let lengths = (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 as UInt8 }
        return literals.fill(lengths) && distances.fill([UInt8](repeating: 5, count: 30))
    }

    private mutating func readCodes() -> Bool {
        let literalCount = take(5) + 257
        let distanceCount = take(5) + 1
        let orderCount = take(4) + 4
        var lengths = [UInt8](repeating: 0, count: 19)
        for index in Self.lengthOrder[..<orderCount] { lengths[index] = UInt8(take(3)) }
        // The code of the lengths, in the table that is free until they are known.
        guard literals.fill(lengths) else { return false }
        lengths = []
        while lengths.count < literalCount + distanceCount {
            guard let symbol = symbol(literals), !isShort else { return false }
            switch symbol {
            case 0...15: lengths.append(UInt8(symbol))
            case 16:
                guard let last = lengths.last else { return false }
                for _ in 0..<take(2) + 3 { lengths.append(last) }
            case 17: for _ in 0..<take(3) + 3 { lengths.append(0) }
            default: for _ in 0..<take(7) + 11 { lengths.append(0) }
            }
        }
        guard lengths.count == literalCount + distanceCount else { return false }
        return literals.fill([UInt8](lengths[..<literalCount])) && distances.fill([UInt8](lengths[literalCount...]))
    }

    /// The next symbol of a code.
    @inline(__always)
    private mutating func symbol(_ table: CodeTable) -> Int? {
        refill()
        let entry = unsafe table.entries[Int(held & (1 << CodeTable.bits - 1))]
        guard entry != 0 else { return nil }
        _ = drop(UInt64(entry & 15))
        return Int(entry >> 4)
    }

    private mutating func block() -> UnpackError? {
        let base = unsafe output.base
        let capacity = output.capacity
        var position = output.count
        defer { output.count = position }
        while true {
            guard let symbol = symbol(literals) else { return .damaged }
            if symbol < 256 {
                guard position < capacity else { return .tooLong }
                unsafe base[position] = UInt8(truncatingIfNeeded: symbol)
                position &+= 1
                continue
            }
            guard symbol > 256 else { return nil }
            guard symbol < 286, !isShort else { return .damaged }
            // Lengths: eight of their own, then four for each number of extra bits, and one for the longest.
            let code = symbol - 257
            let extra = code < 8 || code == 28 ? 0 : code / 4 - 1
            let shortest = code < 8 ? code : code == 28 ? 255 : (4 + code & 3) << extra
            let length = shortest + 3 + drop(UInt64(extra))
            // 48 bits were held: at most 15 and 5 of them are gone.
            let entry = unsafe distances.entries[Int(held & (1 << CodeTable.bits - 1))]
            guard entry != 0 else { return .damaged }
            _ = drop(UInt64(entry & 15))
            let slot = Int(entry >> 4)
            guard slot < 30 else { return .damaged }
            let bits = slot < 4 ? 0 : slot / 2 - 1
            let distance = (slot < 4 ? slot : (2 + slot & 1) << bits) + 1 + drop(UInt64(bits))
            guard distance <= position else { return .damaged }
            guard length <= capacity - position else { return .tooLong }
            // Byte by byte: it may copy what it has just written.
            for index in position..<position + length { unsafe base[index] = base[index - distance] }
            position &+= length
        }
    }
}
