// G1-G11, G18: ONE_REG, register lists, widths (reference 3.1-3.4).

import Host
import Hypervisor

extension Bench {
    /// GET_REG_LIST with room for `room` ids. Returns n as the kernel left it.
    private func list(_ vcpu: AnyVCPU, room: Int, _ want: Errno?) throws(Verdict) -> UInt64 {
        let structure = RawBytes(8 + 8 * room)
        structure[u64: 0] = UInt64(room)
        let call = { () throws(HypervisorError) -> Int in
            try structure.with { (address) throws(HypervisorError) in try vcpu.ioctl(.getRegisterList, address) }
        }
        if let want {
            try checkError("GET_REG_LIST with n = \(room)", want, call)
        } else {
            try checkOK("GET_REG_LIST with n = \(room)", call)
        }
        return structure[u64: 0]
    }

    /// Ids every vCPU has.
    private var required: [RegisterID] {
        var ids: [RegisterID] = []
        for n in 0..<32 { ids.append(.gpr(n)) }
        ids += [.pc, .index, .entryLo0, .entryLo1, .context, .pageMask, .wired, .hwrEna, .badVAddr, .count]
        ids += [.entryHi, .compare, .status, .intCtl, .cause, .epc, .prid, .ebase]
        ids += [.config, .config1, .config2, .config3, .config4, .config5, .errorEPC]
        return ids + [.countControl, .countResume, .countHz]
    }

    func g1() throws(Verdict) {
        let guest = try guest()
        let n = try list(guest.vcpu, room: 0, .toobig)
        if isTE { try check("n", n, 70) }
        try check("n with one too few", list(guest.vcpu, room: Int(n) - 1, .toobig), n)
        try check("n with room for 300", list(guest.vcpu, room: 300, nil), n)
        let ids = try guest.registerList()
        try check("length of the list", ids.count, Int(n))
        for id in required {
            try check("\(id) in the list", ids.contains(id), "a list without it")
        }
        for (i, id) in ids.enumerated() where ids[..<i].contains(id) {
            throw .failed("expected \(id) once, got it twice")
        }
    }

    func g3() throws(Verdict) {
        let guest = try guest()
        for id in try guest.registerList() { _ = try guest.get(id) }
    }

    func g4() throws(Verdict) {
        let guest = try guest()
        var ids: [RegisterID] = [
            RegisterID(rawValue: 0), RegisterID(rawValue: 0x7030_0000_0001_0048),
            RegisterID(rawValue: 0x7020_0000_0000_0000), RegisterID(rawValue: 0x7030_0000_0000_0023),
            RegisterID(rawValue: RegisterID.count.rawValue | 1 << 32),
        ]
        if isTE {
            ids += [.config6, .xContext, .pageGrain, .badInstr, RegisterID(rawValue: 0x7030_0000_0001_0100)]
        }
        for id in ids {
            try checkError("GET \(hex(id.rawValue))", .inval) { () throws(HypervisorError) in
                try rawRegister(guest.vcpu, .getOneRegister, id.rawValue, address: nil)
            }
        }
    }

    /// GET or SET_ONE_REG by hand: with the address given, or that of 16 bytes of room.
    @discardableResult
    private func rawRegister(
        _ vcpu: AnyVCPU, _ request: Request, _ id: UInt64, address: UInt64?
    ) throws(HypervisorError) -> Int {
        // struct kvm_one_reg: id, address.
        let structure = RawBytes(16)
        let room = RawBytes(16)
        structure[u64: 0] = id
        structure[u64: 8] = address ?? UInt64(room.address)
        return try room.with { (_) throws(HypervisorError) in
            try structure.with { (address) throws(HypervisorError) in try vcpu.ioctl(request, address) }
        }
    }

    func g5() throws(Verdict) {
        let guest = try guest()
        let unknown: UInt64 = 0x7030_0000_0000_0023
        try checkError("SET of an unknown id", .inval) { () throws(HypervisorError) in
            try rawRegister(guest.vcpu, .setOneRegister, unknown, address: nil)
        }
        try checkError("SET of an unknown id from NULL", .fault) { () throws(HypervisorError) in
            try rawRegister(guest.vcpu, .setOneRegister, unknown, address: 0)
        }
    }

    func g6() throws(Verdict) {
        let guest = try guest()
        for size: UInt64 in [0, 1, 5] {
            let id = RegisterID.gpr(1).rawValue & ~(0xF << 52) | size << 52
            try checkError("SET \(hex(id))", .inval) { () throws(HypervisorError) in
                try rawRegister(guest.vcpu, .setOneRegister, id, address: nil)
            }
        }
    }

    func g7() throws(Verdict) {
        let guest = try guest()
        try guest.set(.gpr(1), 0x1234)
        let nonsense = RegisterID.gpr(1).rawValue & ~(0xF << 52) | 4 << 52
        for id in [RegisterID.vec128(0).rawValue, nonsense, 0x7040_0000_0001_FFFF] {
            try checkOK("SET \(hex(id))") { () throws(HypervisorError) in
                try rawRegister(guest.vcpu, .setOneRegister, id, address: nil)
            }
        }
        try guest.expect(.gpr(1), 0x1234)
    }

    func g8() throws(Verdict) {
        let guest = try guest()
        for (name, request) in [("GET", Request.getOneRegister), ("SET", .setOneRegister)] {
            try checkError("\(name) at NULL", .fault) { () throws(HypervisorError) in
                try rawRegister(guest.vcpu, request, RegisterID.gpr(1).rawValue, address: 0)
            }
            try checkError("\(name) with a NULL structure", .fault) { () throws(HypervisorError) in
                try guest.vcpu.ioctl(request, 0)
            }
        }
    }

    func g9() throws(Verdict) {
        let guest = try guest()
        try guest.set(.gpr(0), 5)
        try guest.expect(.gpr(0), 0)
    }

    /// The rows about widths are about 32-bit kernels.
    private func require32Bit() throws(Verdict) {
        let bits = try checkOK("CHECK_EXTENSION(MIPS_64BIT)") { () throws(HypervisorError) in
            try system.checkExtension(.mips64Bit)
        }
        if bits != 0 { throw .skipped("the kernel is a 64-bit one") }
    }

    func g10() throws(Verdict) {
        try require32Bit()
        let guest = try guest()
        try guest.set(.gpr(1), 0xFFFF_FFFF_8000_0000)
        try guest.expect(.gpr(1), 0xFFFF_FFFF_8000_0000)
        try check("R1 by GET_REGS", guest.registers().gpr[1], 0x0000_0000_8000_0000)
    }

    func g11() throws(Verdict) {
        try require32Bit()
        let guest = try guest()
        try guest.set(.gpr(1), 0x1122_3344_8000_0001)
        try guest.expect(.gpr(1), 0xFFFF_FFFF_8000_0001)
    }

    func g18() throws(Verdict) {
        let guest = try guest(id: 7)
        try guest.expect(.ebase, signExtended(UInt64(profile.kernelWindow) | 7))
    }
}
