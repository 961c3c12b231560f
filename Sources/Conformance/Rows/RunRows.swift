// R1-R12: MMIO exits and their completion (reference 6.2).

import Host
import Hypervisor

extension Bench {
    /// A guest whose t9 holds the device's address, running this program.
    func deviceGuest(_ program: [UInt32]) throws(Verdict) -> Guest {
        let guest = try guest()
        try guest.setReg(.t9, GuestMap.device)
        guest.load(program)
        return guest
    }

    private func code(_ guest: Guest, _ index: UInt32) -> UInt32 {
        guest.window + GuestMap.code + index * 4
    }

    func r1() throws(Verdict) {
        let guest = try deviceGuest([Asm.sw(.t0, 0, .t9)])
        try guest.setReg(.t0, 0x1122_3344)
        try guest.runToAccess(0x1400_0000, 4, write: true)
        try check("exit_reason", guest.vcpu.runArea.exitReason, ExitReason.mmio)
        try check("ready_for_interrupt_injection", UInt32(guest.vcpu.runArea.readyForInterruptInjection), 1)
        try check("data", guest.vcpu.runArea.mmioData & 0xFFFF_FFFF, 0x1122_3344)
        try guest.expectPC(code(guest, 1))
        try guest.runToEnd()
    }

    func r2() throws(Verdict) {
        let guest = try deviceGuest([Asm.lw(.t0, 8, .t9)])
        try guest.runToAccess(0x1400_0008, 4, write: false)
        try guest.expectPC(code(guest, 0))
    }

    func r3() throws(Verdict) {
        let guest = try deviceGuest([Asm.lw(.t0, 8, .t9)])
        try guest.runToAccess(0x1400_0008, 4, write: false)
        guest.supply(0x8000_0041)
        try guest.completeAccess()
        try check("exit_reason", guest.vcpu.runArea.exitReason, ExitReason.mmio)
        try guest.expect(.gpr(Reg.t0.number), 0xFFFF_FFFF_8000_0041)
        try guest.expectPC(code(guest, 1))
    }

    func r4() throws(Verdict) {
        let guest = try deviceGuest([])
        guest.vcpu.runArea.exitReason = 1234
        guest.vcpu.runArea.readyForInterruptInjection = 0x5A
        try guest.completeAccess()
        try check("exit_reason", guest.vcpu.runArea.exitReason, 1234)
        try check("ready_for_interrupt_injection", UInt32(guest.vcpu.runArea.readyForInterruptInjection), 0x5A)
        try guest.expectPC(code(guest, 0))
    }

    func r5() throws(Verdict) {
        let guest = try deviceGuest([Asm.lw(.t0, 8, .t9), Asm.sw(.t0, 0x10, .t9)])
        guest.store([Asm.sw(.t0, 0x20, .t9)] + Asm.spin, at: GuestMap.idle)
        try guest.runToAccess(0x1400_0008, 4, write: false)
        var registers = try guest.registers()
        registers.pc = signExtended(UInt64(guest.window + GuestMap.idle))
        try checkOK("SET_REGS") { () throws(HypervisorError) in try guest.vcpu.setRegisters(registers) }
        guest.supply(7)
        try guest.runToAccess(0x1400_0010, 4, write: true)
        try guest.expect(.t0, 7)
    }

