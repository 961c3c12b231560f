// Header and section table: their fields, their checks. docs/snapshot-format.md is this file in words.

/// A section's name: four printable ASCII characters.
public struct SectionName: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The characters, the first in the lowest byte, as in the file.
    public let rawValue: UInt32

    /// A name from a file; `nil` when not printable.
    public init?(rawValue: UInt32) {
        for shift in [UInt32(0), 8, 16, 24] {
            let character = UInt8(truncatingIfNeeded: rawValue >> shift)
            if character < 0x20 || character > 0x7E { return nil }
        }
        self.rawValue = rawValue
    }

    /// A name in the program: exactly four printable ASCII characters.
    public init(stringLiteral text: StaticString) {
        var value: UInt32 = 0
        // A literal has no address only when it is a single scalar, which has not four characters.
        precondition(text.utf8CodeUnitCount == 4)
        text.withUTF8Buffer { characters in
            for index in 0..<4 { unsafe value |= UInt32(characters[index]) << UInt32(8 * index) }
        }
        guard let name = SectionName(rawValue: value) else { preconditionFailure("section name") }
        self = name
    }

    public var description: String {
        let characters = (0..<4).map { UInt8(truncatingIfNeeded: rawValue >> UInt32(8 * $0)) }
        return String(decoding: characters, as: UTF8.self)
    }

    /// The directory of guest memory, written and read by this module itself.
    public static var memory: SectionName { "MEM " }
}

/// Which machine's state is in the file.
public struct Architecture: RawRepresentable, Equatable, Sendable, CustomStringConvertible {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static var mips32LittleEndian: Architecture { Architecture(rawValue: 1) }
    public static var mips64LittleEndian: Architecture { Architecture(rawValue: 2) }

    public var description: String {
        switch rawValue {
        case 1: "MIPS32 little-endian"
        case 2: "MIPS64 little-endian"
        default: "unknown (\(rawValue))"
        }
    }
}

/// The fixed part at the beginning of the file.
public struct SnapshotHeader: Equatable, Sendable {
    /// The format this Stasis writes, and the newest it reads.
    public static var currentFormat: UInt16 { 1 }
    /// The oldest format this Stasis reads.
    public static var oldestFormat: UInt16 { 1 }

    /// Changes when an older reader cannot read the file any more.
    public var format: UInt16 = SnapshotHeader.currentFormat
    /// Changes when something was added that an older reader may pass over.
    public var revision: UInt16 = 0
    /// No flag has a meaning yet; a file with one is refused.
    public var flags: UInt32 = 0
    public var architecture: Architecture
    /// Bytes in a page as the guest's machine had it; the unit of dirty logs.
    public var guestPageSize: UInt32
    /// Bytes in a page of the host that wrote the file.
    public var hostPageSize: UInt32
    /// The profile of the backend that wrote it: at most 32 bytes of UTF-8.
    public var profile: String
    public internal(set) var sectionCount: UInt32 = 0
    /// Length of the whole file in bytes.
    public internal(set) var fileSize: UInt64 = 0
    var tableChecksum: UInt32 = 0

    public init(architecture: Architecture, profile: String, guestPageSize: UInt32, hostPageSize: UInt32) {
        self.architecture = architecture
        self.profile = profile
        self.guestPageSize = guestPageSize
        self.hostPageSize = hostPageSize
    }

    static var length: Int { 128 }
    /// A byte above 127, a name, and a line end of each kind: text tools and seven-bit channels leave marks.
    static var magic: [UInt8] { [0x93, 0x53, 0x54, 0x41, 0x53, 0x0D, 0x0A, 0x1A] }
    private static var profileLength: Int { 32 }

