// The registers of coprocessor 0.

/// A coprocessor 0 register, named by its number (rd) and select field.
///
/// Names are those of Manual Volume III (MD00090), chapter 9. Having a name says nothing of whether a processor has it.
public struct CP0Register: Hashable, Sendable {
    /// `rd * 8 + sel`, 0...255: the kernel numbers these registers the same way in its register ids.
    public let index: UInt8

    @inlinable public init(index: UInt8) { self.index = index }

    /// Register `rd` (0...31), select `sel` (0...7).
    @inlinable public init(_ rd: UInt8, _ sel: UInt8) {
        precondition(rd < 32 && sel < 8, "no such coprocessor 0 register number")
        self.index = rd << 3 | sel
    }

    @inlinable public var rd: UInt8 { index >> 3 }
    @inlinable public var sel: UInt8 { index & 7 }
}
