// Parsing: words to an invocation.

extension Invocation {
    /// Reads the words after the program's name.
    ///
    /// Options and operands may come in any order, values as `--memory 64M` or `--memory=64M`, flags of one letter
    /// together (`-qh`), a value after one as `-o FILE` or `-oFILE`. `--` ends the options: what follows are operands, or for `run` the guest's arguments. `--help`
    /// and `--version` win over everything to the right of them.
    ///
    /// - Throws: `UsageError` for the first thing that is wrong, from the left.
    public static func parse(_ words: [String]) throws(UsageError) -> Invocation {
        var parser = Parser(words)
        return try parser.parse()
    }
}

private struct Parser {
    private let words: [String]
    private var index = 0
    private var command: Command?
    private var settings = Settings()

    init(_ words: [String]) {
        self.words = words
    }

    mutating func parse() throws(UsageError) -> Invocation {
        while index < words.count {
            let word = words[index]
            index += 1
            if word.same(as: "--") {
                try takeRest()
            } else if word.begins(with: "--") {
                if let invocation = try long(word) { return invocation }
            } else if word.begins(with: "-") && !word.same(as: "-") {
                if let invocation = try short(word) { return invocation }
            } else {
                try operand(word)
            }
        }
        guard let command else { throw UsageError(nil, .noCommand) }
        let expected = CommandSpec.of(command).operands
        if settings.operands.count < expected.count, expected[settings.operands.count].isRequired {
            throw UsageError(command, .missingOperand(expected[settings.operands.count].placeholder))
        }
        return try settings.invocation(of: command)
    }

    /// A word that begins with two dashes. Gives a result if parsing is over.
    private mutating func long(_ word: String) throws(UsageError) -> Invocation? {
        let bytes = Array(word.utf8)
        let equals = bytes.firstIndex(of: UInt8(ascii: "="))
        let name = String(decoding: bytes[2..<(equals ?? bytes.count)], as: UTF8.self)
        var value: String?
        if let equals { value = word.dropping(equals + 1) }
        for spec in OptionSpec.table where spec.long.same(as: name) { return try take(spec, value) }
        throw unknown("--" + name)
    }

    /// A word that begins with one dash: letters, each a flag, or the last one an option whose value is the rest of the word or
    /// the next one.
    private mutating func short(_ word: String) throws(UsageError) -> Invocation? {
        let bytes = Array(word.utf8)
        for index in 1..<bytes.count {
            let letter = bytes[index]
            var found: OptionSpec?
            for spec in OptionSpec.table where spec.short == letter && letter != 0 { found = spec }
            guard let found else { throw unknown(word) }
            let rest = word.dropping(index + 1)
            let hasValue = found.kind.takesValue && !rest.utf8.isEmpty
            if let invocation = try take(found, hasValue ? rest : nil) { return invocation }
            if hasValue { return nil }
        }
        return nil
    }

    /// An option of the table, with the value after its `=` if there was one.
    private mutating func take(_ spec: OptionSpec, _ attached: String?) throws(UsageError) -> Invocation? {
        if let command, !CommandSpec.of(command).takes(spec.option) {
            var others: [String] = []
            for other in CommandSpec.table where other.takes(spec.option) { others.append(other.command.name) }
            throw UsageError(command, .foreignOption(spec.option, of: others))
        }
        guard spec.kind.takesValue else {
            if let attached { throw UsageError(command, .needlessValue(spec.option, attached)) }
            if spec.option == .help { return .help(command) }
            if spec.option == .version { return .version }
            try set(spec, "")
            return nil
        }
        guard let value = attached ?? (index < words.count ? words[index] : nil) else {
            throw UsageError(command, .missingValue(spec.option))
        }
        if attached == nil { index += 1 }
        try set(spec, value)
        return nil
    }

    private mutating func set(_ spec: OptionSpec, _ value: String) throws(UsageError) {
        guard command != nil else { throw UsageError(nil, .optionBeforeCommand(spec.option)) }
        do throws(ValueError) {
            try settings.set(spec, to: value)
        } catch {
            throw UsageError(command, .badValue(spec.option, value, error))
        }
    }

    /// The command, or an operand of it.
    private mutating func operand(_ word: String) throws(UsageError) {
        guard let command else {
            for command in Command.allCases where command.name.same(as: word) {
                self.command = command
                return
            }
            throw UsageError(nil, .unknownCommand(word, nearest: nearest(to: word, among: Command.names)))
        }
        let expected = CommandSpec.of(command).operands
        guard settings.operands.count < expected.count else { throw UsageError(command, .needlessOperand(word)) }
        if word.utf8.isEmpty {
            throw UsageError(command, .badOperand(expected[settings.operands.count].placeholder, word, .noFileName))
        }
        settings.operands.append(word)
    }

    /// The words after `--`: operands that are still missing, then the guest's arguments.
    private mutating func takeRest() throws(UsageError) {
        while index < words.count {
            let word = words[index]
            index += 1
            // A kernel is in the place of IMAGE.
            if let command, settings.kernel != nil || settings.operands.count == CommandSpec.of(command).operands.count
            {
                guard CommandSpec.of(command).takesArguments else {
                    throw UsageError(command, .needlessArguments(word))
                }
                settings.arguments.append(word)
            } else {
                try operand(word)
            }
        }
    }

    /// The error for a word that is no option, with the nearest of those that would be allowed here.
    private func unknown(_ word: String) -> UsageError {
        var names: [String] = []
        for use in command.map({ CommandSpec.of($0).allOptions }) ?? CommandSpec.commonOptions {
            names.append(OptionSpec.of(use.option).name)
        }
        return UsageError(command, .unknownOption(word, nearest: nearest(to: word, among: names)))
    }
}
