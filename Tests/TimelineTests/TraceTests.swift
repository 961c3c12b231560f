// Traces as text: what is written is read, and what nobody wrote is an error with a line number.

import Testing

@testable import Timeline

let head = "stasis-trace 1 hz=100000000 clock=host\n"

/// A number from a seed: xorshift, so that a failing case can be repeated.
struct Numbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

func traceError(_ text: String) -> String {
    do throws(TraceError) {
        _ = try Trace(bytes: Array(text.utf8))
        Issue.record("accepted: \(text)")
        return ""
    } catch {
        return error.description
    }
}

@Suite struct TraceTests {
    static let events: [TimelineEvent] = [
        TimelineEvent(at: 5, TimerView(count: 0, compare: .max), .sample),
        TimelineEvent(at: 6, TimerView(count: 1, compare: 2, flags: [.pending, .frozen, .disabled]), .freeze),
        TimelineEvent(
            at: 1 << 61, TimerView(count: .max, compare: 0, flags: .pending),
            .thaw(Thaw(cause: "pause", policy: "catch-up-max=5ns", gap: 1 << 60, hidden: -(1 << 60)))),
        TimelineEvent(at: 1 << 61, TimerView(count: 3, compare: 4), .interrupt),
        .note(at: (1 << 62) - 1, "two  words & ünicode <"),
        .note(at: (1 << 62) - 1, ""),
    ]

    @Test func whatIsWrittenIsRead() throws {
        for isVirtual in [false, true] {
            let trace = Trace(hz: 1_000_000_000, isVirtual: isVirtual, events: Self.events)
            #expect(try Trace(bytes: trace.bytes) == trace)
        }
    }

