// What the host's processor can do by itself.

import CHost

public enum Processor {
    /// Continues a CRC-32C over more bytes with the processor's instruction for it; `nil` when there is none.
    ///
    /// - Parameter state: the sum so far with all bits inverted, all ones to begin with.
    public static func crc32c(_ state: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32? {
        guard chost_has_crc32c() else { return nil }
        guard let base = bytes.baseAddress else { return state }
        // Base and length of one buffer.
        return unsafe chost_crc32c(state, base, bytes.count)
    }
}
