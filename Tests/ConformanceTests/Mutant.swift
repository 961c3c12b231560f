// A system that forwards everything to the simulator and lies about one thing: what rows must notice.

import Host
import Hypervisor
import Simulator

/// One lie each.
enum Lie: CaseIterable, Sendable {
    /// None: the control.
    case none
    /// CREATE_VM says ENODEV where it should say EINVAL.
    case machineTypeErrno
    /// GET_DIRTY_LOG of a slot without one succeeds.
    case dirtyLogAlways
    /// GET_REGS sign-extends.
    case signExtendedRegisters
    /// SET of R0 sticks until the next GET.
    case writableR0
    /// COUNT_CTL takes reserved bits.
    case reservedControlBits
    /// A second freeze moves COUNT_RESUME.
    case freezeMovesResume
    /// COUNT_RESUME is a millisecond late.
    case lateResume
    /// The thaw hides the pause from Count.
    case thawHidesPause
    /// The thaw forgets a timer interrupt that fell due meanwhile.
    case thawForgetsInterrupt
    /// User writes of Compare acknowledge TI.
    case compareAcknowledges
    /// Compare is a tick later than written.
    case lateCompare
    /// COUNT_HZ of 0 is accepted and ignored.
    case anyFrequency
    /// Lines that do not exist are accepted.
    case anyLine
    /// A line stays queued until it is withdrawn, as a level.
    case levelLines
    /// immediate_exit does not complete a load.
    case immediateExitIsShallow
    /// immediate_exit changes the exit reason.
    case immediateExitReports
    /// KVM_RUN answers nothing but MMIO: it goes on after WAIT was woken.
    case waitContinues
    /// An internal error is reported as an unknown exit.
    case noInternalErrors
    /// Another process may use the VM.
    case sharedWithChildren
    /// Count goes on during a freeze.
    case countGoesOn
    /// TI appears in a frozen Cause when Compare passes.
    case interruptsGoOn
    /// A write of Cause keeps TI as it is: a kernel without the race.
    case causeKeepsTI
    /// Each thaw loses a tick.
    case thawLosesTick
    /// An interrupt that falls due in a freeze comes twice.
    case interruptTwice
    /// What the guest does to its timer in a freeze counts from the thaw on.
    case guestWritesAtThaw
    /// Count cannot be set.
    case fixedCount
    /// COUNT_RESUME is not listed.
    case unlistedResume
}

final class MutantSystem: HypervisorSystem, @unchecked Sendable {
    let real: SimulatedSystem
    let lie: Lie

    init(_ real: SimulatedSystem, _ lie: Lie) {
        self.real = real
        self.lie = lie
    }

    var profile: Profile { real.profile }
    var timeDomain: TimeDomain { real.timeDomain }
    func clock() -> ClockReading { real.clock() }
    func sleep(until monotonic: UInt64) { real.sleep(until: monotonic) }
    func setAlarm(_ monotonic: UInt64?) { real.setAlarm(monotonic) }
    func apiVersion() throws(HypervisorError) -> Int { try real.apiVersion() }
    func checkExtension(_ capability: Capability) throws(HypervisorError) -> Int { try real.checkExtension(capability) }
    func runAreaSize() throws(HypervisorError) -> Int { try real.runAreaSize() }
    func ioctl(_ request: Request, _ argument: UInt) throws(HypervisorError) -> Int {
        try real.ioctl(request, argument)
    }

    func createMachine(_ type: MachineType) throws(HypervisorError) -> MutantMachine {
        do throws(HypervisorError) {
            return MutantMachine(try real.createMachine(type), self)
        } catch {
            throw lie == .machineTypeErrno ? HypervisorError(error.request, .nodev) : error
        }
    }
}

final class MutantMachine: HypervisorMachine, @unchecked Sendable {
    let real: SimulatedMachine
    let system: MutantSystem
    private let generation = Process.forkGeneration

    init(_ real: SimulatedMachine, _ system: MutantSystem) {
        self.real = real
        self.system = system
    }

    func checkExtension(_ capability: Capability) throws(HypervisorError) -> Int {
        if system.lie == .sharedWithChildren, generation != Process.forkGeneration { return 1 }
        return try real.checkExtension(capability)
    }
    func setMemoryRegion(_ region: MemoryRegion) throws(HypervisorError) { try real.setMemoryRegion(region) }
    func dirtyLog(slot: UInt32) throws(HypervisorError) -> [UInt64] {
        do throws(HypervisorError) {
            return try real.dirtyLog(slot: slot)
        } catch {
            if system.lie == .dirtyLogAlways { return [0] }
            throw error
        }
    }
    func createVCPU(_ id: UInt32) throws(HypervisorError) -> MutantVCPU {
        MutantVCPU(try real.createVCPU(id), system)
    }
    func enable(_ capability: Capability, flags: UInt32, argument: UInt64) throws(HypervisorError) {
        try real.enable(capability, flags: flags, argument: argument)
    }
    func ioctl(_ request: Request, _ argument: UInt) throws(HypervisorError) -> Int {
        try real.ioctl(request, argument)
    }
}

final class MutantVCPU: HypervisorVCPU, @unchecked Sendable {
    let real: SimulatedVCPU
    let system: MutantSystem
    var lie: Lie { system.lie }
    private var queued: Int32?
    private var r0: UInt64?
    /// Interrupts to be queued a second time, and runs until then.
    private var runsToSecond: Int?

    init(_ real: SimulatedVCPU, _ system: MutantSystem) {
        self.real = real
        self.system = system
    }

    var id: UInt32 { real.id }
    var runArea: RunArea { real.runArea }

