// TAP interfaces, against the real driver in a network namespace of the test's own, and against a driver played by the
// test.

import Glibc
import Host
import Testing

@testable import HostIO

/// Runs a test with this thread in a network namespace of its own, where it may do anything. Left out, with a word,
/// where the system does not allow it.
private func inNamespace(_ body: () throws -> Void) throws {
    guard Files.exists("/dev/net/tun"), (try? FileDescriptor.open(path: "/dev/net/tun", .readWrite)) != nil else {
        try Test.cancel("/dev/net/tun cannot be opened here")
    }
    guard Files.exists("/sbin/ip") else { try Test.cancel("there is no ip (Debian: iproute2) here") }
    let newNetwork: Int32 = 0x4000_0000
    let outside = try FileDescriptor.open(path: "/proc/thread-self/ns/net", .read)
    guard call("unshare", newNetwork, 0) == 0 else { try Test.cancel("a network namespace is not permitted here") }
    defer { #expect(call("setns", outside.raw, newNetwork) == 0) }
    try body()
}

/// Two functions of libc that Swift's view of it leaves out. The second argument of one that has one is passed over.
private func call(_ name: String, _ first: Int32, _ second: Int32) -> Int32 {
    typealias Function = @convention(c) (Int32, Int32) -> Int32
    // The functions are there in every libc of Linux, and take ints and answer one.
    guard let address = unsafe dlsym(nil, name) else { return -1 }
    return unsafe unsafeBitCast(address, to: Function.self)(first, second)
}

private func ip(_ words: String) throws {
    let arguments = ["ip"] + words.split(separator: " ").map { String($0) }
    #expect(try Process.wait(Process.spawn("/sbin/ip", arguments)) == .exit(0), "ip \(words)")
}

/// What a guest at 10.9.8.2 sends and expects.
private enum Net {
    static let guest: [UInt8] = [2, 0, 0, 0, 0, 2]
    static let header = [UInt8](repeating: 0, count: 12)

    static func arpRequest() -> [UInt8] {
        header + [255, 255, 255, 255, 255, 255] + guest + [8, 6, 0, 1, 8, 0, 6, 4, 0, 1] + guest + [10, 9, 8, 2]
            + [0, 0, 0, 0, 0, 0, 10, 9, 8, 1]
    }

    static func isARPReply(_ frame: [UInt8]) -> Bool {
        frame.count >= 54 && Array(frame[24..<26]) == [8, 6] && Array(frame[32..<34]) == [0, 2]
            && Array(frame[40..<44]) == [10, 9, 8, 1] && Array(frame[12..<18]) == guest
    }

    static func sum(_ bytes: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for index in stride(from: 0, to: bytes.count, by: 2) {
            sum += UInt32(bytes[index]) << 8 | (index + 1 < bytes.count ? UInt32(bytes[index + 1]) : 0)
        }
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        return UInt16(sum)
    }

    /// A datagram to a port where nobody listens, its checksum only begun, which the header says or does not say.
    static func datagram(to host: [UInt8], isMarked: Bool) -> [UInt8] {
        let payload = pattern(32)
        var packet: [UInt8] = [
            0x45, 0, 0, UInt8(28 + payload.count), 0, 1, 0, 0, 64, 17, 0, 0, 10, 9, 8, 2, 10, 9, 8, 1,
        ]
        let check = ~sum(packet)
        packet[10] = UInt8(check >> 8)
        packet[11] = UInt8(check & 0xFF)
        let length = UInt8(8 + payload.count)
        // The pseudo-header alone, not inverted.
        let begun = sum([10, 9, 8, 2, 10, 9, 8, 1, 0, 17, 0, length])
        packet += [0x30, 0x39, 0x30, 0x3A, 0, length, UInt8(begun >> 8), UInt8(begun & 0xFF)] + payload
        let header: [UInt8] = [isMarked ? 1 : 0, 0, 0, 0, 0, 0, 34, 0, 6, 0, 0, 0]
        return header + host + guest + [8, 0] + packet
    }

    static func isPortUnreachable(_ frame: [UInt8]) -> Bool {
        frame.count >= 48 && Array(frame[24..<26]) == [8, 0] && frame[35] == 1 && Array(frame[46..<48]) == [3, 3]
    }
}

@Suite(.serialized) struct Taps {
    private func take(_ tap: Tap, until isIt: ([UInt8]) -> Bool) -> [UInt8]? {
        var found: [UInt8]?
        _ = eventually {
            for frame in tap.takeFrames(64) where isIt(frame) { found = frame }
            return found != nil
        }
        return found
    }

    @Test func framesBothWays() throws {
        try inNamespace {
            let tap = try Tap(name: "stasis0")
            #expect(!tap.isUp)
            let kicks = Kicks()
            try tap.start(kick: kicks.closure)
            defer { tap.stop() }
            // The interface is down: the host refuses.
            tap.send([Net.arpRequest()])
            tap.drain()
            #expect(tap.statistics.refused == 1 && tap.statistics.refusal == .io)
            try ip("addr add 10.9.8.1/24 dev stasis0")
            try ip("link set stasis0 up")
            #expect(tap.isUp)
            tap.send([Net.arpRequest()])
            tap.drain()
            #expect(tap.statistics.sent == 1)
            #expect(kicks.wait(beyond: 0))
            let reply = try #require(take(tap, until: Net.isARPReply))
            #expect(Array(reply[..<12]) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0])
            #expect(reply.count == 12 + 42)
            // Neither a frame nor a header: refused, and nothing worse.
            tap.send([[], [1, 2, 3], [UInt8](repeating: 0xFF, count: 40)])
            tap.drain()
            #expect(tap.statistics.refused == 4)
        }
    }

    /// The guest leaves a checksum to the host, which finishes it if the header says so and drops the packet otherwise.
    @Test func checksumsAreTheHosts() throws {
        try inNamespace {
            let tap = try Tap(name: "stasis1")
            #expect(tap.offloads.isSuperset(of: [.checksum, .tso4, .tso6]))
            try tap.start {}
            defer { tap.stop() }
            try ip("addr add 10.9.8.1/24 dev stasis1")
            try ip("link set stasis1 up")
            try tap.setOffloads(tap.offloads)
            tap.send([Net.arpRequest()])
            let reply = try #require(take(tap, until: Net.isARPReply))
            let host = Array(reply[18..<24])
            tap.send([Net.datagram(to: host, isMarked: false), Net.datagram(to: host, isMarked: true)])
            let answer = try #require(take(tap, until: Net.isPortUnreachable))
            // One answer, to the second: the first was wrong.
            #expect(answer.count > 48)
            Clock.sleep(until: Clock.monotonic() + 20_000_000)
            #expect(!tap.takeFrames(64).contains { Net.isPortUnreachable($0) })
        }
    }

    @Test func readingPausesAtTheBound() throws {
        try inNamespace {
            let tap = try Tap(name: "stasis2")
            try tap.start {}
            defer { tap.stop() }
            try ip("addr add 10.9.8.1/24 dev stasis2")
            try ip("link set stasis2 up")
            for _ in 0..<4 {
                tap.send([[UInt8]](repeating: Net.arpRequest(), count: 100))
                tap.drain()
            }
            #expect(tap.statistics.sent == 400)
            #expect(eventually { tap.statistics.received >= UInt64(Tap.frameLimit) })
            Clock.sleep(until: Clock.monotonic() + 20_000_000)
            #expect(tap.statistics.received == UInt64(Tap.frameLimit))
            var replies = 0
            #expect(
                eventually {
                    for frame in tap.takeFrames(7) where Net.isARPReply(frame) { replies += 1 }
                    return replies == 400
                })
        }
    }

    @Test func sendingBeyondTheBoundDrops() throws {
        try inNamespace {
            let tap = try Tap(name: "stasis3")
            tap.send([[UInt8]](repeating: Net.arpRequest(), count: Tap.frameLimit + 44))
            #expect(tap.statistics.dropped == 44)
            // Not running: nothing to wait for.
            tap.drain()
            try ip("link set stasis3 up")
            try tap.start {}
            tap.drain()
            #expect(tap.statistics.sent == UInt64(Tap.frameLimit) && tap.statistics.dropped == 44)
            tap.stop()
            tap.send([[UInt8]](repeating: [UInt8](repeating: 0, count: 1 << 18), count: 6))
            #expect(tap.statistics.dropped == 46)
        }
    }

    @Test func nothingPassesBeforeTheGateOpens() throws {
        try inNamespace {
            let tap = try Tap(name: "stasis4")
            try ip("addr add 10.9.8.1/24 dev stasis4")
            try ip("link set stasis4 up")
            let gate = Gate()
            try tap.start(gate: gate) {}
            tap.send([Net.arpRequest()])
            Clock.sleep(until: Clock.monotonic() + 20_000_000)
            #expect(tap.statistics == TapStatistics())
            gate.open()
            tap.drain()
            #expect(tap.statistics.sent == 1)
            #expect(take(tap, until: Net.isARPReply) != nil)
            tap.stop()
            let failing = Gate()
            try tap.start(gate: failing) {}
            tap.send([Net.arpRequest()])
            failing.fail()
            tap.drain()
            #expect(tap.statistics.sent == 1 && tap.statistics.dropped == 1)
            tap.stop()
        }
    }

    @Test func anInterfaceThatIsRemoved() throws {
        try inNamespace {
            let tap = try Tap(name: "stasis5")
            let kicks = Kicks()
            try ip("link set stasis5 up")
            try tap.start(kick: kicks.closure)
            defer { tap.stop() }
            #expect(!tap.statistics.isGone)
            try ip("link del stasis5")
            #expect(eventually { tap.statistics.isGone })
            #expect(kicks.wait(beyond: 0))
            #expect(!tap.isUp)
            tap.send([Net.arpRequest()])
            #expect(tap.statistics.dropped == 1)
            tap.drain()
        }
    }

    @Test func interfacesThatCannotBeUsed() throws {
        try inNamespace {
            func reason(_ name: String) -> TapError.Reason? {
                do throws(TapError) {
                    _ = try Tap(name: name)
                    return nil
                } catch {
                    #expect(error.description.hasPrefix("network interface " + name))
                    return error.reason
                }
            }
            #expect(reason("lo") == .notATap)
            for name in ["", "a-name-too-long-", "a b", "a/b", "tap%d", "a:b", ".", "..", "tab\t"] {
                #expect(reason(name) == .name)
            }
            let tap = try Tap(name: "stasis6")
            #expect(reason("stasis6") == .busy && tap.name == "stasis6")
            // One that stays, as root makes it for a user.
            try ip("tuntap add dev stasis7 mode tap")
            for _ in 0..<2 { #expect(reason("stasis7") == nil) }
            try ip("tuntap add dev stasis8 mode tun")
            #expect(reason("stasis8") == .notATap)
        }
    }

    /// The device as a test plays it: the numbers are those of x86.
    @Test func everyErrorHasItsReason() throws {
        guard (try? FileDescriptor.open(path: "/dev/net/tun", .readWrite)) != nil else {
            try Test.cancel("/dev/net/tun cannot be opened here")
        }
        func make(_ decide: @escaping (UInt64, UInt64) -> SystemCallDriver.Verdict) -> (TapError.Reason?, TAPOffloads?)
        {
            let driver = SystemCallDriver { _, call in
                call.name == .ioctl ? decide(call.arguments.1, call.arguments.2) : .pass
            }
            return driver.run {
                do throws(TapError) { return (nil, try Tap(name: "tap9").offloads) } catch {
                    return (error.reason, nil)
                }
            }
        }
        let attach: UInt64 = 0x4004_54CA
        let header: UInt64 = 0x4004_54D8
        let offload: UInt64 = 0x4004_54D0
        for (error, reason): (Errno, TapError.Reason) in [
            (.perm, .notPermitted), (.acces, .notPermitted), (.busy, .busy), (.inval, .notATap),
            (.nfile, .host(.nfile)),
        ] {
            #expect(make { request, _ in request == attach ? .fail(error) : .answer(0) }.0 == reason)
        }
        for (error, reason): (Errno, TapError.Reason) in [(.inval, .tooOld), (.notty, .tooOld), (.io, .host(.io))] {
            #expect(make { request, _ in request == header ? .fail(error) : .answer(0) }.0 == reason)
        }
        #expect(make { request, _ in request == offload ? .fail(.io) : .answer(0) }.0 == .host(.io))
        // Kernels that know less.
        for (known, expected): (UInt64, TAPOffloads) in [
            (15, [.checksum, .tso4, .tso6, .ecn]), (7, [.checksum, .tso4, .tso6]), (1, .checksum), (0, []),
        ] {
            #expect(
                make { request, some in request == offload && some & ~known != 0 ? .fail(.inval) : .answer(0) }.1
                    == expected)
        }
        for (error, reason): (Errno, TapError.Reason) in [
            (.noent, .noDriver), (.nodev, .noDriver), (.acces, .device), (.perm, .device), (.mfile, .host(.mfile)),
        ] {
            #expect(throws: TapError(name: "tap9", reason)) {
                try SystemCallDriver.failing(.open, error).run { () throws(TapError) in _ = try Tap(name: "tap9") }
            }
        }
        #expect(TapError(name: "tap9", .notPermitted).description.contains("ip tuntap add dev tap9 mode tap user"))
    }

    /// Frames made before the guest said that it takes less.
    @Test func whatTheGuestCannotReadIsNotGivenToIt() throws {
        try inNamespace {
            let tap = try Tap(name: "stasis9")
            let plain: [UInt8] = [0, 0], partial: [UInt8] = [1, 0], tso4: [UInt8] = [1, 1], tso6: [UInt8] = [1, 4]
            let marked: [UInt8] = [1, 0x81], udp: [UInt8] = [1, 3]
            func readable() -> [Bool] { [plain, partial, tso4, tso6, marked, udp].map { tap.isReadable($0) } }
            #expect(readable() == [true, false, false, false, false, false])
            try tap.setOffloads([.checksum])
            #expect(readable() == [true, true, false, false, false, false])
            try tap.setOffloads([.checksum, .tso4])
            #expect(readable() == [true, true, true, false, false, false])
            try tap.setOffloads(tap.offloads)
            #expect(readable() == [true, true, true, true, true, false])
        }
    }
}
