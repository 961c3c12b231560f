// Jumps, calls, and where they go.

/// A jump of this code whose target is not known yet.
public struct Fixup: Sendable {
    /// Where its distance is, in bytes from the start of the buffer.
    let position: Int
}

extension Assembler {
    /// Distance from behind the four bytes to be written to an address.
    @inline(__always)
    mutating func relative32(to target: UInt) {
        let distance = Int(bitPattern: target &- (address &+ 4))
        if Int32(exactly: distance) == nil { return fail() }
        word32(UInt32(truncatingIfNeeded: distance))
    }

    private mutating func fail() {
        // A patch where nothing was written: that is what marks code as useless.
        patch32(0, at: -1)
    }

    /// JMP to an address at most 2 GiB away.
    public mutating func jmp(to target: UInt) {
        byte(0xE9)
        relative32(to: target)
    }

    /// CALL of an address at most 2 GiB away.
    public mutating func call(to target: UInt) {
        byte(0xE8)
        relative32(to: target)
    }

    /// Jcc to an address at most 2 GiB away.
    public mutating func jump(_ condition: Condition, to target: UInt) {
        byte(0x0F)
        byte(0x80 | condition.rawValue)
        relative32(to: target)
    }

    public mutating func jmp() -> Fixup {
        byte(0xE9)
        word32(0)
        return Fixup(position: position - 4)
    }

    public mutating func jump(_ condition: Condition) -> Fixup {
        byte(0x0F)
        byte(0x80 | condition.rawValue)
        word32(0)
        return Fixup(position: position - 4)
    }

    /// Lets a jump go to the next instruction.
    public mutating func bind(_ fixup: Fixup) {
        patch32(UInt32(truncatingIfNeeded: position - fixup.position - 4), at: fixup.position)
    }

    /// Lets a jump go to an address at most 2 GiB away.
    public mutating func bind(_ fixup: Fixup, to target: UInt) {
        let distance = Int(bitPattern: target &- (origin &+ UInt(bitPattern: fixup.position + 4)))
        if Int32(exactly: distance) == nil { return fail() }
        patch32(UInt32(truncatingIfNeeded: distance), at: fixup.position)
    }

    /// JMP to what a register or memory says.
    public mutating func jmp(_ place: Place) { instruction(.w32, 0xFF, reg: 4, place) }

    public mutating func ret() { byte(0xC3) }
}
