// WAIT: sleeping until there is something to do (reference 6.3).
//
// On the host's clock the thread sleeps in poll(2), on a bell for interrupts, on pending signals and until the timer's expiry. A
// virtual clock does not pass by itself: it is moved to the next instant something is due, and only if nothing ever is does the
// thread sleep.

import Host
import Hypervisor

extension CPU {
    /// Executes WAIT at `o`. The sleep comes first and the instruction retires after it, so that an alarm in the middle of
    /// the sleep leaves the guest in front of WAIT, from where it sleeps on to the same instant.
    func wait(_ o: Op) -> Outcome {
        refund(o, executed: false)
        let after = following(o)
        core.pc = o.flags & Op.delaySlot != 0 ? pc(o) &- 4 : pc(o)
        settle()
        var slept = false
        while true {
            refreshInterrupts(now: sliceStart)
            if waitIsOver { break }
            let alarm = clock.alarmInstant
            if sliceStart >= alarm {
                exitKind = .interrupted
                return Flow.exit
            }
            if signals.pending {
                // "Waiting" is no state a kernel could save: the guest goes on behind WAIT.
                core.pc = after
                exitKind = .interrupted
                return Flow.exit
            }
            sleep(until: min(onGrid(alarm), timer.armed ? timer.expiry : .max))
            slept = true
        }
        core.pc = after
        sliceBudget = 1
        core.budget = 0
        settle()
        if isTE, slept { return leave(ExitReason.interruptWindowOpen) }
        return Flow.next
    }

    /// A virtual clock stands at whole instructions only: the first such instant from `alarm` on. Between two of them Count may have
    /// reached Compare while the soft timer, armed in the middle of a tick, has not fired; a guest stopped there would go on
    /// differently than one that is not stopped.
    private func onGrid(_ alarm: UInt64) -> UInt64 {
        guard clock.isVirtual, alarm != .max else { return alarm }
        let rest = (alarm - sliceStart) % clock.step
        return rest == 0 ? alarm : alarm > UInt64.max - clock.step ? .max : alarm + clock.step - rest
    }

    /// A guest that does little needs no memory for what it did before. What it does later is made anew, some milliseconds' work, so this is
    /// done seldom.
    private func releaseBlocks() {
        let elapsed = sliceStart &- quietSince.instant
        guard elapsed >= 1_000_000_000 else { return }
        // Less than 25 million instructions a second.
        let isQuiet = retired &- quietSince.retired < elapsed / 40
        quietSince = (sliceStart, retired)
        guard isQuiet, blocks.isLarge || translator?.isLarge ?? false, sliceStart >= nextRelease else { return }
        nextRelease = sliceStart + 10_000_000_000
        dropBlocks()
        blocks.release()
        translator?.release()
    }

    private func sleep(until instant: UInt64) {
        if clock.isVirtual, instant != .max {
            clock.advance(to: instant)
            sliceStart = max(sliceStart, instant)
            return
        }
        var rung = false
        mail.beginSleep()
        if mail.isEmpty {
            clock.release()
            memoryUser.end()
            releaseBlocks()
            rung = signals.sleep(bell: mail.descriptor, until: instant)
            memoryUser.begin()
            clock.acquire()
        }
        mail.endSleep(rung: rung)
        sliceStart = clock.now()
    }
}
