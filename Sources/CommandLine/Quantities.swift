// Sizes, addresses and durations as text.

/// Sizes of memory: a number with K, M or G (powers of 1024).
enum Size {
    /// Reads a size in bytes.
    ///
    /// - Throws: `notASize`, `sizeOutOfRange`, `sizeNotAMultiple`.
    static func parse(_ text: String, from minimum: UInt64, to maximum: UInt64, step: UInt64) throws(ValueError)
        -> UInt64
    {
        var reader = Reader(text)
        guard reader.digit() != nil else { throw .notASize }
        // A number beyond 64 bits is a size, only too large a one.
        guard let number = reader.number() else { throw .sizeOutOfRange(minimum, maximum) }
        let unit: UInt64
        switch reader.next {
        case UInt8(ascii: "K"), UInt8(ascii: "k"): unit = 1 << 10
        case UInt8(ascii: "M"), UInt8(ascii: "m"): unit = 1 << 20
        case UInt8(ascii: "G"), UInt8(ascii: "g"): unit = 1 << 30
        default: throw .notASize
        }
        reader.advance()
        guard reader.isAtEnd else { throw .notASize }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: unit)
        guard !overflow, bytes >= minimum, bytes <= maximum else { throw .sizeOutOfRange(minimum, maximum) }
        guard bytes % step == 0 else { throw .sizeNotAMultiple(step) }
        return bytes
    }

    /// The shortest text that stands for so many bytes.
    static func format(_ bytes: UInt64) -> String {
        if bytes == 0 { return "0" }
        if bytes % (1 << 30) == 0 { return "\(bytes >> 30)G" }
        if bytes % (1 << 20) == 0 { return "\(bytes >> 20)M" }
        if bytes % (1 << 10) == 0 { return "\(bytes >> 10)K" }
        return "\(bytes)"
    }
}

/// Guest addresses: 32 bits, hexadecimal after `0x`, decimal otherwise.
enum Address {
    /// Reads the address of an instruction.
    ///
    /// - Throws: `notAnAddress`, `addressTooLarge`, `addressNotAligned`.
    static func parse(_ text: String) throws(ValueError) -> UInt32 {
        let isHexadecimal = text.begins(with: "0x") || text.begins(with: "0X")
        let radix: UInt64 = isHexadecimal ? 16 : 10
        var value: UInt64 = 0
        var digits = 0
        for byte in Array(text.utf8)[(isHexadecimal ? 2 : 0)...] {
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x41 + 10
            case 0x61...0x66: digit = byte - 0x61 + 10
            default: throw .notAnAddress
            }
            guard UInt64(digit) < radix else { throw .notAnAddress }
            // Once too large it stays so; the rest is only checked for being digits.
            value = min(value * radix + UInt64(digit), 1 << 32)
            digits += 1
        }
        guard digits > 0 else { throw .notAnAddress }
        guard value < 1 << 32 else { throw .addressTooLarge }
        guard value % 4 == 0 else { throw .addressNotAligned }
        return UInt32(value)
    }
}

/// Lengths of time: numbers with units, the larger unit first, as in `250ms`, `1.5s` or `1h2m3s`.
enum Nanoseconds {
    /// The longest duration, about 292 years: what a signed 64-bit count of nanoseconds holds.
    static let longest = UInt64(Int64.max)

    /// Reads a duration, exact to the nanosecond.
    ///
    /// - Throws: `notADuration`, `durationTooFine`, `durationTooLong`.
    static func parse(_ text: String) throws(ValueError) -> UInt64 {
        var reader = Reader(text)
        var total: UInt64 = 0
        var previousUnit = UInt64.max
        guard !reader.isAtEnd else { throw .notADuration }
        while !reader.isAtEnd {
            guard reader.digit() != nil else { throw .notADuration }
            guard let whole = reader.number() else { throw .durationTooLong }
            var fraction: [UInt8] = []
            let hasFraction = reader.take(UInt8(ascii: "."))
            while hasFraction, let digit = reader.digit() {
                fraction.append(digit)
                reader.advance()
            }
            guard let unit = unit(&reader), unit < previousUnit, hasFraction == !fraction.isEmpty else {
                throw .notADuration
            }
            // A fraction of anything but the last unit would be a riddle.
            guard !hasFraction || reader.isAtEnd else { throw .notADuration }
            previousUnit = unit
            let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
            let (sum, carry) = total.addingReportingOverflow(product)
            guard !overflow, !carry, sum <= longest else { throw .durationTooLong }
            total = sum + (try parts(fraction, of: unit))
        }
        guard total <= longest else { throw .durationTooLong }
        return total
    }

    /// The shortest text that stands for so many nanoseconds.
    static func format(_ nanoseconds: UInt64) -> String {
        if nanoseconds == 0 { return "0s" }
        var rest = nanoseconds
        var text = ""
        for (name, unit) in units where rest >= unit {
            text += "\(rest / unit)" + name
            rest %= unit
        }
        return text
    }

    /// The units, the largest first.
    private static let units: [(String, UInt64)] = [
        ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000),
        ("ns", 1),
    ]

    /// Reads the name of a unit and gives its length in nanoseconds.
    private static func unit(_ reader: inout Reader) -> UInt64? {
        // The shorter units first: `m` also begins `ms`.
        for (name, unit) in units.reversed() where reader.take(name) { return unit }
        return nil
    }

    /// The nanoseconds in a decimal fraction of a unit. Nothing is ever rounded.
    private static func parts(_ fraction: [UInt8], of unit: UInt64) throws(ValueError) -> UInt64 {
        var digits = fraction[...]
        while digits.last == 0 { digits.removeLast() }
        var total: UInt64 = 0
        var place = unit
        while let digit = digits.first, place % 10 == 0 {
            place /= 10
            total += UInt64(digit) * place
            digits.removeFirst()
        }
        // What remains of the unit has no factor 10 any more: at most 36 (an hour), so that two further digits are the
        // most that can come out even, as in 0.25 of 36.
        guard digits.count <= 2 else { throw .durationTooFine }
        var rest: UInt64 = 0
        var scale: UInt64 = 1
        for digit in digits {
            rest = rest * 10 + UInt64(digit)
            scale *= 10
        }
        guard rest * place % scale == 0 else { throw .durationTooFine }
        return total + rest * place / scale
    }
}
