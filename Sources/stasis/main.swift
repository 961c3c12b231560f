// The program: words in, a command done, an exit status out.

import CommandLine
import Host

_ = Program.begun
// A reader that goes away is an error of writing (`Program.finish`), not the end of the process.
try? Signals.install(Signals.pipe, .ignore)
let status = Program.run(words: Array(Process.arguments.dropFirst()))
Process.exit(status.rawValue)
