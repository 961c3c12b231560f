// What went wrong in a call of the contract: which call, and the kernel's errno by name.

public import Host

/// A failed call. `errno` is what Linux would have set; numbers differ between architectures, names do not.
public struct HypervisorError: Error, Equatable, CustomStringConvertible {
    public let request: Request
    public let errno: Errno

    public init(_ request: Request, _ errno: Errno) {
        self.request = request
        self.errno = errno
    }

    public var description: String { "\(request): \(errno)" }
}
