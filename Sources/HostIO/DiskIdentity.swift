// How a snapshot recognizes the disk that a machine had.

/// A disk at one instant. Take it while nothing is under way: each write changes the time.
public struct DiskIdentity: Equatable, Sendable {
    /// From the root, without symbolic links.
    public var path: String
    /// Bytes the guest sees.
    public var size: UInt64
    /// Last change of the contents, nanoseconds since 1970 UTC. A block device has none that means anything: 0.
    public var modified: Int64
    /// Number of the file in its file system; a copy has another.
    public var inode: UInt64
    public var isReadOnly: Bool
    public var serial: [UInt8]

    public init(path: String, size: UInt64, modified: Int64, inode: UInt64, isReadOnly: Bool, serial: [UInt8]) {
        self.path = path
        self.size = size
        self.modified = modified
        self.inode = inode
        self.isReadOnly = isReadOnly
        self.serial = serial
    }

    /// What has become different since a machine was saved with this disk, nil if nothing that a guest would notice.
    public func change(since saved: DiskIdentity) -> DiskChange? {
        if size != saved.size { return .size(was: saved.size, now: size) }
        if isReadOnly && !saved.isReadOnly { return .readOnly }
        if modified != saved.modified { return .contents(was: saved.modified, now: modified) }
        return nil
    }
}

/// Why a disk is not the one a machine was saved with.
public enum DiskChange: Equatable, Sendable {
    case size(was: UInt64, now: UInt64)
    /// It could be written, and cannot any more.
    case readOnly
    /// Written since; nanoseconds since 1970 UTC.
    case contents(was: Int64, now: Int64)
}

extension DiskChange: CustomStringConvertible {
    public var description: String {
        switch self {
        case .size(let was, let now):
            "it had " + String(was) + " bytes and has " + String(now)
        case .readOnly: "it could be written, and is read-only now"
        case .contents(let was, let now):
            if now > was {
                "it was written " + String((now - was) / 1_000_000) + " ms after the machine was saved"
            } else {
                "its contents are " + String((was - now) / 1_000_000) + " ms older than those the machine had"
            }
        }
    }
}
