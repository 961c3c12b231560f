// `--trace FILE`: the file a guest's timer is written down in.

import CommandLine
import Host
import Timeline

extension Program {
    /// Makes the file.
    ///
    /// - Parameters:
    ///   - hz: ticks of Count a second, `VirtualMachine.countRate`.
    ///   - isVirtual: the host's time is a virtual clock's.
    static func beginTrace(_ path: String, hz: UInt32, isVirtual: Bool) throws(Failure) -> TraceWriter {
        do throws(Errno) {
            return try TraceWriter(path: path, hz: hz, isVirtual: isVirtual)
        } catch {
            throw traceFailure(path, error)
        }
    }

    /// Writes what is left. A trace that ended early for an error fails here.
    static func endTrace(_ trace: TraceWriter, _ path: String) throws(Failure) {
        do throws(Errno) {
            try trace.close()
        } catch {
            throw traceFailure(path, error)
        }
    }

    private static func traceFailure(_ path: String, _ error: Errno) -> Failure {
        Failure(path + ": the trace cannot be written: " + error.description)
    }
}
