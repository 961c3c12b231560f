// Snapshots for tests: taken, changed section by section, and what the refusal of one says.

import Host
import Hypervisor
import Machine
import Simulator
import Snapshot
@testable import Monitor

/// A saved ticker in the middle of its work.
func saved(_ folder: Folder, _ profile: Profile = .vz, memory: UInt64 = 2 << 20) throws -> (Guest, String) {
    let file = folder.file("machine")
    let vm = try boot("ticker", profile, ["ticks=9", "print=none"], memory: memory)
    _ = try vm.run(until: vm.now + 33_000_000)
    try vm.pause()
    try vm.save(to: file)
    return (vm, file)
}

func message(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "no error"
    } catch {
        return "\(error)"
    }
}

/// Copies a snapshot section by section. `change` may alter bytes, and leaves a section out by answering false.
func rewrite(
    _ file: String, to path: String, _ change: (SnapshotSection, inout [UInt8]) -> Bool
) throws {
    let reader = try SnapshotReader(path: file)
    var writer = SnapshotWriter(
        architecture: .mips32LittleEndian, profile: reader.header.profile,
        guestPageSize: reader.header.guestPageSize)
    for section in reader.sections where section.name != .memory {
        var bytes = try reader.bytes(of: section)
        guard change(section, &bytes) else { continue }
        writer.addSection(
            name: section.name, instance: section.instance, version: section.version,
            isOptional: section.isOptional, bytes: bytes)
    }
    let memory = try reader.mapAllMemory()
    unsafe writer.addMemory(guestAddress: 0, UnsafeRawBufferPointer(memory.bytes))
    try writer.write(to: path)
}

/// Changes one register in a section VCPU.
func setRegister(_ id: RegisterID, _ value: UInt64) -> (inout [UInt8]) -> Void {
    { bytes in
        var reader = ByteReader(bytes)
        var registers = try! SavedRegisters(&reader)
        let index = registers.all.firstIndex { $0.id == id }!
        registers.all[index] = SavedRegister(id: id, value: value)
        var writer = ByteWriter()
        registers.encode(&writer)
        bytes = writer.bytes
    }
}
