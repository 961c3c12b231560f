// Bits that one thread sets and another takes.
//
// Unsafe code: the word lives as long as its owner, and is touched by atomic operations only.

import Host

@safe
final class Flags: @unchecked Sendable {
    /// A request to the run loop.
    static let stop: UInt32 = 1
    /// Console input has come.
    static let input: UInt32 = 2
    /// The console is gone.
    static let consoleClosed: UInt32 = 4
    /// The console's escape asked for an end.
    static let quit: UInt32 = 8

    /// A device's worker has something.
    static let devices: UInt32 = 16

    /// Somebody wants the machine's owner, who knows why.
    static let attention: UInt32 = 32

    /// It is known how the memory of a restored machine is.
    static let verdict: UInt32 = 64

    fileprivate let word: UnsafeMutablePointer<UInt32>

    init() {
        unsafe word = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
        unsafe word.initialize(to: 0)
    }

    deinit { unsafe word.deallocate() }

    var value: UInt32 { unsafe Atomics.load32(word) }
    func set(_ bits: UInt32) { unsafe Atomics.or32(word, bits) }
    /// Clears the bits and tells which of them were set.
    func take(_ bits: UInt32) -> UInt32 { unsafe Atomics.and32(word, ~bits) & bits }
}

/// A look at flags from close by: one word of memory, in a loop that holds on to their owner.
@safe
struct FlagsView {
    private let word: UnsafeMutablePointer<UInt32>

    init(_ flags: Flags) { unsafe word = flags.word }

    @inline(__always)
    var value: UInt32 { unsafe Atomics.load32Relaxed(word) }
}
