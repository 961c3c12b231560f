// A1-A8: the system descriptor, machine types, capabilities, vCPU ids (reference 1.2, 2.1, 2.3).

import Host
import Hypervisor

extension Bench {
    func a1() throws(Verdict) {
        let version = try checkOK("GET_API_VERSION") { () throws(HypervisorError) in try system.apiVersion() }
        try check("API version", version, 12)
        try checkError("GET_API_VERSION with argument 1", .inval) { () throws(HypervisorError) in
            try system.ioctl(.getAPIVersion, 1)
        }
    }

    func a2() throws(Verdict) {
        let size = try checkOK("GET_VCPU_MMAP_SIZE") { () throws(HypervisorError) in try system.runAreaSize() }
        try check("GET_VCPU_MMAP_SIZE", size, 2 * Int(profile.pageSize))
        try checkError("GET_VCPU_MMAP_SIZE with argument 1", .inval) { () throws(HypervisorError) in
            try system.ioctl(.getVCPUMapSize, 1)
        }
    }

    func a3() throws(Verdict) {
        for type in [MachineType.auto, isTE ? .te : .vz] {
            try checkOK("CREATE_VM(\(type.rawValue))") { () throws(HypervisorError) in try system.createMachine(type) }
        }
    }

    func a4() throws(Verdict) {
        let other: UInt32 = isTE ? MachineType.vz.rawValue : MachineType.te.rawValue
        for type in [other, 3, 4, UInt32.max] {
            try checkError("CREATE_VM(\(hex(type)))", .inval) { () throws(HypervisorError) in
                try system.createMachine(MachineType(rawValue: type))
            }
        }
    }

    private func capability(_ number: UInt32) throws(Verdict) -> Int {
        try checkOK("CHECK_EXTENSION(\(number))") { () throws(HypervisorError) in
            try system.checkExtension(Capability(rawValue: number))
        }
    }

    /// Capabilities that are 1 on every kernel.
    private var always: [UInt32] { [3, 15, 16, 21, 30, 36, 40, 54, 70, 81, 98, 105, 122, 136, 162, 168, 182] }

    func a5() throws(Verdict) {
        for number: UInt32 in 0..<210 {
            let got = try capability(number)
            let name = "CHECK_EXTENSION(\(number))"
            if always.contains(number) {
                try check(name, got, 1)
                continue
            }
            switch number {
            case Capability.vcpuCount.rawValue:
                try check("\(name) at least 1", got >= 1, "\(got)")
            case Capability.memorySlotCount.rawValue:
                // 16 in 5.10; the common limit of 32767 later.
                try check("\(name) 16 or, on VZ, 32767", got == 16 || !isTE && got == 32767, "\(got)")
            case Capability.maximumVCPUs.rawValue, Capability.maximumVCPUID.rawValue: try check(name, got, 16)
            case Capability.mipsFPU.rawValue: try check(name, got, profile.hasFPU ? 1 : 0)
            case Capability.mipsVZ.rawValue: try check(name, got, isTE ? 0 : 1)
            case Capability.mipsTE.rawValue: try check(name, got, isTE ? 1 : 0)
            case Capability.mipsMSA.rawValue: try check("\(name) 0 or 1", got <= 1, "\(got)")
            case Capability.mips64Bit.rawValue:
                try check("\(name) 0 or, on a 64-bit VZ kernel, 2", got == 0 || !isTE && got == 2, "\(got)")
            case 89, 203:
                // DEVICE_CTRL and BINARY_STATS_FD came after trap-and-emulate went.
                try check("\(name) 0 or, on a later VZ kernel, 1", got == 0 || !isTE && got == 1, "\(got)")
            default: try check(name, got, 0)
            }
        }
    }

    func a6() throws(Verdict) {
        let machine = try machine()
        for number: UInt32 in 0..<210 {
            let want = try capability(number)
            let got = try checkOK("CHECK_EXTENSION(\(number)) of a machine") { () throws(HypervisorError) in
                try machine.checkExtension(Capability(rawValue: number))
            }
            try check("CHECK_EXTENSION(\(number)) of a machine", got, want)
        }
    }

    func a7() throws(Verdict) {
        let machine = try machine()
        let first = try vcpu(machine)
        try checkError("a second CREATE_VCPU(0)", .exist) { () throws(HypervisorError) in try machine.createVCPU(0) }
        // Keeps the first alive until here.
        try check("id of the vCPU", first.id, 0)
    }

    func a8() throws(Verdict) {
        let machine = try machine()
        var all: [AnyVCPU] = []
        // From the top: 15 must not depend on 14.
        for id: UInt32 in (0..<16).reversed() { all.append(try vcpu(machine, id)) }
        try check("number of vCPUs", all.count, 16)
        let second = try self.machine()
        try checkError("CREATE_VCPU(16)", .inval) { () throws(HypervisorError) in try second.createVCPU(16) }
    }
}
