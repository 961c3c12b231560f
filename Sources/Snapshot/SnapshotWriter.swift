// Saving: everything into a new file beside the old one, to disk, and then the name.

import Host

/// Collects sections and memory, and writes them as one file.
///
/// Memory is not copied when it is added: it has to stay, and stay still, until `write` returns.
@safe
public struct SnapshotWriter {
    public var header: SnapshotHeader
    private var sections: [(entry: SnapshotSection, bytes: [UInt8])] = []
    private(set) var regions: [MemoryRegion] = []
    @unsafe private(set) var contents: [UnsafeRawBufferPointer] = unsafe []
    private(set) var origins: [Origin] = []
    private let alignment: UInt64
    /// Told from time to time how many bytes of memory have been looked at, of how many.
    public var progress: ((_ done: UInt64, _ total: UInt64) -> Void)?

    /// - Parameters:
    ///   - profile: the backend's profile, at most 32 bytes of UTF-8.
    ///   - guestPageSize: the machine's page size in bytes.
    ///   - memoryAlignment: where memory may begin in the file: a power of two, 4096 or more. Hosts with larger pages
    ///     than this read the memory instead of mapping it.
    public init(
        architecture: Architecture, profile: String, guestPageSize: UInt32, memoryAlignment: UInt32 = 65536
    ) {
        precondition(
            memoryAlignment >= 4096 && memoryAlignment <= 1 << 24 && memoryAlignment & (memoryAlignment - 1) == 0)
        header = SnapshotHeader(
            architecture: architecture, profile: profile, guestPageSize: guestPageSize,
            hostPageSize: UInt32(Mapping.pageSize))
        alignment = UInt64(memoryAlignment)
    }

    /// Adds a section. Name and instance together are used once.
    ///
    /// - Parameters:
    ///   - version: of the layout of `bytes`, counted by whoever owns it.
    ///   - isOptional: whether a reader that does not know the name may pass it over.
    public mutating func addSection(
        name: SectionName, instance: UInt32 = 0, version: UInt16, isOptional: Bool = false, bytes: [UInt8]
    ) {
        precondition(name != .memory)
        for other in sections { precondition(other.entry.name != name || other.entry.instance != instance) }
        var entry = SnapshotSection(name: name, instance: instance, version: version, isOptional: isOptional)
        entry.length = UInt64(bytes.count)
        sections.append((entry, bytes))
    }

    /// What pages hold that this process has never touched.
    public enum Origin: Sendable {
        /// Nobody knows: all of it is read.
        case unknown
        /// Zeros: it is private memory without a file (`Mapping.anonymous`).
        case zeros
        /// What the snapshot has there: it is that snapshot's memory, mapped privately.
        case snapshot(SnapshotReader)
    }

    /// Adds a range of guest physical memory. Ranges do not overlap.
    ///
    /// - Parameter origin: spares reading what was never touched, which takes as long as touching it.
    public mutating func addMemory(
        guestAddress: UInt64, _ memory: UnsafeRawBufferPointer, origin: Origin = .unknown
    ) {
        let region = MemoryRegion(guestAddress: guestAddress, size: UInt64(memory.count))
        precondition(region.size > 0 && guestAddress.addingReportingOverflow(region.size - 1).overflow == false)
        for other in regions {
            precondition(
                guestAddress > other.guestAddress + (other.size - 1)
                    || other.guestAddress > guestAddress + (region.size - 1))
        }
        regions.append(region)
        // The caller keeps it alive until `write` returns.
        unsafe contents.append(memory)
        origins.append(origin)
    }

    /// Writes the file and gives it its name, replacing a snapshot that had it in one step.
    ///
    /// - Throws: `SnapshotError`. The old file is then as it was and nothing new is left behind; only when the step was
    ///   `.directory` the new file has its name already, and a loss of power may take it back.
    public func write(to path: String) throws(SnapshotError) {
        do throws(SnapshotError.Reason) {
            try save(path)
        } catch {
            throw SnapshotError(path: path, error)
        }
    }