    @Test func theTextIsTheOneOfTheDocumentation() {
        let trace = Trace(hz: 100_000_000, isVirtual: false, events: Self.events)
        #expect(
            String(decoding: trace.bytes, as: UTF8.self) == head + """
                sample 5 0 4294967295 -
                freeze 6 1 2 tfd
                thaw 2305843009213693952 4294967295 0 t pause catch-up-max=5ns 1152921504606846976 -1152921504606846976
                interrupt 2305843009213693952 3 4 -
                note 4611686018427387903 two  words & ünicode <
                note 4611686018427387903 \n
                """)
    }

    @Test func wordsCannotBreakALine() throws {
        let long = String(repeating: "ö", count: 5000)
        let events: [TimelineEvent] = [
            .note(at: 1, "a\nsample 1 2 3 -\r\0\u{7F}"), .note(at: 1, long),
            TimelineEvent(
                at: 1, TimerView(count: 0, compare: 0),
                .thaw(Thaw(cause: "", policy: "a b\n" + long, gap: .min, hidden: .max))),
        ]
        let read = try Trace(bytes: Trace(hz: 1, isVirtual: false, events: events).bytes)
        #expect(read.events.count == 3)
        #expect(read.events[0].kind == .note("a sample 1 2 3 -   "))
        guard case .note(let note) = read.events[1].kind, case .thaw(let thaw) = read.events[2].kind else {
            Issue.record("not a note and a thaw")
            return
        }
        #expect(long.hasPrefix(note) && note.utf8.count == 400)
        #expect(thaw.cause == "_" && thaw.policy.hasPrefix("a_b_ö"))
        #expect(thaw.gap == -(1 << 62) && thaw.hidden == 1 << 62)
    }

    @Test func errorsNameTheLineAndTheField() {
        #expect(traceError("") == "line 1: the file is empty; a trace is written by --trace")
        #expect(traceError("garbage\n").hasPrefix("line 1: not the first line of a trace"))
        #expect(traceError("stasis-trace 2 hz=1 clock=host\n").hasPrefix("line 1: a trace of another version"))
        for rate in ["0", "1000000001", "-1", "", "0x10", "99999999999999999999999999"] {
            #expect(traceError("stasis-trace 1 hz=\(rate) clock=host\n").hasPrefix("line 1: hz= is not a rate"))
        }
        #expect(traceError("stasis-trace 1 rate=5 clock=host\n").hasPrefix("line 1: hz= is not a rate"))
        #expect(traceError("stasis-trace 1 hz=5 clock=sun\n").hasPrefix("line 1: clock= is neither"))
        #expect(traceError("stasis-trace 1 hz=5 clock=host more\n").hasPrefix("line 1: too few words or too many"))
        #expect(traceError("stasis-trace 1 hz=5 clock=host").hasPrefix("line 1: cut short"))
        #expect(traceError(head + "sample 1 2 3 -\nsample 2 2 3").hasPrefix("line 3: cut short"))
        #expect(traceError(head + "simple 1 2 3 -\n").hasPrefix("line 2: not an event"))
        #expect(traceError(head + "\n").hasPrefix("line 2: not an event"))
        #expect(traceError(head + "sample 4611686018427387904 2 3 -\n").hasPrefix("line 2: the instant is not"))
        #expect(traceError(head + "sample 99999999999999999999 2 3 -\n").hasPrefix("line 2: the instant is not"))
        #expect(traceError(head + "sample  1 2 3 -\n").hasPrefix("line 2: the instant is not"))
        #expect(traceError(head + "note x text\n").hasPrefix("line 2: the instant is not"))
        #expect(traceError(head + "sample 1 4294967296 3 -\n").hasPrefix("line 2: Count is not"))
        #expect(traceError(head + "sample 1 -2 3 -\n").hasPrefix("line 2: Count is not"))
        #expect(traceError(head + "sample 1 2 3.5 -\n").hasPrefix("line 2: Compare is not"))
        #expect(traceError(head + "sample 1 2 3\n").hasPrefix("line 2: too few words or too many"))
        #expect(traceError(head + "sample 1 2 3 - 4\n").hasPrefix("line 2: too few words or too many"))
        #expect(traceError(head + "sample 1 2 3 x\n").hasPrefix("line 2: flags are letters"))
        #expect(traceError(head + "thaw 1 2 3 - pause\n").hasPrefix("line 2: too few words or too many"))
        #expect(traceError(head + "thaw 1 2 3 - pause freeze 4611686018427387905 0\n").hasPrefix("line 2: the gap is"))
        #expect(traceError(head + "thaw 1 2 3 - pause freeze 4 --1\n").hasPrefix("line 2: what was hidden is not"))
        #expect(traceError(head + "sample 2 2 3 -\nsample 1 2 3 -\n").hasPrefix("line 3: earlier than the line before"))
        #expect(
            traceError(head + "note 1 " + String(repeating: "x", count: 600) + "\n").hasPrefix("line 2: longer than"))
        #expect(traceError(String(repeating: "stasis-trace ", count: 60)).hasPrefix("line 1: longer than"))
    }

    @Test func thereAreNotTooManyEvents() throws {
        let text = Array((head + String(repeating: "note 1 \n", count: 101)).utf8)
        #expect(throws: TraceError(102, .tooMany)) { try Trace(bytes: text, atMost: 100) }
        #expect(try Trace(bytes: text, atMost: 101).events.count == 101)
    }

    @Test(arguments: 1...20)
    func nothingTrapsWhateverTheBytes(_ seed: Int) throws {
        var numbers = Numbers(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)
        let good = Trace(hz: 100_000_000, isVirtual: false, events: Self.events).bytes
        var read = 0
        for _ in 0..<500 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &numbers) {
                let index = Int.random(in: bytes.indices, using: &numbers)
                switch UInt8.random(in: 0...3, using: &numbers) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &numbers)
                case 1: bytes.remove(at: index)
                case 2: bytes.insert(UInt8.random(in: 0x20...0x7E, using: &numbers), at: index)
                default: bytes.removeSubrange(index...)
                }
                if bytes.isEmpty { break }
            }
            // What can still be read can be drawn, or says that it cannot.
            guard let trace = try? Trace(bytes: bytes) else { continue }
            read += 1
            if let picture = try? Picture(trace, name: "seed \(seed)") { #expect(!picture.svg.isEmpty) }
        }
        #expect(read > 0)
    }
}
