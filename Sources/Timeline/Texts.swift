// Numbers and words as people read them.

/// A whole number with its decimal point so many digits from the right.
@inline(never)
func fixedText(_ value: Int64, decimals: Int) -> String {
    var digits: [UInt8] = []
    decimal(value.magnitude, to: &digits)
    while digits.count <= decimals { digits.insert(0x30, at: 0) }
    if decimals > 0 { digits.insert(UInt8(ascii: "."), at: digits.count - decimals) }
    // A minus as wide as a plus.
    return (value < 0 ? "\u{2212}" : "") + String(decoding: digits, as: UTF8.self)
}

/// A length of time, rounded to what a picture shows of it: `1.25 s`, `400 ms`, `3 h 20 min`.
@inline(never)
func spanText(_ nanoseconds: Int64) -> String {
    let sign = nanoseconds < 0 ? "\u{2212}" : ""
    let length = nanoseconds.magnitude
    let second: UInt64 = 1_000_000_000
    if length < 1000 { return sign + "\(length) ns" }
    // Units of time go on by a thousand up to the second.
    if length < 999_500 { return sign + rounded(length, 1000) + " µs" }
    if length < 999_500_000 { return sign + rounded(length, 1_000_000) + " ms" }
    if length < 120 * second { return sign + rounded(length, second) + " s" }
    let seconds = length / second
    if seconds < 7200 { return sign + pair(seconds, 60, "min", 1, "s") }
    if seconds < 172_800 { return sign + pair(seconds, 3600, "h", 60, "min") }
    return sign + pair(seconds, 86_400, "d", 3600, "h")
}

/// Three decimals at most, without zeros at the end.
private func rounded(_ value: UInt64, _ unit: UInt64) -> String {
    var (number, decimals) = ((value * 1000 + unit / 2) / unit, 3)
    while decimals > 0, number % 10 == 0 {
        number /= 10
        decimals -= 1
    }
    return fixedText(Int64(number), decimals: decimals)
}

private func pair(_ value: UInt64, _ large: UInt64, _ name: String, _ small: UInt64, _ smallName: String) -> String {
    let rest = value % large / small
    return "\(value / large) " + name + (rest == 0 ? "" : " \(rest) " + smallName)
}

/// A policy's word for a label: `catch-up-max=500000000ns` with a readable length, a calendar instant to the millisecond; cut
/// where it would be too long.
@inline(never)
func policyText(_ policy: String) -> String {
    var bytes = Array(policy.utf8)
    let equals = bytes.firstIndex(of: UInt8(ascii: "="))
    if let equals, bytes.count > equals + 3, bytes.suffix(2).elementsEqual("ns".utf8) {
        var value: UInt64 = 0
        var isNumber = true
        for byte in bytes[(equals + 1)..<(bytes.count - 2)] {
            guard byte >= 0x30, byte <= 0x39, value < 1 << 58 else {
                isNumber = false
                break
            }
            value = value * 10 + UInt64(byte - 0x30)
        }
        if isNumber {
            return String(decoding: bytes[...equals], as: UTF8.self) + spanText(Int64(clamping: value))
        }
    } else if equals != nil, bytes.last == UInt8(ascii: "Z"), bytes.contains(UInt8(ascii: ".")) {
        bytes.removeLast()
        if let point = bytes.lastIndex(of: UInt8(ascii: ".")) { bytes.removeLast(max(0, bytes.count - point - 4)) }
        while bytes.last == 0x30 { bytes.removeLast() }
        if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
        bytes.append(UInt8(ascii: "Z"))
    }
    return shortened(String(decoding: bytes, as: UTF8.self), to: 32)
}

/// At most so many characters, the last one of them then an ellipsis. Characters are counted as Unicode scalars.
@inline(never)
func shortened(_ text: String, to limit: Int) -> String {
    guard length(text) > limit else { return text }
    var bytes: [UInt8] = []
    var count = 0
    for byte in text.utf8 {
        if byte & 0xC0 != 0x80 { count += 1 }
        if count >= limit { break }
        bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self) + "…"
}

/// How many Unicode scalars a text has.
@inline(never)
func length(_ text: String) -> Int {
    var count = 0
    for byte in text.utf8 where byte & 0xC0 != 0x80 { count += 1 }
    return count
}
