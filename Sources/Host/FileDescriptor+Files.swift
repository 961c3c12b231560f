// Descriptors of files: what they are, how long, where their holes lie, locks, and the way to disk.

import CHost

/// What a descriptor or a path leads to. The C function is `fstat`.
public struct FileStatus: Sendable {
    public enum Kind: UInt32, Sendable, CustomStringConvertible {
        case regular, directory, characterDevice, blockDevice, pipe, socket, other

        public var description: String {
            switch self {
            case .regular: "regular file"
            case .directory: "directory"
            case .characterDevice: "character device"
            case .blockDevice: "block device"
            case .pipe: "pipe"
            case .socket: "socket"
            case .other: "special file"
            }
        }
    }

    public var kind: Kind
    /// Permission bits, as in `chmod`.
    public var mode: UInt32
    public var uid: UInt32
    public var gid: UInt32
    /// Length in bytes.
    public var size: UInt64
    /// Bytes that occupy the disk; less than `size` in a sparse file.
    public var allocated: UInt64
    /// Last change of the contents, nanoseconds since 1970 UTC.
    public var modified: Int64
    public var device: UInt64
    public var inode: UInt64

    init(_ native: chost_file_status) {
        kind = Kind(rawValue: native.kind) ?? .other
        mode = native.mode
        uid = native.uid
        gid = native.gid
        size = native.size
        allocated = native.allocated
        modified = native.modified
        device = native.device
        inode = native.inode
    }
}

extension FileDescriptor {
    /// Kind, size and times.
    public func status() throws(Errno) -> FileStatus {
        var native = chost_file_status()
        // The structure is filled during the call.
        _ = try value(unsafe chost_fstat(raw, &native))
        return FileStatus(native)
    }

    /// Length of the file in bytes.
    public func size() throws(Errno) -> UInt64 {
        try status().size
    }

    /// Lets the way of these bytes to the disk begin, so that a later `fsync` has less to wait for. The C function is
    /// `sync_file_range`.
    public func startWriteback(at offset: UInt64, count: UInt64) { chost_start_writeback(raw, offset, count) }

    /// Waits until contents and length are on the disk. The C function is `fsync`.
    public func fsync() throws(Errno) {
        _ = try retrying { chost_fsync(raw) }
    }

    /// Waits until contents are on the disk, and of the rest what finding them takes. The C function is `fdatasync`.
    public func fdatasync() throws(Errno) {
        _ = try retrying { chost_fdatasync(raw) }
    }

    /// What `clear` leaves where bytes were. Both read as zeros.
    public enum Cleared: UInt32, Sendable {
        /// A hole: the place on the disk is given back (`FALLOC_FL_PUNCH_HOLE`).
        case hole
        /// Zeros, for which the disk keeps the place (`FALLOC_FL_ZERO_RANGE`).
        case zeros
    }

    /// Makes bytes zero without writing them; the length stays. EOPNOTSUPP where the file system cannot. The C function
    /// is `fallocate`.
    public func clear(_ how: Cleared, at offset: UInt64, count: UInt64) throws(Errno) {
        guard offset <= UInt64(Int64.max), count <= UInt64(Int64.max) - offset else { throw .fbig }
        _ = try retrying { chost_fallocate(raw, how.rawValue, offset, count) }
    }

    /// Where the file ends, for what has no length in its status: a block device. Moves the current position there.
    public func end() throws(Errno) -> UInt64 {
        UInt64(try value(chost_lseek(raw, 0, 2)))
    }

    /// Sets the length; what is added is a hole, which reads as zeros. The C function is `ftruncate`.
    public func truncate(to size: UInt64) throws(Errno) {
        guard size <= UInt64(Int64.max) else { throw .fbig }
        _ = try retrying { chost_ftruncate(raw, size) }
    }

    /// Moves the current position. The C function is `lseek` with `SEEK_SET`.
    public func seek(to offset: UInt64) throws(Errno) {
        guard offset <= UInt64(Int64.max) else { throw .inval }
        _ = try value(chost_lseek(raw, Int64(offset), 0))
    }

    /// The first byte at or after `offset` that is not in a hole; `nil` when only a hole follows (`SEEK_DATA`).
    public func seekData(from offset: UInt64) throws(Errno) -> UInt64? {
        guard offset <= UInt64(Int64.max) else { return nil }
        do throws(Errno) {
            return UInt64(try value(chost_lseek(raw, Int64(offset), 3)))
        } catch {
            if error == .nxio { return nil }
            throw error
        }
    }

    /// The first hole at or after `offset`; the end of the file is one (`SEEK_HOLE`). `nil` after the end.
    public func seekHole(from offset: UInt64) throws(Errno) -> UInt64? {
        guard offset <= UInt64(Int64.max) else { return nil }
        do throws(Errno) {
            return UInt64(try value(chost_lseek(raw, Int64(offset), 4)))
        } catch {
            if error == .nxio { return nil }
            throw error
        }
    }

    /// Locks the open file against others that lock it; EAGAIN when held and `wait` is false. The C function is
    /// `flock`.
    public func lock(exclusive: Bool, wait: Bool) throws(Errno) {
        _ = try retrying { chost_flock(raw, exclusive, wait) }
    }

    /// Gives the lock back; closing does too.
    public func unlock() throws(Errno) {
        _ = try retrying { chost_unlock(raw) }
    }
}
