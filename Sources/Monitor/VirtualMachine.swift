// One machine: what it owns and how it is made.

import Devices
import Host
import HostIO
public import Hypervisor
public import Machine
import Snapshot
import Timekeeping

/// What a machine is made of.
public struct MachineConfiguration: Equatable, Sendable {
    /// RAM in bytes, a multiple of 64 KiB.
    public var memorySize: UInt64
    /// Whether the guest has an FPU; nil for what the backend can lend.
    public var fpu: Bool?
    /// virtio devices, in the order of the board's slots.
    public var devices: [DeviceConfiguration]

    public init(memorySize: UInt64, fpu: Bool? = nil, devices: [DeviceConfiguration] = []) {
        self.memorySize = memorySize
        self.fpu = fpu
        self.devices = devices
    }
}

/// A virtual machine on the backend `System`. Monitor.swift tells its life.
///
///     let vm = try VirtualMachine(system, MachineConfiguration(memorySize: 64 << 20), console: console)
///     try vm.boot(BootImage(path: "ticker.elf", arguments: ["hz=100"]))
///     switch try vm.run(until: nil) { … }
public final class VirtualMachine<System: HypervisorSystem> {
    public let system: System
    public let configuration: MachineConfiguration
    public let board: Board
    public let console: Console
    /// Whether the guest has an FPU.
    public let hasFPU: Bool

    public internal(set) var lifeCycle = LifeCycle()
    /// The program, for a reset; nil after a restore.
    public internal(set) var image: BootImage?
    /// Stores and loads that met nothing, resets the guest asked for, runs of the vCPU.
    public internal(set) var statistics = Statistics()

    /// What a restored guest could notice of its new host.
    public internal(set) var notes: [Crossing.Note] = []

    var machine: System.Machine
    /// The vCPU with its backend's registers; only while the machine does not run.
    public internal(set) var vcpu: System.Machine.VCPU
    var lines = InterruptLines()
    let flags = Flags()
    /// By slot.
    let attachments: [any Attachment]
    let guestClock: GuestClock
    /// How a restored guest does; nil for one that was not restored or has not gone on.
    public internal(set) var health: RestoreHealth?
    /// Told how a restored guest does, once that is known; on the thread of `run`.
    public var onHealth: ((RestoreHealth.Verdict) -> Void)?
    /// Told what goes wrong with a device, its name first; on the thread of `run`.
    public var onTrouble: ((_ device: String, _ reason: String) -> Void)?
    /// Told that the guest began anew; on the thread of `run`.
    public var onReset: (() -> Void)?
    /// Slots whose failure was told.
    var failed = SlotSet()
    /// Until when `run` goes on.
    var deadline: UInt64?
    var keeper: Timekeeper<System>
    /// How it stands still, while it is paused.
    var paused: Pause?
    /// What the guest asked for in the middle of a freeze.
    var deferredEvent = DeviceEvent.none
    /// Which thread is in the run loop, for `requestStop`.
    let runner = Runner()
    /// The file a restored machine's memory is a private mapping of.
    var origin: SnapshotReader?
    /// Of a restored machine, as long as it is not known how its memory is.
    var memoryCheck: MemoryCheck?
    /// Told right before the guest's first instruction; on the thread of `run`.
    public var onStart: (() -> Void)?

    /// Counters for whoever is curious.
    public struct Statistics: Equatable, Sendable {
        public var runs: UInt64 = 0
        public var mmio: UInt64 = 0
        public var resets: UInt64 = 0
    }

