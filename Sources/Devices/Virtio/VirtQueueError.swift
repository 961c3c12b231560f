// What a driver can do wrong with a queue. Each of these makes the device ask for a reset (virtio 1.2, 2.1.2).

/// Why a queue cannot go on.
public enum VirtQueueError: UInt8, Error, Equatable {
    /// The size is 0, not a power of two, or more than the device allows (2.7).
    case badSize
    /// The descriptor table, available ring or used ring is not aligned to 16, 2 and 4 bytes (2.7).
    case misaligned
    /// The rings, a buffer or an indirect table do not lie in RAM.
    case outsideMemory
    /// The available index is further ahead of the used index than the queue is long.
    case badAvailableIndex
    /// A head or a next field names a descriptor beyond the table.
    case badDescriptorIndex
    /// More buffers in a chain than the queue may have descriptors: a loop, most likely (2.7.5).
    case chainTooLong
    /// The buffers of a chain have more than 2^32 - 1 bytes together (2.7.5).
    case tooManyBytes
    /// A buffer of no bytes.
    case emptyBuffer
    /// A buffer the device may only read comes after one it may write (2.7.4.2).
    case readableAfterWritable
    /// An indirect table without the feature, inside another, with a next field, empty or of half a descriptor
    /// (2.7.5.3).
    case badIndirect
    /// The chain lacks a part that its device needs: a request's header or status byte, a direction.
    case malformedRequest
}

extension VirtQueueError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .badSize: "its size is 0, not a power of two or too big"
        case .misaligned: "its rings are not aligned"
        case .outsideMemory: "it names memory that is not RAM"
        case .badAvailableIndex: "its available index is ahead by more than its size"
        case .badDescriptorIndex: "it names a descriptor that is not there"
        case .chainTooLong: "it has a chain that is too long or a loop"
        case .tooManyBytes: "it has a chain of 4 GiB or more"
        case .emptyBuffer: "it has a buffer of no bytes"
        case .readableAfterWritable: "it has a readable buffer after a writable one"
        case .badIndirect: "it has a wrong indirect table"
        case .malformedRequest: "it has a request without the parts a request needs"
        }
    }
}
