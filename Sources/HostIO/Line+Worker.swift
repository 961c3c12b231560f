// The two ends of a line's queues.

public import Host

extension Line {
    /// Bytes read or written at once.
    private static var piece: Int { 8192 }
    /// How often a pseudo-terminal is looked at that nobody has open: nothing tells when somebody opens it.
    /// Nanoseconds.
    private static var patience: UInt64 { 100_000_000 }

    // MARK: The machine's side

    /// Starts the worker.
    ///
    /// - Parameters:
    ///   - gate: what it waits for before it reads, writes or accepts anything; nil for nothing. When it fails, it
    ///     never does.
    ///   - kick: called from the worker when there is input and there was none, when there is room for output again
    ///     after some was not accepted, and when somebody comes or goes.
    /// - Throws: EAGAIN when the host allows no more threads.
    public func start(gate: Gate? = nil, kick: @escaping @Sendable () -> Void) throws(Errno) {
        precondition(thread == nil)
        condition.withLock {
            self.kick = kick
            verdict = gate == nil ? .open : .shut
            isEnding = false
            isRunning = true
        }
        do throws(Errno) {
            thread = try HostThread(blockingSignals: true) { [self] in serve() }
        } catch {
            condition.withLock { isRunning = false }
            throw error
        }
        gate?.whenDecided { [self] state in
            condition.withLock { verdict = state }
            bell.ring()
        }
    }

    /// At most so many bytes for the guest.
    public func takeInput(_ limit: Int) -> [UInt8] {
        let (bytes, wasFull) = condition.withLock {
            let wasFull = input.count >= Line.limit
            let bytes = [UInt8](input.prefix(max(0, limit)))
            input.removeFirst(bytes.count)
            return (bytes, wasFull && !bytes.isEmpty)
        }
        if wasFull { bell.ring() }
        return bytes
    }

    /// Hands output over, and answers how many bytes were accepted, from the beginning: all of them while nobody is
    /// there. After fewer, a kick tells when there is room.
    public func send(_ bytes: [UInt8]) -> Int {
        let (accepted, wakes) = condition.withLock {
            let wasEmpty = output.isEmpty
            if !connected {
                output.append(contentsOf: bytes)
                if output.count > Line.limit {
                    lostBytes += UInt64(output.count - Line.limit)
                    output.removeFirst(output.count - Line.limit)
                }
                return (bytes.count, false)
            }
            let accepted = min(bytes.count, max(0, Line.limit - output.count))
            output.append(contentsOf: bytes[..<accepted])
            if accepted < bytes.count { isStarved = true }
            return (accepted, wasEmpty && accepted > 0)
        }
        if wakes { bell.ring() }
        return accepted
    }

    /// Waits until whoever is there has got everything that was sent, at most until a monotonic instant. True when
    /// nothing is left, or nobody is there to get it.
    public func flush(until instant: UInt64) -> Bool {
        condition.withLock {
            while !output.isEmpty && connected && isRunning {
                if !condition.wait(until: instant) { break }
            }
            return output.isEmpty || !connected
        }
    }

    /// Ends the worker. Both queues stay for a later start, and so does the connection.
    public func stop() {
        condition.withLock {
            isEnding = true
            kick = nil
        }
        bell.ring()
        thread?.join()
        thread = nil
    }

    // MARK: The worker's side

    private struct Plan {
        var isOpen: Bool
        /// Bytes there is room for.
        var room: Int
        var hasOutput: Bool
    }

    private func serve() {
        while let plan = nextPlan() {
            var entries = [PollEntry(bell.descriptor, .readable), entry(plan)]
            let waits = plan.isOpen && isTerminal && stream < 0
            // Signals are blocked, and all descriptors are ours: an error could only mean to look again.
            _ = try? poll(&entries, timeoutNanoseconds: waits ? Line.patience : nil)
            if !entries[0].ready.isEmpty { bell.reset() }
            guard plan.isOpen else { continue }
            if stream < 0 {
                if isTerminal { lookForTerminal() } else if !entries[1].ready.isEmpty { accept() }
            } else if !entries[1].ready.isEmpty {
                exchange(entries[1].ready, plan)
            }
        }
    }

