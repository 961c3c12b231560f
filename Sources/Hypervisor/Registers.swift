// KVM_GET_REGS / KVM_SET_REGS (struct kvm_regs of arch/mips, 280 bytes; reference 1.4).

/// General registers of a vCPU.
public struct Registers: Equatable, Sendable {
    /// GPR 0 to 31; 0 is ignored on set.
    public var gpr: InlineArray<32, UInt64>
    public var hi: UInt64
    public var lo: UInt64
    public var pc: UInt64

    public init() {
        gpr = InlineArray(repeating: 0)
        hi = 0
        lo = 0
        pc = 0
    }

    public static func == (a: Registers, b: Registers) -> Bool {
        for i in 0..<32 where a.gpr[i] != b.gpr[i] { return false }
        return a.hi == b.hi && a.lo == b.lo && a.pc == b.pc
    }

    /// Every value sign-extended from 32 bits: GET_REGS of a 32-bit kernel zero-extends, ONE_REG sign-extends, and this is the
    /// one place where the two are brought together.
    public var normalized: Registers {
        var r = self
        for i in 0..<32 { r.gpr[i] = signExtended(gpr[i]) }
        r.hi = signExtended(hi)
        r.lo = signExtended(lo)
        r.pc = signExtended(pc)
        return r
    }
}

/// The low 32 bits of `value`, sign-extended to 64: the form ONE_REG gives 32-bit registers in.
@inlinable
public func signExtended(_ value: UInt64) -> UInt64 {
    UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: value)))
}
