// What can be wrong with a TAP interface, in one line each.

public import Host

/// Why an interface cannot be used.
public struct TapError: Error, Equatable, Sendable {
    /// What the user called it.
    public let name: String
    public let reason: Reason

    public init(name: String, _ reason: Reason) {
        self.name = name
        self.reason = reason
    }

    public enum Reason: Error, Equatable, Sendable {
        /// No interface can have this name.
        case name
        /// The host has no /dev/net/tun.
        case noDriver
        /// This user may not open /dev/net/tun.
        case device
        /// The interface is another user's, or does not exist and this user may not make one.
        case notPermitted
        /// Another program is connected to it.
        case busy
        /// It exists and is no TAP, or one made in another way.
        case notATap
        /// The kernel does not know virtio headers on TAPs.
        case tooOld
        case host(Errno)
    }
}

extension TapError: CustomStringConvertible {
    public var description: String { "network interface " + name + reason.text(name) }
}

extension TapError.Reason {
    private static func making(_ name: String) -> String {
        "`ip tuntap add dev " + name + " mode tap user $USER`, then `ip link set " + name + " up`"
    }

    func text(_ name: String) -> String {
        switch self {
        case .name: ": a name has 1 to 15 characters, none of them a space, `/`, `:` or `%`"
        case .noDriver: ": this host has no /dev/net/tun; `modprobe tun` as root loads it"
        case .device: ": this user may not open /dev/net/tun; as root, `chmod 666 /dev/net/tun` allows it"
        case .notPermitted:
            " is not there, or not this user's; root makes one for you with " + Self.making(name)
        case .busy: " is in use by another program: stop that one, or name another interface"
        case .notATap:
            " is no TAP interface, or has several queues; name another one, made by root with " + Self.making("tap0")
        case .tooOld: ": this host's kernel has no virtio headers on TAP interfaces; it needs Linux 2.6.32 or newer"
        case .host(let error): " cannot be used: " + error.description
        }
    }
}
