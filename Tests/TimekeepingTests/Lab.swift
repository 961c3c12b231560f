// A backend that is nothing but timers: the contract over `TimerModel`, on a clock the test holds in its hand. What a
// guest would do to its timer is a method here, so that thousands of cycles take no time and every instant is exact.

import Host
import Hypervisor
import Simulator
import Timekeeping

final class LabSystem: HypervisorSystem, @unchecked Sendable {
    typealias Machine = LabMachine
    let profile: Profile
    var timeDomain: TimeDomain
    var now: UInt64
    /// The wall clock at instant 0.
    var realtimeBase: Int64
    /// Nanoseconds every call takes; 0 on a virtual clock.
    var cost: UInt64 = 0
    /// What the last `sleep` waited.
    var slept: UInt64 = 0
    /// Called by every write, for tests that break things.
    var onWrite: ((RegisterID, UInt64) throws(HypervisorError) -> Void)?
    var log: [(RegisterID, UInt64)] = []

    init(_ profile: Profile, now: UInt64, realtimeBase: Int64 = 1_700_000_000_000_000_000, identity: UInt64 = 1) {
        self.profile = profile
        self.now = now
        self.realtimeBase = realtimeBase
        timeDomain = TimeDomain(kind: .host, identity: (identity, 7), nanosecondsPerInstruction: 0)
    }

    func clock() -> ClockReading {
        ClockReading(monotonic: now, realtime: realtimeBase + Int64(now), width: 0)
    }
    func sleep(until monotonic: UInt64) {
        slept = monotonic > now ? monotonic - now : 0
        now = max(now, monotonic)
    }
    func setAlarm(_ monotonic: UInt64?) {}
    func apiVersion() throws(HypervisorError) -> Int { 12 }
    func checkExtension(_ capability: Capability) throws(HypervisorError) -> Int { 0 }
    func runAreaSize() throws(HypervisorError) -> Int { 8192 }
    func createMachine(_ type: MachineType) throws(HypervisorError) -> LabMachine { LabMachine(self) }
    func ioctl(_ request: Request, _ argument: UInt) throws(HypervisorError) -> Int { 0 }

    func vcpu(_ id: UInt32 = 0) -> LabVCPU { LabVCPU(self, id) }
}

final class LabMachine: HypervisorMachine, @unchecked Sendable {
    typealias VCPU = LabVCPU
    let system: LabSystem
    init(_ system: LabSystem) { self.system = system }
    func checkExtension(_ capability: Capability) throws(HypervisorError) -> Int { 0 }
    func setMemoryRegion(_ region: MemoryRegion) throws(HypervisorError) {}
    func dirtyLog(slot: UInt32) throws(HypervisorError) -> [UInt64] { [] }
    func createVCPU(_ id: UInt32) throws(HypervisorError) -> LabVCPU { system.vcpu(id) }
    func enable(_ capability: Capability, flags: UInt32, argument: UInt64) throws(HypervisorError) {}
    func ioctl(_ request: Request, _ argument: UInt) throws(HypervisorError) -> Int { 0 }
}

final class LabVCPU: HypervisorVCPU, @unchecked Sendable {
    let id: UInt32
    let system: LabSystem
    let runArea: RunArea
    var timer: TimerModel
    var cause: UInt32 = 0
    /// Exits that the next runs report before EINTR.
    var exits: [Exit] = []

