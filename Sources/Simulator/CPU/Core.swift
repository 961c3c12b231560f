// The hot state of a simulated CPU: what instruction handlers touch.
//
// It lies in raw memory at fixed offsets, reached through one pointer that stays in a machine register. A class or struct
// with stored properties would cost an exclusivity check or a reload at each access (the measurements are in
// docs/architecture.md). Cold state lives in class CPU.
//
// Unsafe code: `Core` and `Op` are views of memory that class CPU and class BlockCache own and that outlives every handler
// call; offsets are constants below `Core.size`, and register offsets come from the predecoder, which masks them.

/// A machine word of the guest. The one place that decides the width of registers.
typealias Word = UInt32
typealias SignedWord = Int32

/// What a handler chain tells the dispatcher.
typealias Outcome = Int32

/// Values of `Outcome`.
enum Flow {
    /// Go on at `core.pc`.
    static let next: Outcome = 0
    /// Leave the guest; the run area or the CPU says why.
    static let exit: Outcome = 1
}

/// An instruction handler: executes `op` and, inside a block, tail-calls the next one.
typealias Handler = @convention(c) (UnsafeMutableRawPointer, UnsafeRawPointer) -> Outcome

/// View of the hot state.
@safe
struct Core {
    let p: UnsafeMutableRawPointer

    @inline(__always)
    init(_ p: UnsafeMutableRawPointer) { unsafe self.p = p }

    // Offsets. GPRs come first so that a register operand is its own offset; slot 32 swallows writes to $zero.
    static let sink: UInt8 = 128
    static let hiOffset = 136
    static let loOffset = 140
    static let pcOffset = 144
    static let targetOffset = 148
    static let budgetOffset = 152
    private static let readTLBOffset = 160
    private static let writeTLBOffset = 168
    static let blockOpsOffset = 176
    static let blockPCOffset = 184
    static let blockLengthOffset = 188
    static let contextOffset = 192
    private static let cpuOffset = 200
    private static let cellsOffset = 208
    private static let llActiveOffset = 216
    private static let llAddressOffset = 220
    private static let llValueOffset = 224
    static let fcsrOffset = 228
    private static let leaveOffset = 232
    private static let frOffset = 236
    /// Host address of the first byte of the unmapped segment.
    static let unmappedHostOffset = 240
    static let fprOffset = 256
    /// Size of the RAM at the start of the unmapped segment, in bytes, halfwords, words and doublewords: four words.
    static let unmappedSizeOffset = 512
    static let size = 528

    /// A GPR by its predecoded byte offset (4 * number).
    @inline(__always)
    subscript(_ offset: UInt8) -> Word {
        get { unsafe p.load(fromByteOffset: Int(offset), as: Word.self) }
        nonmutating set { unsafe p.storeBytes(of: newValue, toByteOffset: Int(offset), as: Word.self) }
    }

    @inline(__always)
    private func get<T: BitwiseCopyable>(_ offset: Int, _ type: T.Type) -> T {
        unsafe p.load(fromByteOffset: offset, as: T.self)
    }
    @inline(__always)
    private func set<T: BitwiseCopyable>(_ offset: Int, _ value: T) {
        unsafe p.storeBytes(of: value, toByteOffset: offset, as: T.self)
    }

