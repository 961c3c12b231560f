// Which Linux this is, for defects that cannot be tried.

import Host

/// A version of Linux: 6.1.192.
public struct KernelVersion: Comparable, Sendable, CustomStringConvertible {
    public var major: UInt32
    public var minor: UInt32
    public var patch: UInt32

    public init(_ major: UInt32, _ minor: UInt32, _ patch: UInt32 = 0) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Reads the beginning of a release as `uname` tells it: "5.10.0-34-4kc-malta", "6.5-rc1". nil without two numbers.
    public init?(release: String) { self.init(bytes: release.utf8[...]) }

    private init?(bytes: Substring.UTF8View) {
        var numbers: [UInt32] = []
        var number: UInt32?
        for byte in bytes {
            if byte >= 0x30, byte <= 0x39 {
                // No version has numbers near this; one that had would not be told from another.
                number = min((number ?? 0) * 10 + UInt32(byte - 0x30), 1_000_000)
                continue
            }
            guard byte == UInt8(ascii: "."), let complete = number, numbers.count < 2 else { break }
            numbers.append(complete)
            number = nil
        }
        if let number { numbers.append(number) }
        guard numbers.count >= 2 else { return nil }
        self.init(numbers[0], numbers[1], numbers.count > 2 ? numbers[2] : 0)
    }

    /// The running kernel's. Debian's releases say 6.1.0 for every 6.1; the version it was made of stands in /proc/version.
    public static func running() -> KernelVersion? {
        let release = Process.kernelRelease.flatMap { KernelVersion(release: $0) }
        guard let text = try? Files.readWhole("/proc/version", limit: 4096) else { return release }
        return debian(text) ?? release
    }

    /// The version after the last " Debian " of a banner.
    static func debian(_ banner: [UInt8]) -> KernelVersion? {
        let mark = Array(" Debian ".utf8)
        var found: KernelVersion?
        for start in banner.indices where banner[start...].starts(with: mark) {
            let rest = String(decoding: banner[(start + mark.count)...], as: UTF8.self)
            found = KernelVersion(release: rest) ?? found
        }
        return found
    }

    /// Whether creating a vCPU may crash this kernel, if it virtualizes by VZ: 5.13 to 6.4 use a part of the vCPU that they no longer
    /// allocate (reference 9). Stable series have been repaired since July 2023, so "may": 6.1.192 is known to be.
    public var mayCrashAtVCPUCreation: Bool {
        let repaired = self >= KernelVersion(6, 1, 192) && self < KernelVersion(6, 2)
        return self >= KernelVersion(5, 13) && self < KernelVersion(6, 5) && !repaired
    }

    public var description: String { "\(major).\(minor).\(patch)" }

    public static func < (a: KernelVersion, b: KernelVersion) -> Bool {
        if a.major != b.major { return a.major < b.major }
        return a.minor != b.minor ? a.minor < b.minor : a.patch < b.patch
    }
}
