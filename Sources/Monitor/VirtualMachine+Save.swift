// Saving a paused machine.

import Host
import Hypervisor
import Machine
import Snapshot
import Timekeeping

extension VirtualMachine {
    /// Writes the machine into a file, which replaces an old one in one step. The machine stays paused: `resume(_:cause:)` lets it go on,
    /// or it is let go.
    ///
    /// When anything fails the old file is as it was, and the machine is paused as before.
    ///
    /// A guest that has wired TLB entries cannot be saved on a backend that does not give out the TLB: it would come back without them.
    ///
    /// - Parameter progress: told now and then how many bytes of memory have been looked at, of how many.
    public func save(
        to path: String, progress: ((_ done: UInt64, _ total: UInt64) -> Void)? = nil
    ) throws(MonitorError) {
        try check(.save)
        guard let paused else { preconditionFailure("a paused machine knows how") }
        try awaitVerification()
        let registers: SavedRegisters
        let state: [UInt8]
        do throws(HypervisorError) {
            registers = try SavedRegisters(of: vcpu)
            state = try vcpu.backendState()
        } catch {
            throw .call(.registers, error)
        }
        if state.isEmpty, registers.wiredEntries != 0 { throw .wiredTLB(registers.wiredEntries) }
        var writer = SnapshotWriter(
            architecture: .mips32LittleEndian, profile: profile.name, guestPageSize: profile.pageSize)
        writer.progress = progress
        let record = MachineRecord(
            memorySize: memory.size, vcpuCount: 1, hasFPU: hasFPU, image: image)
        func add(_ name: SectionName, isOptional: Bool = false, _ bytes: [UInt8]) {
            writer.addSection(name: name, version: SnapshotContents.version, isOptional: isOptional, bytes: bytes)
        }
        var bytes = ByteWriter()
        record.encode(&bytes)
        add(.machine, bytes.bytes)
        bytes = ByteWriter()
        registers.encode(&bytes)
        add(.vcpu, bytes.bytes)
        bytes = ByteWriter()
        var records: [DeviceRecord] = []
        for attachment in attachments { records.append(try attachment.record()) }
        DeviceRecord.encode(records, &bytes)
        add(.attached, bytes.bytes)
        bytes = ByteWriter()
        bytes.u64(guestClock.elapsed(at: paused.frozen.reference))
        add(.uptime, isOptional: true, bytes.bytes)
        if !state.isEmpty { add(.backend, isOptional: true, state) }
        add(.time, paused.frozen.bytes)
        add(.ledger, keeper.ledger.bytes)
        add(.clock, FreezeInstant(reading: system.clock(), domain: system.timeDomain).bytes)
        for section in board.saveState() {
            guard let name = SectionName(section.id) else { preconditionFailure("the board's names are names") }
            writer.addSection(
                name: name, instance: section.instance, version: UInt16(truncatingIfNeeded: section.version),
                bytes: section.bytes)
        }
        for region in memory.regions {
            // The vCPU is stopped and the mapping lives as long as the board: memory stays and stays still until `write` returns.
            let start = Int(region.offset)
            let part = unsafe UnsafeRawBufferPointer(rebasing: memory.bytes[start..<start + Int(region.window.size)])
            unsafe writer.addMemory(
                guestAddress: region.window.base, part, origin: origin.map { .snapshot($0) } ?? .zeros)
        }
        do throws(SnapshotError) {
            try writer.write(to: path)
        } catch {
            throw .snapshot(error)
        }
        Memory.trim()
    }
}
