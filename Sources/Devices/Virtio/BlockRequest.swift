// What a virtio disk asks of whoever keeps its contents, and the answer. Values: they may cross to a worker thread.

/// One request, checked: it lies on the disk, and all its segments are guest RAM.
public struct BlockRequest: Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        /// From the disk into the segments.
        case read
        /// From the segments to the disk. Not stable before a flush.
        case write
        /// All writes that were completed become stable. Has no segments and no range.
        case flush
        /// The range's contents do not matter any more.
        case discard
        /// The range becomes zero; with `unmap` its space may be given up.
        case writeZeroes(unmap: Bool)
    }

    /// Names the request in its completion.
    public var token: UInt32
    public var kind: Kind
    /// Bytes from the start of the disk, a multiple of 512.
    public var offset: UInt64
    /// Bytes, a multiple of 512.
    public var count: UInt64
    /// Where the data is in guest memory, in order, for reads and writes: `count` bytes together.
    public var segments: [DMASegment]

    public init(token: UInt32, kind: Kind, offset: UInt64, count: UInt64, segments: [DMASegment]) {
        self.token = token
        self.kind = kind
        self.offset = offset
        self.count = count
        self.segments = segments
    }
}

/// The answer to a request.
public struct BlockCompletion: Equatable, Sendable {
    /// As the guest sees it.
    public enum Status: UInt8, Sendable {
        case ok = 0
        case ioError = 1
        case unsupported = 2
    }

    public var token: UInt32
    public var status: Status
    /// Bytes of guest memory that a read wrote, from the start of the segments on; 0 for everything else.
    public var written: UInt32

    public init(token: UInt32, status: Status, written: UInt32) {
        self.token = token
        self.status = status
        self.written = written
    }
}
