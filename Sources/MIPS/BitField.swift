// A field of several bits within a 32-bit register.

/// A field of a 32-bit register: `width` bits, the lowest at bit `low`. Single bits are plain masks instead.
public struct BitField: Hashable, Sendable {
    /// Number of the lowest bit, 0...31.
    public let low: UInt32
    /// Number of bits, 1...32 - `low`.
    public let width: UInt32

    @inlinable public init(_ low: UInt32, _ width: UInt32) {
        precondition(width >= 1 && low + width <= 32, "a field must lie within 32 bits")
        self.low = low
        self.width = width
    }

    /// The field's bits in place.
    @inlinable @inline(__always)
    public var mask: UInt32 { (UInt32.max &>> (32 &- width)) &<< low }

    /// The field's value in `word`, shifted down.
    @inlinable @inline(__always)
    public func get(_ word: UInt32) -> UInt32 { (word & mask) &>> low }

    /// The bits of a register that has `value` here and zero elsewhere; bits of `value` that do not fit are lost.
    @inlinable @inline(__always)
    public func of(_ value: UInt32) -> UInt32 { (value &<< low) & mask }

    /// `word` with this field replaced.
    @inlinable @inline(__always)
    public func set(_ word: UInt32, to value: UInt32) -> UInt32 { (word & ~mask) | of(value) }
}
