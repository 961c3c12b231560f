// What becomes of the time a guest did not see, as a user says it.

/// The clock policy at resume and restore. The words and meanings are those of module Timekeeping, which does the work;
/// this module stays a leaf and has its own type for the text.
public enum ClockPolicyChoice: Equatable, Sendable {
    /// `freeze`: the guest sees no gap.
    case freeze
    /// `catch-up`: the guest sees all of it pass at once.
    case catchUp
    /// `catch-up-max=D`: the guest sees at most so much of it pass.
    case catchUpMax(nanoseconds: UInt64)
    /// `at=T`: the guest goes on as if it were that instant. Nanoseconds of real time since 1970.
    case at(realtimeNanoseconds: Int64)

    /// The forms a user may type, for help and completion.
    static let forms = ["freeze", "catch-up", "catch-up-max=", "at="]

    /// Reads a policy; nil for a text that is none.
    public init?(reading text: String) {
        do throws(ValueError) {
            self = try Self.parse(text)
        } catch {
            return nil
        }
    }

    /// Reads a policy.
    ///
    /// - Throws: `notAPolicy`, or what a duration and an instant throw.
    static func parse(_ text: String) throws(ValueError) -> ClockPolicyChoice {
        if text.same(as: "freeze") { return .freeze }
        if text.same(as: "catch-up") { return .catchUp }
        if text.begins(with: "catch-up-max=") {
            return .catchUpMax(nanoseconds: try Nanoseconds.parse(text.dropping(13)))
        }
        if text.begins(with: "at=") { return .at(realtimeNanoseconds: try Instant.parse(text.dropping(3))) }
        throw .notAPolicy
    }
}
