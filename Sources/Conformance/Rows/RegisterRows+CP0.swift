// G12-G14: reset values and write masks of the CP0 registers (reference 3.5, 7.1).

import Host
import Hypervisor

extension Bench {
    func g12() throws(Verdict) {
        // Not `guest`, which has written Status and PC.
        let machine = try machine()
        let vcpu = try vcpu(machine)
        @inline(never)
        func value(_ id: RegisterID) throws(Verdict) -> UInt64 {
            try checkOK("GET \(id)") { () throws(HypervisorError) in try vcpu.register(id) }
        }
        @inline(never)
        func want(_ id: RegisterID, _ expected: UInt64, mask: UInt64 = .max) throws(Verdict) {
            let got = try value(id)
            if got & mask != expected { throw .expected("\(id) at reset", hex(expected), hex(got & mask)) }
        }
        for n in 0..<32 { try want(.gpr(n), 0) }
        try want(.hi, 0)
        try want(.lo, 0)
        try want(.pc, isTE ? 0x5FC0_0000 : 0xFFFF_FFFF_BFC0_0000)
        try want(.countControl, 0)
        try want(.countResume, 0)
        try want(.compare, 0)
        try want(.ebase, signExtended(UInt64(profile.kernelWindow)))
        guard isTE else {
            // BEV and ERL; the rest is the hardware's.
            return try want(.status, 0x0040_0004, mask: 0x0040_0004)
        }
        try want(.status, 0x0040_0004)
        for id in [RegisterID.cause, .epc, .errorEPC, .entryHi, .entryLo0, .entryLo1, .context, .userLocal] {
            try want(id, 0)
        }
        for id in [RegisterID.index, .pageMask, .wired, .hwrEna, .badVAddr, .config5] { try want(id, 0) }
        for n in 1...6 { try want(.kScratch(n), 0) }
        try want(.intCtl, 0xFC00_0000)
        let prid = try value(.prid)
        try check("PRId 0x19300 (24Kc) or 0x10000 (release 6)", prid == 0x1_9300 || prid == 0x1_0000, hex(prid))
        // M, a TLB, cacheable K0; the rest is the host's.
        try want(.config, 0x8000_0083, mask: 0x8000_0387)
        // 64 TLB entries, no FPU yet; the caches are the host's.
        try want(.config1, 0x7E00_0000, mask: 0x7E00_007F)
        try want(.config2, 0x8000_0000)
        try want(.config3, 0x8000_2000)
        try want(.config4, 0x8000_0000)
        try want(.config7, 0x8000_0400)
        try want(.countHz, 100_000_000)
    }

    /// What SET_ONE_REG can change of a register, on TE without FPU.
    private func userMask(_ id: RegisterID) -> UInt32 {
        switch id {
        case .intCtl, .config, .config1, .config2, .config5, .config7: 0
        case .ebase: 0x1FFF_F3FF
        case .config3: 0x8000_2000
        case .config4: 0x80FC_0000
        default: 0xFFFF_FFFF
        }
    }

    func g13() throws(Verdict) {
        let guest = try guest()
        var ids: [RegisterID] = [
            .index, .entryLo0, .entryLo1, .context, .userLocal, .pageMask, .wired, .hwrEna, .badVAddr, .entryHi,
        ]
        ids += [.compare, .status, .intCtl, .cause, .epc, .prid, .ebase, .config, .config1, .config2, .config3]
        ids += [.config4, .config5, .config7, .errorEPC]
        for n in 1...6 { ids.append(.kScratch(n)) }
        for id in ids {
            let mask = UInt64(userMask(id))
            let before = try guest.get(id) & 0xFFFF_FFFF
            for value in [UInt64.max, 0] {
                try guest.set(id, value)
                let got = try guest.get(id) & 0xFFFF_FFFF
                try check("\(id) after \(hex(value))", got, before & ~mask | value & mask)
            }
        }
    }

    func g14() throws(Verdict) {
        let guest = try guest()
        try guest.set(.entryLo0, .max)
        try guest.expect(.entryLo0, 0x0000_0000_FFFF_FFFF)
        try guest.set(.context, .max)
        try guest.expect(.context, 0xFFFF_FFFF_FFFF_FFFF)
    }
}
