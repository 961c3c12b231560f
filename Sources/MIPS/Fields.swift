// The fields of an instruction word.

/// A 32-bit instruction word, read field by field.
///
/// Field names are those of Manual Volume II-A (MD00086), chapter 4 ("instruction formats"). Several names cover the
/// same bits: which one is meant depends on the instruction. No accessor fails: every word has every field.
public struct InstructionWord: Hashable, Sendable {
    /// The word as fetched, in the guest's byte order.
    public var rawValue: UInt32

    @inlinable @inline(__always)
    public init(_ rawValue: UInt32) { self.rawValue = rawValue }

    /// The unsigned field of `width` bits whose lowest bit is `low`.
    @inlinable @inline(__always)
    public func bits(_ low: UInt32, _ width: UInt32) -> UInt32 {
        (rawValue &>> low) & ((1 &<< width) &- 1)
    }

    // MARK: Fields of the integer formats (R, I and J types)

    /// Primary opcode, bits 31...26.
    @inlinable @inline(__always) public var opcode: Int { Int(bits(26, 6)) }
    /// First source register or base address register, bits 25...21.
    @inlinable @inline(__always) public var rs: Int { Int(bits(21, 5)) }
    /// Base address register of a load or store: another name of `rs`.
    @inlinable @inline(__always) public var base: Int { rs }
    /// Second source register, or destination of immediate instructions, bits 20...16.
    @inlinable @inline(__always) public var rt: Int { Int(bits(16, 5)) }
    /// Destination register, bits 15...11.
    @inlinable @inline(__always) public var rd: Int { Int(bits(11, 5)) }
    /// Shift amount, bits 10...6.
    @inlinable @inline(__always) public var sa: UInt32 { bits(6, 5) }
    /// Secondary opcode, bits 5...0.
    @inlinable @inline(__always) public var funct: Int { Int(bits(0, 6)) }

    /// Immediate, bits 15...0, sign-extended: arithmetic, loads and stores.
    @inlinable @inline(__always) public var signedImmediate: Int32 {
        Int32(Int16(truncatingIfNeeded: rawValue))
    }
    /// The sign-extended immediate as the word that is added to a register.
    @inlinable @inline(__always) public var signExtendedImmediate: UInt32 { UInt32(bitPattern: signedImmediate) }
    /// Immediate, bits 15...0, zero-extended: `andi`, `ori`, `xori`, `lui`.
    @inlinable @inline(__always) public var unsignedImmediate: UInt32 { bits(0, 16) }

    /// Instruction index of `j` and `jal`, bits 25...0: bits 27...2 of the target address.
    @inlinable @inline(__always) public var target: UInt32 { bits(0, 26) }

    /// Target of a PC-relative branch that lies at `pc`: the sign-extended immediate counts words from the delay slot.
    @inlinable @inline(__always)
    public func branchTarget(at pc: UInt32) -> UInt32 { pc &+ 4 &+ (signExtendedImmediate &<< 2) }

    /// Target of a `j` or `jal` that lies at `pc`: within the 256 MiB region of its delay slot.
    @inlinable @inline(__always)
    public func jumpTarget(at pc: UInt32) -> UInt32 { ((pc &+ 4) & 0xF000_0000) | (target &<< 2) }

    /// Code of `syscall`, `break` and `sdbbp`, bits 25...6. Not seen by hardware.
    @inlinable @inline(__always) public var code: UInt32 { bits(6, 20) }
    /// Code of the register trap instructions (`teq` and its kin), bits 15...6. Not seen by hardware.
    @inlinable @inline(__always) public var trapCode: UInt32 { bits(6, 10) }
    /// Code of `wait`, bits 24...6.
    @inlinable @inline(__always) public var waitCode: UInt32 { bits(6, 19) }
    /// Code of `hypcall`, bits 20...11.
    @inlinable @inline(__always) public var hypcallCode: UInt32 { bits(11, 10) }
    /// Kind of `sync`, bits 10...6; 0 orders everything.
    @inlinable @inline(__always) public var stype: UInt32 { sa }

    /// Lowest bit of the field that `ext` reads or `ins` replaces, 0...31.
    @inlinable @inline(__always) public var bitFieldPosition: UInt32 { sa }
    /// Size of the field that `ext` reads, 1...32. The word carries size - 1 in bits 15...11.
    @inlinable @inline(__always) public var extSize: UInt32 { bits(11, 5) &+ 1 }
    /// Size of the field that `ins` replaces. The word carries the highest bit in bits 15...11; words whose highest
    /// bit is below the lowest are reserved, and this wraps for them.
    @inlinable @inline(__always) public var insSize: UInt32 { bits(11, 5) &+ 1 &- sa }

    // MARK: Coprocessor 0, cache and prefetch

    /// Select field of a coprocessor 0 access, bits 2...0.
    @inlinable @inline(__always) public var sel: Int { Int(bits(0, 3)) }
    /// The coprocessor 0 register that `mfc0` and `mtc0` name.
    @inlinable @inline(__always) public var cp0Register: CP0Register {
        CP0Register(index: UInt8(truncatingIfNeeded: (bits(11, 5) &<< 3) | bits(0, 3)))
    }
    /// Operation of `cache`, bits 20...16; the lower two bits name the cache.
    @inlinable @inline(__always) public var cacheOperation: UInt32 { bits(16, 5) }
    /// Hint of `pref`, bits 20...16.
    @inlinable @inline(__always) public var hint: UInt32 { bits(16, 5) }
    /// Hint of `prefx`, bits 15...11.
    @inlinable @inline(__always) public var indexedHint: UInt32 { bits(11, 5) }

    // MARK: Floating point

    /// Operand format, bits 25...21: 16 single, 17 double, 20 word, 21 long.
    @inlinable @inline(__always) public var fmt: Int { rs }
    /// Addend of the four-operand instructions, bits 25...21.
    @inlinable @inline(__always) public var fr: Int { rs }
    /// Second source, bits 20...16.
    @inlinable @inline(__always) public var ft: Int { rt }
    /// First source, bits 15...11.
    @inlinable @inline(__always) public var fs: Int { rd }
    /// Destination, bits 10...6.
    @inlinable @inline(__always) public var fd: Int { Int(bits(6, 5)) }
    /// Index register of the indexed loads and stores, bits 20...16.
    @inlinable @inline(__always) public var index: Int { rt }
    /// Condition code tested by branches and conditional moves, bits 20...18.
    @inlinable @inline(__always) public var testedCondition: Int { Int(bits(18, 3)) }
    /// Condition code set by `c.cond.fmt`, bits 10...8.
    @inlinable @inline(__always) public var comparedCondition: Int { Int(bits(8, 3)) }
    /// Comparison of `c.cond.fmt`, bits 3...0: bit 3 signals on quiet NaN too, bit 2 is less, bit 1 equal, bit 0
    /// unordered.
    @inlinable @inline(__always) public var cond: UInt32 { bits(0, 4) }
}
