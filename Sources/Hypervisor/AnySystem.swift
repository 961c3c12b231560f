// A system without its type.
//
// What is generic over the contract is compiled once for each backend it is used with. A program that has two backends and chooses
// between them at run time would carry everything twice, a monitor of a hundred kilobytes among it. It erases its choice
// instead: the same contract again, as one concrete type, at the price of an indirect call an entry. Whoever knows the
// backend uses its own type and pays nothing.
//
// Two abstract classes with a generic subclass each, because a system and a machine have associated types; a vCPU has none
// and is held as what it is.

public import Host

/// A system of any type.
public class AnySystem: HypervisorSystem, @unchecked Sendable {
    public let profile: Profile
    public let timeDomain: TimeDomain

    init(profile: Profile, timeDomain: TimeDomain) {
        self.profile = profile
        self.timeDomain = timeDomain
    }

    /// The system in its box; one that is in a box already is as it is.
    public static func erasing<S: HypervisorSystem>(_ system: S) -> AnySystem { ErasedSystem(system) }
    public static func erasing(_ system: AnySystem) -> AnySystem { system }

    public func clock() -> ClockReading { abstract() }
    public var monotonic: UInt64 { abstract() }
    public func sleep(until monotonic: UInt64) { abstract() }
    public func setAlarm(_ monotonic: UInt64?) { abstract() }
    public func apiVersion() throws(HypervisorError) -> Int { abstract() }
    public func checkExtension(_ capability: Capability) throws(HypervisorError) -> Int { abstract() }
    public func runAreaSize() throws(HypervisorError) -> Int { abstract() }
    public func createMachine(_ type: MachineType) throws(HypervisorError) -> AnyMachine { abstract() }
    public func ioctl(_ request: Request, _ argument: UInt) throws(HypervisorError) -> Int { abstract() }
}

/// A machine of any type.
public class AnyMachine: HypervisorMachine, @unchecked Sendable {
    init() {}

    public func checkExtension(_ capability: Capability) throws(HypervisorError) -> Int { abstract() }
    public func setMemoryRegion(_ region: MemoryRegion) throws(HypervisorError) { abstract() }
    public func dirtyLog(slot: UInt32) throws(HypervisorError) -> [UInt64] { abstract() }
    public func announceWrites(_ log: WriteLog) { abstract() }
    public func createVCPU(_ id: UInt32) throws(HypervisorError) -> AnyVCPU { abstract() }
    public func enable(_ capability: Capability, flags: UInt32, argument: UInt64) throws(HypervisorError) { abstract() }
    public func ioctl(_ request: Request, _ argument: UInt) throws(HypervisorError) -> Int { abstract() }
}

private func abstract() -> Never { preconditionFailure("a subclass forwards this") }

private final class ErasedSystem<S: HypervisorSystem>: AnySystem, @unchecked Sendable {
    private let real: S

    init(_ real: S) {
        self.real = real
        super.init(profile: real.profile, timeDomain: real.timeDomain)
    }

    override func clock() -> ClockReading { real.clock() }
    override var monotonic: UInt64 { real.monotonic }
    override func sleep(until monotonic: UInt64) { real.sleep(until: monotonic) }
    override func setAlarm(_ monotonic: UInt64?) { real.setAlarm(monotonic) }
    override func apiVersion() throws(HypervisorError) -> Int { try real.apiVersion() }
    override func checkExtension(_ capability: Capability) throws(HypervisorError) -> Int {
        try real.checkExtension(capability)
    }
    override func runAreaSize() throws(HypervisorError) -> Int { try real.runAreaSize() }
    override func createMachine(_ type: MachineType) throws(HypervisorError) -> AnyMachine {
        ErasedMachine(try real.createMachine(type))
    }
    override func ioctl(_ request: Request, _ argument: UInt) throws(HypervisorError) -> Int {
        try real.ioctl(request, argument)
    }
}

private final class ErasedMachine<M: HypervisorMachine>: AnyMachine, @unchecked Sendable {
    private let real: M

    init(_ real: M) {
        self.real = real
        super.init()
    }

    override func checkExtension(_ capability: Capability) throws(HypervisorError) -> Int {
        try real.checkExtension(capability)
    }
    override func setMemoryRegion(_ region: MemoryRegion) throws(HypervisorError) { try real.setMemoryRegion(region) }
    override func dirtyLog(slot: UInt32) throws(HypervisorError) -> [UInt64] { try real.dirtyLog(slot: slot) }
    override func announceWrites(_ log: WriteLog) { real.announceWrites(log) }
    override func createVCPU(_ id: UInt32) throws(HypervisorError) -> AnyVCPU { AnyVCPU(try real.createVCPU(id)) }
    override func enable(_ capability: Capability, flags: UInt32, argument: UInt64) throws(HypervisorError) {
        try real.enable(capability, flags: flags, argument: argument)
    }
    override func ioctl(_ request: Request, _ argument: UInt) throws(HypervisorError) -> Int {
        try real.ioctl(request, argument)
    }
}
