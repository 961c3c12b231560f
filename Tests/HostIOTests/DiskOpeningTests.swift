// Opening a disk: what it is, whom it excludes, and each way it can fail.

import Host
import HostIO
import Testing

@testable import HostIO

@Suite struct DiskOpening {
    private func reason(_ path: String, readOnly: Bool = false, serial: [UInt8] = []) -> DiskError.Reason? {
        do throws(DiskError) {
            _ = try Disk(path: path, readOnly: readOnly, serial: serial)
            return nil
        } catch {
            #expect(error.path == path)
            #expect(error.description.hasPrefix("disk " + path) && !error.description.contains("\n"))
            return error.reason
        }
    }

    @Test func aFileIsADisk() throws {
        let scratch = try Scratch("open", size: 4096)
        let disk = try Disk(path: scratch.path, serial: [65, 66])
        #expect(disk.size == 4096 && disk.ignoredTail == 0 && !disk.isReadOnly && disk.serial == [65, 66])
        #expect(try disk.path == Files.realPath(scratch.path))
    }

    @Test func thePathIsWhatItWasAtOpening() throws {
        let scratch = try Scratch("link", size: 4096)
        let link = scratch.path + "-link"
        #expect(try Process.wait(Process.spawn("/bin/ln", ["ln", "-s", scratch.path, link])) == .exit(0))
        defer { try? Files.unlink(link) }
        #expect(try Disk(path: link).path == Files.realPath(scratch.path))
    }

    @Test func bytesBehindTheLastSectorStayOut() throws {
        let scratch = try Scratch("tail", size: 1500)
        let disk = try Disk(path: scratch.path)
        #expect(disk.size == 1024 && disk.ignoredTail == 476)
    }

    @Test func whatIsNoDisk() throws {
        #expect(reason("/nonexistent/disk") == .missing)
        #expect(reason("/dev/null/disk") == .missing)
        #expect(reason("/tmp") == .kind(.directory))
        #expect(reason("/dev/null") == .kind(.characterDevice))
        let fifo = try temporaryPath("fifo")
        #expect(try Process.wait(Process.spawn("/usr/bin/mkfifo", ["mkfifo", fifo])) == .exit(0))
        defer { try? Files.unlink(fifo) }
        #expect(reason(fifo) == .kind(.pipe))
        let empty = try Scratch("empty", size: 511)
        #expect(reason(empty.path) == .empty)
        #expect(reason(empty.path, serial: [UInt8](repeating: 65, count: 21)) == .serial(21))
    }

    @Test func oneWriterOrManyReaders() throws {
        let scratch = try Scratch("lock", size: 4096)
        let pid = Process.pid
        do {
            let writer = try Disk(path: scratch.path)
            #expect(reason(scratch.path) == .locked(by: pid))
            #expect(reason(scratch.path, readOnly: true) == .locked(by: pid))
            // Another process meets it too.
            let trying = ["flock", "-n", "-x", scratch.path, "/bin/true"]
            #expect(try Process.wait(Process.spawn("/usr/bin/flock", trying)) == .exit(1))
            #expect(writer.size == 4096)
        }
        let one = try Disk(path: scratch.path, readOnly: true)
        let two = try Disk(path: scratch.path, readOnly: true)
        #expect(one.isReadOnly && two.isReadOnly)
        #expect(reason(scratch.path) == .locked(by: pid))
    }

    @Test func anotherProcessIsNamed() throws {
        let scratch = try Scratch("holder", size: 4096)
        let input = try FileDescriptor.pipe()
        let output = try FileDescriptor.pipe()
        let holder = try Process.spawn(
            "/usr/bin/flock", ["flock", "-s", scratch.path, "/bin/cat"], standardInput: input.reading.raw,
            standardOutput: output.writing.raw)
        // What comes back comes from a program that began with the lock held.
        try input.writing.writeAll([1])
        var byte = [UInt8](repeating: 0, count: 1)
        // Written during the call.
        #expect(try unsafe byte.withUnsafeMutableBytes { try unsafe output.reading.read(into: $0) } == 1)
        #expect(reason(scratch.path) == .locked(by: holder))
        #expect(reason(scratch.path, readOnly: true) == nil)
        var end = input.writing
        try end.close()
        #expect(try Process.wait(holder) == .exit(0))
        #expect(reason(scratch.path) == nil)
    }