    func register(_ id: RegisterID) throws(HypervisorError) -> UInt64 {
        if id == .gpr(0), let r0 { return r0 }
        let value = try real.register(id)
        if lie == .countGoesOn || lie == .interruptsGoOn, id == .count || id == .cause, try isFrozen {
            let elapsed = system.clock().monotonic - (try real.register(.countResume))
            let count = try UInt32(real.register(.count)) &+ UInt32(truncatingIfNeeded: elapsed / 10)
            if lie == .countGoesOn, id == .count { return UInt64(count) }
            let compare = UInt32(try real.register(.compare))
            if lie == .interruptsGoOn, id == .cause, Int32(bitPattern: count &- compare) >= 0 {
                return value | 0x4000_8000
            }
        }
        return lie == .lateResume && id == .countResume && value != 0 ? value + 1_000_000 : value
    }

    private var isFrozen: Bool { get throws(HypervisorError) { try real.register(.countControl) == 1 } }

    func setRegister(_ id: RegisterID, _ value: UInt64) throws(HypervisorError) {
        switch (lie, id) {
        case (.causeKeepsTI, .cause): try real.setRegister(id, value | real.register(.cause) & 0x4000_8000)
        case (.fixedCount, .count): break
        case (.thawLosesTick, .countControl) where value == 0:
            try real.setRegister(.count, (real.register(.count) &- 1) & 0xFFFF_FFFF)
            try real.setRegister(id, 0)
        case (.interruptTwice, .countControl) where value == 0:
            let before = try real.register(.cause)
            try real.setRegister(id, 0)
            if try real.register(.cause) & ~before & 0x4000_0000 != 0 { runsToSecond = 2 }
        case (.guestWritesAtThaw, .countControl) where value == 0:
            let count = try real.register(.count)
            if count == 7000 {
                try real.setRegister(.countResume, system.clock().monotonic)
                try real.setRegister(.count, count)
            }
            try real.setRegister(id, 0)
        case (.writableR0, .gpr(0)): r0 = value
        case (.reservedControlBits, .countControl): try real.setRegister(id, value & 1)
        case (.anyFrequency, .countHz) where value == 0: break
        case (.lateCompare, .compare): try real.setRegister(id, value + 1)
        case (.compareAcknowledges, .compare):
            try real.setRegister(id, value)
            try real.setRegister(.cause, real.register(.cause) & ~0x4000_8000)
        case (.freezeMovesResume, .countControl) where value == 1:
            try real.setRegister(id, 1)
            try real.setRegister(.countResume, system.clock().monotonic)
        case (.thawHidesPause, .countControl) where value == 0:
            let count = try real.register(.count)
            try real.setRegister(.countResume, system.clock().monotonic)
            try real.setRegister(.count, count)
            try real.setRegister(id, 0)
        case (.thawForgetsInterrupt, .countControl) where value == 0:
            let cause = try real.register(.cause)
            try real.setRegister(id, 0)
            try real.setRegister(.cause, cause)
        default: try real.setRegister(id, value)
        }
    }

    func registerList() throws(HypervisorError) -> [RegisterID] {
        try real.registerList().filter { lie != .unlistedResume || $0 != .countResume }
    }

    /// Queues a timer interrupt (reference 5.4), and leaves everything as it was.
    private func pulse() throws(HypervisorError) {
        try real.setRegister(.countControl, 1)
        let (count, compare, cause, resume) = (
            try real.register(.count), try real.register(.compare), try real.register(.cause),
            try real.register(.countResume)
        )
        for (id, value): (RegisterID, UInt64) in [
            (.compare, 500), (.countResume, 0), (.count, 499), (.countControl, 0), (.countControl, 1),
            (.compare, compare), (.cause, cause), (.countResume, resume), (.count, count), (.countControl, 0),
        ] { try real.setRegister(id, value) }
    }

    func registers() throws(HypervisorError) -> Registers {
        let registers = try real.registers()
        return lie == .signExtendedRegisters ? registers.normalized : registers
    }

    func setRegisters(_ registers: Registers) throws(HypervisorError) { try real.setRegisters(registers) }

    func interrupt(_ line: Int32) throws(HypervisorError) {
        do throws(HypervisorError) {
            try real.interrupt(line)
            queued = line > 0 ? line : nil
        } catch {
            if lie != .anyLine { throw error }
        }
    }

    func interrupt(_ line: Int32, vcpuIndex: UInt32) throws(HypervisorError) {
        try real.interrupt(line, vcpuIndex: vcpuIndex)
    }

    func run() throws(HypervisorError) -> Exit {
        if runArea.immediateExit {
            if lie == .immediateExitReports { runArea.exitReason = ExitReason.interrupted }
            if lie == .immediateExitIsShallow { throw HypervisorError(.run, .intr) }
        }
        if lie == .levelLines, let queued { try real.interrupt(queued) }
        if let runs = runsToSecond {
            if runs == 1 { try pulse() }
            runsToSecond = runs == 1 ? nil : runs - 1
        }
        let exit = try real.run()
        if lie == .waitContinues, exit == .interruptWindowOpen { return try real.run() }
        if lie == .noInternalErrors, case .internalError = exit { return .other(0) }
        return exit
    }

    func setSignalMask(_ mask: UInt64?) throws(HypervisorError) { try real.setSignalMask(mask) }
    func enable(_ capability: Capability, flags: UInt32, argument: UInt64) throws(HypervisorError) {
        try real.enable(capability, flags: flags, argument: argument)
    }
    func backendState() throws(HypervisorError) -> [UInt8] { try real.backendState() }
    func setBackendState(_ bytes: [UInt8]) throws(HypervisorError) { try real.setBackendState(bytes) }
    func ioctl(_ request: Request, _ argument: UInt) throws(HypervisorError) -> Int {
        try real.ioctl(request, argument)
    }
}
