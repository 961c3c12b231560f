// The boot ROM: its program, its window, its section.
import Devices
import Machine
import Testing

private let rom = AddressMap.bootROM.base
private let syscon = AddressMap.syscon.base

@Suite struct BootROMTests {
    private let start = StartRegisters(
        arguments: (0xFFFF_FFFE, 0x87FD_0000, 3, 0x0400_0000), stackPointer: 0x8765_4320, entry: 0x80B4_4294)

    /// Assembled by hand.
    private let program: [UInt64] = [
        0x3C1A_B000, 0x375A_2000,  // lui, ori k0, the power switch
        0x8F5B_0004, 0x1760_0011, 0x341B_0001,  // lw k1, 4(k0); bne k1, zero, to the reset; ori k1, zero, 1
        0xAF5B_0004,  // sw k1, 4(k0)
        0x3C04_FFFF, 0x3484_FFFE, 0x3C05_87FD, 0x34A5_0000, 0x3C06_0000, 0x34C6_0003, 0x3C07_0400, 0x34E7_0000,
        0x3C1D_8765, 0x37BD_4320, 0x3C1B_80B4, 0x377B_4294,
        0x341A_0000, 0x0360_0008, 0x341B_0000,  // k0 = 0; jr k1; k1 = 0
        0x341B_7777, 0xAF5B_0000, 0x1000_FFFF, 0,  // the reset
    ]

    @Test func theProgram() throws {
        let board = try makeBoard()
        board.prepareStart(start, fromROM: true)
        for (index, word) in program.enumerated() {
            #expect(board.load(rom + UInt64(index) * 4, 4) == word, "word \(index)")
        }
        #expect(board.load(rom + UInt64(program.count) * 4, 4) == 0)
        // The branch leads to the reset: it counts from its delay slot.
        #expect(program[3 + 1 + 0x11] == 0x341B_7777)
    }

    @Test func beforeAStartItResets() throws {
        let board = try makeBoard()
        for (index, word) in (program[..<2] + program[21...]).enumerated() {
            #expect(board.load(rom + UInt64(index) * 4, 4) == word)
        }
    }

    @Test func isReadOnlyAndEndsWithItsWindow() throws {
        let board = try makeBoard()
        board.prepareStart(start, fromROM: false)
        for size: UInt32 in [1, 2, 4, 8] { #expect(board.store(rom, 0x1234_5678_9ABC_DEF0, size) == .none) }
        #expect(board.load(rom, 8) == 0x375A_2000_3C1A_B000)
        #expect(board.load(rom + 1, 2) == 0x1AB0 && board.load(rom + 3, 1) == 0x3C)
        #expect(board.load(rom + 0xFFFC, 4) == 0)
        #expect(board.unclaimed.count == 0)
        #expect(board.load(rom + 0x1_0000, 4) == 0)
        #expect(board.unclaimed.count == 1)
    }

    @Test func theSwitchRemembersTheStart() throws {
        let board = try makeBoard()
        board.prepareStart(start, fromROM: true)
        #expect(board.load(syscon + 4, 4) == 0)
        #expect(board.store(syscon + 4, 1, 4) == .none)
        #expect(board.load(syscon + 4, 4) == 1)
        board.store(syscon + 4, 0, 4)
        #expect(board.load(syscon + 4, 4) == 1, "only a reset takes it back")
        board.reset()
        #expect(board.load(syscon + 4, 4) == 0)
        board.prepareStart(start, fromROM: false)
        #expect(board.load(syscon + 4, 4) == 1)
    }

    @Test func aSlotFollowsTheProgram() throws {
        let board = try makeBoard()
        let address = UInt(try board.bootROM.hostAddress())
        func word(_ index: Int) throws -> UInt32 {
            // The ROM lives, and has 64 KiB.
            unsafe try #require(UnsafePointer<UInt32>(bitPattern: address))[index]
        }
        #expect(try word(2) == 0x341B_7777)
        board.prepareStart(start, fromROM: true)
        for (index, expected) in program.enumerated() { #expect(try word(index) == UInt32(expected)) }
        #expect(try UInt(board.bootROM.hostAddress()) == address)
        // Restoring an empty one leaves nothing behind.
        var sections = board.saveState()
        sections[4].bytes = [1, 0, 0, 0, 0, 0, 0, 0]
        try board.restoreState(sections)
        #expect(try word(0) == 0 && word(20) == 0)
        #expect(board.load(rom, 4) == 0)
    }

    @Test func travelsInItsSection() throws {
        let board = try makeBoard()
        board.prepareStart(start, fromROM: true)
        board.store(syscon + 4, 1, 4)
        let sections = board.saveState()
        let copy = try makeBoard()
        try copy.restoreState(sections)
        #expect(copy.saveState() == sections)
        #expect(copy.load(syscon + 4, 4) == 1)
        #expect(copy.load(rom + 17 * 4, 4) == 0x377B_4294)
        // As saved by a build without it: the guest has started, and the ROM resets.
        let old = try makeBoard()
        try old.restoreState(sections.filter { $0.id != .bootROM })
        #expect(old.load(syscon + 4, 4) == 1)
        #expect(old.load(rom + 8, 4) == 0x341B_7777)
    }

    @Test func wrongSectionsAreNamed() throws {
        let board = try makeBoard()
        let good = board.saveState()
        let largest = [UInt8](repeating: 7, count: 0x1_0000)
        for (bytes, words) in [
            ([2, 0, 0, 0, 0, 0, 0, 0], "field started"), ([1, 0, 0, 0, 1, 0, 1, 0], "field count holds 0x10001"),
            ([1, 0, 0, 0, 2, 0, 0, 0, 7, 0], "field last byte"), ([1, 0, 0, 0, 2, 0, 0, 0, 7], "cut short"),
            ([1, 0, 0, 0, 1, 0, 0, 0, 7, 7], "1 bytes too many"), ([], "cut short"),
        ] as [([UInt8], String)] {
            var sections = good
            sections[4].bytes = bytes
            let error = #expect(throws: BoardStateError.self) { try board.restoreState(sections) }
            #expect(error?.description.contains("section BROM: state of the boot ROM") == true)
            #expect(error?.description.contains(words) == true, "\(words)")
            #expect(board.saveState() == good)
        }
        var full = good
        full[4].bytes = [0, 0, 0, 0, 0, 0, 1, 0] + largest
        try board.restoreState(full)
        #expect(board.load(rom + 0xFFFC, 4) == 0x0707_0707)
    }
}