    /// A process that was just forked still has a copy of the descriptor.
    @Test func theLockGoesBeforeTheLastCopy() throws {
        let scratch = try Scratch("copy", size: 4096)
        let copy = try Disk(path: scratch.path).file.duplicate()
        #expect(reason(scratch.path) == nil && copy.raw >= 0)
    }

    @Test func everyErrorHasItsReason() throws {
        let scratch = try Scratch("errors", size: 4096)
        func failing(_ name: SystemCall.Name, _ error: Errno, skip: Int = 0, readOnly: Bool = false) -> DiskError
            .Reason?
        {
            var left = skip
            let driver = SystemCallDriver { _, call in
                guard call.name == name else { return .pass }
                left -= 1
                return left < 0 ? .fail(error) : .pass
            }
            return driver.run { reason(scratch.path, readOnly: readOnly) }
        }
        #expect(failing(.realpath, .noent) == .missing)
        #expect(failing(.realpath, .loop) == .host(.find, .loop))
        #expect(failing(.realpath, .acces) == .notPermitted(writing: false))
        #expect(failing(.fstat, .io) == .host(.find, .io))
        #expect(failing(.open, .acces) == .notPermitted(writing: true))
        #expect(failing(.open, .rofs) == .notPermitted(writing: true))
        #expect(failing(.open, .perm, readOnly: true) == .notPermitted(writing: false))
        #expect(failing(.open, .busy) == .busy)
        #expect(failing(.open, .overflow) == .tooLarge)
        #expect(failing(.open, .mfile) == .host(.open, .mfile))
        #expect(failing(.flock, .again) == .locked(by: nil))
        #expect(failing(.flock, .opnotsupp) == .host(.lock, .opnotsupp))
        #expect(failing(.fstat, .io, skip: 1) == .host(.examine, .io))
        #expect(failing(.open, .intr, skip: 99) == nil)
    }

    @Test func theKernelsListNamesTheHolder() {
        let list = Array(
            """
            1: POSIX  ADVISORY  WRITE 11 fd:01:77 0 EOF
            2: -> FLOCK  ADVISORY  WRITE 12 fd:01:77 0 EOF
            3: FLOCK  ADVISORY  WRITE 13 fd:01:78 0 EOF
            4: FLOCK  ADVISORY  WRITE 14 103:4000a:77 0 EOF
            5: FLOCK  ADVISORY  READ  15 fd:01:77 0 EOF
            6: FLOCK  ADVISORY  WRITE -1 08:00:5 0 EOF
            7: FLOCK
            """.utf8)
        #expect(LockHolder.find(device: 0xFD01, inode: 77, in: list) == 15)
        #expect(LockHolder.find(device: 0xFD01, inode: 79, in: list) == nil)
        #expect(LockHolder.find(device: 0x4001_0003_000A & 0xFFFF_FFFF | 0x4000_0000, inode: 77, in: list) == nil)
        // Major 0x103, minor 0x4000A.
        #expect(LockHolder.find(device: 0x4001_030A, inode: 77, in: list) == 14)
        #expect(LockHolder.find(device: 0x0800, inode: 5, in: list) == nil)
    }

    @Test func identityTellsWhatChanged() throws {
        let scratch = try Scratch("identity", size: 4096)
        let saved: DiskIdentity
        do {
            let disk = try Disk(path: scratch.path, serial: [1])
            saved = try disk.identity()
            #expect(try saved.path == Files.realPath(scratch.path) && saved.size == 4096 && saved.serial == [1])
            #expect(try saved.inode == Files.status(scratch.path).inode)
            #expect(try saved.modified == Files.status(scratch.path).modified && saved.modified > 0)
            #expect(try disk.identity().change(since: saved) == nil)
            #expect(throws: DiskError(path: disk.path, .host(.examine, .io))) {
                try SystemCallDriver.failing(.fstat, .io).run { () throws(DiskError) in _ = try disk.identity() }
            }
        }
        #expect(try Disk(path: scratch.path, readOnly: true).identity().change(since: saved) == .readOnly)
        try FileDescriptor.open(path: scratch.path, [.write]).truncate(to: 8192)
        let grown = try Disk(path: scratch.path).identity()
        #expect(grown.change(since: saved) == .size(was: 4096, now: 8192))
        var later = saved
        later.modified += 5_000_000
        #expect(later.change(since: saved) == .contents(was: saved.modified, now: later.modified))
        #expect(DiskChange.contents(was: 0, now: 5_000_000).description.contains("5 ms after"))
        #expect(DiskChange.contents(was: 5_000_000, now: 0).description.contains("5 ms older"))
    }
}
