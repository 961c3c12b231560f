// An open /dev/kvm of a MIPS host.

public import Host
public import Hypervisor

/// The system handle of the real kernel.
///
///     let system = try KVMSystem.open()
///     let machine = try system.createMachine(.auto)
///     let vcpu = try machine.createVCPU(0)
public final class KVMSystem: HypervisorSystem, @unchecked Sendable {
    public typealias Machine = KVMMachine

    /// As probed when the device was opened (ProfileProbe.swift).
    public let profile: Profile
    public let timeDomain: TimeDomain
    let alarm: AlarmClock
    private let device: KVMDescriptor
    private let mapSize: Int

    private init(_ device: consuming KVMDescriptor, _ mapSize: Int, _ profile: Profile, _ alarm: AlarmClock) {
        self.device = device
        self.mapSize = mapSize
        self.profile = profile
        self.alarm = alarm
        timeDomain = TimeDomain(kind: .host, identity: Clock.bootID(), nanosecondsPerInstruction: 0)
    }

    deinit { alarm.end() }

    /// Opens the device, asks what it is, and starts the thread of the alarm. On a trap-and-emulate kernel a guest of a few
    /// instructions finds out whether it has the interrupt-mask defect (reference 6.4).
    ///
    /// - Parameter trustingKernel: whether a kernel that creating a vCPU may crash, by its version, is used all the same.
    /// - Throws: `mayCrash` if it is not; and whatever keeps the device from being used.
    public static func open(
        path: String = "/dev/kvm", trustingKernel: Bool = false
    ) throws(KVMOpenError) -> KVMSystem {
        try open(path: path, trustingKernel: trustingKernel, version: KernelVersion.running())
    }

    static func open(path: String, trustingKernel: Bool, version: KernelVersion?) throws(KVMOpenError) -> KVMSystem {
        let device: KVMDescriptor
        let host: KVMHost
        do throws(KVMProbeError) {
            let descriptor = try KVMProbe.open(path)
            host = try KVMProbe.examine(descriptor, path: path)
            device = KVMDescriptor(descriptor)
        } catch {
            throw .probe(error)
        }
        if host.kind == .vz, !trustingKernel, let version, version.mayCrashAtVCPUCreation { throw .mayCrash(version) }
        try checkNeeds(device)
        let alarm: AlarmClock
        do throws(Errno) {
            alarm = try AlarmClock()
        } catch {
            throw .alarm(error)
        }
        do throws(KVMOpenError) {
            let profile = try ProfileProbe.profile(of: host, device, alarm)
            return KVMSystem(device, host.vcpuMapSize, profile, alarm)
        } catch {
            alarm.end()
            throw error
        }
    }

    private static func checkNeeds(_ device: borrowing KVMDescriptor) throws(KVMOpenError) {
        for need in KVMOpenError.Need.allCases {
            let value: Int
            do throws(HypervisorError) {
                value = try device.call(.checkExtension, UInt(need.rawValue))
            } catch {
                throw .call(error)
            }
            if value <= 0 { throw .lacks(need) }
        }
    }

    public func clock() -> ClockReading { Clock.read() }

    public var monotonic: UInt64 { Clock.monotonic() }

    public func sleep(until monotonic: UInt64) { Clock.sleep(until: monotonic) }

    public func setAlarm(_ monotonic: UInt64?) { alarm.set(monotonic) }

    public func apiVersion() throws(HypervisorError) -> Int { try device.call(.getAPIVersion) }

    public func checkExtension(_ capability: Capability) throws(HypervisorError) -> Int {
        try device.call(.checkExtension, UInt(capability.rawValue))
    }

    public func runAreaSize() throws(HypervisorError) -> Int { try device.call(.getVCPUMapSize) }

    public func createMachine(_ type: MachineType) throws(HypervisorError) -> KVMMachine {
        try KVMMachine(device, type, mapSize: mapSize, alarm)
    }

    public func ioctl(_ request: Request, _ argument: UInt) throws(HypervisorError) -> Int {
        try device.call(request, argument)
    }
}
