// Guest memory as a device sees it: by guest-physical address, every access checked.

/// Guest memory for devices. Whoever owns the memory conforms.
///
/// Addresses and counts come from the guest: any value is allowed, and a range that is not all RAM, or that wraps past
/// 2^64, gives nil or false and touches nothing.
public protocol DMA: AnyObject {
    /// Whether all of the range is RAM. The answer never changes while a device is attached.
    func contains(_ address: UInt64, count: UInt64) -> Bool
    /// A little-endian value of 1, 2, 4 or 8 bytes, at any alignment.
    func load(at address: UInt64, size: UInt32) -> UInt64?
    /// Stores the low 1, 2, 4 or 8 bytes of `value`, little endian, at any alignment.
    func store(_ value: UInt64, at address: UInt64, size: UInt32) -> Bool
    /// A copy of the bytes.
    func copyOut(_ address: UInt64, _ count: Int) -> [UInt8]?
    /// Appends a copy of the bytes to `bytes`: a frame in several pieces becomes one array without one for each piece.
    func copyOut(_ address: UInt64, _ count: Int, to bytes: inout [UInt8]) -> Bool
    /// Writes the bytes.
    func copyIn(_ bytes: [UInt8], at address: UInt64) -> Bool
    /// Writes part of an array, without making an array of the part.
    func copyIn(_ bytes: [UInt8], _ range: Range<Int>, at address: UInt64) -> Bool
    /// Keeps accesses before it before those after it, as seen by threads that share the memory: workers that move a
    /// disk's data, and a guest that runs beside the device.
    func barrier()
}

extension DMA {
    public func copyOut(_ address: UInt64, _ count: Int, to bytes: inout [UInt8]) -> Bool {
        guard let copy = copyOut(address, count) else { return false }
        bytes.append(contentsOf: copy)
        return true
    }

    public func copyIn(_ bytes: [UInt8], _ range: Range<Int>, at address: UInt64) -> Bool {
        copyIn([UInt8](bytes[range]), at: address)
    }

    /// For memory that only one thread ever touches.
    public func barrier() {}
}

/// A stretch of guest memory that a request names: all of it is RAM and `count` is not 0.
public struct DMASegment: Equatable, Sendable {
    /// Guest-physical.
    public var address: UInt64
    /// Bytes.
    public var count: UInt32

    public init(address: UInt64, count: UInt32) {
        self.address = address
        self.count = count
    }
}
