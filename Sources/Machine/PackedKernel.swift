// A kernel that unpacks itself, unpacked here: Debian's vmlinuz spends seconds of a guest's time on it.
//
// Such an image is an ELF executable around the packed kernel (Linux, arch/mips/boot/compressed). Its start (head.S)
// puts the four argument registers aside, calls the unpacker, takes them back and jumps to the kernel's entry. The
// unpacker (decompress.c) has the kernel's load address as a constant. So everything needed stands in the instructions:
//
//   move   s0, a0 ... s3, a3          put aside
//   lui    t9, ...; addiu t9, t9, ... address of the unpacker
//   jalr   t9
//   move   a0, s0 ... a3, s3          taken back
//   lui    t9, ...; ori   t9, t9, ... the kernel's entry
//   jr     t9                         (or jalr)
//
// What is not exactly of this kind, or packed in a way not known here, or has not one but several constants that could
// be the load address, is loaded as it is and unpacks itself: slower, never wrong. For the kernel there is no
// difference: it finds the same bytes at the same place and the same arguments, only earlier. Only a payload that is
// damaged is refused: its unpacker would stand still without a word.

/// The kernel inside an image.
struct PackedKernel {
    /// Virtual addresses, of the image's window.
    let entry: UInt32
    let loadAddress: UInt32
    let contents: UnpackBuffer

    /// Places that begin like a packed kernel and are looked into, before giving up.
    private static let mostTries = 16

    /// Finds and unpacks the kernel; nil if this is no such image.
    ///
    /// - Parameter limit: the most bytes the kernel may have.
    /// - Throws: `packedKernelDamaged`.
    init?(_ image: ELFImage, limit: Int) throws(ImageError.Reason) {
        guard let start = PackedKernelStart(image), let found = try Self.unpack(image, limit: limit) else { return nil }
        let kernelEntry = start.kernelEntry
        let size = UInt32(clamping: found.contents.count)
        // The constants between the jump and the payload that could be where it goes: so that the entry lies in it and
        // the image, which does the unpacking, does not.
        var candidate: UInt32?
        for address in LoadedConstants(image.bytes, start.end..<max(start.end, found.offset)) {
            guard address & 3 == 0, KernelWindow(of: address) == KernelWindow(of: kernelEntry) else { continue }
            let physical = KernelWindow.physical(of: address)
            let entry = KernelWindow.physical(of: kernelEntry)
            guard physical <= entry, entry - physical < size, size <= KernelWindow.size - physical else { continue }
            let range = UInt64(physical)..<UInt64(physical) + UInt64(size)
            guard !image.segments.contains(where: { range.overlaps(UInt64($0.physicalAddress)..<$0.physicalEnd) })
            else {
                continue
            }
            guard candidate ?? address == address else { return nil }
            candidate = address
        }
        guard let candidate else { return nil }
        entry = kernelEntry
        loadAddress = candidate
        contents = found.contents
    }

    /// The physical bytes the kernel takes, without what it clears itself.
    var physicalRange: Range<UInt64> {
        let start = UInt64(KernelWindow.physical(of: loadAddress))
        return start..<start + UInt64(contents.count)
    }

    /// The first packed data in the image's segments that unpacks without an error; nil if there is none. The unpacker
    /// itself knows the magic too, so a hit need not be the payload: then it has no header.
    private static func unpack(
        _ image: ELFImage, limit: Int
    ) throws(ImageError.Reason) -> (offset: Int, contents: UnpackBuffer)? {
        let bytes = image.bytes
        var tries = 0
        var damaged: Int?
        for segment in image.segments {
            let end = Int(segment.fileOffset) + Int(segment.fileSize)
            var at = Int(segment.fileOffset)
            while at + XZ.headerSize <= end, tries < mostTries {
                do throws(UnpackError) {
                    if bytes[at] == XZ.magic[0], bytes[at..<at + XZ.magic.count].elementsEqual(XZ.magic) {
                        tries += 1
                        return (at, try XZ.unpack(bytes, at: at, limit: limit))
                    } else if bytes[at] == Gzip.magic[0], bytes[at + 1] == Gzip.magic[1], bytes[at + 2] == Gzip.magic[2]
                    {
                        tries += 1
                        return (at, try Gzip.unpack(bytes, at: at, limit: limit))
                    }
                } catch {
                    let isPayload = XZ.hasHeader(bytes, at: at) || Gzip.hasPlainHeader(bytes, at: at)
                    if isPayload, error == .damaged || error == .truncated { damaged = damaged ?? at }
                }
                at += 1
            }
        }
        if let damaged { throw .packedKernelDamaged(offset: damaged) }
        return nil
    }
}

/// What an image's first instructions say, if they are those of head.S.
private struct PackedKernelStart {
    /// Where the instructions after the jump to the kernel begin in the file.
    let end: Int
    let kernelEntry: UInt32

    /// Instructions looked at before giving up; head.S has 30.
    private static let longest = 64

    init?(_ image: ELFImage) {
        let physical = KernelWindow.physical(of: image.entry)
        for segment in image.segments where physical >= segment.physicalAddress {
            let into = physical - segment.physicalAddress
            guard into < segment.fileSize else { continue }
            let start = Int(segment.fileOffset + into)
            let end = min(Int(segment.fileOffset + segment.fileSize), start + 4 * Self.longest)
            guard let jump = Self.follow(image.bytes, start..<end) else { return nil }
            (kernelEntry, self.end) = jump
            return
        }
        return nil
    }

