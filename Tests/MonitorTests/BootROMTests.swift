// Starting by the boot ROM, and starting again by a jump to the reset vector.

import Foundation
import Hypervisor
import Machine
import Simulator
import Testing
import Timekeeping
@testable import Monitor

private enum ROMProgram {
    /// Stores all registers from physical 0x2000 on, by $zero, and switches off.
    static let registers: [UInt32] =
        (1..<32).map { Word.sw($0, 0x2000 + $0 * 4, 0) } + [
            Word.lui(10, 0xB000), Word.ori(12, 0, 0x5555), Word.sw(12, 0x2000, 10), Word.here, Word.nop,
        ]

    /// Counts its starts at physical 0x2000, and jumps to the reset vector until there were three.
    static func jumps(_ vector: UInt32) -> [UInt32] {
        [
            Word.lui(8, 0xA000), Word.lui(10, 0xB000), Word.lw(9, 0x2000, 8), Word.addiu(9, 9, 1),
            Word.sw(9, 0x2000, 8), Word.sltiu(11, 9, 3), Word.beq(11, 0, 4), Word.nop,
            Word.lui(13, vector), jr(13), Word.nop,
            Word.ori(12, 0, 0x5555), Word.sw(12, 0x2000, 10), Word.here, Word.nop,
        ]
    }

    /// Waits for a character before each jump.
    static let jumpsWhenTold: [UInt32] =
        [
            Word.lui(10, 0xB000), Word.lbu(9, 5, 10), Word.andi(9, 9, 1), Word.beq(9, 0, -3), Word.nop,
            Word.lbu(11, 0, 10),
        ]
        + jumps(0xBFC0)

    private static func jr(_ rs: UInt32) -> UInt32 { 8 | rs << 21 }
}

@Suite struct BootROMTests {
    @Test func theFirstInstructionFindsNothingOfTheROM() throws {
        let folder = try Folder()
        let vm = try RawProgram.boot(ROMProgram.registers, in: folder)
        #expect(try vm.registers()[.pc] == 0xFFFF_FFFF_BFC0_0000)
        #expect(try vm.run() == .powerOff(code: 0))
        let found = (1..<32).map { vm.memory.load(at: 0x2000 + UInt64($0) * 4, size: 4) }
        var expected = [UInt64](repeating: 0, count: 32)
        expected[4] = 1
        expected[5] = found[4] ?? 0
        expected[6] = expected[5] + 4 + 4
        expected[7] = 1 << 20
        expected[29] = expected[5] - 16
        #expect(found == expected[1...].map { $0 })
        #expect(expected[5] >> 29 == 4)
    }

    @Test(arguments: [Profile.vz, .teFixed, .te510])
    func aJumpToTheVectorStartsAgain(profile: Profile) throws {
        let folder = try Folder()
        let vm = try RawProgram.boot(
            ROMProgram.jumps(profile.isTE ? 0x5FC0 : 0xBFC0), in: folder, profile: profile)
        #expect(try vm.run() == .powerOff(code: 0))
        #expect(vm.statistics.resets == 2)
        #expect(vm.memory.load(at: 0x2000, size: 4) == 3)
    }

    /// Uncached or cached, into the ROM's first instruction.
    @Test func theVectorThroughKSEG0() throws {
        let folder = try Folder()
        let vm = try RawProgram.boot(ROMProgram.jumps(0x9FC0), in: folder)
        #expect(try vm.run() == .powerOff(code: 0))
        #expect(vm.statistics.resets == 2)
    }

    @Test func aRestoredGuestFindsItsROM() throws {
        let folder = try Folder()
        let vm = try RawProgram.boot(ROMProgram.jumpsWhenTold, in: folder)
        vm.console.type([1])
        _ = try vm.run(until: vm.now + 5_000_000)
        #expect(vm.statistics.resets == 1)
        try vm.pause()
        try vm.save(to: folder.file("snapshot"))
        let other = try restore(folder.file("snapshot"))
        try other.resume(.freeze)
        // One by one: a reset empties the UART.
        other.console.type([2])
        #expect(try other.run(until: other.now + 5_000_000) == .deadline)
        other.console.type([3])
        #expect(try other.run(until: other.now + 5_000_000) == .powerOff(code: 0))
        #expect(other.statistics.resets == 1)
        #expect(other.memory.load(at: 0x2000, size: 4) == 3)
    }
}
