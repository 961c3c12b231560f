// Children of this process: fork, for tests of rules about processes, and spawn, for everything else.

import CHost

extension Process {
    /// How a child ended.
    public enum Ending: Equatable, Sendable, CustomStringConvertible {
        case exit(Int32)
        case signal(Int32)

        init(_ answer: Int64) {
            let number = Int32(truncatingIfNeeded: answer)
            self = number >= 256 ? .signal(number - 256) : .exit(number)
        }

        public var description: String {
            switch self {
            case .exit(let status): "exit status \(status)"
            case .signal(let number): "signal \(number)"
            }
        }
    }

    /// How many forks lie between this process and the one that was executed: a number to compare, cheaply, where
    /// something belongs to the process that made it (KVM answers EIO to any other).
    public static var forkGeneration: UInt32 { chost_fork_generation() }

    /// Runs `child` in a copy of this process, waits for it, and answers how it ended: by the status `child` returns,
    /// 0...255, unless a signal took it.
    ///
    /// The copy has the calling thread only. Locks that other threads held at that instant stay locked in it, so
    /// `child` does little: system calls, no output through buffers, no threads.
    public static func fork(child: () -> Int32) throws(Errno) -> Ending {
        let pid = Int32(truncatingIfNeeded: try value(chost_fork()))
        if pid == 0 { exit(child()) }
        return try wait(pid)
    }

    /// Starts a program and answers its number.
    ///
    /// - Parameters:
    ///   - arguments: all of them, the program's own name first.
    ///   - standardInput: a descriptor's number that becomes 0 in the child, -1 to share ours. Likewise the next two.
    /// - Throws: ENOENT, EACCES and so on when there is no such program.
    public static func spawn(
        _ path: String, _ arguments: [String], standardInput: Int32 = -1, standardOutput: Int32 = -1,
        standardError: Int32 = -1
    ) throws(Errno) -> Int32 {
        var packed: [UInt8] = []
        for argument in arguments {
            if argument.utf8.contains(0) { throw .inval }
            packed.append(contentsOf: argument.utf8)
            packed.append(0)
        }
        // Never empty, so that it has an address.
        packed.append(0)
        let pid = try withPath(path) { pointer in
            unsafe packed.withUnsafeBufferPointer { bytes in
                unsafe chost_spawn(
                    pointer, bytes.baseAddress!, UInt32(arguments.count), standardInput, standardOutput, standardError)
            }
        }
        return Int32(truncatingIfNeeded: pid)
    }

    /// Waits for a child.
    public static func wait(_ pid: Int32) throws(Errno) -> Ending {
        Ending(try retrying { chost_wait(pid, true) })
    }

    /// How a child ended, `nil` when it still runs.
    public static func poll(_ pid: Int32) throws(Errno) -> Ending? {
        do throws(Errno) {
            return Ending(try value(chost_wait(pid, false)))
        } catch {
            if error == .again { return nil }
            throw error
        }
    }

    /// Sends a signal to a process; 0 only asks whether it exists.
    public static func send(_ signal: Int32, to pid: Int32) throws(Errno) {
        _ = try value(chost_kill(pid, signal))
    }
}
