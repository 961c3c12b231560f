// What a vCPU has beyond the registers of the contract, as bytes: TLB, Random, LLbit, CP0 registers without an id, and the FPU's
// registers in full (while Status.FR is 0 their upper halves have no id).
//
// Layout, little endian: byte 0 version (2), byte 1 personality (0 TE, 1 VZ), bytes 2-3 zero, 4 random, 8 LLbit, 12 LL address,
// 16 LL value, 20 TLB: 64 entries of EntryHi, EntryLo0, EntryLo1, PageMask; 1044 CP0: 256 words, register 8 * rd + sel, those with an
// id zero; 2068 FPU: 32 times low and high word. 2324 bytes.

import Hypervisor

extension CPU {
    private static let stateVersion: UInt8 = 2
    private static let cellsOffset = 20 + GuestTLB.size * 16
    private static let fpuOffset = cellsOffset + 256 * 4
    private static let stateSize = fpuOffset + 32 * 8

    /// CP0 registers that ONE_REG does not reach.
    private var cellsWithoutID: [Bool] {
        var without = [Bool](repeating: true, count: 256)
        for id in cp0List { without[Int(id.number & 0xFF)] = false }
        return without
    }

    func encodedState() -> [UInt8] {
        var bytes: [UInt8] = [Self.stateVersion, isTE ? 0 : 1, 0, 0]
        bytes.reserveCapacity(Self.stateSize)
        func append(_ v: UInt32) {
            for shift: UInt32 in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: v >> shift)) }
        }
        append(random)
        append(core.llActive ? 1 : 0)
        append(core.llAddress)
        append(core.llValue)
        for i in 0..<GuestTLB.size {
            let e = tlb[i]
            append(e.entryHi)
            append(e.entryLo0)
            append(e.entryLo1)
            append(e.pageMask)
        }
        for (cell, hasNone) in cellsWithoutID.enumerated() { append(hasNone ? self[cell] : 0) }
        for n in 0..<32 {
            append(UInt32(truncatingIfNeeded: core.fpr(n)))
            append(UInt32(truncatingIfNeeded: core.fpr(n) >> 32))
        }
        return bytes
    }

    /// Takes the state over; false, and nothing changed, when the bytes are not such a state.
    func decodeState(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == Self.stateSize, bytes[0] == Self.stateVersion, bytes[1] == (isTE ? 0 : 1), bytes[2] == 0,
            bytes[3] == 0
        else { return false }
        func word(_ at: Int) -> UInt32 {
            UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8 | UInt32(bytes[at + 2]) << 16 | UInt32(bytes[at + 3]) << 24
        }
        guard word(8) <= 1 else { return false }
        random = word(4)
        core.llActive = word(8) == 1
        core.llAddress = word(12)
        core.llValue = word(16)
        for i in 0..<GuestTLB.size {
            let at = 20 + i * 16
            tlb[i] = GuestTLB.Entry(
                entryHi: word(at), entryLo0: word(at + 4), entryLo1: word(at + 8), pageMask: word(at + 12) & 0x1FFF_E000
            )
        }
        for (cell, hasNone) in cellsWithoutID.enumerated() where hasNone {
            self[cell] = word(Self.cellsOffset + cell * 4)
        }
        for n in 0..<32 {
            let at = Self.fpuOffset + n * 8
            core.setFPR(n, UInt64(word(at)) | UInt64(word(at + 4)) << 32)
        }
        flushSoftTLBs()
        bumpEpoch()
        return true
    }
}
