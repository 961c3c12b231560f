// Programs of a few instructions, for what no guest of Tests/Guests does.

import Foundation
import Hypervisor
import Machine
import Simulator
@testable import Monitor

/// MIPS words. Registers by number; t0 is 8.
enum Word {
    static func lui(_ rt: UInt32, _ imm: UInt32) -> UInt32 { 0x3C00_0000 | rt << 16 | imm }
    static func ori(_ rt: UInt32, _ rs: UInt32, _ imm: UInt32) -> UInt32 { 0x3400_0000 | rs << 21 | rt << 16 | imm }
    static func andi(_ rt: UInt32, _ rs: UInt32, _ imm: UInt32) -> UInt32 { 0x3000_0000 | rs << 21 | rt << 16 | imm }
    static func addiu(_ rt: UInt32, _ rs: UInt32, _ imm: Int16) -> UInt32 {
        0x2400_0000 | rs << 21 | rt << 16 | UInt32(UInt16(bitPattern: imm))
    }
    static func sltiu(_ rt: UInt32, _ rs: UInt32, _ imm: UInt32) -> UInt32 { 0x2C00_0000 | rs << 21 | rt << 16 | imm }
    static func lw(_ rt: UInt32, _ off: UInt32, _ base: UInt32) -> UInt32 { 0x8C00_0000 | base << 21 | rt << 16 | off }
    static func sw(_ rt: UInt32, _ off: UInt32, _ base: UInt32) -> UInt32 { 0xAC00_0000 | base << 21 | rt << 16 | off }
    static func lbu(_ rt: UInt32, _ off: UInt32, _ base: UInt32) -> UInt32 { 0x9000_0000 | base << 21 | rt << 16 | off }
    static func sb(_ rt: UInt32, _ off: UInt32, _ base: UInt32) -> UInt32 { 0xA000_0000 | base << 21 | rt << 16 | off }
    static func beq(_ rs: UInt32, _ rt: UInt32, _ off: Int16) -> UInt32 {
        0x1000_0000 | rs << 21 | rt << 16 | UInt32(UInt16(bitPattern: off))
    }
    static func bne(_ rs: UInt32, _ rt: UInt32, _ off: Int16) -> UInt32 {
        0x1400_0000 | rs << 21 | rt << 16 | UInt32(UInt16(bitPattern: off))
    }
    static let nop: UInt32 = 0
    static let here = beq(0, 0, -1)
    static let wait: UInt32 = 0x4200_0020
    static let hypcall1: UInt32 = 0x4200_0828
}

/// Stores `code` to the power switch; t2 (10) holds 0xB0000000.
private func powerOff(_ code: UInt32) -> [UInt32] {
    [Word.ori(12, 0, code), Word.sw(12, 0x2000, 10), Word.here, Word.nop]
}

enum RawProgram {
    /// Counts its starts at physical 0x2000 and resets the board until there were three.
    static let resets: [UInt32] =
        [
            Word.lui(8, 0xA000), Word.lui(10, 0xB000), Word.lw(9, 0x2000, 8), Word.addiu(9, 9, 1),
            Word.sw(9, 0x2000, 8), Word.sltiu(11, 9, 3), Word.beq(11, 0, 5), Word.nop,
        ] + powerOff(0x7777) + powerOff(0x5555)

    /// Says what it hears, until it hears `q`.
    static let echo: [UInt32] =
        [
            Word.lui(10, 0xB000), Word.lbu(9, 5, 10), Word.andi(9, 9, 1), Word.beq(9, 0, -3), Word.nop,
            Word.lbu(11, 0, 10), Word.sb(11, 0, 10), Word.addiu(12, 11, -113), Word.bne(12, 0, -8), Word.nop,
        ] + powerOff(0x5555)

    /// Waits for an interrupt that it has not asked for.
    static let idle: [UInt32] = [Word.wait, Word.beq(0, 0, -2), Word.nop]

    /// Does what no KVM can emulate.
    static let failure: [UInt32] = [Word.nop, Word.hypcall1, Word.here, Word.nop]

    /// Ends with code 7.
    static let seven: [UInt32] =
        [Word.lui(10, 0xB000), Word.lui(12, 7)] + [
            Word.ori(12, 12, 0x3333), Word.sw(12, 0x2000, 10), Word.here, Word.nop,
        ]

    /// A machine with the program at physical 0x1000.
    static func boot(
        _ words: [UInt32], in folder: Folder, profile: Profile = .vz, console: Console? = nil,
        clock: ClockSource = virtualClock
    ) throws -> Guest {
        var bytes: [UInt8] = []
        for word in words {
            for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(shift))) }
        }
        let path = folder.file("program.bin")
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let vm = try Guest(
            SimulatedSystem(profile: profile, clock: clock), MachineConfiguration(memorySize: 1 << 20),
            console: console ?? Console(.capture))
        try vm.boot(BootImage(path: path, format: .raw(address: 0x8000_1000)))
        return vm
    }
}
