// A TAP interface: the host's end of a virtual network card's cable.
//
// Frames are Ethernet frames behind a virtio-net header of 12 bytes (virtio 1.2, 5.1.6), in both directions, so what a
// guest's driver left for later (checksums, segments) is the host's to do, and the other way round. All hosts are
// little endian, as the header is.
//
// Lock order: the TAP's lock is a leaf.

public import Host

/// What has passed a TAP since it was opened.
public struct TapStatistics: Equatable, Sendable {
    /// Frames from the host, queued for the guest.
    public var received: UInt64 = 0
    /// Frames from the host that the guest could not have read: made before it said what it takes.
    public var unreadable: UInt64 = 0
    /// Frames from the guest that the host took.
    public var sent: UInt64 = 0
    /// Frames from the guest beyond the queue's bounds, or when the interface had gone.
    public var dropped: UInt64 = 0
    /// Frames from the guest that the host refused.
    public var refused: UInt64 = 0
    /// Why, the first time. EIO: the interface is down. EINVAL: no frame or no header.
    public var refusal: Errno?
    /// The interface was removed, and no frame will pass any more.
    public var isGone = false

    public init() {}
}

/// A TAP interface in use.
///
/// Opening, starting, stopping, taking and sending belong to one thread at a time, the machine's.
public final class Tap: @unchecked Sendable {
    /// Bytes of the header in front of each frame.
    public static var headerSize: Int { 12 }
    /// Frames that wait at most, in each direction.
    public static var frameLimit: Int { 256 }
    /// Their bytes at most: then nothing more is read, and what is sent is dropped. A frame that begins below the bound
    /// fits.
    public static var byteLimit: Int { 1 << 20 }

    public let name: String
    /// What the kernel can leave to the guest, and do for it.
    public let offloads: TAPOffloads

    let device: FileDescriptor
    let bell: Bell

    let condition = Condition()
    // Under `condition`:
    var input: [[UInt8]] = []
    var inputBytes = 0
    var output: [[UInt8]] = []
    /// Frames and bytes the host has not got yet; more than are in `output` while the worker is at some.
    var unsent = 0
    var unsentBytes = 0
    var taken: TAPOffloads = []
    var counts = TapStatistics()
    var verdict = Gate.State.open
    var isRunning = false
    var isEnding = false
    var kick: (@Sendable () -> Void)?

    // The worker's:
    /// Frames taken out of `output`, from `written` on still to be written.
    var writing: [[UInt8]] = []
    var written = 0
    var buffer: [UInt8] = []

    /// The owner's.
    var thread: HostThread?

    /// Connects to an interface, which is made if there is none and this user may. It goes with this object then.
    public init(name: String) throws(TapError) {
        let connected: Connected
        do throws(TapError.Reason) {
            connected = try Connected(name)
        } catch {
            throw TapError(name: name, error)
        }
        self.name = name
        offloads = connected.offloads
        bell = connected.bell
        device = connected.device
    }

    /// Whether the interface is up: a frame goes nowhere otherwise. False also when it has gone.
    public var isUp: Bool { (try? FileDescriptor.isInterfaceUp(name)) ?? false }

    /// What has passed so far.
    public var statistics: TapStatistics { condition.withLock { counts } }
}

/// A descriptor that leads to an interface.
private struct Connected: ~Copyable {
    let device: FileDescriptor
    let bell: Bell
    let offloads: TAPOffloads

    init(_ name: String) throws(TapError.Reason) {
        guard Self.isName(name) else { throw .name }
        let device = try Self.openDevice()
        do throws(Errno) {
            try device.attach(tap: name)
        } catch {
            switch error {
            case .perm, .acces: throw .notPermitted
            case .busy: throw .busy
            case .inval: throw .notATap
            default: throw .host(error)
            }
        }
        do throws(Errno) {
            try device.setTAPHeader(size: UInt32(Tap.headerSize))
        } catch {
            throw error == .inval || error == .notty ? .tooOld : .host(error)
        }
        let offloads: TAPOffloads
        let bell: Bell
        do throws(Errno) {
            try device.setNonblocking(true)
            offloads = try Self.probe(device)
            bell = try Bell()
        } catch {
            throw .host(error)
        }
        self.device = device
        self.offloads = offloads
        self.bell = bell
    }

    private static func openDevice() throws(TapError.Reason) -> FileDescriptor {
        do throws(Errno) {
            return try FileDescriptor.open(path: "/dev/net/tun", .readWrite)
        } catch {
            switch error {
            case .noent, .nodev, .nxio: throw .noDriver
            case .acces, .perm: throw .device
            default: throw .host(error)
            }
        }
    }

    /// The most the kernel knows. Leaves it at nothing, until the guest has said what it takes.
    private static func probe(_ device: borrowing FileDescriptor) throws(Errno) -> TAPOffloads {
        let all: TAPOffloads = [.checksum, .tso4, .tso6, .ecn]
        for some in [all, [.checksum, .tso4, .tso6], .checksum] {
            do throws(Errno) {
                try device.setTAPOffloads(some)
                try device.setTAPOffloads([])
                return some
            } catch {
                guard error == .inval else { throw error }
            }
        }
        return []
    }

    /// What the kernel accepts (dev_valid_name), without the pattern `%d`: the name is what the user will look for.
    private static func isName(_ name: String) -> Bool {
        guard name.utf8.count > 0, name.utf8.count < 16, !name.utf8.elementsEqual(".".utf8),
            !name.utf8.elementsEqual("..".utf8)
        else { return false }
        for byte in name.utf8 where byte <= 0x20 || byte == 0x7F || byte == 0x2F || byte == 0x3A || byte == 0x25 {
            return false
        }
        return true
    }
}
