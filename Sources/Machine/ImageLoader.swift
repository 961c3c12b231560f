// From a file to a guest ready to start: ELF executables by their program headers, raw images where the user says.

import Host

/// How a file is to be taken.
public enum ImageFormat: Equatable, Sendable {
    /// An ELF executable.
    case elf
    /// Bytes for a physical address. A virtual one of an unmapped segment means the same place.
    case raw(address: UInt32)
}

/// What was loaded.
public struct LoadedImage: Sendable {
    /// Virtual address of the first instruction.
    public let entry: UInt32
    /// The physical bytes it takes, gaps between segments included.
    public let physicalRange: Range<UInt64>
    /// The executable, for its symbols; nil for a raw image.
    public let executable: ELFImage?

    /// The value of a symbol, or nil if there is none of this name.
    public func symbol(named name: String) -> UInt32? { executable?.symbol(named: name) }
}

/// Loads images into guest memory.
public enum ImageLoader {
    /// Reads a file and loads it.
    ///
    /// - Parameters:
    ///   - path: the file, also its name in errors.
    ///   - window: where this machine's kernel code runs.
    public static func load(
        path: String, format: ImageFormat = .elf, window: KernelWindow, into memory: GuestMemory
    ) throws(ImageError) -> LoadedImage {
        try load(readFile(path), name: path, format: format, window: window, into: memory)
    }

    /// Loads a file's bytes. Everything is checked before the first byte is stored.
    public static func load(
        _ bytes: [UInt8], name: String, format: ImageFormat = .elf, window: KernelWindow, into memory: GuestMemory
    ) throws(ImageError) -> LoadedImage {
        switch format {
        case .elf: return try load(ELFImage(bytes, name: name), window: window, into: memory)
        case .raw(let address): return try loadRaw(bytes, name, address, window, memory)
        }
    }

    /// Loads a parsed executable, again after a reset too: memory a segment does not fill from the file becomes zero.
    public static func load(
        _ image: ELFImage, window: KernelWindow, into memory: GuestMemory
    ) throws(ImageError) -> LoadedImage {
        guard KernelWindow(of: image.entry) == window else {
            throw ImageError(file: image.name, .wrongWindow(entry: image.entry, window: window))
        }
        // Before the first byte is stored.
        let packed: PackedKernel?
        do throws(ImageError.Reason) {
            packed = try PackedKernel(image, limit: largestKernel(memory))
        } catch {
            throw ImageError(file: image.name, error)
        }
        for segment in image.segments {
            try checkFits(.segment(segment.index), segment.physicalAddress, segment.physicalEnd, image.name, memory)
        }
        for segment in image.segments {
            let start = UInt64(segment.physicalAddress)
            let fileSize = UInt64(segment.fileSize)
            do throws(GuestMemoryError) {
                // A segment without bytes in the file may name any offset, so it is not used then.
                if fileSize > 0 {
                    let offset = Int(segment.fileOffset)
                    try memory.write(image.bytes, offset..<offset + Int(fileSize), at: start)
                }
                try memory.zero(at: start + fileSize, count: UInt64(segment.memorySize) - fileSize)
            } catch {
                preconditionFailure("a segment that fits could not be stored")
            }
        }
        guard let kernel = packed else {
            return LoadedImage(entry: image.entry, physicalRange: image.physicalRange, executable: image)
        }
        return try load(kernel, of: image, into: memory)
    }

    /// Loads the kernel that was inside an image, beside the image: what lies free is the same as if the image had
    /// unpacked it.
    private static func load(
        _ kernel: PackedKernel, of image: ELFImage, into memory: GuestMemory
    ) throws(ImageError) -> LoadedImage {
        let range = kernel.physicalRange
        try checkFits(.unpackedKernel, UInt32(range.lowerBound), range.upperBound, image.name, memory)
        do throws(GuestMemoryError) {
            try unsafe memory.withBytes(at: range.lowerBound, count: kernel.contents.count) {
                // As long as the range; both live during the call.
                unsafe $0.copyMemory(from: kernel.contents.bytes)
            }
            memory.writes.add(range.lowerBound, count: UInt64(kernel.contents.count))
        } catch {
            preconditionFailure("a kernel that fits could not be stored")
        }
        let whole = image.physicalRange
        return LoadedImage(
            entry: kernel.entry,
            physicalRange: min(whole.lowerBound, range.lowerBound)..<max(whole.upperBound, range.upperBound),
            executable: image)
    }

    /// Kernels are a tenth of this; the address space for so much is reserved while one is unpacked.
    private static func largestKernel(_ memory: GuestMemory) -> Int {
        Int(min(memory.lowRegion.window.size, 128 << 20))
    }

    /// The bytes of a file.
    public static func readFile(_ path: String) throws(ImageError) -> [UInt8] {
        do throws(Errno) {
            return try Files.readWhole(path, limit: largestFile)
        } catch {
            switch error {
            case .isdir: throw ImageError(file: path, .isDirectory)
            case .fbig: throw ImageError(file: path, .tooLong(limit: UInt64(largestFile)))
            default: throw ImageError(file: path, .unreadable(error))
            }
        }
    }

    /// Nothing longer can be loaded; symbols and debug information of a kernel are far below it.
    private static let largestFile = 1 << 30

    private static func loadRaw(
        _ bytes: [UInt8], _ name: String, _ address: UInt32, _ window: KernelWindow, _ memory: GuestMemory
    ) throws(ImageError) -> LoadedImage {
        guard !bytes.isEmpty else { throw ImageError(file: name, .isEmpty) }
        guard address & 3 == 0 else { throw ImageError(file: name, .rawAddressUnaligned(address)) }
        let physical = KernelWindow.physical(of: address)
        let end = UInt64(physical) + UInt64(bytes.count)
        try checkFits(.rawImage, physical, end, name, memory)
        do throws(GuestMemoryError) {
            try memory.write(bytes, at: UInt64(physical))
        } catch {
            preconditionFailure("an image that fits could not be stored")
        }
        return LoadedImage(
            entry: window.address(ofPhysical: physical), physicalRange: UInt64(physical)..<end, executable: nil)
    }

    private static func checkFits(
        _ part: ImageError.Part, _ start: UInt32, _ end: UInt64, _ name: String, _ memory: GuestMemory
    ) throws(ImageError) {
        guard !memory.contains(UInt64(start), count: end - UInt64(start)) else { return }
        let mebibyte: UInt64 = 1 << 20
        let needed = (end + mebibyte - 1) / mebibyte * mebibyte
        throw ImageError(
            file: name,
            .outsideRAM(
                part: part, start: UInt64(start), end: end, ram: memory.size,
                needed: end <= AddressMap.lowRAMLimit ? needed : nil))
    }
}
