// Why an image cannot run, in one line that names the file, the field and the reason.

public import Host

/// An image file was refused. Guest memory is as it was.
public struct ImageError: Error {
    /// The file as the user named it.
    public var file: String
    public var reason: Reason

    public init(file: String, _ reason: Reason) {
        self.file = file
        self.reason = reason
    }

    public enum Reason: Error, Equatable {
        /// The path leads to a directory.
        case isDirectory
        /// The file has no bytes.
        case isEmpty
        /// The file is longer than anything that could be loaded.
        case tooLong(limit: UInt64)
        /// The host would not let it be read.
        case unreadable(Errno)
        /// The first bytes are not those of an ELF file, and nobody said it is a raw image.
        case notELF
        /// The file ends before `field` does.
        case truncated(field: Field, need: UInt64, have: UInt64)
        /// e_ident[EI_CLASS] is not ELFCLASS32.
        case wrongClass(UInt8)
        /// e_ident[EI_DATA] is not ELFDATA2LSB.
        case wrongByteOrder(UInt8)
        /// e_ident[EI_VERSION] or e_version is not 1.
        case wrongVersion(UInt32)
        /// e_type is not ET_EXEC.
        case wrongType(UInt16)
        /// e_machine is not EM_MIPS.
        case wrongMachine(UInt16)
        /// e_flags ask for an instruction set or calling convention the CPU does not have.
        case wrongInstructionSet(UInt32)
        /// e_phentsize is not the size of a program header.
        case programHeaderSize(UInt16)
        /// e_phnum says there are too many to count in this field.
        case tooManyProgramHeaders
        /// There is a PT_INTERP header: a program for an operating system with shared libraries.
        case needsInterpreter
        /// No PT_LOAD header with a size.
        case noLoadableSegment
        /// p_filesz of segment `index` is larger than p_memsz.
        case fileSizeExceedsMemorySize(index: Int, fileSize: UInt32, memorySize: UInt32)
        /// Segment `index` runs over the end of its 512 MiB segment of virtual addresses.
        case crossesSegmentEnd(index: Int, address: UInt32, size: UInt32)
        /// Segments `first` and `second` claim the same physical bytes.
        case overlap(first: Int, second: Int)
        /// What is loaded at `start` ..< `end` lies outside RAM of size `ram`; `needed` is the RAM that would hold it,
        /// or nil if none would, since devices lie there.
        case outsideRAM(part: Part, start: UInt64, end: UInt64, ram: UInt64, needed: UInt64?)
        /// e_entry is in no loaded segment.
        case entryOutside(UInt32)
        /// e_entry is not a multiple of four.
        case entryUnaligned(UInt32)
        /// The addresses are those of another kind of guest kernel than this machine runs.
        case wrongWindow(entry: UInt32, window: KernelWindow)
        /// The address given for a raw image is not a multiple of four.
        case rawAddressUnaligned(UInt32)
        /// What goes with a kernel takes `need` bytes, and `have` are free between it and the top of low RAM.
        case noRoom(Part, need: UInt64, have: UInt64)
        /// The kernel's command line has a zero byte inside, which would end it there.
        case zeroInCommandLine
        /// A kernel that unpacks itself, whose packed part at `offset` cannot be unpacked.
        case packedKernelDamaged(offset: Int)
        /// The kernel was built for pages of `kernel` bytes, and only those of `host` bytes work here.
        case wrongPageSize(kernel: UInt32, host: UInt32)
    }

    /// What of the file was cut short.
    public enum Field: Equatable, Sendable {
        case header
        case programHeader(Int)
        case segment(Int)
    }

    /// What did not fit into RAM.
    public enum Part: Equatable, Sendable {
        case segment(Int)
        case rawImage
        case initrd
        case deviceTree
        /// The kernel that was inside the image.
        case unpackedKernel
    }
}

extension ImageError: CustomStringConvertible {
    public var description: String { "\(file): \(reason.description)" }
}

