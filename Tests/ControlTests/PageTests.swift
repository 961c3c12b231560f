// docs/control.md says what the code does: every name is there, no other is, and every example means what it says.

import Control
import Foundation
import JSON
import Testing

@Suite struct Page {
    private let lines: [String]

    init() throws {
        let page = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../docs/control.md").standardized
        lines = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "\n")
    }

    /// The rows of the tables below a heading, up to the next heading, by their number; each is its cells.
    private func tables(_ heading: String) throws -> [[[String]]] {
        let start = try #require(lines.firstIndex(of: heading))
        var tables: [[[String]]] = []
        var isInside = false
        for line in lines[(start + 1)...] {
            if line.hasPrefix("#") { break }
            guard line.hasPrefix("|") else {
                isInside = false
                continue
            }
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
                .map { $0.trimmingCharacters(in: .whitespaces) }
            if !isInside { tables.append([]) }
            isInside = true
            tables[tables.count - 1].append(cells)
        }
        // Without the head and the line below it.
        return tables.map { Array($0.dropFirst(2)) }
    }

    /// What stands between backticks.
    private func names(_ cell: String) -> [String] {
        cell.components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
    }

    private func firstNames(_ table: [[String]]) -> [String] { table.map { names($0[0]).joined() } }

    private func keys(_ value: JSONValue?) -> [String] {
        guard case .object(let members)? = value else { return [] }
        return members.map(\.name)
    }

    /// The lines of the code blocks marked as JSON.
    private var examples: [String] {
        var found: [String] = []
        var isInside = false
        for line in lines {
            if line.hasPrefix("```") {
                isInside = line == "```json"
            } else if isInside {
                found.append(line)
            }
        }
        return found
    }

    @Test func commandsAndArguments() throws {
        let tables = try tables("## Commands")
        try #require(tables.count == 2)
        #expect(firstNames(tables[0]) == ControlCommand.allCases.map(\.name.description))
        for (command, row) in zip(ControlCommand.allCases, tables[0]) {
            #expect(names(row[1]) == command.arguments.map(\.name.description), "\(command)")
        }
        #expect(firstNames(tables[1]) == ControlArgument.allCases.map(\.name.description))
        for (argument, row) in zip(ControlArgument.allCases, tables[1]) {
            let value = argument.isTruth ? "true or false" : argument.isRequired ? "text, required" : "text"
            #expect(row[1] == value, "\(argument)")
        }
    }

    @Test func errorsAndLimits() throws {
        #expect(firstNames(try tables("## Errors")[0]) == ControlFailure.Kind.allCases.map(\.name.description))
        let limits = try tables("## Limits")[0].map { $0[1] }
        #expect(limits == ["\(Control.longestLine)", "\(Control.mostClients)", "\(Control.mostOutput)", "32"])
        #expect(JSONLimits(length: 1).depth == 32)
    }

    static let events: [ControlEvent] = [
        .pause(count: 1), .resume(policy: "freeze", gap: 1, hidden: 1), .save(file: "f", bytes: 1), .reset,
        .powerOff(code: 1), .shutdown(reason: "r"), .restoreHealth(.good, detail: "d"),
        .deviceFailed(device: "d", reason: "r"),
    ]

    @Test func events() throws {
        let table = try tables("## Events")[0]
        #expect(firstNames(table) == Self.events.map(\.name.description))
        for (event, row) in zip(Self.events, table) {
            let json = try parse(String(decoding: event.line(at: 1_000_000_001), as: UTF8.self))
            #expect(keys(json) == ["event", "data", "timestamp"])
            #expect(names(row[1]) == keys(json["data"]), "\(event)")
            #expect(ControlEvent(json) == event && ControlEvent.realtime(json) == 1_000_000_001)
        }
    }

    @Test func whatIsReturned() throws {
        var status = FakeMachine.status
        status.health = .waiting
        status.devices[0].failure = "why"
        let table = try tables("### What `status` returns")[0]
        let json = try parse(String(decoding: ControlReply.status(status).line(), as: UTF8.self))["return"]
        #expect(firstNames(table) == keys(json))
        #expect(ControlStatus(try #require(json)) == status)
        for state in ControlState.allCases { #expect(names(table[0][1]).contains(state.name.description)) }
        let health = try #require(table.first { $0[0] == "`health`" })
        for each in ControlHealth.allCases { #expect(names(health[1]).contains(each.name.description)) }
        #expect(names(try #require(table.last)[1]) == keys(json?["devices"]?.elements?[0]))

        let clock = try parse(String(decoding: ControlReply.clock(FakeMachine.clock).line(), as: UTF8.self))["return"]
        #expect(firstNames(try tables("### What `clock` returns")[0]) == keys(clock))
        #expect(ControlClock(try #require(clock)) == FakeMachine.clock)

        let ledger = ControlLedger(
            freezes: .max, gap: .min, hidden: .max,
            entries: [
                ControlLedgerEntry(
                    frozenRealtime: -1, frozenMonotonic: .max, gap: 1, hidden: 2, cause: "save", policy: "catch-up",
                    isClamped: true)
            ])
        let tables = try tables("### What `ledger` returns")
        let written = try parse(String(decoding: ControlReply.ledger(ledger).line(), as: UTF8.self))["return"]
        #expect(firstNames(tables[0]) == keys(written))
        #expect(firstNames(tables[1]) == keys(written?["entries"]?.elements?[0]))
        #expect(ControlLedger(try #require(written)) == ledger)
    }

    /// What a message means, written again by the code.
    private func again(_ json: JSONValue) throws -> [UInt8]? {
        if json["execute"] != nil { return try ControlRequest(json).line(id: json["id"]) }
        if let greeting = ControlGreeting(json) { return greeting.line }
        if json["event"] != nil {
            guard let event = ControlEvent(json), let realtime = ControlEvent.realtime(json) else { return nil }
            return event.line(at: realtime)
        }
        let reply: ControlReply
        if let error = json["error"] {
            guard let failure = ControlFailure(error) else { return nil }
            reply = .failure(failure)
        } else if let value = json["return"] {
            if let status = ControlStatus(value) {
                reply = .status(status)
            } else if let clock = ControlClock(value) {
                reply = .clock(clock)
            } else if let ledger = ControlLedger(value) {
                reply = .ledger(ledger)
            } else {
                reply = .done
            }
        } else {
            return nil
        }
        return reply.line(id: json["id"])
    }

    @Test func examplesMeanWhatTheySay() throws {
        #expect(examples.count >= 20)
        var unseen = Set(
            ControlCommand.allCases.map(\.name.description) + Self.events.map(\.name.description)
                + ["state", "guest-monotonic", "entries", "stasis", "error"])
        for text in examples {
            let json = try parse(text)
            #expect(try again(json) == compact(json), "\(text)")
            unseen.remove(json["execute"]?.text ?? json["event"]?.text ?? "")
            for name in keys(json) + keys(json["return"]) { unseen.remove(name) }
        }
        #expect(unseen.isEmpty, "no example of \(unseen)")
    }

    @Test func theGreetingIsTheCodes() throws {
        let greeting = try #require(ControlGreeting(try parse(examples[0])))
        #expect(greeting.protocol == Control.version)
    }
}
