// Atomic access to raw memory: words of guest memory, the shared page of a vCPU, flags between threads.

public import CHost

/// Atomic operations on an aligned word at a raw address. Loads acquire, stores release, the others do both. Operations
/// that change a word answer what was there before. The address must be valid and aligned to the word's size.
public enum Atomics {
    // Each passes a pointer on to a C function that is compiled into the caller; validity is the caller's promise.

    @inlinable @inline(__always)
    public static func load32(_ pointer: UnsafeRawPointer) -> UInt32 { unsafe chost_load32(pointer) }

    @inlinable @inline(__always)
    public static func store32(_ pointer: UnsafeMutableRawPointer, _ value: UInt32) {
        unsafe chost_store32(pointer, value)
    }

    /// Without an order of its own: for words whose order the caller's barriers give.
    @inlinable @inline(__always)
    public static func load32Relaxed(_ pointer: UnsafeRawPointer) -> UInt32 { unsafe chost_load32_relaxed(pointer) }

    /// Without an order of its own, as `load32Relaxed`.
    @inlinable @inline(__always)
    public static func store32Relaxed(_ pointer: UnsafeMutableRawPointer, _ value: UInt32) {
        unsafe chost_store32_relaxed(pointer, value)
    }

    @inlinable @inline(__always) @discardableResult
    public static func or32(_ pointer: UnsafeMutableRawPointer, _ value: UInt32) -> UInt32 {
        unsafe chost_or32(pointer, value)
    }

    @inlinable @inline(__always) @discardableResult
    public static func and32(_ pointer: UnsafeMutableRawPointer, _ value: UInt32) -> UInt32 {
        unsafe chost_and32(pointer, value)
    }

    @inlinable @inline(__always) @discardableResult
    public static func add32(_ pointer: UnsafeMutableRawPointer, _ value: UInt32) -> UInt32 {
        unsafe chost_add32(pointer, value)
    }

    @inlinable @inline(__always) @discardableResult
    public static func exchange32(_ pointer: UnsafeMutableRawPointer, _ value: UInt32) -> UInt32 {
        unsafe chost_exchange32(pointer, value)
    }

    /// True when the word was `expected` and is `desired` now.
    @inlinable @inline(__always)
    public static func compareExchange32(
        _ pointer: UnsafeMutableRawPointer, expected: UInt32, desired: UInt32
    ) -> Bool {
        unsafe chost_compare_exchange32(pointer, expected, desired)
    }

    // 64-bit words: on 32-bit hosts these agree among each other only, not with plain accesses or the kernel.

    @inlinable @inline(__always)
    public static func load64(_ pointer: UnsafeRawPointer) -> UInt64 { unsafe chost_load64(pointer) }

    @inlinable @inline(__always)
    public static func store64(_ pointer: UnsafeMutableRawPointer, _ value: UInt64) {
        unsafe chost_store64(pointer, value)
    }

    @inlinable @inline(__always) @discardableResult
    public static func or64(_ pointer: UnsafeMutableRawPointer, _ value: UInt64) -> UInt64 {
        unsafe chost_or64(pointer, value)
    }

    @inlinable @inline(__always) @discardableResult
    public static func and64(_ pointer: UnsafeMutableRawPointer, _ value: UInt64) -> UInt64 {
        unsafe chost_and64(pointer, value)
    }

    @inlinable @inline(__always) @discardableResult
    public static func add64(_ pointer: UnsafeMutableRawPointer, _ value: UInt64) -> UInt64 {
        unsafe chost_add64(pointer, value)
    }

    @inlinable @inline(__always) @discardableResult
    public static func exchange64(_ pointer: UnsafeMutableRawPointer, _ value: UInt64) -> UInt64 {
        unsafe chost_exchange64(pointer, value)
    }

    /// True when the word was `expected` and is `desired` now.
    @inlinable @inline(__always)
    public static func compareExchange64(
        _ pointer: UnsafeMutableRawPointer, expected: UInt64, desired: UInt64
    ) -> Bool {
        unsafe chost_compare_exchange64(pointer, expected, desired)
    }

    /// One read of a byte the kernel may change at any time (`kvm_run.immediate_exit`).
    @inlinable @inline(__always)
    public static func volatileLoad8(_ pointer: UnsafeRawPointer) -> UInt8 { unsafe chost_volatile_load8(pointer) }

    /// One write of a byte the kernel looks at.
    @inlinable @inline(__always)
    public static func volatileStore8(_ pointer: UnsafeMutableRawPointer, _ value: UInt8) {
        unsafe chost_volatile_store8(pointer, value)
    }

    /// Keeps the compiler from moving memory accesses across.
    @inlinable @inline(__always)
    public static func compilerBarrier() { chost_compiler_barrier() }

    /// Keeps compiler and processor from moving memory accesses across.
    @inlinable @inline(__always)
    public static func memoryBarrier() { chost_memory_barrier() }
}
