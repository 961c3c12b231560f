// TAP interfaces: descriptors of /dev/net/tun.

import CHost

/// What a TAP's reader takes as one frame, and what a frame may leave for later (`TUN_F_...`).
public struct TAPOffloads: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Checksums that are only begun.
    public static var checksum: TAPOffloads { TAPOffloads(rawValue: 1) }
    /// Several TCP segments over IPv4 in one frame. Needs `checksum`, as the two below.
    public static var tso4: TAPOffloads { TAPOffloads(rawValue: 2) }
    /// The same over IPv6.
    public static var tso6: TAPOffloads { TAPOffloads(rawValue: 4) }
    /// Such segments may carry congestion notification.
    public static var ecn: TAPOffloads { TAPOffloads(rawValue: 8) }
}

extension FileDescriptor {
    /// Connects this open /dev/net/tun to an interface: Ethernet frames behind a virtio-net header. An interface that
    /// does not exist is made, for as long as the descriptor is open. EPERM for another user's, EBUSY when it is in
    /// use, EINVAL when the name cannot be or is no TAP's. The ioctl is `TUNSETIFF`.
    public func attach(tap name: String) throws(Errno) {
        _ = try withPath(name) { pointer in unsafe chost_tap_attach(raw, pointer) }
    }

    /// How many bytes that header has. The ioctl is `TUNSETVNETHDRSZ`.
    public func setTAPHeader(size: UInt32) throws(Errno) {
        _ = try value(chost_tap_header(raw, size))
    }

    /// What we take as one frame from now on; EINVAL when the kernel does not know it. The ioctl is `TUNSETOFFLOAD`.
    public func setTAPOffloads(_ offloads: TAPOffloads) throws(Errno) {
        _ = try value(chost_tap_offload(raw, offloads.rawValue))
    }

    /// Whether a network interface is up. ENODEV when there is none.
    public static func isInterfaceUp(_ name: String) throws(Errno) -> Bool {
        try withPath(name) { pointer in unsafe chost_interface_up(pointer) } != 0
    }
}
