// Interrupt lines, their queue, and delivery (reference 6.3 to 6.5).

import Host
import Hypervisor
import MIPS

/// KVM_INTERRUPT calls on their way to the CPU: bits 4-0 lines to raise (Cause bits 14-10), bits 20-16 lines to
/// lower. The last call for a line wins. May be posted from any thread.
@safe
final class InterruptMail: @unchecked Sendable {
    private let word = AtomicWord()
    private let sleeping = AtomicWord()
    /// Wakes a CPU that sleeps in WAIT.
    private let bell: WakeUp

    init() throws(Errno) { bell = try WakeUp() }

    var isEmpty: Bool { word.value == 0 }
    func take() -> UInt32 { word.take() }

    /// Posts a line, 0 to 4 for IP2 to IP6.
    func post(line: UInt32, raise: Bool) {
        let bit: UInt32 = 1 << line
        word.update { raise ? $0 & ~(bit << 16) | bit : $0 & ~bit | bit << 16 }
        if sleeping.value != 0 { bell.ring() }
    }

    /// Wakes the CPU if it sleeps, without posting anything.
    func nudge() { if sleeping.value != 0 { bell.ring() } }

    /// Descriptor that becomes readable when something arrives while sleeping.
    var descriptor: Int32 { bell.descriptor }

    func beginSleep() { sleeping.store(1) }
    /// - Parameter rung: the bell was heard. If it rings after that, or nobody listened, the next sleep is a short one.
    func endSleep(rung: Bool) {
        sleeping.store(0)
        if rung { bell.reset() }
    }
}

extension CPU {
    /// Queue slot of each line on hosts other than Loongson-3 (reference 6.4): IP2 IO_1, IP3 IPI_1, IP4 IPI_2, IP6
    /// unmapped.
    private static let slots: InlineArray<5, UInt32> = [8, 11, 12, 13, 13]

    /// Applies posted KVM_INTERRUPT calls. TE shows them in Cause at once, VZ at guest entry.
    func takeMail() {
        guard !mail.isEmpty else { return }
        let posted = mail.take()
        let raised = (posted & 0x1F) << 10
        let lowered = (posted >> 16 & 0x1F) << 10
        lines = lines & ~lowered | raised
        guard isTE else { return }
        self[Cell.cause] = self[Cell.cause] & ~lowered | raised
        for i in 0..<5 {
            if posted >> UInt32(i) & 1 != 0 { queued |= 1 << Self.slots[i] }
            if posted >> UInt32(i + 16) & 1 != 0 { queued &= ~(1 << Self.slots[i]) }
        }
    }

    /// Fires the timer if it is due and brings interrupt state to where the guest sees it.
    func refreshInterrupts(now: UInt64) {
        takeMail()
        timer.expire(now: now, cause: &self[Cell.cause])
        guard !isTE else { return }
        timer.enterGuest(cause: &self[Cell.cause])
        self[Cell.cause] = self[Cell.cause] & ~CauseLines.hardware | lines
    }

    /// After a change of Status: makes the dispatcher deliver an interrupt before the next block, if one is pending that may be taken now.
    /// What the slice's end would bring is not looked for: a kernel changes Status with each system call, and the host's clock is far away.
    func noticeInterrupts() {
        let status = self[Cell.status]
        guard status & (Status.ie | Status.exl | Status.erl) == Status.ie else { return }
        let isPending = isTE ? timer.pend || queued != 0 : self[Cell.cause] & status & 0xFF00 != 0
        if isPending || !mail.isEmpty { requestEvents() }
    }

    /// Delivers at most one interrupt. Between blocks. `entering`: at the beginning of KVM_RUN.
    func deliverInterrupt(entering: Bool) {
        let status = self[Cell.status]
        guard status & (Status.ie | Status.exl | Status.erl) == Status.ie else { return }
        if isTE {
            deliverTE(status, entering: entering)
        } else if self[Cell.cause] & status & 0xFF00 != 0 {
            enterException(ExceptionCode.int, at: core.pc, delaySlot: false)
        }
    }

    /// TE: edges out of a queue, lowest priority number first; the defect of 5.8 to 5.12 tests IM0 for every one.
    private func deliverTE(_ status: UInt32, entering: Bool) {
        // KVM takes BD from the Cause at hand: at entry that is the guest's own, whatever exception it is of
        // (reference 6.4).
        let inDelaySlot = entering && self[Cell.cause] & Cause.bd != 0
        let defect = profile.kind == .te510
        if timer.pend, status & (defect ? CauseLines.im0 : CauseLines.ip7) != 0 {
            timer.pend = false
            enterException(ExceptionCode.int, at: core.pc, delaySlot: inDelaySlot)
            return
        }
        guard queued != 0 else { return }
        for line in 0..<3 {
            let slot: UInt32 = 1 << Self.slots[line]
            let mask = defect ? CauseLines.im0 : 1 << UInt32(line + 10)
            if queued & slot != 0, status & mask != 0 {
                queued &= ~slot
                enterException(ExceptionCode.int, at: core.pc, delaySlot: inDelaySlot)
                return
            }
        }
    }

    /// Does WAIT fall through? TE: anything queued, deliverable or not, or Cause.TI. VZ: any pending bit, masked or
    /// not.
    var waitIsOver: Bool {
        if isTE { return timer.pend || queued != 0 || self[Cell.cause] & Cause.ti != 0 }
        return self[Cell.cause] & 0xFF00 != 0
    }
}
