// The manual page, in roff with the man macros: `stasis manual | man -l -`.

/// The text of `stasis manual`.
public enum Manual {
    /// The page, with its line ends.
    public static var page: String {
        var roff = Roff()
        roff.request("TH " + Program.name.inCapitals + " 1 \"\" \"" + Program.name + " " + Program.version + "\"")
        roff.section("NAME")
        roff.paragraph(Program.name + " - run MIPS guests, and stop their time")
        roff.section("SYNOPSIS")
        for spec in CommandSpec.table {
            if spec.command != .run { roff.request("br") }
            roff.paragraph(Help.usage(of: spec))
        }
        roff.section("DESCRIPTION")
        roff.paragraph(
            """
            Stasis is a virtual machine monitor for MIPS guests. It can stop the time of a guest, save the guest in a file, \
            restore it in another process and let its time go on, with no tick lost or doubled. On a MIPS host it drives \
            /dev/kvm; elsewhere it drives a simulator that keeps the same contract.
            """)
        roff.section("COMMANDS")
        for spec in CommandSpec.table { command(spec, &roff) }
        roff.section("OPTIONS")
        for spec in OptionSpec.table { option(spec, &roff) }
        roff.section("EXIT STATUS")
        roff.item("0", "It did what was asked.")
        roff.item("1", "It ran and failed: a bad file, a failed guest, a failed row, two snapshots that differ.")
        roff.item("2", "The command line was wrong.")
        return roff.text
    }

    private static func command(_ spec: CommandSpec, _ roff: inout Roff) {
        roff.request("SS " + spec.command.name)
        roff.paragraph(spec.purpose)
        for paragraph in spec.details {
            roff.request("PP")
            roff.paragraph(paragraph)
        }
        if spec.options.isEmpty { return }
        var names: [String] = []
        for use in spec.options {
            let fallback = use.fallback.utf8.isEmpty ? "" : " (" + use.fallback + ")"
            names.append(OptionSpec.of(use.option).name + fallback)
        }
        roff.request("PP")
        roff.paragraph("Options, with what holds without them: " + list(names, last: ", ") + ".")
    }

    private static func option(_ spec: OptionSpec, _ roff: inout Roff) {
        let line = Help.line(for: OptionUse(spec.option))
        var text = spec.details
        if case .size(let minimum, let maximum, let step) = spec.kind {
            text += " From " + Size.format(minimum) + " to " + Size.format(maximum) + ", a multiple of "
            text += Size.format(step) + "."
        }
        if case .choice(let names) = spec.kind { text += " One of " + list(names) + "." }
        roff.item(line.head, text)
    }
}

/// Lines of roff.
private struct Roff {
    private(set) var text = ""

    /// A line that is a request or macro call.
    mutating func request(_ line: String) {
        text += "." + line + "\n"
    }

    mutating func section(_ name: String) {
        request("SH " + name)
    }

    /// A tagged paragraph.
    mutating func item(_ tag: String, _ body: String) {
        request("TP")
        text += "\\fB" + escaped(tag) + "\\fR\n"
        paragraph(body)
    }

    /// Running text. No line may begin with a dot or an apostrophe, which would make it a request.
    mutating func paragraph(_ body: String) {
        for line in wrapped(body, to: 72) {
            if line.begins(with: ".") || line.begins(with: "'") { text += "\\&" }
            text += escaped(line) + "\n"
        }
    }

    /// A hyphen that is typed is a minus in roff, and a backslash begins an escape.
    private func escaped(_ line: String) -> String {
        line.replacing(UInt8(ascii: "\\"), with: "\\e").replacing(UInt8(ascii: "-"), with: "\\-")
    }
}
