// Every function that asks the kernel, as a row of a table: what it calls, what it does with an error, and whether it
// tries again after a signal. Nothing here depends on what the kernel would answer.

import Host
import Testing

/// One function of Host.
struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    /// Whether EINTR is hidden by calling again.
    let retries: Bool
    /// The calls it makes when all of them work.
    let trace: [SystemCall]
    let body: @Sendable (borrowing FileDescriptor) throws(Errno) -> Void

    init(
        _ name: String, retries: Bool, _ trace: SystemCall...,
        body: @escaping @Sendable (borrowing FileDescriptor) throws(Errno) -> Void
    ) {
        self.name = name
        self.retries = retries
        self.trace = trace
        self.body = body
    }

    var testDescription: String { name }
}

/// A number for a descriptor that is certainly none, so that a call that slips past the table fails.
private let none: Int32 = 1_000_000
private let fd = UInt64(none)
private let buffer = [UInt8](repeating: 7, count: 10)

@safe
private func withBuffer(
    _ body: (UnsafeMutableRawBufferPointer) throws(Errno) -> Void
) throws(Errno) {
    // Lives during the closure, which is all these functions need.
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 10, alignment: 1)
    defer { unsafe memory.deallocate() }
    try unsafe body(memory)
}

private let rows: [Row] = [
    Row("open", retries: true, SystemCall(.open, 1, 0o600, 0, path: "/x")) { _ throws(Errno) in
        _ = try FileDescriptor.open(path: "/x", .read)
    },
    Row("open to write", retries: true, SystemCall(.open, 2 + 4 + 8, 0o644, 0, path: "/x")) { _ throws(Errno) in
        _ = try FileDescriptor.open(path: "/x", [.write, .create, .exclusive], mode: 0o644)
    },
    Row("read", retries: true, SystemCall(.read, fd, 10)) { file throws(Errno) in
        let raw = file.raw
        try withBuffer { bytes throws(Errno) in
            _ = try unsafe FileDescriptor(raw: raw, owned: false).read(into: bytes)
        }
    },
    Row("pread", retries: true, SystemCall(.pread, fd, 10, 33)) { file throws(Errno) in
        let raw = file.raw
        try withBuffer { bytes throws(Errno) in
            _ = try unsafe FileDescriptor(raw: raw, owned: false).pread(into: bytes, at: 33)
        }
    },
    Row("write", retries: true, SystemCall(.write, fd, 10)) { file throws(Errno) in try file.writeAll(buffer) },
    Row("pwrite", retries: true, SystemCall(.pwrite, fd, 10, 5)) { file throws(Errno) in
        try file.pwriteAll(buffer, at: 5)
    },
    Row("fsync", retries: true, SystemCall(.fsync, fd)) { file throws(Errno) in try file.fsync() },
    Row("truncate", retries: true, SystemCall(.ftruncate, fd, 1 << 33)) { file throws(Errno) in
        try file.truncate(to: 1 << 33)
    },
    Row("status", retries: false, SystemCall(.fstat, fd)) { file throws(Errno) in _ = try file.status() },
    Row("size", retries: false, SystemCall(.fstat, fd)) { file throws(Errno) in _ = try file.size() },
    Row("seek", retries: false, SystemCall(.lseek, fd, 4096, 0)) { file throws(Errno) in try file.seek(to: 4096) },
    Row("seekData", retries: false, SystemCall(.lseek, fd, 7, 3)) { file throws(Errno) in
        _ = try file.seekData(from: 7)
    },
    Row("seekHole", retries: false, SystemCall(.lseek, fd, 7, 4)) { file throws(Errno) in
        _ = try file.seekHole(from: 7)
    },
    Row("lock", retries: true, SystemCall(.flock, fd, 1, 0)) { file throws(Errno) in
        try file.lock(exclusive: true, wait: false)
    },
    Row("unlock", retries: true, SystemCall(.flock, fd, 2, 0)) { file throws(Errno) in try file.unlock() },
    Row("duplicate", retries: false, SystemCall(.dup, fd)) { file throws(Errno) in _ = try file.duplicate() },
    Row("pipe", retries: false, SystemCall(.pipe)) { _ throws(Errno) in _ = try FileDescriptor.pipe() },
    Row("eventfd", retries: false, SystemCall(.eventfd, 3, 1)) { _ throws(Errno) in
        _ = try FileDescriptor.eventfd(initial: 3)
    },
    Row("signalEvent", retries: true, SystemCall(.write, fd, 8)) { file throws(Errno) in try file.signalEvent() },
    Row("drainEvent", retries: true, SystemCall(.read, fd, 8)) { file throws(Errno) in _ = try file.drainEvent() },
    Row("signal descriptor", retries: false, SystemCall(.signalfd, 0x200)) { _ throws(Errno) in
        _ = try Signals.descriptor(for: 0x200)
    },
    // The one that must not try again: KVM_RUN reports signals by EINTR.
    Row("ioctl", retries: false, SystemCall(.ioctl, fd, 0x8010_AEAB, 0x1234)) { file throws(Errno) in
        _ = try file.ioctl(0x8010_AEAB, 0x1234)
    },
    Row("setNonblocking", retries: false, SystemCall(.fcntl, fd, 1)) { file throws(Errno) in
        try file.setNonblocking(true)
    },
    Row("poll", retries: false, SystemCall(.poll, 1, 5000, 0)) { file throws(Errno) in
        var entries = [PollEntry(file.raw, .readable)]
        _ = try Host.poll(&entries, timeoutNanoseconds: 5000)
    },
    Row("poll for ever, masked", retries: false, SystemCall(.poll, 0, .max, 6)) { _ throws(Errno) in
        var entries: [PollEntry] = []
        _ = try Host.poll(&entries, signalMask: 6)
    },
    Row("rename", retries: false, SystemCall(.rename, path: "/y")) { _ throws(Errno) in
        try Files.rename("/x", to: "/y")
    },
    Row("unlink", retries: false, SystemCall(.unlink, path: "/x")) { _ throws(Errno) in try Files.unlink("/x") },
    Row("makeDirectory", retries: false, SystemCall(.mkdir, 0o700, path: "/x")) { _ throws(Errno) in
        try Files.makeDirectory("/x")
    },
    Row("path status", retries: false, SystemCall(.fstat, path: "/x")) { _ throws(Errno) in
        _ = try Files.status("/x")
    },
    Row("map", retries: false, SystemCall(.mmap, 4096, fd, 8192)) { file throws(Errno) in
        _ = try Mapping.file(file, offset: 8192, size: 4096)
    },
    Row("file in memory", retries: false, SystemCall(.open, 0, 0, 4096, path: "x")) { _ throws(Errno) in
        _ = try FileDescriptor.memory(name: "x", size: 4096)
    },
    Row("map code", retries: false, SystemCall(.mmap, 4096, fd, 0)) { file throws(Errno) in
        _ = try Mapping.code(file, size: 4096)
    },
    Row("random", retries: true, SystemCall(.getrandom, 0, 8)) { _ throws(Errno) in _ = try PhysicalRandom.word() },
    Row("spawn", retries: false, SystemCall(.spawn, 2, path: "/x")) { _ throws(Errno) in
        _ = try Process.spawn("/x", ["x", "y"])
    },
    Row("wait", retries: true, SystemCall(.wait, 77, 1)) { _ throws(Errno) in _ = try Process.wait(77) },
    Row("send", retries: false, SystemCall(.kill, 77, 15)) { _ throws(Errno) in try Process.send(15, to: 77) },
    Row("kick", retries: false, SystemCall(.kill, 99, 10)) { _ throws(Errno) in
        try HostThread.kick(HostThread.ID(number: 99), signal: 10)
    },
    Row("listen", retries: false, SystemCall(.listen, path: "/x")) { _ throws(Errno) in
        _ = try FileDescriptor.listen(unix: "/x")
    },
    Row("connect", retries: false, SystemCall(.connect, path: "/x")) { _ throws(Errno) in
        _ = try FileDescriptor.connect(unix: "/x")
    },
    Row("connect without waiting", retries: false, SystemCall(.connect, 1, path: "/x")) { _ throws(Errno) in
        _ = try FileDescriptor.connect(unix: "/x", nonblocking: true)
    },
    Row("send bytes", retries: true, SystemCall(.write, fd, 2)) { file throws(Errno) in
        _ = try file.send([7, 8, 9], from: 1)
    },
    Row("receive", retries: true, SystemCall(.read, fd, 5)) { file throws(Errno) in _ = try file.receive(limit: 5) },
    Row("accept", retries: true, SystemCall(.accept, fd)) { file throws(Errno) in _ = try file.accept() },
    Row("fdatasync", retries: true, SystemCall(.fdatasync, fd)) { file throws(Errno) in try file.fdatasync() },
    Row("clear", retries: true, SystemCall(.fallocate, 1 << 32 | fd, 512, 1024)) { file throws(Errno) in
        try file.clear(.zeros, at: 512, count: 1024)
    },
    Row("end", retries: false, SystemCall(.lseek, fd, 0, 2)) { file throws(Errno) in _ = try file.end() },
    Row("read to places", retries: true, SystemCall(.preadv, fd, 1, 512)) { file throws(Errno) in
        let raw = file.raw
        try withBuffer { bytes throws(Errno) in
            var places = Vectors()
            unsafe places.append(bytes)
            _ = try FileDescriptor(raw: raw, owned: false).preadAll(places, at: 512)
        }
    },
    Row("write from places", retries: true, SystemCall(.pwritev, fd, 1, 512)) { file throws(Errno) in
        let raw = file.raw
        try withBuffer { bytes throws(Errno) in
            var places = Vectors()
            unsafe places.append(bytes)
            try FileDescriptor(raw: raw, owned: false).pwriteAll(places, at: 512)
        }
    },
    Row("link status", retries: false, SystemCall(.fstat, 0, 1, path: "/x")) { _ throws(Errno) in
        _ = try Files.linkStatus("/x")
    },
    Row("real path", retries: false, SystemCall(.realpath, path: "/x")) { _ throws(Errno) in
        _ = try Files.realPath("/x")
    },
    Row("secret", retries: true, SystemCall(.getrandom, 1, 3)) { _ throws(Errno) in
        var bytes: [UInt8] = [0, 0, 0]
        try PhysicalRandom.fillSecret(&bytes)
    },
    Row("pseudo-terminal", retries: false, SystemCall(.pty)) { _ throws(Errno) in _ = try Terminal.openPseudo() },
    // The numbers are those of x86, where tests run: TUNSETIFF, TUNSETVNETHDRSZ, TUNSETOFFLOAD, SIOCGIFFLAGS.
    Row("attach a TAP", retries: false, SystemCall(.ioctl, fd, 0x4004_54CA)) { file throws(Errno) in
        try file.attach(tap: "tap7")
    },
    Row("TAP header", retries: false, SystemCall(.ioctl, fd, 0x4004_54D8, 12)) { file throws(Errno) in
        try file.setTAPHeader(size: 12)
    },
    Row("TAP offloads", retries: false, SystemCall(.ioctl, fd, 0x4004_54D0, 5)) { file throws(Errno) in
        try file.setTAPOffloads([.checksum, .tso6])
    },
    Row("interface up", retries: false, SystemCall(.ioctl, 0, 0x8913)) { _ throws(Errno) in
        _ = try FileDescriptor.isInterfaceUp("tap7")
    },
    Row("raw terminal", retries: false, SystemCall(.termios, fd, 1)) { file throws(Errno) in
        _ = try Terminal.makeRaw(file.raw)
    },
]

