// `stasis pause`, `resume`, `save`, `status`, `quit`: clients of a running machine's control socket.

import CommandLine
import Control
import Host
import JSON
import Timekeeping

extension Program {
    /// Asks the machine that is controlled at a path, and prints what it tells.
    static func control(_ path: String, _ choice: ControlChoice) -> ExitStatus {
        reporting { () throws(Failure) in
            do throws(ControlClientError) {
                return try ask(try ControlClient(path: path), choice)
            } catch {
                throw Failure(error.description)
            }
        }
    }

    private static func ask(_ client: ControlClient, _ choice: ControlChoice) throws(ControlClientError) -> ExitStatus {
        let request: ControlRequest
        switch choice {
        case .pause: request = .pause
        case .resume(let policy): request = .resume(policy: policy?.policy.description)
        case .save(let file, let policy, let staysPaused):
            request = .save(file: absolute(file), policy: policy?.policy.description, staysPaused: staysPaused)
        case .quit: request = .quit
        case .status(let json): return try tellStatus(client, json)
        }
        // Silence is success; what went wrong is thrown.
        _ = try client.execute(request)
        return .success
    }

    /// The machine may have been started elsewhere: a path that begins here is made one that means the same there.
    private static func absolute(_ path: String) -> String {
        if path.utf8.first == UInt8(ascii: "/") { return path }
        guard let here = Process.workingFolder else { return path }
        return here + "/" + path
    }

    private static func tellStatus(_ client: ControlClient, _ json: Bool) throws(ControlClientError) -> ExitStatus {
        let status = try client.execute(.status)
        let clock = try client.execute(.clock)
        let ledger = try client.execute(.ledger)
        if json {
            return show(
                .object([JSONMember("status", status), JSONMember("clock", clock), JSONMember("ledger", ledger)]))
        }
        var table = TextTable([.init(""), .init("")])
        for answer in [status, clock, ledger] { StatusText.add(answer, &table) }
        return show(table.text)
    }

    private static func show(_ value: JSONValue) -> ExitStatus {
        var json = JSONWriter()
        json.value(value)
        return show(json.text)
    }
}

/// An answer for people: a line each member, in the order of the machine, with a newer one's members as they come.
private enum StatusText {
    static func add(_ answer: JSONValue, _ table: inout TextTable) {
        guard case .object(let members) = answer else { return }
        for member in members {
            guard let elements = member.value.elements else {
                table.row([member.name, text(member)])
                continue
            }
            for element in elements { table.row([member.name, line(element)]) }
        }
    }

    /// A device or a ledger entry, in one line.
    private static func line(_ element: JSONValue) -> String {
        guard case .object(let members) = element else { return "" }
        var line = ""
        for member in members {
            if !line.utf8.isEmpty { line += ", " }
            // What a device is called needs no name.
            if member.value.text == nil { line += member.name + " " }
            line += text(member)
        }
        return line
    }

    private static func text(_ member: JSONMember) -> String {
        switch member.value {
        case .string(let text), .number(let text): return text
        case .bool(let truth): return truth ? "yes" : "no"
        case .integer(let number):
            if isOne(of: ["uptime", "gap", "hidden", "guest-monotonic", "frozen-monotonic"], member.name) {
                return spanText(number)
            }
            return isOne(of: ["guest-realtime", "host-realtime", "frozen-realtime"], member.name)
                ? calendarText(number) : String(number)
        case .object, .array, .null: return ""
        }
    }

    private static func isOne(of names: [StaticString], _ name: String) -> Bool {
        for each in names where each.description.utf8.elementsEqual(name.utf8) { return true }
        return false
    }
}
