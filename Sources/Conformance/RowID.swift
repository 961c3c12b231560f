// The rows: their ids and names. A row is a section's letter and a number: as in the reference's conformance checklist, and S for
// the claims of the master disable.

/// A row of the conformance list. Adding a case does not compile until it has a title and a check.
public enum RowID: UInt8, CaseIterable, Sendable {
    // The claims of the master disable, which the project exists for
    case s1, s2, s3, s4, s5, s6, s7, s8
    // System and VM
    case a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18
    // Memory
    case m1, m2, m3, m4, m5, m6, m7, m8, m9
    // Register interface
    case g1, g2, g3, g4, g5, g6, g7, g8, g9, g10, g11, g12, g13, g14, g15, g16, g17, g18
    // Timer
    case t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, t12, t13, t14, t15, t16, t17, t18, t19, t20, t21, t22,
        t23, t24, t25, t26, t27, t28, t29, t30, t31, t32, t33, t34, t35, t36
    // Interrupts
    case i1, i2, i3, i4, i5, i6, i7, i8, i9, i10, i11, i12, i13
    // KVM_RUN and MMIO
    case r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, r12, r13, r14, r15, r16, r17, r18, r19, r20, r21, r22,
        r23, r24, r25, r26, r27, r28, r29, r30, r31
    // Guest CPU
    case c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19
}

extension RowID {
    /// A section: its letter (a capital of ASCII) and how many rows it has. The cases above are in this order.
    static var sections: [(letter: UInt8, rows: UInt8)] {
        [
            (UInt8(ascii: "S"), 8),
            (UInt8(ascii: "A"), 18),
            (UInt8(ascii: "M"), 9),
            (UInt8(ascii: "G"), 18),
            (UInt8(ascii: "T"), 36),
            (UInt8(ascii: "I"), 13),
            (UInt8(ascii: "R"), 31),
            (UInt8(ascii: "C"), 19),
        ]
    }

    /// The section's letter, a capital of ASCII, and the number within it, from 1.
    public var position: (section: UInt8, number: UInt32) {
        var rest = rawValue
        for section in Self.sections {
            if rest < section.rows { return (section.letter, UInt32(rest) + 1) }
            rest -= section.rows
        }
        preconditionFailure("a row outside of every section")
    }

    /// The row's name: "T8".
    public var name: String {
        let (section, number) = position
        return String(Unicode.Scalar(section)) + String(number)
    }
}

extension RowID: CustomStringConvertible {
    public var description: String { name }
}
