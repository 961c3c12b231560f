// What a snapshot says about the machine as a whole.
//
// Layout of section MACH, version 1, little endian: bytes of RAM (8), number of vCPUs (4), FPU (1), an image is known (1), the
// image is a kernel (1), 0 (1). With an image: its path (text), its format (1: 0 ELF, 1 raw), the address of a raw one (4), number of
// arguments (4), the arguments (texts). With a kernel: its command line (text), there is an initial RAM disk (1), its path (text). A text
// is its length (4) and UTF-8.

import Hypervisor
import Machine
import Snapshot

/// The parts of a machine that are decided when it is made.
public struct MachineRecord: Equatable, Sendable {
    public var memorySize: UInt64
    public var vcpuCount: UInt32
    public var hasFPU: Bool
    /// The program, which a reset reads again.
    public var image: BootImage?

    /// More words than any command line has.
    private static let mostArguments: UInt32 = 65536

    init(memorySize: UInt64, vcpuCount: UInt32, hasFPU: Bool, image: BootImage?) {
        self.memorySize = memorySize
        self.vcpuCount = vcpuCount
        self.hasFPU = hasFPU
        self.image = image
    }

    func encode(_ writer: inout ByteWriter) {
        writer.u64(memorySize)
        writer.u32(vcpuCount)
        writer.bool(hasFPU)
        writer.bool(image != nil)
        writer.bool(image?.kernel != nil)
        writer.u8(0)
        guard let image else { return }
        writer.text(image.path)
        switch image.format {
        case .elf:
            writer.u8(0)
            writer.u32(0)
        case .raw(let address):
            writer.u8(1)
            writer.u32(address)
        }
        writer.u32(UInt32(truncatingIfNeeded: image.arguments.count))
        for argument in image.arguments { writer.text(argument) }
        guard let kernel = image.kernel else { return }
        writer.text(kernel.commandLine)
        writer.bool(kernel.initrd != nil)
        if let initrd = kernel.initrd { writer.text(initrd) }
    }

    init(_ reader: inout ByteReader) throws(ByteError) {
        memorySize = try reader.u64("the size of RAM")
        guard GuestMemory.isValid(memorySize) else { throw .value(field: "the size of RAM", memorySize) }
        vcpuCount = try reader.u32("the number of vCPUs")
        guard vcpuCount == 1 else { throw .value(field: "the number of vCPUs", UInt64(vcpuCount)) }
        hasFPU = try reader.bool("the FPU")
        let hasImage = try reader.bool("the image")
        let isKernel = try reader.bool("the kernel")
        try reader.zeros(1)
        guard hasImage else {
            guard !isKernel else { throw .value(field: "the kernel", 1) }
            return
        }
        let path = try reader.text("the image's path")
        let kind = try reader.u8("the image's format")
        let address = try reader.u32("the image's address")
        guard kind == 1 || kind == 0 && address == 0 else { throw .value(field: "the image's format", UInt64(kind)) }
        let count = try reader.u32("the number of arguments")
        guard count <= Self.mostArguments else { throw .value(field: "the number of arguments", UInt64(count)) }
        var image = BootImage(path: path, format: kind == 0 ? .elf : .raw(address: address))
        for _ in 0..<count { image.arguments.append(try reader.text("an argument")) }
        if isKernel {
            var kernel = KernelStart(commandLine: try reader.text("the command line"))
            if try reader.bool("the initial RAM disk") {
                kernel.initrd = try reader.text("the initial RAM disk's path")
            }
            image.kernel = kernel
        }
        self.image = image
    }
}
