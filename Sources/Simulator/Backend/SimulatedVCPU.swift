// A simulated vCPU: the contract's calls in front of class CPU.
//
// Locks: `lock` is the kernel's vCPU mutex. Every call but `interrupt` takes it, `run` for as long as the guest runs.

public import Hypervisor
import Host

/// One virtual CPU of a `SimulatedMachine`.
public final class SimulatedVCPU: HypervisorVCPU, @unchecked Sendable {
    public let id: UInt32
    public let runArea: RunArea
    /// Keeps the machine, its memory and the run area's mapping alive.
    let machine: SimulatedMachine
    private let runMemory: HostMemory
    let cpu: CPU
    let mail: InterruptMail
    let lock = Lock()

    init(_ machine: SimulatedMachine, id: UInt32) throws(Errno) {
        self.machine = machine
        self.id = id
        let size = Int(machine.system.profile.pageSize) * 2
        runMemory = try HostMemory(size: size)
        runArea = unsafe RunArea(base: runMemory.base, size: size)
        cpu = try CPU(
            id: id, profile: machine.system.profile, memory: machine.memory, ioEvents: machine.ioEvents,
            clock: machine.system.clockwork, runArea: runArea, engine: machine.system.engine)
        mail = cpu.mail
    }

    deinit { cpu.signals.close() }

    /// Runs `body` under the lock, in the process that owns the vCPU, with the CPU's timer and interrupts up to date.
    func withCPU<R>(
        _ request: Request, _ body: (CPU, UInt64) throws(HypervisorError) -> R
    ) throws(HypervisorError) -> R {
        try machine.checkOwner(request)
        lock.lock()
        defer { lock.unlock() }
        let now = cpu.clock.now()
        // The soft timer fires whether or not anyone runs the vCPU; TE shows it in Cause at once.
        cpu.timer.expire(now: now, cause: &cpu[Cell.cause])
        cpu.takeMail()
        cpu.wasTouched = true
        return try body(cpu, now)
    }

    public func register(_ id: RegisterID) throws(HypervisorError) -> UInt64 {
        try withCPU(.getOneRegister) { cpu, now throws(HypervisorError) in
            guard let value = cpu.oneRegister(id, now: now) else { throw HypervisorError(.getOneRegister, .inval) }
            return value
        }
    }

    public func setRegister(_ id: RegisterID, _ value: UInt64) throws(HypervisorError) {
        try withCPU(.setOneRegister) { cpu, now throws(HypervisorError) in
            // Any id of 128 bits is accepted, without effect (reference 3.2).
            if id.width == .u128 { return }
            guard cpu.setOneRegister(id, value, now: now) else { throw HypervisorError(.setOneRegister, .inval) }
        }
    }

    public func registerList() throws(HypervisorError) -> [RegisterID] {
        try withCPU(.getRegisterList) { cpu, _ in cpu.oneRegisterList() }
    }

    public func registers() throws(HypervisorError) -> Registers {
        try withCPU(.getRegisters) { cpu, _ in
            var r = Registers()
            for i in 1..<32 { r.gpr[i] = UInt64(cpu.gpr(i)) }
            r.gpr[0] = UInt64(cpu.zeroRegister)
            r.hi = UInt64(cpu.core.hi)
            r.lo = UInt64(cpu.core.lo)
            r.pc = UInt64(cpu.core.pc)
            return r
        }
    }

    public func setRegisters(_ registers: Registers) throws(HypervisorError) {
        try withCPU(.setRegisters) { cpu, _ in
            for i in 1..<32 { cpu.setGPR(i, UInt32(truncatingIfNeeded: registers.gpr[i])) }
            cpu.zeroRegister = 0
            cpu.core.hi = UInt32(truncatingIfNeeded: registers.hi)
            cpu.core.lo = UInt32(truncatingIfNeeded: registers.lo)
            cpu.core.pc = UInt32(truncatingIfNeeded: registers.pc)
        }
    }

    public func interrupt(_ line: Int32) throws(HypervisorError) {
        try machine.checkOwner(.interrupt)
        try post(line, mail)
    }

    public func interrupt(_ line: Int32, vcpuIndex: UInt32) throws(HypervisorError) {
        try machine.checkOwner(.interrupt)
        guard vcpuIndex != .max else { return try post(line, mail) }
        guard let other = machine.mail(vcpuIndex) else { throw HypervisorError(.interrupt, .inval) }
        try post(line, other)
    }

    private func post(_ line: Int32, _ mail: InterruptMail) throws(HypervisorError) {
        switch line.magnitude {
        case 2, 3, 4, 6: mail.post(line: line.magnitude - 2, raise: line > 0)
        default: throw HypervisorError(.interrupt, .inval)
        }
    }

    public func run() throws(HypervisorError) -> Exit {
        try machine.checkOwner(.run)
        lock.lock()
        defer { lock.unlock() }
        // Completion comes before the look at immediate_exit (reference 6.2).
        cpu.completeMMIO()
        if runArea.immediateExit {
            cpu.settleCompletedLoad()
            throw HypervisorError(.run, .intr)
        }
        cpu.enter()
        if cpu.exitKind == .interrupted { throw HypervisorError(.run, .intr) }
        return Exit(runArea)
    }

    public func setSignalMask(_ mask: UInt64?) throws(HypervisorError) {
        try withCPU(.setSignalMask) { cpu, _ in cpu.signals.mask = mask }
    }

    public func enable(_ capability: Capability, flags: UInt32, argument: UInt64) throws(HypervisorError) {
        try withCPU(.enableCapability) { cpu, _ throws(HypervisorError) in
            guard capability == .mipsFPU, cpu.profile.hasFPU, flags == 0, argument == 0 else {
                throw HypervisorError(.enableCapability, .inval)
            }
            cpu.fpuEnabled = true
            cpu.updateContext()
        }
    }

    public func backendState() throws(HypervisorError) -> [UInt8] {
        try withCPU(.getRegisterList) { cpu, _ in cpu.encodedState() }
    }

    public func setBackendState(_ bytes: [UInt8]) throws(HypervisorError) {
        try withCPU(.setOneRegister) { cpu, _ throws(HypervisorError) in
            guard cpu.decodeState(bytes) else { throw HypervisorError(.setOneRegister, .inval) }
        }
    }

    /// Instructions retired since creation; for benchmarks and tests.
    public var retiredInstructions: UInt64 { lock.withLock { cpu.retired } }

    /// Blocks translated since creation; 0 for an engine that interprets. For tests.
    public var translatedBlocks: Int { lock.withLock { cpu.translator?.translated ?? 0 } }

    /// Instructions in those blocks, and bytes of the host's code they have become; for benchmarks.
    public var translatedCode: (instructions: Int, bytes: Int) {
        lock.withLock { (cpu.translator?.instructions ?? 0, cpu.translator?.bytes ?? 0) }
    }
}
