// Help: one screen of 24 lines and 80 columns, for the program and for each command.

/// The texts of `--help`.
public enum Help {
    /// The help of a command, or of the program, with its line ends.
    public static func text(for command: Command?) -> String {
        guard let command else { return program }
        let spec = CommandSpec.of(command)
        var text = "Usage: " + usage(of: spec) + "\n\n"
        let purpose = wrapped(spec.purpose, to: 79)
        for line in purpose { text += line + "\n" }
        // The command with the most options has no room for the empty line.
        let isFull = 2 + purpose.count + 1 + spec.options.count + 1 > 24
        return text + (isFull ? "" : "\n") + options(spec.options)
    }

    /// How a command is called, in one line.
    static func usage(of spec: CommandSpec) -> String {
        var text = Program.name + " " + spec.command.name
        if !spec.options.isEmpty { text += " [OPTION]..." }
        for operand in spec.operands {
            text += operand.isRequired ? " " + operand.placeholder : " [" + operand.placeholder + "]"
        }
        return spec.takesArguments ? text + " [-- ARGUMENT...]" : text
    }

    /// One line for an option: its names, its value, what it does, which values there are, what holds without it.
    static func line(for use: OptionUse) -> (head: String, body: String) {
        let spec = OptionSpec.of(use.option)
        var head = ""
        if spec.short != 0 { head = "-" + String(decoding: [spec.short], as: UTF8.self) + ", " }
        head += spec.name
        if spec.kind.takesValue { head += " " + spec.placeholder }
        var body = spec.summary
        // The placeholder of a switch is the list of its values.
        if spec.option != .fpu && !spec.kind.note.utf8.isEmpty { body += ": " + spec.kind.note }
        if !use.fallback.utf8.isEmpty { body += " [" + use.fallback + "]" }
        return (head, body)
    }

    private static func options(_ uses: [OptionUse]) -> String {
        var text = ""
        for use in uses {
            let (head, body) = line(for: use)
            text += "  " + head.padded(to: 21) + " " + body + "\n"
        }
        // The two that go with everything share a line: a screen has 24.
        let (head, body) = line(for: OptionUse(.help))
        return text + "  " + head.padded(to: 21) + " " + body + " (-V, --version: print the version)\n"
    }

    private static var program: String {
        var text = "Usage: " + Program.name + " COMMAND [OPTION]... [OPERAND]...\n\n" + Program.summary + "\n\n"
        for spec in CommandSpec.table {
            var head = spec.command.name
            for operand in spec.operands where operand.isRequired { head += " " + operand.placeholder }
            text += "  " + head.padded(to: 21) + " " + spec.summary + "\n"
        }
        text += "\n" + options([])
        text += "\n" + Program.name + " COMMAND --help says more. Exit status: 0 done, 1 failed, 2 bad usage.\n"
        return text
    }
}
