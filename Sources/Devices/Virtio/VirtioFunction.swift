// What makes a virtio device a disk, a network card, a console or a source of entropy, as the transport sees it.

/// One kind of device behind a transport.
///
/// A function is an object, because two hold it: the transport in front, which the guest reaches, and the owner behind,
/// who fetches requests and brings answers. Both do so on the machine's one thread. The guest's notifications do no
/// work: the function notes them, and the owner does the work when it asks for it.
public protocol VirtioFunction: AnyObject {
    /// What the function shares with the transport.
    var core: VirtioCore { get }

    /// Whether the driver's choice, all of it offered, has what each feature requires.
    func accepts(_ features: UInt64) -> Bool
    /// The driver's choice was accepted: `core.features` stays until reset.
    func negotiated()
    /// The driver is ready, or a running device was restored: there may be chains in any queue.
    func activate()
    /// The driver says there is something in a queue that runs.
    func notified(_ queue: Int)
    /// The driver stopped a queue: chains taken from it are not given back any more.
    func stopped(_ queue: Int)
    /// The driver reset the device. The core was reset already.
    func reset()
    /// The driver stores to configuration space; `size` is 1, 2 or 4.
    func writeConfig(_ offset: UInt32, _ size: UInt32, _ value: UInt32)

    /// Whether no chain is with the owner. Only then can the device be saved.
    var isQuiet: Bool { get }
    /// Layout documented beside each function; at most 65535 bytes.
    func encodeState() -> [UInt8]
    /// Reads hostile bytes of a device whose other state was found good and is `saved`. Changes nothing if it throws.
    func restoreState(_ bytes: [UInt8], _ saved: VirtioState) throws(DeviceStateError)
}

extension VirtioFunction {
    public func accepts(_ features: UInt64) -> Bool { true }
    public func negotiated() {}
    public func stopped(_ queue: Int) {}
    public func writeConfig(_ offset: UInt32, _ size: UInt32, _ value: UInt32) {}
    public var isQuiet: Bool { true }
}
