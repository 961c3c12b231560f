// What is wrong with a command line, in one line.

/// A command line that cannot be carried out; the program then ends with `ExitStatus.usage`.
public struct UsageError: Error {
    /// The command it was said to, if one was named.
    public let command: Command?
    let kind: Kind

    enum Kind {
        /// No word at all.
        case noCommand
        /// A first word that is no command.
        case unknownCommand(String, nearest: String?)
        /// A word with a dash that is no option.
        case unknownOption(String, nearest: String?)
        /// An option of these other commands.
        case foreignOption(Option, of: [String])
        /// An option before the command.
        case optionBeforeCommand(Option)
        /// An option at the end that needs a value.
        case missingValue(Option)
        /// A value after `=` for an option that takes none.
        case needlessValue(Option, String)
        /// A value that was refused.
        case badValue(Option, String, ValueError)
        /// An operand that was refused: its name and the text.
        case badOperand(String, String, ValueError)
        /// The name of an operand that is not there.
        case missingOperand(String)
        /// An operand too many.
        case needlessOperand(String)
        /// Words after `--` for a command that has no guest.
        case needlessArguments(String)
        /// An option and its value that mean something only with another option.
        case needs(Option, String, Option)
        /// An option and its value that do not go with another option and value, and why.
        case contradiction(Option, String, Option, String, String)
    }

    init(_ command: Command?, _ kind: Kind) {
        self.command = command
        self.kind = kind
    }
}

extension UsageError: CustomStringConvertible {
    /// One line without its end: the program, the command, the option, the value, what is wrong and the remedy.
    public var description: String {
        var line = Program.name + ": "
        if let command { line += command.name + ": " }
        return line + reason
    }

    private var reason: String {
        switch kind {
        case .noCommand: "no command; use one of " + list(Command.names) + ", or --help"
        case .unknownCommand(let word, let nearest):
            quoted(word) + ": unknown command; " + Self.hint(nearest, otherwise: Program.name + " --help lists them")
        case .unknownOption(let word, let nearest):
            quoted(word) + ": unknown option; " + Self.hint(nearest, otherwise: help + " lists them")
        case .foreignOption(let option, let commands):
            OptionSpec.of(option).name + ": not an option of this command, only of " + list(commands, last: " and ")
        case .optionBeforeCommand(let option):
            OptionSpec.of(option).name + ": an option before the command; put it after the command"
        case .missingValue(let option):
            OptionSpec.of(option).name + ": no value; use " + OptionSpec.of(option).name + " "
                + OptionSpec.of(option).placeholder
        case .needlessValue(let option, let text):
            OptionSpec.of(option).name + " " + quoted(text) + ": takes no value; leave it out"
        case .badValue(let option, let text, let error):
            OptionSpec.of(option).name + " " + quoted(text) + ": " + error.description
        case .badOperand(let name, let text, let error): name + " " + quoted(text) + ": " + error.description
        case .missingOperand(let name): "no " + name + "; use " + usage
        case .needlessOperand(let text): quoted(text) + ": one word too many; use " + usage
        case .needlessArguments(let text):
            quoted(text) + ": only the guest of run takes arguments after --; use " + usage
        case .needs(let option, let text, let other):
            OptionSpec.of(option).name + " " + quoted(text) + ": means nothing without " + OptionSpec.of(other).name
                + "; add "
                + OptionSpec.of(other).name + " " + OptionSpec.of(other).placeholder
        case .contradiction(let option, let text, let other, let otherText, let why):
            OptionSpec.of(option).name + " " + quoted(text) + ": does not go with " + OptionSpec.of(other).name + " "
                + otherText + "; " + why + ", so leave one of them out"
        }
    }

    private static func hint(_ nearest: String?, otherwise: String) -> String {
        if let nearest { "did you mean '" + nearest + "'?" } else { otherwise }
    }

    private var help: String {
        Program.name + (command.map { " " + $0.name } ?? "") + " --help"
    }

    private var usage: String {
        guard let command else { return help }
        return Help.usage(of: CommandSpec.of(command))
    }
}
