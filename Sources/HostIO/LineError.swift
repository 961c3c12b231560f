// What can be wrong with a console's line or a socket's path, in one line each.

public import Host

/// Why a pseudo-terminal or a socket cannot be made.
public struct LineError: Error, Equatable, Sendable {
    /// The socket's path, empty for a pseudo-terminal.
    public let path: String
    public let reason: Reason

    public init(path: String, _ reason: Reason) {
        self.path = path
        self.reason = reason
    }

    public enum Reason: Error, Equatable, Sendable {
        /// Another program listens there.
        case inUse
        /// Something that is no socket has the name.
        case taken(FileStatus.Kind)
        /// The system allows 107 bytes; it has so many.
        case tooLong(Int)
        case noDirectory
        case notPermitted
        case host(Errno)
    }
}

extension LineError: CustomStringConvertible {
    public var description: String {
        (path.utf8.isEmpty ? "pseudo-terminal" : "socket " + path) + reason.text
    }
}

extension LineError.Reason {
    var text: String {
        switch self {
        case .inUse: " is in use: stop the program that listens there, or choose another path"
        case .taken(let kind): ": a " + kind.description + " has this name and is not replaced; choose another path"
        case .tooLong(let count): ": a path has at most 107 bytes, this one has " + String(count)
        case .noDirectory: ": its directory does not exist; make it first"
        case .notPermitted: ": this user may not make a file there; choose another path"
        case .host(let error): " cannot be made: " + error.description
        }
    }
}
