// What the two sides may differ in, each with its reason. docs/hosts.md, "Where the live kernel and the simulator may differ", has
// the same list for users.

import Hypervisor

/// Differences that come from the host's processor: the simulator plays a 24Kf everywhere.
struct Exclusions {
    private var config: UInt64 = 0
    private var config1: UInt64 = 0
    private var implementation: UInt64 = 0

    /// What a fresh vCPU of either side says of the host's processor: Config (its implementation), Config1 (its caches), PRId and
    /// FIR. Where they differ the processors do, and those bits are not compared.
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
