// Little-endian writer and checking reader of this module's records.

struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func write<T: FixedWidthInteger>(_ value: T) {
        var rest = value
        for _ in 0..<(T.bitWidth / 8) {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest = T.bitWidth > 8 ? rest >> 8 : 0
        }
    }

    mutating func append(_ more: [UInt8]) { bytes.append(contentsOf: more) }
}

struct ByteReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int
    let record: LayoutError.Record

    init(_ bytes: ArraySlice<UInt8>, _ record: LayoutError.Record) {
        self.bytes = bytes
        self.record = record
        position = bytes.startIndex
    }

    var left: Int { bytes.endIndex - position }

    /// Throws unless so many bytes follow.
    func need(_ count: Int) throws(LayoutError) {
        guard left >= count else {
            throw .truncated(record, have: bytes.count, need: position - bytes.startIndex + count)
        }
    }

    mutating func read<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(LayoutError) -> T {
        let size = T.bitWidth / 8
        try need(size)
        var value: T = 0
        for i in 0..<size { value |= T(truncatingIfNeeded: bytes[position + i]) << T(truncatingIfNeeded: 8 * i) }
        position += size
        return value
    }

    mutating func take(_ count: Int) throws(LayoutError) -> ArraySlice<UInt8> {
        try need(count)
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// Reads bytes that must be zero.
    mutating func reserved(_ count: Int) throws(LayoutError) {
        for _ in 0..<count {
            let byte: UInt8 = try read()
            guard byte == 0 else { throw refuse(.reserved, UInt64(byte)) }
        }
    }

    mutating func version(_ known: UInt8) throws(LayoutError) {
        let found: UInt8 = try read()
        guard found == known else { throw .version(record, found: found, known: known) }
    }

    func end() throws(LayoutError) {
        guard left == 0 else { throw .trailing(record, count: left) }
    }

    func refuse(_ field: LayoutError.Field, _ value: UInt64) -> LayoutError { .field(record, field, value: value) }
}
