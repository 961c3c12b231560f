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
        let what: String
        var detail = ""
        switch reason {
        case .pathTooLong: what = "the path has more than 107 bytes; choose a shorter one"
        case .inUse: what = "another machine is controlled there; choose another path, or end that machine"
        case .notASocket(let kind):
            what = "there is something that is no socket; choose another path, or remove the "
            detail = kind.description
        case .socket(let errno):
            what = "cannot be made: "
            detail = errno.description
        case .thread(let errno):
            what = "cannot be served: "
            detail = errno.description
        }
        return sentence(["control socket ", path, ": ", what, detail])
    }
}
