// One side of the comparison: a guest on a backend, the timer model that goes along, and the step being recorded.

import Host
import Hypervisor

final class Side {
    let backend: Backend
    let ram: GuestRAM
    let machine: BackendMachine
    let vcpu: any HypervisorVCPU
    var model: TimeModel
    var record = Record()
    var mutation: Mutation?
    private let exclusions: Exclusions
    /// Calls of the step so far.
    private var calls: UInt64 = 0
    private var list: [RegisterID] = []

    static var code: UInt32 { Map.window + Map.code }

    init(
        _ backend: Backend, _ ram: GuestRAM, _ scenario: Scenario, _ exclusions: Exclusions
    ) throws(HypervisorError) {
        self.backend = backend
        self.ram = ram
        self.exclusions = exclusions
        ram.clear()
        machine = try backend.machine()
        try machine.map(
            MemoryRegion(
                slot: 0, flags: scenario.logsDirtyPages ? .logDirtyPages : [], guestPhysicalAddress: 0,
                size: UInt64(Map.size), hostAddress: ram.hostAddress))
        let a = Clock.monotonic()
        vcpu = try machine.vcpu(scenario.vcpuID)
        model = TimeModel(a, Clock.monotonic(), lateness: backend.lateness)
        list = try vcpu.registerList()
    }

    /// The slot goes before its memory serves the next scenario.
    func end() {
        try? machine.map(
            MemoryRegion(slot: 0, guestPhysicalAddress: 0, size: 0, hostAddress: ram.hostAddress))
    }

    // MARK: Recording

    func begin() {
        record = Record()
        calls = 0
        model.begin(Clock.monotonic())
    }

    /// What the step came to.
    func finish() -> Record {
        record.doubted = model.doubted
        record.blind = model.blind
        record.queues = model.queues
        return record
    }

    func note(_ kind: Subject.Kind, _ detail: UInt64, _ value: UInt64) {
        var value = value
        if mutation != nil { value = mutation?.apply(value, timed: false) ?? value }
        record.observations.append(Observation(subject: Subject(kind: kind, detail: detail), value: value))
    }

    /// A value the model judges, not the other side.
    func timed(_ value: UInt64) -> UInt64 { mutation?.apply(value, timed: true) ?? value }

    func complain(_ what: String) { record.errors.append(TimeError(text: "\(backend.name): \(what)")) }

    func result(_ error: HypervisorError?) {
        note(.result, calls, error.map { UInt64(UInt32(bitPattern: $0.errno.hostNumber)) } ?? 0)
        calls += 1
    }

    // MARK: Registers

    /// A register without recording it: for the harness's own decisions.
    func peek(_ id: RegisterID) -> UInt32 {
        UInt32(truncatingIfNeeded: (try? vcpu.register(id)) ?? 0)
    }

    func get(_ id: RegisterID) {
        let a = Clock.monotonic()
        do throws(HypervisorError) {
            let value = try vcpu.register(id)
            seen(id, value, a, Clock.monotonic())
        } catch {
            result(error)
        }
    }

    private func seen(_ id: RegisterID, _ value: UInt64, _ a: UInt64, _ b: UInt64) {
        if id == RegisterID.count {
            seen(count: UInt32(truncatingIfNeeded: timed(value)), a, b)
        } else if id == RegisterID.countResume {
            let value = timed(value)
            if !model.observe(resume: value) {
                complain("COUNT_RESUME \(value) is not in \(model.resumeLow)...\(model.resumeHigh)")
            }
        } else if id == RegisterID.cause {
            let cause = UInt32(truncatingIfNeeded: value)
            let before = model.ti
            if !model.observe(interrupt: cause & 1 << 30 != 0, a, b) {
                complain("Cause \(hex(cause)), but TI is \(before == .set ? "set" : "clear") by the reference")
            }
            note(.register, id.rawValue, value)
        } else if id == RegisterID.gpr(Int(Map.timeRegister)) {
            // Time-valued; the model has judged it when the guest stored it.
        } else {
            note(.register, id.rawValue, value & ~exclusions.mask(id))
        }
    }

