// Completion for fish.

extension Completion {
    /// One `complete` line for each command, and for each option of each command.
    static var fish: String {
        var text = """
            # fish completion for stasis: stasis completion fish | source
            complete -c stasis -f

            """
        for spec in CommandSpec.table {
            text += "complete -c stasis -n __fish_use_subcommand -a " + spec.command.name
            text += " -d " + literal(spec.summary) + "\n"
        }
        for use in CommandSpec.commonOptions { text += "complete -c stasis" + option(use) }
        for spec in CommandSpec.table {
            let condition = "complete -c stasis -n '__fish_seen_subcommand_from " + spec.command.name + "'"
            for use in spec.options { text += condition + option(use) }
            guard let operand = spec.operands.first else { continue }
            let known = words(of: operand.kind)
            text += condition
            text += known.isEmpty ? " -F\n" : " -a " + literal(list(known, separator: " ", last: " ")) + "\n"
        }
        return text
    }

    private static func option(_ use: OptionUse) -> String {
        let spec = OptionSpec.of(use.option)
        var text = " -l " + spec.long
        if spec.short != 0 { text += " -s " + String(decoding: [spec.short], as: UTF8.self) }
        if case .file = spec.kind {
            text += " -r -F"
        } else if spec.kind.takesValue {
            text += " -x"
        }
        let known = words(of: spec.kind)
        if !known.isEmpty { text += " -a " + literal(list(known, separator: " ", last: " ")) }
        return text + " -d " + literal(spec.summary) + "\n"
    }

    private static func literal(_ text: String) -> String {
        "'" + text.replacing(UInt8(ascii: "'"), with: "\\'") + "'"
    }
}
