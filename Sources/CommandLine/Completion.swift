// Completion for shells, made from the table. Each shell has a file of its own beside this one.

/// The texts of `stasis completion`.
public enum Completion {
    /// A script to be sourced by the shell.
    public static func script(for shell: Shell) -> String {
        switch shell {
        case .bash: bash
        case .zsh: zsh
        case .fish: fish
        }
    }

    /// The words a value can be, for the kinds where they are known.
    static func words(of kind: ValueKind) -> [String] {
        switch kind {
        case .choice(let names): names
        case .clockPolicy: ClockPolicyChoice.forms
        case .flag, .size, .duration, .address, .file, .text, .rows: []
        }
    }

    /// All forms of an option, the short one first.
    static func forms(of spec: OptionSpec) -> [String] {
        spec.short == 0 ? [spec.name] : ["-" + String(decoding: [spec.short], as: UTF8.self), spec.name]
    }
}
