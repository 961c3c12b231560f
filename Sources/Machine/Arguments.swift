// What a bare-metal program is told at its start: the argument block, in the way of MIPS's YAMON monitor.
//
// At the program's first instruction a0 = argc, a1 = argv, a2 = environment, a3 = bytes of RAM. argv and the
// environment are arrays of 32-bit pointers as the guest's kernel code sees them, each closed by a zero pointer; the
// environment is empty. The block lies at the top of low RAM:
//
//   argv pointers, 0 | 0 (environment) | strings, each closed by a zero byte | end of low RAM
//
// Its start is a multiple of 16, and the stack a program may want to start with grows down from there.

import Devices

/// Where the argument block is; the values of the argument registers.
public struct ArgumentBlock: Equatable, Sendable {
    /// a0: number of arguments, the program's name included.
    public let count: UInt32
    /// a1: virtual address of the argv array.
    public let argv: UInt32
    /// a2: virtual address of the empty environment.
    public let environment: UInt32
    /// a3: bytes of RAM, at most 4 GiB - 1.
    public let memorySize: UInt32
    /// A stack pointer for a program without a stack of its own: below the block, with the home of four arguments above
    /// it, as the o32 convention has it.
    public let stackPointer: UInt32
    /// The physical bytes the block takes.
    public let physicalRange: Range<UInt64>
}

/// Why a program could not be given its arguments.
public enum ArgumentError: Error, Equatable {
    /// Argument `index` has a zero byte inside, which would end it there.
    case zeroByte(index: Int)
    /// The block would need `need` bytes, and `have` are free at the top of low RAM.
    case noRoom(need: UInt64, have: UInt64)
}

extension ArgumentError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .zeroByte(let index): "argument \(index) has a zero byte inside; the guest could not see what follows it"
        case .noRoom(let need, let have):
            "the arguments take \(need) bytes of guest memory, but \(have) are free above the image; "
                + "use more --memory or fewer arguments"
        }
    }
}

extension Board {
    /// Leaves the arguments at the top of low RAM.
    ///
    /// - Parameters:
    ///   - arguments: argv, the program's name first; bytes of any encoding.
    ///   - window: where the guest's kernel code runs, so that the pointers are good there.
    ///   - image: the physical bytes the program takes, which the block must stay clear of.
    public func writeArguments(
        _ arguments: [[UInt8]], window: KernelWindow, avoiding image: Range<UInt64> = 0..<0
    ) throws(ArgumentError) -> ArgumentBlock {
        var strings: UInt64 = 0
        for (index, argument) in arguments.enumerated() {
            guard !argument.contains(0) else { throw .zeroByte(index: index) }
            strings += UInt64(argument.count) + 1
        }
        let pointers = UInt64(arguments.count + 2) * 4
        let need = (pointers + strings + 15) & ~15
        let top = memory.lowRegion.window.end
        // Images begin low; one that ends above the top would not have been loaded.
        let have = top - min(top, image.upperBound)
        guard need <= have else { throw .noRoom(need: need, have: have) }
        let start = top - need
        var block = StateWriter()
        var next = UInt32(start + pointers)
        for argument in arguments {
            block.write(window.address(ofPhysical: next))
            next += UInt32(argument.count) + 1
        }
        block.write(UInt32(0))
        block.write(UInt32(0))
        for argument in arguments {
            block.write(contentsOf: argument)
            block.write(UInt8(0))
        }
        do throws(GuestMemoryError) {
            try memory.write(block.bytes, at: start)
        } catch {
            preconditionFailure("the top of low RAM is RAM")
        }
        let address = window.address(ofPhysical: UInt32(start))
        return ArgumentBlock(
            count: UInt32(arguments.count), argv: address,
            environment: address + UInt32(arguments.count + 1) * 4,
            memorySize: UInt32(clamping: memory.size), stackPointer: address - 16, physicalRange: start..<top)
    }

    /// The same for strings, in UTF-8.
    public func writeArguments(
        _ arguments: [String], window: KernelWindow, avoiding image: Range<UInt64> = 0..<0
    ) throws(ArgumentError) -> ArgumentBlock {
        try writeArguments(arguments.map { [UInt8]($0.utf8) }, window: window, avoiding: image)
    }
}
