// Predecoded blocks: storage, lookup, invalidation.
//
// A block is a straight run of guest instructions that ends at a branch's delay slot, at an instruction that changes the state
// blocks depend on, at a page's end or at its longest. It is keyed by guest-physical address and mode, so every alias of a page
// shares it; its ops embed virtual addresses, so the virtual PC is part of the key too.
//
// Life cycle of a block: built from guest memory by the predecoder; found by hash; checked against memory when its page was
// written by others (`WriteLog`), or on its first execution in each run if they do not note what they write; unlinked when the guest
// stores into it, or executes CACHE or SYNCI on it and memory has something else; its bytes are reclaimed when the arena is full, by
// dropping all blocks at once. That happens in the dispatcher only, never while a block executes.
//
// Unsafe code: blocks lie in one mapping; an index is a byte offset into it that the cache itself produced.

import Host

/// Fast map from virtual PC and context to ops, direct-mapped.
enum JumpCache {
    static let entries = 8192
    static let stride = 32
    static let bytes = entries * stride

    @inline(__always)
    static func offset(_ pc: UInt32) -> Int { (Int(pc &>> 2) & (entries - 1)) &* stride }

    // An entry: 0 context and PC, 8 ops, 16 length, 20 how often the block runs before it is translated (0: never), 24 address of its code,
    // or of what leads to the dispatcher.
    static let warmthOffset = 20
    static let codeOffset = 24
}

@safe
struct BlockCache {
    /// Longest block, in instructions.
    static let maximumLength = 64
    /// Bytes of guest code and ops kept before everything is dropped.
    static let arenaSize = 6 << 20
    /// More than this is much for a guest that does little.
    private static let usualSize = 3 << 19
    /// What a guest fills at once. More of it there from the start would keep a restored guest from its first instruction for longer.
    private static let populatedSize = 3 << 17
    private static let buckets = 1 << 14
    private static let pageBuckets = 1 << 12

    // Header of a block, in front of its ops.
    // 0 next in bucket, 4 next in page (byte offsets, 0 is none), 8 physical PC, 12 virtual PC, 16 mode, 20 length in words,
    // 24 epoch of the last check, 28 0 if it is not to be found any more, else one more than runs left until it is translated,
    // 32 address of its code or 0, 40 next block of its unit (a ring), 44 next unlinked block
    static let headerSize = 48
    static let opsOffset = 48

    private let arena: HostMemory
    private let table: HostMemory
    private let codePages: HostMemory
    private var top = 64
    private(set) var flushes = 0
    /// Blocks with code that were unlinked, until their handlers are given back.
    private var unlinked: UInt32 = 0

    init() throws(Errno) {
        // A restored guest's time runs meanwhile.
        arena = try HostMemory(size: Self.arenaSize, populated: Self.populatedSize)
        table = try HostMemory(size: (Self.buckets + Self.pageBuckets) * 4)
        // One bit a 4 KiB page of the low 4 GiB.
        codePages = try HostMemory(size: 1 << 17)
    }

