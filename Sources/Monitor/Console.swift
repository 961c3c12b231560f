// The guest's console on the host: output in batches, input from a thread of its own.
//
// Output. A guest says one character an exit. They are collected and written a fraction of a millisecond after the first, about a line's
// time, or when many have come, or when the machine stops: neither a write per character nor late news is the price.
//
// A restored machine's output is held back until its memory has been verified, and dropped should it be damaged. A guest that says very
// much in that time waits.
//
// Input. The thread reads what is typed, hands it over and kicks the machine. The end of input is only that: the guest goes on.
// On a terminal every key goes to the guest, Control-C included, except after Control-A: `X` stops the machine, `B` sends a
// break, Control-A sends itself.

public import Host
import HostIO

/// A console of a machine. One machine at a time uses it.
public final class Console: @unchecked Sendable {
    /// Where bytes go and come from.
    public enum Port: Equatable, Sendable {
        /// Nowhere: output is dropped, there is no input.
        case none
        /// Kept in memory, for tests and the demonstration: `captured`.
        case capture
        /// Descriptors of this process, which stay their owner's. -1 for no input.
        case descriptors(input: Int32, output: Int32)
    }

    /// Nanoseconds output may wait for company.
    static let patience: UInt64 = 250_000
    /// Nanoseconds of silence after which memory is given back that only what went before needed.
    static let silence: UInt64 = 1_000_000_000
    /// Bytes beyond which the machine writes at once.
    static let batch = 8192
    /// Bytes of input waiting for the guest, beyond which nothing more is read.
    static let inputLimit = 1 << 16
    /// Bytes of output held back, beyond which the machine waits.
    static let heldLimit = 1 << 20

    let flags = Flags()
    private let port: Port
    private let lock = Lock()
    // Under `lock`:
    private var output: [UInt8] = []
    private var input: [UInt8] = []
    private var breaks = 0
    private var isClosed = false
    /// What output waits for, and the bytes of it that do not have to.
    private var gate: Gate?
    private var free = 0
    /// The machine was not what it should be: nothing it says is heard.
    private var isMute = false
    private var kick: (@Sendable () -> Void)?
    private var escape = EscapeKeys()

    private let bell: FileDescriptor
    private let isTerminal: Bool
    private var mode: Terminal.Mode?
    private var thread: HostThread?
    // Under `lock`:
    private var isEnding = false

    public init(_ port: Port) throws(Errno) {
        self.port = port
        bell = try FileDescriptor.eventfd()
        if case .descriptors(let input, _) = port, input >= 0 {
            isTerminal = Terminal.isTerminal(input)
        } else {
            isTerminal = false
        }
    }

    /// Begins to read input and to write output. `kick` is called whenever the machine has something to look at.
    func start(kick: @escaping @Sendable () -> Void) throws(Errno) {
        lock.withLock {
            self.kick = kick
            isEnding = false
        }
        guard case .descriptors(let input, _) = port else { return }
        if isTerminal { mode = try? Terminal.makeRaw(input) }
        thread = try HostThread(blockingSignals: true) { [self] in serve() }
    }

    /// Writes what is left, ends the thread and gives the terminal back.
    func stop() {
        lock.withLock {
            isEnding = true
            kick = nil
        }
        // A full event counter would be readable all the same.
        try? bell.signalEvent()
        thread?.join()
        thread = nil
        flush()
        if case .descriptors(let input, _) = port, let mode { try? Terminal.restore(input, mode) }
        mode = nil
    }

    // MARK: The machine's side

    /// Takes what the guest said.
    func write(_ bytes: [UInt8]) {
        guard port != .none else { return }
        let (wasEmpty, isFull, awaited) = lock.withLock {
            let wasEmpty = output.isEmpty
            if !isMute { output.append(contentsOf: bytes) }
            let limit = gate == nil ? Self.batch : free + Self.heldLimit
            return (wasEmpty, output.count >= limit, gate)
        }
        if let awaited {
            if isFull { _ = awaited.wait() }
            return
        }
        guard case .descriptors = port else { return }
        if isFull { flush() } else if wasEmpty { try? bell.signalEvent() }
    }

