// Values that describe a device: a name, and words after commas. A comma of the name itself is typed twice, as with QEMU.

/// `--disk FILE[,ro][,serial=TEXT]`
public struct DiskChoice: Equatable, Sendable {
    public var path: String
    public var isReadOnly = false
    /// At most 20 bytes.
    public var serial = ""
}

/// `--net TAP[,mac=ADDRESS]`
public struct NetChoice: Equatable, Sendable {
    /// The host's TAP interface.
    public var tap: String
    /// Six bytes; nil for one made from the interface's name.
    public var mac: [UInt8]?
}

/// `--console pty` or `--console unix:PATH`
public enum ConsoleChoice: Equatable, Sendable {
    case pty
    case socket(String)
}

/// One virtio device.
public enum DeviceChoice: Equatable, Sendable {
    case disk(DiskChoice)
    case net(NetChoice)
    case console(ConsoleChoice)
    case entropy
}

extension DiskChoice {
    static func parse(_ text: String) throws(ValueError) -> DiskChoice {
        var words = splitAtCommas(text)
        var disk = DiskChoice(path: words.removeFirst())
        guard !disk.path.utf8.isEmpty else { throw .noFileName }
        for word in words {
            if word.same(as: "ro") {
                disk.isReadOnly = true
            } else if let serial = word.rest(after: "serial=") {
                guard !serial.utf8.isEmpty, serial.utf8.count <= 20 else { throw .notASerial }
                disk.serial = serial
            } else {
                throw .notADeviceWord(word, "ro and serial=TEXT")
            }
        }
        return disk
    }
}

extension NetChoice {
    static func parse(_ text: String) throws(ValueError) -> NetChoice {
        var words = splitAtCommas(text)
        var net = NetChoice(tap: words.removeFirst())
        // The kernel's limit (IFNAMSIZ).
        guard !net.tap.utf8.isEmpty, net.tap.utf8.count <= 15, !net.tap.utf8.contains(UInt8(ascii: "/")) else {
            throw .notAnInterface
        }
        for word in words {
            guard let address = word.rest(after: "mac=") else { throw .notADeviceWord(word, "mac=ADDRESS") }
            net.mac = try bytes(of: address)
        }
        return net
    }

    /// Six numbers of two hexadecimal digits, of a single station.
    private static func bytes(of text: String) throws(ValueError) -> [UInt8] {
        var bytes: [UInt8] = []
        let characters = Array(text.utf8)
        guard characters.count == 17 else { throw .notAMAC }
        for index in 0..<17 where index % 3 != 1 {
            guard index % 3 == 0 else {
                guard characters[index] == UInt8(ascii: ":") else { throw .notAMAC }
                continue
            }
            guard let high = digit(characters[index]), let low = digit(characters[index + 1]) else { throw .notAMAC }
            bytes.append(high << 4 | low)
        }
        guard bytes[0] & 1 == 0 else { throw .notAMAC }
        return bytes
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension ConsoleChoice {
    static func parse(_ text: String) throws(ValueError) -> ConsoleChoice {
        if text.same(as: "pty") { return .pty }
        guard let path = text.rest(after: "unix:") else { throw .notAConsole }
        guard !path.utf8.isEmpty else { throw .noFileName }
        return .socket(path)
    }
}

/// The parts between single commas; two commas are one of the text.
private func splitAtCommas(_ text: String) -> [String] {
    var parts: [String] = []
    var part: [UInt8] = []
    let bytes = Array(text.utf8)
    var index = 0
    while index < bytes.count {
        let isComma = bytes[index] == UInt8(ascii: ",")
        if isComma && (index + 1 == bytes.count || bytes[index + 1] != UInt8(ascii: ",")) {
            parts.append(String(decoding: part, as: UTF8.self))
            part = []
        } else {
            part.append(bytes[index])
            if isComma { index += 1 }
        }
        index += 1
    }
    parts.append(String(decoding: part, as: UTF8.self))
    return parts
}

extension String {
    /// What follows a beginning, nil without it.
    fileprivate func rest(after start: String) -> String? {
        let (bytes, wanted) = (Array(utf8), Array(start.utf8))
        guard bytes.starts(with: wanted) else { return nil }
        return String(decoding: bytes[wanted.count...], as: UTF8.self)
    }
}
