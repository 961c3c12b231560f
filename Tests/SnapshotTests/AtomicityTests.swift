// A save that dies anywhere, or runs out of disk anywhere, leaves the old snapshot or the new one.

import Foundation
import Host
import Testing

@testable import Snapshot

@Suite struct Atomicity {
    private let old: Sample
    private let new: Sample
    private let directory: String
    private let path: String

    init() throws {
        old = try Sample(seed: 1)
        new = try Sample(seed: 2, lowPages: 40)
        directory = try temporaryPath("atomic")
        try Files.makeDirectory(directory)
        path = directory + "/machine.stasis"
    }

    private func entries() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory)
    }

    /// The old snapshot, alone in its directory.
    private func begin() throws {
        for name in try entries() { try Files.unlink(directory + "/" + name) }
        try old.save(to: path)
    }

    private func end() {
        try? FileManager.default.removeItem(atPath: directory)
    }

    private func calls() throws -> [SystemCall] {
        let driver = SystemCallDriver()
        try begin()
        try driver.run { try new.save(to: path) }
        #expect(try new.matches(path))
        return driver.trace
    }

    @Test func theStepsOfASave() throws {
        defer { end() }
        let names = try calls().map { $0.name }
        #expect(
            names == [
                .fstat, .getrandom, .open, .flock, .dup, .ftruncate, .pwrite, .pwrite, .pwrite, .fsync, .close, .rename,
                .close, .open, .fsync, .close,
            ])
    }

    @Test func aSaveKilledAnywhereLeavesOneOrTheOther() throws {
        defer { end() }
        let trace = try calls()
        let renamed = try #require(trace.firstIndex { $0.name == .rename })
        for index in 0...trace.count {
            // Nothing happens from this call on; and with a write, only its first bytes happen.
            for short in [0, 1, 100, 4096] {
                try begin()
                let driver = SystemCallDriver.dead(from: index, short: short)
                driver.run { _ = try? new.save(to: path) }
                let wanted = index <= renamed ? old : new
                #expect(try wanted.matches(path), "killed at call \(index)")
            }
        }
    }

    @Test func aSaveWithoutRoomLeavesTheOldOne() throws {
        defer { end() }
        let trace = try calls()
        for (index, call) in trace.enumerated() where call.name == .pwrite || call.name == .ftruncate {
            for short in [false, true] {
                try begin()
                // The disk takes some bytes first, or none.
                var full = false
                let driver = SystemCallDriver { number, call in
                    if number == index && short { return .short(10) }
                    if number >= index && call.name == .pwrite || call.name == .ftruncate && number == index {
                        full = true
                    }
                    return full && (call.name == .pwrite || call.name == .ftruncate) ? .fail(.nospc) : .pass
                }
                if call.name == .ftruncate && short { continue }
                do throws(SnapshotError) {
                    try driver.run { () throws(SnapshotError) in try new.save(to: path) }
                    Issue.record("call \(index) failed and nobody noticed")
                } catch {
                    let step: SnapshotError.Step = call.name == .ftruncate ? .resize : .write
                    #expect(error == SnapshotError(path: path, .host(step, .nospc)))
                    #expect("\(error)".contains("make room"))
                }
                #expect(try old.matches(path))
                #expect(try entries().count == 1, "nothing is left behind")
            }
        }
    }

    @Test func anyErrorOfTheHostIsToldAndCleanedUp() throws {
        defer { end() }
        let trace = try calls()
        let renamed = try #require(trace.firstIndex { $0.name == .rename })
        for (index, call) in trace.enumerated() {
            for error in [Errno.io, .nospc, .acces, .dquot] {
                try begin()
                var failure: SnapshotError?
                do throws(SnapshotError) {
                    try SystemCallDriver.failing(at: index, error).run { () throws(SnapshotError) in
                        try new.save(to: path)
                    }
                } catch {
                    failure = error
                }
                // Whether the old file can be examined decides nothing, nor do locks, nor a close of what is on the disk.
                let harmless =
                    index == 0 || call.name == .flock || call.name == .dup || index > renamed && call.name == .close
                #expect((failure == nil) == harmless, "call \(index), \(call)")
                if index > renamed && !harmless {
                    #expect(failure?.reason == .host(.directory, error))
                }
                let wanted = index <= renamed && !harmless ? old : new
                #expect(try wanted.matches(path), "call \(index), \(call)")
                #expect(try entries().count == 1, "call \(index), \(call)")
            }
        }
    }

    @Test func signalsAndShortWritesChangeNothing() throws {
        defer { end() }
        try begin()
        var turn = 0
        let driver = SystemCallDriver { _, call in
            turn += 1
            switch call.name {
            case .open, .pwrite, .fsync, .ftruncate:
                return turn % 2 == 0 ? .fail(.intr) : call.name == .pwrite ? .short(1000) : .pass
            default: return .pass
            }
        }
        try driver.run { try new.save(to: path) }
        #expect(try new.matches(path))
    }

    /// A save removes what a killed one left under its name, and nothing else: not a save that goes on, not other files.
    @Test func whatAKilledSaveLeftGoesWithTheNext() throws {
        defer { end() }
        try begin()
        for number in 1...3 {
            try Data(count: number).write(to: URL(fileURLWithPath: path + ".new-\(number)-8d37e723eb2193"))
        }
        let others = [
            "/machine.stasis.new-12-", "/machine.stasis.new-12", "/machine.stasis.new-x-ab", "/machine.stasis.new-1-XY",
            "/other.stasis.new-12-ab", "/machine.stasis.new-12-ab-c", "/machine.stasis.backup",
        ]
        for name in others { try Data().write(to: URL(fileURLWithPath: directory + name)) }
        var busy = try FileDescriptor.open(path: path + ".new-12-abc", [.readWrite, .create, .exclusive])
        try busy.lock(exclusive: true, wait: false)
        try FileManager.default.createSymbolicLink(atPath: path + ".new-12-abcd", withDestinationPath: path)
        try new.save(to: path)
        #expect(try new.matches(path))
        let left = Set(try entries().map { "/" + $0 })
        #expect(
            left == Set(others + ["/machine.stasis", "/machine.stasis.new-12-abc", "/machine.stasis.new-12-abcd"]))
        try busy.close()
    }

    @Test func aFileSystemThatCannotSyncDirectoriesIsFine() throws {
        defer { end() }
        try begin()
        var syncs = 0
        let driver = SystemCallDriver { _, call in
            if call.name == .fsync { syncs += 1 }
            return call.name == .fsync && syncs == 2 ? .fail(.inval) : .pass
        }
        try driver.run { try new.save(to: path) }
        #expect(try new.matches(path))
    }
}
