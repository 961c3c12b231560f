// The recordable, failing table of system calls: debug builds only, for tests.
//
// Every CHost function that makes a system call asks the driver of its thread first. A test installs one, runs a
// closure, and reads what was called; or has the k-th call fail, come up short, or everything from the k-th on be dead,
// as if the process had been killed there.

#if DEBUG
    import CHost

    /// One system call as the driver saw it.
    public struct SystemCall: Equatable, Sendable, CustomStringConvertible {
        /// The calls, in the order of CHost's `enum chost_call`.
        public enum Name: Int32, CaseIterable, Sendable {
            case open, close, read, pread, write, pwrite, fsync, ftruncate, fstat, lseek, flock, dup, pipe, eventfd,
                signalfd
            case ioctl, rename, unlink, access, mmap, munmap, mprotect, madvise, poll, nanosleep, fork, spawn, wait,
                kill
            case getrandom, socket, bind, listen, accept, connect, fcntl, termios, mkdir
            case fdatasync, fallocate, preadv, pwritev, realpath, pty

            var text: StaticString {
                switch self {
                case .open: "open"
                case .close: "close"
                case .read: "read"
                case .pread: "pread"
                case .write: "write"
                case .pwrite: "pwrite"
                case .fsync: "fsync"
                case .ftruncate: "ftruncate"
                case .fstat: "fstat"
                case .lseek: "lseek"
                case .flock: "flock"
                case .dup: "dup"
                case .pipe: "pipe"
                case .eventfd: "eventfd"
                case .signalfd: "signalfd"
                case .ioctl: "ioctl"
                case .rename: "rename"
                case .unlink: "unlink"
                case .access: "access"
                case .mmap: "mmap"
                case .munmap: "munmap"
                case .mprotect: "mprotect"
                case .madvise: "madvise"
                case .poll: "poll"
                case .nanosleep: "nanosleep"
                case .fork: "fork"
                case .spawn: "spawn"
                case .wait: "wait"
                case .kill: "kill"
                case .getrandom: "getrandom"
                case .socket: "socket"
                case .bind: "bind"
                case .listen: "listen"
                case .accept: "accept"
                case .connect: "connect"
                case .fcntl: "fcntl"
                case .termios: "termios"
                case .mkdir: "mkdir"
                case .fdatasync: "fdatasync"
                case .fallocate: "fallocate"
                case .preadv: "preadv"
                case .pwritev: "pwritev"
                case .realpath: "realpath"
                case .pty: "pty"
                }
            }
        }

        public var name: Name
        /// Up to three numbers: the descriptor first where there is one; unused ones are 0. See the C function.
        public var arguments: (UInt64, UInt64, UInt64)
        /// The path, empty for calls without one; the new name for `rename`.
        public var path: String

        public init(_ name: Name, _ first: UInt64 = 0, _ second: UInt64 = 0, _ third: UInt64 = 0, path: String = "") {
            self.name = name
            self.arguments = (first, second, third)
            self.path = path
        }

        public static func == (left: SystemCall, right: SystemCall) -> Bool {
            left.name == right.name && left.arguments == right.arguments
                && left.path.utf8.elementsEqual(right.path.utf8)
        }

        public var description: String {
            "\(name.text)(\(arguments.0), \(arguments.1), \(arguments.2)) \(path)"
        }
    }

    /// Records and steers the system calls of one thread.
    public final class SystemCallDriver {
        /// What becomes of a call.
        public enum Verdict {
            /// Make it.
            case pass
            /// Do not make it: this error instead.
            case fail(Errno)
            /// Make it, but move at most so many bytes. For calls that move bytes.
            case short(Int)
            /// Do not make it: it answers this, 0 or more. For ioctl, whose driver here plays the device.
            case answer(Int)
        }

        /// Every call so far, also those that were not made.
        public private(set) var trace: [SystemCall] = []
        private let decide: (Int, SystemCall) -> Verdict

        /// - Parameter decide: asked with the number of the call, from 0, and the call. It may also end the process.
        public init(_ decide: @escaping (Int, SystemCall) -> Verdict = { _, _ in .pass }) {
            self.decide = decide
        }

        /// Fails calls of one name: all of them, or the first `count`.
        public static func failing(_ name: SystemCall.Name, _ error: Errno, count: Int = .max) -> SystemCallDriver {
            var left = count
            return SystemCallDriver { _, call in
                guard call.name == name, left > 0 else { return .pass }
                left -= 1
                return .fail(error)
            }
        }

        /// Fails the call with this number, from 0.
        public static func failing(at index: Int, _ error: Errno) -> SystemCallDriver {
            SystemCallDriver { number, _ in number == index ? .fail(error) : .pass }
        }

        /// From the call with this number on nothing happens any more, cleaning up included: for files and other
        /// processes as if this one had been killed there. With `short`, a write at that number is made with so many
        /// bytes first.
        public static func dead(from index: Int, short: Int = 0) -> SystemCallDriver {
            SystemCallDriver { number, call in
                if number < index { return .pass }
                if number == index && short > 0 && (call.name == .write || call.name == .pwrite) {
                    return .short(short)
                }
                return .fail(.io)
            }
        }

        /// Runs `body` with this driver on the calling thread.
        public func run<Result: ~Copyable, Failure: Error>(
            _ body: () throws(Failure) -> Result
        ) throws(Failure) -> Result {
            // The driver outlives the body, and with it the address C keeps.
            _ = unsafe chost_driver_install(
                { context, call, first, second, third, path in
                    let driver = unsafe Unmanaged<SystemCallDriver>.fromOpaque(context!).takeUnretainedValue()
                    let text = if let path = unsafe path { unsafe String(cString: path) } else { "" }
                    return driver.answer(call, first, second, third, text)
                }, Unmanaged.passUnretained(self).toOpaque())
            defer {
                _ = chost_driver_install(nil, nil)
            }
            return try body()
        }

        private func answer(_ call: Int32, _ first: UInt64, _ second: UInt64, _ third: UInt64, _ path: String) -> Int64
        {
            guard let name = SystemCall.Name(rawValue: call) else { return 0 }
            let call = SystemCall(name, first, second, third, path: path)
            trace.append(call)
            switch decide(trace.count - 1, call) {
            case .pass: return 0
            case .fail(let error): return -Int64(max(1, error.hostNumber))
            case .short(let count): return Int64(max(1, count))
            case .answer(let value): return Int64(max(0, value)) + 1
            }
        }
    }
#endif
