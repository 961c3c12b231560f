// Where guest state is while translated code runs.
//
// Ten guest registers live in host registers, the others in `Core`, where x86 instructions take them as operands. Which ten is the same
// wherever units meet (`common`): that lets them jump to each other without moving anything. Inside of a unit that has a loop it may
// be others, those the loop uses most; the unit moves them when it is entered and left.

#if arch(x86_64)
    import MIPS
    import X86

    enum HostRegister {
        /// The memory behind `Core`.
        static let core = Register.rbp
        /// What is left of the slice.
        static let budget = Register.rbx
        /// Whom the calling convention lets nobody change (System V ABI, AMD64 supplement, 3.2.1).
        static let saved: [Register] = [.rbp, .rbx, .r12, .r13, .r14, .r15]
    }

    /// Guest registers with a host register of their own. Guest registers are named by their place in `Core`, in words: 0 to 31 are the
    /// general ones. rax, rcx and rdx are free for everybody.
    @safe
    struct RegisterMap {
        static let hi = Core.hiOffset / 4
        static let lo = Core.loOffset / 4
        static let names = 36

        /// The host registers that stand for guest registers.
        static let hosts: [Register] = [.rdi, .rsi, .r8, .r9, .r10, .r11, .r12, .r13, .r15, .r14]
        /// v0, v1, a0 to a3, t0, s0, s1, sp.
        static let common = RegisterMap([2, 3, 4, 5, 6, 7, 8, 16, 17, 29])

        /// The guest register of each host register.
        private(set) var guests: [Int]
        /// And the other way round: an index in `hosts`, or 255.
        private var places: InlineArray<36, UInt8>
        /// Host registers that stand for another guest register than in `common`: which, the common one, the one here.
        private(set) var differences: [(host: Register, common: Int, here: Int)] = []

        private init(_ guests: [Int]) {
            self.guests = guests
            places = .init(repeating: 255)
            for (index, guest) in guests.enumerated() { places[guest] = UInt8(index) }
        }

        /// The best map for a loop that uses each guest register so often.
        init(uses: InlineArray<36, Int>) {
            self = .common
            // Those that stay keep their place, so that nothing has to be moved between host registers.
            for new in (1..<Self.names).sorted(by: { uses[$0] > uses[$1] }) where places[new] == 255 {
                let (index, old) = guests.enumerated().min { uses[$0.element] < uses[$1.element] }!
                guard uses[new] >= uses[old] + Self.gain else { break }
                places[old] = 255
                places[new] = UInt8(index)
                guests[index] = new
            }
            for (index, guest) in guests.enumerated() where guest != Self.common.guests[index] {
                differences.append((Self.hosts[index], Self.common.guests[index], guest))
            }
        }

        /// How many uses in a loop are worth the moves on its ways in and out.
        private static let gain = 2

        /// The host register of a guest register, or nil.
        @inline(__always)
        func host(_ guest: Int) -> Register? {
            let index = places[guest]
            return index == 255 ? nil : Self.hosts[Int(index)]
        }

        /// Counts the guest registers an instruction names. It is about speed alone, and so need not be right about every one.
        static func count(_ instruction: Instruction, _ w: InstructionWord, in uses: inout InlineArray<36, Int>) {
            switch instruction {
            case .mult, .multu, .div, .divu, .madd, .maddu, .msub, .msubu:
                uses[hi] += 1
                uses[lo] += 1
            case .mfhi, .mthi: uses[hi] += 1
            case .mflo, .mtlo: uses[lo] += 1
            case .j, .jal: return
            default: break
            }
            uses[w.rs] += 1
            if instruction.traits.contains(.fpu) { return }
            uses[w.rt] += 1
            if w.opcode == 0 || w.opcode == 0x1C || w.opcode == 0x1F { uses[w.rd] += 1 }
        }
    }
#endif
