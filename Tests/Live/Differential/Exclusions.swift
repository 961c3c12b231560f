// What the two sides may differ in, each with its reason; docs/hosts.md, "Where the live kernel and the simulator may
// differ", says the same to users. Everything else that can be observed is compared.
//
// The host's processor, of which the simulator always plays the same one:
//   identity      Config, Config1 and FIR in the bits in which fresh vCPUs differ; RDHWR 1 and CFC1 of FIR are not
//                 generated.
//   coprocessor 2 without one a processor raises Coprocessor Unusable, which KVM cannot emulate; QEMU's raise
//                 Reserved Instruction.
//   branches      QEMU's make NOP of a branch that compares $zero or a register with itself and cannot be taken, so
//                 that the delay slot is none: not generated.
//   words         QEMU's execute SPECIAL function 5 (LSA), which release 2 has not: not generated.
//   ABS, NEG      QEMU's leave FCSR.Cause alone, where the manual counts them as arithmetic: not generated.
//
// What the architecture or the kernel leaves open:
//   Status.FR     changing it makes FPRs unpredictable: it is the same throughout a scenario.
//   PageMask      the kernel maps pairs of its own pages whatever PageMask says: programs map pages of that size only.
//   overlapping   of two TLB entries for one address the kernel goes on using the one whose translation it has: each
//                 address has one.
//   EntryHi       written by ONE_REG it leaves such translations in place: only where no program runs.
//   dirty log     a store through an entry without D marks the page, if the kernel had no translation yet: D is set
//                 where pages are logged.
//   TLBWR         picks an entry at random: not generated.
//   FCSR          bits the FPU cannot hold vanish when the guest first uses it: written only where no program runs.
//
// Time:
//   MTC0 Status   what KVM makes of it does not trap the second time, and an interrupt it unmasks comes when the
//                 kernel looks next: not in loops, nor are other replaced instructions.
//   delay slots   an interrupt taken behind a trapping instruction in a delay slot has that one's BD: EI and MTC0 are
//                 not in slots.
//   the alarm     a guest asleep in WAIT is left in front of it by the simulator's alarm, behind it by the kernel's
//                 signal: WAIT always ends by an interrupt.
//   asynchronous  in a loop that the timer interrupts, EPC and Cause.BD are a matter of chance: compared after they
//                 were made the same.
//   Cause.TI      may differ while the instant it falls due lies in a call: the scenario is cut short.
//
// Never executed: SDBBP, which takes a trap-and-emulate host down.

import Hypervisor

/// Differences that come from the host's processor: the simulator plays a 24Kf everywhere.
struct Exclusions {
    private var config: UInt64 = 0
    private var config1: UInt64 = 0
    private var implementation: UInt64 = 0

    /// What a fresh vCPU of either side says of the host's processor: Config (its implementation), Config1 (its
    /// caches) and FIR. Where they differ the processors do, and those bits are not compared.
    static func betweenHosts(_ a: Backend, _ b: Backend) throws(HypervisorError) -> Exclusions {
        let one = try facts(a)
        let other = try facts(b)
        var result = Exclusions()
        result.config = one.0 ^ other.0
        result.config1 = one.1 ^ other.1
        result.implementation = one.2 ^ other.2
        return result
    }

    private static func facts(_ backend: Backend) throws(HypervisorError) -> (UInt64, UInt64, UInt64) {
        let machine = try backend.machine()
        let vcpu = try machine.vcpu(0)
        let config = try vcpu.register(.config)
        let config1 = try vcpu.register(.config1)
        guard backend.profile.hasFPU else { return (config, config1, 0) }
        try vcpu.enable(.mipsFPU, flags: 0, argument: 0)
        try vcpu.setRegister(.config1, config1 | 1)
        return (config, config1, try vcpu.register(.fcrIR))
    }

    /// Bits of a register that are not compared.
    func mask(_ id: RegisterID) -> UInt64 {
        if id == RegisterID.config { return config }
        if id == RegisterID.config1 { return config1 }
        if id == RegisterID.fcrIR { return implementation }
        return 0
    }
}

extension Exclusions: CustomStringConvertible {
    var description: String {
        "not compared: Config \(hex(config)), Config1 \(hex(config1)), FIR \(hex(implementation))"
    }
}
