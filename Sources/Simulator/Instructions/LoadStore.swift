// Loads and stores (MIPS32 manual, Volume II-A).
//
// The hit path is a compare against a direct-mapped software TLB whose tag also rejects unaligned addresses, then one host
// access. Everything else (misses, MMIO, unaligned, code pages, dirty logging) is class CPU's business, out of line.

/// Geometry of the software TLBs. An entry is 16 bytes: tag at 0, host address minus guest virtual address at 8.
enum SoftTLB {
    static let entries = 256
    static let bytes = entries * 16
    /// A tag no address can have: bit 11 takes part in no comparison.
    static let invalid: UInt32 = 0x800

    @inline(__always)
    static func offset(_ address: UInt32) -> Int { Int(address &>> 8 & 0xFF0) }

    /// The host address behind `address`, or nil on a miss. `alignment` is the size of the access minus one.
    @inline(__always)
    static func lookup(_ table: UnsafeMutableRawPointer, _ address: UInt32, alignment: UInt32)
        -> UnsafeMutableRawPointer?
    {
        let entry = unsafe table + offset(address)
        guard _fastPath(unsafe entry.load(as: UInt32.self) == address & (0xFFFF_F000 | alignment)) else { return nil }
        let addend = unsafe entry.load(fromByteOffset: 8, as: UInt.self)
        return unsafe UnsafeMutableRawPointer(bitPattern: addend &+ UInt(address))
    }
}

/// A slow load's result: the value, or `failed` when an exception or an exit happened instead.
enum SlowLoad {
    static let failed: UInt64 = 1 << 63
}

@inline(__always)
private func effective(_ s: Core, _ o: Op) -> UInt32 { s[o.rs] &+ o.imm }

// A miss is a jump to the function that does the whole access again the slow way and then goes on: with nothing to do after a
// call, the hit path needs no stack frame.

@inline(never)
private func missedLoad(_ s: Core, _ o: Op, _ size: UInt32, signed: Bool) -> Outcome {
    let value = s.cpu { $0.load(o, effective(s, o), size) }
    guard value != SlowLoad.failed else { return s.leave }
    let word = Word(truncatingIfNeeded: value)
    let unused = 32 &- size &* 8
    s[o.rt] =
        signed ? Word(bitPattern: SignedWord(bitPattern: word &<< unused) &>> SignedWord(bitPattern: unused)) : word
    return proceed(s, o)
}

@inline(never)
private func missedStore(_ s: Core, _ o: Op, _ size: UInt32) -> Outcome {
    guard s.cpu({ $0.store(o, effective(s, o), s[o.rt], size) }) else { return s.leave }
    return proceed(s, o)
}

@inline(__always)
private func load<T: FixedWidthInteger & BitwiseCopyable>(_ s: Core, _ o: Op, _ type: T.Type) -> Outcome {
    let address = effective(s, o)
    let size = UInt32(truncatingIfNeeded: MemoryLayout<T>.size)
    guard let host = unsafe SoftTLB.lookup(s.readTLB, address, alignment: size &- 1) else {
        return missedLoad(s, o, size, signed: T.isSigned)
    }
    s[o.rt] = Word(truncatingIfNeeded: unsafe host.load(as: T.self))
    return proceed(s, o)
}

@inline(__always)
private func store<T: FixedWidthInteger & BitwiseCopyable>(_ s: Core, _ o: Op, _ type: T.Type) -> Outcome {
    let address = effective(s, o)
    let size = UInt32(truncatingIfNeeded: MemoryLayout<T>.size)
    guard let host = unsafe SoftTLB.lookup(s.writeTLB, address, alignment: size &- 1) else {
        return missedStore(s, o, size)
    }
    unsafe host.storeBytes(of: T(truncatingIfNeeded: s[o.rt]), as: T.self)
    return proceed(s, o)
}

@inline(__always) func LB(_ s: Core, _ o: Op) -> Outcome { load(s, o, Int8.self) }
@inline(__always) func LBU(_ s: Core, _ o: Op) -> Outcome { load(s, o, UInt8.self) }
@inline(__always) func LH(_ s: Core, _ o: Op) -> Outcome { load(s, o, Int16.self) }
@inline(__always) func LHU(_ s: Core, _ o: Op) -> Outcome { load(s, o, UInt16.self) }
@inline(__always) func LW(_ s: Core, _ o: Op) -> Outcome { load(s, o, UInt32.self) }
@inline(__always) func SB(_ s: Core, _ o: Op) -> Outcome { store(s, o, UInt8.self) }
@inline(__always) func SH(_ s: Core, _ o: Op) -> Outcome { store(s, o, UInt16.self) }
@inline(__always) func SW(_ s: Core, _ o: Op) -> Outcome { store(s, o, UInt32.self) }