    /// A machine after power-on, with nothing in its memory.
    public convenience init(
        _ system: System, _ configuration: MachineConfiguration, console: Console
    ) throws(MonitorError) {
        let memory: GuestMemory
        do throws(GuestMemoryError) {
            memory = try GuestMemory(size: configuration.memorySize)
        } catch {
            throw .memory(error)
        }
        let isRepeatable = system.timeDomain.kind == .virtual
        var attachments: [any Attachment] = []
        for device in configuration.devices {
            switch device {
            case .disk(let disk): attachments.append(try DiskAttachment(disk, memory))
            case .net(let net): attachments.append(try NetAttachment(net, memory))
            case .console(let kind): attachments.append(try ConsoleAttachment(kind, memory))
            case .entropy: attachments.append(try EntropyAttachment(isRepeatable: isRepeatable, memory))
            }
        }
        try self.init(system, configuration, memory: memory, console: console, attachments: attachments)
    }

    /// A machine around memory that has its contents already.
    ///
    /// - Parameter gate: what effects of the guest outside of this process wait for; nil for nothing.
    init(
        _ system: System, _ configuration: MachineConfiguration, memory: GuestMemory, console: Console,
        attachments: [any Attachment], gate: Gate? = nil
    ) throws(MonitorError) {
        guard attachments.count <= Int(AddressMap.virtioSlots) else { throw .tooManyDevices(attachments.count) }
        self.system = system
        self.attachments = attachments
        guestClock = GuestClock()
        self.configuration = configuration
        self.console = console
        keeper = Timekeeper(system)
        board = Board(memory: memory)
        let available = try doing(.fpu) { () throws(HypervisorError) in try system.checkExtension(.mipsFPU) } != 0
        if configuration.fpu == true, !available { throw .noFPU(profile: system.profile) }
        hasFPU = configuration.fpu ?? available
        (machine, vcpu) = try Self.assemble(system, board, fpu: hasFPU)
        do throws(Errno) {
            try Signals.install(Signals.kick, .record)
        } catch {
            throw .console(error)
        }
        try connect(gate)
    }

    deinit {
        // First, so that no worker does what nobody waited for.
        memoryCheck?.end()
        for attachment in attachments { attachment.stop() }
    }

    /// A VM with its memory slots and a fresh vCPU.
    static func assemble(
        _ system: System, _ board: Board, fpu: Bool
    ) throws(MonitorError) -> (System.Machine, System.Machine.VCPU) {
        let machine = try doing(.machine) { () throws(HypervisorError) in
            do throws(HypervisorError) {
                return try system.createMachine(.auto)
            } catch {
                // Kernels before 5.9 number the types differently (reference 2.1).
                guard error.errno == .inval else { throw error }
                return try system.createMachine(.vz)
            }
        }
        let memory = board.memory
        for (slot, region) in memory.regions.enumerated() {
            let slot = MemoryRegion(
                slot: UInt32(truncatingIfNeeded: slot), guestPhysicalAddress: region.window.base,
                size: region.window.size,
                hostAddress: memory.hostAddress(of: region))
            try doing(.memory) { () throws(HypervisorError) in try machine.setMemoryRegion(slot) }
        }
        try mapROM(system, machine, board)
        // The ROM has no such notes: it is written before a vCPU has run only.
        machine.announceWrites(memory.writes)
        let vcpu = try doing(.vcpu) { () throws(HypervisorError) in try machine.createVCPU(0) }
        if fpu {
            try doing(.fpu) { () throws(HypervisorError) in
                try vcpu.enable(.mipsFPU, flags: 0, argument: 0)
                try vcpu.setRegister(.config1, vcpu.register(.config1) | 1)
            }
        }
        return (machine, vcpu)
    }

    public var memory: GuestMemory { board.memory }
    public var profile: Profile { system.profile }
    /// Where this guest's kernel code runs.
    public var kernelWindow: KernelWindow { profile.isTE ? .trapAndEmulate : .kseg0 }
}

/// Runs a call of the contract and says what it was for when it fails.
func doing<Result>(
    _ what: MonitorError.Doing, _ body: () throws(HypervisorError) -> Result
) throws(MonitorError) -> Result {
    do throws(HypervisorError) {
        return try body()
    } catch {
        throw .call(what, error)
    }
}