@Suite struct SystemCalls {
    /// Runs a row with its calls failing as `errors` tell, one after the other; afterwards with EBADF.
    private func run(_ row: Row, _ errors: [Errno]) -> (thrown: Errno?, trace: [SystemCall]) {
        var left = errors
        let driver = SystemCallDriver { _, _ in .fail(left.isEmpty ? .badf : left.removeFirst()) }
        let file = FileDescriptor(raw: none, owned: false)
        do throws(Errno) {
            try driver.run { () throws(Errno) in try row.body(file) }
            return (nil, driver.trace)
        } catch {
            return (error, driver.trace)
        }
    }

    @Test(arguments: rows) func callsWhatItShould(row: Row) {
        let first = run(row, []).trace.first
        #expect(first == row.trace.first)
    }

    @Test(arguments: rows) func tellsEveryError(row: Row) {
        // All errors but those some functions give a meaning of their own.
        for name in Errno.Name.allCases where name != .other && name != .EINTR {
            let error = Errno(name)
            let absorbed =
                (row.name == "signalEvent" || row.name == "drainEvent") && error == .again
                || (row.name == "seekData" || row.name == "seekHole") && error == .nxio
            let result = run(row, [error])
            #expect(result.thrown == (absorbed ? nil : error))
            #expect(result.trace.count == 1)
        }
    }

