// What a kernel is given at its start, in guest memory: initial RAM disk and device tree, at the top of low RAM.
//
//   kernel ... free | device tree | initial RAM disk | end of low RAM
//
// Kernels load low and grow upward, so this is as far from them as the unmapped segments reach.

extension Board {
    /// Both begin at a multiple of the largest page, so that a kernel can give the pages of the disk back.
    private static var alignment: UInt64 { AddressMap.ramGranule }

    /// Leaves the disk and the tree in memory. Nothing is stored unless both fit.
    ///
    /// - Parameters:
    ///   - commandLine: the kernel's, in UTF-8.
    ///   - initrd: bytes of the initial RAM disk, which may be compressed: that is between it and the kernel.
    ///   - countHz: ticks of Count a second.
    ///   - end: one past the last physical byte of the kernel.
    ///   - file: the kernel's name in errors, as `initrdFile` is the disk's.
    /// - Returns: the tree's guest-physical address.
    public func placeTree(
        commandLine: String, initrd: [UInt8]?, countHz: UInt32, above end: UInt64, file: String, initrdFile: String
    ) throws(ImageError) -> UInt32 {
        guard !commandLine.utf8.contains(0) else { throw ImageError(file: file, .zeroInCommandLine) }
        let top = memory.lowRegion.window.end
        var facts = BoardFacts(countHz: countHz, memory: memory.regions.map { $0.window }, commandLine: commandLine)
        facts.virtioSlots = virtio.indices.map { UInt32($0) }
        var floor = top
        if let initrd {
            guard let start = Self.place(initrd.count, below: top, above: end) else {
                throw ImageError(
                    file: initrdFile, .noRoom(.initrd, need: UInt64(initrd.count), have: top - min(top, end)))
            }
            facts.initrd = UInt32(start)..<UInt32(start) + UInt32(initrd.count)
            floor = start
        }
        let tree = BoardTree.root(facts).flattened
        guard let start = Self.place(tree.count, below: floor, above: end) else {
            throw ImageError(
                file: file, .noRoom(.deviceTree, need: UInt64(tree.count), have: floor - min(floor, end)))
        }
        do throws(GuestMemoryError) {
            if let initrd { try memory.write(initrd, at: floor) }
            try memory.write(tree, at: start)
        } catch {
            preconditionFailure("low RAM is RAM")
        }
        return UInt32(start)
    }

    /// Where so many bytes go, ending at `top` or before; nil if that would be below `end`.
    private static func place(_ count: Int, below top: UInt64, above end: UInt64) -> UInt64? {
        let size = UInt64(count)
        guard size <= top else { return nil }
        let start = (top - size) & ~(alignment - 1)
        return start >= end ? start : nil
    }
}
