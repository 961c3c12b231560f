// The socket as a name in the file system, and a host that refuses.

import Control
import Foundation
import Host
import JSON
import Testing

@Suite struct Paths {
    private func refusal(_ path: String) -> ControlServerError.Reason? {
        do throws(ControlServerError) {
            let server = try ControlServer(path: path, version: "1.2.3") {}
            server.close()
            return nil
        } catch {
            #expect(
                error.path == path && !error.description.contains("\n")
                    && (path.isEmpty || error.description.contains(path)))
            return error.reason
        }
    }

    /// A socket that nobody listens to.
    private func stale(_ path: String) throws {
        let listener = try FileDescriptor.listen(unix: path)
        #expect(listener.raw >= 0)
    }

    @Test func onlyItsUserOpensIt() throws {
        let server = try server("mode")
        let status = try Files.status(server.path)
        #expect(status.kind == .socket && status.mode == 0o600)
        server.close()
        #expect(!Files.exists(server.path))
    }

    @Test func aPathInUseIsLeftAlone() throws {
        let server = try server("used")
        #expect(refusal(server.path) == .inUse)
        let client = try RawClient(server.path)
        try client.send(#"{"execute":"status"}"# + "\n")
        try server.next().reply(.done)
        #expect(try client.message()["return"] != nil)
        server.close()
    }

    @Test func whatNobodyListensToIsReplaced() throws {
        let path = try temporaryPath("stale")
        try stale(path)
        #expect(throws: Errno.addrinuse) { _ = try FileDescriptor.listen(unix: path) }
        let server = try ControlServer(path: path, version: "1.2.3") {}
        #expect(try RawClient(path).socket.raw >= 0)
        #expect(try Files.status(path).mode == 0o600)
        server.close()
    }

    @Test func ofSeveralAtOnceOneReplacesIt() throws {
        for _ in 0..<20 {
            let path = try temporaryPath("race")
            try stale(path)
            let (made, refused, gate) = (Counter(), Counter(), Lock())
            gate.lock()
            let threads = try (0..<4).map { _ in
                try HostThread {
                    gate.withLock {}
                    do throws(ControlServerError) {
                        let server = try ControlServer(path: path, version: "1.2.3") {}
                        made.add()
                        // The others have tried by then.
                        while refused.value < 3 && made.value == 1 { HostThread.yield() }
                        server.close()
                    } catch {
                        refused.add()
                        if error.reason != .inUse { made.add() }
                    }
                }
            }
            gate.unlock()
            for thread in threads { thread.join() }
            #expect(made.value == 1 && refused.value == 3)
            #expect(!Files.exists(path))
        }
    }

    @Test func whatIsNoSocketIsLeftAlone() throws {
        let path = try temporaryPath("file")
        let file = try FileDescriptor.open(path: path, [.write, .create, .exclusive])
        try file.writeAll([1, 2, 3])
        #expect(refusal(path) == .notASocket(.regular))
        #expect(try Files.readWhole(path, limit: 10) == [1, 2, 3])
        try FileManager.default.createSymbolicLink(atPath: path + ".link", withDestinationPath: path)
        #expect(refusal(path + ".link") == .notASocket(.regular))
        try Files.unlink(path)
        // A link to nowhere is something too.
        #expect(refusal(path + ".link") != nil)
        try Files.unlink(path + ".link")
        try Files.makeDirectory(path)
        #expect(refusal(path) == .notASocket(.directory))
        try FileManager.default.removeItem(atPath: path)
        // The path is a C string during the call.
        #expect(unsafe mkfifo(path, 0o600) == 0)
        #expect(refusal(path) == .notASocket(.pipe))
        try Files.unlink(path)
    }

    @Test func pathsThatCannotBe() throws {
        let folder = try temporaryPath("folder")
        #expect(refusal(folder + "/socket") == .socket(.noent))
        #expect(refusal("") == .socket(.noent))
        #expect(refusal("/tmp/a\0b") == .socket(.inval))
        #expect(refusal("/tmp/" + String(repeating: "x", count: 103)) == .pathTooLong)
        let longest = folder + String(repeating: "x", count: 107 - folder.utf8.count)
        #expect(refusal(longest) == nil && refusal(longest + "x") == .pathTooLong)
    }

    @Test func theEndRemovesItsOwnOnly() throws {
        let server = try server("other")
        try Files.unlink(server.path)
        let other = try FileDescriptor.open(path: server.path, [.write, .create, .exclusive])
        server.close()
        #expect(try other.status().kind == .regular && Files.exists(server.path))
        try Files.unlink(server.path)
        // Nothing to remove is no trouble.
        let another = try ControlServer(path: server.path, version: "1.2.3") {}
        try Files.unlink(another.path)
        another.close()
    }

    #if DEBUG
        @Test func theHostRefuses() throws {
            let path = try temporaryPath("refused")
            func refusal(_ name: SystemCall.Name, _ error: Errno) -> ControlServerError.Reason? {
                SystemCallDriver.failing(name, error).run { self.refusal(path) }
            }
            #expect(refusal(.listen, .acces) == .socket(.acces))
            #expect(refusal(.eventfd, .mfile) == .thread(.mfile))
            #expect(refusal(.open, .mfile) == .socket(.mfile))
            #expect(!Files.exists(path))
            // Where folders cannot be locked it does without.
            #expect(refusal(.flock, .opnotsupp) == nil)
            // Whoever cannot be asked is taken to be there.
            try stale(path)
            #expect(refusal(.connect, .again) == .inUse)
            #expect(refusal(.connect, .acces) == .inUse)
            #expect(refusal(.unlink, .perm) == .socket(.perm))
            #expect(Files.exists(path))
            try Files.unlink(path)
        }
    #endif
}