    var hi: Word {
        @inline(__always) get { get(Self.hiOffset, Word.self) }
        @inline(__always) nonmutating set { set(Self.hiOffset, newValue) }
    }
    var lo: Word {
        @inline(__always) get { get(Self.loOffset, Word.self) }
        @inline(__always) nonmutating set { set(Self.loOffset, newValue) }
    }
    /// PC of the next block; exact between blocks only.
    var pc: Word {
        @inline(__always) get { get(Self.pcOffset, Word.self) }
        @inline(__always) nonmutating set { set(Self.pcOffset, newValue) }
    }
    /// Where the branch of this block goes, set by the branch and read by the end of the block.
    var target: Word {
        @inline(__always) get { get(Self.targetOffset, Word.self) }
        @inline(__always) nonmutating set { set(Self.targetOffset, newValue) }
    }
    /// Instructions until the dispatcher must look at the clock and at interrupts. May go below zero by one block.
    var budget: Int64 {
        @inline(__always) get { get(Self.budgetOffset, Int64.self) }
        @inline(__always) nonmutating set { set(Self.budgetOffset, newValue) }
    }
    /// Software TLB for loads of the current mode.
    var readTLB: UnsafeMutableRawPointer {
        @inline(__always) get { unsafe p.load(fromByteOffset: Self.readTLBOffset, as: UnsafeMutableRawPointer.self) }
        @inline(__always) nonmutating set {
            unsafe p.storeBytes(of: newValue, toByteOffset: Self.readTLBOffset, as: UnsafeMutableRawPointer.self)
        }
    }
    /// Software TLB for stores of the current mode.
    var writeTLB: UnsafeMutableRawPointer {
        @inline(__always) get { unsafe p.load(fromByteOffset: Self.writeTLBOffset, as: UnsafeMutableRawPointer.self) }
        @inline(__always) nonmutating set {
            unsafe p.storeBytes(of: newValue, toByteOffset: Self.writeTLBOffset, as: UnsafeMutableRawPointer.self)
        }
    }
    /// First op of the running block.
    var blockOps: UnsafeRawPointer {
        @inline(__always) get { unsafe p.load(fromByteOffset: Self.blockOpsOffset, as: UnsafeRawPointer.self) }
        @inline(__always) nonmutating set {
            unsafe p.storeBytes(of: newValue, toByteOffset: Self.blockOpsOffset, as: UnsafeRawPointer.self)
        }
    }
    var blockPC: Word {
        @inline(__always) get { get(Self.blockPCOffset, Word.self) }
        @inline(__always) nonmutating set { set(Self.blockPCOffset, newValue) }
    }
    /// Instructions the running block was charged for.
    var blockLength: UInt32 {
        @inline(__always) get { get(Self.blockLengthOffset, UInt32.self) }
        @inline(__always) nonmutating set { set(Self.blockLengthOffset, newValue) }
    }
    /// What, besides the PC, decides which block runs: address space, mode, FPU state, epoch; in the upper half.
    var context: UInt64 {
        @inline(__always) get { get(Self.contextOffset, UInt64.self) }
        @inline(__always) nonmutating set { set(Self.contextOffset, newValue) }
    }
    /// The object that owns this memory, unretained.
    var owner: UnsafeMutableRawPointer {
        @inline(__always) get { unsafe p.load(fromByteOffset: Self.cpuOffset, as: UnsafeMutableRawPointer.self) }
        @inline(__always) nonmutating set {
            unsafe p.storeBytes(of: newValue, toByteOffset: Self.cpuOffset, as: UnsafeMutableRawPointer.self)
        }
    }
    /// CP0 registers: 256 words, register (rd, sel) at 8 * rd + sel.
    var cells: UnsafeMutablePointer<UInt32> {
        @inline(__always) get { unsafe p.load(fromByteOffset: Self.cellsOffset, as: UnsafeMutablePointer<UInt32>.self) }
        @inline(__always) nonmutating set {
            unsafe p.storeBytes(of: newValue, toByteOffset: Self.cellsOffset, as: UnsafeMutablePointer<UInt32>.self)
        }
    }
    /// LLbit.
    var llActive: Bool {
        @inline(__always) get { get(Self.llActiveOffset, UInt32.self) != 0 }
        @inline(__always) nonmutating set { set(Self.llActiveOffset, newValue ? 1 : 0 as UInt32) }
    }
    /// Virtual address of the last LL.
    var llAddress: UInt32 {
        @inline(__always) get { get(Self.llAddressOffset, UInt32.self) }
        @inline(__always) nonmutating set { set(Self.llAddressOffset, newValue) }
    }
    /// What the last LL loaded; SC compares with it, which keeps it right between vCPUs on different threads.
    var llValue: UInt32 {
        @inline(__always) get { get(Self.llValueOffset, UInt32.self) }
        @inline(__always) nonmutating set { set(Self.llValueOffset, newValue) }
    }
    /// FCSR (FCR31).
    var fcsr: UInt32 {
        @inline(__always) get { get(Self.fcsrOffset, UInt32.self) }
        @inline(__always) nonmutating set { set(Self.fcsrOffset, newValue) }
    }

    /// What a handler returns after a slow path that did not complete: an exception or an exit happened.
    var leave: Outcome {
        @inline(__always) get { get(Self.leaveOffset, Outcome.self) }
        @inline(__always) nonmutating set { set(Self.leaveOffset, newValue) }
    }
    /// Status.FR: FPRs are 64 bits wide.
    var fr: Bool {
        @inline(__always) get { get(Self.frOffset, UInt32.self) != 0 }
        @inline(__always) nonmutating set { set(Self.frOffset, newValue ? 1 : 0 as UInt32) }
    }

