// What can be wrong with a snapshot file, in one line each: which file, what in it, why, and what to do.

public import Host

/// Why a snapshot could not be read or written.
public struct SnapshotError: Error, Equatable, CustomStringConvertible {
    /// What the user called the file.
    public let path: String
    public let reason: Reason

    public init(path: String, _ reason: Reason) {
        self.path = path
        self.reason = reason
    }

    public enum Reason: Error, Equatable, Sendable {
        /// The host refused a step of reading or writing.
        case host(Step, Errno)
        /// Not a regular file.
        case kind(FileStatus.Kind)
        case empty
        /// The first bytes are not those of a snapshot.
        case notASnapshot
        /// Written by a newer Stasis than this one.
        case newer(found: UInt16, supported: UInt16)
        /// Written by an older Stasis than this one still reads.
        case older(found: UInt16, oldest: UInt16)
        /// The file is shorter than it says, or than anything it could be.
        case truncated(expected: UInt64, found: UInt64)
        /// The file is longer than it says.
        case excess(expected: UInt64, found: UInt64)
        /// Bytes do not match their checksum.
        case damaged(Part)
        /// A field has a value that cannot be.
        case field(StaticText, UInt64)
        /// A section that has to be understood is not.
        case unknownSection(SectionName)
        /// A section of this name is needed and not there.
        case missingSection(SectionName)
        /// A section has a version its owner does not read.
        case sectionVersion(SectionName, found: UInt16, supported: UInt16)
        /// The bytes of a section do not decode.
        case section(SectionName, ByteError)
        case architecture(found: Architecture, wanted: Architecture)
        case profile(found: String, wanted: String)
        case pageSize(found: UInt32, wanted: UInt32)
        /// More of something than a snapshot holds, or this host's address space.
        case tooLarge(StaticText)
    }

    /// A part of the file with a checksum, or one that has to be zero.
    public enum Part: Equatable, Sendable, CustomStringConvertible {
        case header, table
        case section(SectionName)
        /// The chunk of guest memory that begins at this physical address.
        case memory(UInt64)
        /// Bytes between parts, from this offset on.
        case padding(UInt64)

        public var description: String {
            switch self {
            case .header: "the header"
            case .table: "the section table"
            case .section(let name): "section \(name)"
            case .memory(let address): "guest memory at 0x" + String(address, radix: 16)
            case .padding(let offset): "padding near offset \(offset)"
            }
        }
    }

    public enum Step: Equatable, Sendable, CustomStringConvertible {
        case open, status, read, lock, map, create, resize, write, flush, close, rename, directory

        public var description: String {
            switch self {
            case .open: "cannot be opened"
            case .status: "cannot be examined"
            case .read: "cannot be read"
            case .lock: "cannot be locked"
            case .map: "cannot be mapped into memory"
            case .create: "cannot be saved: no file can be made beside it"
            case .resize: "cannot be saved: its length cannot be set"
            case .write: "cannot be saved: writing failed"
            case .flush: "cannot be saved: it does not reach the disk"
            case .close: "cannot be saved: closing failed"
            case .rename: "cannot be saved: the finished file cannot take its name"
            case .directory: "is saved, but its directory does not reach the disk"
            }
        }
    }

    public var description: String { "snapshot \(path) \(reason)" }
}

extension SnapshotError.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .host(let step, let error): "\(step): \(error)\(SnapshotError.Reason.remedy(step, error))"
        case .kind(let kind): "is a \(kind), not a file: name a snapshot file"
        case .empty: "is empty: it is not a snapshot"
        case .notASnapshot: "is not a snapshot: it does not begin as one"
        case .newer(let found, let supported):
            "was written by a newer Stasis: format \(found), this one reads up to \(supported); use the newer one"
        case .older(let found, let oldest):
            "was written by an older Stasis: format \(found), this one reads from \(oldest); use the older one"
        case .truncated(let expected, let found):
            "was cut short: \(found) of \(expected) bytes are there; copy it again"
        case .excess(let expected, let found):
            "has \(found) bytes where \(expected) belong: something was added; copy it again"
        case .damaged(let part): "is damaged in \(part): use another copy"
        case .field(let name, let value): "cannot be right: \(name) is \(value); use another copy"
        case .unknownSection(let name):
            "has a section \(name) this Stasis does not know and must not pass over; use the one that wrote it"
        case .missingSection(let name): "has no section \(name): it is of another kind of machine"
        case .sectionVersion(let name, let found, let supported):
            "has section \(name) in version \(found), this Stasis reads up to \(supported); use the one that wrote it"
        case .section(let name, let error): "cannot be used: in section \(name) \(error)"
        case .architecture(let found, let wanted): "is of a \(found) machine, not of a \(wanted) one"
        case .profile(let found, let wanted):
            "was taken on \(found) and cannot continue on \(wanted): restore it on a host like the first"
        case .pageSize(let found, let wanted):
            "has pages of \(found) bytes, this host needs \(wanted): restore it on a host like the first"
        case .tooLarge(let what): "is too large: \(what)"
        }
    }

    private static func remedy(_ step: SnapshotError.Step, _ error: Errno) -> String {
        switch error {
        case .nospc, .dquot: "; make room and save again, the old file is as it was"
        case .acces, .perm: "; check its permissions and those of its directory"
        case .noent: step == .open ? "; check the name" : "; check that the directory exists"
        default: ""
        }
    }
}
