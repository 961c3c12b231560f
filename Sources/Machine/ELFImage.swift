// ELF executables for 32-bit little-endian MIPS, parsed from hostile bytes.
//
// Only what a loader needs: the header, the program headers, and for tests and tools the symbol table. Nothing in the
// file is believed before it is checked against the file's length; a damaged symbol table is as good as none. Layouts
// and names are those of the System V ABI (gABI chapters 4 and 5) and of its MIPS supplement.

/// Numbers of the format.
enum ELFConstant {
    static let headerSize = 52
    static let programHeaderSize = 32
    static let sectionHeaderSize = 40
    static let symbolSize = 16
    static let typeExecutable: UInt16 = 2
    static let machineMIPS: UInt16 = 8
    static let segmentLoad: UInt32 = 1
    static let segmentInterpreter: UInt32 = 3
    static let sectionSymbols: UInt32 = 2
    static let manyProgramHeaders: UInt16 = 0xFFFF
    /// e_flags: the n32 convention.
    static let abi2: UInt32 = 0x20
    /// e_flags: microMIPS code.
    static let microMIPS: UInt32 = 0x0200_0000
}

/// A parsed executable. Holds the file's bytes, so that segments can be loaded and symbols found later.
public struct ELFImage: Sendable {
    /// A part of the file that goes to memory: a PT_LOAD program header.
    public struct Segment: Equatable, Sendable {
        /// Its place among the program headers, as tools number them.
        public let index: Int
        /// Where the program expects it.
        public let virtualAddress: UInt32
        /// Where the bytes are in the file.
        public let fileOffset: UInt32
        /// Bytes taken from the file; the rest up to `memorySize` is zeroed.
        public let fileSize: UInt32
        public let memorySize: UInt32

        /// Where it goes: the virtual address with the top three bits cleared. p_paddr is not used, since linkers leave
        /// a copy of the virtual address there.
        public var physicalAddress: UInt32 { KernelWindow.physical(of: virtualAddress) }
        public var physicalEnd: UInt64 { UInt64(physicalAddress) + UInt64(memorySize) }
    }

    /// The file as the user named it.
    public let name: String
    /// First instruction, as linked.
    public let entry: UInt32
    /// In the order of the file. Never empty; no two share a physical byte.
    public let segments: [Segment]
    /// The whole file.
    let bytes: [UInt8]

    /// The physical bytes from the first segment's start to the last one's end.
    public var physicalRange: Range<UInt64> {
        var low = UInt64.max
        var high: UInt64 = 0
        for segment in segments {
            low = min(low, UInt64(segment.physicalAddress))
            high = max(high, segment.physicalEnd)
        }
        return low..<high
    }

    /// Whether the bytes claim to be ELF at all.
    public static func isELF(_ bytes: [UInt8]) -> Bool {
        bytes.count >= 4 && bytes[0] == 0x7F && bytes[1] == 0x45 && bytes[2] == 0x4C && bytes[3] == 0x46
    }

    /// Parses a whole file.
    ///
    /// - Parameter name: the file as the user named it, for errors.
    public init(_ bytes: [UInt8], name: String) throws(ImageError) {
        do throws(ImageError.Reason) {
            let header = try Self.parseHeader(bytes)
            self.name = name
            self.bytes = bytes
            entry = header.entry
            segments = try Self.parseSegments(bytes, header)
            try Self.checkOverlaps(segments)
            try Self.checkEntry(header.entry, segments)
        } catch {
            throw ImageError(file: name, error)
        }
    }

    // MARK: The header

    private struct Header {
        var entry: UInt32
        var programHeaders: UInt32
        var count: Int
    }

    private static func parseHeader(_ bytes: [UInt8]) throws(ImageError.Reason) -> Header {
        guard !bytes.isEmpty else { throw .isEmpty }
        guard isELF(bytes) else { throw .notELF }
        // The class and byte order first: they explain why the rest of the header looks odd.
        guard bytes.count >= 16 else { throw .truncated(field: .header, need: 52, have: UInt64(bytes.count)) }
        guard bytes[4] == 1 else { throw .wrongClass(bytes[4]) }
        guard bytes[5] == 1 else { throw .wrongByteOrder(bytes[5]) }
        guard bytes[6] == 1 else { throw .wrongVersion(UInt32(bytes[6])) }
        guard bytes.count >= ELFConstant.headerSize else {
            throw .truncated(field: .header, need: UInt64(ELFConstant.headerSize), have: UInt64(bytes.count))
        }
        let machine = half(bytes, 18)
        guard machine == ELFConstant.machineMIPS else { throw .wrongMachine(machine) }
        let type = half(bytes, 16)
        guard type == ELFConstant.typeExecutable else { throw .wrongType(type) }
        let version = word(bytes, 20)
        guard version == 1 else { throw .wrongVersion(version) }
        let flags = word(bytes, 36)
        guard isKnownInstructionSet(flags) else { throw .wrongInstructionSet(flags) }
        let count = half(bytes, 44)
        guard count != ELFConstant.manyProgramHeaders else { throw .tooManyProgramHeaders }
        guard count > 0 else { throw .noLoadableSegment }
        let size = half(bytes, 42)
        guard size == UInt16(ELFConstant.programHeaderSize) else { throw .programHeaderSize(size) }
        return Header(entry: word(bytes, 24), programHeaders: word(bytes, 28), count: Int(count))
    }

    /// MIPS I, II, MIPS32 and MIPS32 release 2 run; the 64-bit sets, release 6 and microMIPS do not.
    private static func isKnownInstructionSet(_ flags: UInt32) -> Bool {
        guard flags & (ELFConstant.abi2 | ELFConstant.microMIPS) == 0 else { return false }
        switch flags >> 28 {
        case 0, 1, 5, 7: return true
        default: return false
        }
    }

