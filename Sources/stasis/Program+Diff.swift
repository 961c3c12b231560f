// `stasis diff`: what differs between two snapshots.

import CommandLine
import JSON
import Monitor

extension Program {
    /// `stasis diff`.
    static func compare(_ options: DiffOptions) -> ExitStatus {
        reporting { () throws(Failure) in
            let comparison = try monitor { () throws(MonitorError) in
                try SnapshotComparison(SnapshotContents(path: options.first), SnapshotContents(path: options.second))
            }
            if !options.quiet {
                let text = options.json ? json(comparison) : text(comparison)
                guard show(text) == .success else { return .failure }
            }
            return comparison.areSame ? .success : .failure
        }
    }

    private static func text(_ comparison: SnapshotComparison) -> String {
        if comparison.areSame { return "the same\n" }
        var table = TextTable([.init(""), .init(""), .init("first"), .init("second")])
        for difference in comparison.differences {
            table.row([
                difference.part.description, difference.name, shown(difference.first), shown(difference.second),
            ])
        }
        var text = comparison.differences.isEmpty ? "" : table.text
        guard let memory = comparison.memory else { return text + "memory: of different sizes\n" }
        if memory.pages == 0 { return text + "memory: the same\n" }
        text += "memory: \(memory.bytes) bytes in \(memory.pages) pages of \(MemoryDifference.page) bytes; the first:\n"
        for (address, a, b) in memory.first {
            text +=
                "  0x" + String(address, radix: 16) + ": " + String(a, radix: 16) + ", " + String(b, radix: 16) + "\n"
        }
        return text
    }

    private static func shown(_ value: String) -> String { value.utf8.isEmpty ? "-" : value }

    private static func json(_ comparison: SnapshotComparison) -> String {
        var json = JSONWriter()
        json.beginObject()
        json.member("same", comparison.areSame)
        json.key("differences")
        json.beginArray()
        for difference in comparison.differences {
            json.beginObject()
            json.member("part", difference.part.description)
            json.member("name", difference.name)
            json.member("first", difference.first)
            json.member("second", difference.second)
            json.endObject()
        }
        json.endArray()
        json.key("memory")
        if let memory = comparison.memory {
            json.beginObject()
            json.member("pages", memory.pages)
            json.member("bytes", memory.bytes)
            json.key("first")
            json.beginArray()
            for (address, a, b) in memory.first {
                json.beginObject()
                json.member("address", address)
                json.member("first", a)
                json.member("second", b)
                json.endObject()
            }
            json.endArray()
            json.endObject()
        } else {
            json.null()
        }
        json.endObject()
        return json.text
    }
}
