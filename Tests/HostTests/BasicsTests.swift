// What every other module leans on: error names, files, mappings, clocks, locks, threads.

import Host
import Testing

/// A file name in the temporary directory that nobody else uses.
func temporaryPath(_ name: String) throws -> String {
    let directory = Process.environment("TMPDIR") ?? "/tmp"
    return try Files.temporarySibling(of: directory + "/stasis-host-" + name)
}

@Suite struct Basics {
    @Test func errnoNamesAreNotNumbers() {
        for name in Errno.Name.allCases where name != .other {
            let number = Errno(name).hostNumber
            #expect(number > 0)
            #expect(Errno(hostNumber: number) == Errno(name))
            #expect(Errno(name).description.utf8.starts(with: "E".utf8))
        }
        #expect(Errno.inval.description == "EINVAL (invalid argument)")
        #expect(Errno(hostNumber: 4000).name == .other)
        #expect(Errno(hostNumber: 4000) != Errno(hostNumber: 4001))
        #expect(Errno(hostNumber: 4000).hostNumber == 4000)
    }

    @Test func filesRoundTrip() throws {
        let path = try temporaryPath("roundtrip")
        var file = try FileDescriptor.open(path: path, [.readWrite, .create, .exclusive])
        try file.writeAll([1, 2, 3, 4])
        try file.truncate(to: 1 << 20)
        #expect(try file.size() == 1 << 20)
        #expect(try file.status().kind == .regular)
        try file.fsync()
        try file.close()
        #expect(throws: Errno.exist) { _ = try FileDescriptor.open(path: path, [.write, .create, .exclusive]) }
        let bytes = try Files.readWhole(path, limit: 1 << 20)
        #expect(bytes.count == 1 << 20 && bytes.prefix(4) == [1, 2, 3, 4] && bytes.dropFirst(4).allSatisfy { $0 == 0 })
        #expect(throws: Errno.fbig) { _ = try Files.readWhole(path, limit: (1 << 20) - 1) }
        try Files.rename(path, to: path + "2")
        #expect(!Files.exists(path) && Files.exists(path + "2"))
        try Files.fsyncDirectory(of: path)
        try Files.unlink(path + "2")
        #expect(throws: Errno.noent) { try Files.unlink(path) }
        #expect(throws: Errno.isdir) { _ = try Files.readWhole("/", limit: 1) }
        #expect(throws: Errno.inval) { try Files.unlink("a\0b") }
        #expect(
            Files.directory(of: "a") == "." && Files.directory(of: "/a") == "/" && Files.directory(of: "b/a") == "b")
    }

    @Test func mappingsHoldAndShare() throws {
        let memory = try Mapping.anonymous(size: 3 * Mapping.pageSize)
        #expect(memory.isZeroPage(0) && memory.isZeroPage(2))
        unsafe memory.base.storeBytes(of: 7, toByteOffset: 2 * Mapping.pageSize - 1, as: UInt8.self)
        #expect(memory.isZeroPage(0) && !memory.isZeroPage(1) && memory.isZeroPage(2))
        #expect(throws: Errno.inval) { _ = try Mapping.anonymous(size: 0) }

        let path = try temporaryPath("mapping")
        let file = try FileDescriptor.open(path: path, [.readWrite, .create, .exclusive])
        try Files.unlink(path)
        try file.truncate(to: UInt64(2 * Mapping.pageSize))
        let shared = try Mapping.file(file, offset: 0, size: Mapping.pageSize, sharing: .shared)
        let copy = try Mapping.file(file, offset: 0, size: Mapping.pageSize, sharing: .private)
        unsafe shared.base.storeBytes(of: 0x5A, as: UInt8.self)
        #expect(unsafe copy.base.load(as: UInt8.self) == 0x5A)
        unsafe copy.base.storeBytes(of: 0x11, as: UInt8.self)
        #expect(unsafe shared.base.load(as: UInt8.self) == 0x5A)
        #expect(throws: Errno.inval) { _ = try Mapping.file(file, offset: 1, size: 1) }
    }

    /// What is written into the file is there to be run, and the mapping can be written to by nobody.
    @Test func codeIsReadAndRunOnly() throws {
        let file = try FileDescriptor.memory(name: "host-tests-code", size: UInt64(Mapping.pageSize))
        let code = try Mapping.code(file, size: Mapping.pageSize)
        try file.pwriteAll([0xC3, 0x90], at: 16)
        #expect(unsafe code.base.load(fromByteOffset: 16, as: UInt16.self) == 0x90C3)
        let text = try FileDescriptor.open(path: "/proc/self/maps", .read).readAll(limit: 1 << 22)
        let maps = String(decoding: text, as: UTF8.self).split(separator: "\n")
        let lines = maps.filter { $0.contains("host-tests-code") }
        #expect(lines.count == 1)
        #expect(lines.allSatisfy { $0.split(separator: " ")[1].hasPrefix("r-x") })
        #expect(throws: Errno.inval) { _ = try Mapping.code(file, size: 0) }
        #expect(throws: Errno.badf) { _ = try Mapping.code(FileDescriptor(raw: 1_000_000, owned: false), size: 4096) }
    }

    /// Pages are there before they are touched, where the host can do that and shows it.
    @Test func populatedMemoryIsThere() throws {
        guard let pagemap = Pagemap() else { return }
        let memory = try Mapping.anonymous(size: 8 * Mapping.pageSize)
        #expect(unsafe pagemap.untouched(memory.base, stretch: Mapping.pageSize, count: 8) == 0xFF)
        memory.populate()
        // Linux 5.14 and later; before it nothing happens.
        let left = unsafe pagemap.untouched(memory.base, stretch: Mapping.pageSize, count: 8)
        #expect(left == 0 || left == 0xFF)
        if let release = Process.kernelRelease, let major = release.split(separator: ".").first.flatMap({ Int($0) }),
            major > 5
        {
            #expect(left == 0)
        }
        let isZero = memory.isZeroPage(7)
        #expect(isZero)
    }

    @Test func clocksAgree() {
        let before = Clock.monotonic()
        let reading = Clock.read()
        let after = Clock.monotonic()
        #expect(before <= reading.monotonic && reading.monotonic <= after)
        #expect(reading.realtime > 1_600_000_000_000_000_000)
        let wanted = after + 3_000_000
        Clock.sleep(until: wanted)
        #expect(Clock.monotonic() >= wanted)
        let boot = Clock.bootID()
        #expect(boot == Clock.bootID() && boot != (0, 0))
    }

    @Test func threadsLockAndWait() throws {
        final class Shared: Sendable {
            let condition = Condition()
            let lock = Lock()
            nonisolated(unsafe) var count = 0
            nonisolated(unsafe) var done = 0
        }
        let shared = Shared()
        var threads: [HostThread] = []
        for _ in 0..<4 {
            threads.append(
                try HostThread {
                    for _ in 0..<1000 { shared.lock.withLock { unsafe shared.count += 1 } }
                    shared.condition.withLock {
                        unsafe shared.done += 1
                        shared.condition.broadcast()
                    }
                })
        }
        shared.condition.withLock {
            while unsafe shared.done < 4 { shared.condition.wait() }
        }
        let ids = threads.map { $0.id.number }
        for thread in threads { thread.join() }
        #expect(unsafe shared.count == 4000)
        #expect(Set(ids).count == 4 && !ids.contains(HostThread.current.number))
        #expect(shared.condition.withLock { shared.condition.wait(until: Clock.monotonic() + 1_000_000) } == false)
        #expect(shared.lock.tryLock())
        #expect(!shared.lock.tryLock())
        shared.lock.unlock()
    }
}
