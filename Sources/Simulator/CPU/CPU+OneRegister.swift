// ONE_REG: which ids exist, what reading gives, what writing changes (reference section 3).

import Hypervisor
import MIPS

extension CPU {
    /// KVM_GET_ONE_REG, nil for EINVAL.
    func oneRegister(_ id: RegisterID, now: UInt64) -> UInt64? {
        if id == RegisterID.countControl { return timer.masterDisabled ? 1 : 0 }
        if id == RegisterID.countResume { return timer.resume }
        if id == RegisterID.countHz { return UInt64(timer.hz) }
        if id == RegisterID.count { return UInt64(timer.readCount(now: now, cause: &self[Cell.cause])) }
        if id == RegisterID.compare { return UInt64(timer.compare) }
        if let n = coreNumber(id) {
            if n == 0 { return signExtended(UInt64(zeroRegister)) }
            if n < 32 { return signExtended(UInt64(gpr(n))) }
            return signExtended(UInt64(n == 32 ? core.hi : n == 33 ? core.lo : core.pc))
        }
        if id.rawValue >> 16 & 0xFFFF == RegisterID.Set.fpu.rawValue { return floatingRegister(id) }
        guard let cell = cp0Cell(id) else { return nil }
        let value = UInt64(self[cell])
        guard id.width == .u64 else { return value }
        if cell == Cell.entryLo0 || cell == Cell.entryLo1 { return isTE ? value : spreadEntryLo(value) }
        return signExtended(value)
    }

    /// KVM_SET_ONE_REG, false for EINVAL.
    func setOneRegister(_ id: RegisterID, _ value: UInt64, now: UInt64) -> Bool {
        let word = UInt32(truncatingIfNeeded: value)
        if id == RegisterID.countControl { return timer.writeControl(value, now: now, cause: &self[Cell.cause]) }
        if id == RegisterID.countResume { return timer.writeResume(value, now: now) }
        if id == RegisterID.countHz { return timer.writeHz(value, now: now, cause: &self[Cell.cause]) }
        if id == RegisterID.count {
            timer.writeCount(word, now: now)
            return true
        }
        if id == RegisterID.compare {
            timer.userWriteCompare(word, now: now, cause: &self[Cell.cause])
            self[Cell.compare] = word
            return true
        }
        if id == RegisterID.cause {
            // On VZ the hardware derives IP7 from TI (reference 4.7).
            let derived = isTE ? word : word & ~CauseLines.ip7 | (word & Cause.ti) >> 15
            timer.userWriteCause(derived, now: now, cause: &self[Cell.cause])
            return true
        }
        if let n = coreNumber(id) {
            if n == 0 { return true }
            if n < 32 {
                setGPR(n, word)
            } else if n == 32 {
                core.hi = word
            } else if n == 33 {
                core.lo = word
            } else {
                core.pc = word
            }
            return true
        }
        if id.rawValue >> 16 & 0xFFFF == RegisterID.Set.fpu.rawValue { return setFloatingRegister(id, value) }
        guard let cell = cp0Cell(id) else { return false }
        let old = self[cell]
        let mask = userMask(cell)
        let new = !isTE && (cell == Cell.entryLo0 || cell == Cell.entryLo1) ? gatherEntryLo(value) : word
        self[cell] = old & ~mask | new & mask
        // EntryHi has no address space side effects here under TE (reference 7.4); cached translations of our own must go.
        changed(cell, old)
        return true
    }

    /// 0 to 31 for GPRs, 32 HI, 33 LO, 34 PC.
    private func coreNumber(_ id: RegisterID) -> Int? {
        let base = RegisterID.gpr(0).rawValue
        guard id.rawValue >= base, id.rawValue < base + 35 else { return nil }
        return Int(id.rawValue - base)
    }

    /// The cell of a CP0 id this vCPU has.
    private func cp0Cell(_ id: RegisterID) -> Int? {
        for known in cp0List where known == id { return Int(id.number & 0xFF) }
        return nil
    }

