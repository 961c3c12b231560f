// From a file to a paused machine.

import Host
import HostIO
import Hypervisor
import Machine
import Snapshot
import Timekeeping

extension VirtualMachine {
    /// A machine as a snapshot has it, paused: `resume` lets its time go on, then `run`.
    ///
    /// Order (reference 5.2): COUNT_HZ and the master disable; FPU and Config; Status; FPU registers; other CP0 registers;
    /// general registers and PC; Compare, Cause and Count; what the backend keeps; devices. Memory is a private mapping of the
    /// file: pages are read when the guest touches them, and the file is never written.
    ///
    /// If `contents` has not compared the memory with its checksums, a thread of the machine does, beginning with `resume`. Until it is
    /// through, what the guest does stays in this process: its output is held, devices that write wait, and `run` does not
    /// return but for attention. Should the memory be damaged, `run` throws what `contents` would have thrown.
    ///
    /// What the guest could notice of its new host is in `notes`.
    ///
    /// - Parameter disks: files in place of the saved machine's disks, in their order; the others are those it had.
    /// - Throws: when this throws nothing is left of the machine.
    public convenience init(
        _ system: System, restoring contents: SnapshotContents, disks: [String] = [], console: Console
    ) throws(MonitorError) {
        let notes = try Self.check(contents, system.profile)
        let memory = try Self.adopt(try Self.map(contents.file))
        let configuration = MachineConfiguration(
            memorySize: contents.machine.memorySize, fpu: contents.machine.hasFPU)
        let attachments = try Self.attach(contents, disks, memory)
        let check = contents.file.isMemoryVerified ? nil : MemoryCheck(contents.file)
        try self.init(
            system, configuration, memory: memory, console: console, attachments: attachments, gate: check?.gate)
        memoryCheck = check
        origin = contents.file
        self.notes = notes
        try restore(contents)
        image = contents.machine.image
        lifeCycle.restored()
        if let check { console.hold(until: check.gate) }
    }

    /// Asks whether this kind of host can go on with the file at all.
    private static func check(_ contents: SnapshotContents, _ profile: Profile) throws(MonitorError) -> [Crossing.Note]
    {
        let file = contents.file
        do throws(SnapshotError) {
            try file.require(architecture: .mips32LittleEndian)
        } catch {
            throw .snapshot(error)
        }
        guard var saved = Profile(named: file.header.profile) else {
            throw .snapshot(
                SnapshotError(path: file.path, .profile(found: file.header.profile, wanted: profile.name)))
        }
        saved.pageSize = file.header.guestPageSize
        do throws(Crossing.Obstacle) {
            return try Crossing.check(saved: saved, here: profile).map { [$0] } ?? []
        } catch {
            throw .crossing(file: file.path, error)
        }
    }

    /// The devices a saved machine had, connected again.
    private static func attach(
        _ contents: SnapshotContents, _ disks: [String], _ memory: GuestMemory
    ) throws(MonitorError) -> [any Attachment] {
        var attachments: [any Attachment] = []
        var disks = disks[...]
        var count = 0
        for record in contents.attached {
            switch record {
            case .disk(let identity):
                count += 1
                attachments.append(
                    try DiskAttachment(identity, replacedBy: disks.popFirst(), memory, file: contents.file.path))
            case .net(let net): attachments.append(try NetAttachment(net, memory))
            case .console(let kind, let unsent, let untaken):
                attachments.append(try ConsoleAttachment(kind, unsent: unsent, untaken: untaken, memory))
            case .entropy(let seed):
                attachments.append(try EntropyAttachment(isRepeatable: seed != nil, seed: seed, memory))
            }
        }
        guard disks.isEmpty else { throw .surplusDisks(file: contents.file.path, count) }
        return attachments
    }

    private static func map(_ file: SnapshotReader) throws(MonitorError) -> Mapping {
        do throws(SnapshotError) {
            return try file.mapAllMemory()
        } catch {
            throw .snapshot(error)
        }
    }

    private static func adopt(_ mapping: consuming Mapping) throws(MonitorError) -> GuestMemory {
        do throws(GuestMemoryError) {
            return try GuestMemory(adopting: mapping)
        } catch {
            throw .memory(error)
        }
    }

    private func restore(_ contents: SnapshotContents) throws(MonitorError) {
        keeper.ledger = contents.ledger
        let restoration: Restoration
        do throws(TimekeepingError) {
            restoration = try keeper.beginRestore([vcpu], contents.frozen)
        } catch {
            throw .time(error)
        }
        for register in contents.registers.inRestoreOrder { try put(register, contents) }
        do throws(TimekeepingError) {
            try keeper.finishRestore([vcpu], restoration)
        } catch {
            throw .time(error)
        }
        try putBackendState(contents)
        do throws(BoardStateError) {
            try board.restoreState(contents.devices)
        } catch {
            throw .devices(file: contents.file.path, error)
        }
        lines.forget()
        guestClock.hidden = contents.ledger.total.hidden
        guestClock.begin(at: contents.frozen.reference, elapsed: contents.uptime ?? 0)
        paused = .restored(restoration)
    }

    /// Writes a register and looks whether it took: what is read-only on this vCPU has to be the same already.
    private func put(_ register: SavedRegister, _ contents: SnapshotContents) throws(MonitorError) {
        let found: UInt64
        do throws(HypervisorError) {
            try vcpu.setRegister(register.id, register.value)
            found = try vcpu.register(register.id)
        } catch {
            throw .registerRefused(file: contents.file.path, register.id, error)
        }
        // Set or not, it reads as zero.
        guard found != register.value, register.id != .gpr(0) else { return }
        if Crossing.tolerates(register.id, saved: register.value, here: found) {
            // Of Config only what means nothing: not worth a word.
            if register.id == .config { return }
            return notes.append(.register(register.id, saved: register.value, here: found))
        }
        throw .registerDiffers(file: contents.file.path, register.id, saved: register.value, here: found)
    }

    /// The guest's TLB and the like. A kernel keeps none that could be read or written; guests fill it again, except for entries
    /// they have wired.
    private func putBackendState(_ contents: SnapshotContents) throws(MonitorError) {
        do throws(HypervisorError) {
            if let state = contents.backendState, try !vcpu.backendState().isEmpty {
                return try vcpu.setBackendState(state)
            }
        } catch {
            guard error.errno == .inval else { throw .call(.registers, error) }
            throw .inconsistent(file: contents.file.path, "a section BACK of this version of the backend")
        }
        let wired = contents.registers.wiredEntries
        if wired != 0 { throw .crossing(file: contents.file.path, .wired(wired)) }
    }
}

extension SavedRegisters {
    /// TLB entries that TLBWR leaves alone, and a guest expects to find.
    var wiredEntries: UInt32 { UInt32(truncatingIfNeeded: self[.wired] ?? 0) }
}