    @Test(arguments: rows) func triesAgainOrNot(row: Row) {
        let result = run(row, [.intr, .intr, .intr, .io])
        if row.retries {
            #expect(result.thrown == .io)
            #expect(result.trace == [SystemCall](repeating: row.trace[0], count: 4))
        } else {
            #expect(result.thrown == .intr)
            #expect(result.trace == row.trace)
        }
    }

    @Test func closingForgetsTheNumber() throws {
        let ends = try FileDescriptor.pipe()
        var copy = try ends.reading.duplicate()
        let number = copy.raw
        let driver = SystemCallDriver.failing(.close, .intr)
        driver.run { try? copy.close() }
        #expect(driver.trace == [SystemCall(.close, UInt64(number))])
        let raw = copy.raw
        #expect(raw == -1)
        // The call was not made, so the number is still there to close.
        _ = FileDescriptor(raw: number)
        var other = try ends.writing.duplicate()
        let failing = SystemCallDriver.failing(.close, .io)
        let otherNumber = other.raw
        #expect(throws: Errno.io) { try failing.run { try other.close() } }
        _ = FileDescriptor(raw: otherNumber)
    }

    @Test func descriptorsCloseThemselves() throws {
        let driver = SystemCallDriver()
        try driver.run { () throws(Errno) in
            let pipe = try FileDescriptor.pipe()
            _ = pipe.reading.raw
        }
        #expect(driver.trace.map { $0.name } == [.pipe, .close, .close])
        let borrowed = SystemCallDriver()
        borrowed.run { _ = FileDescriptor.standardOutput.raw }
        #expect(borrowed.trace.isEmpty)
    }