    /// Tells translated code what RAM the unmapped segment (KSEG0, or TE's from 0x40000000) begins with.
    func setUnmapped(host: UInt, size: UInt32) {
        set(Self.unmappedHostOffset, host)
        for shift in 0..<4 as Range<UInt32> { set(Self.unmappedSizeOffset + Int(shift) * 4, size &>> shift) }
    }

    /// FPR `n` as 64 bits; with Status.FR = 0 only the low half is used.
    @inline(__always)
    func fpr(_ n: Int) -> UInt64 { get(Self.fprOffset + (n & 31) * 8, UInt64.self) }
    @inline(__always)
    func setFPR(_ n: Int, _ value: UInt64) { set(Self.fprOffset + (n & 31) * 8, value) }
    /// FPR `n` as a single or word: the low half.
    @inline(__always)
    func fpr32(_ n: Int) -> UInt32 { get(Self.fprOffset + (n & 31) * 8, UInt32.self) }
    @inline(__always)
    func setFPR32(_ n: Int, _ value: UInt32) { set(Self.fprOffset + (n & 31) * 8, value) }

    /// Calls something with the CPU this state belongs to, which lives longer than any handler runs: nothing is counted.
    @inline(__always)
    func cpu<Result>(_ body: (CPU) -> Result) -> Result {
        unsafe Unmanaged<CPU>.fromOpaque(owner)._withUnsafeGuaranteedRef(body)
    }
}

/// View of one predecoded instruction: handler, immediate, three register bytes, flags. 16 bytes.
@safe
struct Op {
    let p: UnsafeRawPointer

    @inline(__always)
    init(_ p: UnsafeRawPointer) { unsafe self.p = p }

    static let size = 16
    /// Flag: this op sits in a branch delay slot.
    static let delaySlot: UInt8 = 1
    static let immOffset = 8
    static let flagsOffset = 15

    var handler: Handler { @inline(__always) get { unsafe p.load(as: Handler.self) } }
    /// Immediate, offset, target or the instruction word, as the handler wants it.
    var imm: Word { @inline(__always) get { unsafe p.load(fromByteOffset: 8, as: Word.self) } }
    /// Operands by role: rs, rt and rd as offsets into the GPRs, or sa, or FPR numbers.
    var rs: UInt8 { @inline(__always) get { unsafe p.load(fromByteOffset: 12, as: UInt8.self) } }
    var rt: UInt8 { @inline(__always) get { unsafe p.load(fromByteOffset: 13, as: UInt8.self) } }
    var rd: UInt8 { @inline(__always) get { unsafe p.load(fromByteOffset: 14, as: UInt8.self) } }
    var flags: UInt8 { @inline(__always) get { unsafe p.load(fromByteOffset: Self.flagsOffset, as: UInt8.self) } }

    @inline(__always)
    var next: Op { unsafe Op(p + Op.size) }

    /// Writes an op into a block under construction.
    static func write(
        _ p: UnsafeMutableRawPointer, _ handler: @escaping Handler, imm: Word = 0, rs: UInt8 = 0, rt: UInt8 = 0,
        rd: UInt8 = 0,
        flags: UInt8 = 0
    ) {
        unsafe p.storeBytes(of: handler, as: Handler.self)
        unsafe p.storeBytes(of: imm, toByteOffset: immOffset, as: Word.self)
        unsafe p.storeBytes(of: rs, toByteOffset: 12, as: UInt8.self)
        unsafe p.storeBytes(of: rt, toByteOffset: 13, as: UInt8.self)
        unsafe p.storeBytes(of: rd, toByteOffset: 14, as: UInt8.self)
        unsafe p.storeBytes(of: flags, toByteOffset: flagsOffset, as: UInt8.self)
    }
}

/// Runs the op after `o`. Always the last act of a handler, so that the optimizer makes it a jump.
@inline(__always)
func proceed(_ s: Core, _ o: Op) -> Outcome {
    let next = o.next
    return unsafe next.handler(s.p, next.p)
}

/// The common shape: do `body`, then the next op.
@inline(__always)
func chain(_ s: UnsafeMutableRawPointer, _ o: UnsafeRawPointer, _ body: (Core, Op) -> Void) -> Outcome {
    let core = unsafe Core(s)
    let op = unsafe Op(o)
    body(core, op)
    return proceed(core, op)
}
