// Memory of the simulator's own, from the host.
//
// Unsafe code: the pointer comes from a mapping this object owns; users index it within `size`.

import Host

/// Zeroed, page-aligned memory that lives as long as the object.
@safe
final class HostMemory: @unchecked Sendable {
    private let mapping: Mapping
    let base: UnsafeMutableRawPointer
    let size: Int

    /// - Parameter populated: how many bytes from the start will be used soon.
    init(size: Int, populated: Int = 0) throws(Errno) {
        mapping = try Mapping.anonymous(size: size)
        if populated > 0 { mapping.populate(count: populated) }
        unsafe base = mapping.base
        self.size = size
    }

    /// Gives the memory back; it reads as zeros then. If the system does not take it, nothing changes.
    func discard() { try? mapping.discard() }
}

/// A 32-bit word that several threads change.
@safe
final class AtomicWord: @unchecked Sendable {
    private let pointer: UnsafeMutablePointer<UInt32>

    init() {
        unsafe pointer = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
        unsafe pointer.initialize(to: 0)
    }

    deinit { unsafe pointer.deallocate() }

    var value: UInt32 { unsafe Atomics.load32(pointer) }
    func store(_ value: UInt32) { unsafe Atomics.store32(pointer, value) }
    /// Replaces the value by a function of it, as one step.
    func update(_ change: (UInt32) -> UInt32) {
        while true {
            let old = value
            if unsafe Atomics.compareExchange32(pointer, expected: old, desired: change(old)) { return }
        }
    }
    /// Takes the value and leaves zero.
    func take() -> UInt32 { unsafe Atomics.exchange32(pointer, 0) }
}
