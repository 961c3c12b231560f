// The writer of instructions: buffer, prefixes, operands.
//
// Unsafe code: the buffer is the caller's, which keeps it as long as the assembler; every byte goes through `byte`, which checks the end.

/// Writes instructions into a buffer, one after the other. What does not fit is not written; `isOverflowed` tells.
@safe
public struct Assembler {
    private let buffer: UnsafeMutableRawBufferPointer
    /// Address at which the first byte of the buffer will run.
    public let origin: UInt
    /// Bytes written so far.
    public private(set) var position = 0
    /// Something did not fit, or a short jump was too far: the code is of no use.
    public private(set) var isOverflowed = false

    /// - Parameter origin: the address at which the buffer's first byte will run.
    public init(_ buffer: UnsafeMutableRawBufferPointer, runsAt origin: UInt) {
        unsafe self.buffer = buffer
        self.origin = origin
    }

    /// The address at which the next instruction will run.
    public var address: UInt { origin &+ UInt(bitPattern: position) }

    // MARK: Bytes

    @inline(__always)
    mutating func byte(_ value: UInt8) {
        guard unsafe position < buffer.count else {
            isOverflowed = true
            return
        }
        unsafe buffer[position] = value
        position += 1
    }

    mutating func word32(_ value: UInt32) {
        guard unsafe position + 4 <= buffer.count else {
            isOverflowed = true
            return
        }
        unsafe buffer.storeBytes(of: value.littleEndian, toByteOffset: position, as: UInt32.self)
        position += 4
    }

    mutating func word64(_ value: UInt64) {
        word32(UInt32(truncatingIfNeeded: value))
        word32(UInt32(truncatingIfNeeded: value &>> 32))
    }

    /// Replaces four bytes that were written.
    mutating func patch32(_ value: UInt32, at position: Int) {
        guard position >= 0, position + 4 <= self.position else {
            isOverflowed = true
            return
        }
        unsafe buffer.storeBytes(of: value.littleEndian, toByteOffset: position, as: UInt32.self)
    }

    // MARK: Encoding

    /// An instruction with ModRM (SDM 2, 2.1.5). `opcode` has up to three bytes, the first in the lowest; `reg` is the register or number
    /// in ModRM.reg.
    ///
    /// - Parameters:
    ///   - prefix: a mandatory prefix, or 0.
    ///   - hasByteReg: `reg` is 8 bits wide: 4 to 7 need REX then.
    ///   - hasBytePlace: the same of a register in `place`.
    @inline(__always)
    mutating func instruction(
        _ width: Width, prefix: UInt8 = 0, _ opcode: UInt32, reg: UInt8, _ place: Place, hasByteReg: Bool = false,
        hasBytePlace: Bool = false
    ) {
        if prefix != 0 { byte(prefix) }
        var rex: UInt8 = width == .w64 ? 0x48 : 0
        if reg & 8 != 0 { rex |= 0x44 }
        var needsREX = hasByteReg && reg >= 4
        switch place {
        case .register(let register):
            if register.rawValue & 8 != 0 { rex |= 0x41 }
            needsREX = needsREX || hasBytePlace && register.rawValue >= 4
        case .memory(let memory):
            if memory.base.rawValue & 8 != 0 { rex |= 0x41 }
            if let index = memory.index, index.rawValue & 8 != 0 { rex |= 0x42 }
        }
        if rex != 0 { byte(rex) } else if needsREX { byte(0x40) }
        byte(UInt8(truncatingIfNeeded: opcode))
        if opcode > 0xFF { byte(UInt8(truncatingIfNeeded: opcode &>> 8)) }
        if opcode > 0xFFFF { byte(UInt8(truncatingIfNeeded: opcode &>> 16)) }
        switch place {
        case .register(let register): byte(0xC0 | (reg & 7) &<< 3 | register.rawValue & 7)
        case .memory(let memory): operand(reg & 7, memory)
        }
    }

    /// ModRM, SIB and displacement (SDM 2, tables 2-2 and 2-3). As a base, rsp and r12 need SIB, rbp and r13 a displacement.
    @inline(__always)
    private mutating func operand(_ reg: UInt8, _ memory: Memory) {
        let base = memory.base.rawValue & 7
        let displacement = memory.displacement
        let mode: UInt8 =
            displacement == 0 && base != 5 ? 0 : displacement >= -128 && displacement <= 127 ? 0x40 : 0x80
        if let index = memory.index {
            let scale = UInt8(truncatingIfNeeded: memory.scale.trailingZeroBitCount)
            byte(mode | reg &<< 3 | 4)
            byte(scale &<< 6 | (index.rawValue & 7) &<< 3 | base)
        } else if base == 4 {
            byte(mode | reg &<< 3 | 4)
            byte(0x24)
        } else {
            byte(mode | reg &<< 3 | base)
        }
        if mode == 0x40 { byte(UInt8(bitPattern: Int8(truncatingIfNeeded: displacement))) }
        if mode == 0x80 { word32(UInt32(bitPattern: displacement)) }
    }
}
