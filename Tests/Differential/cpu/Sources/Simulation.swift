// The harness on Stasis' simulator: RAM, one processor, and the register that ends the run.

import Foundation
import Host
import Hypervisor
import Simulator

struct RunFailure: Error, CustomStringConvertible {
    var description: String
}

/// Runs the harness over `vectors` and returns the bytes of the results.
func simulate(harness: [UInt8], vectors: [UInt8], count: Int, engine: Engine) throws -> [UInt8] {
    let system = SimulatedSystem(
        profile: .vz, clock: .virtual(start: 1_000_000_000, nanosecondsPerInstruction: 10, realtime: 0),
        engine: engine)
    let machine = try system.createMachine(Profile.vz.machineType)
    let ram = try Mapping.anonymous(size: Layout.ramSize)
    // Safe: the mapping outlives the machine, and every offset below is checked against its size or constant.
    try machine.setMemoryRegion(
        MemoryRegion(
            slot: 0, guestPhysicalAddress: 0, size: UInt64(Layout.ramSize),
            hostAddress: UInt64(UInt(bitPattern: unsafe ram.base))))
    let vcpu = try machine.createVCPU(0)
    try vcpu.enable(.mipsFPU, flags: 0, argument: 0)
    try vcpu.setRegister(.config1, vcpu.register(.config1) | 1)

    func write(_ bytes: ArraySlice<UInt8>, at physical: Int) {
        precondition(physical + bytes.count <= Layout.ramSize)
        unsafe bytes.withUnsafeBytes {
            unsafe (ram.base + physical).copyMemory(from: $0.baseAddress!, byteCount: $0.count)
        }
    }
    write(vectors[...], at: Layout.vectors)
    unsafe ram.base.storeBytes(of: UInt32(count), toByteOffset: Layout.header, as: UInt32.self)

    // The harness is ELF32, little endian, ours: its program headers are taken at their word.
    func u32(_ at: Int) -> Int {
        Int(harness[at]) | Int(harness[at + 1]) << 8 | Int(harness[at + 2]) << 16 | Int(harness[at + 3]) << 24
    }
    for i in 0..<(u32(44) & 0xFFFF) {
        let header = u32(28) + i * (u32(40) >> 16)
        guard u32(header) == 1, u32(header + 16) > 0 else { continue }
        let offset = u32(header + 4)
        write(harness[offset..<offset + u32(header + 16)], at: u32(header + 8) & 0x1FFF_FFFF)
    }
    try vcpu.setRegister(.pc, UInt64(u32(24)))

    running: while true {
        switch try vcpu.run() {
        case .mmio(let access) where access.isWrite && access.address == 0x1F00_0500: break running
        case .interruptWindowOpen: continue
        case let exit:
            let done = unsafe ram.base.load(fromByteOffset: 0x0030_0000, as: UInt32.self)
            let vector = (Int(done & 0x1FFF_FFFF) - Layout.vectors) / Layout.vectorSize
            throw RunFailure(
                description: "the simulator left the harness in vector \(vector): \(exit), PC "
                    + String(try vcpu.register(.pc), radix: 16))
        }
    }
    guard unsafe ram.base.load(fromByteOffset: Layout.header + 4, as: UInt32.self) == 1 else {
        throw RunFailure(description: "the harness ended early on the simulator")
    }
    guard engine == .interpreted || vcpu.translatedBlocks > count else {
        throw RunFailure(description: "almost nothing was translated")
    }
    return unsafe [UInt8](
        UnsafeRawBufferPointer(start: ram.base + Layout.results, count: count * Layout.resultSize))
}
