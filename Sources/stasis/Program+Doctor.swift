// `stasis doctor`: what this host can do, and what stands in the way.

import CommandLine
import Host

extension Program {
    /// Success when guests can be run here, on whichever backend.
    static func doctor(_ options: DoctorOptions) -> ExitStatus {
        let diagnosis = Diagnosis()
        let shown = show(options.json ? diagnosis.json : diagnosis.text)
        return diagnosis.canRun ? shown : .failure
    }
}
