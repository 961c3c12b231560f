// Ops of words that were predecoded before.
//
// Purpose. Code that runs for the first time is mostly made of words the guest has executed elsewhere, and looking one up costs a tenth
// of decoding it. A guest that begins cold, after a boot or in a new process, spends most of its time on that.
//
// Direct-mapped by word, with the mode a word was decoded in. What of a branch depends on where it is, its target, is computed anew. ERET is
// not kept, and branches are not given for delay slots: they must not be there.
//
// Unsafe code: a view of memory that class CPU owns; an index is masked to its entries.

import MIPS

/// Table from words to ops.
@safe
struct DecodedWords {
    private static let entries = 2048
    // An op, then 16 word, 20 mode and validity, 24 `Kind`.
    private static let stride = 32
    static let bytes = entries * stride
    private static let valid: UInt32 = 1 << 31

    /// How a block goes on after it, and what of its op depends on its address.
    enum Kind: UInt32 {
        case straight = 0
        case ends = 1
        /// A branch whose target is in a register.
        case registerBranch = 2
        case branch = 3
        /// J and JAL.
        case jump = 4
    }

    private let p: UnsafeMutableRawPointer

    /// On zeroed memory: nothing is known.
    init(_ p: UnsafeMutableRawPointer) { unsafe self.p = p }

    @inline(__always)
    private func entry(_ word: UInt32) -> UnsafeMutableRawPointer {
        unsafe p + Int((word &* 0x9E37_79B1) &>> 21) &* Self.stride
    }

    /// Writes the op of a word at `pc`, if it is known: then, how the block goes on.
    @inline(__always)
    func copy(
        _ word: UInt32, pc: UInt32, mode: UInt32, to op: UnsafeMutableRawPointer, flags: UInt8
    ) -> CPU.Continuation? {
        let known = unsafe entry(word)
        guard
            unsafe known.load(fromByteOffset: 16, as: UInt32.self) == word
                && known.load(fromByteOffset: 20, as: UInt32.self) == mode | Self.valid
        else { return nil }
        let kind = unsafe known.load(fromByteOffset: 24, as: UInt32.self)
        let isBranch = kind >= Kind.registerBranch.rawValue
        if isBranch, flags != 0 { return nil }
        unsafe op.copyMemory(from: known, byteCount: Op.size)
        unsafe op.storeBytes(of: flags, toByteOffset: Op.flagsOffset, as: UInt8.self)
        guard isBranch else { return kind == Kind.straight.rawValue ? .straight : .ends }
        if kind != Kind.registerBranch.rawValue {
            let w = InstructionWord(word)
            let target = kind == Kind.branch.rawValue ? w.branchTarget(at: pc) : w.jumpTarget(at: pc)
            unsafe op.storeBytes(of: target, toByteOffset: Op.immOffset, as: UInt32.self)
        }
        return .branch
    }

    /// Keeps the op of a word.
    func keep(_ word: UInt32, mode: UInt32, op: UnsafeRawPointer, _ kind: Kind) {
        let known = unsafe entry(word)
        unsafe known.copyMemory(from: op, byteCount: Op.size)
        unsafe known.storeBytes(of: word, toByteOffset: 16, as: UInt32.self)
        unsafe known.storeBytes(of: mode | Self.valid, toByteOffset: 20, as: UInt32.self)
        unsafe known.storeBytes(of: kind.rawValue, toByteOffset: 24, as: UInt32.self)
    }
}
