// Names of the general registers.

/// A general register by its o32 name.
public enum GPR: UInt8, CaseIterable, Sendable {
    case zero, at, v0, v1, a0, a1, a2, a3
    case t0, t1, t2, t3, t4, t5, t6, t7
    case s0, s1, s2, s3, s4, s5, s6, s7
    case t8, t9, k0, k1, gp, sp, fp, ra

    /// The name as assemblers write it, without the dollar sign.
    public var name: StaticString {
        switch self {
        case .zero: "zero"
        case .at: "at"
        case .v0: "v0"
        case .v1: "v1"
        case .a0: "a0"
        case .a1: "a1"
        case .a2: "a2"
        case .a3: "a3"
        case .t0: "t0"
        case .t1: "t1"
        case .t2: "t2"
        case .t3: "t3"
        case .t4: "t4"
        case .t5: "t5"
        case .t6: "t6"
        case .t7: "t7"
        case .s0: "s0"
        case .s1: "s1"
        case .s2: "s2"
        case .s3: "s3"
        case .s4: "s4"
        case .s5: "s5"
        case .s6: "s6"
        case .s7: "s7"
        case .t8: "t8"
        case .t9: "t9"
        case .k0: "k0"
        case .k1: "k1"
        case .gp: "gp"
        case .sp: "sp"
        case .fp: "fp"
        case .ra: "ra"
        }
    }
}
