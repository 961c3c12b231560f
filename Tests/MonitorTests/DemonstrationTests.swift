// The demonstration, and that its judge sees what it has to see.

import Foundation
import Host
import Hypervisor
import Machine
import Simulator
import Testing
import Timekeeping
@testable import Monitor

@Suite struct DemonstrationTests {
    /// Holds it on the virtual clock; the other process is another machine of this one.
    private func hold(
        _ profile: Profile, policy: ClockPolicy = .freeze, tamper: (Guest) throws -> Void = { _ in }
    ) throws -> DemonstrationReport {
        let folder = try Folder()
        let vm = try boot("ticker", profile, Demonstration<SimulatedSystem>.arguments)
        var demonstration = try Demonstration(vm) { _ in }
        return try demonstration.hold(file: folder.file("machine")) { file throws(DemonstrationError) in
            do {
                let other = try restore(file)
                other.system.sleep(until: other.now + 200_000_000)
                try other.resume(policy)
                _ = try other.run(until: other.now + Demonstration<SimulatedSystem>.elsewhereRun)
                try other.pause()
                try tamper(other)
                try other.save(to: folder.file("again"))
                return try SnapshotContents(path: folder.file("again"))
            } catch {
                throw .elsewhere("\(error)")
            }
        }
    }

    @Test(arguments: [Profile.vz, .teFixed, .te510])
    func nothingLost(profile: Profile) throws {
        let report = try hold(profile)
        #expect(report.faults == [])
        #expect(report.phases.map(\.got) == [10, 8, 16, 18, 28, 8])
        #expect(report.samples.count == 6)
        #expect(report.samples.allSatisfy { $0.count == report.samples[0].count })
    }

    @Test func sees() throws {
        // A gap that was not to be seen.
        #expect(try hold(.vz, policy: .catchUp).faults.contains { $0.contains("Count went on by") })
        // A tick more or less than there was.
        let state = TickerState.address
        func set(_ offset: UInt64, _ change: @escaping (UInt64) -> UInt64) -> (Guest) throws -> Void {
            { vm in
                let old = vm.memory.load(at: state + offset, size: 4)!
                #expect(vm.memory.store(change(old), at: state + offset, size: 4))
            }
        }
        #expect(try hold(.vz, tamper: set(4) { $0 - 1 }).faults.contains { $0.contains("1 ticks lost") })
        #expect(try hold(.vz, tamper: set(4) { $0 + 1 }).faults.contains { $0.contains("too many") })
        #expect(try hold(.vz, tamper: set(8) { $0 + 1 }).faults.contains { $0.contains("late") })
        #expect(try hold(.vz, tamper: set(0x18) { $0 + 1 }).faults.contains { $0.contains("doubled") })
    }

    @Test func otherGuests() throws {
        let hello = try boot("hello", .vz)
        #expect(throws: DemonstrationError.self) { try Demonstration(hello) { _ in } }
    }

    @Test func faultsOfATrace() throws {
        var entries: [TickerEntry] = []
        var state = try #require(
            TickerState {
                [0x4B43_4954, 0, 0, 0, 0, 0, 0, 0, 1000, 0, 5000, 0, 0, 0, 0, 0][Int($0 - TickerState.address) / 4]
            })
        for tick in 1...6 {
            entries.append(
                TickerEntry(
                    tick: UInt32(tick), compare: 4000 + UInt32(tick) * 1000, count: 4010 + UInt32(tick) * 1000,
                    cause: 0x4000_8000))
        }
        let start = state
        state.ticks = 6
        func faults(_ change: (inout [TickerEntry]) -> Void) -> [TickerFault] {
            var changed = entries
            change(&changed)
            return state.faults(after: start, allowed: 500) { address in
                let offset = address - TickerEntry.address
                let entry = changed[Int(offset / 16)]
                return [entry.tick, entry.compare, entry.count, entry.cause][Int(offset % 16 / 4)]
            }
        }
        #expect(faults { _ in } == [])
        #expect(faults { $0[3].tick = 9 } == [.missing(tick: 4, found: 9)])
        #expect(faults { $0[3].compare += 4 } == [.displaced(tick: 4, compare: 8004, expected: 8000)])
        #expect(faults { $0[3].count = 7990 } == [.early(tick: 4, counts: 10)])
        #expect(faults { $0[3].count = 8501 } == [.late(tick: 4, counts: 501, allowed: 500)])
        #expect(faults { $0[3].cause = 0 } == [.invented(tick: 4)])
        #expect(state.due(at: 4999) == 0)
        #expect(state.due(at: 5000) == 1)
        #expect(state.due(at: 10_999) == 6)
    }

    @Test func accounts() {
        let frozen = Moment(
            ClockReading(monotonic: 1000, realtime: 5000, width: 2),
            ClockReading(monotonic: 1010, realtime: 5010, width: 2))
        let gap = Span(700, 720)
        #expect(TimeAccount.visible(.freeze, frozen: frozen, hidden: 0, gap: gap) == Span(0, 0))
        #expect(TimeAccount.visible(.catchUp, frozen: frozen, hidden: 0, gap: gap) == gap)
        #expect(TimeAccount.visible(.catchUpMax(710), frozen: frozen, hidden: 0, gap: gap) == Span(700, 710))
        #expect(TimeAccount.visible(.at(realtime: 6000), frozen: frozen, hidden: 0, gap: gap) == Span(988, 1002))
        #expect(
            TimeAccount.visible(.at(realtime: 5900), frozen: frozen, hidden: 100, gap: gap) == Span(988, 1002))
        #expect(TimeAccount.counts(Span(1000, 1000), hz: 100_000_000) == Span(99, 102))
        // An hour at the fastest rate.
        #expect(
            TimeAccount.counts(Span(3_600_000_000_000, 3_600_000_000_000), hz: 1_000_000_000).most == 3_600_000_000_002)
    }
}
