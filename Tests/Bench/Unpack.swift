// A kernel as it lies in a guest's memory before the first instruction, as an ELF executable that needs no unpacking: so that
// another emulator begins where Stasis does.

import Foundation
import Machine

/// Writes what loading the executable at `path` puts into memory to `target`, as one segment.
func unpack(_ path: String, to target: String) throws {
    let memory = try GuestMemory(size: 256 << 20)
    let image = try ImageLoader.load(path: path, format: .elf, window: .kseg0, into: memory)
    let range = image.physicalRange
    let size = UInt32(range.upperBound - range.lowerBound)
    let start = UInt32(range.lowerBound)
    var bytes: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    func append<Number: FixedWidthInteger>(_ numbers: Number...) {
        for number in numbers {
            for byte in 0..<Number.bitWidth / 8 { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * byte))) }
        }
    }
    // An executable for MIPS32 release 2, little endian, with one program header behind this one.
    append(UInt16(2), 8)
    append(UInt32(1), image.entry, 52, 0, 0x7000_1000)
    append(UInt16(52), 32, 1, 0, 0, 0)
    let offset: UInt32 = 4096
    append(UInt32(1), offset, 0x8000_0000 | start, 0x8000_0000 | start, size, size, 7, 4096)
    bytes += [UInt8](repeating: 0, count: Int(offset) - bytes.count)
    try memory.read(at: range.lowerBound, count: Int(size), appendingTo: &bytes)
    try Data(bytes).write(to: URL(fileURLWithPath: target))
}
