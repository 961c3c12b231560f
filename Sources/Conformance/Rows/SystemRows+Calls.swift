// A9-A18: calls that do not exist, strict arguments, other processes (reference 1.2, 1.3, 7.6).

import Host
import Hypervisor

extension Bench {
    func a9() throws(Verdict) {
        let vcpu = try vcpu(machine())
        let structure = RawBytes(512)
        let requests: [(StaticString, Request)] = [
            ("GET_MP_STATE", .getMPState), ("SET_MP_STATE", .setMPState), ("GET_SREGS", .getSpecialRegisters),
            ("SET_SREGS", .setSpecialRegisters), ("GET_FPU", .getFPU), ("SET_FPU", .setFPU),
            ("SET_GUEST_DEBUG", .setGuestDebug), ("NMI", .nmi),
        ]
        for (name, request) in requests {
            try checkError("\(name)", .notty) { () throws(HypervisorError) in
                try structure.with { (address) throws(HypervisorError) in
                    try vcpu.ioctl(request, request == .nmi ? 0 : address)
                }
            }
        }
    }

    func a10() throws(Verdict) {
        let vcpu = try vcpu(machine())
        // struct kvm_translation: linear address, physical address, four flag bytes.
        let structure = RawBytes(24)
        structure[u64: 0] = 0x1122_3344_5566_7788
        structure[u64: 8] = 0x99AA_BBCC_DDEE_FF00
        structure[u64: 16] = 0x0102_0304_0506_0708
        try checkOK("TRANSLATE") { () throws(HypervisorError) in
            try structure.with { (address) throws(HypervisorError) in try vcpu.ioctl(.translate, address) }
        }
        try check("linear_address", structure[u64: 0], 0x1122_3344_5566_7788)
        try check("physical_address", structure[u64: 8], 0x99AA_BBCC_DDEE_FF00)
        try check("the flags", structure[u64: 16], 0x0102_0304_0506_0708)
    }

    func a11() throws(Verdict) {
        let machine = try machine()
        let structure = RawBytes(64)
        let requests: [(StaticString, Request, Errno)] = [
            ("IRQFD", .irqFD, .inval), ("IRQ_LINE", .irqLine, .notty), ("CREATE_IRQCHIP", .createIRQChip, .notty),
            ("SET_GSI_ROUTING", .setGSIRouting, .notty), ("CREATE_DEVICE(0)", .createDevice, .nodev),
        ]
        for (name, request, errno) in requests {
            try checkError("\(name)", errno) { () throws(HypervisorError) in
                try structure.with { (address) throws(HypervisorError) in
                    try machine.ioctl(request, request == .createIRQChip ? 0 : address)
                }
            }
        }
    }

    func a12() throws(Verdict) {
        let machine = try machine()
        try checkError("ENABLE_CAP(0) on a machine", .inval) { () throws(HypervisorError) in
            try machine.enable(Capability(rawValue: 0), flags: 0, argument: 0)
        }
        let vcpu = try vcpu(machine)
        try checkError("ENABLE_CAP(ONE_REG) on a vCPU", .inval) { () throws(HypervisorError) in
            try vcpu.enable(.oneRegister, flags: 0, argument: 0)
        }
    }

    func a13() throws(Verdict) {
        let vcpu = try vcpu(machine())
        try checkError("ENABLE_CAP(FPU) with flags 1", .inval) { () throws(HypervisorError) in
            try vcpu.enable(.mipsFPU, flags: 1, argument: 0)
        }
        try checkError("ENABLE_CAP(FPU) with args[0] 1", .inval) { () throws(HypervisorError) in
            try vcpu.enable(.mipsFPU, flags: 0, argument: 1)
        }
        if profile.hasFPU {
            try checkOK("ENABLE_CAP(FPU)") { () throws(HypervisorError) in
                try vcpu.enable(.mipsFPU, flags: 0, argument: 0)
            }
        } else {
            try checkError("ENABLE_CAP(FPU) without an FPU", .inval) { () throws(HypervisorError) in
                try vcpu.enable(.mipsFPU, flags: 0, argument: 0)
            }
        }
    }

    func a14() throws(Verdict) {
        let request = Request(.none, number: 0xFE)
        let machine = try machine()
        try checkError("an unknown request of the system", .notty) { () throws(HypervisorError) in
            try system.ioctl(request, 0)
        }
        try checkError("an unknown request of a machine", .notty) { () throws(HypervisorError) in
            try machine.ioctl(request, 0)
        }
    }

    func a15() throws(Verdict) {
        let vcpu = try vcpu(machine())
        try checkError("a request of type 0xaf on a vCPU", .inval) { () throws(HypervisorError) in
            try vcpu.ioctl(Request(.none, number: 0x80, type: 0xAF), 0)
        }
    }

    func a16() throws(Verdict) {
        let machine = try machine()
        let vcpu = try vcpu(machine)
        // Everything the child does has been done once before: what the first call sets up may not be possible in it.
        try check("answers in this process", Self.answers(system, machine, vcpu), 32)
        let ending: Process.Ending
        do throws(Errno) {
            ending = try Process.fork {
                // A child that hangs is a result too.
                try? Signals.install(Signals.alarm, .standard)
                Signals.unblock(Signals.mask(Signals.alarm))
                try? Signals.alarm(after: 10_000_000_000)
                return Int32(truncatingIfNeeded: Self.answers(system, machine, vcpu))
            }
        } catch {
            throw .host("fork", error)
        }
        guard case .exit(let status) = ending else { throw .expected("the child to end with", "a status", "\(ending)") }
        let text = "bits 0, 1: GET_REGS, CHECK_EXTENSION fail with EIO; 2, 3: with another error; 5: API version 12"
        try check("what a child gets (\(text))", UInt32(status), 0b10_0011)
    }

    /// Bits 0, 1: GET_REGS, CHECK_EXTENSION of the machine failed with EIO; 2, 3: with something else; 5: the system
    /// answered 12.
    private static func answers(_ system: AnySystem, _ machine: AnyMachine, _ vcpu: AnyVCPU) -> Int {
        var bits = 0
        do throws(HypervisorError) { _ = try vcpu.registers() } catch { bits |= error.errno == .io ? 1 : 4 }
        do throws(HypervisorError) { _ = try machine.checkExtension(.userMemory) } catch {
            bits |= error.errno == .io ? 2 : 8
        }
        do throws(HypervisorError) { if try system.apiVersion() == 12 { bits |= 32 } } catch {}
        return bits
    }

    func a17() throws(Verdict) {
        let vcpu = try vcpu(machine())
        // struct kvm_signal_mask: length, then the bytes of a sigset_t. MIPS has 128 signals.
        let structure = RawBytes(24)
        structure[u32: 0] = 8
        try checkError("SET_SIGNAL_MASK of 8 bytes", .inval) { () throws(HypervisorError) in
            try structure.with { (address) throws(HypervisorError) in try vcpu.ioctl(.setSignalMask, address) }
        }
        structure[u32: 0] = 16
        try checkOK("SET_SIGNAL_MASK of 16 bytes") { () throws(HypervisorError) in
            try structure.with { (address) throws(HypervisorError) in try vcpu.ioctl(.setSignalMask, address) }
        }
        try checkOK("SET_SIGNAL_MASK(NULL)") { () throws(HypervisorError) in try vcpu.ioctl(.setSignalMask, 0) }
    }

    func a18() throws(Verdict) {
        let vcpu = try vcpu(machine())
        try checkError("KVM_RUN with argument 1", .inval) { () throws(HypervisorError) in try vcpu.ioctl(.run, 1) }
    }
}
