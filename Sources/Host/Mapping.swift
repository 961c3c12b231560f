// Owner of a range of memory from the kernel: guest memory, the shared page of a vCPU, the memory of a snapshot.

import CHost

/// Owner of a mapping. It is unmapped when the value goes out of scope, so nothing may keep its address longer.
@safe
public struct Mapping: ~Copyable, @unchecked Sendable {
    public enum Sharing: UInt32, Sendable {
        /// Writes stay in this mapping (`MAP_PRIVATE`): a file below it does not change.
        case `private`
        /// Writes reach the file and every other mapping of it (`MAP_SHARED`).
        case shared
    }

    /// The first byte, aligned to `pageSize`.
    @unsafe public let base: UnsafeMutableRawPointer
    /// Length in bytes, as asked for.
    public let size: Int

    /// Bytes in a page of the host, a power of two.
    public static var pageSize: Int { Int(chost_page_size()) }

    /// Zeroed memory. Only pages that are touched cost anything.
    public static func anonymous(size: Int, sharing: Sharing = .private) throws(Errno) -> Mapping {
        try Mapping(size: size, protection: 3, sharing: sharing, descriptor: -1, offset: 0)
    }

    /// `size` bytes of a file from `offset`, which is a multiple of the page size. Touching what lies beyond the
    /// file's last page raises SIGBUS: check the length first.
    public static func file(
        _ descriptor: borrowing FileDescriptor, offset: UInt64, size: Int, sharing: Sharing = .private,
        writable: Bool = true
    ) throws(Errno) -> Mapping {
        guard descriptor.raw >= 0 else { throw .badf }
        return try Mapping(
            size: size, protection: writable ? 3 : 1, sharing: sharing, descriptor: descriptor.raw, offset: offset)
    }

    /// `size` bytes of a file from its start, to be run: this mapping cannot write to them, the file can. EPERM or EACCES where the system
    /// lets no program run what it has written.
    public static func code(_ descriptor: borrowing FileDescriptor, size: Int) throws(Errno) -> Mapping {
        guard descriptor.raw >= 0, size > 0 else { throw .inval }
        return try Mapping(answer: chost_map_code(size, descriptor.raw), size: size)
    }

    private init(
        size: Int, protection: UInt32, sharing: Sharing, descriptor: Int32, offset: UInt64
    ) throws(Errno) {
        guard size > 0, offset <= UInt64(Int64.max) else { throw .inval }
        try self.init(answer: chost_mmap(size, protection, sharing.rawValue, descriptor, offset), size: size)
    }

    private init(answer: Int, size: Int) throws(Errno) {
        if answer < 0 && answer > -4096 { throw Errno(hostNumber: Int32(truncatingIfNeeded: -answer)) }
        // mmap succeeded: not null, and ours alone.
        guard let base = unsafe UnsafeMutableRawPointer(bitPattern: answer) else { throw .nomem }
        unsafe self.base = base
        self.size = size
    }

    deinit {
        _ = unsafe chost_munmap(base, size)
    }

    /// All bytes.
    @unsafe public var bytes: UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(start: base, count: size)
    }

    /// True when the bytes of one host page, counted from 0, are all zero.
    public func isZeroPage(_ page: Int) -> Bool {
        let start = page * Mapping.pageSize
        precondition(page >= 0 && start < size)
        // Inside the mapping by the check above.
        return unsafe Memory.isZero(
            UnsafeRawBufferPointer(start: base + start, count: min(Mapping.pageSize, size - start)))
    }

    /// Makes the range read-only, or writable again.
    public func protect(writable: Bool) throws(Errno) {
        _ = try value(unsafe chost_mprotect(base, size, writable ? 3 : 1))
    }

    /// Drops the contents: anonymous memory reads as zeros afterwards, a private file mapping as the file.
    public func discard() throws(Errno) {
        _ = try value(unsafe chost_madvise(base, size, 0))
    }

    /// Asks for huge pages where the kernel has them. Failing costs only speed, so it is not reported.
    public func adviseHugePages() {
        _ = unsafe chost_madvise(base, size, 2)
    }

    /// Lets pages be there before they are touched, which is cheaper than one after the other. Hosts before Linux 5.14 cannot: that costs
    /// only speed, so it is not reported.
    ///
    /// - Parameter count: how many bytes from the start on; all if that is not said, or too many.
    public func populate(count: Int = .max) {
        _ = unsafe chost_madvise(base, min(size, max(0, count)), 4)
    }

    /// Keeps the contents out of core dumps of this process. Failing changes nothing else, so it is not reported.
    public func excludeFromDumps() {
        _ = unsafe chost_madvise(base, size, 3)
    }
}

/// Functions on plain memory.
public enum Memory {
    /// Gives back what this process needed only for what it has just done: freed memory, and pages of its code. Those that it goes on
    /// using come back from the page cache by themselves, some microseconds each. From any thread.
    public static func trim() { chost_trim() }

    /// True when all bytes are zero; an empty buffer is.
    public static func isZero(_ buffer: UnsafeRawBufferPointer) -> Bool {
        guard let base = buffer.baseAddress else { return true }
        return unsafe chost_is_zero(base, buffer.count)
    }
}