    // MARK: Program headers

    private static func parseSegments(_ bytes: [UInt8], _ header: Header) throws(ImageError.Reason) -> [Segment] {
        let have = UInt64(bytes.count)
        var segments: [Segment] = []
        for index in 0..<header.count {
            let start = UInt64(header.programHeaders) + UInt64(index * ELFConstant.programHeaderSize)
            let end = start + UInt64(ELFConstant.programHeaderSize)
            guard end <= have else { throw .truncated(field: .programHeader(index), need: end, have: have) }
            let at = Int(start)
            let type = word(bytes, at)
            guard type != ELFConstant.segmentInterpreter else { throw .needsInterpreter }
            guard type == ELFConstant.segmentLoad else { continue }
            let segment = Segment(
                index: index, virtualAddress: word(bytes, at + 8), fileOffset: word(bytes, at + 4),
                fileSize: word(bytes, at + 16), memorySize: word(bytes, at + 20))
            guard segment.fileSize <= segment.memorySize else {
                throw .fileSizeExceedsMemorySize(
                    index: index, fileSize: segment.fileSize, memorySize: segment.memorySize)
            }
            guard segment.memorySize > 0 else { continue }
            let fileEnd = UInt64(segment.fileOffset) + UInt64(segment.fileSize)
            guard fileEnd <= have || segment.fileSize == 0 else {
                throw .truncated(field: .segment(index), need: fileEnd, have: have)
            }
            guard segment.physicalEnd <= UInt64(KernelWindow.size) else {
                throw .crossesSegmentEnd(index: index, address: segment.virtualAddress, size: segment.memorySize)
            }
            segments.append(segment)
        }
        guard !segments.isEmpty else { throw .noLoadableSegment }
        return segments
    }

    /// Looks at neighbours in address order: with 65534 headers, comparing all pairs would take the host minutes.
    private static func checkOverlaps(_ segments: [Segment]) throws(ImageError.Reason) {
        let ordered = segments.sorted { ($0.physicalAddress, $0.index) < ($1.physicalAddress, $1.index) }
        for (before, after) in zip(ordered, ordered.dropFirst())
        where UInt64(after.physicalAddress) < before.physicalEnd {
            throw .overlap(first: min(before.index, after.index), second: max(before.index, after.index))
        }
    }

    private static func checkEntry(_ entry: UInt32, _ segments: [Segment]) throws(ImageError.Reason) {
        let physical = UInt64(KernelWindow.physical(of: entry))
        guard segments.contains(where: { physical >= UInt64($0.physicalAddress) && physical < $0.physicalEnd }) else {
            throw .entryOutside(entry)
        }
        guard entry & 3 == 0 else { throw .entryUnaligned(entry) }
    }
}

// MARK: - Symbols

extension ELFImage {
    /// The value of the symbol `name`, or nil if there is none or the symbol table is damaged.
    ///
    /// Looks through the whole table: fit for tests and tools, not for a loop.
    public func symbol(named name: String) -> UInt32? {
        let wanted = [UInt8](name.utf8)
        guard !wanted.isEmpty, let sections = sectionHeaders else { return nil }
        for section in sections where word(section) == ELFConstant.sectionSymbols {
            // The section linked to the symbol table holds its names.
            let link = Self.word(bytes, section + 24)
            guard let table = contents(of: section), UInt64(link) < UInt64(sections.count),
                let names = contents(of: sections[Int(link)])
            else { continue }
            for at in stride(from: table.lowerBound, to: table.upperBound, by: ELFConstant.symbolSize) {
                guard at + ELFConstant.symbolSize <= table.upperBound else { break }
                let nameOffset = UInt64(Self.word(bytes, at))
                // Section index 0 marks a symbol that is only mentioned, not defined.
                guard Self.half(bytes, at + 14) != 0, nameOffset < UInt64(names.count) else { continue }
                if matches(wanted, names.lowerBound + Int(nameOffset), names.upperBound) {
                    return Self.word(bytes, at + 4)
                }
            }
        }
        return nil
    }

    /// File positions of the section headers, or nil if the table does not lie inside the file.
    private var sectionHeaders: [Int]? {
        let start = UInt64(Self.word(bytes, 32))
        let count = UInt64(Self.half(bytes, 48))
        guard start > 0, count > 0, Self.half(bytes, 46) == UInt16(ELFConstant.sectionHeaderSize),
            start + count * UInt64(ELFConstant.sectionHeaderSize) <= UInt64(bytes.count)
        else { return nil }
        return (0..<Int(count)).map { Int(start) + $0 * ELFConstant.sectionHeaderSize }
    }

    private func word(_ section: Int) -> UInt32 { Self.word(bytes, section + 4) }

    /// The file positions a section occupies, or nil if they are not inside the file.
    private func contents(of section: Int) -> Range<Int>? {
        let start = UInt64(Self.word(bytes, section + 16))
        let end = start + UInt64(Self.word(bytes, section + 20))
        guard end <= UInt64(bytes.count) else { return nil }
        return Int(start)..<Int(end)
    }

    /// Whether the zero-terminated name at `start` is `wanted`.
    private func matches(_ wanted: [UInt8], _ start: Int, _ end: Int) -> Bool {
        guard wanted.count < end - start, bytes[start + wanted.count] == 0 else { return false }
        for index in wanted.indices where bytes[start + index] != wanted[index] { return false }
        return true
    }

    static func half(_ bytes: [UInt8], _ at: Int) -> UInt16 {
        UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8
    }

    static func word(_ bytes: [UInt8], _ at: Int) -> UInt32 {
        UInt32(half(bytes, at)) | UInt32(half(bytes, at + 2)) << 16
    }
}
