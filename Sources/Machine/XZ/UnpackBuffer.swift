// Where unpacked bytes go: memory of its own, as large as the result may become, of which only what is written costs
// anything. It is also the dictionary that later bytes are copied from.
//
// Unsafe code: the memory lives as long as its owner; `count` never exceeds `capacity`, and whoever writes through
// `base` checks against that.

import Host

/// Why packed bytes could not be unpacked. Nobody is shown these: an image that is damaged is refused as a whole, and one
/// that we cannot unpack is loaded as it is and unpacks itself.
enum UnpackError: Error, Equatable {
    /// The bytes end too early.
    case truncated
    /// A field or a checksum is wrong, or the packed data makes no sense.
    case damaged
    /// A part of the format that is not known here.
    case unsupported
    /// The result is longer than it may be.
    case tooLong
    /// The host has no memory for it.
    case host(Errno)
}

/// Unpacked bytes.
@safe
final class UnpackBuffer {
    /// The most there can be.
    let capacity: Int
    /// How many there are.
    var count = 0 {
        didSet { precondition(count <= capacity, "more was unpacked than there is room for") }
    }
    private let memory: Mapping

    init(capacity: Int) throws(UnpackError) {
        do throws(Errno) {
            memory = try Mapping.anonymous(size: max(capacity, 1))
        } catch {
            throw .host(error)
        }
        self.capacity = capacity
    }

    /// The first of `capacity` bytes.
    @unsafe var base: UnsafeMutablePointer<UInt8> {
        unsafe memory.base.assumingMemoryBound(to: UInt8.self)
    }

    /// The bytes there are.
    @unsafe var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: memory.base, count: count) }

    /// Appends bytes of an array, if there is room.
    func append(_ source: [UInt8], _ range: Range<Int>) throws(UnpackError) {
        guard range.count <= capacity - count else { throw .tooLong }
        unsafe source[range].withUnsafeBytes {
            unsafe (memory.base + count).copyMemory(from: $0.baseAddress!, byteCount: $0.count)
        }
        count += range.count
    }
}
