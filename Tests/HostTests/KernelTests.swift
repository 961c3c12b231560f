// Against the real kernel: signals, waiting, children, sockets, output, the numbers of ioctls.

import CHost
import Host
import Testing

@Suite(.serialized) struct Kernel {
    @Test func pipesPollAndEvents() throws {
        let pipe = try FileDescriptor.pipe()
        let event = try FileDescriptor.eventfd()
        var entries = [
            PollEntry(pipe.reading.raw, .readable), PollEntry(event.raw, .readable), PollEntry(-1, .readable),
        ]
        #expect(try Host.poll(&entries, timeoutNanoseconds: 0) == 0)
        try event.signalEvent()
        try event.signalEvent()
        #expect(try Host.poll(&entries) == 1)
        #expect(entries.map { $0.ready } == [[], .readable, []])
        var quiet = PollEntry(pipe.reading.raw, .readable)
        var rung = PollEntry(event.raw, .readable)
        #expect(try Host.poll(&quiet, &rung) == 1)
        #expect(quiet.ready == [] && rung.ready == .readable)
        #expect(try Host.poll(&rung, &quiet, timeoutNanoseconds: 0) == 1)
        #expect(quiet.ready == [] && rung.ready == .readable)
        var none = PollEntry(-1, .readable)
        #expect(try Host.poll(&quiet, &none, timeoutNanoseconds: 1000) == 0)
        #expect(quiet.ready == [] && none.ready == [])
        #expect(try event.drainEvent() == 2)
        #expect(try event.drainEvent() == 0)
        try pipe.writing.writeAll([1, 2, 3])
        #expect(try Host.poll(&entries, timeoutNanoseconds: 0) == 1)
        #expect(entries[0].ready == .readable)
        try pipe.reading.setNonblocking(true)
        var bytes = [UInt8](repeating: 0, count: 8)
        let got = try unsafe bytes.withUnsafeMutableBytes { try unsafe pipe.reading.read(into: $0) }
        #expect(got == 3 && bytes[..<3] == [1, 2, 3])
        #expect(throws: Errno.again) {
            _ = try unsafe bytes.withUnsafeMutableBytes { try unsafe pipe.reading.read(into: $0) }
        }
    }

    @Test func aCounterAtItsLimitIsNoError() throws {
        let event = try FileDescriptor.eventfd(initial: .max)
        var full: UInt64 = .max - 1 - UInt64(UInt32.max)
        #expect(unsafe chost_write(event.raw, &full, 8) == 8)
        try event.signalEvent()
        #expect(try event.drainEvent() == .max - 1)
    }

    @Test func holes() throws {
        let path = try temporaryPath("holes")
        let file = try FileDescriptor.open(path: path, [.readWrite, .create, .exclusive])
        try Files.unlink(path)
        try file.truncate(to: 1 << 20)
        try file.pwriteAll([1], at: 524288)
        // A file system without holes answers 0 and the end; the order is the same.
        let data = try #require(try file.seekData(from: 0))
        #expect(data <= 524288)
        #expect(try #require(try file.seekHole(from: data)) > 524288)
        #expect(try file.seekHole(from: 1 << 20) == nil)
        #expect(try file.seekData(from: 1 << 20) == nil)
    }

    @Test func clearing() throws {
        let path = try temporaryPath("clear")
        let file = try FileDescriptor.open(path: path, [.readWrite, .create, .exclusive])
        try Files.unlink(path)
        try file.pwriteAll([UInt8](repeating: 9, count: 65536), at: 0)
        try file.fdatasync()
        try file.clear(.hole, at: 4096, count: 8192)
        #expect(try file.size() == 65536 && file.end() == 65536)
        var bytes = [UInt8](repeating: 1, count: 65536)
        #expect(try file.pread(into: &bytes, at: 0) == 65536)
        #expect(bytes.indices.allSatisfy { (4096..<12288).contains($0) == (bytes[$0] == 0) })
        #expect(throws: Errno.fbig) { try file.clear(.hole, at: .max, count: 2) }
    }

    @Test func linksAndRealPaths() throws {
        let folder = try temporaryPath("real")
        try Files.makeDirectory(folder)
        defer { _ = try? Process.wait(Process.spawn("/bin/rm", ["rm", "-r", folder])) }
        _ = try FileDescriptor.open(path: folder + "/file", [.write, .create])
        #expect(try Process.wait(Process.spawn("/bin/ln", ["ln", "-s", "file", folder + "/link"])) == .exit(0))
        #expect(try Files.linkStatus(folder + "/link").kind == .other)
        #expect(try Files.linkStatus(folder + "/file").kind == .regular)
        #expect(try Files.realPath(folder + "/../" + folder.split(separator: "/").last! + "/link").hasSuffix("/file"))
        #expect(throws: Errno.noent) { _ = try Files.realPath(folder + "/none") }
    }

    @Test func pseudoTerminalsPassEveryByte() throws {
        let pair = try Terminal.openPseudo()
        var entries = [PollEntry(pair.master.raw, [.readable])]
        #expect(try Host.poll(&entries, timeoutNanoseconds: 0) == 1)
        #expect(entries[0].ready.contains(.hungUp))
        let other = try FileDescriptor.open(path: pair.path, [.readWrite])
        #expect(Terminal.isTerminal(other.raw))
        #expect(try Host.poll(&entries, timeoutNanoseconds: 0) == 0)
        let all = (0...255).map { UInt8($0) }
        var back = [UInt8](repeating: 0, count: 512)
        for _ in 0..<2 {
            try pair.master.writeAll(all)
            #expect(try unsafe back.withUnsafeMutableBytes { try unsafe other.read(into: $0) } == 256)
            #expect(Array(back[..<256]) == all)
            try other.writeAll(all)
            #expect(try unsafe back.withUnsafeMutableBytes { try unsafe pair.master.read(into: $0) } == 256)
            #expect(Array(back[..<256]) == all)
        }
    }

    @Test func interfaces() throws {
        #expect(throws: Errno.nodev) { _ = try FileDescriptor.isInterfaceUp("stasis-none") }
        #expect(throws: Errno.inval) { _ = try FileDescriptor.isInterfaceUp("a-name-longer-than-one-can-be") }
        #expect(throws: Errno.inval) { try FileDescriptor(raw: -1, owned: false).attach(tap: "") }
    }

    @Test func locksExclude() throws {
        let path = try temporaryPath("lock")
        let one = try FileDescriptor.open(path: path, [.readWrite, .create, .exclusive])
        let two = try FileDescriptor.open(path: path, [.readWrite])
        try Files.unlink(path)
        try one.lock(exclusive: true, wait: false)
        #expect(throws: Errno.again) { try two.lock(exclusive: false, wait: false) }
        try one.unlock()
        try two.lock(exclusive: true, wait: false)
    }

    @Test func signalsAreRecordedAndMasked() throws {
        let signal = Signals.user2
        let mask = Signals.mask(signal)
        let event = try FileDescriptor.eventfd()
        try Signals.install(signal, .record)
        Signals.notify(event.raw)
        defer {
            Signals.notify(-1)
            try? Signals.install(signal, .standard)
        }
        _ = Signals.takeRecorded(mask)
        let before = Signals.block(mask)
        #expect(Signals.blocked() & mask == mask)
        try Signals.raise(signal)
        #expect(Signals.pending() & mask == mask)
        #expect(Signals.recorded() & mask == 0)
        // The wait opens the mask, so the signal is delivered inside it and ends it.
        var nothing: [PollEntry] = []
        #expect(throws: Errno.intr) { _ = try Host.poll(&nothing, signalMask: Signals.blocked() & ~mask) }
        #expect(Signals.recorded() & mask == mask)
        #expect(Signals.takeRecorded(mask) == mask)
        #expect(Signals.recorded() & mask == 0)
        #expect(try event.drainEvent() == 1)
        Signals.setMask(before)
        #expect(throws: Errno.inval) { try Signals.install(Signals.kill, .ignore) }
        #expect(throws: Errno.inval) { try Signals.install(0, .ignore) }
        #expect(Signals.mask(0) == 0 && Signals.mask(65) == 0 && Signals.mask(64) == 1 << 63)
    }

    @Test func signalDescriptors() throws {
        let mask = Signals.mask(Signals.user2)
        let before = Signals.block(mask)
        defer { Signals.setMask(before) }
        let descriptor = try Signals.descriptor(for: mask)
        try Signals.raise(Signals.user2)
        var entries = [PollEntry(descriptor.raw, .readable)]
        #expect(try Host.poll(&entries, timeoutNanoseconds: 10_000_000_000) == 1)
        var info = [UInt8](repeating: 0, count: 128)
        let got = try unsafe info.withUnsafeMutableBytes { try unsafe descriptor.read(into: $0) }
        #expect(got == 128 && Int32(info[0]) == Signals.user2)
    }

    @Test func aThreadCanBeKickedOutOfAWait() throws {
        // It stays installed: what a signal does belongs to the process, and tests of other modules run beside this one.
        try Signals.install(Signals.kick, .record)
        _ = Signals.takeRecorded(Signals.mask(Signals.kick))
        let interrupted = Lock()
        // Everything is blocked in the thread but the kick, and that only while it waits: no kick is lost.
        let thread = try HostThread(blockingSignals: true) {
            var nothing: [PollEntry] = []
            do throws(Errno) {
                _ = try Host.poll(&nothing, signalMask: Signals.blocked() & ~Signals.mask(Signals.kick))
            } catch {
                if error == .intr { interrupted.lock() }
            }
        }
        try HostThread.kick(thread.id)
        thread.join()
        #expect(!interrupted.tryLock())
        interrupted.unlock()
        #expect(Signals.recorded() & Signals.mask(Signals.kick) != 0)
    }

    @Test func alarmsEndASleep() throws {
        // It stays installed, as above.
        try Signals.install(Signals.alarm, .record)
        // In a thread of its own, with the alarm blocked in no other way than here.
        let early = Lock()
        let thread = try HostThread {
            Signals.unblock(Signals.mask(Signals.alarm))
            let end = Clock.monotonic() + 3_600_000_000_000
            while Signals.recorded() & Signals.mask(Signals.alarm) == 0 {
                // The process-wide alarm may be taken by another thread; this one then has to be told.
                if Clock.sleepInterruptibly(until: min(end, Clock.monotonic() + 1_000_000)) { continue }
            }
            early.lock()
        }
        try Signals.alarm(after: 2_000_000)
        thread.join()
        #expect(!early.tryLock())
        early.unlock()
        _ = Signals.takeRecorded(Signals.mask(Signals.alarm))
    }

    @Test func childrenSpawnAndEnd() throws {
        let pipe = try FileDescriptor.pipe()
        // It waits for a line that never comes.
        let silence = try FileDescriptor.pipe()
        let child = try Process.spawn("/bin/sh", ["sh", "-c", "read x"], standardInput: silence.reading.raw)
        #expect(try Process.poll(child) == nil)
        try Process.send(Signals.kill, to: child)
        #expect(try Process.wait(child) == .signal(Signals.kill))

        let input = try FileDescriptor.pipe()
        var inputWriting = input.writing
        let second = try Process.spawn(
            "/bin/sh", ["sh", "-c", "read x; echo got $x; exit 7"], standardInput: input.reading.raw,
            standardOutput: pipe.writing.raw)
        try inputWriting.writeAll(Array("this\n".utf8))
        try inputWriting.close()
        #expect(try Process.wait(second) == .exit(7))
        #expect(throws: Errno.child) { _ = try Process.wait(second) }
        var writing = pipe.writing
        try writing.close()
        #expect(try pipe.reading.readAll(limit: 100) == Array("got this\n".utf8))
        #expect(throws: Errno.noent) { _ = try Process.spawn("/nowhere/program", ["x"]) }
        #expect(throws: Errno.inval) { _ = try Process.spawn("/bin/sh", ["a\0b"]) }
        #expect(throws: Errno.inval) { try Process.send(0, to: -1) }
    }

    @Test func readingIsBounded() throws {
        #expect(throws: Errno.fbig) { _ = try Files.readWhole("/dev/zero", limit: 100_000) }
        #expect(try Files.readWhole("/dev/null", limit: 0).isEmpty)
        #expect(try !Files.readWhole("/proc/self/stat", limit: 10_000).isEmpty)
    }

    @Test func localSockets() throws {
        let path = try temporaryPath("socket")
        defer { try? Files.unlink(path) }
        let listener = try FileDescriptor.listen(unix: path)
        #expect(try Files.status(path).kind == .socket)
        #expect(try Files.status(path).mode & 0o077 == 0)
        #expect(throws: Errno.addrinuse) { _ = try FileDescriptor.listen(unix: path) }
        let client = try FileDescriptor.connect(unix: path)
        let server = try listener.accept()
        try client.writeAll([9])
        var byte = [UInt8](repeating: 0, count: 1)
        let got = try unsafe byte.withUnsafeMutableBytes { try unsafe server.read(into: $0) }
        #expect(got == 1 && byte == [9])
        #expect(try client.send([1, 2, 3], from: 1) == 2 && client.send([1], from: 1) == 0)
        #expect(try server.receive(limit: 10) == [2, 3])
        // Eight wait at most, and whoever comes then may not want to.
        var waiting = 0
        var refusal: Errno?
        var others: [Int32] = []
        while refusal == nil && waiting < 100 {
            do throws(Errno) {
                others.append(try FileDescriptor.connect(unix: path, nonblocking: true).release())
                waiting += 1
            } catch { refusal = error }
        }
        for number in others { _ = FileDescriptor(raw: number) }
        #expect(refusal == .again && waiting >= 8)
        #expect(throws: Errno.nametoolong) {
            _ = try FileDescriptor.listen(unix: String(repeating: "x", count: 108))
        }
        #expect(throws: Errno.noent) { _ = try FileDescriptor.connect(unix: path + ".none") }
    }

    @Test func aSocketWithoutAReaderIsAnErrorAndNoSignal() throws {
        let path = try temporaryPath("socket")
        defer { try? Files.unlink(path) }
        let listener = try FileDescriptor.listen(unix: path)
        let client = try FileDescriptor.connect(unix: path)
        var server = try listener.accept()
        try server.close()
        // A blocked signal stays pending, also one that is ignored.
        let mask = Signals.block(Signals.mask(Signals.pipe))
        #expect(throws: Errno.pipe) { _ = try client.send([1]) }
        #expect(Signals.pending() & Signals.mask(Signals.pipe) == 0)
        Signals.setMask(mask)
        #expect(try client.receive(limit: 1).isEmpty)
    }

    @Test func outputStopsAtAClosedPipe() throws {
        try Signals.install(Signals.pipe, .ignore)
        let pipe = try FileDescriptor.pipe()
        var output = Output(descriptor: pipe.writing.raw)
        output.line("one")
        output.write("two")
        var entries = [PollEntry(pipe.reading.raw, .readable)]
        #expect(try Host.poll(&entries, timeoutNanoseconds: 0) == 0, "nothing is written before flush")
        var flushed = output.flush()
        #expect(flushed)
        var reading = pipe.reading
        var bytes = [UInt8](repeating: 0, count: 100)
        let got = try unsafe bytes.withUnsafeMutableBytes { try unsafe reading.read(into: $0) }
        #expect(Array(bytes[..<got]) == Array("one\ntwo".utf8))
        try reading.close()
        output.line("three")
        flushed = output.flush()
        #expect(!flushed)
        #expect(output.failure == .pipe)
        output.line("four")
        flushed = output.flush()
        #expect(!flushed)
    }

    @Test func thisProcess() {
        #expect(Process.arguments.count >= 1)
        #expect(Process.executablePath != nil)
        #expect(Process.environment("PATH") != nil && Process.environment("STASIS_NO_SUCH") == nil)
        #expect(Process.groups.first == Process.gid)
        #expect(Process.groupName(0) == "root")
        #expect(Process.kernelRelease != nil && Process.machine != nil)
        #expect(HostThread.processors >= 1)
        #expect(Terminal.width(-1) == nil)
    }

    @Test func atomics() {
        unsafe withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { memory in
            // Two aligned words of 64 bits.
            let word = memory.baseAddress!
            let wide = unsafe word + 8
            unsafe Atomics.store32(word, 0b1100)
            #expect(unsafe Atomics.or32(word, 0b0011) == 0b1100)
            #expect(unsafe Atomics.and32(word, 0b0110) == 0b1111)
            #expect(unsafe Atomics.exchange32(word, 9) == 0b0110)
            #expect(unsafe Atomics.add32(word, .max) == 9)
            #expect(unsafe !Atomics.compareExchange32(word, expected: 9, desired: 1))
            #expect(unsafe Atomics.compareExchange32(word, expected: 8, desired: 1))
            #expect(unsafe Atomics.load32(word) == 1)
            unsafe Atomics.store64(wide, 1 << 40)
            #expect(unsafe Atomics.or64(wide, 1) == 1 << 40)
            #expect(unsafe Atomics.and64(wide, 1 << 40) == 1 << 40 + 1)
            #expect(unsafe Atomics.add64(wide, 5) == 1 << 40)
            #expect(unsafe Atomics.exchange64(wide, 2) == 1 << 40 + 5)
            #expect(unsafe Atomics.compareExchange64(wide, expected: 2, desired: .max))
            #expect(unsafe !Atomics.compareExchange64(wide, expected: 2, desired: 0))
            #expect(unsafe Atomics.load64(wide) == .max)
            // The ones for 32-bit hosts.
            #expect(unsafe chost_locked_exchange64(wide, 3) == .max)
            #expect(unsafe chost_locked_add64(wide, 4) == 3)
            #expect(unsafe chost_locked_or64(wide, 8) == 7)
            #expect(unsafe chost_locked_and64(wide, 12) == 15)
            #expect(unsafe chost_locked_compare_exchange64(wide, 12, 1))
            #expect(unsafe !chost_locked_compare_exchange64(wide, 12, 2))
            #expect(unsafe chost_locked_load64(wide) == 1)
        }
    }

    @Test func zerosAreFoundWhereverABitIs() {
        var bytes = [UInt8](repeating: 0, count: 300)
        for start in 0..<9 {
            for index in bytes.indices {
                bytes[index] = 0x80
                let zero = unsafe bytes.withUnsafeBytes {
                    unsafe Memory.isZero(UnsafeRawBufferPointer(rebasing: $0[start..<291]))
                }
                #expect(zero == (index < start || index >= 291))
                bytes[index] = 0
            }
        }
    }

    /// The layout of structures is proven when CHost is compiled; this is the size an ioctl's number carries.
    @Test func kvmStructuresHaveTheSizesTheNumbersSay() {
        let sizes: [(UInt32, Int)] = [
            (1, MemoryLayout<chost_kvm_one_reg>.size), (2, MemoryLayout<chost_kvm_reg_list>.size),
            (3, MemoryLayout<chost_kvm_userspace_memory_region>.size), (5, MemoryLayout<chost_kvm_dirty_log>.size),
            (7, MemoryLayout<chost_kvm_one_reg>.size), (8, MemoryLayout<chost_kvm_enable_cap>.size),
            (9, MemoryLayout<chost_kvm_ioeventfd>.size),
        ]
        for (which, size) in sizes {
            let number = chost_kvm_ioctl_number(which)
            if number == 0 { continue }
            #expect(Int(number >> 16 & 0x1FFF) == size)
            #expect(number >> 8 & 0xFF == 0xAE)
        }
        #expect(MemoryLayout<chost_kvm_regs>.size == 280)
    }
}
