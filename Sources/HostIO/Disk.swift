// A disk: a raw file or a block device, with a worker that does what a block device asks for.
//
// Lock order: the disk's lock is a leaf.

import Devices
import Host

/// A file or block device in use as a disk. It is locked for as long as this object lives: against everybody when it
/// can be written, against writers otherwise.
///
/// Opening, starting, stopping and all requests belong to one thread at a time, the machine's.
public final class Disk: @unchecked Sendable {
    /// Bytes in a sector.
    public static var sector: UInt64 { 512 }
    /// Bytes in a serial number at most (VIRTIO_BLK_ID_BYTES).
    public static var serialLimit: Int { 20 }
    /// Requests that may be under way; more are answered with an error.
    public static var queueLimit: Int { 1024 }

    /// From the root, without symbolic links: what the name meant when the disk was opened.
    public let path: String
    /// Bytes the guest sees: whole sectors.
    public let size: UInt64
    /// Bytes behind the last whole sector, which the guest does not see and which stay as they are.
    public let ignoredTail: UInt64
    public let isReadOnly: Bool
    public let serial: [UInt8]

    let file: FileDescriptor
    private let isBlockDevice: Bool

    let condition = Condition()
    // Under `condition`:
    var queue: [BlockRequest] = []
    /// How many of `queue`, from its beginning, the worker has taken.
    var taken = 0
    /// Requests without a completion yet.
    var unfinished = 0
    var completions: [BlockCompletion] = []
    var verdict = Gate.State.open
    var isRunning = false
    var isEnding = false
    var kick: (@Sendable () -> Void)?
    var failure: DiskFailure?
    var failures: UInt64 = 0

    /// The owner's.
    var thread: HostThread?

    /// Opens, locks and measures a disk.
    ///
    /// - Parameters:
    ///   - path: a raw image or a block device.
    ///   - readOnly: nothing will be written, and others may read it at the same time.
    ///   - serial: what the guest is told as the disk's serial number.
    public init(path: String, readOnly: Bool = false, serial: [UInt8] = []) throws(DiskError) {
        let opened: Opened
        do throws(DiskError.Reason) {
            guard serial.count <= Disk.serialLimit else { throw .serial(serial.count) }
            opened = try Opened(path, readOnly)
        } catch {
            throw DiskError(path: path, error)
        }
        self.path = opened.path
        size = opened.length - opened.length % Disk.sector
        ignoredTail = opened.length % Disk.sector
        isReadOnly = readOnly
        self.serial = serial
        isBlockDevice = opened.isBlockDevice
        file = opened.file
    }

    /// Gives the lock back by name: closing would not, while a process that was just forked still has a copy of the
    /// descriptor.
    deinit {
        // A lock that cannot be given back ends with the last copy.
        try? file.unlock()
    }

    /// Which disk this is, as of now.
    public func identity() throws(DiskError) -> DiskIdentity {
        do throws(Errno) {
            let status = try file.status()
            return DiskIdentity(
                path: path, size: size, modified: isBlockDevice ? 0 : status.modified, inode: status.inode,
                isReadOnly: isReadOnly, serial: serial)
        } catch {
            throw DiskError(path: path, .host(.examine, error))
        }
    }

    /// The first failure since the last call, for a line to the user, and how many there have been since the start.
    public func takeFailure() -> (first: DiskFailure, total: UInt64)? {
        condition.withLock {
            guard let first = failure else { return nil }
            failure = nil
            return (first, failures)
        }
    }
}

/// A file that can be a disk: of the right kind, locked, measured.
private struct Opened: ~Copyable {
    let path: String
    let file: FileDescriptor
    let length: UInt64
    let isBlockDevice: Bool

    init(_ name: String, _ readOnly: Bool) throws(DiskError.Reason) {
        let real: String
        let before: FileStatus
        do throws(Errno) {
            real = try Files.realPath(name)
            before = try Files.status(real)
        } catch {
            throw Self.reason(.find, error, writing: false)
        }
        // Opening something else can have an effect.
        try Self.check(before.kind)
        let file: FileDescriptor
        do throws(Errno) {
            var flags: OpenFlags = readOnly ? [.read, .nonblocking] : [.readWrite, .nonblocking]
            // For a block device: not while the host has it mounted.
            if before.kind == .blockDevice && !readOnly { flags.insert(.exclusive) }
            file = try FileDescriptor.open(path: real, flags)
        } catch {
            throw Self.reason(.open, error, writing: !readOnly)
        }
        do throws(Errno) {
            try file.lock(exclusive: !readOnly, wait: false)
        } catch {
            throw error == .again ? .locked(by: LockHolder.find(before)) : .host(.lock, error)
        }
        let status: FileStatus
        let length: UInt64
        do throws(Errno) {
            status = try file.status()
            length = status.kind == .blockDevice ? try file.end() : status.size
        } catch {
            throw Self.reason(.examine, error, writing: false)
        }
        // The name may have come to mean something else in between.
        try Self.check(status.kind)
        if length < Disk.sector { throw .empty }
        path = real
        self.file = file
        self.length = length
        isBlockDevice = status.kind == .blockDevice
    }

    private static func check(_ kind: FileStatus.Kind) throws(DiskError.Reason) {
        if kind != .regular && kind != .blockDevice { throw .kind(kind) }
    }

    private static func reason(_ step: DiskError.Step, _ error: Errno, writing: Bool) -> DiskError.Reason {
        switch error {
        case .noent, .notdir: .missing
        case .acces, .perm, .rofs: .notPermitted(writing: writing)
        case .busy: .busy
        case .fbig, .overflow: .tooLarge
        default: .host(step, error)
        }
    }
}