    /// Nil when the worker is to end.
    private func nextPlan() -> Plan? {
        condition.withLock {
            if isEnding {
                isRunning = false
                condition.broadcast()
                return nil
            }
            return Plan(isOpen: verdict == .open, room: Line.limit - input.count, hasOutput: !output.isEmpty)
        }
    }

    private func entry(_ plan: Plan) -> PollEntry {
        guard plan.isOpen else { return PollEntry(-1, []) }
        if stream < 0 { return PollEntry(isTerminal ? -1 : descriptor.raw, .readable) }
        var events: PollEvents = []
        if plan.room > 0 && !inputEnded { events.insert(.readable) }
        if plan.hasOutput && !hungUp { events.insert(.writable) }
        // One that has gone is reported for ever: with what it said before not read yet, that waits for room.
        if hungUp && plan.room <= 0 { return PollEntry(-1, []) }
        return PollEntry(stream, events)
    }

    private func lookForTerminal() {
        var entries = [PollEntry(descriptor.raw, [])]
        // As above.
        _ = try? poll(&entries, timeoutNanoseconds: 0)
        if entries[0].ready.isEmpty { begin(descriptor.raw) }
    }

    private func accept() {
        // A caller that has given up is nobody; without a free descriptor, it is tried again when the next thing
        // happens.
        guard let caller = try? descriptor.accept(), (try? caller.setNonblocking(true)) != nil else {
            Clock.sleep(until: Clock.monotonic() + Line.patience / 10)
            return
        }
        begin(caller.release())
    }

    private func begin(_ number: Int32) {
        stream = number
        inputEnded = false
        hungUp = false
        change { $0.connected = true }
    }

    private func end() {
        if !isTerminal { _ = FileDescriptor(raw: stream) }
        stream = -1
        change {
            $0.connected = false
            $0.isStarved = false
        }
    }

    private func exchange(_ ready: PollEvents, _ plan: Plan) {
        if !ready.intersection([.hungUp, .error, .invalid]).isEmpty { hungUp = true }
        if hungUp || ready.contains(.readable) {
            if plan.room > 0 && !readSome(plan.room) { return end() }
        }
        if ready.contains(.writable) && !hungUp && !writeSome() { end() }
    }

    /// False when the other end has gone and everything it said has been read.
    private func readSome(_ room: Int) -> Bool {
        var bytes = [UInt8](repeating: 0, count: min(room, Line.piece))
        var count = 0
        var failure: Errno?
        unsafe bytes.withUnsafeMutableBytes { buffer in
            // The buffer is written during the call only.
            do throws(Errno) {
                count = try unsafe FileDescriptor(raw: stream, owned: false).read(into: buffer)
            } catch {
                failure = error
            }
        }
        if let failure { return failure == .again && !hungUp }
        if count == 0 {
            inputEnded = true
            return !hungUp
        }
        bytes.removeLast(bytes.count - count)
        let kick: (@Sendable () -> Void)? = condition.withLock {
            let wasEmpty = input.isEmpty
            input.append(contentsOf: bytes)
            return wasEmpty ? self.kick : nil
        }
        kick?()
        return true
    }

    /// False when the other end has gone.
    private func writeSome() -> Bool {
        let bytes = condition.withLock { [UInt8](output.prefix(Line.piece)) }
        var count = 0
        var failure: Errno?
        unsafe bytes.withUnsafeBytes { buffer in
            do throws(Errno) {
                count = try unsafe FileDescriptor(raw: stream, owned: false).write(buffer)
            } catch {
                failure = error
            }
        }
        if let failure { return failure == .again }
        let kick: (@Sendable () -> Void)? = condition.withLock {
            // Nobody else takes from the beginning while somebody is there.
            output.removeFirst(count)
            if output.isEmpty { condition.broadcast() }
            defer { isStarved = false }
            return isStarved ? self.kick : nil
        }
        kick?()
        return true
    }

    /// Changes who is there.
    private func change(_ body: (Line) -> Void) {
        let kick = condition.withLock {
            body(self)
            condition.broadcast()
            return self.kick
        }
        kick?()
    }
}