    private func save(_ path: String) throws(SnapshotError.Reason) {
        try header.checkForWriting()
        if sections.count >= SnapshotLimits.sections { throw .tooLarge("it has too many sections") }
        if regions.count > SnapshotLimits.regions { throw .tooLarge("it has too many memory regions") }
        // Only a regular file is replaced: a rename over a device or a directory is never what was meant.
        let old = try? Files.status(path)
        if let old, old.kind != .regular { throw .kind(old.kind) }
        // Goes at the end, whatever happens.
        var replaced: Replaced?
        defer { replaced?.letGo() }

        var layout = Layout(sections: sections.map { $0.entry }, regions: regions, alignment: alignment)
        for entry in layout.entries where entry.length > SnapshotLimits.sectionLength {
            throw .tooLarge("a section is longer than 64 MiB")
        }

        let temporary = try host(.create) { () throws(Errno) in try Files.temporarySibling(of: path) }
        var file = try host(.create) { () throws(Errno) in
            try FileDescriptor.open(path: temporary, [.readWrite, .create, .exclusive])
        }
        // Who finds it without the lock may remove it. Some file systems have no locks; there it stays if this process is killed. The
        // second descriptor keeps the lock when the first has been closed, which comes before the new name.
        try? file.lock(exclusive: true, wait: false)
        var locked = try? file.duplicate()
        do throws(SnapshotError.Reason) {
            try host(.resize) { () throws(Errno) in try file.truncate(to: layout.fileSize) }
            try writeMemory(file, &layout)
            let head = encode(layout)
            try host(.write) { () throws(Errno) in
                try file.pwriteAll(head, at: 0)
            }
            try host(.flush) { () throws(Errno) in try file.fsync() }
            try host(.close) { () throws(Errno) in try file.close() }
            replaced = Replaced(path, old)
            try host(.rename) { () throws(Errno) in try Files.rename(temporary, to: path) }
            if var locked = locked.take() { try? locked.close() }
        } catch {
            // Whatever fails here, the first error is the one to tell.
            try? Files.unlink(temporary)
            throw error
        }
        try host(.directory) { () throws(Errno) in
            do throws(Errno) {
                try Files.fsyncDirectory(of: path)
            } catch {
                // Some file systems have nothing to do for a directory and say so.
                if error != .inval && error != .opnotsupp { throw error }
            }
        }
        Files.removeAbandonedSiblings(of: path)
    }

    /// Everything before memory, as it stands in the file.
    private func encode(_ layout: Layout) -> [UInt8] {
        var entries = layout.entries
        var body: [[UInt8]] = sections.map { $0.bytes }
        if !layout.directory.regions.isEmpty { body.append(layout.directory.encoded()) }
        for index in entries.indices { entries[index].checksum = CRC32C.of(body[index]) }

        var table = ByteWriter()
        for entry in entries { entry.encode(&table) }
        var header = header
        header.sectionCount = UInt32(entries.count)
        header.fileSize = layout.fileSize
        header.tableChecksum = CRC32C.of(table.bytes)

        var head = ByteWriter()
        head.raw(header.encoded())
        head.raw(table.bytes)
        for index in entries.indices {
            head.zeros(Int(entries[index].offset) - head.bytes.count)
            head.raw(body[index])
        }
        return head.bytes
    }
}

/// A large file whose name goes to another: it is kept open, so that giving back its place on the disk is not part of the
/// save. That takes as long as writing it did.
private final class Replaced: Sendable {
    private let file: FileDescriptor

    /// Nil for a file whose end takes no time, or none.
    init?(_ path: String, _ status: FileStatus?) {
        guard let status, status.allocated >= 1 << 20,
            let file = try? FileDescriptor.open(path: path, [.read, .nonblocking])
        else { return nil }
        self.file = file
    }

    /// On a thread of its own, or on this one if there is none to have.
    func letGo() { try? HostThread { [self] in withExtendedLifetime(self) {} }.detach() }
}

/// Where everything lies. There is exactly one right place for each part, which is what a reader checks.
struct Layout {
    var entries: [SnapshotSection]
    var directory: MemoryDirectory
    var fileSize: UInt64

    init(sections: [SnapshotSection], regions: [MemoryRegion], alignment: UInt64) {
        entries = sections
        directory = MemoryDirectory(alignment: alignment, regions: regions)
        if !regions.isEmpty {
            var entry = SnapshotSection(
                name: .memory, instance: 0, version: MemoryDirectory.version, isOptional: false)
            entry.length = directory.length
            entries.append(entry)
        }
        var end = UInt64(SnapshotHeader.length) + UInt64(entries.count * SnapshotSection.entryLength)
        for index in entries.indices {
            entries[index].offset = aligned(end, to: SnapshotSection.alignment)
            end = entries[index].offset + entries[index].length
        }
        for index in directory.regions.indices {
            directory.regions[index].offset = aligned(end, to: alignment)
            end = directory.regions[index].offset + directory.regions[index].size
        }
        fileSize = end
    }
}

/// Runs a step against the host and names it when it fails.
func host<Result: ~Copyable>(
    _ step: SnapshotError.Step, _ body: () throws(Errno) -> Result
) throws(SnapshotError.Reason) -> Result {
    do throws(Errno) {
        return try body()
    } catch {
        throw .host(step, error)
    }
}
