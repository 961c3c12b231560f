// Restoring: a file is checked in whole before any of it is used.

import Host

/// An open snapshot. Making one reads and checks everything; sections and memory are taken from it afterwards.
///
/// The file must not be changed by others while it is open and while its memory is mapped; Stasis itself replaces files
/// and never changes them.
public final class SnapshotReader: Sendable {
    public let path: String
    public let header: SnapshotHeader
    /// All sections, in the order of the file, the memory directory among them.
    public let sections: [SnapshotSection]
    /// Ranges of guest memory.
    public let regions: [MemoryRegion]
    /// Whether guest memory was compared with its checksums when the file was opened.
    public let isMemoryVerified: Bool
    let file: FileDescriptor

    /// Opens and checks a file.
    ///
    /// - Parameters:
    ///   - known: the names of sections the caller understands; a mandatory section with another name is refused.
    ///     `nil` accepts all, for looking at a file.
    ///   - verifyingMemory: whether the checksums of guest memory are compared, which reads what occupies the disk. `verifyMemory` does
    ///     it later.
    public init(
        path: String, known: [SectionName]? = nil, verifyingMemory: Bool = true
    ) throws(SnapshotError) {
        self.path = path
        do throws(SnapshotError.Reason) {
            file = try SnapshotReader.open(path)
            (header, sections, regions) = try SnapshotReader.check(file, known)
            isMemoryVerified = verifyingMemory
            if verifyingMemory { _ = try SnapshotReader.checkMemory(file, header, regions) { false } }
        } catch {
            throw SnapshotError(path: path, error)
        }
    }

    private static func open(_ path: String) throws(SnapshotError.Reason) -> FileDescriptor {
        // Without waiting: a FIFO opens, and is refused by its kind.
        try host(.open) { () throws(Errno) in
            try FileDescriptor.open(path: path, [.read, .nonblocking])
        }
    }

    private static func check(
        _ file: borrowing FileDescriptor, _ known: [SectionName]?
    ) throws(SnapshotError.Reason) -> (SnapshotHeader, [SnapshotSection], [MemoryRegion]) {
        let status = try host(.status) { () throws(Errno) in try file.status() }
        if status.kind != .regular { throw .kind(status.kind) }

        let head = try SnapshotReader.read(file, at: 0, UInt64(SnapshotHeader.length))
        let header = try SnapshotHeader(decoding: head, fileSize: status.size)
        let sections = try SnapshotReader.table(file, header)
        var end = UInt64(SnapshotHeader.length) + UInt64(sections.count * SnapshotSection.entryLength)
        for section in sections {
            try SnapshotReader.checkZeros(file, end, section.offset)
            try SnapshotReader.checkSum(file, section)
            end = section.offset + section.length
        }
        if let known {
            for section in sections where !section.isOptional && section.name != .memory {
                if !known.contains(section.name) { throw .unknownSection(section.name) }
            }
        }
        var regions: [MemoryRegion] = []
        if let section = sections.first(where: { $0.name == .memory }) {
            if section.version != MemoryDirectory.version {
                throw .sectionVersion(.memory, found: section.version, supported: MemoryDirectory.version)
            }
            let bytes = try SnapshotReader.read(file, at: section.offset, section.length)
            do throws(ByteError) {
                regions = try MemoryDirectory(decoding: bytes, start: end, fileSize: header.fileSize).regions
            } catch {
                throw .section(.memory, error)
            }
        } else if end != header.fileSize {
            throw .field("the file's length", header.fileSize)
        }
        for region in regions {
            try SnapshotReader.checkZeros(file, end, region.offset)
            end = region.offset + region.size
        }
        return (header, sections, regions)
    }

    /// Reads the table and checks that every section lies where it has to.
    private static func table(
        _ file: borrowing FileDescriptor, _ header: SnapshotHeader
    ) throws(SnapshotError.Reason) -> [SnapshotSection] {
        let length = UInt64(header.sectionCount) * UInt64(SnapshotSection.entryLength)
        var end = UInt64(SnapshotHeader.length) + length
        if end > header.fileSize { throw .field("the number of sections", UInt64(header.sectionCount)) }
        let bytes = try read(file, at: UInt64(SnapshotHeader.length), length)
        if CRC32C.of(bytes) != header.tableChecksum { throw .damaged(.table) }
        var reader = ByteReader(bytes)
        var sections: [SnapshotSection] = []
        for _ in 0..<header.sectionCount {
            let section: SnapshotSection
            do throws(ByteError) {
                section = try SnapshotSection(&reader)
            } catch {
                switch error {
                case .value(let field, let value): throw .field(field, value)
                default: throw .damaged(.table)
                }
            }
            if section.offset != aligned(end, to: SnapshotSection.alignment) || section.offset > header.fileSize {
                throw .field("a section's offset", section.offset)
            }
            if section.length > SnapshotLimits.sectionLength || section.length > header.fileSize - section.offset {
                throw .field("a section's length", section.length)
            }
            for other in sections where other.name == section.name && other.instance == section.instance {
                throw .field("a section's instance", UInt64(section.instance))
            }
            end = section.offset + section.length
            sections.append(section)
        }
        return sections
    }

