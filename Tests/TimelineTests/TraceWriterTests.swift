// What a run loop appends to a file.

import Foundation
import Host
import Testing

@testable import Timeline

@Suite struct TraceWriterTests {
    /// A path that nothing is at.
    func path() -> String { NSTemporaryDirectory() + "stasis-trace-" + UUID().uuidString }

    func read(_ path: String) throws -> Trace { try Trace(bytes: try Files.readWhole(path, limit: Trace.largest)) }

    @Test func eventsArriveInOrder() throws {
        let path = path()
        defer { try? Files.unlink(path) }
        let writer = try TraceWriter(path: path, hz: 1000, isVirtual: true)
        let timer = TimerView(count: 1, compare: 2, cause: 1 << 30)
        writer.sample(at: 10, timer)
        writer.freeze(at: 20, timer)
        writer.note(at: 25, "remark")
        writer.thaw(at: 30, timer, Thaw(cause: "pause", policy: "freeze", gap: 10, hidden: 10))
        writer.interrupt(at: 40, timer)
        // A clock read before the one above.
        writer.freeze(at: 39, timer)
        try writer.close()
        let trace = try read(path)
        #expect(trace.hz == 1000 && trace.isVirtual)
        #expect(trace.events.map(\.at) == [10, 20, 25, 30, 40, 40])
        #expect(trace.events[0].timer.flags == .pending)
        #expect(trace.events[5].kind == .freeze)
        #expect(try Files.status(path).size == writer.count)
    }

    @Test func samplesThatSayNothingNewAreLeftOut() throws {
        let path = path()
        defer { try? Files.unlink(path) }
        let writer = try TraceWriter(path: path, hz: 1000, isVirtual: false, spacing: 100)
        for now in UInt64(0)..<1000 {
            // Compare changes at 250, TI comes at 555 and goes at 556.
            writer.sample(
                at: 1000 + now,
                TimerView(
                    count: UInt32(now), compare: now < 250 ? 7 : 8, flags: now == 555 ? .pending : []))
        }
        try writer.close()
        #expect(
            try read(path).events.map { $0.at - 1000 } == [
                0, 100, 200, 250, 350, 450, 550, 555, 556, 656, 756, 856, 956,
            ])
    }

    @Test func theLimitEndsATraceWithANote() throws {
        let path = path()
        defer { try? Files.unlink(path) }
        let writer = try TraceWriter(path: path, hz: 1000, isVirtual: false, limit: 4096, spacing: 0)
        for now in UInt64(0)..<1000 { writer.sample(at: now, TimerView(count: UInt32(now), compare: 0)) }
        try writer.close()
        #expect(writer.failure == nil)
        let size = try Files.status(path).size
        #expect(size <= 4096 && size > 3800)
        let events = try read(path).events
        #expect(events.last?.kind == .note("the trace ends here: its limit is 4096 bytes"))
        for (index, event) in events.dropLast().enumerated() { #expect(event.at == UInt64(index)) }
    }

    @Test func aFullDiskEndsATraceAndIsTold() throws {
        let writer = try TraceWriter(path: "/dev/full", hz: 1000, isVirtual: false, spacing: 0)
        for now in UInt64(0)..<5000 { writer.sample(at: now, TimerView(count: 0, compare: 0)) }
        #expect(writer.failure == .nospc)
        #expect(throws: Errno.nospc) { try writer.close() }
    }

    @Test func aPipeNobodyEmptiesIsNotWaitedFor() throws {
        let path = path()
        defer { try? Files.unlink(path) }
        // The path is read during the call.
        let made = unsafe mkfifo(path, 0o600)
        #expect(made == 0)
        // Nobody reads.
        #expect(throws: Errno.nxio) { try TraceWriter(path: path, hz: 1000, isVirtual: false) }
        let reader = try FileDescriptor.open(path: path, [.read, .nonblocking])
        let writer = try TraceWriter(path: path, hz: 1000, isVirtual: false, spacing: 0)
        for now in UInt64(0)..<100_000 { writer.sample(at: now, TimerView(count: 0, compare: 0)) }
        #expect(writer.failure == .again)
        _ = consume reader
    }

    @Test func aPlaceWithoutRightsIsAnError() {
        #expect(throws: Errno.noent) {
            try TraceWriter(path: "/nonexistent/folder/trace", hz: 1, isVirtual: false)
        }
    }
}