    /// At most so many bytes for the guest, and whether a break comes with them.
    func takeInput(_ limit: Int) -> (bytes: [UInt8], breaks: Int) {
        let (result, wasFull) = lock.withLock {
            let wasFull = input.count >= Self.inputLimit
            let bytes = [UInt8](input.prefix(limit))
            input.removeFirst(bytes.count)
            defer { breaks = 0 }
            return ((bytes, breaks), wasFull)
        }
        if wasFull { try? bell.signalEvent() }
        return result
    }

    /// Input that the guest has not taken yet.
    var hasInput: Bool { lock.withLock { !input.isEmpty } }

    /// Writes everything that was said so far.
    public func flush() {
        lock.withLock {
            guard case .descriptors(_, let descriptor) = port, !output.isEmpty, gate == nil else { return }
            if !isClosed {
                do throws(Errno) {
                    try FileDescriptor(raw: descriptor, owned: false).writeAll(output)
                } catch {
                    isClosed = true
                    flags.set(Flags.consoleClosed)
                }
            }
            output.removeAll(keepingCapacity: true)
        }
    }

    /// What was said to a console that keeps it.
    public var captured: [UInt8] { lock.withLock { gate == nil ? output : [UInt8](output[..<free]) } }

    /// Keeps what is said from now on to itself until the gate opens. If the gate fails, that is dropped, and so is everything after
    /// it: this console is of no more use.
    func hold(until gate: Gate) {
        flush()
        lock.withLock {
            self.gate = gate
            free = output.count
        }
        gate.whenDecided { [self] state in
            lock.withLock {
                self.gate = nil
                if state == .open { return }
                isMute = true
                output.removeLast(output.count - free)
            }
            flush()
        }
    }

    /// Input as if it had been typed.
    public func type(_ bytes: [UInt8]) { accept(bytes) }

    // MARK: The thread

    private func serve() {
        guard case .descriptors(let descriptor, _) = port else { return }
        var source = descriptor
        var isTrimmed = false
        while true {
            let (pending, room, ending) = lock.withLock {
                (!output.isEmpty && gate == nil, Self.inputLimit - input.count, isEnding)
            }
            if ending { return }
            var entries = [PollEntry(bell.raw, .readable), PollEntry(room > 0 ? source : -1, .readable)]
            let timeout = pending ? Self.patience : isTrimmed ? nil : Self.silence
            let ready = (try? poll(&entries, timeoutNanoseconds: timeout)) ?? 0
            isTrimmed = ready == 0 && !pending
            if isTrimmed { Memory.trim() }
            if ready == 0 {
                flush()
                continue
            }
            if !entries[0].ready.isEmpty { _ = try? bell.drainEvent() }
            if !entries[1].ready.isEmpty, !read(source, room) { source = -1 }
        }
    }

    /// Reads what is there; false at the end of input.
    private func read(_ descriptor: Int32, _ room: Int) -> Bool {
        var bytes = [UInt8](repeating: 0, count: min(room, 4096))
        var count = 0
        unsafe bytes.withUnsafeMutableBytes { buffer in
            // The buffer is written during the call. An error ends the input as its end does.
            count = (try? unsafe FileDescriptor(raw: descriptor, owned: false).read(into: buffer)) ?? 0
        }
        if count == 0 { return false }
        bytes.removeLast(bytes.count - count)
        accept(bytes)
        return true
    }

    private func accept(_ bytes: [UInt8]) {
        let kick = lock.withLock {
            var keys: [UInt8] = []
            if isTerminal {
                for byte in bytes {
                    switch escape.feed(byte) {
                    case .nothing: break
                    case .key(let key): keys.append(key)
                    case .sendBreak: breaks += 1
                    case .quit: flags.set(Flags.quit)
                    }
                }
            } else {
                keys = bytes
            }
            input.append(contentsOf: keys)
            flags.set(Flags.input)
            return self.kick
        }
        kick?()
    }
}

/// The keys that do not go to the guest.
struct EscapeKeys: Equatable {
    enum Action: Equatable {
        case nothing
        case key(UInt8)
        case sendBreak
        case quit
    }

    private var isArmed = false

    init() {}

    mutating func feed(_ byte: UInt8) -> Action {
        guard isArmed else {
            isArmed = byte == 1
            return isArmed ? .nothing : .key(byte)
        }
        isArmed = false
        switch byte {
        case UInt8(ascii: "x"), UInt8(ascii: "X"): return .quit
        case UInt8(ascii: "b"), UInt8(ascii: "B"): return .sendBreak
        case 1: return .key(1)
        default: return .nothing
        }
    }
}
