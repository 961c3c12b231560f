// Pausing, the life cycle, and saves that go wrong.

import Foundation
import Host
import Hypervisor
import Machine
import Simulator
import Snapshot
import Testing
import Timekeeping
@testable import Monitor

@Suite struct PauseTests {
    /// Every step from every state, against the table of Monitor.swift.
    @Test func lifeCycle() {
        let allowed: [(LifeCycle.State, LifeCycle.Step, LifeCycle.State)] = [
            (.created, .load, .created), (.created, .run, .running), (.created, .pause, .paused),
            (.running, .run, .running), (.running, .pause, .paused), (.paused, .resume, .running),
            (.paused, .save, .paused),
        ]
        let paths: [(LifeCycle.State, [LifeCycle.Step])] = [
            (.created, []), (.running, [.run]), (.paused, [.run, .pause]), (.ended, [.run]),
        ]
        for (state, path) in paths {
            for step in [LifeCycle.Step.load, .run, .pause, .resume, .save] {
                var life = LifeCycle()
                for each in path { try! life.take(each) }
                if state == .ended { life.end() }
                #expect(life.state == state)
                let rule = allowed.first { $0.0 == state && $0.1 == step }
                do {
                    try life.take(step)
                    #expect(life.state == rule?.2, "\(state) \(step)")
                } catch {
                    #expect(rule == nil && life.state == state, "\(state) \(step)")
                    #expect(error == LifeCycle.Refusal(step: step, state: state))
                }
            }
        }
    }

    @Test(arguments: [Profile.vz, .teFixed, .te510])
    func timeStandsStill(profile: Profile) throws {
        let vm = try boot("ticker", profile, ["ticks=0", "print=none"])
        _ = try vm.run(until: vm.now + 33_000_000)
        let frozen = try vm.pause()
        let registers = try vm.registers()
        vm.system.sleep(until: vm.now + 2_000_000_000)
        #expect(try vm.registers() == registers)
        #expect(registers[.count] == UInt64(frozen.timers[0].count))
        let ticks = vm.ticker?.ticks
        let entry = try vm.resume(.freeze)
        #expect(entry.hidden == entry.gap && entry.gap >= 2_000_000_000)
        #expect(vm.ledger.entries == [entry])
        _ = try vm.run(until: vm.now + 50_000_000)
        #expect(vm.ticker?.ticks == ticks! + 5)
        #expect(vm.ticker?.late == 0)
    }

    @Test func policies() throws {
        let vm = try boot("ticker", .vz, ["ticks=0", "print=none"])
        _ = try vm.run(until: vm.now + 33_000_000)
        for (policy, visible) in [
            (ClockPolicy.catchUp, 800), (.catchUpMax(nanoseconds: 300_000_000), 300), (.freeze, 0),
        ] {
            let count = try vm.pause().timers[0].count
            vm.system.sleep(until: vm.now + 800_000_000)
            try vm.resume(policy)
            _ = try vm.run(until: vm.now + 50_000_000)
            // At 100 MHz, to the tick of the few nanoseconds the phase may take.
            let elapsed = Int64(try vm.pause().timers[0].count &- count)
            try vm.resume(.freeze)
            #expect(abs(elapsed - Int64(visible + 50) * 100_000) <= 2, "\(policy): \(elapsed)")
        }
        // A policy that cannot be kept leaves the machine paused.
        try vm.pause()
        #expect(throws: MonitorError.self) { try vm.resume(.at(realtimeNanoseconds: -5)) }
        #expect(vm.lifeCycle.state == .paused)
        try vm.resume(.freeze)
        #expect(vm.lifeCycle.state == .running)
    }

