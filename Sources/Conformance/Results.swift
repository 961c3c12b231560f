// What became of the rows.

public import Hypervisor

/// What became of a row.
public enum Outcome: Equatable, Sendable {
    case passed
    /// What was expected and what came, by name, numbers in hexadecimal.
    case failed(String)
    /// Why the row cannot be checked here.
    case skipped(String)
}

extension Outcome: CustomStringConvertible {
    public var description: String {
        switch self {
        case .passed: "passed"
        case .failed(let text): "failed: " + text
        case .skipped(let text): "skipped: " + text
        }
    }
}

/// A row and what became of it.
public struct RowResult: Sendable {
    public let row: RowID
    public let outcome: Outcome
    /// How long the check took, on the host's monotonic clock.
    public let nanoseconds: UInt64

    public init(row: RowID, outcome: Outcome, nanoseconds: UInt64) {
        self.row = row
        self.outcome = outcome
        self.nanoseconds = nanoseconds
    }
}

/// What became of the rows of one run.
public struct Results: Sendable {
    /// What was checked.
    public let profile: Profile
    /// In the order they ran.
    public internal(set) var list: [RowResult] = []

    init(profile: Profile) { self.profile = profile }

    public var passed: Int { count { $0 == .passed } }
    public var failed: Int { count { if case .failed = $0 { true } else { false } } }
    public var skipped: Int { count { if case .skipped = $0 { true } else { false } } }
    /// No row failed, and at least one passed.
    public var isSuccess: Bool { failed == 0 && passed > 0 }

    private func count(_ isCounted: (Outcome) -> Bool) -> Int {
        var n = 0
        for result in list where isCounted(result.outcome) { n += 1 }
        return n
    }
}

/// Whether a row says something about a profile.
public enum Applicability: Equatable, Sendable {
    case yes
    case skip(String)
}

/// How a check ends when it does not pass.
enum Verdict: Error {
    case failed(String)
    case skipped(String)

    var outcome: Outcome {
        switch self {
        case .failed(let text): .failed(text)
        case .skipped(let text): .skipped(text)
        }
    }
}
