// The boot ROM: what lies at the reset vector, 0xBFC00000 (physical 0x1FC00000).
//
// Its program is made here, for one start: it asks the power switch whether the board has started since its reset. If
// not, it says so, gives the argument registers and the stack pointer their values and jumps to the entry; no other
// register keeps anything of it. If it has, somebody jumped to the reset vector, which is one way to restart a machine:
// it resets the board.
//
// Where the backend takes read-only memory the ROM is a memory slot and code in it runs. Elsewhere, and under
// trap-and-emulate through 0xA0000000-0xBFFFFFFF, the board serves reads.
//
// Unsafe code: memory that `Slot` owns, which never gets more bytes than it has.

import Devices
import Host

/// What a guest finds in its registers at its first instruction.
public struct StartRegisters: Equatable, Sendable {
    /// a0 to a3.
    public var arguments: (UInt32, UInt32, UInt32, UInt32)
    /// sp; 0 for a program with a stack of its own.
    public var stackPointer: UInt32
    /// Virtual address of the first instruction.
    public var entry: UInt32

    public init(arguments: (UInt32, UInt32, UInt32, UInt32), stackPointer: UInt32 = 0, entry: UInt32) {
        self.arguments = arguments
        self.stackPointer = stackPointer
        self.entry = entry
    }

    public static func == (a: StartRegisters, b: StartRegisters) -> Bool {
        a.arguments == b.arguments && a.stackPointer == b.stackPointer && a.entry == b.entry
    }
}

/// Instruction words, by the names of the manual. Registers by number.
private enum Word {
    static let nop: UInt32 = 0
    static func lui(_ rt: UInt32, _ immediate: UInt32) -> UInt32 { 0x3C00_0000 | rt << 16 | immediate }
    static func ori(_ rt: UInt32, _ rs: UInt32, _ immediate: UInt32) -> UInt32 {
        0x3400_0000 | rs << 21 | rt << 16 | immediate
    }
    static func lw(_ rt: UInt32, _ offset: UInt32, _ base: UInt32) -> UInt32 {
        0x8C00_0000 | base << 21 | rt << 16 | offset
    }
    static func sw(_ rt: UInt32, _ offset: UInt32, _ base: UInt32) -> UInt32 {
        0xAC00_0000 | base << 21 | rt << 16 | offset
    }
    /// To `offset` instructions behind the delay slot.
    static func bne(_ rs: UInt32, _ rt: UInt32, _ offset: UInt32) -> UInt32 {
        0x1400_0000 | rs << 21 | rt << 16 | offset & 0xFFFF
    }
    static func jr(_ rs: UInt32) -> UInt32 { 0x0000_0008 | rs << 21 }
    /// BEQ to itself.
    static let here: UInt32 = 0x1000_FFFF
}

/// The ROM.
public final class BootROM {
    /// The vector as ordinary guests see it.
    public static let resetVector: UInt32 = 0xBFC0_0000

    private static let k0: UInt32 = 26
    private static let k1: UInt32 = 27

    /// Everything up to the last byte that is not 0, at most as much as the window has.
    private(set) var contents: [UInt8] = []
    /// The same for a backend, once one has asked.
    private var slot: Slot?

    /// Memory for a slot of the contract.
    @safe
    private final class Slot {
        private let memory: Mapping
        private var used = 0

        init() throws(Errno) {
            memory = try Mapping.anonymous(size: Int(AddressMap.bootROM.size))
        }

        // Only the number leaves.
        var hostAddress: UInt64 { UInt64(UInt(bitPattern: unsafe memory.base)) }

        func fill(_ bytes: [UInt8]) {
            precondition(bytes.count <= memory.size, "more than the ROM holds")
            unsafe memory.bytes[..<used].initializeMemory(as: UInt8.self, repeating: 0)
            unsafe memory.bytes.copyBytes(from: bytes)
            used = bytes.count
        }
    }

    /// A ROM that knows no start yet: it resets the board.
    init() {
        store(Self.findSwitch + Self.reset)
    }

    /// The host address of the ROM's memory, valid while this object lives: what a memory slot of the contract wants.
    /// Made at the first call.
    public func hostAddress() throws(GuestMemoryError) -> UInt64 {
        if let slot { return slot.hostAddress }
        do throws(Errno) {
            let made = try Slot()
            made.fill(contents)
            slot = made
            return made.hostAddress
        } catch {
            throw .host(error, size: AddressMap.bootROM.size)
        }
    }

    // MARK: The program

    /// k0 = the power switch, uncached.
    private static var findSwitch: [UInt32] {
        let address = 0xA000_0000 | UInt32(truncatingIfNeeded: AddressMap.syscon.base)
        return load(k0, address)
    }

    private static var reset: [UInt32] {
        [Word.ori(k1, 0, SysconCommand.reset), Word.sw(k1, SysconRegister.command, k0), Word.here, Word.nop]
    }

    private static func load(_ register: UInt32, _ value: UInt32) -> [UInt32] {
        [Word.lui(register, value >> 16), Word.ori(register, register, value & 0xFFFF)]
    }

    /// Makes the program for a start.
    func program(_ start: StartRegisters) {
        var words = load(into: start)
        words = [Word.sw(Self.k1, SysconRegister.started, Self.k0)] + words
        // k1 becomes 1 in the delay slot, which counts on both ways.
        let test = [
            Word.lw(Self.k1, SysconRegister.started, Self.k0),
            Word.bne(Self.k1, 0, UInt32(words.count) + 1), Word.ori(Self.k1, 0, 1),
        ]
        store(Self.findSwitch + test + words + Self.reset)
    }

    private func load(into start: StartRegisters) -> [UInt32] {
        let (a0, a1, a2, a3) = start.arguments
        var words: [UInt32] = []
        for (register, value) in [(4, a0), (5, a1), (6, a2), (7, a3), (29, start.stackPointer)] {
            words += Self.load(UInt32(register), value)
        }
        // Both are gone when the first instruction runs.
        return words + Self.load(Self.k1, start.entry)
            + [Word.ori(Self.k0, 0, 0), Word.jr(Self.k1), Word.ori(Self.k1, 0, 0)]
    }

    private func store(_ words: [UInt32]) {
        var bytes: [UInt8] = []
        for word in words {
            for shift: UInt32 in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
        }
        fill(bytes)
    }

    // MARK: The bytes

    /// Puts bytes into the ROM, zeros behind them; those of a snapshot may be hostile and then do what the guest itself
    /// could do.
    func fill(_ bytes: [UInt8]) {
        contents = bytes
        while contents.last == 0 { contents.removeLast() }
        slot?.fill(contents)
    }

    /// A little-endian value of so many bytes; 0 beyond the end.
    func load(_ offset: UInt32, size: UInt32) -> UInt32 {
        var value: UInt32 = 0
        for index in (0..<UInt64(min(size, 4))).reversed() {
            let at = UInt64(offset) + index
            value = value << 8 | (at < UInt64(contents.count) ? UInt32(contents[Int(at)]) : 0)
        }
        return value
    }
}

/// The ROM on the bus: reads only.
final class ROMPort: BusPort {
    private let rom: BootROM

    init(_ rom: BootROM) {
        self.rom = rom
        super.init()
    }

    override func read(offset: UInt32, size: UInt32) -> UInt32 { rom.load(offset, size: size) }
}