    /// Follows the instructions in their order to the jump behind the call. Loops (the one that clears memory) count as
    /// passed once.
    private static func follow(_ bytes: [UInt8], _ range: Range<Int>) -> (entry: UInt32, end: Int)? {
        var registers = KnownRegisters()
        var hasCalled = false
        var at = range.lowerBound
        while at + 8 <= range.upperBound {
            let word = ELFImage.word(bytes, at)
            at += 4
            guard let target = KnownRegisters.jumpRegister(word) else {
                guard registers.perform(word) else { return nil }
                continue
            }
            let entry = registers.value(target)
            guard registers.perform(ELFImage.word(bytes, at)) else { return nil }
            at += 4
            if hasCalled {
                guard let entry, registers.hasArguments else { return nil }
                return (entry, at)
            }
            hasCalled = true
            registers.forgetTemporaries()
        }
        return nil
    }
}

/// What is known of the general registers from the instructions seen so far.
private struct KnownRegisters {
    /// Constants, by register; those without a bit in `known` mean nothing.
    private var constants = [UInt32](repeating: 0, count: 32)
    private var known: UInt32 = 1
    /// Which of the four arguments of the start a register holds, counted from 1; 0 for none.
    private var argument = [UInt8](repeating: 0, count: 32)

    init() {
        for index in 1...4 { argument[3 + index] = UInt8(index) }
    }

    /// Whether a0 to a3 are what they were.
    var hasArguments: Bool {
        for index in 1...4 where argument[3 + index] != UInt8(index) { return false }
        return true
    }

    /// The constant in a register, if it is known.
    func value(_ register: Int) -> UInt32? { known >> UInt32(register) & 1 != 0 ? constants[register] : nil }

    /// The register whose address a JR, JALR jumps to; nil for everything else.
    static func jumpRegister(_ word: UInt32) -> Int? {
        // SPECIAL with function 8 (JR) or 9 (JALR ra); no hint.
        guard word & 0xFC1F_07FF == 0x0000_0008 || word & 0xFC1F_FFFF == 0x0000_F809 else { return nil }
        return Int(word >> 21 & 31)
    }

    /// What a called function may change.
    mutating func forgetTemporaries() {
        for register in 1..<32 where !(16...23).contains(register) && !(28...30).contains(register) {
            set(register, nil)
        }
    }

    /// Takes one instruction into account; false if it is none of those head.S consists of.
    mutating func perform(_ word: UInt32) -> Bool {
        let (rs, rt, rd) = (Int(word >> 21 & 31), Int(word >> 16 & 31), Int(word >> 11 & 31))
        let low = word & 0xFFFF
        let extended = UInt32(bitPattern: Int32(Int16(truncatingIfNeeded: word)))
        switch word >> 26 {
        case 0x0F where rs == 0: set(rt, low << 16)  // LUI
        case 0x09: set(rt, value(rs).map { $0 &+ extended })  // ADDIU
        case 0x0D: set(rt, value(rs).map { $0 | low })  // ORI
        case 0x04, 0x05, 0x2B: break  // BEQ, BNE, SW
        case 0 where word == 0: break  // NOP
        case 0 where rt == 0 && (word & 0x7FF == 0x21 || word & 0x7FF == 0x25):  // ADDU, OR: a move
            let held = argument[rs]
            set(rd, value(rs))
            if rd != 0 { argument[rd] = held }
        default: return false
        }
        return true
    }

    private mutating func set(_ register: Int, _ constant: UInt32?) {
        guard register != 0 else { return }
        argument[register] = 0
        known &= ~(1 << UInt32(register))
        guard let constant else { return }
        known |= 1 << UInt32(register)
        constants[register] = constant
    }
}

/// The constants that code puts together: LUI, alone or with the ADDIU or ORI that adds the low half to the same
/// register soon after.
private struct LoadedConstants: Sequence, IteratorProtocol {
    /// Instructions that may lie between the two.
    private static let farthest = 16

    private let bytes: [UInt8]
    private var at: Int
    private let end: Int

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        at = range.lowerBound
        end = range.upperBound
    }

    mutating func next() -> UInt32? {
        while at + 4 <= end {
            let word = ELFImage.word(bytes, at)
            at += 4
            guard word >> 21 == 0x0F << 5 else { continue }
            return low(of: word)
        }
        return nil
    }

    private func low(of lui: UInt32) -> UInt32 {
        let register = lui >> 16 & 31
        let high = lui << 16
        for index in 0..<Self.farthest {
            let here = at + 4 * index
            guard here + 4 <= end else { break }
            let word = ELFImage.word(bytes, here)
            let isSame = word >> 21 & 31 == register
            if word >> 26 == 0x09, isSame {
                return high &+ UInt32(bitPattern: Int32(Int16(truncatingIfNeeded: word)))
            }
            if word >> 26 == 0x0D, isSame { return high | word & 0xFFFF }
            // Another LUI: another constant.
            if word >> 21 == 0x0F << 5, word >> 16 & 31 == register { break }
        }
        return high
    }
}
