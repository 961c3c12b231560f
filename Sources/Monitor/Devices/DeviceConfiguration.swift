// Which virtio devices a machine has. Their order is that of the board's slots.

public import HostIO

/// A disk: a raw file or a block device of the host.
public struct DiskConfiguration: Equatable, Sendable {
    public var path: String
    public var isReadOnly: Bool
    /// What the guest reads as the disk's serial number, at most 20 bytes.
    public var serial: String

    public init(path: String, isReadOnly: Bool = false, serial: String = "") {
        self.path = path
        self.isReadOnly = isReadOnly
        self.serial = serial
    }
}

/// A network card on a TAP interface of the host.
public struct NetConfiguration: Equatable, Sendable {
    public var tap: String
    /// Six bytes; nil for one made from the interface's name, the same each time.
    public var mac: [UInt8]?

    public init(tap: String, mac: [UInt8]? = nil) {
        self.tap = tap
        self.mac = mac
    }
}

/// One virtio device and what it is connected to.
public enum DeviceConfiguration: Equatable, Sendable {
    case disk(DiskConfiguration)
    case net(NetConfiguration)
    case console(Line.Kind)
    /// Random numbers: the host's, or on a virtual clock a repeatable sequence, which is fit for no secret.
    case entropy
}
