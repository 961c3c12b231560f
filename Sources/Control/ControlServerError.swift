// Why a machine cannot be controlled at a path.

public import Host

/// Why there is no control socket.
public struct ControlServerError: Error, Equatable, Sendable {
    public enum Reason: Equatable, Sendable {
        /// Longer than an address of a local socket: 107 bytes.
        case pathTooLong
        /// Somebody listens there.
        case inUse
        /// There is something else, which is left alone.
        case notASocket(FileStatus.Kind)
        /// The host refuses the socket.
        case socket(Errno)
        /// The host refuses the server's thread or its event counters.
        case thread(Errno)
    }

    public let path: String
    public let reason: Reason

    public init(path: String, _ reason: Reason) {
        self.path = path
        self.reason = reason
    }
}

extension ControlServerError: CustomStringConvertible {
    /// One line: where, what, why, and what to do.
    public var description: String {
        let start = "control socket " + path + ": "
        switch reason {
        case .pathTooLong: return start + "the path has more than 107 bytes; choose a shorter one"
        case .inUse: return start + "another machine is controlled there; choose another path, or end that machine"
        case .notASocket(let kind):
            return start + "there is a " + kind.description + " already; choose another path, or remove it"
        case .socket(let errno): return start + "cannot be made: " + errno.description
        case .thread(let errno): return start + "cannot be served: " + errno.description
        }
    }
}
