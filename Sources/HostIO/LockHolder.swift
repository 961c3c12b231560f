// Who holds the lock of a file, by the kernel's list of locks (proc(5), /proc/locks).

import Host

enum LockHolder {
    /// The process that locked a file with `flock`. Nil when the list does not tell: another machine over a network
    /// file system, another container, or a file system whose numbers in the list are not those of its files.
    static func find(_ status: FileStatus) -> Int32? {
        // Without a list, there is no name; the error about the lock is thrown all the same.
        guard let list = try? Files.readWhole("/proc/locks", limit: 1 << 20) else { return nil }
        return find(device: status.device, inode: status.inode, in: list)
    }

    /// The same in a given list. A line: number, `FLOCK`, `ADVISORY`, `WRITE`, process, `major:minor:inode`, from, to.
    /// Those that only wait have an arrow behind their number.
    static func find(device: UInt64, inode: UInt64, in list: [UInt8]) -> Int32? {
        // Linux's coding of both halves of a device's number in 64 bits.
        let major = device >> 8 & 0xFFF | device >> 32 & ~0xFFF
        let minor = device & 0xFF | device >> 12 & ~0xFF
        let file = Array((hexadecimal(major) + ":" + hexadecimal(minor) + ":" + String(inode)).utf8)
        let flock = Array("FLOCK".utf8)
        for line in list.split(separator: UInt8(ascii: "\n")) {
            let words = line.split(separator: UInt8(ascii: " "))
            guard words.count > 5, words[1].elementsEqual(flock), words[5].elementsEqual(file) else { continue }
            var process: Int32 = 0
            for digit in words[4] {
                guard digit >= 0x30, digit <= 0x39, process < 1 << 26 else { return nil }
                process = process * 10 + Int32(digit - 0x30)
            }
            return process > 0 ? process : nil
        }
        return nil
    }

    /// At least two digits.
    private static func hexadecimal(_ number: UInt64) -> String {
        (number < 16 ? "0" : "") + String(number, radix: 16)
    }
}
