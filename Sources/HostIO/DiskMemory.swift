// The guest's memory, as far as a disk needs it.

/// Memory that disks read from and write to while the guest runs.
public protocol DiskMemory: AnyObject, Sendable {
    /// Hands the bytes of a guest-physical range to `body`; false, without calling it, when not all of it is RAM.
    ///
    /// Unsafe because of a promise both sides make: the bytes stay at this address for as long as this object lives,
    /// and whoever keeps the address keeps the object. A disk gathers several ranges for one system call.
    @unsafe func withBytes(at address: UInt64, count: Int, _ body: (UnsafeMutableRawBufferPointer) -> Void) -> Bool

    /// Says that bytes of a range have been written. Whoever runs the guest may have decoded what was there.
    func wrote(at address: UInt64, count: UInt64)
}
