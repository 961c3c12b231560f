// Predecoded blocks: storage, lookup, invalidation.
//
// A block is a straight run of guest instructions that ends at a branch's delay slot, at an instruction that changes the state
// blocks depend on, at a page's end or at its longest. It is keyed by guest-physical address and mode, so every alias of a page
// shares it; its ops embed virtual addresses, so the virtual PC is part of the key too.
//
// Life cycle of a block: built from guest memory by the predecoder; found by hash; checked against memory on its first
// execution in each run, because users may write guest memory between runs; unlinked when the guest stores into it or
// executes CACHE or SYNCI on it; its bytes are reclaimed when the arena is full, by dropping all blocks at once. That happens in
// the dispatcher only, never while a block executes.
//
// Unsafe code: blocks lie in one mapping; an index is a byte offset into it that the cache itself produced.

import Host

/// Fast map from virtual PC and context to ops, direct-mapped.
enum JumpCache {
    static let entries = 2048
    static let stride = 32
    static let bytes = entries * stride

    @inline(__always)
    static func offset(_ pc: UInt32) -> Int { (Int(pc &>> 2) & (entries - 1)) &* stride }
}

@safe
struct BlockCache {
    /// Longest block, in instructions.
    static let maximumLength = 64
    /// Bytes of guest code and ops kept before everything is dropped.
    static let arenaSize = 3 << 19
    private static let buckets = 4096

    // Header of a block, in front of its ops.
    // 0 next in bucket, 4 next in page (byte offsets, 0 is none), 8 physical PC, 12 virtual PC, 16 mode, 20 length in words,
    // 24 epoch of the last check, 28 live
    static let headerSize = 32
    static let opsOffset = 32

    private let arena: HostMemory
    private let table: HostMemory
    private let codePages: HostMemory
    private var top = 64
    private(set) var flushes = 0

    init() throws(Errno) {
        arena = try HostMemory(size: Self.arenaSize)
        table = try HostMemory(size: Self.buckets * 8)
        // One bit a 4 KiB page of the low 4 GiB.
        codePages = try HostMemory(size: 1 << 17)
    }

    private func bucket(_ physical: UInt32) -> UnsafeMutablePointer<UInt32> {
        unsafe table.base.assumingMemoryBound(to: UInt32.self) + Int(((physical &>> 2) &* 0x9E37_79B1) &>> 20)
    }

    private func pageBucket(_ physical: UInt32) -> UnsafeMutablePointer<UInt32> {
        unsafe table.base.assumingMemoryBound(to: UInt32.self) + Self.buckets
            + Int(((physical &>> 12) &* 0x9E37_79B1) &>> 20)
    }

    private func word(_ block: UInt32, _ field: Int) -> UInt32 {
        unsafe arena.base.load(fromByteOffset: Int(block) + field, as: UInt32.self)
    }

    private func setWord(_ block: UInt32, _ field: Int, _ value: UInt32) {
        unsafe arena.base.storeBytes(of: value, toByteOffset: Int(block) + field, as: UInt32.self)
    }

    func ops(_ block: UInt32) -> UnsafeMutableRawPointer { unsafe arena.base + Int(block) + Self.opsOffset }
    func length(_ block: UInt32) -> UInt32 { word(block, 20) }

    /// Words a block was built from; they lie behind its ops.
    private func words(_ block: UInt32) -> UnsafeMutablePointer<UInt32> {
        unsafe (ops(block) + (Int(length(block)) + 2) * Op.size).assumingMemoryBound(to: UInt32.self)
    }

    /// The guest word of op `index` of the block whose ops start at `ops`.
    static func word(ops: UnsafeRawPointer, index: Int) -> UInt32 {
        let length = unsafe Int((ops - opsOffset).load(fromByteOffset: 20, as: UInt32.self))
        return unsafe (ops + (length + 2) * Op.size).load(fromByteOffset: index * 4, as: UInt32.self)
    }

    /// A block for that PC and mode, or nil. `memory` is the host address of the first word, `epoch` the current one.
    func find(physical: UInt32, pc: UInt32, mode: UInt32, memory: UnsafeRawPointer, epoch: UInt32) -> UInt32? {
        var block = unsafe bucket(physical).pointee
        while block != 0 {
            if word(block, 8) == physical, word(block, 12) == pc, word(block, 16) == mode, word(block, 28) != 0 {
                if word(block, 24) != epoch {
                    guard (unsafe matches(block, memory)) else {
                        setWord(block, 28, 0)
                        return nil
                    }
                    setWord(block, 24, epoch)
                }
                return block
            }
            block = word(block, 0)
        }
        return nil
    }

