// Saving and restoring: what comes back, and what is refused.

import Foundation
import Host
import Hypervisor
import Machine
import Simulator
import Snapshot
import Testing
import Timekeeping
@testable import Monitor

@Suite struct RestoreTests {
    @Test(arguments: [Profile.vz, .teFixed, .te510])
    func everythingComesBack(profile: Profile) throws {
        let folder = try Folder()
        let (vm, file) = try saved(folder, profile)
        let other = try restore(file)
        #expect(other.lifeCycle.state == .paused)
        #expect(
            try other.registers().all.filter { $0.id != .countResume }
                == vm.registers().all.filter { $0.id != .countResume })
        #expect(try other.vcpu.backendState() == vm.vcpu.backendState())
        #expect(unsafe other.memory.bytes.elementsEqual(vm.memory.bytes))
        #expect(other.image == vm.image)
        // Saved again before it runs, it is the same guest at the same instant.
        try other.save(to: folder.file("again"))
        let comparison = try SnapshotComparison(
            SnapshotContents(path: file), SnapshotContents(path: folder.file("again")))
        #expect(comparison.areSame, "\(comparison.differences)")
        try other.resume(.freeze)
        #expect(other.ledger.entries.map(\.cause) == [.restore])
        #expect(try other.run() == .powerOff(code: 0))
        #expect(other.text.contains("ticks=9 late=0 lost=0 doubled=0 early=0"))
    }

    /// The file stays as it is while its memory is mapped and written to.
    @Test func fileIsOnlyRead() throws {
        let folder = try Folder()
        let (_, file) = try saved(folder)
        let before = try Data(contentsOf: URL(fileURLWithPath: file))
        let vm = try restore(file)
        try vm.resume(.freeze)
        _ = try vm.run()
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before)
    }

    /// RAM on both sides of the devices.
    @Test func moreThan256MiB() throws {
        let folder = try Folder()
        let file = folder.file("large")
        let vm = try boot("ticker", .vz, ["ticks=3", "print=none"], memory: 320 << 20)
        #expect(vm.memory.store(0x1234_5678, at: 0x2300_0000, size: 4))
        _ = try vm.run(until: vm.now + 5_000_000)
        try vm.pause()
        try vm.save(to: file)
        let other = try restore(file)
        #expect(other.memory.load(at: 0x2300_0000, size: 4) == 0x1234_5678)
        try other.resume(.freeze)
        #expect(try other.run() == .powerOff(code: 0))
    }

    @Test func resetAfterRestore() throws {
        let folder = try Folder()
        let vm = try RawProgram.boot(RawProgram.resets, in: folder)
        try vm.pause()
        try vm.save(to: folder.file("machine"))
        let other = try restore(folder.file("machine"))
        try other.resume(.freeze)
        #expect(try other.run() == .powerOff(code: 0))
        #expect(other.statistics.resets == 2)
    }

    @Test func betweenProfiles() throws {
        let folder = try Folder()
        let (_, te) = try saved(folder, .teFixed)
        // One kind of trap-and-emulate is as good as the other.
        let other = try restore(te, profile: .te510)
        try other.resume(.freeze)
        #expect(try other.run() == .powerOff(code: 0))
        #expect(message { _ = try restore(te, profile: .vz) }.contains("cannot continue on vz"))
        var pages = Profile.teFixed
        pages.pageSize = 4096
        #expect(message { _ = try restore(te, profile: pages) }.contains("pages of 16384"))
    }

    @Test func refusals() throws {
        let folder = try Folder()
        let (_, file) = try saved(folder)
        let bad = folder.file("bad")
        func refused(
            _ name: SectionName, _ expected: String, _ change: (inout [UInt8]) -> Void, drop: Bool = false
        ) throws {
            try rewrite(file, to: bad) { section, bytes in
                if section.name == name { change(&bytes) }
                return !(drop && section.name == name)
            }
            let text = message { _ = try restore(bad) }
            #expect(text.contains(expected), "\(name): \(text)")
            #expect(text.contains(bad) && !text.contains("\n"), "\(text)")
        }
        for name: SectionName in ["MACH", "VCPU", "TIME", "LEDG", "CLOK", "UART"] {
            try refused(name, name.description) { $0.removeLast() }
            try refused(name, name.description) { $0.append(0) }
            try refused(name, name.description, { _ in }, drop: true)
        }
        try refused("VCPU", "Config1 was 0x12345678", setRegister(.config1, 0x1234_5678))
        try refused("VCPU", "FCR_IR was 0x1", setRegister(.fcrIR, 1))
        try refused("VCPU", "register 0x70300000000100b0 cannot be set") { bytes in
            // Diag, which no vCPU has, in the place of R0.
            for (index, byte) in [UInt8](arrayLiteral: 0xB0, 0, 1, 0, 0, 0, 0x30, 0x70).enumerated() {
                bytes[8 + index] = byte
            }
        }
        try refused("VCPU", "a register's id") { bytes in bytes[8] = 1 }
        try refused("MACH", "memory where the board has it") { $0[2] = 0x10 }
        try refused("MACH", "the size of RAM") { $0[0] = 1 }
        try refused("MACH", "the number of vCPUs") { $0[8] = 2 }
        try refused("BACK", "BACK") { $0[0] = 99 }
        try refused("UART", "UART") { $0[1] = 0xFF }
        try refused("TIME", "COUNT_HZ") { for index in 72..<76 { $0[index] = 0 } }
    }

    @Test func comparison() throws {
        let folder = try Folder()
        let (vm, file) = try saved(folder)
        try vm.resume(.freeze)
        _ = try vm.run(until: vm.now + 10_000_000)
        try vm.vcpu.setRegister(.gpr(16), 0x1234)
        #expect(vm.memory.store(0xFF, at: 0x1F_0000, size: 1))
        try vm.pause()
        try vm.save(to: folder.file("later"))
        let a = try SnapshotContents(path: file)
        let b = try SnapshotContents(path: folder.file("later"))
        #expect(try SnapshotComparison(a, a).areSame)
        let comparison = try SnapshotComparison(a, b)
        #expect(!comparison.areSame)
        #expect(
            comparison.differences.contains { $0.part == .register && $0.name == "R16" && $0.second == "0x00001234" })
        #expect(comparison.differences.contains { $0.part == .timer && $0.name == "Count" })
        #expect(comparison.differences.contains { $0.part == .ledger && $0.name == "freezes" })
        let memory = try #require(comparison.memory)
        #expect(memory.pages >= 3)
        #expect(memory.first.contains { $0.address == 0x10_3004 })
    }
}
