// The system under test without its type.
//
// Checks are many and small, and a program that has two backends would carry each of them twice if they were generic. So the
// runner is, and what it hands to the checks is not: two abstract classes here, with a generic subclass each. A vCPU's
// protocol is bound to classes and has no associated type, and needs no such help.

import Host
import Hypervisor
import Timekeeping

/// A system of any type.
class AnySystem {
    let profile: Profile
    let timeDomain: TimeDomain

    init(profile: Profile, timeDomain: TimeDomain) {
        self.profile = profile
        self.timeDomain = timeDomain
    }

    func clock() -> ClockReading { abstract() }
    func sleep(until monotonic: UInt64) { abstract() }
    func setAlarm(_ monotonic: UInt64?) { abstract() }
    func apiVersion() throws(HypervisorError) -> Int { abstract() }
    func checkExtension(_ capability: Capability) throws(HypervisorError) -> Int { abstract() }
    func runAreaSize() throws(HypervisorError) -> Int { abstract() }
    func createMachine(_ type: MachineType) throws(HypervisorError) -> AnyMachine { abstract() }
    func ioctl(_ request: Request, _ argument: UInt) throws(HypervisorError) -> Int { abstract() }
}

/// A machine of any type.
class AnyMachine {
    func checkExtension(_ capability: Capability) throws(HypervisorError) -> Int { abstract() }
    func setMemoryRegion(_ region: MemoryRegion) throws(HypervisorError) { abstract() }
    func dirtyLog(slot: UInt32) throws(HypervisorError) -> [UInt64] { abstract() }
    func createVCPU(_ id: UInt32) throws(HypervisorError) -> any HypervisorVCPU { abstract() }
    func enable(_ capability: Capability, flags: UInt32, argument: UInt64) throws(HypervisorError) { abstract() }
    func ioctl(_ request: Request, _ argument: UInt) throws(HypervisorError) -> Int { abstract() }
    /// Timekeeping's restore of as many vCPUs as were made here, which are new; they go on and have seen no gap.
    func restoreTime(_ frozen: Frozen) throws(TimekeepingError) { abstract() }
}

private func abstract() -> Never { preconditionFailure("a subclass forwards this") }

final class SystemUnderTest<S: HypervisorSystem>: AnySystem {
    private let real: S

    init(_ real: S) {
        self.real = real
        super.init(profile: real.profile, timeDomain: real.timeDomain)
    }

    override func clock() -> ClockReading { real.clock() }
    override func sleep(until monotonic: UInt64) { real.sleep(until: monotonic) }
    override func setAlarm(_ monotonic: UInt64?) { real.setAlarm(monotonic) }
    override func apiVersion() throws(HypervisorError) -> Int { try real.apiVersion() }
    override func checkExtension(_ capability: Capability) throws(HypervisorError) -> Int {
        try real.checkExtension(capability)
    }
    override func runAreaSize() throws(HypervisorError) -> Int { try real.runAreaSize() }
    override func createMachine(_ type: MachineType) throws(HypervisorError) -> AnyMachine {
        MachineUnderTest(real, try real.createMachine(type))
    }
    override func ioctl(_ request: Request, _ argument: UInt) throws(HypervisorError) -> Int {
        try real.ioctl(request, argument)
    }
}

final class MachineUnderTest<S: HypervisorSystem>: AnyMachine {
    private let system: S
    private let real: S.Machine
    private var vcpus: [S.Machine.VCPU] = []

    init(_ system: S, _ real: S.Machine) {
        self.system = system
        self.real = real
    }

    override func checkExtension(_ capability: Capability) throws(HypervisorError) -> Int {
        try real.checkExtension(capability)
    }
    override func setMemoryRegion(_ region: MemoryRegion) throws(HypervisorError) { try real.setMemoryRegion(region) }
    override func dirtyLog(slot: UInt32) throws(HypervisorError) -> [UInt64] { try real.dirtyLog(slot: slot) }
    override func createVCPU(_ id: UInt32) throws(HypervisorError) -> any HypervisorVCPU {
        let vcpu = try real.createVCPU(id)
        vcpus.append(vcpu)
        return vcpu
    }
    override func enable(_ capability: Capability, flags: UInt32, argument: UInt64) throws(HypervisorError) {
        try real.enable(capability, flags: flags, argument: argument)
    }
    override func ioctl(_ request: Request, _ argument: UInt) throws(HypervisorError) -> Int {
        try real.ioctl(request, argument)
    }
    override func restoreTime(_ frozen: Frozen) throws(TimekeepingError) {
        var keeper = Timekeeper(system)
        let restoration = try keeper.beginRestore(vcpus, frozen)
        try keeper.finishRestore(vcpus, restoration)
        try keeper.release(vcpus, restoration, .freeze)
    }
}