    private func matches(_ block: UInt32, _ memory: UnsafeRawPointer) -> Bool {
        let n = Int(length(block))
        let saved = unsafe words(block)
        for i in 0..<n where unsafe saved[i] != memory.load(fromByteOffset: i * 4, as: UInt32.self) { return false }
        return true
    }

    /// Room for the longest block?
    var isFull: Bool { top + Self.headerSize + (Self.maximumLength + 4) * (Op.size + 4) > Self.arenaSize }

    /// Where the ops of the next block go.
    var openOps: UnsafeMutableRawPointer { unsafe arena.base + top + Self.opsOffset }

    /// Room for one op outside any block: its header and word are written, and the next block overwrites it.
    func scratch(word: UInt32) -> UnsafeMutableRawPointer {
        let block = UInt32(truncatingIfNeeded: top)
        setWord(block, 20, 1)
        unsafe words(block)[0] = word
        return unsafe ops(block)
    }

    /// Adds the block whose `length` instructions (and up to two closing ops) were written at `openOps`.
    mutating func close(
        physical: UInt32, pc: UInt32, mode: UInt32, length: Int, memory: UnsafeRawPointer, epoch: UInt32
    ) -> UInt32 {
        let block = UInt32(truncatingIfNeeded: top)
        setWord(block, 0, unsafe bucket(physical).pointee)
        setWord(block, 4, unsafe pageBucket(physical).pointee)
        setWord(block, 8, physical)
        setWord(block, 12, pc)
        setWord(block, 16, mode)
        setWord(block, 20, UInt32(truncatingIfNeeded: length))
        setWord(block, 24, epoch)
        setWord(block, 28, 1)
        let saved = unsafe words(block)
        for i in 0..<length { unsafe saved[i] = memory.load(fromByteOffset: i * 4, as: UInt32.self) }
        unsafe bucket(physical).pointee = block
        unsafe pageBucket(physical).pointee = block
        top += Self.headerSize + (length + 2) * Op.size + (length * 4 + 15) / 16 * 16
        let page = Int(physical &>> 12)
        let old = unsafe codePages.base.load(fromByteOffset: page / 8, as: UInt8.self)
        unsafe codePages.base.storeBytes(of: old | 1 << UInt8(page & 7), toByteOffset: page / 8, as: UInt8.self)
        return block
    }

    /// Does the page of `physical` hold blocks?
    func hasCode(_ physical: UInt32) -> Bool {
        let page = Int(physical &>> 12)
        return unsafe codePages.base.load(fromByteOffset: page / 8, as: UInt8.self) & 1 << UInt8(page & 7) != 0
    }

    /// Unlinks blocks that overlap `length` bytes at `physical`, all within one page. Returns whether there were any.
    func invalidate(_ physical: UInt32, length bytes: UInt32) -> Bool {
        var found = false
        var live = false
        var block = unsafe pageBucket(physical).pointee
        while block != 0 {
            if word(block, 28) != 0, word(block, 8) &>> 12 == physical &>> 12 {
                let start = word(block, 8)
                if start < physical &+ bytes, physical < start &+ length(block) &* 4 {
                    setWord(block, 28, 0)
                    found = true
                } else {
                    live = true
                }
            }
            block = word(block, 4)
        }
        if !live { clearCodeBit(physical) }
        return found
    }

    private func clearCodeBit(_ physical: UInt32) {
        let page = Int(physical &>> 12)
        let old = unsafe codePages.base.load(fromByteOffset: page / 8, as: UInt8.self)
        unsafe codePages.base.storeBytes(of: old & ~(1 << UInt8(page & 7)), toByteOffset: page / 8, as: UInt8.self)
    }

    /// Drops every block.
    mutating func removeAll() {
        top = 64
        flushes += 1
        for i in 0..<Self.buckets * 2 { unsafe table.base.storeBytes(of: 0, toByteOffset: i * 4, as: UInt32.self) }
        for i in 0..<(1 << 14) { unsafe codePages.base.storeBytes(of: 0, toByteOffset: i * 8, as: UInt64.self) }
    }
}