    func seen(count: UInt32, _ a: UInt64, _ b: UInt64) {
        let bias = model.bias
        if !model.observe(count: count, a, b) {
            let span = model.disabled ? model.still : bias + model.ticks(a, b)
            complain("Count \(hex(count)) is not in \(hex(span.low))...\(hex(span.high))")
        }
    }

    func set(_ id: RegisterID, _ value: UInt64) {
        let a = Clock.monotonic()
        do throws(HypervisorError) {
            try vcpu.setRegister(id, value)
        } catch {
            result(error)
            return
        }
        let b = Clock.monotonic()
        result(nil)
        let word = UInt32(truncatingIfNeeded: value)
        if id == RegisterID.count {
            model.write(count: word, a, b)
        } else if id == RegisterID.compare {
            model.write(compare: word, byGuest: false, a, b)
        } else if id == RegisterID.cause {
            model.write(cause: word, a, b)
        } else if id == RegisterID.countHz {
            model.write(hz: value, a, b)
        } else if id == RegisterID.countResume {
            model.write(resume: value)
        } else if id == RegisterID.countControl {
            model.write(disable: value & 1 != 0, a, b)
            get(.countResume)
        }
    }

    func setRegisters(_ registers: Registers) {
        do throws(HypervisorError) {
            try vcpu.setRegisters(registers)
            result(nil)
        } catch {
            result(error)
        }
    }

    func general() {
        do throws(HypervisorError) {
            let r = try vcpu.registers()
            for i in 0..<32 where i != Int(Map.timeRegister) { note(.general, UInt64(i), r.gpr[i]) }
            note(.general, 32, r.hi)
            note(.general, 33, r.lo)
            note(.general, 34, r.pc)
        } catch {
            result(error)
        }
    }

    /// Every register there is.
    func sweep() {
        for id in list { get(id) }
    }

    private func readList() {
        do throws(HypervisorError) {
            list = try vcpu.registerList()
            for (i, id) in list.enumerated() { note(.list, UInt64(i), id.rawValue) }
        } catch {
            result(error)
        }
    }

    // MARK: Steps

    func perform(_ step: Step) {
        switch step {
        case .get(let id): get(id)
        case .set(let id, let value): set(id, value)
        case .setRegisters(let seed):
            var numbers = Numbers(seed)
            var r = Registers()
            for i in 0..<32 { r.gpr[i] = numbers.next() }
            r.hi = numbers.next()
            r.lo = numbers.next()
            r.pc = numbers.next()
            setRegisters(r)
            general()
        case .resumeBack(let n): set(.countResume, Clock.monotonic() - n)
        case .resumeAhead(let n): set(.countResume, Clock.monotonic() + n)
        case .sleep: settle()
        case .due(let count, let compare, let freeze, let n):
            set(.compare, UInt64(compare))
            set(.count, UInt64(count))
            if freeze { set(.countControl, 1) }
            Clock.sleep(until: Clock.monotonic() + n)
            settle()
        case .interrupt(let line):
            do throws(HypervisorError) {
                try vcpu.interrupt(line)
                result(nil)
            } catch {
                result(error)
            }
        case .enable(let capability, let flags, let argument):
            do throws(HypervisorError) {
                try vcpu.enable(Capability(rawValue: capability), flags: flags, argument: argument)
                result(nil)
            } catch {
                result(error)
            }
            readList()
        case .run(let program): run(program)
        case .runNothing: runImmediate(0)
        case .dirtyLog:
            do throws(HypervisorError) {
                for (i, word) in try machine.dirtyLog(0).enumerated() { note(.dirty, UInt64(i), word) }
            } catch {
                result(error)
            }
        }
    }

    /// After a sleep: an interrupt that fell due meanwhile must show, if not at once then soon.
    private func settle() {
        guard model.isDue(Clock.monotonic()) else { return }
        if model.ti == .set {
            // That there is another cannot be seen; reading Count makes sure that it is queued.
            get(.count)
            return
        }
        let end = Clock.monotonic() + 2_000_000_000
        while true {
            let a = Clock.monotonic()
            let cause = peek(.cause)
            let b = Clock.monotonic()
            if cause & 1 << 30 != 0 {
                _ = model.observe(interrupt: true, a, b)
                model.settled()
                return
            }
            if a > end { return complain("the timer was due 2 s ago, and Cause is \(hex(cause))") }
        }
    }
}
