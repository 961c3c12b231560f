// What becomes of the time between a freeze and a thaw: the user's choice.

/// How much of a gap the guest sees. One vocabulary for pause and resume and for files.
public enum ClockPolicy: Equatable, Sendable {
    /// Nothing: the guest goes on as if no time had passed.
    case freeze
    /// All of it: the guest's clock agrees with the host's again.
    case catchUp
    /// All of it, at most so many nanoseconds.
    case catchUpMax(nanoseconds: UInt64)
    /// As much as makes it that instant by the guest's wall clock, in nanoseconds since 1970 UTC. That clock is the host's less what
    /// earlier policies hid (`TimeLedger.total`).
    case at(realtimeNanoseconds: Int64)
}

extension ClockPolicy: CustomStringConvertible {
    /// The words of the command line.
    public var description: String {
        switch self {
        case .freeze: "freeze"
        case .catchUp: "catch-up"
        case .catchUpMax(let nanoseconds): "catch-up-max=\(nanoseconds)ns"
        case .at(let realtime): "at=" + calendarText(realtime)
        }
    }
}

/// An instant as RFC 3339 writes it, in UTC with nanoseconds, from nanoseconds since 1970.
public func calendarText(_ realtime: Int64) -> String {
    let second: Int64 = 1_000_000_000
    let day: Int64 = 86_400 * second
    let (days, inDay) = floorDivided(realtime, by: day)
    let date = civilDate(days)
    let seconds = inDay / second
    return padded(date.year, 4) + "-" + padded(date.month, 2) + "-" + padded(date.day, 2) + "T"
        + padded(seconds / 3600, 2) + ":" + padded(seconds / 60 % 60, 2) + ":" + padded(seconds % 60, 2) + "."
        + padded(inDay % second, 9) + "Z"
}

/// A span for people: `-1.500000000 s`.
public func spanText(_ nanoseconds: Int64) -> String {
    let magnitude = nanoseconds.magnitude
    return (nanoseconds < 0 ? "-" : "") + "\(magnitude / 1_000_000_000)."
        + padded(Int64(magnitude % 1_000_000_000), 9) + " s"
}

private func padded(_ value: Int64, _ width: Int) -> String {
    var text = "\(value)"
    while text.utf8.count < width { text = "0" + text }
    return text
}

private func floorDivided(_ value: Int64, by divisor: Int64) -> (Int64, Int64) {
    let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
    return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
}

/// Year, month and day of a number of days since 1970, in the Gregorian calendar: eras of 400 years that begin on 1
/// March, so that the leap day is the last of its year.
private func civilDate(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, inEra) = floorDivided(days + 719_468, by: 146_097)
    let yearOfEra = (inEra - inEra / 1460 + inEra / 36_524 - inEra / 146_096) / 365
    let dayOfYear = inEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
}
