// Completion for bash 4 or newer.

extension Completion {
    /// A function that looks at the word before the cursor and at the command, and its registration.
    static var bash: String {
        var text = """
            # bash completion for stasis: source <(stasis completion bash)
            _stasis() {
                local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
                local command='' options='' operands='' word index
                COMPREPLY=()
                for ((index = 1; index < COMP_CWORD; index++)); do
                    word=${COMP_WORDS[index]}
                    [[ $word == -- ]] && return
                    [[ -z $command && $word != -* ]] && command=$word
                done
                # bash splits --option=value into three words.
                if [[ $current == = ]]; then
                    current=
                elif [[ $previous == = ]]; then
                    previous=${COMP_WORDS[COMP_CWORD-2]}
                fi
                case $previous in

            """
        for spec in OptionSpec.table where spec.kind.takesValue {
            text +=
                "        " + list(forms(of: spec), separator: "|", last: "|") + ") " + action(for: spec.kind)
                + "; return ;;\n"
        }
        text += "    esac\n    case $command in\n"
        text += "        '') options='" + names(CommandSpec.commonOptions) + "' operands='"
        text += list(Command.names, separator: " ", last: " ") + "' ;;\n"
        for spec in CommandSpec.table {
            text += "        " + spec.command.name + ") options='" + names(spec.allOptions) + "'"
            if let operand = spec.operands.first {
                let known = words(of: operand.kind)
                text += " operands='" + (known.isEmpty ? "FILE" : list(known, separator: " ", last: " ")) + "'"
            }
            text += " ;;\n"
        }
        return text + """
                esac
                if [[ $current == -* ]]; then
                    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
                elif [[ $operands == FILE ]]; then
                    mapfile -t COMPREPLY < <(compgen -f -- "$current")
                else
                    mapfile -t COMPREPLY < <(compgen -W "$operands" -- "$current")
                fi
            }
            complete -o filenames -F _stasis stasis

            """
    }

    private static func action(for kind: ValueKind) -> String {
        if case .file = kind { return "mapfile -t COMPREPLY < <(compgen -f -- \"$current\")" }
        let known = words(of: kind)
        if known.isEmpty { return ":" }
        return "mapfile -t COMPREPLY < <(compgen -W '" + list(known, separator: " ", last: " ") + "' -- \"$current\")"
    }

    private static func names(_ uses: [OptionUse]) -> String {
        var words: [String] = []
        for use in uses { words += forms(of: OptionSpec.of(use.option)) }
        return list(words, separator: " ", last: " ")
    }
}
