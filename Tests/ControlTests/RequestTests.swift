// Lines become requests, or an error that names what is wrong.

import Control
import JSON
import Testing

@Suite struct Requests {
    private func request(_ text: String) throws(ControlFailure) -> ControlRequest {
        guard let json = try? parse(text) else { throw ControlFailure(.badJSON, text) }
        return try ControlRequest(json)
    }

    static let all: [(ControlRequest, String)] = [
        (.pause, #"{"execute":"pause"}"#),
        (.resume(policy: nil), #"{"execute":"resume"}"#),
        (.resume(policy: "catch-up-max=2s"), #"{"execute":"resume","arguments":{"policy":"catch-up-max=2s"}}"#),
        (.save(file: "a b\n", policy: nil, staysPaused: false), #"{"execute":"save","arguments":{"file":"a b\n"}}"#),
        (
            .save(file: "x", policy: "freeze", staysPaused: true),
            #"{"execute":"save","arguments":{"file":"x","policy":"freeze","stay-paused":true}}"#
        ),
        (.status, #"{"execute":"status"}"#), (.clock, #"{"execute":"clock"}"#), (.ledger, #"{"execute":"ledger"}"#),
        (.quit, #"{"execute":"quit"}"#),
    ]

    @Test(arguments: all.indices)
    func thereAndBack(_ index: Int) throws {
        let (value, text) = Self.all[index]
        #expect(value.line() == Array((text + "\n").utf8))
        #expect(try request(text) == value)
        let id = JSONValue.array([.integer(1), .null])
        let line = String(decoding: value.line(id: id), as: UTF8.self)
        #expect(line == text.dropLast() + ",\"id\":[1,null]}\n")
        #expect(try request(String(line.dropLast())) == value)
    }

    @Test func everyCommandIsAmongThem() {
        for command in ControlCommand.allCases { #expect(Self.all.contains { $0.0.command == command }) }
    }

    @Test func whatIsLeftOutHasAMeaning() throws {
        #expect(try request(#"{"arguments":{},"execute":"pause"}"#) == .pause)
        #expect(
            try request(#"{"execute":"save","arguments":{"stay-paused":false,"file":"f"}}"#)
                == .save(file: "f", policy: nil, staysPaused: false))
    }

    static let refused: [(String, ControlFailure.Kind, String)] = [
        ("1", .badRequest, "a request is an object with execute, arguments and id"),
        ("[]", .badRequest, "a request is an object with execute, arguments and id"),
        ("{}", .badRequest, "a request needs execute, the name of a command"),
        (#"{"execute":1}"#, .badRequest, "a request needs execute, the name of a command"),
        (
            #"{"execute":"pause","argument":{}}"#, .badRequest,
            "a request has no 'argument'; it has execute, arguments and id"
        ),
        (#"{"execute":"pause","arguments":[]}"#, .badRequest, "arguments are an object"),
        (#"{"execute":"pause","arguments":null}"#, .badRequest, "arguments are an object"),
        (
            #"{"execute":"Pause"}"#, .unknownCommand,
            "no command 'Pause'; there are pause, resume, save, status, clock, ledger and quit"
        ),
        (
            #"{"execute":"a\u0000\u001b[1m"}"#, .unknownCommand,
            "no command 'a??[1m'; there are pause, resume, save, status, clock, ledger and quit"
        ),
        (
            #"{"execute":"pause","arguments":{"policy":"freeze"}}"#, .badArgument,
            "pause has no argument 'policy'; it has none"
        ),
        (
            #"{"execute":"resume","arguments":{"polcy":"freeze"}}"#, .badArgument,
            "resume has no argument 'polcy'; it has policy"
        ),
        (
            #"{"execute":"save","arguments":{"file":"x","b":1}}"#, .badArgument,
            "save has no argument 'b'; it has file, policy and stay-paused"
        ),
        (#"{"execute":"save"}"#, .badArgument, "save needs file"),
        (#"{"execute":"save","arguments":{"policy":"freeze"}}"#, .badArgument, "save needs file"),
        (#"{"execute":"save","arguments":{"file":""}}"#, .badArgument, "save: file has to be text, and not empty"),
        (#"{"execute":"save","arguments":{"file":7}}"#, .badArgument, "save: file has to be text, and not empty"),
        (
            #"{"execute":"resume","arguments":{"policy":null}}"#, .badArgument,
            "resume: policy has to be text, and not empty"
        ),
        (
            #"{"execute":"save","arguments":{"file":"x","stay-paused":"true"}}"#, .badArgument,
            "save: stay-paused has to be true or false"
        ),
        (
            #"{"execute":"save","arguments":{"file":"x","stay-paused":1}}"#, .badArgument,
            "save: stay-paused has to be true or false"
        ),
    ]

    @Test(arguments: refused.indices)
    func refuses(_ index: Int) {
        let (text, kind, reason) = Self.refused[index]
        #expect(throws: ControlFailure(kind, reason)) { _ = try request(text) }
    }

    @Test func longNamesAreCutBetweenCharacters() {
        let name = String(repeating: "é", count: 5000)
        do throws(ControlFailure) {
            _ = try request("{\"execute\":\"\(name)\"}")
            Issue.record("accepted")
        } catch {
            #expect(error.text.utf8.count < 200 && error.text.contains("ééé...'"))
        }
    }

    @Test func failuresComeBack() throws {
        for kind in ControlFailure.Kind.allCases {
            let failure = ControlFailure(kind, "why \"so\"")
            let json = try parse(String(decoding: ControlReply.failure(failure).line(id: .bool(true)), as: UTF8.self))
            #expect(ControlFailure(try #require(json["error"])) == failure && json["id"] == .bool(true))
        }
        #expect(ControlFailure(try parse(#"{"class":"Other","desc":"x"}"#)) == nil)
        #expect(ControlFailure(try parse(#"{"class":"Failed"}"#)) == nil)
    }

    @Test func whatIsMissingInAnAnswerIsNoticed() throws {
        for line in [
            ControlReply.status(FakeMachine.status).line(), ControlReply.clock(FakeMachine.clock).line(),
            ControlReply.ledger(
                ControlLedger(
                    freezes: 1, gap: 2, hidden: 3,
                    entries: [
                        ControlLedgerEntry(
                            frozenRealtime: 1, frozenMonotonic: 2, gap: 3, hidden: 4, cause: "pause", policy: "freeze")
                    ])
            ).line(),
        ] {
            let whole = try #require(try parse(String(decoding: line, as: UTF8.self))["return"])
            guard case .object(let members) = whole else { throw CancellationError() }
            func understood(_ value: JSONValue) -> Bool {
                ControlStatus(value) != nil || ControlClock(value) != nil || ControlLedger(value) != nil
            }
            #expect(understood(whole))
            for index in members.indices {
                var fewer = members
                fewer.remove(at: index)
                #expect(!understood(.object(fewer)), "without \(members[index].name)")
                fewer = members
                fewer[index].value = .null
                #expect(!understood(.object(fewer)), "null as \(members[index].name)")
            }
        }
    }
}
