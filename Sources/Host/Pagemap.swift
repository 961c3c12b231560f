// Which pages of its memory this process has ever touched, as the kernel's page table says.

import CHost

/// The page table of this process, open for reading.
public struct Pagemap: ~Copyable {
    private let file: FileDescriptor

    /// Nil on a host that does not show it.
    public init?() {
        let raw = chost_pagemap()
        if raw < 0 { return nil }
        file = FileDescriptor(raw: raw)
    }

    /// Stretches `untouched` answers for at once.
    public static var most: Int { 64 }

    /// Which of `count` stretches of so many bytes have never been touched, as bits, the first one's the lowest: their pages are what they
    /// were when they were mapped. A bit that is 0 says nothing, and all are where stretches are not of whole pages.
    public func untouched(_ base: UnsafeRawPointer, stretch: Int, count: Int) -> UInt64 {
        // Only the address counts: the memory behind it is not read.
        unsafe chost_untouched(file.raw, base, stretch, UInt32(min(count, Pagemap.most)))
    }
}
