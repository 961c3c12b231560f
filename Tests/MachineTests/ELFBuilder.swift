// Builds small ELF executables for the tests, good unless asked otherwise.

/// A little-endian MIPS executable with any number of segments and symbols.
struct ELFBuilder {
    struct Segment {
        var address: UInt32
        var bytes: [UInt8]
        var memorySize: UInt32
        var type: UInt32 = 1
    }

    var entry: UInt32 = 0x8010_0000
    var segments: [Segment] = []
    var symbols: [(name: String, value: UInt32)] = []
    var flags: UInt32 = 0x7000_1000
    var machine: UInt16 = 8
    var type: UInt16 = 2

    /// One segment of eight bytes of code and eight of zeros at physical 1 MiB, in the given window.
    static func small(_ base: UInt32 = 0x8000_0000) -> ELFBuilder {
        var builder = ELFBuilder()
        builder.entry = base + 0x10_0000
        builder.segments = [Segment(address: base + 0x10_0000, bytes: [1, 2, 3, 4, 5, 6, 7, 8], memorySize: 16)]
        return builder
    }

    func build() -> [UInt8] {
        var bytes: [UInt8] = []
        func half(_ value: Int) { bytes += [UInt8(value & 255), UInt8(value >> 8 & 255)] }
        func word(_ value: UInt32) { (0..<4).forEach { bytes.append(UInt8(truncatingIfNeeded: value >> ($0 * 8))) } }
        let contents = 52 + 32 * segments.count
        let contentsEnd = contents + segments.reduce(0) { $0 + $1.bytes.count }
        var names: [UInt8] = [0]
        var table = [UInt8](repeating: 0, count: 16)
        for symbol in symbols {
            let save = bytes
            bytes = []
            word(UInt32(names.count))
            word(symbol.value)
            word(0)
            bytes += [0x10, 0]
            half(1)
            table += bytes
            bytes = save
            names += [UInt8](symbol.name.utf8) + [0]
        }
        let hasSymbols = !symbols.isEmpty
        let sections = contentsEnd + table.count + names.count

        bytes += [0x7F, 0x45, 0x4C, 0x46, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        half(Int(type))
        half(Int(machine))
        word(1)
        word(entry)
        word(52)
        word(hasSymbols ? UInt32(sections) : 0)
        word(flags)
        half(52)
        half(32)
        half(segments.count)
        half(40)
        half(hasSymbols ? 3 : 0)
        half(0)
        var offset = UInt32(contents)
        for segment in segments {
            let fields: [UInt32] = [
                segment.type, offset, segment.address, segment.address, UInt32(segment.bytes.count),
                segment.memorySize, 7, 16,
            ]
            fields.forEach(word)
            offset += UInt32(segment.bytes.count)
        }
        for segment in segments { bytes += segment.bytes }
        guard hasSymbols else { return bytes }
        bytes += table + names
        (0..<10).forEach { _ in word(0) }
        let symbolTable: [UInt32] = [0, 2, 0, 0, UInt32(contentsEnd), UInt32(table.count), 2, 1, 4, 16]
        symbolTable.forEach(word)
        let nameTable: [UInt32] = [0, 3, 0, 0, UInt32(contentsEnd + table.count), UInt32(names.count), 0, 0, 1, 0]
        nameTable.forEach(word)
        return bytes
    }
}

extension [UInt8] {
    /// A copy with bytes replaced from `offset` on.
    func patched(_ offset: Int, _ bytes: [UInt8]) -> [UInt8] {
        var copy = self
        copy.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        return copy
    }
}

/// SplitMix64: small, seeded, the same everywhere, so a failing run can be repeated.
struct SplitMix: RandomNumberGenerator {
    var seed: UInt64
    mutating func next() -> UInt64 {
        seed &+= 0x9E37_79B9_7F4A_7C15
        var z = seed
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
