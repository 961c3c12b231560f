// A virtio console on a pseudo-terminal or a socket.

import Devices
import Host
import HostIO
import Machine

final class ConsoleAttachment: Attachment {
    private let console: VirtioConsole
    private let line: Line
    private let place: Line.Kind
    /// What the guest said and the line had no room for.
    private var unsent: [UInt8]
    /// What was typed and the guest had no buffer for.
    private var untaken: [UInt8]

    /// Bytes of input taken from the line at once.
    private static let portion = 4096

    /// - Parameters:
    ///   - unsent: output of a saved machine that nobody has got yet.
    ///   - untaken: input of a saved machine that its guest had not taken.
    init(
        _ kind: Line.Kind, unsent: [UInt8] = [], untaken: [UInt8] = [], _ memory: GuestMemory
    ) throws(MonitorError) {
        place = kind
        self.unsent = unsent
        self.untaken = untaken
        do throws(LineError) {
            line = try Line(kind)
        } catch {
            throw .line(error)
        }
        console = VirtioConsole(memory: memory)
    }

    var function: any VirtioFunction { console }
    var kind: DeviceKind { .console }
    var title: String { "console on " + line.path }

    func start(_ memory: MemoryForWorkers, _ gate: Gate?, kick: @escaping @Sendable () -> Void) throws(MonitorError) {
        do throws(Errno) {
            try line.start(gate: gate, kick: kick)
        } catch {
            throw .worker(error)
        }
    }

    func pump() {
        // While the line is full the guest's own buffers wait.
        while true {
            if unsent.isEmpty { unsent = console.takeOutput() }
            if unsent.isEmpty { break }
            unsent.removeFirst(line.send(unsent))
            if !unsent.isEmpty { break }
        }
        while console.canReceive {
            if untaken.isEmpty { untaken = line.takeInput(Self.portion) }
            if untaken.isEmpty { return }
            untaken.removeFirst(console.receive(untaken))
        }
    }

    /// Long enough for any reader that reads; what is left then is saved.
    func drain() { _ = line.flush(until: Clock.monotonic() + 100_000_000) }
    func stop() { line.close() }

    func record() throws(MonitorError) -> DeviceRecord { .console(place, unsent: unsent, untaken: untaken) }
}