    func r6() throws(Verdict) {
        // The device's word in memory is 84 83 82 81; the register was 0xAABBCCDD.
        let cases: [(Asm.Memory, UInt32, UInt32, UInt32)] = [
            (.lb, 0, 1, 0xFFFF_FF84), (.lb, 3, 1, 0xFFFF_FF81), (.lbu, 1, 1, 0x83), (.lbu, 2, 1, 0x82),
            (.lh, 0, 2, 0xFFFF_8384), (.lh, 2, 2, 0xFFFF_8182), (.lhu, 0, 2, 0x8384), (.lhu, 2, 2, 0x8182),
            (.lw, 0, 4, 0x8182_8384),
            (.lwl, 0, 4, 0x84BB_CCDD), (.lwl, 1, 4, 0x8384_CCDD), (.lwl, 2, 4, 0x8283_84DD), (.lwl, 3, 4, 0x8182_8384),
            (.lwr, 0, 4, 0x8182_8384), (.lwr, 1, 4, 0xAA81_8283), (.lwr, 2, 4, 0xAABB_8182), (.lwr, 3, 4, 0xAABB_CC81),
        ]
        for (op, offset, length, want) in cases {
            let guest = try deviceGuest([Asm.memory(op, .t0, offset, .t9)])
            try guest.setReg(.t0, 0xAABB_CCDD)
            // LWL and LWR ask for the whole word.
            let address = UInt64(0x1400_0000 + (length == 4 ? 0 : offset))
            try guest.runToAccess(address, length, write: false)
            guest.supply(0x8182_8384 >> (UInt32(truncatingIfNeeded: address & 3) * 8))
            try guest.completeAccess()
            try check("opcode \(hex(op.rawValue)) at +\(offset): register", guest.reg(.t0), want)
        }
    }

    func r7() throws(Verdict) {
        // Byte 0 of the data is the least significant.
        let cases: [(Asm.Memory, UInt32, UInt32)] = [
            (.swl, 0, 0x5555_55AA), (.swl, 1, 0x5555_AABB), (.swl, 2, 0x55AA_BBCC), (.swl, 3, 0xAABB_CCDD),
            (.swr, 0, 0xAABB_CCDD), (.swr, 1, 0xBBCC_DD55), (.swr, 2, 0xCCDD_5555), (.swr, 3, 0xDD55_5555),
        ]
        for (op, offset, want) in cases {
            let guest = try deviceGuest([Asm.memory(op, .t0, offset, .t9)])
            try guest.setReg(.t0, 0xAABB_CCDD)
            guest.vcpu.runArea.mmioData = 0x5555_5555_5555_5555
            try guest.runToAccess(0x1400_0000, 4, write: true)
            let data = UInt32(truncatingIfNeeded: guest.vcpu.runArea.mmioData)
            try check("opcode \(hex(op.rawValue)) at +\(offset): data", data, want)
        }
    }

    func r8() throws(Verdict) {
        let guest = try deviceGuest([Asm.memory(.ll, .t0, 0, .t9)])
        try guest.runToInternalError()
        try guest.expectPC(code(guest, 0))
    }

    func r9() throws(Verdict) {
        let guest = try deviceGuest([Asm.sw(.t0, 2, .t9)])
        if isTE {
            try guest.runToAccess(0x1400_0002, 4, write: true)
        } else {
            // The processor itself checks alignment: AdES.
            try guest.runToException(5)
            try guest.expect(.badVAddr, signExtended(0xB400_0002))
        }
    }

    func r10() throws(Verdict) {
        let guest = try deviceGuest([Asm.branch(2), Asm.lw(.t0, 0, .t9), Asm.addiu(.t1, .t1, 1)])
        try guest.runToAccess(0x1400_0000, 4, write: false)
        try guest.expectPC(code(guest, 0))
        guest.supply(0x1234)
        try guest.completeAccess()
        try guest.expectPC(code(guest, 3))
        try guest.runToEnd()
        try guest.expect(.t0, 0x1234)
        try guest.expect(.t1, 0)
    }

    func r11() throws(Verdict) {
        let guest = try deviceGuest([Asm.branch(2), Asm.sw(.t0, 0, .t9), Asm.addiu(.t1, .t1, 1)])
        try guest.runToAccess(0x1400_0000, 4, write: true)
        try guest.expectPC(code(guest, 3))
        try guest.runToEnd()
        try guest.expect(.t1, 0)
    }

    func r12() throws(Verdict) {
        let guest = try deviceGuest([Asm.lw(.zero, 0, .t9), Asm.addu(.t0, .zero, .zero)])
        try guest.setReg(.t0, 0x77)
        try guest.runToAccess(0x1400_0000, 4, write: false)
        guest.supply(0x1234)
        try guest.completeAccess()
        try check("R0 by GET_REGS", guest.registers().gpr[0], 0x1234)
        try guest.runToEnd()
        try guest.expect(.t0, 0)
        try check("R0 by GET_REGS after the next exit", guest.registers().gpr[0], 0)
    }
}
