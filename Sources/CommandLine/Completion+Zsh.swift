// Completion for zsh.

extension Completion {
    /// A function of `_arguments` calls, one for each command, and its registration.
    static var zsh: String {
        var text = """
            #compdef stasis
            # zsh completion for stasis: source <(stasis completion zsh), after compinit
            _stasis() {
                local context state state_descr line
                typeset -A opt_args
                _arguments -C \\

            """
        for use in CommandSpec.commonOptions { text += "        " + argument(use) + " \\\n" }
        text += "        '1:command:->command' '*::operand:->operand' && return\n    case $state in\n"
        text += "        command)\n            local -a commands=(\n"
        for spec in CommandSpec.table {
            text += "                '" + spec.command.name + ":" + literal(spec.summary) + "'\n"
        }
        text +=
            "            )\n            _describe command commands ;;\n        operand)\n            case $line[1] in\n"
        for spec in CommandSpec.table {
            text += "                " + spec.command.name + ") _arguments"
            for use in spec.allOptions { text += " \\\n                    " + argument(use) }
            for operand in spec.operands {
                text += " \\\n                    '" + (operand.isRequired ? ":" : "::") + operand.placeholder + ":"
                text += action(for: operand.kind) + "'"
            }
            text += " ;;\n"
        }
        return text + """
                        esac ;;
                esac
            }
            compdef _stasis stasis

            """
    }

    /// One option as `_arguments` wants it: '(-q --quiet)'{-q,--quiet}'[summary]', '--name=[summary]:VALUE:action', or
    /// '(-o --output)'{-o+,--output=}'[summary]:VALUE:action'.
    private static func argument(_ use: OptionUse) -> String {
        let spec = OptionSpec.of(use.option)
        let summary = "[" + literal(spec.summary) + "]"
        let value = ":" + spec.placeholder + ":" + action(for: spec.kind)
        if spec.short != 0 {
            let forms = forms(of: spec)
            let start = "'(" + list(forms, separator: " ", last: " ") + ")'{"
            guard spec.kind.takesValue else {
                return start + list(forms, separator: ",", last: ",") + "}'" + summary + "'"
            }
            // With "+" the value follows the letter at once or as the next word, with "=" a name.
            return start + forms[0] + "+," + forms[1] + "=}'" + summary + value + "'"
        }
        let repeats = spec.option == .append ? "*" : ""
        guard spec.kind.takesValue else { return "'" + spec.name + summary + "'" }
        return "'" + repeats + spec.name + "=" + summary + value + "'"
    }

    private static func action(for kind: ValueKind) -> String {
        if case .file = kind { return "_files" }
        let known = words(of: kind)
        return known.isEmpty ? " " : "(" + list(known, separator: " ", last: " ") + ")"
    }

    /// Text inside single quotes and square brackets, where a colon ends a field.
    private static func literal(_ text: String) -> String {
        text.replacing(UInt8(ascii: "'"), with: "'\\''").replacing(UInt8(ascii: ":"), with: "\\:")
    }
}
