// What a kernel is given at its start, in guest memory: initial RAM disk and device tree, at the top of low RAM.
//
//   ... free | device tree | initial RAM disk | end of low RAM
//
// Kernels load low and grow upward, so this is as far from them as the unmapped segments reach.

extension Board {
    private static var alignment: UInt64 { 0x1_0000 }

    /// Leaves them there. Returns the tree's guest-physical address.
    func placeBelow(_ top: UInt64, _ bytes: [UInt8], _ floor: UInt64) -> UInt64? {
        let size = UInt64(bytes.count)
        guard size <= top else { return nil }
        let start = (top - size) & ~(Self.alignment - 1)
        guard start >= floor else { return nil }
        do throws(GuestMemoryError) {
            try memory.write(bytes, at: start)
        } catch {
            preconditionFailure("low RAM is RAM")
        }
        return start
    }

    public func writeDeviceTree(
        commandLine: String, initrd: [UInt8]?, countHz: UInt32, avoiding image: Range<UInt64>, name: String
    ) throws(ImageError) -> UInt32 {
        var top = memory.lowRegion.window.end
        var facts = BoardFacts(
            countHz: countHz, memory: memory.regions.map { $0.window }, commandLine: commandLine)
        if let initrd {
            guard let start = placeBelow(top, initrd, image.upperBound) else {
                throw ImageError(file: name, .tooLong(limit: top - min(top, image.upperBound)))
            }
            facts.initrd = UInt32(start)..<UInt32(start) + UInt32(initrd.count)
            top = start
        }
        guard let start = placeBelow(top, BoardTree.root(facts).flattened, image.upperBound) else {
            throw ImageError(file: name, .tooLong(limit: top - min(top, image.upperBound)))
        }
        return UInt32(start)
    }
}