    /// The entry of a section, `nil` when there is none.
    public func find(_ name: SectionName, instance: UInt32 = 0) -> SnapshotSection? {
        sections.first { $0.name == name && $0.instance == instance }
    }

    /// The bytes of a section, checked again as they are read.
    public func bytes(of section: SnapshotSection) throws(SnapshotError) -> [UInt8] {
        do throws(SnapshotError.Reason) {
            let bytes = try SnapshotReader.read(file, at: section.offset, section.length)
            if CRC32C.of(bytes) != section.checksum { throw SnapshotError.Reason.damaged(.section(section.name)) }
            return bytes
        } catch {
            throw SnapshotError(path: path, error)
        }
    }

    /// The bytes of a section that has to be there.
    ///
    /// - Parameter supported: the newest version of its layout the caller reads.
    public func section(
        _ name: SectionName, instance: UInt32 = 0, upTo supported: UInt16 = .max
    ) throws(SnapshotError) -> [UInt8] {
        guard let section = find(name, instance: instance) else {
            throw SnapshotError(path: path, .missingSection(name))
        }
        if section.version > supported {
            throw SnapshotError(
                path: path, .sectionVersion(name, found: section.version, supported: supported))
        }
        return try bytes(of: section)
    }

    /// Decodes a section that has to be there, and names it when that fails. All of its bytes have to be used.
    public func decode<Value>(
        _ name: SectionName, instance: UInt32 = 0, upTo supported: UInt16 = .max,
        _ body: (inout ByteReader) throws(ByteError) -> Value
    ) throws(SnapshotError) -> Value {
        var reader = ByteReader(try section(name, instance: instance, upTo: supported))
        do throws(ByteError) {
            let value = try body(&reader)
            try reader.finish()
            return value
        } catch {
            throw SnapshotError(path: path, .section(name, error))
        }
    }

    /// Checks that the file is of this kind of machine; `nil` does not ask.
    public func require(
        architecture: Architecture, profile: String? = nil, guestPageSize: UInt32? = nil
    ) throws(SnapshotError) {
        if header.architecture != architecture {
            throw SnapshotError(path: path, .architecture(found: header.architecture, wanted: architecture))
        }
        if let profile, !profile.utf8.elementsEqual(header.profile.utf8) {
            throw SnapshotError(path: path, .profile(found: header.profile, wanted: profile))
        }
        if let guestPageSize, guestPageSize != header.guestPageSize {
            throw SnapshotError(path: path, .pageSize(found: header.guestPageSize, wanted: guestPageSize))
        }
    }

    // MARK: Reading

    /// So many bytes from `offset`, fewer at the end of the file. The caller has bounded `count`.
    static func read(
        _ file: borrowing FileDescriptor, at offset: UInt64, _ count: UInt64
    ) throws(SnapshotError.Reason) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(count))
        let done = try host(.read) { () throws(Errno) in try file.pread(into: &bytes, at: offset) }
        bytes.removeLast(bytes.count - done)
        return bytes
    }

    /// Compares a section with its checksum, piece by piece.
    private static func checkSum(
        _ file: borrowing FileDescriptor, _ section: SnapshotSection
    ) throws(SnapshotError.Reason) {
        var sum = CRC32C()
        var offset = section.offset
        let end = section.offset + section.length
        while offset < end {
            let piece = try read(file, at: offset, min(65536, end - offset))
            if piece.isEmpty { throw .damaged(.section(section.name)) }
            unsafe piece.withUnsafeBytes { unsafe sum.update($0) }
            offset += UInt64(piece.count)
        }
        if sum.value != section.checksum { throw .damaged(.section(section.name)) }
    }

    /// Checks that the bytes between two parts are zero. They are fewer than the alignment of what follows.
    static func checkZeros(
        _ file: borrowing FileDescriptor, _ start: UInt64, _ end: UInt64
    ) throws(SnapshotError.Reason) {
        var offset = start
        while offset < end {
            let piece = try read(file, at: offset, min(65536, end - offset))
            if piece.isEmpty || piece.contains(where: { $0 != 0 }) { throw .damaged(.padding(offset)) }
            offset += UInt64(piece.count)
        }
    }
}
