// The command line of Stasis: what a user may type, and what is printed about it.
//
// Purpose
//     One table of commands and options is the only place where the command line is described. Everything a user meets
//     is made from it: parsing and its errors, `--help`, the manual page, completion for three shells. A parser from a
//     package would need reflection, which Embedded Swift does not have, and the same program has to run on MIPS hosts.
//
// Glossary
//     command     the first word: `run`, `restore`, `inspect` and so on (`Command`, `CommandSpec`)
//     option      a word that begins with a dash, with or without a value (`Option`, `OptionSpec`)
//     operand     a word that is neither: an image, a snapshot (`OperandSpec`)
//     value       the text given to an option; its `ValueKind` says which texts are allowed
//     invocation  the result: a command with its options, checked and typed (`Invocation`)
//
// Life cycle
//     words -> `Invocation.parse` -> `Invocation`, or a `UsageError` whose description is one line (exit status 2).
//     Nothing after that looks at text again: sizes are bytes, durations nanoseconds, addresses numbers, and every range
//     was checked against the table.
//
// To add an option: a case in `Option`, its row in `OptionSpec.table`, its name in the commands that take it, a field in
// their option structs. The compiler asks for the rest: `Settings.set` switches over every case.
//
// Beside the table live two ways of printing that commands share: `TextTable` and `ProgressLine`. The third, JSON, is a
// module of its own. This one knows no guest, no backend and no file.

/// What the program calls itself.
public enum Program {
    /// The name used in help, errors and completion.
    public static let name = "stasis"

    /// The version of the program, as in CHANGELOG.md (semantic versioning).
    public static let version = "0.1.0"

    /// One line that says what it is.
    public static let summary = "Run MIPS guests, and stop their time."

    /// What `--version` prints, with its line end.
    public static var versionLine: String { name + " " + version + "\n" }
}

/// The exit statuses of the program.
public enum ExitStatus: Int32, Sendable {
    /// It did what was asked.
    case success = 0
    /// It ran and failed: a bad file, a failed guest, a failed conformance row, two snapshots that differ.
    case failure = 1
    /// It did not run: the command line was wrong.
    case usage = 2
}
