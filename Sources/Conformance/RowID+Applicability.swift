// Which rows say nothing about a profile, and why. What a check finds out only by looking (no FPU, a 64-bit kernel, a host
// booted a moment ago) it says itself.

public import Hypervisor

extension RowID {
    /// Whether the row can be checked on a system of this profile.
    public func applicability(_ profile: Profile) -> Applicability {
        if !profile.hasFPU, let reason = needsFPU { return .skip(reason) }
        if profile.kind == .vz, let reason = notOnVZ { return .skip(reason) }
        return .yes
    }

    private var needsFPU: String? {
        switch self {
        case .g2, .g15, .g16, .g17: "the host has no FPU to lend"
        default: nil
        }
    }

    /// Rows about what trap-and-emulate does in software and VZ leaves to the processor (reference 2.4, 3.5, 7).
    private var notOnVZ: String? {
        switch self {
        case .g13: "VZ: the hardware decides which CP0 bits can be written (reference 3.5)"
        case .g14: "VZ: RI and XI move within EntryLo, and Context is the hardware's (reference 3.2)"
        case .t25: "VZ: Cause is the hardware's register, not a cell of 32 bits (reference 4.7)"
        case .i12: "VZ: the hardware presents all interrupts at once (reference 6.4)"
        case .r17: "VZ: what the guest TLB holds at reset is not defined (reference 7.1 is TE only)"
        case .c1: "VZ: PRId and Config are not cells (reference 7.3 is TE only)"
        case .c3: "VZ: HWREna is the hardware's (reference 3.5)"
        case .c4: "VZ: EBase is the hardware's (reference 3.5)"
        case .c5: "VZ: Status is the hardware's (reference 3.5)"
        case .c6, .c7: "VZ: instructions are not patched (reference 2.4)"
        case .c9: "VZ: MTC0 Index is the hardware's (reference 3.5)"
        case .c15: "VZ: cache operations are the hardware's"
        case .c16: "VZ: 64-bit moves depend on the hardware's width"
        case .c17: "VZ: there is no commpage (reference 2.4)"
        default: nil
        }
    }
}
