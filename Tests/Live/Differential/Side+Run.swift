// Running a program on one side: KVM_RUN, stop after stop, each observed, each answered as the program's seed says.

import Host
import Hypervisor

extension Side {
    /// Stops of one program, at most: some never come to their end.
    private static var patience: UInt64 { 40 }
    /// A guest that runs away is stopped then, ns.
    private static var limit: UInt64 { 8_000_000_000 }

    private static var causeBD: UInt32 { 1 << 31 }

    /// Reports that the program is through, then stays there.
    static var done: [UInt32] {
        [Word.lui(Map.k0, Map.device >> 16), Word.sw(0, Map.done, Map.k0), Word.i(0x04, 0, 0, 0xFFFF), Word.nop]
    }

    /// An exception handler: reports Cause, writes Compare back if it is to acknowledge the timer, returns.
    private static func handler(_ vector: UInt32, acknowledges: Bool) -> [UInt32] {
        let k1 = Map.k1
        let head = [
            Word.lui(Map.k0, Map.device >> 16), Word.mfc0(k1, 13), Word.sw(k1, Map.handler + vector, Map.k0),
        ]
        let middle = [Word.mfc0(k1, 11), Word.mtc0(k1, 11), Word.sw(k1, Map.compareWritten, Map.k0)]
        return head + (acknowledges ? middle : []) + [Word.eret, Word.nop]
    }

    private func load(_ program: Program) {
        for vector in Map.vectors {
            ram.store(Self.handler(vector, acknowledges: program.acknowledges), at: vector)
        }
        ram.store(Self.done, at: Map.end)
        ram.store(program.words + Self.done, at: Map.code)
    }

    private func prepare(_ program: Program, _ numbers: inout Numbers) {
        var r = Registers()
        for i in 0..<32 { r.gpr[i] = UInt64(numbers.value()) }
        r.gpr[Int(Map.k0)] = UInt64(Map.device)
        r.gpr[Int(Map.gp)] = UInt64(Map.window + Map.data)
        r.hi = UInt64(numbers.value())
        r.lo = UInt64(numbers.value())
        r.pc = UInt64(Self.code)
        setRegisters(r)
        let end = UInt64(Map.window + Map.end)
        set(.epc, end)
        set(.errorEPC, end)
        set(.ebase, UInt64(Map.window))
        set(.status, UInt64(program.status))
        if let cause = program.cause { set(.cause, UInt64(cause)) }
        if let deadline = program.deadline {
            set(.compare, UInt64(deadline.compare))
            set(.count, UInt64(deadline.count))
        }
    }

    func run(_ program: Program) {
        var numbers = Numbers(program.seed)
        load(program)
        prepare(program, &numbers)
        backend.setAlarm(Clock.monotonic() + Self.limit)
        defer { backend.setAlarm(nil) }
        var noted: UInt32?
        for stop in 0..<Self.patience {
            let a = Clock.monotonic()
            let exit: Exit
            do throws(HypervisorError) {
                exit = try vcpu.run()
            } catch {
                result(error)
                glance()
                return
            }
            let b = Clock.monotonic()
            note(.exit, stop, UInt64(vcpu.runArea.exitReason))
            note(.ready, stop, UInt64(vcpu.runArea.readyForInterruptInjection))
            switch exit {
            case .mmio(let access):
                if serve(access, program, stop, a, b, &numbers, &noted) { return }
            case .interruptWindowOpen: glance()
            case .internalError:
                glance()
                if !skip(stop) { return }
            case .other:
                glance()
                return
            }
        }
        note(.stop, Self.patience, 0)
    }

    /// Registers that say most, at a stop in the middle of a program.
    private func glance() {
        general()
        for id in [RegisterID.cause, .status, .epc, .badVAddr] { get(id) }
    }

    /// Answers an access to a device. Returns true at the end of the program.
    private func serve(
        _ access: MMIO, _ program: Program, _ stop: UInt64, _ a: UInt64, _ b: UInt64, _ numbers: inout Numbers,
        _ noted: inout UInt32?
    ) -> Bool {
        note(.mmioAddress, stop, access.address)
        note(.mmioLength, stop, UInt64(access.length))
        note(.mmioWrite, stop, access.isWrite ? 1 : 0)
        guard access.isWrite else {
            glance()
            answer(stop, &numbers)
            return false
        }
        let offset = UInt32(truncatingIfNeeded: access.address &- Map.devicePhysical)
        let data = UInt32(truncatingIfNeeded: access.data)
        if isTimed(offset) {
            if offset != Map.countRead { note(.mmioData, stop, access.data) }
            // The last value was judged when an interrupt came between the operation and its report.
            if noted == nil { apply(offset, data, a, b) }
            noted = nil
            // Bytes that stay there for later accesses are to be the same on both sides.
            if offset == Map.countRead { vcpu.runArea.mmioData = 0 }
            glance()
            return false
        }
        let isHandler = offset >= Map.handler && offset <= Map.handler + 0x200
        if isHandler, program.kind == .spin {
            tidyAfterSpin(stop, access.data)
        } else {
            note(.mmioData, stop, access.data)
        }
        glance()
        if isHandler { returnFromException(a, b, &noted) }
        return offset == Map.done
    }