    func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.raw(SnapshotHeader.magic)
        writer.u16(format)
        writer.u16(revision)
        writer.u32(UInt32(SnapshotHeader.length))
        writer.u32(flags)
        writer.u32(architecture.rawValue)
        writer.u32(guestPageSize)
        writer.u32(hostPageSize)
        writer.u32(sectionCount)
        writer.u32(UInt32(SnapshotSection.entryLength))
        writer.u64(fileSize)
        let name = Array(profile.utf8)
        writer.raw(name)
        writer.zeros(SnapshotHeader.profileLength - name.count)
        writer.zeros(SnapshotHeader.length - 8 - writer.bytes.count)
        writer.u32(tableChecksum)
        writer.u32(CRC32C.of(writer.bytes))
        return writer.bytes
    }

    /// What can be wrong with a header of our own before it is written.
    func checkForWriting() throws(SnapshotError.Reason) {
        try checkPageSizes()
        let name = Array(profile.utf8)
        if name.count > SnapshotHeader.profileLength || name.contains(0) { throw .tooLarge("the profile's name") }
    }

    private func checkPageSizes() throws(SnapshotError.Reason) {
        for size in [guestPageSize, hostPageSize] where size < 1024 || size > 1 << 20 || size & (size - 1) != 0 {
            throw .field("the page size", UInt64(size))
        }
    }

    /// Reads a header. `bytes` is the beginning of the file, at most `length` of it.
    init(decoding bytes: [UInt8], fileSize actual: UInt64) throws(SnapshotError.Reason) {
        if bytes.isEmpty { throw .empty }
        let magic = SnapshotHeader.magic
        let common = min(bytes.count, magic.count)
        if bytes[..<common] != magic[..<common] { throw .notASnapshot }
        if bytes.count < 10 { throw .truncated(expected: UInt64(SnapshotHeader.length), found: actual) }
        // The version comes before the checksum, because another version may have it elsewhere.
        let found = UInt16(bytes[8]) | UInt16(bytes[9]) << 8
        if found > SnapshotHeader.currentFormat {
            throw .newer(found: found, supported: SnapshotHeader.currentFormat)
        }
        if found < SnapshotHeader.oldestFormat { throw .older(found: found, oldest: SnapshotHeader.oldestFormat) }
        if bytes.count < SnapshotHeader.length {
            throw .truncated(expected: UInt64(SnapshotHeader.length), found: actual)
        }
        var reader = ByteReader(bytes)
        let covered = SnapshotHeader.length - 4
        do throws(ByteError) {
            _ = try reader.raw(covered)
            let stored = try reader.u32()
            if stored != CRC32C.of(Array(bytes[..<covered])) { throw ByteError.value(field: "checksum", 0) }
        } catch {
            throw .damaged(.header)
        }
        do throws(ByteError) {
            try self.init(fields: bytes)
        } catch {
            switch error {
            case .value(let field, let value): throw .field(field, value)
            default: throw .damaged(.header)
            }
        }
        try checkPageSizes()
        if actual < fileSize { throw .truncated(expected: fileSize, found: actual) }
        if actual > fileSize { throw .excess(expected: fileSize, found: actual) }
        if UInt64(sectionCount) > UInt64(SnapshotLimits.sections) { throw .tooLarge("it has too many sections") }
    }

    private init(fields bytes: [UInt8]) throws(ByteError) {
        var reader = ByteReader(bytes)
        _ = try reader.raw(SnapshotHeader.magic.count)
        format = try reader.u16()
        revision = try reader.u16()
        let length = try reader.u32()
        if length != UInt32(SnapshotHeader.length) { throw .value(field: "the header's length", UInt64(length)) }
        flags = try reader.u32()
        if flags != 0 { throw .value(field: "the flags", UInt64(flags)) }
        architecture = Architecture(rawValue: try reader.u32())
        guestPageSize = try reader.u32()
        hostPageSize = try reader.u32()
        sectionCount = try reader.u32()
        let entry = try reader.u32()
        if entry != UInt32(SnapshotSection.entryLength) { throw .value(field: "the table's entry", UInt64(entry)) }
        fileSize = try reader.u64()
        let name = try reader.raw(SnapshotHeader.profileLength)
        let end = name.firstIndex(of: 0) ?? name.count
        for byte in name[end...] where byte != 0 { throw .value(field: "the profile's name", UInt64(byte)) }
        profile = String(decoding: name[..<end], as: UTF8.self)
        let reserved = try reader.raw(SnapshotHeader.length - 8 - reader.position)
        // Later revisions may use what is zero in ours.
        if revision == 0 {
            for byte in reserved where byte != 0 { throw .value(field: "a reserved field", UInt64(byte)) }
        }
        tableChecksum = try reader.u32()
    }
}

/// An entry of the section table.
public struct SnapshotSection: Equatable, Sendable {
    public var name: SectionName
    /// Tells sections of one name apart: the number of a vCPU or a slot.
    public var instance: UInt32
    /// The layout of the bytes, counted by their owner.
    public var version: UInt16
    /// Whether a reader that does not know the name may pass it over.
    public var isOptional: Bool
    /// Where in the file the bytes begin.
    public internal(set) var offset: UInt64
    public internal(set) var length: UInt64
    /// CRC-32C of the bytes.
    public internal(set) var checksum: UInt32

    static var entryLength: Int { 32 }
    /// Sections begin at multiples of this.
    static var alignment: UInt64 { 16 }

    func encode(_ writer: inout ByteWriter) {
        writer.u32(name.rawValue)
        writer.u32(instance)
        writer.u16(version)
        writer.u16(isOptional ? 1 : 0)
        writer.u32(checksum)
        writer.u64(offset)
        writer.u64(length)
    }

    init(name: SectionName, instance: UInt32, version: UInt16, isOptional: Bool) {
        self.name = name
        self.instance = instance
        self.version = version
        self.isOptional = isOptional
        (offset, length, checksum) = (0, 0, 0)
    }

    init(_ reader: inout ByteReader) throws(ByteError) {
        let raw = try reader.u32()
        guard let name = SectionName(rawValue: raw) else { throw .value(field: "a section's name", UInt64(raw)) }
        self.name = name
        instance = try reader.u32()
        version = try reader.u16()
        let flags = try reader.u16()
        if flags > 1 { throw .value(field: "a section's flags", UInt64(flags)) }
        isOptional = flags == 1
        checksum = try reader.u32()
        offset = try reader.u64()
        length = try reader.u64()
    }
}

/// `value` rounded up to a multiple of `alignment`, a power of two. Both come from sizes already known to lie below
/// 2^63.
func aligned(_ value: UInt64, to alignment: UInt64) -> UInt64 {
    (value + alignment - 1) & ~(alignment - 1)
}
