// Why a value was refused, and what to type instead.

/// What is wrong with the text given to an option or operand.
enum ValueError: Error {
    /// Not a word of the list; the nearest one, if one is near.
    case notAChoice([String], nearest: String?)
    /// Not a number with K, M or G.
    case notASize
    /// Below the smallest or above the largest size, in bytes.
    case sizeOutOfRange(UInt64, UInt64)
    /// Not a multiple of so many bytes.
    case sizeNotAMultiple(UInt64)
    /// Not a number.
    case notAnAddress
    /// Beyond 32 bits.
    case addressTooLarge
    /// Not where an instruction can be.
    case addressNotAligned
    /// Not numbers with units.
    case notADuration
    /// A fraction of a nanosecond.
    case durationTooFine
    /// Beyond `Nanoseconds.longest`.
    case durationTooLong
    /// A duration of nothing, where something has to last.
    case durationIsZero
    /// Not a clock policy.
    case notAPolicy
    /// Neither RFC 3339 nor seconds since 1970.
    case notATime
    /// A day or hour that does not exist.
    case noSuchTime
    /// A fraction of a nanosecond.
    case timeTooFine
    /// Beyond what 64 bits of nanoseconds hold.
    case timeOutOfRange
    /// Not conformance rows.
    case notRows
    /// A range that ends before it begins.
    case emptyRows
    /// An empty file name.
    case noFileName
    /// A word after a device's name that is none of these.
    case notADeviceWord(String, String)
    /// A disk's serial number of no or too many bytes.
    case notASerial
    /// Not the name of a network interface.
    case notAnInterface
    /// Not the address of a network card.
    case notAMAC
    /// Neither a pseudo-terminal nor a socket.
    case notAConsole
}

extension ValueError {
    /// What is wrong and what to do about it, after a colon.
    var description: String {
        switch self {
        case .notAChoice(let names, nearest: nil): "unknown; use " + list(names)
        case .notAChoice(let names, nearest: .some(let nearest)):
            "unknown; did you mean '" + nearest + "'? There is " + list(names, last: " and ")
        case .notASize: "not a size; use a number with K, M or G, for example 64M"
        case .sizeOutOfRange(let minimum, let maximum):
            "out of range; use " + Size.format(minimum) + " to " + Size.format(maximum)
        case .sizeNotAMultiple(let step): "not a multiple of " + Size.format(step) + "; round it, for example 64M"
        case .notAnAddress: "not an address; use a number, hexadecimal after 0x, for example 0x80010000"
        case .addressTooLarge: "beyond 32 bits; use an address up to 0xfffffffc"
        case .addressNotAligned: "not a multiple of 4; instructions are aligned to 4 bytes"
        case .notADuration: "not a duration; use numbers with h, m, s, ms, us or ns, for example 1m30s or 250ms"
        case .durationTooFine: "finer than a nanosecond; use at most nine decimals of a second"
        case .durationTooLong: "too long; the longest duration is 292 years (2562047h)"
        case .durationIsZero: "no time at all; use more than 0"
        case .notAPolicy:
            "not a clock policy; use freeze, catch-up, catch-up-max=DURATION or at=TIME, for example catch-up-max=2s"
        case .notATime:
            "not a time; use 2026-01-02T03:04:05.678Z, or @ and seconds since 1970, for example @1767323045.678"
        case .noSuchTime: "no such day or time of day; the form is YEAR-MONTH-DAYTHOUR:MINUTE:SECONDZ"
        case .timeTooFine: "finer than a nanosecond; use at most nine decimals of a second"
        case .timeOutOfRange: "out of range; use a time from 1678 to 2261"
        case .notRows: "not rows; use ids, ranges and sections with commas between, for example T8,G1-G9,M"
        case .emptyRows: "a range that ends before it begins; put the smaller number first, for example T1-T9"
        case .noFileName: "no file name; name a file"
        case .notADeviceWord(let word, let known):
            "'" + word + "' after the comma is unknown; there is " + known + "; type a comma of a name twice"
        case .notASerial: "not a serial number; use 1 to 20 bytes, for example serial=ROOT"
        case .notAnInterface: "not an interface; use the name of a TAP interface, 1 to 15 bytes, for example tap0"
        case .notAMAC:
            "not an address of a single card; use six bytes, the first even, for example mac=52:54:00:12:34:56"
        case .notAConsole: "unknown; use pty or unix:PATH"
        }
    }
}