    @Test func shortTransfersAreContinued() throws {
        let path = try temporaryPath("short")
        let file = try FileDescriptor.open(path: path, [.readWrite, .create, .exclusive])
        try Files.unlink(path)
        let bytes = (0..<100).map { UInt8($0) }
        let writing = SystemCallDriver { _, _ in .short(30) }
        try writing.run { try file.pwriteAll(bytes, at: 5) }
        #expect(
            writing.trace == [
                SystemCall(.pwrite, UInt64(file.raw), 100, 5), SystemCall(.pwrite, UInt64(file.raw), 70, 35),
                SystemCall(.pwrite, UInt64(file.raw), 40, 65), SystemCall(.pwrite, UInt64(file.raw), 10, 95),
            ])
        var back = [UInt8](repeating: 0, count: 120)
        let count = try SystemCallDriver { _, _ in .short(7) }.run { () throws(Errno) in
            try file.pread(into: &back, at: 5)
        }
        #expect(count == 100 && Array(back[..<100]) == bytes)
    }

    @Test func placesShortTransfersAndTheEnd() throws {
        let path = try temporaryPath("places")
        let file = try FileDescriptor.open(path: path, [.readWrite, .create, .exclusive])
        try Files.unlink(path)
        let memory = try Mapping.anonymous(size: 4096)
        for index in 0..<4096 {
            unsafe memory.base.storeBytes(of: UInt8(index & 0xFF ^ index >> 8), toByteOffset: index, as: UInt8.self)
        }
        // Three places, of which the last two touch.
        @safe func places(_ shift: Int) -> Vectors {
            var places = Vectors()
            for (start, count) in [(1000, 100), (0, 50), (50, 30), (7, 0)] {
                // Inside the mapping, which outlives the list.
                unsafe places.append(UnsafeMutableRawBufferPointer(start: memory.base + start + shift, count: count))
            }
            return places
        }
        #expect(places(0).count == 180)
        let writing = SystemCallDriver { number, _ in number < 3 ? .short(40) : .pass }
        try writing.run { () throws(Errno) in try file.pwriteAll(places(0), at: 5) }
        let raw = UInt64(file.raw)
        #expect(
            writing.trace == [
                SystemCall(.pwritev, raw, 2, 5), SystemCall(.pwritev, raw, 2, 45), SystemCall(.pwritev, raw, 2, 85),
                SystemCall(.pwritev, raw, 1, 105),
            ])
        // The file ends after 185 bytes.
        #expect(try file.preadAll(places(2000), at: 5) == 180)
        for (start, count) in [(1000, 100), (0, 80)] {
            for index in start..<start + count {
                #expect(unsafe memory.bytes[index] == memory.bytes[index + 2000])
            }
        }
        #expect(try file.preadAll(places(2000), at: 100) == 85)
        #expect(try file.preadAll(places(2000), at: 1000) == 0)
        #expect(throws: Errno.inval) { try file.pwriteAll(places(0), at: .max) }
    }

    @Test func theDriverBelongsToOneThread() throws {
        let driver = SystemCallDriver { _, _ in .fail(.io) }
        let worked = Lock()
        try driver.run { () throws(Errno) in
            let thread = try HostThread {
                // Not driven: the path exists on every Linux.
                if Files.exists("/proc") { worked.lock() }
            }
            thread.join()
        }
        #expect(!worked.tryLock())
        worked.unlock()
    }

    @Test func fork() throws {
        let generation = Process.forkGeneration
        let ending = try Process.fork {
            Int32(Process.forkGeneration - generation) + (Files.exists("/proc") ? 40 : 0)
        }
        #expect(ending == .exit(41))
        #expect(Process.forkGeneration == generation)
        #expect(throws: Errno.again) {
            _ = try SystemCallDriver.failing(.fork, .again).run { () throws(Errno) in try Process.fork { 0 } }
        }
    }
}
