// Why a system call failed, by name.

import CHost

/// An error of the operating system.
///
/// Compared by name: MIPS and x86 number some errors differently (EOPNOTSUPP is 122 and 95), and a simulator must
/// answer what a MIPS kernel answers. The C constant of `.inval` is `EINVAL`, and so on.
public struct Errno: Error, Equatable, Sendable, CustomStringConvertible {
    /// The names Stasis knows. The order is that of the table in CHost's errors.c.
    public enum Name: UInt8, CaseIterable, Sendable {
        case EPERM, ENOENT, ESRCH, EINTR, EIO, ENXIO, E2BIG, EBADF, ECHILD, EAGAIN
        case ENOMEM, EACCES, EFAULT, EBUSY, EEXIST, EXDEV, ENODEV, ENOTDIR, EISDIR, EINVAL
        case ENFILE, EMFILE, ENOTTY, ETXTBSY, EFBIG, ENOSPC, ESPIPE, EROFS, EMLINK, EPIPE
        case EDOM, ERANGE, EDEADLK, ENAMETOOLONG, ENOSYS, ENOTEMPTY, ELOOP, EOVERFLOW, EOPNOTSUPP, ETIMEDOUT
        case ECONNREFUSED, ECONNRESET, EADDRINUSE, ENOTCONN, EDQUOT
        /// Any other; `hostNumber` tells which.
        case other
    }

    public let name: Name
    /// The number when the name is `other`, otherwise 0.
    private let unnamed: Int32

    public init(_ name: Name) {
        self.name = name
        self.unnamed = 0
    }

    /// The error with this host's `errno` value, which is positive.
    public init(hostNumber: Int32) {
        let name = Name(rawValue: chost_errno_name(hostNumber)) ?? .other
        self.name = name
        self.unnamed = name == .other ? hostNumber : 0
    }

    /// The value of `errno` on this host, 0 for `Errno(.other)`.
    public var hostNumber: Int32 {
        name == .other ? unnamed : chost_errno_number(name.rawValue)
    }

    public static var perm: Errno { Errno(.EPERM) }
    public static var noent: Errno { Errno(.ENOENT) }
    public static var srch: Errno { Errno(.ESRCH) }
    public static var intr: Errno { Errno(.EINTR) }
    public static var io: Errno { Errno(.EIO) }
    public static var nxio: Errno { Errno(.ENXIO) }
    public static var toobig: Errno { Errno(.E2BIG) }
    public static var badf: Errno { Errno(.EBADF) }
    public static var child: Errno { Errno(.ECHILD) }
    public static var again: Errno { Errno(.EAGAIN) }
    public static var nomem: Errno { Errno(.ENOMEM) }
    public static var acces: Errno { Errno(.EACCES) }
    public static var fault: Errno { Errno(.EFAULT) }
    public static var busy: Errno { Errno(.EBUSY) }
    public static var exist: Errno { Errno(.EEXIST) }
    public static var xdev: Errno { Errno(.EXDEV) }
    public static var nodev: Errno { Errno(.ENODEV) }
    public static var notdir: Errno { Errno(.ENOTDIR) }
    public static var isdir: Errno { Errno(.EISDIR) }
    public static var inval: Errno { Errno(.EINVAL) }
    public static var nfile: Errno { Errno(.ENFILE) }
    public static var mfile: Errno { Errno(.EMFILE) }
    public static var notty: Errno { Errno(.ENOTTY) }
    public static var txtbsy: Errno { Errno(.ETXTBSY) }
    public static var fbig: Errno { Errno(.EFBIG) }
    public static var nospc: Errno { Errno(.ENOSPC) }
    public static var spipe: Errno { Errno(.ESPIPE) }
    public static var rofs: Errno { Errno(.EROFS) }
    public static var mlink: Errno { Errno(.EMLINK) }
    public static var pipe: Errno { Errno(.EPIPE) }
    public static var dom: Errno { Errno(.EDOM) }
    public static var range: Errno { Errno(.ERANGE) }
    public static var deadlk: Errno { Errno(.EDEADLK) }
    public static var nametoolong: Errno { Errno(.ENAMETOOLONG) }
    public static var nosys: Errno { Errno(.ENOSYS) }
    public static var notempty: Errno { Errno(.ENOTEMPTY) }
    public static var loop: Errno { Errno(.ELOOP) }
    public static var overflow: Errno { Errno(.EOVERFLOW) }
    public static var opnotsupp: Errno { Errno(.EOPNOTSUPP) }
    public static var timedout: Errno { Errno(.ETIMEDOUT) }
    public static var connrefused: Errno { Errno(.ECONNREFUSED) }
    public static var connreset: Errno { Errno(.ECONNRESET) }
    public static var addrinuse: Errno { Errno(.EADDRINUSE) }
    public static var notconn: Errno { Errno(.ENOTCONN) }
    public static var dquot: Errno { Errno(.EDQUOT) }

