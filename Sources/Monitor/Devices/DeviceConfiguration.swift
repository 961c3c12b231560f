// Which virtio devices a machine has. Their order is that of the board's slots.

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

/// One virtio device and what it is connected to.
public enum DeviceConfiguration: Equatable, Sendable {
    case disk(DiskConfiguration)
    /// Random numbers: the host's, or on a virtual clock a repeatable sequence, which is fit for no secret.
    case entropy
}
