// Files that lost, gained or changed something are refused, each with its reason.

import Host
import Testing

@testable import Snapshot

@Suite struct Damage {
    @Test func everyByteCounts() throws {
        let path = try temporaryPath("flip")
        defer { try? Files.unlink(path) }
        let sample = try Sample()
        try sample.save(to: path)
        let whole = try Files.readWhole(path, limit: 1 << 20)
        var unnoticed: [Int] = []
        for index in whole.indices {
            // One bit, another for each byte.
            try patch(path, at: UInt64(index), [whole[index] ^ 1 << UInt8(index % 8)])
            if refusal(path) == nil { unnoticed.append(index) }
            try patch(path, at: UInt64(index), [whole[index]])
        }
        #expect(unnoticed.isEmpty)
        #expect(try sample.matches(path))
    }

    @Test func everyLengthButTheRightOneIsRefused() throws {
        let path = try temporaryPath("cut")
        defer { try? Files.unlink(path) }
        let sample = try Sample()
        try sample.save(to: path)
        let whole = try Files.readWhole(path, limit: 1 << 20)
        let file = try FileDescriptor.open(path: path, [.write])
        for length in stride(from: whole.count - 1, through: 0, by: -1) {
            try file.truncate(to: UInt64(length))
            let reason = refusal(path)
            switch length {
            case 0: #expect(reason == .empty)
            case 1..<128: #expect(reason == .truncated(expected: 128, found: UInt64(length)))
            default: #expect(reason == .truncated(expected: UInt64(whole.count), found: UInt64(length)))
            }
        }
        for extra in [1, 15, 16, 4096, 65536] {
            for value in [UInt8(0), 1] {
                try file.truncate(to: 0)
                try file.pwriteAll(whole + [UInt8](repeating: value, count: extra), at: 0)
                #expect(
                    refusal(path) == .excess(expected: UInt64(whole.count), found: UInt64(whole.count + extra)))
            }
        }
    }

    @Test func dataThatBecameAHoleIsNoticed() throws {
        let path = try temporaryPath("hole")
        defer { try? Files.unlink(path) }
        let sample = try Sample(lowPages: 40)
        try sample.save(alignment: 65536, to: path)
        let whole = try Files.readWhole(path, limit: 1 << 20)
        let regions = try SnapshotReader(path: path).regions
        let file = try FileDescriptor.open(path: path, [.write])
        // The same file without the first region, which is one hole now, several chunks long.
        try file.truncate(to: 0)
        try file.truncate(to: UInt64(whole.count))
        try file.pwriteAll(Array(whole[..<Int(regions[0].offset)]), at: 0)
        try file.pwriteAll(Array(whole[Int(regions[1].offset)...]), at: regions[1].offset)
        #expect(refusal(path) == .damaged(.memory(0)))
        // Looking at a file without its memory is possible all the same.
        _ = try SnapshotReader(path: path, verifyingMemory: false)
    }

    @Test func otherKindsOfFilesAreRefused() throws {
        let path = try temporaryPath("kinds")
        defer { try? Files.unlink(path) }
        #expect(refusal(path) == .host(.open, .noent))
        #expect(refusal("/") == .kind(.directory))
        #expect(refusal("/dev/null") == .kind(.characterDevice))
        #expect(refusal("a\0b") == .host(.open, .inval))
        var file = try FileDescriptor.open(path: path, [.write, .create, .exclusive])
        #expect(refusal(path) == .empty)
        try file.writeAll(Array("#!/bin/sh\necho this is no snapshot\n".utf8))
        try file.close()
        #expect(refusal(path) == .notASnapshot)
        #expect(
            "\(SnapshotError(path: "x", .notASnapshot))" == "snapshot x is not a snapshot: it does not begin as one")
        if Process.uid != 0 {
            // Root reads everything.
            #expect(refusal("/etc/shadow") == .host(.open, .acces))
        }
        let sample = try Sample()
        #expect(throws: SnapshotError(path: "/", .kind(.directory))) { try sample.save(to: "/") }
        #expect(throws: SnapshotError(path: "/dev/null", .kind(.characterDevice))) {
            try sample.save(to: "/dev/null")
        }
        #expect(throws: SnapshotError(path: "/nowhere/x", .host(.create, .noent))) {
            try sample.save(to: "/nowhere/x")
        }
    }

    @Test func aFIFOIsRefusedAtOnce() throws {
        let path = try temporaryPath("fifo")
        defer { try? Files.unlink(path) }
        let child = try Process.spawn("/usr/bin/mkfifo", ["mkfifo", path])
        try #require(try Process.wait(child) == .exit(0))
        #expect(refusal(path) == .kind(.pipe))
    }

    @Test func errorsOfTheHostAreTold() throws {
        let path = try temporaryPath("host")
        defer { try? Files.unlink(path) }
        try Sample().save(to: path)
        let calls = SystemCallDriver()
        _ = try calls.run { try SnapshotReader(path: path) }
        for (index, call) in calls.trace.enumerated() where call.name != .close {
            let driver = SystemCallDriver.failing(at: index, .io)
            let reason = driver.run { refusal(path) }
            guard case .host(_, .io) = reason else {
                Issue.record("call \(index), \(call), gave \(String(describing: reason))")
                continue
            }
        }
        // A file system without holes: everything is read, and right.
        let plain = SystemCallDriver.failing(.lseek, .inval)
        #expect(plain.run { refusal(path) } == nil)
        // Signals and short reads change nothing.
        var turn = 0
        let rough = SystemCallDriver { _, call in
            turn += 1
            if call.name == .open || call.name == .pread, turn % 3 == 0 { return .fail(.intr) }
            return call.name == .pread ? .short(100) : .pass
        }
        #expect(rough.run { refusal(path) } == nil)
    }
}