extension ImageError.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .isDirectory: return "is a directory; name a file"
        case .isEmpty: return "the file is empty"
        case .tooLong(let limit): return "the file is longer than \(mebibytes(limit)), more than any image"
        case .unreadable(let error): return "cannot be read: \(error.description)"
        case .notELF:
            return
                "not an ELF file (e_ident does not begin with 7f 45 4c 46); if it is a raw image, "
                + "say where it goes with --raw ADDRESS"
        case .truncated(let field, let need, let have):
            return
                "\(field.description) ends at byte \(need), but the file has \(have) bytes; it is cut short or damaged"
        case .wrongClass(2): return "e_ident[EI_CLASS] is 2: a 64-bit ELF; this board's CPU is 32-bit"
        case .wrongClass(let value): return "e_ident[EI_CLASS] is \(value); a 32-bit ELF has 1"
        case .wrongByteOrder(2): return "e_ident[EI_DATA] is 2: big-endian; this board's CPU is little-endian (mipsel)"
        case .wrongByteOrder(let value): return "e_ident[EI_DATA] is \(value); a little-endian ELF has 1"
        case .wrongVersion(let value): return "the ELF version is \(value); the only one there is is 1"
        case .wrongType(1): return "e_type is 1: a relocatable object; link it into an executable"
        case .wrongType(3):
            return "e_type is 3: a shared object or position-independent executable; link it with -no-pie"
        case .wrongType(4): return "e_type is 4: a core dump, not an executable"
        case .wrongType(let value): return "e_type is \(value); an executable has 2"
        case .wrongMachine(let value):
            return "e_machine is \(value)\(machineName(value)); a MIPS executable has 8"
        case .wrongInstructionSet(let flags):
            return "e_flags is \(hex(flags))\(instructionSetName(flags)); this board's CPU is a MIPS32 release 2"
        case .programHeaderSize(let size): return "e_phentsize is \(size); a 32-bit ELF has 32"
        case .tooManyProgramHeaders: return "e_phnum is 65535, the mark of more program headers than a kernel image has"
        case .needsInterpreter:
            return
                "a PT_INTERP header asks for a dynamic linker: this is a program for an operating system, "
                + "not a bare-metal one"
        case .noLoadableSegment: return "no PT_LOAD program header with a size: nothing to load"
        case .fileSizeExceedsMemorySize(let index, let fileSize, let memorySize):
            return "segment \(index): p_filesz \(hex(fileSize)) is larger than p_memsz \(hex(memorySize))"
        case .crossesSegmentEnd(let index, let address, let size):
            return
                "segment \(index): "
                + "p_vaddr \(hex(address)) plus p_memsz \(hex(size)) runs over the end of its 512 MiB segment"
        case .overlap(let first, let second): return "segments \(first) and \(second) overlap in physical memory"
        case .outsideRAM(let part, let start, let end, let ram, let needed):
            let place = "\(part.description) needs physical \(hex(start))-\(hex(end - 1))"
            guard let needed else {
                return "\(place), but RAM ends at \(hex(AddressMap.lowRAMLimit)) where the devices begin; link it lower"
            }
            return "\(place), but there are \(mebibytes(ram)) of RAM; use --memory \(needed >> 20)M or more"
        case .entryOutside(let entry): return "e_entry \(hex(entry)) lies in no loaded segment"
        case .entryUnaligned(let entry) where entry & 1 != 0:
            return "e_entry \(hex(entry)) has bit 0 set: MIPS16 or microMIPS code, which this board's CPU does not run"
        case .entryUnaligned(let entry): return "e_entry \(hex(entry)) is not a multiple of 4"
        case .wrongWindow(let entry, let window):
            return
                "e_entry \(hex(entry)) \(linkedFor(entry)), "
                + "but this machine's kernel code runs in \(window.description)" + profileFor(entry)
        case .noRoom(let part, let need, let have):
            return
                "\(part.description) takes \(need) bytes, but \(have) are free between the kernel and the top of the first 256 MiB; "
                + "use more --memory, or a smaller one"
        case .zeroInCommandLine:
            return "the kernel's command line has a zero byte inside; the kernel could not see what follows it"
        case .packedKernelDamaged(let offset):
            return "the kernel packed inside, at byte \(offset), is damaged and could not start; get the file again"
        case .wrongPageSize(let kernel, let host):
            return
                "the kernel was built for pages of \(kernel) bytes, and trap-and-emulate shares the host's pages of \(host); "
                + "build it with CONFIG_PAGE_SIZE_\(host >> 10)KB"
        case .rawAddressUnaligned(let address): return "the raw image's address \(hex(address)) is not a multiple of 4"
        }
    }

    private func linkedFor(_ entry: UInt32) -> String {
        guard let window = KernelWindow(of: entry) else { return "is in a segment that needs a TLB" }
        return "is linked for \(window.description)"
    }

    /// The way to run it all the same.
    private func profileFor(_ entry: UInt32) -> String {
        guard let window = KernelWindow(of: entry) else { return "" }
        return "; use --backend simulator --profile " + (window == .kseg0 ? "vz" : "te-fixed")
    }

    private func machineName(_ value: UInt16) -> String {
        switch value {
        case 3: " (x86)"
        case 10: " (MIPS I, big-endian)"
        case 40: " (ARM)"
        case 62: " (x86-64)"
        case 183: " (AArch64)"
        case 243: " (RISC-V)"
        default: ""
        }
    }

    private func instructionSetName(_ flags: UInt32) -> String {
        if flags & ELFConstant.abi2 != 0 { return " (n32 calling convention, 64-bit code)" }
        if flags & ELFConstant.microMIPS != 0 { return " (microMIPS)" }
        switch flags >> 28 {
        case 2, 3, 4: return " (64-bit code: MIPS III to V)"
        case 6: return " (MIPS64)"
        case 8: return " (MIPS64 release 2)"
        case 9: return " (MIPS32 release 6)"
        case 10: return " (MIPS64 release 6)"
        default: return ""
        }
    }
}

extension ImageError.Field: CustomStringConvertible {
    public var description: String {
        switch self {
        case .header: "the ELF header"
        case .programHeader(let index): "program header \(index)"
        case .segment(let index): "segment \(index) (p_offset + p_filesz)"
        }
    }
}

extension ImageError.Part: CustomStringConvertible {
    public var description: String {
        switch self {
        case .segment(let index): "segment \(index)"
        case .rawImage: "the raw image"
        case .initrd: "the initial RAM disk"
        case .deviceTree: "the device tree"
        case .unpackedKernel: "the unpacked kernel"
        }
    }
}

/// A number as users write addresses.
@inline(never)
func hex(_ value: some BinaryInteger) -> String { "0x\(String(value, radix: 16))" }

/// A size as users give it: whole mebibytes where it is, else bytes.
func mebibytes(_ size: UInt64) -> String {
    size & 0xF_FFFF == 0 ? "\(size >> 20) MiB" : "\(size) bytes"
}