    /// A pause right after a load from a device completes the load, its time included.
    @Test func pauseInTheMiddleOfALoad() throws {
        let folder = try Folder()
        func run(pausing: Bool) throws -> Guest {
            let console = try Console(.capture)
            let vm = try RawProgram.boot(RawProgram.echo, in: folder, console: console)
            #expect(try vm.run(until: vm.now + 1000) == .deadline)
            // One step by hand, up to the load's exit.
            var access: MMIO?
            while access == nil {
                if case .mmio(let found) = try vm.vcpu.run(), !found.isWrite { access = found }
            }
            let load = try #require(access)
            vm.vcpu.runArea.mmioData =
                vm.board.handleMMIO(address: load.address, size: load.length, isWrite: false, data: 0).value
            if pausing {
                let file = folder.file("load")
                try vm.pause()
                try vm.save(to: file)
                let other = try restore(file)
                try other.resume(.freeze)
                return try finish(other)
            }
            return try finish(vm)
        }
        func finish(_ vm: Guest) throws -> Guest {
            vm.console.type(Array("q".utf8))
            #expect(try vm.run() == .powerOff(code: 0))
            return vm
        }
        let a = try run(pausing: false)
        let b = try run(pausing: true)
        #expect(a.now == b.now)
        #expect(
            try a.registers().all.filter { $0.id != .countResume } == b.registers().all.filter { $0.id != .countResume }
        )
    }

    #if DEBUG
        /// Whatever system call fails during a save: the file is the old one or the new one, whole, and the machine goes on.
        @Test func failingSave() throws {
            let folder = try Folder()
            let file = folder.file("machine")
            let vm = try boot("ticker", .vz, ["ticks=12", "print=none"], memory: 2 << 20)
            _ = try vm.run(until: vm.now + 20_000_000)
            try vm.pause()
            try vm.save(to: file)
            try vm.resume(.freeze)
            _ = try vm.run(until: vm.now + 20_000_000)
            try vm.pause()
            let counter = SystemCallDriver()
            let other = folder.file("other")
            try counter.run { try vm.save(to: other) }
            let calls = counter.trace.count
            #expect(calls > 8)
            let old = try SnapshotContents(path: file).frozen
            let new = try SnapshotContents(path: other).frozen
            #expect(old != new)
            var replaced = 0
            for index in 0..<calls {
                for driver in [
                    SystemCallDriver.failing(at: index, .nospc), SystemCallDriver.dead(from: index, short: 100),
                ] {
                    // Some calls may fail without harm; the file tells.
                    try? driver.run { try vm.save(to: file) }
                    let found = try SnapshotContents(path: file).frozen
                    #expect(found == old || found == new)
                    #expect(vm.lifeCycle.state == .paused)
                    if found == new {
                        replaced += 1
                        _ = try FileManager.default.removeItem(atPath: file)
                        let again = try restore(other)
                        try again.save(to: folder.file("x"))
                        try saveOld(folder, file, old)
                    }
                }
            }
            #expect(replaced > 0)
            try vm.resume(.freeze, cause: .save)
            #expect(try vm.run() == .powerOff(code: 0))
            #expect(vm.text.contains("ticks=12 late=0 lost=0 doubled=0 early=0"))
        }

        private func saveOld(_ folder: Folder, _ file: String, _ old: Frozen) throws {
            let vm = try boot("ticker", .vz, ["ticks=12", "print=none"], memory: 2 << 20)
            _ = try vm.run(until: vm.now + 20_000_000)
            try vm.pause()
            try vm.save(to: file)
            #expect(try SnapshotContents(path: file).frozen == old)
        }

        @Test func fullDisk() throws {
            let folder = try Folder()
            let file = folder.file("machine")
            let vm = try boot("ticker", .vz, ["ticks=3", "print=none"], memory: 2 << 20)
            _ = try vm.run(until: vm.now + 5_000_000)
            try vm.pause()
            try vm.save(to: file)
            let before = try Data(contentsOf: URL(fileURLWithPath: file))
            do {
                try SystemCallDriver.failing(.pwrite, .nospc).run { try vm.save(to: file) }
                Issue.record("saved on a full disk")
            } catch {
                #expect("\(error)".contains("make room"))
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before)
            #expect(folder.names == ["machine"])
            try vm.resume(.freeze)
            #expect(try vm.run() == .powerOff(code: 0))
        }
    #endif
}