    private func isTimed(_ offset: UInt32) -> Bool {
        offset == Map.countRead || offset == Map.countWritten || offset == Map.compareWritten
            || offset == Map.causeWritten
    }

    /// The guest's timer instruction that the store at `offset` reports, executed in [a, b].
    private func apply(_ offset: UInt32, _ data: UInt32, _ a: UInt64, _ b: UInt64) {
        if offset == Map.countRead {
            seen(count: UInt32(truncatingIfNeeded: timed(UInt64(data))), a, b)
        } else if offset == Map.countWritten {
            model.write(count: data, a, b)
        } else if offset == Map.compareWritten {
            model.write(compare: data, byGuest: true, a, b)
        } else {
            model.guestWrite(cause: data, a, b)
        }
    }

    /// Lets a handler return behind the instruction that raised the exception, or to where an interrupt came.
    private func returnFromException(_ a: UInt64, _ b: UInt64, _ noted: inout UInt32?) {
        let cause = peek(.cause)
        let epc = peek(.epc)
        guard cause >> 2 & 0x1F == 0 else {
            set(.epc, signExtended(UInt64(epc &+ (cause & Self.causeBD != 0 ? 8 : 4))))
            return
        }
        // In front of a report: the instruction it reports has been executed.
        let offset = epc &- Map.window
        guard offset >= Map.code, offset < Map.code + Map.codeSize, noted == nil else { return }
        let word = ram[offset & ~3]
        for report in [Map.countRead, Map.countWritten, Map.compareWritten, Map.causeWritten]
        where Word.isDeviceStore(word, report) {
            apply(report, peek(.gpr(Int(word >> 16 & 0x1F))), a, b)
            noted = report
        }
    }

    /// Where in a loop of two instructions the timer found the guest is a matter of chance: PC and BD are made the
    /// same.
    private func tidyAfterSpin(_ stop: UInt64, _ data: UInt64) {
        note(.mmioData, stop, data & ~UInt64(Self.causeBD))
        vcpu.runArea.mmioData = 0
        let a = Clock.monotonic()
        let cause = peek(.cause)
        let b = Clock.monotonic()
        if !model.observe(interrupt: cause & 1 << 30 != 0, a, b) {
            complain("in the timer's handler Cause is \(hex(cause))")
        }
        set(.cause, UInt64(cause & ~Self.causeBD))
        set(.gpr(Int(Map.k1)), 0)
        set(.epc, UInt64(Map.window + Map.end))
    }

    /// Goes on behind an instruction the kernel cannot emulate. False when the guest has left the program.
    private func skip(_ stop: UInt64) -> Bool {
        let pc = peek(.pc)
        let offset = pc &- Map.window
        guard pc & 3 == 0, offset < Map.code + Map.codeSize else {
            note(.stop, stop, UInt64(pc))
            return false
        }
        set(.pc, UInt64(pc + (Word.isBranch(ram[offset]) ? 8 : 4)))
        return true
    }

    // MARK: Loads

    /// Gives a load its data and completes it in one of three ways: with the next run, by immediate_exit, or with
    /// registers changed in between.
    private func answer(_ stop: UInt64, _ numbers: inout Numbers) {
        vcpu.runArea.mmioData = numbers.next()
        switch numbers.below(6) {
        case 0: runImmediate(stop)
        case 1:
            do throws(HypervisorError) {
                var r = try vcpu.registers()
                r.gpr[2] = UInt64(numbers.value())
                r.lo = UInt64(numbers.value())
                r.pc = UInt64(Map.window + Map.end)
                setRegisters(r)
            } catch {
                result(error)
            }
            general()
        default: break
        }
    }

    /// KVM_RUN with immediate_exit set: a pending load is completed, nothing else happens.
    func runImmediate(_ stop: UInt64) {
        vcpu.runArea.immediateExit = true
        defer { vcpu.runArea.immediateExit = false }
        do throws(HypervisorError) {
            _ = try vcpu.run()
            result(nil)
        } catch {
            result(error)
        }
        note(.exit, stop, UInt64(vcpu.runArea.exitReason))
        note(.ready, stop, UInt64(vcpu.runArea.readyForInterruptInjection))
        general()
    }
}
