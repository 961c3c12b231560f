// What can be wrong with a disk, in one line each.

public import Host

/// Why a file cannot be a disk.
public struct DiskError: Error, Equatable, Sendable {
    /// What the user called it.
    public let path: String
    public let reason: Reason

    public init(path: String, _ reason: Reason) {
        self.path = path
        self.reason = reason
    }

    public enum Reason: Error, Equatable, Sendable {
        case missing
        /// Neither a regular file nor a block device.
        case kind(FileStatus.Kind)
        /// Somebody else has it open as a disk: this process, if the host tells.
        case locked(by: Int32?)
        /// A block device that somebody has claimed: the host, because it is mounted, or another machine.
        case busy
        case notPermitted(writing: Bool)
        /// It has fewer bytes than a sector.
        case empty
        /// Longer than this host can address.
        case tooLarge
        /// A serial number has at most 20 bytes; this one has so many.
        case serial(Int)
        case host(Step, Errno)
    }

    public enum Step: Equatable, Sendable {
        case find, open, examine, lock
    }
}

extension DiskError: CustomStringConvertible {
    public var description: String { "disk " + path + reason.text(path) }
}

extension DiskError.Reason {
    func text(_ path: String) -> String {
        switch self {
        case .missing: ": there is no such file; `truncate -s 1G " + path + "` makes one"
        case .kind(let kind): " is a " + kind.description + ": name a raw image or a block device"
        case .locked(by: nil): " is in use by another machine, and two would destroy it: stop that one first"
        case .locked(by: let process?):
            " is in use by process " + String(process) + ", and two machines would destroy it: stop that one first"
        case .busy: " is in use, by the host or by another machine: unmount it or stop that one first"
        case .notPermitted(writing: true):
            " may not be written by this user: change its permissions, or connect it read-only"
        case .notPermitted(writing: false): " may not be read by this user: change its permissions"
        case .empty: " has no sector of 512 bytes: give it a size, as `truncate -s 1G " + path + "` does"
        case .tooLarge: " is too large for this host"
        case .serial(let count): ": a serial number has at most 20 bytes, this one has " + String(count)
        case .host(let step, let error): step.text + ": " + error.description
        }
    }
}

extension DiskError.Step {
    var text: String {
        switch self {
        case .find: " cannot be found"
        case .open: " cannot be opened"
        case .examine: " cannot be examined"
        case .lock: " cannot be locked, so another machine could use it too"
        }
    }
}

/// A request the host could not do. The guest was told of an I/O error.
public struct DiskFailure: Equatable, Sendable {
    public enum Action: Equatable, Sendable {
        case read, write, flush, discard, writeZeroes
    }

    public var path: String
    public var action: Action
    /// In bytes.
    public var offset: UInt64
    public var count: UInt64
    /// Nil when the file has become shorter than it was.
    public var error: Errno?
}

extension DiskFailure: CustomStringConvertible {
    public var description: String {
        var text = "disk " + path + ": " + action.text
        if action != .flush { text += " " + String(count) + " bytes at offset " + String(offset) }
        text += " failed: "
        text += error?.description ?? "the file is shorter than when the machine started"
        switch error {
        case .nospc, .dquot: text += "; make room where it lies"
        case .io: text += "; the host's log may say why"
        case nil: text += "; put back what is missing"
        default: break
        }
        return text + "; the guest was told"
    }
}

extension DiskFailure.Action {
    var text: String {
        switch self {
        case .read: "reading"
        case .write: "writing"
        case .flush: "flushing"
        case .discard: "discarding"
        case .writeZeroes: "clearing"
        }
    }
}
