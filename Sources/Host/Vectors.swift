// Several places of memory read or written in one call: a guest's request lies in pages here and there.

import CHost

/// A list of places in memory, for one call. Neighbours become one place.
///
/// It holds addresses, not memory: whoever adds a buffer keeps it alive until the list has been used.
@safe
public struct Vectors {
    /// Bytes in all places together.
    public private(set) var count: UInt64 = 0
    private var list: [chost_iovec] = []

    public init() {}

    /// Room for so many places.
    public init(capacity: Int) { list.reserveCapacity(capacity) }

    /// Adds a place behind the others. Unsafe because the buffer has to outlive the list's use.
    @unsafe
    public mutating func append(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let base = buffer.baseAddress, unsafe !buffer.isEmpty else { return }
        let address = UInt(bitPattern: base)
        count += UInt64(buffer.count)
        if let last = list.last, last.base &+ UInt(last.count) == address {
            list[list.count - 1].count += buffer.count
        } else {
            list.append(chost_iovec(base: address, count: buffer.count))
        }
    }

    /// Takes away what a call has moved.
    private mutating func removeFirst(_ moved: Int) {
        count -= UInt64(moved)
        var left = moved
        var whole = 0
        while whole < list.count, list[whole].count <= left {
            left -= list[whole].count
            whole += 1
        }
        list.removeFirst(whole)
        if left > 0 {
            list[0].base += UInt(left)
            list[0].count -= left
        }
    }

    /// Makes a call again and again until all bytes have moved or one moves none. Answers how many have.
    @safe
    fileprivate mutating func move(
        at offset: UInt64, _ call: (UnsafePointer<chost_iovec>, UInt32, UInt64) -> Int64
    ) throws(Errno) -> UInt64 {
        guard offset <= UInt64(Int64.max), count <= UInt64(Int64.max) - offset else { throw .inval }
        var total: UInt64 = 0
        while count > 0 {
            let entries = UInt32(min(list.count, Int(CHOST_IOVEC_MOST)))
            let position = offset + total
            let moved = try retrying {
                // The list has an address because it is not empty; its bytes are alive by the promise of `append`.
                unsafe list.withUnsafeBufferPointer { unsafe call($0.baseAddress!, entries, position) }
            }
            if moved == 0 { break }
            total += UInt64(moved)
            removeFirst(Int(moved))
        }
        return total
    }
}

extension FileDescriptor {
    /// Fills the places from `offset` and on, as far as the file goes. Answers how many bytes there were. The C
    /// function is `preadv`.
    public func preadAll(_ places: consuming Vectors, at offset: UInt64) throws(Errno) -> UInt64 {
        let number = raw
        return try places.move(at: offset) { list, entries, position in
            unsafe chost_preadv(number, list, entries, position)
        }
    }

    /// Writes what is in the places at `offset` and on, all of it. The C function is `pwritev`.
    public func pwriteAll(_ places: consuming Vectors, at offset: UInt64) throws(Errno) {
        let number = raw
        let all = places.count
        let done = try places.move(at: offset) { list, entries, position in
            unsafe chost_pwritev(number, list, entries, position)
        }
        if done != all { throw .io }
    }
}
