// LZMA: the range coder and the loop that turns a chunk of it into bytes. Written after the description of the format
// in the LZMA specification (LZMA SDK, lzma-specification.txt); names are the specification's.
//
// Unsafe code, all of it in this file's two types. Output: a literal is written below `end`, which is at most the
// buffer's capacity; a match is checked against `end` and against the start of the dictionary before it is copied.
// Input: the range coder never reads at or past `inputEnd`, and feeds zeros instead. Probabilities: every index is a
// sum of bounded parts, the largest of which `Layout` adds up.

/// Where the probabilities of each kind begin, and how many there are in all.
private enum Layout {
    static let states = 12
    static let isMatch = 0
    static let isRep = isMatch + states << 4
    static let isRepG0 = isRep + states
    static let isRepG1 = isRepG0 + states
    static let isRepG2 = isRepG1 + states
    static let isRep0Long = isRepG2 + states
    static let posSlot = isRep0Long + states << 4
    /// Distances of slots 4 to 13; the first slot's tree would begin at 0 and has no probability there.
    static let posSpecial = posSlot + 4 << 6
    static let align = posSpecial + 115
    static let lengths = align + 16
    static let repLengths = lengths + lengthCoder
    static let literal = repLengths + lengthCoder
    /// Two choices, 16 low and 16 middle trees of 8, one high tree of 256.
    static let lengthCoder = 2 + 128 + 128 + 256
    /// LZMA2 has lc + lp of at most 4.
    static let count = literal + 0x300 << 4
}

/// Numbers of up to 32 bits, packed by their probability.
@safe
private struct RangeCoder {
    private var range = UInt32.max
    private var code: UInt32 = 0
    private var next: UnsafePointer<UInt8>
    private let inputEnd: UnsafePointer<UInt8>
    /// Whether more was read than there was.
    private var isShort = false

    /// - Parameter start: at least 5 bytes lie before `end`, of which the first is 0.
    @inline(__always)
    init(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
        unsafe next = start + 1
        unsafe inputEnd = end
        for _ in 0..<4 { code = code << 8 | take() }
    }

    /// Whether all input was used and no more, which is how a chunk ends.
    var isFinished: Bool { unsafe next == inputEnd && !isShort && code == 0 }

    @inline(__always)
    private mutating func take() -> UInt32 {
        guard unsafe next < inputEnd else {
            isShort = true
            return 0
        }
        defer { unsafe next += 1 }
        return UInt32(unsafe next.pointee)
    }

    @inline(__always)
    mutating func normalize() {
        if range < 1 << 24 {
            range <<= 8
            code = code << 8 | take()
        }
    }

    /// One bit, whose probability adapts.
    @inline(__always)
    mutating func bit(_ probability: UnsafeMutablePointer<UInt16>) -> Bool {
        normalize()
        let value = UInt32(unsafe probability.pointee)
        let bound = (range >> 11) &* value
        if code < bound {
            range = bound
            unsafe probability.pointee = UInt16(truncatingIfNeeded: value &+ (2048 &- value) >> 5)
            return false
        }
        range &-= bound
        code &-= bound
        unsafe probability.pointee = UInt16(truncatingIfNeeded: value &- value >> 5)
        return true
    }

    /// A number below `limit`, a power of two, highest bit first.
    @inline(__always)
    mutating func tree(_ probabilities: UnsafeMutablePointer<UInt16>, _ limit: Int) -> Int {
        var symbol = 1
        repeat { symbol = symbol << 1 | (unsafe bit(probabilities + symbol) ? 1 : 0) } while symbol < limit
        return symbol &- limit
    }

    /// A number of so many bits, lowest first.
    @inline(__always)
    mutating func reverseTree(_ probabilities: UnsafeMutablePointer<UInt16>, _ bits: UInt32) -> UInt32 {
        var symbol = 1
        var value: UInt32 = 0
        for bit in 0..<bits {
            let one = unsafe self.bit(probabilities + symbol)
            symbol = symbol << 1 | (one ? 1 : 0)
            if one { value |= 1 << bit }
        }
        return value
    }

    /// A number of so many bits that are as often 0 as 1.
    @inline(__always)
    mutating func direct(_ bits: UInt32) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<bits {
            normalize()
            range >>= 1
            let one = code >= range
            if one { code &-= range }
            value = value << 1 | (one ? 1 : 0)
        }
        return value
    }
}

