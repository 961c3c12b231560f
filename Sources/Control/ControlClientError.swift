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
        let start = path + ": "
        switch reason {
        case .nobodyListens: return start + "no machine is controlled there; start one with --control " + path
        case .socket(let errno): return start + "cannot connect: " + errno.description
        case .notStasis:
            return start + "whoever listens there is not Stasis; look for the path of the machine's --control"
        case .newerProtocol(let number):
            return start
                + "the machine speaks protocol \(number), this program \(Control.version); use the program that runs it"
        case .refused(let failure): return start + failure.text
        case .closedEarly: return start + "the machine ended before it answered"
        case .timedOut: return start + "no answer in time; the machine may be stopped, or have too many clients"
        case .interrupted: return start + "interrupted before the answer"
        }
    }
}
