// Instants as text: RFC 3339, or seconds since 1970 after an `@`.

/// A point of real time: nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX). Signed 64 bits of
/// them reach from 1677 to 2262.
enum Instant {
    /// Reads `2026-01-02T03:04:05.678Z`, `2026-01-02T03:04:05+01:00` or `@1767323045.678`, exact to the nanosecond.
    ///
    /// - Throws: `notATime`, `noSuchTime`, `timeTooFine`, `timeOutOfRange`.
    static func parse(_ text: String) throws(ValueError) -> Int64 {
        var reader = Reader(text)
        let result = reader.take(UInt8(ascii: "@")) ? try count(&reader) : try date(&reader)
        guard reader.isAtEnd else { throw .notATime }
        return result
    }

    /// Reads seconds since 1970 with an optional sign and fraction.
    private static func count(_ reader: inout Reader) throws(ValueError) -> Int64 {
        let isNegative = reader.take(UInt8(ascii: "-"))
        guard reader.digit() != nil else { throw .notATime }
        guard let number = reader.number(), let seconds = Int64(exactly: number) else { throw .timeOutOfRange }
        let fraction = try fraction(&reader)
        return isNegative ? try sum(-seconds, -fraction) : try sum(seconds, fraction)
    }

    /// Reads a date and time of RFC 3339, section 5.6.
    private static func date(_ reader: inout Reader) throws(ValueError) -> Int64 {
        guard let year = reader.number(digits: 4), reader.take(UInt8(ascii: "-")),
            let month = reader.number(digits: 2), reader.take(UInt8(ascii: "-")),
            let day = reader.number(digits: 2),
            // Section 5.6 allows lower case and, for readability, a space.
            reader.take(UInt8(ascii: "T")) || reader.take(UInt8(ascii: "t")) || reader.take(UInt8(ascii: " ")),
            let hour = reader.number(digits: 2), reader.take(UInt8(ascii: ":")),
            let minute = reader.number(digits: 2), reader.take(UInt8(ascii: ":")),
            let second = reader.number(digits: 2)
        else { throw .notATime }
        let fraction = try fraction(&reader)
        guard let offset = try offset(&reader) else { throw .notATime }
        guard month >= 1, month <= 12, day >= 1, day <= daysIn(month: month, year: year) else { throw .noSuchTime }
        // POSIX time has no leap second, so 60 has no number of its own.
        guard hour <= 23, minute <= 59, second <= 59 else { throw .noSuchTime }
        let days = daysSince1970(year: year, month: month, day: day)
        return try sum(((days * 24 + hour) * 60 + minute) * 60 + second - offset * 60, fraction)
    }

    /// Reads `Z` or `+01:00`; gives the minutes by which the local time is ahead, `nil` if neither is there.
    private static func offset(_ reader: inout Reader) throws(ValueError) -> Int64? {
        if reader.take(UInt8(ascii: "Z")) || reader.take(UInt8(ascii: "z")) { return 0 }
        let isBehind = reader.take(UInt8(ascii: "-"))
        guard isBehind || reader.take(UInt8(ascii: "+")), let hours = reader.number(digits: 2),
            reader.take(UInt8(ascii: ":")), let minutes = reader.number(digits: 2)
        else { return nil }
        guard hours <= 23, minutes <= 59 else { throw .noSuchTime }
        return isBehind ? -(hours * 60 + minutes) : hours * 60 + minutes
    }

    /// Reads an optional fraction of a second, in nanoseconds.
    private static func fraction(_ reader: inout Reader) throws(ValueError) -> Int64 {
        guard reader.take(UInt8(ascii: ".")) else { return 0 }
        guard reader.digit() != nil else { throw .notATime }
        var total: Int64 = 0
        var place: Int64 = 100_000_000
        while let digit = reader.digit() {
            if place == 0 && digit != 0 { throw .timeTooFine }
            total += Int64(digit) * place
            place /= 10
            reader.advance()
        }
        return total
    }

    private static func sum(_ seconds: Int64, _ nanoseconds: Int64) throws(ValueError) -> Int64 {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = product.addingReportingOverflow(nanoseconds)
        if overflow || carry { throw .timeOutOfRange }
        return sum
    }

    private static func daysIn(month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970-01-01 to a day of the Gregorian calendar. Counting years from March puts the leap day last, where
    /// it needs no table: the days before a month are then (153 m + 2) / 5.
    private static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
        let years = month <= 2 ? year - 1 + 400 : year + 400
        let months = month <= 2 ? month + 9 : month - 3
        let leapDays = years / 4 - years / 100 + years / 400
        // 719,468 days lie between 0000-03-01 and 1970-01-01, and 146,097 in the 400 years added above, which keep year 0
        // positive.
        return years * 365 + leapDays + (153 * months + 2) / 5 + day - 1 - 719_468 - 146_097
    }
}
