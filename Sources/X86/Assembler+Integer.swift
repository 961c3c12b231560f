// Moves, arithmetic, shifts (SDM 2, chapters 3 and 4, under the name of each instruction).

extension Assembler {
    // MARK: Moves

    public mutating func mov(_ width: Width, _ to: Register, _ from: Register) {
        instruction(width, 0x8B, reg: to.rawValue, .register(from))
    }

    public mutating func mov(_ width: Width, _ to: Register, _ from: Memory) {
        instruction(width, 0x8B, reg: to.rawValue, .memory(from))
    }

    public mutating func mov(_ width: Width, _ to: Memory, _ from: Register) {
        instruction(width, 0x89, reg: from.rawValue, .memory(to))
    }

    /// Stores an immediate; with 64 bits it is sign-extended.
    public mutating func mov(_ width: Width, _ to: Memory, _ value: Int32) {
        instruction(width, 0xC7, reg: 0, .memory(to))
        word32(UInt32(bitPattern: value))
    }

    /// Loads a constant in its shortest form. The flags stay as they are.
    public mutating func mov(_ to: Register, _ value: UInt64) {
        if value <= UInt64(UInt32.max) {
            if to.rawValue & 8 != 0 { byte(0x41) }
            byte(0xB8 | to.rawValue & 7)
            word32(UInt32(truncatingIfNeeded: value))
        } else if let small = Int32(exactly: Int64(bitPattern: value)) {
            instruction(.w64, 0xC7, reg: 0, .register(to))
            word32(UInt32(bitPattern: small))
        } else {
            byte(to.rawValue & 8 != 0 ? 0x49 : 0x48)
            byte(0xB8 | to.rawValue & 7)
            word64(value)
        }
    }

    public mutating func store8(_ to: Memory, _ from: Register) {
        instruction(.w32, 0x88, reg: from.rawValue, .memory(to), hasByteReg: true)
    }

    public mutating func store16(_ to: Memory, _ from: Register) {
        instruction(.w32, prefix: 0x66, 0x89, reg: from.rawValue, .memory(to))
    }

    /// MOVZX of a byte.
    public mutating func movzx8(_ to: Register, _ from: Place) {
        instruction(.w32, 0xB60F, reg: to.rawValue, from, hasBytePlace: true)
    }

    public mutating func movzx16(_ to: Register, _ from: Place) { instruction(.w32, 0xB70F, reg: to.rawValue, from) }

    /// MOVSX of a byte.
    public mutating func movsx8(_ to: Register, _ from: Place) {
        instruction(.w32, 0xBE0F, reg: to.rawValue, from, hasBytePlace: true)
    }

    public mutating func movsx16(_ to: Register, _ from: Place) { instruction(.w32, 0xBF0F, reg: to.rawValue, from) }

    public mutating func lea(_ width: Width, _ to: Register, _ memory: Memory) {
        instruction(width, 0x8D, reg: to.rawValue, .memory(memory))
    }

    /// The address of something near, relative to the next instruction.
    public mutating func lea(_ to: Register, near address: UInt) {
        byte(to.rawValue & 8 != 0 ? 0x4C : 0x48)
        byte(0x8D)
        byte(5 | (to.rawValue & 7) &<< 3)
        relative32(to: address)
    }

    public mutating func push(_ register: Register) {
        if register.rawValue & 8 != 0 { byte(0x41) }
        byte(0x50 | register.rawValue & 7)
    }

    public mutating func pop(_ register: Register) {
        if register.rawValue & 8 != 0 { byte(0x41) }
        byte(0x58 | register.rawValue & 7)
    }

    // MARK: Arithmetic and logic

    public mutating func alu(_ operation: ALU, _ width: Width, _ to: Register, _ from: Place) {
        instruction(width, UInt32(operation.rawValue) &<< 3 | 3, reg: to.rawValue, from)
    }

    public mutating func alu(_ operation: ALU, _ width: Width, _ to: Memory, _ from: Register) {
        instruction(width, UInt32(operation.rawValue) &<< 3 | 1, reg: from.rawValue, .memory(to))
    }

    /// With an immediate, which 64 bits sign-extend.
    public mutating func alu(_ operation: ALU, _ width: Width, _ to: Place, _ value: Int32) {
        if value >= -128, value <= 127 {
            instruction(width, 0x83, reg: operation.rawValue, to)
            byte(UInt8(bitPattern: Int8(truncatingIfNeeded: value)))
        } else {
            instruction(width, 0x81, reg: operation.rawValue, to)
            word32(UInt32(bitPattern: value))
        }
    }

    public mutating func test(_ width: Width, _ a: Register, _ b: Register) {
        instruction(width, 0x85, reg: b.rawValue, .register(a))
    }

    public mutating func test(_ width: Width, _ a: Place, _ value: Int32) {
        instruction(width, 0xF7, reg: 0, a)
        word32(UInt32(bitPattern: value))
    }

    public mutating func unary(_ operation: Unary, _ width: Width, _ place: Place) {
        instruction(width, 0xF7, reg: operation.rawValue, place)
    }

    /// IMUL of two operands: the lower half of the product.
    public mutating func imul(_ width: Width, _ to: Register, _ from: Place) {
        instruction(width, 0xAF0F, reg: to.rawValue, from)
    }

    /// CDQ: edx becomes the sign of eax.
    public mutating func cdq() { byte(0x99) }

    /// - Parameter count: 0 to 31, or 63.
    public mutating func shift(_ operation: Shift, _ width: Width, _ place: Place, _ count: UInt8) {
        instruction(width, 0xC1, reg: operation.rawValue, place)
        byte(count)
    }

    /// By the number in cl.
    public mutating func shiftByCL(_ operation: Shift, _ width: Width, _ place: Place) {
        instruction(width, 0xD3, reg: operation.rawValue, place)
    }

    public mutating func bswap(_ width: Width, _ register: Register) {
        let rex: UInt8 = (width == .w64 ? 0x48 : 0) | (register.rawValue & 8 != 0 ? 0x41 : 0)
        if rex != 0 { byte(rex) }
        byte(0x0F)
        byte(0xC8 | register.rawValue & 7)
    }

    /// BSR: the number of the highest bit that is set; ZF and an undefined result for zero.
    public mutating func bsr(_ width: Width, _ to: Register, _ from: Place) {
        instruction(width, 0xBD0F, reg: to.rawValue, from)
    }

    // MARK: By condition

    /// SETcc of the lowest byte.
    public mutating func set(_ condition: Condition, _ register: Register) {
        instruction(.w32, 0x900F | UInt32(condition.rawValue) &<< 8, reg: 0, .register(register), hasBytePlace: true)
    }

    public mutating func cmov(_ condition: Condition, _ width: Width, _ to: Register, _ from: Place) {
        instruction(width, 0x400F | UInt32(condition.rawValue) &<< 8, reg: to.rawValue, from)
    }
}