    private func bucket(_ physical: UInt32) -> UnsafeMutablePointer<UInt32> {
        unsafe table.base.assumingMemoryBound(to: UInt32.self) + Int(((physical &>> 2) &* 0x9E37_79B1) &>> 18)
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

    /// Address of its code; 0 if it has none.
    func code(_ block: UInt32) -> UInt { unsafe arena.base.load(fromByteOffset: Int(block) + 32, as: UInt.self) }
    func setCode(_ block: UInt32, _ address: UInt) {
        unsafe arena.base.storeBytes(of: address, toByteOffset: Int(block) + 32, as: UInt.self)
    }
    /// The block whose ops lie there.
    func block(ops: UnsafeRawPointer) -> UInt32 {
        unsafe UInt32(truncatingIfNeeded: ops - UnsafeRawPointer(arena.base) - Self.opsOffset)
    }
    func pc(_ block: UInt32) -> UInt32 { word(block, 12) }
    func mode(_ block: UInt32) -> UInt32 { word(block, 16) }

    /// Words a block was built from; they lie behind its ops.
    func words(_ block: UInt32) -> UnsafeMutablePointer<UInt32> {
        unsafe (ops(block) + (Int(length(block)) + 2) * Op.size).assumingMemoryBound(to: UInt32.self)
    }

    /// The guest word of op `index` of the block whose ops start at `ops`.
    static func word(ops: UnsafeRawPointer, index: Int) -> UInt32 {
        let length = unsafe Int((ops - opsOffset).load(fromByteOffset: 20, as: UInt32.self))
        return unsafe (ops + (length + 2) * Op.size).load(fromByteOffset: index * 4, as: UInt32.self)
    }

    /// Was the block made for that mode? Kernel code without floating-point instructions is the same whether there is an FPU, and the kernel
    /// changes that with each process it looks after.
    private func fits(_ block: UInt32, _ mode: UInt32) -> Bool {
        let own = word(block, 16)
        return own == mode || own & Self.plain != 0 && mode & 1 == 0
    }

    /// Mode bit of blocks of kernel code without floating-point instructions. Their other bits are zero.
    static let plain: UInt32 = 1 << 8

    /// Is there an instruction of the FPU in a block, or one that looks at its condition codes?
    private func usesFPU(_ memory: UnsafeRawPointer, _ length: Int) -> Bool {
        for i in 0..<length {
            let word = unsafe memory.load(fromByteOffset: i * 4, as: UInt32.self)
            switch word &>> 26 {
            // COP1, COP1X, LWC1, LDC1, SWC1, SDC1 (Volume II-A, "Instruction Encoding")
            case 0x11, 0x13, 0x31, 0x35, 0x39, 0x3D: return true
            // MOVF, MOVT
            case 0 where word & 0x3F == 1: return true
            default: break
            }
        }
        return false
    }

    /// Is that live block what memory has? Looks once an epoch, and unlinks it if it is not.
    private mutating func check(_ block: UInt32, _ memory: UnsafeRawPointer, _ epoch: UInt32) -> Bool {
        if word(block, 24) == epoch { return true }
        guard (unsafe unitMatches(block, memory)) else {
            unlink(block)
            return false
        }
        forUnit(block) { setWord($0, 24, epoch) }
        return true
    }

    /// Is the block that the jump cache had for that PC, before it became stale, still the right one? It spares a search.
    mutating func confirm(
        _ block: UInt32, physical: UInt32, pc: UInt32, mode: UInt32, memory: UnsafeRawPointer, epoch: UInt32
    ) -> Bool {
        guard word(block, 28) != 0, word(block, 8) == physical, word(block, 12) == pc, fits(block, mode) else {
            return false
        }
        return unsafe check(block, memory, epoch)
    }

    /// A block for that PC and mode, or nil. `memory` is the host address of the first word, `epoch` the current one.
    mutating func find(physical: UInt32, pc: UInt32, mode: UInt32, memory: UnsafeRawPointer, epoch: UInt32) -> UInt32? {
        var block = unsafe bucket(physical).pointee
        var previous: UInt32 = 0
        while block != 0 {
            if word(block, 28) == 0 {
                // It is in nobody's way any more.
                block = word(block, 0)
                if previous == 0 { unsafe bucket(physical).pointee = block } else { setWord(previous, 0, block) }
                continue
            }
            if word(block, 8) == physical, word(block, 12) == pc, fits(block, mode) {
                return unsafe check(block, memory, epoch) ? block : nil
            }
            previous = block
            block = word(block, 0)
        }
        return nil
    }

    /// Runs left until a block is translated.
    func warmth(_ block: UInt32) -> UInt32 { word(block, 28) &- 1 }
    func setWarmth(_ block: UInt32, _ warmth: UInt32) {
        if word(block, 28) != 0 { setWord(block, 28, warmth &+ 1) }
    }

    /// Calls `body` with the blocks of a unit.
    private func forUnit(_ block: UInt32, _ body: (UInt32) -> Void) {
        var member = block
        repeat {
            body(member)
            member = word(member, 40)
        } while member != block
    }

    /// Makes a unit of blocks that have code together: what is wrong with one is wrong with all.
    func join(_ unit: ArraySlice<UInt32>) {
        for (index, block) in unit.enumerated() { setWord(block, 40, unit[(index + 1) % unit.count]) }
    }

    /// Lets a block and its unit not be found any more.
    private mutating func unlink(_ block: UInt32) {
        var member = block
        repeat {
            setWord(member, 28, 0)
            if code(member) != 0 {
                setWord(member, 44, unlinked)
                unlinked = member
            }
            member = word(member, 40)
        } while member != block
    }

    /// One of the blocks with code that were unlinked.
    mutating func takeUnlinked() -> UInt32? {
        guard unlinked != 0 else { return nil }
        defer { unlinked = word(unlinked, 44) }
        return unlinked
    }

    /// Are the blocks of a unit, all on one page, what memory has? `memory` is where the one that was given lies.
    private func unitMatches(_ block: UInt32, _ memory: UnsafeRawPointer) -> Bool {
        var same = true
        forUnit(block) { member in
            let distance = Int(word(member, 8)) - Int(word(block, 8))
            same = unsafe same && matches(member, memory + distance)
        }
        return same
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
        physical: UInt32, pc: UInt32, mode: UInt32, length: Int, memory: UnsafeRawPointer, epoch: UInt32, warmth: UInt32
    ) -> UInt32 {
        let block = UInt32(truncatingIfNeeded: top)
        setWord(block, 0, unsafe bucket(physical).pointee)
        setWord(block, 4, unsafe pageBucket(physical).pointee)
        setWord(block, 8, physical)
        setWord(block, 12, pc)
        let isPlain = unsafe mode & 1 == 0 && !usesFPU(memory, length)
        setWord(block, 16, isPlain ? Self.plain : mode)
        setWord(block, 20, UInt32(truncatingIfNeeded: length))
        setWord(block, 24, epoch)
        setWord(block, 28, warmth &+ 1)
        setCode(block, 0)
        setWord(block, 40, block)
        let saved = unsafe words(block)
        for i in 0..<length { unsafe saved[i] = memory.load(fromByteOffset: i * 4, as: UInt32.self) }
        unsafe bucket(physical).pointee = block
        unsafe pageBucket(physical).pointee = block
        top += Self.size(length)
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
    mutating func invalidate(_ physical: UInt32, length bytes: UInt32) -> Bool {
        var found = false
        var live = false
        forPage(physical) { cache, block in
            if cache.overlaps(block, physical, bytes) {
                cache.unlink(block)
                found = true
            } else {
                live = true
            }
        }
        if !live { clearCodeBit(physical) }
        return found
    }

    /// Unlinks blocks that overlap `length` bytes at `physical` if memory is not what they were made from; `page` is the host address of
    /// its page. Returns whether there were any.
    mutating func recheck(_ physical: UInt32, length bytes: UInt32, page: UnsafeRawPointer) -> Bool {
        var found = false
        forPage(physical) { cache, block in
            guard cache.overlaps(block, physical, bytes) else { return }
            if unsafe !cache.matches(block, page + Int(cache.word(block, 8) & 0xFFF)) {
                cache.unlink(block)
                found = true
            }
        }
        return found
    }

    private func overlaps(_ block: UInt32, _ physical: UInt32, _ bytes: UInt32) -> Bool {
        let start = word(block, 8)
        return start < physical &+ bytes && physical < start &+ length(block) &* 4
    }

    /// Calls `body` with the blocks of a page, and drops those from its list that were unlinked.
    private mutating func forPage(_ physical: UInt32, _ body: (inout BlockCache, UInt32) -> Void) {
        var block = unsafe pageBucket(physical).pointee
        var previous: UInt32 = 0
        while block != 0 {
            if word(block, 28) == 0 {
                block = word(block, 4)
                if previous == 0 { unsafe pageBucket(physical).pointee = block } else { setWord(previous, 4, block) }
                continue
            }
            if word(block, 8) &>> 12 == physical &>> 12 { body(&self, block) }
            previous = block
            block = word(block, 4)
        }
    }

    private func clearCodeBit(_ physical: UInt32) {
        let page = Int(physical &>> 12)
        let old = unsafe codePages.base.load(fromByteOffset: page / 8, as: UInt8.self)
        unsafe codePages.base.storeBytes(of: old & ~(1 << UInt8(page & 7)), toByteOffset: page / 8, as: UInt8.self)
    }

    /// More memory than an idle guest should keep.
    var isLarge: Bool { top > Self.usualSize / 2 }

    /// Gives the memory of blocks back, when there are none.
    func release() { arena.discard() }

    /// Bytes of a block: header, ops with two closing ones, words.
    private static func size(_ length: Int) -> Int { headerSize + (length + 2) * Op.size + (length * 4 + 15) / 16 * 16 }

    /// Lets every block be compared with memory again: epochs begin anew, and one of old must not be taken for one of these.
    func forgetChecks() {
        var block = 64
        while block < top {
            setWord(UInt32(truncatingIfNeeded: block), 24, 0)
            block += Self.size(Int(length(UInt32(truncatingIfNeeded: block))))
        }
    }

    /// Drops every block.
    mutating func removeAll() {
        top = 64
        unlinked = 0
        flushes += 1
        for i in 0..<Self.buckets + Self.pageBuckets {
            unsafe table.base.storeBytes(of: 0, toByteOffset: i * 4, as: UInt32.self)
        }
        for i in 0..<(1 << 14) { unsafe codePages.base.storeBytes(of: 0, toByteOffset: i * 8, as: UInt64.self) }
    }
}
