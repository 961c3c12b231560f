// A machine with nothing but RAM, a byte-wide console at 0x1000_0000 and a power switch at 0x1000_2000: enough to run the guests of
// Tests/Guests on the bare contract, without the modules above it.

import Foundation
import Host
import Hypervisor
import Simulator

final class BareMachine {
    let system: SimulatedSystem
    let machine: SimulatedMachine
    let vcpu: SimulatedVCPU
    let ram: Mapping
    var console: [UInt8] = []
    var powerOff: UInt32?

    init(profile: Profile, clock: ClockSource, ramSize: Int = 32 << 20, engine: Engine = .interpreted) throws {
        system = SimulatedSystem(profile: profile, clock: clock, engine: engine)
        machine = try system.createMachine(profile.machineType)
        ram = try Mapping.anonymous(size: ramSize)
        try machine.setMemoryRegion(
            MemoryRegion(
                slot: 0, guestPhysicalAddress: 0, size: UInt64(ramSize),
                hostAddress: UInt64(UInt(bitPattern: unsafe ram.base))))
        vcpu = try machine.createVCPU(0)
        try vcpu.enable(.mipsFPU, flags: 0, argument: 0)
        try vcpu.setRegister(.config1, vcpu.register(.config1) | 1)
    }

    func write(_ bytes: [UInt8], at physical: Int) {
        for (i, b) in bytes.enumerated() {
            unsafe ram.base.storeBytes(of: b, toByteOffset: physical + i, as: UInt8.self)
        }
    }

    func word(at physical: Int) -> UInt32 { unsafe ram.base.load(fromByteOffset: physical, as: UInt32.self) }

    /// Loads an ELF32 little-endian executable the simplest way and points the PC at its entry. `parameters` are words for the
    /// guest as Tests/Guests/README.md has them.
    func load(elf path: String, parameters: String = "") throws {
        let data = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        func u32(_ at: Int) -> Int {
            Int(data[at]) | Int(data[at + 1]) << 8 | Int(data[at + 2]) << 16 | Int(data[at + 3]) << 24
        }
        func u16(_ at: Int) -> Int { Int(data[at]) | Int(data[at + 1]) << 8 }
        for i in 0..<u16(44) {
            let header = u32(28) + i * u16(42)
            guard u32(header) == 1 else { continue }
            let offset = u32(header + 4)
            write(Array(data[offset..<offset + u32(header + 16)]), at: u32(header + 8) & 0x1FFF_FFFF)
        }
        try vcpu.setRegister(.pc, UInt64(u32(24)))
        for n in 4..<8 { try vcpu.setRegister(.gpr(n), 0) }
        guard !parameters.isEmpty else { return }
        // argv[1] at the top of RAM, argv below it, both seen through the segment the program itself lies in.
        let text = Array(parameters.utf8) + [0]
        let top = Int(ram.size) - 256
        let segment = u32(24) & ~0x1FFF_FFFF
        write(text, at: top + 16)
        for (i, pointer) in [top + 16 + text.count - 1, top + 16, 0].enumerated() {
            let value = pointer == 0 ? 0 : segment + pointer
            write((0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }, at: top + i * 4)
        }
        try vcpu.setRegister(.gpr(4), 2)
        try vcpu.setRegister(.gpr(5), UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: segment + top))))
        try vcpu.setRegister(.gpr(7), UInt64(ram.size))
    }

    /// One KVM_RUN with its exit served. Returns false when the guest has switched itself off.
    func step() throws -> Bool {
        switch try vcpu.run() {
        case .mmio(let access):
            let offset = access.address & 0xFFF
            if access.address & ~0xFFF == 0x1000_0000 {
                if access.isWrite, offset == 0 { console.append(UInt8(truncatingIfNeeded: access.data)) }
                if !access.isWrite { vcpu.runArea.mmioData = offset == 5 ? 0x60 : 0 }
            } else if access.address == 0x1000_2000, access.isWrite {
                powerOff = UInt32(truncatingIfNeeded: access.data)
                return false
            } else if !access.isWrite {
                vcpu.runArea.mmioData = 0
            }
            return true
        case .interruptWindowOpen:
            return true
        case let exit:
            throw Surprise(
                text:
                    "\(exit) at \(String(try vcpu.register(.pc), radix: 16)) cause \(String(try vcpu.register(.cause), radix: 16)); console: \(text)"
            )
        }
    }

    /// Runs until the guest switches itself off.
    func run() throws { while try step() {} }

    var text: String { String(decoding: console, as: UTF8.self) }

    struct Surprise: Error, CustomStringConvertible {
        var text: String
        var description: String { text }
    }

    /// The folder of the built guests, from the environment or beside the package's build.
    static var guests: String {
        ProcessInfo.processInfo.environment["STASIS_GUESTS"]
            ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
            .appendingPathComponent(".build/guests").path
    }
}