// Unaligned pairs, little endian. Left instructions move bytes address & ~3 ... address to the top of the register; right ones
// move bytes address ... address | 3 to the bottom.

@inline(__always)
func LWL(_ s: Core, _ o: Op) -> Outcome {
    let address = effective(s, o)
    guard let word = alignedWord(s, o, address) else { return s.leave }
    s[o.rt] = Unaligned.lwl(s[o.rd], word, address & 3)
    return proceed(s, o)
}

@inline(__always)
func LWR(_ s: Core, _ o: Op) -> Outcome {
    let address = effective(s, o)
    guard let word = alignedWord(s, o, address) else { return s.leave }
    s[o.rt] = Unaligned.lwr(s[o.rd], word, address & 3)
    return proceed(s, o)
}

/// What LWL, LWR, SWL and SWR do to a word, also needed when an MMIO access completes one.
enum Unaligned {
    @inline(__always)
    static func lwl(_ register: Word, _ word: Word, _ byte: Word) -> Word {
        let shift = (3 &- byte) &* 8
        return word &<< shift | register & ~(UInt32.max &<< shift)
    }

    @inline(__always)
    static func lwr(_ register: Word, _ word: Word, _ byte: Word) -> Word {
        let shift = byte &* 8
        return word &>> shift | register & ~(UInt32.max &>> shift)
    }

    @inline(__always)
    static func swl(_ memory: Word, _ register: Word, _ byte: Word) -> Word {
        let shift = (3 &- byte) &* 8
        return register &>> shift | memory & ~(UInt32.max &>> shift)
    }

    @inline(__always)
    static func swr(_ memory: Word, _ register: Word, _ byte: Word) -> Word {
        let shift = byte &* 8
        return register &<< shift | memory & ~(UInt32.max &<< shift)
    }
}

@inline(__always)
private func alignedWord(_ s: Core, _ o: Op, _ address: UInt32) -> Word? {
    if let host = unsafe SoftTLB.lookup(s.readTLB, address & ~3, alignment: 3) {
        return unsafe host.load(as: UInt32.self)
    }
    return slowUnalignedLoad(s, o, address)
}

@inline(never)
private func slowUnalignedLoad(_ s: Core, _ o: Op, _ address: UInt32) -> Word? {
    let value = s.cpu { $0.loadUnalignedPart(o, address) }
    return value == SlowLoad.failed ? nil : Word(truncatingIfNeeded: value)
}

@inline(__always)
private func storePart(_ s: Core, _ o: Op, left: Bool) -> Outcome {
    let address = effective(s, o)
    let value = s[o.rt]
    if let host = unsafe SoftTLB.lookup(s.writeTLB, address & ~3, alignment: 3) {
        let memory = unsafe host.load(as: UInt32.self)
        let merged = left ? Unaligned.swl(memory, value, address & 3) : Unaligned.swr(memory, value, address & 3)
        unsafe host.storeBytes(of: merged, as: UInt32.self)
        return proceed(s, o)
    }
    guard slowStorePart(s, o, address, value, left: left) else { return s.leave }
    return proceed(s, o)
}

@inline(never)
private func slowStorePart(_ s: Core, _ o: Op, _ address: UInt32, _ value: UInt32, left: Bool) -> Bool {
    s.cpu { $0.storeUnalignedPart(o, address, value, left: left) }
}

@inline(__always) func SWL(_ s: Core, _ o: Op) -> Outcome { storePart(s, o, left: true) }
@inline(__always) func SWR(_ s: Core, _ o: Op) -> Outcome { storePart(s, o, left: false) }

@inline(__always)
func LL(_ s: Core, _ o: Op) -> Outcome {
    let address = effective(s, o)
    let value = slowLoadLinked(s, o, address)
    guard value != SlowLoad.failed else { return s.leave }
    s[o.rt] = Word(truncatingIfNeeded: value)
    return proceed(s, o)
}

@inline(never)
private func slowLoadLinked(_ s: Core, _ o: Op, _ address: UInt32) -> UInt64 { s.cpu { $0.loadLinked(o, address) } }

@inline(__always)
func SC(_ s: Core, _ o: Op) -> Outcome {
    let result = slowStoreConditional(s, o, effective(s, o), s[o.rd])
    guard result != SlowLoad.failed else { return s.leave }
    s[o.rt] = Word(truncatingIfNeeded: result)
    return proceed(s, o)
}

@inline(never)
private func slowStoreConditional(_ s: Core, _ o: Op, _ address: UInt32, _ value: Word) -> UInt64 {
    s.cpu { $0.storeConditional(o, address, value) }
}
