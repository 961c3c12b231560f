// The judgement of a restored guest, by registers made up for it.

import Testing
@testable import Monitor

@Suite struct RestoreHealthTests {
    private static let ti: UInt32 = 1 << 30
    private static let dc: UInt32 = 1 << 27
    /// Interrupts on, the timer's line let through.
    private static let open: UInt32 = 1 | 1 << 15

    private func look(count: UInt32 = 0, compare: UInt32, cause: UInt32 = 0, status: UInt32 = open)
        -> RestoreHealth.Look
    {
        RestoreHealth.Look(count: count, compare: compare, cause: cause, status: status)
    }

    /// Armed for 10 ms from now, at 100 MHz.
    private func armed(isDefective: Bool = false, status: UInt32 = open) -> RestoreHealth {
        RestoreHealth(look(compare: 1_000_000, status: status), hz: 100_000_000, now: 5, isDefective: isDefective)
    }

    @Test func waitsUntilItIsDue() {
        let health = armed()
        #expect(health.verdict == .waiting)
        #expect(health.next == 5 + 10_000_000 + RestoreHealth.interval)
    }

    @Test func anInterruptTakenIsGood() throws {
        var health = armed()
        health.examine(look(count: 1_100_000, compare: 2_000_000), at: try #require(health.next))
        guard case .good = health.verdict else { return #expect(Bool(false), "\(health.verdict)") }
        #expect(health.next == nil)
        // A verdict stands.
        health.examine(look(count: 1, compare: 1_000_000, cause: Self.ti), at: 10_000_000_000)
        guard case .good = health.verdict else { return #expect(Bool(false), "\(health.verdict)") }
    }

    @Test func thePendingOneTakenIsGood() throws {
        var health = RestoreHealth(
            look(compare: 1_000_000, cause: Self.ti), hz: 100_000_000, now: 0, isDefective: false)
        #expect(health.next == RestoreHealth.interval)
        health.examine(look(compare: 1_000_000), at: try #require(health.next))
        guard case .good = health.verdict else { return #expect(Bool(false), "\(health.verdict)") }
    }

    @Test func oneThatNeverCameIsBad() throws {
        var health = armed()
        while health.verdict == .waiting {
            health.examine(look(count: 2_000_000, compare: 1_000_000), at: try #require(health.next))
        }
        guard case .bad(let why) = health.verdict else { return #expect(Bool(false), "\(health.verdict)") }
        #expect(why.contains("Cause.TI is 0") && why.contains("0x001e8480") && why.contains("0x000f4240"))
    }

    @Test func onePendingThatIsNotTakenIsBad() throws {
        var health = armed()
        var looks = 0
        while health.verdict == .waiting {
            health.examine(look(compare: 1_000_000, cause: Self.ti), at: try #require(health.next))
            looks += 1
        }
        #expect(looks < 5)
        guard case .bad(let why) = health.verdict else { return #expect(Bool(false), "\(health.verdict)") }
        #expect(why.contains("not taken"))
    }

    @Test func oneThatIsMaskedIsNotBad() throws {
        for status in [0, 1, 1 << 15, 1 | 1 << 15 | 2, 1 | 1 << 15 | 4] as [UInt32] {
            var health = armed(status: status)
            while health.verdict == .waiting {
                health.examine(look(compare: 1_000_000, cause: Self.ti, status: status), at: try #require(health.next))
            }
            guard case .good(let why) = health.verdict else { return #expect(Bool(false), "\(health.verdict)") }
            #expect(why.contains("no timer interrupt through"))
        }
    }

    /// Trap-and-emulate of Linux 5.10 looks at another bit of the mask.
    @Test func theDefectiveMask() throws {
        var health = armed(isDefective: true)
        while health.verdict == .waiting {
            health.examine(look(compare: 1_000_000, cause: Self.ti), at: try #require(health.next))
        }
        guard case .good = health.verdict else { return #expect(Bool(false), "\(health.verdict)") }
    }

    @Test func aStoppedTimerNeedsNone() {
        let health = RestoreHealth(
            look(compare: 5, cause: Self.dc), hz: 100_000_000, now: 0, isDefective: false)
        #expect(health.verdict == .good("its timer is stopped (Cause.DC)"))
        #expect(health.next == nil)
    }
}
