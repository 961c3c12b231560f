// Why a client got no answer.

public import Host

/// Why a machine was not reached, or did not do what it was asked for.
public struct ControlClientError: Error, Equatable, Sendable {
    public enum Reason: Equatable, Sendable {
        /// There is no socket, or nobody behind it.
        case nobodyListens
        /// The host refuses the connection.
        case socket(Errno)
        /// Whoever listens speaks another language.
        case notStasis
        /// It speaks a newer protocol, of this number.
        case newerProtocol(Int64)
        /// It says no.
        case refused(ControlFailure)
        /// The connection ended before the answer.
        case closedEarly
        /// The answer took too long.
        case timedOut
        /// A signal came first.
        case interrupted
    }

    public let path: String
    public let reason: Reason

    public init(path: String, _ reason: Reason) {
        self.path = path
        self.reason = reason
    }
}

extension ControlClientError: CustomStringConvertible {
    /// One line: where, what, why, and what to do.
    public var description: String {
        let what: String
        var detail = ""
        switch reason {
        case .nobodyListens: what = "no machine is controlled there; start one with --control and this path"
        case .socket(let errno):
            what = "cannot connect: "
            detail = errno.description
        case .notStasis: what = "whoever listens there is not Stasis; use the path of the machine's --control"
        case .newerProtocol(let number):
            what = "the machine is newer than this program; use the one that runs it: protocol "
            detail = String(number)
        case .refused(let failure):
            what = ""
            detail = failure.text
        case .closedEarly: what = "the machine ended before it answered"
        case .timedOut: what = "no answer in time; the machine may be stopped, or have too many clients"
        case .interrupted: what = "interrupted before the answer"
        }
        return sentence([path, ": ", what, detail])
    }
}
