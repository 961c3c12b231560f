// Names of sockets: which are replaced, which are not, and that they go away.

import Host
import Testing

@testable import HostIO

@Suite struct SocketPaths {
    private func reason(_ path: String) -> LineError.Reason? {
        do throws(LineError) {
            _ = try SocketPath.listen(at: path)
            return nil
        } catch {
            #expect(error.path == path && error.description.hasPrefix("socket " + path))
            return error.reason
        }
    }

    @Test func aNameNobodyListensAtIsReplaced() throws {
        let path = try temporaryPath("stale")
        do { _ = try SocketPath.listen(at: path) }
        // Closed, and its name is still there.
        #expect(try Files.linkStatus(path).kind == .socket)
        let live = try SocketPath.listen(at: path)
        _ = try FileDescriptor.connect(unix: path)
        #expect(reason(path) == .inUse)
        // Still the first one's.
        _ = try FileDescriptor.connect(unix: path)
        #expect(live.raw >= 0)
        try Files.unlink(path)
    }

    @Test func nothingElseIsReplaced() throws {
        let file = try Scratch("file", size: 3)
        #expect(reason(file.path) == .taken(.regular))
        #expect(try file.bytes() == [0, 0, 0])
        let folder = try temporaryPath("folder")
        try Files.makeDirectory(folder)
        #expect(reason(folder) == .taken(.directory))
        // A link to a socket nobody listens at is no socket.
        let stale = folder + "/stale"
        do { _ = try SocketPath.listen(at: stale) }
        let link = folder + "/link"
        #expect(try Process.wait(Process.spawn("/bin/ln", ["ln", "-s", stale, link])) == .exit(0))
        #expect(reason(link) == .taken(.other))
        #expect(Files.exists(stale))
        #expect(try Process.wait(Process.spawn("/bin/rm", ["rm", "-r", folder])) == .exit(0))
    }

    @Test func namesThatCannotBe() {
        #expect(reason("/nonexistent/socket") == .noDirectory)
        #expect(reason("/dev/null/socket") == .noDirectory)
        #expect(reason("/tmp/" + String(repeating: "x", count: 103)) == .tooLong(108))
        #expect(SystemCallDriver.failing(.listen, .acces).run { reason("/tmp/x") } == .notPermitted)
        #expect(SystemCallDriver.failing(.listen, .mfile).run { reason("/tmp/x") } == .host(.mfile))
    }

    @Test func doubtMeansInUse() throws {
        let path = try temporaryPath("doubt")
        do { _ = try SocketPath.listen(at: path) }
        #expect(SystemCallDriver.failing(.connect, .again).run { reason(path) } == .inUse)
        #expect(SystemCallDriver.failing(.connect, .acces).run { reason(path) } == .notPermitted)
        #expect(SystemCallDriver.failing(.unlink, .perm).run { reason(path) } == .notPermitted)
        #expect(try Files.linkStatus(path).kind == .socket)
        // A directory that cannot be locked is no reason.
        #expect(SystemCallDriver.failing(.open, .acces).run { reason(path) } == nil)
        try Files.unlink(path)
    }

    /// Many who find the same stale name at once: one of them gets it, and keeps it.
    @Test func oneOfManyGetsAStaleName() throws {
        let path = try temporaryPath("race")
        for _ in 0..<10 {
            do { _ = try SocketPath.listen(at: path) }
            let won = Kicks()
            let done = Kicks()
            var threads: [HostThread] = []
            for _ in 0..<4 {
                let win = won.closure
                let end = done.closure
                threads.append(
                    try HostThread {
                        do throws(LineError) {
                            let listener = try SocketPath.listen(at: path)
                            win()
                            // Until everybody has tried.
                            end()
                            _ = done.wait(beyond: 3)
                            _ = listener.raw
                        } catch {
                            #expect(error.reason == .inUse)
                            end()
                        }
                    })
            }
            for thread in threads { thread.join() }
            #expect(won.count == 1)
        }
        try Files.unlink(path)
    }

    @Test func namesGoAway() throws {
        let path = try temporaryPath("gone")
        do { _ = try Line(.socket(path)) }
        #expect(!Files.exists(path))
        let line = try Line(.socket(path))
        try line.start {}
        line.close()
        #expect(!Files.exists(path))
        // Somebody else's by now: it stays, however often the line is closed.
        let other = try SocketPath.listen(at: path)
        line.close()
        #expect(Files.exists(path) && other.raw >= 0)
        try Files.unlink(path)
    }

    @Test func onlyTheOwnerMayConnect() throws {
        let path = try temporaryPath("mode")
        let line = try Line(.socket(path))
        #expect(try Files.linkStatus(line.path).mode & 0o077 == 0)
    }
}
