// What a vCPU has beyond the registers of the contract, as bytes: TLB, Random, LLbit.
//
// Layout, little endian: byte 0 version (1), byte 1 personality (0 TE, 1 VZ), bytes 2-3 zero, 4 random, 8 LLbit, 12 LL address,
// 16 LL value, 20 TLB: 64 entries of EntryHi, EntryLo0, EntryLo1, PageMask. 1044 bytes.

extension CPU {
    private static let stateVersion: UInt8 = 1
    private static let stateSize = 20 + GuestTLB.size * 16

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
        flushSoftTLBs()
        bumpEpoch()
        return true
    }
}
