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

    init(size: Int) throws(Errno) {
        mapping = try Mapping.anonymous(size: size)
        unsafe base = mapping.base
        self.size = size
    }
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
