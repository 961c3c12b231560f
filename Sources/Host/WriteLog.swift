// What one thread wrote into memory that another one has made something of.
//
// Purpose. A processor in software keeps blocks of guest code in a form of its own. What the guest stores it sees; what devices write into
// guest memory it does not, and comparing all code with memory at each entry costs more than running it. So whoever writes notes the pages
// here, after the bytes are there, and the processor takes the notes before it goes on.
//
// Glossary.
//   page      4 KiB of guest-physical address space
//   range     pages from a first to a last one; those that touch become one
//   overflow  more ranges than are kept: then anything may have been written
//
// Locks: taken last by those who add. `take` calls its closure under it, which may take the lock of the simulator's slots.
//
// Unsafe code: two words and the ranges lie at an address this object owns, so that a look at the flag costs one load.

/// Pages that were written, until somebody takes them. Any thread may add.
@safe
public final class WriteLog: @unchecked Sendable {
    /// Ranges kept before they count as all memory.
    public static let capacity = 32
    private static let shift: UInt64 = 12

    private let lock = Lock()
    /// 0: something to take, 1: how many ranges, or `overflow`; then first and last page of each.
    private let words: UnsafeMutablePointer<UInt32>
    private static let overflow = UInt32.max

    public init() {
        unsafe words = .allocate(capacity: 2 + 2 * Self.capacity)
        unsafe words.initialize(repeating: 0, count: 2 + 2 * Self.capacity)
    }

    deinit { unsafe words.deallocate() }

    /// Is there something to take? Without the lock: what was added before this thread was told of it, it sees.
    public var isPending: Bool { unsafe Atomics.load32(words) != 0 }

    /// Notes `count` bytes at guest-physical `address`, after they were written.
    public func add(_ address: UInt64, count: UInt64) {
        guard count > 0 else { return }
        let (end, wraps) = address.addingReportingOverflow(count - 1)
        let fits = !wraps && end >> Self.shift < UInt64(UInt32.max)
        let first = UInt32(truncatingIfNeeded: address >> Self.shift)
        let last = UInt32(truncatingIfNeeded: end >> Self.shift)
        lock.lock()
        defer { lock.unlock() }
        unsafe note(first, last, fits: fits)
        unsafe Atomics.store32(words, 1)
    }

    @unsafe private func note(_ first: UInt32, _ last: UInt32, fits: Bool) {
        let used = unsafe words[1]
        if used == Self.overflow { return }
        guard fits else { return unsafe words[1] = Self.overflow }
        for i in 0..<Int(used) {
            let range = unsafe words + 2 + 2 * i
            if unsafe first <= range[1] + 1 && range[0] <= last + 1 {
                unsafe range[0] = min(range[0], first)
                unsafe range[1] = max(range[1], last)
                return
            }
        }
        guard used < UInt32(Self.capacity) else { return unsafe words[1] = Self.overflow }
        unsafe words[2 + 2 * Int(used)] = first
        unsafe words[3 + 2 * Int(used)] = last
        unsafe words[1] = used + 1
    }

    /// Calls `body` with the first and the last page of each range, and forgets them. False, and without a call, if anything may have been
    /// written. `body` must not add.
    public func take(_ body: (_ first: UInt32, _ last: UInt32) -> Void) -> Bool {
        lock.lock()
        defer { lock.unlock() }
        let used = unsafe words[1]
        unsafe words[1] = 0
        unsafe Atomics.store32(words, 0)
        guard used != Self.overflow else { return false }
        for i in 0..<Int(used) { unsafe body(words[2 + 2 * i], words[3 + 2 * i]) }
        return true
    }
}
