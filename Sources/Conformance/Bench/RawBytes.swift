// Memory for the raw calls and for guests. All unsafe code of the module is in this file.
//
// Unsafe code: both classes own the memory they give access to; every access is checked against its size first. Addresses leave
// them as numbers, for structures of the kernel; whoever passes one on keeps the object alive during the call.

import Host

/// A structure of the kernel, built by hand: 8-byte aligned, zeroed.
@safe
final class RawBytes {
    private let base: UnsafeMutableRawPointer
    let size: Int

    init(_ size: Int) {
        self.size = size
        unsafe base = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 8)
        unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    }

    deinit { unsafe base.deallocate() }

    var address: UInt { UInt(bitPattern: unsafe base) }

    /// The 32-bit word at an offset.
    subscript(u32 offset: Int) -> UInt32 {
        get {
            precondition(offset >= 0 && offset + 4 <= size)
            return unsafe base.load(fromByteOffset: offset, as: UInt32.self)
        }
        set {
            precondition(offset >= 0 && offset + 4 <= size)
            unsafe base.storeBytes(of: newValue, toByteOffset: offset, as: UInt32.self)
        }
    }

    /// The 64-bit word at an offset.
    subscript(u64 offset: Int) -> UInt64 {
        get {
            precondition(offset >= 0 && offset + 8 <= size)
            return unsafe base.load(fromByteOffset: offset, as: UInt64.self)
        }
        set {
            precondition(offset >= 0 && offset + 8 <= size)
            unsafe base.storeBytes(of: newValue, toByteOffset: offset, as: UInt64.self)
        }
    }

    /// Calls with the address, keeping the memory alive until the call is over.
    func with<R, E: Error>(_ body: (UInt) throws(E) -> R) throws(E) -> R {
        defer { withExtendedLifetime(self) {} }
        return try body(address)
    }
}

/// Page-aligned memory for a guest.
@safe
final class GuestPages: @unchecked Sendable {
    private let mapping: Mapping

    /// - Throws: ENOMEM.
    init(_ size: Int) throws(Errno) { mapping = try Mapping.anonymous(size: size) }

    var size: Int { mapping.size }
    /// Address in this process.
    var hostAddress: UInt64 { UInt64(UInt(bitPattern: unsafe mapping.base)) }

    /// The 32-bit word at an offset, in the byte order of guest and host.
    subscript(offset: UInt32) -> UInt32 {
        get {
            precondition(Int(offset) + 4 <= size)
            return unsafe Atomics.load32(mapping.base + Int(offset))
        }
        set {
            precondition(Int(offset) + 4 <= size)
            unsafe Atomics.store32(mapping.base + Int(offset), newValue)
        }
    }
}
