// A machine's life under control: gaps too long for Count, and what a session says about it.

import Control
import Foundation
import Host
import Hypervisor
import JSON
import Machine
import Simulator
import Testing
import Timekeeping
@testable import Monitor

@Suite struct SessionTests {
    /// What a session remarked.
    private final class Remarks {
        var roundTrips: [UInt64] = []
        var others = 0
    }

    private func session(_ vm: Guest, _ policy: ClockPolicy = .freeze, _ remarks: Remarks = Remarks()) -> Session<
        SimulatedSystem
    > {
        Session(
            vm, policy: policy, backend: "simulator", readPolicy: { $0 == "catch-up" ? .catchUp : nil },
            remark: { remark in
                if case .goesRound(let nanoseconds) = remark {
                    remarks.roundTrips.append(nanoseconds)
                } else {
                    remarks.others += 1
                }
            })
    }

    /// 200 s are five turns of Count: shown in strides, and all of them.
    @Test(arguments: [Profile.vz, .te510, .teFixed])
    func longGap(profile: Profile) throws {
        let vm = try boot("ticker", profile, ["hz=100", "ticks=0", "print=none", "work=wait"])
        _ = try vm.run(until: vm.now + 100_000_000)
        let session = session(vm)
        try session.pause()
        let uptime = vm.guestUptime
        vm.system.sleep(until: vm.now + 200_000_000_000)
        try session.goOn(.catchUp, .pause)
        #expect(session.strides.left > 100_000_000_000)
        #expect(try session.run(until: vm.now + 2_000_000_000) == .deadline)
        #expect(session.strides.left == 0)
        #expect(abs(vm.ledger.total.hidden) < 1000)
        #expect(vm.ledger.entries.count == 13)
        for entry in vm.ledger.entries { #expect(entry.gap - entry.hidden <= 16_106_127_400) }
        // Guest and host agree: what ran in between is on both sides.
        #expect(vm.guestUptime - uptime >= 202_000_000_000)
        session.close("")
    }

    /// A run that ends after so much guest time is made longer by what the guest does not see, and not by what it is still to be shown.
    @Test func deadlineAndLongGap() throws {
        let vm = try boot("ticker", .vz, ["hz=100", "ticks=0", "print=none", "work=wait"])
        let session = session(vm)
        for (policy, hidden) in [
            (ClockPolicy.freeze, 200_000_000_000), (.catchUp, 0),
            (.catchUpMax(nanoseconds: 150_000_000_000), 50_000_000_000 as UInt64),
        ] {
            #expect(try session.run(until: vm.now + 100_000_000) == .deadline)
            let before = try #require(session.deadline)
            try session.pause()
            vm.system.sleep(until: vm.now + 200_000_000_000)
            try session.goOn(policy, .pause)
            #expect(try #require(session.deadline) - before < hidden + 1000)
            #expect(try #require(session.deadline) - before + 1000 > hidden)
        }
        session.close("")
    }

    /// What Count shows at once is shown at once, whole turns and all if it is no gap but a date.
    @Test func wholeJumps() throws {
        let vm = try boot("ticker", .vz, ["hz=100", "ticks=0", "print=none", "work=wait"])
        _ = try vm.run(until: vm.now + 100_000_000)
        let remarks = Remarks()
        let session = session(vm, .freeze, remarks)
        for (policy, visible) in [
            (ClockPolicy.freeze, 0), (.catchUp, 30_000_000_000),
            (.catchUpMax(nanoseconds: 7_000_000_000), 7_000_000_000),
        ] {
            try session.pause()
            vm.system.sleep(until: vm.now + 30_000_000_000)
            let entry = try session.goOn(policy, .pause)
            #expect(abs(entry.gap - entry.hidden - Int64(visible)) < 100)
            #expect(session.strides.left == 0)
        }
        #expect(remarks.roundTrips.isEmpty)
        try session.pause()
        let day: Int64 = 86400 * 1_000_000_000
        let target = vm.guestRealtime + 400 * day
        try session.goOn(.at(realtimeNanoseconds: target), .pause)
        #expect(session.strides.left == 0)
        #expect(remarks.roundTrips == [UInt64(400 * day)])
        #expect(abs(vm.guestRealtime - target) < 1000)
        session.close("")
    }

    /// A guest that does not use its timer is not waited for.
    @Test func guestWithoutTimer() throws {
        let folder = try Folder()
        let vm = try RawProgram.boot(RawProgram.idle, in: folder, console: Console(.capture))
        _ = try vm.run(until: vm.now + 1000)
        let session = session(vm)
        session.patience = 2_000_000
        try session.pause()
        vm.system.sleep(until: vm.now + 300_000_000_000)
        try session.goOn(.catchUp, .pause)
        _ = try session.run(until: vm.now + 10_000_000)
        #expect(vm.ledger.entries.count == 2)
        #expect(abs(vm.ledger.total.hidden) < 1000)
        session.close("")
    }

    /// Whoever runs a paused machine that nobody could let go on gets it back.
    @Test func pausedAndAlone() throws {
        let vm = try boot("ticker", .vz, ["ticks=0", "print=none"])
        let session = session(vm)
        try session.pause()
        #expect(try session.run() == .request)
        #expect(vm.frozen != nil)
    }

    /// Requests in one run, by a client on another thread.
    @Test func requests() throws {
        let folder = try Folder()
        let vm = try boot("ticker", .vz, ["hz=100", "ticks=0", "print=none", "work=wait"], clock: .host)
        let session = session(vm)
        let (path, file) = (folder.file("control"), folder.file("snap"))
        try session.listen(at: path, version: "1")
        let answers = Answers()
        let thread = Thread { answers.collect(path, file) }
        thread.start()
        let stop = try session.run(until: vm.now + 60_000_000_000)
        session.close("test")
        #expect(stop == .quit)
        #expect(
            answers.wait() == ["pause", "no pause", "no resume never", "clock", "save", "resume", "ledger 1", "quit"])
        #expect(FileManager.default.fileExists(atPath: folder.file("snap")))
        #expect(!FileManager.default.fileExists(atPath: path))
        let contents = try SnapshotContents(path: folder.file("snap"))
        #expect(contents.ledger.entries.isEmpty)
    }

    /// What a client did and was told.
    private final class Answers: @unchecked Sendable {
        private let done = DispatchSemaphore(value: 0)
        private var list: [String] = []

        func wait() -> [String] {
            done.wait()
            return list
        }

        func collect(_ path: String, _ file: String) {
            defer { done.signal() }
            do {
                let client = try ControlClient(path: path)
                func ask(_ word: String, _ request: ControlRequest) throws {
                    do {
                        _ = try client.execute(request)
                        list.append(word)
                    } catch let error {
                        guard case .refused = error.reason else { throw error }
                        list.append("no " + word)
                    }
                }
                try ask("pause", .pause)
                try ask("pause", .pause)
                try ask("resume never", .resume(policy: "never"))
                let clock = try #require(ControlClock(try client.execute(.clock)))
                list.append(clock.isFrozen ? "clock" : "running clock")
                try ask("save", .save(file: file, policy: nil, staysPaused: false))
                try ask("resume", .resume(policy: "catch-up"))
                let ledger = try #require(ControlLedger(try client.execute(.ledger)))
                list.append("ledger \(ledger.entries.count)")
                try ask("quit", .quit)
            } catch {
                list.append("\(error)")
            }
        }
    }
}
