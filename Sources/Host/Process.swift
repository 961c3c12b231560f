// This process: arguments, identity, exit.

import CHost

/// This process and its children. (Its child part is in Process+Children.swift.)
public enum Process {
    /// Arguments of the program, its own name first. Bytes that are no UTF-8 are replaced.
    public static var arguments: [String] {
        var list: [String] = []
        for index in 0..<chost_argument_count() {
            // Arguments live as long as the process and end in a zero byte.
            if let text = unsafe chost_argument(index) { list.append(unsafe String(cString: text)) }
        }
        return list
    }

    /// The file this program was started from, `nil` without /proc.
    public static var executablePath: String? {
        text { buffer, capacity in unsafe chost_executable(buffer, capacity) }
    }

    /// The folder relative paths begin in, `nil` without /proc or if it was removed.
    public static var workingFolder: String? {
        text { buffer, capacity in unsafe chost_working_folder(buffer, capacity) }
    }

    /// An environment variable.
    public static func environment(_ name: String) -> String? {
        unsafe name.withCString { pointer in
            guard let text = unsafe chost_environment(pointer) else { return nil }
            return unsafe String(cString: text)
        }
    }

    public static var pid: Int32 { chost_pid() }
    /// The effective user.
    public static var uid: UInt32 { chost_uid() }
    /// The effective group.
    public static var gid: UInt32 { chost_gid() }

    /// The groups this process belongs to, the effective one first.
    public static var groups: [UInt32] {
        var list = [UInt32](repeating: 0, count: 1024)
        let count = unsafe list.withUnsafeMutableBufferPointer { buffer in
            unsafe chost_groups(buffer.baseAddress!, UInt32(buffer.count))
        }
        return [gid] + list.prefix(Int(max(0, count)))
    }

    /// A group's name from /etc/group, `nil` when it is not there.
    public static func groupName(_ gid: UInt32) -> String? {
        guard let bytes = try? Files.readWhole("/etc/group", limit: 1 << 20) else { return nil }
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            // name:password:number:members
            let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            guard fields.count >= 3, UInt32(String(decoding: fields[2], as: UTF8.self)) == gid else { continue }
            return String(decoding: fields[0], as: UTF8.self)
        }
        return nil
    }

    /// Release of the running kernel: "5.10.0-34-4kc-malta".
    public static var kernelRelease: String? {
        text { buffer, capacity in unsafe chost_uname(1, buffer, capacity) }
    }

    /// Machine of the running kernel: "mips", "x86_64".
    public static var machine: String? {
        text { buffer, capacity in unsafe chost_uname(2, buffer, capacity) }
    }

    @safe
    private static func text(_ fill: (UnsafeMutablePointer<CChar>, Int) -> Int64) -> String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        return unsafe buffer.withUnsafeMutableBufferPointer { pointer in
            // `fill` writes at most so many bytes, the last of them zero.
            guard unsafe fill(pointer.baseAddress!, pointer.count) >= 0 else { return nil }
            return unsafe String(cString: pointer.baseAddress!)
        }
    }

    /// Ends the process at once: buffers have to be flushed before.
    public static func exit(_ status: Int32) -> Never { chost_exit(status) }
}
