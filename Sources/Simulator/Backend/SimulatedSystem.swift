// The system: what an open /dev/kvm would be.

public import Host
public import Hypervisor

/// A simulated KVM/MIPS.
///
///     let system = SimulatedSystem(profile: .vz, clock: .host)
///     let machine = try system.createMachine(.auto)
///     let vcpu = try machine.createVCPU(0)
public final class SimulatedSystem: HypervisorSystem, @unchecked Sendable {
    public typealias Machine = SimulatedMachine

    public let profile: Profile
    public let timeDomain: TimeDomain
    let clockwork: SimulatorClock
    /// The process that opened the system: its machines and vCPUs are of no use to a child (reference 1.3).
    let generation = Process.forkGeneration

    /// What executes instructions.
    public let engine: Engine

    /// A system of `profile` whose time comes from `clock`. Its machines have no vCPU of an `engine` that cannot work here
    /// (`Engine.obstacle`): creating one throws.
    public init(profile: Profile, clock: ClockSource = .host, engine: Engine = .standard) {
        self.profile = profile
        self.engine = engine
        clockwork = SimulatorClock(clock)
        switch clock {
        case .host:
            timeDomain = TimeDomain(kind: .host, identity: Clock.bootID(), nanosecondsPerInstruction: 0)
        case .virtual(_, let nanoseconds, _):
            timeDomain = TimeDomain(kind: .virtual, identity: (0, 0), nanosecondsPerInstruction: max(1, nanoseconds))
        }
    }

    public func clock() -> ClockReading { clockwork.read() }

    public func sleep(until monotonic: UInt64) { clockwork.sleep(until: monotonic) }

    public func setAlarm(_ monotonic: UInt64?) { clockwork.alarmInstant = monotonic ?? .max }

    public func apiVersion() throws(HypervisorError) -> Int { 12 }

    public func checkExtension(_ capability: Capability) throws(HypervisorError) -> Int {
        Capabilities.value(capability, profile)
    }

    public func runAreaSize() throws(HypervisorError) -> Int { Int(profile.pageSize) * 2 }

    public func createMachine(_ type: MachineType) throws(HypervisorError) -> SimulatedMachine {
        let offered: Bool =
            profile.isTE ? type == .auto || type == .te : type == .auto || type == .vz
        guard offered else { throw HypervisorError(.createVM, .inval) }
        return SimulatedMachine(self)
    }

    public func ioctl(_ request: Request, _ argument: UInt) throws(HypervisorError) -> Int {
        switch request {
        case .getAPIVersion, .getVCPUMapSize:
            guard argument == 0 else { throw HypervisorError(request, .inval) }
            return request == .getAPIVersion ? 12 : Int(profile.pageSize) * 2
        case .checkExtension:
            return Capabilities.value(Capability(rawValue: UInt32(truncatingIfNeeded: argument)), profile)
        case .traceEnable: throw HypervisorError(request, .opnotsupp)
        default: throw HypervisorError(request, .notty)
        }
    }
}

/// KVM_CHECK_EXTENSION on the simulator (reference 2.3).
enum Capabilities {
    /// Slots a machine has: 16 on the kernels that have TE.
    static let memorySlots = 16
    static let vcpus = 16

    static func value(_ capability: Capability, _ profile: Profile) -> Int {
        switch capability {
        case .userMemory, .coalescedMMIO, .synchronousMMU, .destroyMemoryRegionWorks, .joinMemoryRegionsWorks,
            .ioEventFD,
            .internalErrorData, .enableCapability, .oneRegister, .readOnlyMemory, .enableCapabilityVM,
            .checkExtensionVM,
            .ioEventFDAnyLength, .immediateExit, .coalescedPIO, .manualDirtyLogProtect2, .haltPoll:
            1
        case .vcpuCount: 1
        case .memorySlotCount: memorySlots
        case .maximumVCPUs, .maximumVCPUID: vcpus
        case .mipsFPU: profile.hasFPU ? 1 : 0
        case .mipsVZ: profile.isTE ? 0 : 1
        case .mipsTE: profile.isTE ? 1 : 0
        default: 0
        }
    }
}
