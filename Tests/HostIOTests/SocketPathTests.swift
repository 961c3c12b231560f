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

    /// Two find the same name that nobody listens at: the first gets it, and keeps it.
    @Test func oneOfTwoGetsAStaleName() throws {
        let path = try temporaryPath("race")
        do { _ = try SocketPath.listen(at: path) }
        let ended = Kicks()
        let won = Kicks()
        let end = ended.closure
        let win = won.closure
        var second: HostThread?
        // The second begins just before the first takes the old name away, and gets time enough to be quicker.
        let driver = SystemCallDriver { _, call in
            if call.name == .unlink && second == nil {
                second = try? HostThread {
                    do throws(LineError) {
                        _ = try SocketPath.listen(at: path)
                        win()
                    } catch {
                        #expect(error.reason == .inUse)
                    }
                    end()
                }
                let limit = Clock.monotonic() + 100_000_000
                while ended.count == 0 && Clock.monotonic() < limit { HostThread.yield() }
            }
            return .pass
        }
        let first = try driver.run { () throws(LineError) in try SocketPath.listen(at: path) }
        #expect(ended.wait(beyond: 0))
        try #require(second).join()
        #expect(won.count == 0 && first.raw >= 0)
        _ = try FileDescriptor.connect(unix: path)
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