    /// VZ keeps RI and XI of EntryLo in bits 63 and 62 of the id's value, 31 and 30 of the register (reference 3.2).
    private func spreadEntryLo(_ v: UInt64) -> UInt64 { v & 0x3FFF_FFFF | (v & 0xC000_0000) << 32 }
    private func gatherEntryLo(_ v: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: v & 0x3FFF_FFFF | v >> 32 & 0xC000_0000)
    }

    /// Bits KVM_SET_ONE_REG changes (reference 3.5).
    private func userMask(_ cell: Int) -> UInt32 {
        let fpu: UInt32 = fpuEnabled ? 1 : 0
        switch cell {
        case Cell.intCtl: return isTE ? 0 : 0x3E0
        case Cell.ebase: return isTE ? 0x1FFF_F3FF : 0x3FFF_F3FF
        case Cell.config: return isTE ? 0 : 0x8000_0007
        case Cell.config1: return isTE ? fpu : 0x8000_0000 | fpu
        case Cell.config2: return isTE ? 0 : 0x8000_0000
        case Cell.config3: return isTE ? 0x8000_2000 : 0x8001_2200
        case Cell.config4: return isTE ? 0x80FC_0000 : 0x8000_1F00
        case Cell.config5, Cell.config7: return 0
        case Cell.wired: return isTE ? .max : 0xFFFF
        case Cell.index where !isTE: return 0x8000_003F
        case Cell.entryLo0 where !isTE, Cell.entryLo1 where !isTE: return 0x3FFF_FFFF
        case Cell.pageMask where !isTE: return 0x1FFF_E000
        case Cell.hwrEna where !isTE: return 0x2000_000F
        case Cell.entryHi where !isTE: return 0xFFFF_E0FF
        case Cell.status where !isTE: return 0x3478_FF17
        default: return .max
        }
    }

    // MARK: The list

    /// CP0 ids in the kernel's table order, without Count-related virtual registers.
    var cp0List: [RegisterID] {
        if isTE {
            return [
                .index, .entryLo0, .entryLo1, .context, .userLocal, .pageMask, .wired, .hwrEna, .badVAddr, .count,
                .entryHi, .compare,
                .status, .intCtl, .cause, .epc, .prid, .ebase, .config, .config1, .config2, .config3, .config4,
                .config5, .config7,
                .errorEPC, .kScratch(1), .kScratch(2), .kScratch(3), .kScratch(4), .kScratch(5), .kScratch(6),
            ]
        }
        // The 24K family has no PageGrain and no Config4/5, but KVM lists them for every VZ guest; they read as zero.
        return [
            .index, .entryLo0, .entryLo1, .context, .pageMask, .pageGrain, .wired, .hwrEna, .badVAddr, .count, .entryHi,
            .compare, .status,
            .intCtl, .cause, .epc, .prid, .ebase, .config, .config1, .config2, .config3, .config4, .config5, .config6,
            .errorEPC,
            .userLocal,
        ]
    }

    /// KVM_GET_REG_LIST (reference 3.3).
    func oneRegisterList() -> [RegisterID] {
        var list: [RegisterID] = []
        for n in 0..<32 { list.append(.gpr(n)) }
        list.append(.hi)
        list.append(.lo)
        list.append(.pc)
        if fpuEnabled {
            list.append(.fcrIR)
            list.append(.fcrCSR)
            for n in 0..<32 {
                list.append(.fpr32(n))
                list.append(.fpr64(n))
            }
        }
        list.append(contentsOf: cp0List)
        list.append(.countControl)
        list.append(.countResume)
        list.append(.countHz)
        return list
    }

    // MARK: FPU (reference 3.6)

    private func floatingRegister(_ id: RegisterID) -> UInt64? {
        guard fpuUsable else { return nil }
        if id == RegisterID.fcrIR { return UInt64(CPU.fir) }
        if id == RegisterID.fcrCSR { return UInt64(core.fcsr) }
        let n = Int(id.number)
        guard n < 32 else { return nil }
        if id == RegisterID.fpr32(n) { return UInt64(core.fpr32(n)) }
        if id == RegisterID.fpr64(n) { return !core.fr && n & 1 != 0 ? nil : core.double(n) }
        return nil
    }

    private func setFloatingRegister(_ id: RegisterID, _ value: UInt64) -> Bool {
        guard fpuUsable else { return false }
        if id == RegisterID.fcrIR { return true }
        if id == RegisterID.fcrCSR {
            // KVM stores the word as it is; the FPU takes its own bits of it when a guest that may use it runs.
            core.fcsr = UInt32(truncatingIfNeeded: value)
            return true
        }
        let n = Int(id.number)
        guard n < 32 else { return false }
        if id == RegisterID.fpr32(n) {
            core.setFPR32(n, UInt32(truncatingIfNeeded: value))
            return true
        }
        guard id == RegisterID.fpr64(n), core.fr || n & 1 == 0 else { return false }
        core.setDouble(n, value)
        return true
    }
}