    /// The name and its meaning: "EINVAL (invalid argument)".
    public var description: String {
        if name == .other { return "error \(unnamed)" }
        return "\(name.text.0) (\(name.text.1))"
    }
}

extension Errno.Name {
    /// The C name and its meaning.
    var text: (StaticString, StaticString) {
        switch self {
        case .EPERM: ("EPERM", "operation not permitted")
        case .ENOENT: ("ENOENT", "no such file or directory")
        case .ESRCH: ("ESRCH", "no such process")
        case .EINTR: ("EINTR", "interrupted by a signal")
        case .EIO: ("EIO", "input or output error")
        case .ENXIO: ("ENXIO", "no such device or address")
        case .E2BIG: ("E2BIG", "too long a list")
        case .EBADF: ("EBADF", "bad file descriptor")
        case .ECHILD: ("ECHILD", "no child process")
        case .EAGAIN: ("EAGAIN", "temporarily unavailable")
        case .ENOMEM: ("ENOMEM", "out of memory")
        case .EACCES: ("EACCES", "permission denied")
        case .EFAULT: ("EFAULT", "bad address")
        case .EBUSY: ("EBUSY", "device or resource busy")
        case .EEXIST: ("EEXIST", "already exists")
        case .EXDEV: ("EXDEV", "on another file system")
        case .ENODEV: ("ENODEV", "no such device")
        case .ENOTDIR: ("ENOTDIR", "not a directory")
        case .EISDIR: ("EISDIR", "is a directory")
        case .EINVAL: ("EINVAL", "invalid argument")
        case .ENFILE: ("ENFILE", "too many open files in the system")
        case .EMFILE: ("EMFILE", "too many open files")
        case .ENOTTY: ("ENOTTY", "no such ioctl on this descriptor")
        case .ETXTBSY: ("ETXTBSY", "program file is busy")
        case .EFBIG: ("EFBIG", "file too large")
        case .ENOSPC: ("ENOSPC", "no space left on device")
        case .ESPIPE: ("ESPIPE", "cannot seek")
        case .EROFS: ("EROFS", "read-only file system")
        case .EMLINK: ("EMLINK", "too many links")
        case .EPIPE: ("EPIPE", "nobody reads the other end")
        case .EDOM: ("EDOM", "argument out of domain")
        case .ERANGE: ("ERANGE", "result out of range")
        case .EDEADLK: ("EDEADLK", "would deadlock")
        case .ENAMETOOLONG: ("ENAMETOOLONG", "name too long")
        case .ENOSYS: ("ENOSYS", "no such system call")
        case .ENOTEMPTY: ("ENOTEMPTY", "directory not empty")
        case .ELOOP: ("ELOOP", "too many symbolic links")
        case .EOVERFLOW: ("EOVERFLOW", "value too large")
        case .EOPNOTSUPP: ("EOPNOTSUPP", "operation not supported")
        case .ETIMEDOUT: ("ETIMEDOUT", "timed out")
        case .ECONNREFUSED: ("ECONNREFUSED", "connection refused")
        case .ECONNRESET: ("ECONNRESET", "connection reset")
        case .EADDRINUSE: ("EADDRINUSE", "address in use")
        case .ENOTCONN: ("ENOTCONN", "not connected")
        case .EDQUOT: ("EDQUOT", "disk quota exceeded")
        case .other: ("other", "unknown error")
        }
    }
}