    init(_ system: LabSystem, _ id: UInt32) {
        self.id = id
        self.system = system
        timer = TimerModel(now: system.now, defersCause: !system.profile.isTE)
        // Ours until the end; zeroed, as the kernel gives it.
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 8192, alignment: 16)
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: 8192)
        runArea = unsafe RunArea(base: memory, size: 8192)
    }

    deinit { unsafe runArea.base.deallocate() }

    private func tick() -> UInt64 {
        system.now += system.cost
        while timer.expire(now: system.now, cause: &cause) {}
        return system.now
    }

    func register(_ id: RegisterID) throws(HypervisorError) -> UInt64 {
        let now = tick()
        switch id {
        case .countControl: return timer.masterDisabled ? 1 : 0
        case .countResume: return timer.resume
        case .countHz: return UInt64(timer.hz)
        case .count: return UInt64(timer.readCount(now: now, cause: &cause))
        case .compare: return UInt64(timer.compare)
        case .cause: return UInt64(cause)
        default: throw HypervisorError(.getOneRegister, .inval)
        }
    }

    func setRegister(_ id: RegisterID, _ value: UInt64) throws(HypervisorError) {
        let now = tick()
        try system.onWrite?(id, value)
        system.log.append((id, value))
        let word = UInt32(truncatingIfNeeded: value)
        var good = true
        switch id {
        case .countControl: good = timer.writeControl(value, now: now, cause: &cause)
        case .countResume: good = timer.writeResume(value, now: now)
        case .countHz: good = timer.writeHz(value, now: now, cause: &cause)
        case .count: timer.writeCount(word, now: now)
        case .compare: timer.userWriteCompare(word, now: now, cause: &cause)
        case .cause: timer.userWriteCause(word, now: now, cause: &cause)
        default: good = false
        }
        guard good else { throw HypervisorError(.setOneRegister, .inval) }
    }

    func registerList() throws(HypervisorError) -> [RegisterID] { [] }
    func registers() throws(HypervisorError) -> Registers { Registers() }
    func setRegisters(_ registers: Registers) throws(HypervisorError) {}
    func interrupt(_ line: Int32) throws(HypervisorError) {}
    func interrupt(_ line: Int32, vcpuIndex: UInt32) throws(HypervisorError) {}
    func run() throws(HypervisorError) -> Exit {
        _ = tick()
        if runArea.immediateExit { throw HypervisorError(.run, .intr) }
        timer.enterGuest(cause: &cause)
        if !exits.isEmpty { return exits.removeFirst() }
        throw HypervisorError(.run, .intr)
    }
    func setSignalMask(_ mask: UInt64?) throws(HypervisorError) {}
    func enable(_ capability: Capability, flags: UInt32, argument: UInt64) throws(HypervisorError) {}
    func backendState() throws(HypervisorError) -> [UInt8] { [] }
    func setBackendState(_ bytes: [UInt8]) throws(HypervisorError) {}
    func ioctl(_ request: Request, _ argument: UInt) throws(HypervisorError) -> Int { 0 }

    // MARK: The guest

    /// MFC0 Count.
    func guestCount() -> UInt32 {
        let now = tick()
        timer.enterGuest(cause: &cause)
        defer { timer.enterGuest(cause: &cause) }
        return timer.readCount(now: now, cause: &cause)
    }

    /// MTC0 Compare.
    func guestCompare(_ value: UInt32) {
        let now = tick()
        timer.enterGuest(cause: &cause)
        timer.guestWriteCompare(value, now: now, cause: &cause)
    }

    /// What the guest has got of timer interrupts: TE delivers its queue, VZ the bit in Cause. Does not acknowledge.
    func guestInterrupt() -> Bool {
        _ = tick()
        timer.enterGuest(cause: &cause)
        if system.profile.isTE {
            defer { timer.pend = false }
            return timer.pend
        }
        return cause & 1 << 30 != 0
    }
}

/// The profiles a timer can tell apart.
let kinds: [Profile] = [.te510, .teFixed, .vz]

/// A small generator, so that a failure can be repeated from its seed.
struct Random: RandomNumberGenerator {
    var state: UInt64
    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_F491_4F6C_DD1D
    }
}

extension HypervisorVCPU {
    var count: UInt32 { get throws { UInt32(truncatingIfNeeded: try register(.count)) } }
    var ti: Bool { get throws { try register(.cause) & 1 << 30 != 0 } }
}