/// A decoder of LZMA chunks.
@safe
final class LZMADecoder {
    private let output: UnpackBuffer
    /// Where the dictionary begins in the output: nothing before it may be copied.
    private var dictionary = 0
    private let probabilities: UnsafeMutablePointer<UInt16>
    /// Bits of the literal before, and of the position, that choose the probabilities.
    private var lc: UInt32 = 0
    private var lpMask = 0
    private var pbMask = 0
    private var state = 0
    private var reps: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)

    init(output: UnpackBuffer) {
        self.output = output
        unsafe probabilities = UnsafeMutablePointer<UInt16>.allocate(capacity: Layout.count)
        resetState()
    }

    // Numbers own nothing.
    deinit { unsafe probabilities.deallocate() }

    func resetDictionary() { dictionary = output.count }

    /// Everything learned is forgotten.
    func resetState() {
        unsafe probabilities.update(repeating: 1024, count: Layout.count)
        state = 0
        reps = (0, 0, 0, 0)
    }

    /// Takes lc, lp and pb from the byte that codes them; false if LZMA2 does not allow it.
    func setProperties(_ byte: UInt8) -> Bool {
        guard byte < 9 * 5 * 5 else { return false }
        let lp = byte / 9 % 5
        guard byte % 9 + lp <= 4 else { return false }
        lc = UInt32(byte % 9)
        lpMask = 1 << Int(lp) - 1
        pbMask = 1 << Int(byte / 45) - 1
        return true
    }

    /// Unpacks one chunk of at least 5 bytes into exactly `count` bytes, for which there is room. False if it is
    /// damaged.
    func run(_ input: UnsafeBufferPointer<UInt8>, count: Int) -> Bool {
        guard let start = input.baseAddress, input.count >= 5, unsafe start.pointee == 0,
            count <= output.capacity - output.count
        else { return false }
        var coder = unsafe RangeCoder(start, start + input.count)
        let base = unsafe output.base + dictionary
        let (lc, lpMask, pbMask) = (self.lc, self.lpMask, self.pbMask)
        let probabilities = unsafe self.probabilities
        // Positions count from the start of the dictionary.
        var position = output.count - dictionary
        let end = position + count
        var state = self.state
        var (rep0, rep1, rep2, rep3) = reps
        while position < end {
            let posState = position & pbMask
            if unsafe !coder.bit(probabilities + (Layout.isMatch + state << 4 + posState)) {
                let before = position > 0 ? unsafe base[position - 1] : 0
                let context = (position & lpMask) << Int(lc) + Int(UInt32(before) &>> (8 &- lc))
                let literal = unsafe probabilities + (Layout.literal + 0x300 * context)
                var symbol = 1
                if state >= 7 {
                    // Its bits are guessed from the byte that the last match would have gone on with. rep0 was checked
                    // then.
                    var guess = Int(unsafe base[position - Int(rep0) - 1])
                    repeat {
                        let expected = guess >> 7 & 1
                        guess <<= 1
                        let bit = unsafe coder.bit(literal + ((1 + expected) << 8 + symbol)) ? 1 : 0
                        symbol = symbol << 1 | bit
                        if bit != expected { break }
                    } while symbol < 0x100
                }
                while symbol < 0x100 { symbol = symbol << 1 | (unsafe coder.bit(literal + symbol) ? 1 : 0) }
                unsafe base[position] = UInt8(truncatingIfNeeded: symbol)
                position &+= 1
                state = state < 4 ? 0 : state < 10 ? state &- 3 : state &- 6
                continue
            }
            var length: Int
            if unsafe !coder.bit(probabilities + (Layout.isRep + state)) {
                rep3 = rep2
                rep2 = rep1
                rep1 = rep0
                length = unsafe Self.length(&coder, probabilities + Layout.lengths, posState)
                rep0 = unsafe Self.distance(&coder, probabilities, length)
                state = state < 7 ? 7 : 10
            } else if unsafe !coder.bit(probabilities + (Layout.isRepG0 + state)) {
                if unsafe !coder.bit(probabilities + (Layout.isRep0Long + state << 4 + posState)) {
                    state = state < 7 ? 9 : 11
                    length = 1
                } else {
                    length = unsafe Self.length(&coder, probabilities + Layout.repLengths, posState)
                    state = state < 7 ? 8 : 11
                }
            } else {
                let distance: UInt32
                if unsafe !coder.bit(probabilities + (Layout.isRepG1 + state)) {
                    distance = rep1
                } else {
                    if unsafe !coder.bit(probabilities + (Layout.isRepG2 + state)) {
                        distance = rep2
                    } else {
                        distance = rep3
                        rep3 = rep2
                    }
                    rep2 = rep1
                }
                rep1 = rep0
                rep0 = distance
                length = unsafe Self.length(&coder, probabilities + Layout.repLengths, posState)
                state = state < 7 ? 8 : 11
            }
            // A match begins inside the dictionary and ends inside the chunk.
            guard UInt64(rep0) < UInt64(position), length <= end &- position else { return false }
            var source = unsafe base + (position &- Int(rep0) &- 1)
            var target = unsafe base + position
            position &+= length
            // Byte by byte: it may copy what it has just written.
            repeat {
                unsafe target.pointee = source.pointee
                unsafe source += 1
                unsafe target += 1
                length &-= 1
            } while length > 0
        }
        coder.normalize()
        self.state = state
        reps = (rep0, rep1, rep2, rep3)
        output.count = dictionary + position
        return coder.isFinished
    }

    /// 2 to 273.
    @inline(__always)
    private static func length(
        _ coder: inout RangeCoder, _ probabilities: UnsafeMutablePointer<UInt16>, _ posState: Int
    ) -> Int {
        if unsafe !coder.bit(probabilities) {
            return unsafe 2 &+ coder.tree(probabilities + (2 + posState << 3), 8)
        }
        if unsafe !coder.bit(probabilities + 1) {
            return unsafe 10 &+ coder.tree(probabilities + (130 + posState << 3), 8)
        }
        return unsafe 18 &+ coder.tree(probabilities + 258, 256)
    }

    /// How far back the match begins, less one. 2^32 - 1, an end marker elsewhere, is beyond every dictionary here.
    @inline(__always)
    private static func distance(
        _ coder: inout RangeCoder, _ probabilities: UnsafeMutablePointer<UInt16>, _ length: Int
    ) -> UInt32 {
        let slot = UInt32(
            truncatingIfNeeded: unsafe coder.tree(probabilities + (Layout.posSlot + min(length - 2, 3) << 6), 64))
        guard slot >= 4 else { return slot }
        let bits = slot >> 1 - 1
        let distance = (2 | slot & 1) << bits
        if slot < 14 {
            // 4 to 95, so inside the 115.
            let tree = Int(distance &- slot)
            return unsafe distance &+ coder.reverseTree(probabilities + (Layout.posSpecial + tree), bits)
        }
        let high = coder.direct(bits &- 4) << 4
        return unsafe distance &+ high &+ coder.reverseTree(probabilities + Layout.align, 4)
    }
}
