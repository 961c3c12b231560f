// Tests and measurements that need a real /dev/kvm. Each is a folder here and a word on the command line:
//
//   live WORD [ARGUMENT]...
//
// Scripts/build-mips --live builds the program for MIPS, Scripts/mips-host runs it on a machine that QEMU plays. Exit status: 0 for
// passed, 1 for failed, 2 for words that mean nothing.

import Host

/// One line to standard error.
func log(_ line: String) {
    var errors = Output.standardError
    errors.line(line)
    errors.flush()
}

/// Runs what the words ask for and answers with the exit status.
func run(_ words: [String]) -> Int32 {
    guard let word = words.first else {
        log("live: which test? see the head of Tests/Live/main.swift")
        return 2
    }
    switch word {
    case "cycles": return cycles(Array(words.dropFirst()))
    case "bench": return bench()
    case "differential": return Differential.main(Array(words.dropFirst()))
    default:
        log("live: there is no test '\(word)'")
        return 2
    }
}

Process.exit(run(Array(Process.arguments.dropFirst())))
