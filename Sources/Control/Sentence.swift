// Text for people, put together of parts.
//
// Every `+` of strings is a hundred bytes of code where it stands, and the programs for MIPS are small. So the parts go into a list,
// and into one function.

/// The parts one behind the other.
@inline(never)
func sentence(_ parts: [String]) -> String {
    var bytes: [UInt8] = []
    for part in parts { bytes.append(contentsOf: part.utf8) }
    return String(decoding: bytes, as: UTF8.self)
}

/// Names for a sentence: "file, policy and stay-paused".
func list(_ names: [StaticString]) -> String {
    var parts: [String] = []
    for index in names.indices {
        if index > 0 { parts.append(index == names.count - 1 ? " and " : ", ") }
        parts.append(names[index].text)
    }
    return sentence(parts)
}

extension StaticString {
    var text: String {
        @inline(never)
        get { description }
    }
}

// By bytes: `==` of strings would need Unicode tables.
extension String {
    @inline(never)
    func same(as other: StaticString) -> Bool { utf8.elementsEqual(other.text.utf8) }

    /// What a client said, fit for one line: in quotes, without control characters, cut after 64 bytes.
    var quoted: String {
        var bytes: [UInt8] = [0x27]
        for byte in utf8 {
            // Cut only where a character begins.
            if bytes.count > 64 && byte & 0xC0 != 0x80 {
                for _ in 0..<3 { bytes.append(UInt8(ascii: ".")) }
                break
            }
            bytes.append(byte < 0x20 || byte == 0x7F ? 0x3F : byte)
        }
        bytes.append(0x27)
        return String(decoding: bytes, as: UTF8.self)
    }
}
