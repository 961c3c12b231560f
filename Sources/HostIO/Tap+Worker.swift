// The two ends of a TAP's queues. The worker waits for the interface and for the bell; it reads for as long as there is
// room, and writes what the guest sent in its order.

public import Host

extension Tap {
    /// Frames read before what was read is handed over.
    private static var batch: Int { 64 }
    /// The longest frame there is: 64 KiB of segments, Ethernet's header and a tag, ours.
    private static var longest: Int { 65536 + 64 }

    // MARK: The machine's side

    /// Starts the worker.
    ///
    /// - Parameters:
    ///   - gate: what it waits for before it reads or writes anything; nil for nothing. When it fails, what is sent is
    ///     dropped.
    ///   - kick: called from the worker when there are frames and there were none, and when the interface has gone.
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

    /// At most so many frames from the host, in their order.
    public func takeFrames(_ limit: Int) -> [[UInt8]] {
        let (frames, wasFull) = condition.withLock {
            let wasFull = !hasRoom
            let frames = [[UInt8]](input.prefix(max(0, limit)))
            input.removeFirst(frames.count)
            for frame in frames { inputBytes -= frame.count }
            return (frames, wasFull && !frames.isEmpty)
        }
        if wasFull { bell.ring() }
        return frames
    }

    /// Hands frames over to be sent. Those beyond the queue's bounds are dropped and counted, as a card's ring does it.
    public func send(_ frames: [[UInt8]]) {
        let wakes = condition.withLock {
            let wasEmpty = output.isEmpty
            for frame in frames {
                if unsent < Tap.frameLimit && unsentBytes < Tap.byteLimit && !counts.isGone {
                    output.append(frame)
                    unsent += 1
                    unsentBytes += frame.count
                } else {
                    counts.dropped += 1
                }
            }
            return wasEmpty && !output.isEmpty
        }
        if wakes { bell.ring() }
    }

    /// What the guest takes as one frame from now on: what its driver negotiated, of `offloads`. Drops what was queued
    /// for it before. EBADFD or the like when the interface has gone.
    public func setOffloads(_ wanted: TAPOffloads) throws(Errno) {
        let some = wanted.intersection(offloads)
        try device.setTAPOffloads(some)
        let wasFull = condition.withLock {
            let wasFull = !hasRoom
            taken = some
            counts.unreadable += UInt64(input.count)
            counts.received -= UInt64(input.count)
            input = []
            inputBytes = 0
            return wasFull
        }
        if wasFull { bell.ring() }
    }

    /// Waits until the host has everything that was sent. Waits for the gate too, if it has to; not for a worker that
    /// does not run.
    public func drain() {
        condition.withLock {
            while unsent > 0 && isRunning { condition.wait() }
        }
    }

    /// Ends the worker. Both queues stay for a later start.
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

    /// Under `condition`.
    private var hasRoom: Bool { input.count < Tap.frameLimit && inputBytes < Tap.byteLimit }

    private func serve() {
        if buffer.isEmpty { buffer = [UInt8](repeating: 0, count: Tap.longest) }
        while let events = nextEvents() {
            var entries = [PollEntry(bell.descriptor, .readable), PollEntry(events.isEmpty ? -1 : device.raw, events)]
            // Signals are blocked, and both descriptors are ours: an error could only mean to look again.
            _ = try? poll(&entries)
            if !entries[0].ready.isEmpty { bell.reset() }
            let ready = entries[1].ready
            if ready.contains(.readable) { readFrames() }
            // A removed interface is an error for ever.
            if !ready.intersection([.error, .hungUp, .invalid]).isEmpty { lose() }
            writeFrames()
        }
    }

    /// What to wait for on the interface; nil when the worker is to end.
    private func nextEvents() -> PollEvents? {
        condition.withLock {
            if isEnding {
                isRunning = false
                condition.broadcast()
                return nil
            }
            guard verdict == .open, !counts.isGone else { return [] }
            var events: PollEvents = []
            if hasRoom { events.insert(.readable) }
            if unsent > 0 { events.insert(.writable) }
            return events
        }
    }

    private func readFrames() {
        var room = condition.withLock { hasRoom ? Tap.frameLimit - input.count : 0 }
        var space = condition.withLock { Tap.byteLimit - inputBytes }
        room = min(room, Tap.batch)
        var frames: [[UInt8]] = []
        var isLost = false
        while frames.count < room && space > 0 {
            var count = 0
            do throws(Errno) {
                count = try readOne()
            } catch {
                isLost = error != .again && error != .nomem
                break
            }
            guard count > Tap.headerSize else { continue }
            var frame = [UInt8](buffer[..<count])
            // Frames always lie in one buffer; the kernel leaves the two bytes that say so alone.
            frame[10] = 1
            frame[11] = 0
            frames.append(frame)
            space -= count
        }
        hand(over: frames)
        if isLost { lose() }
    }

    private func readOne() throws(Errno) -> Int {
        var failure: Errno?
        var count = 0
        // The buffer is written during the call only.
        unsafe buffer.withUnsafeMutableBytes { bytes in
            do throws(Errno) { count = try unsafe device.read(into: bytes) } catch { failure = error }
        }
        if let failure { throw failure }
        return count
    }

    private func hand(over frames: [[UInt8]]) {
        let kick: (@Sendable () -> Void)? = condition.withLock {
            let wasEmpty = input.isEmpty
            for frame in frames {
                if isReadable(frame) {
                    input.append(frame)
                    inputBytes += frame.count
                    counts.received += 1
                } else {
                    counts.unreadable += 1
                }
            }
            return wasEmpty && !input.isEmpty ? self.kick : nil
        }
        kick?()
    }

    /// Whether the guest knows what the header says: it may have come to know less while the frame was on its way.
    func isReadable(_ frame: [UInt8]) -> Bool {
        // Bit 0 of the flags: the checksum is only begun. The other byte: which segments, and bit 7 for congestion
        // marks.
        if frame[0] & 1 != 0 && !taken.contains(.checksum) { return false }
        if frame[1] & 0x80 != 0 && !taken.contains(.ecn) { return false }
        switch frame[1] & 0x7F {
        case 0: return true
        case 1: return taken.contains(.tso4)
        case 4: return taken.contains(.tso6)
        default: return false
        }
    }

    private func writeFrames() {
        if writing.isEmpty {
            let verdict = condition.withLock {
                if self.verdict != .shut { swap(&writing, &output) }
                return self.verdict
            }
            if verdict == .failed {
                settle(writing, { $0.dropped += 1 })
                writing = []
            }
        }
        while written < writing.count {
            let frame = writing[written]
            do throws(Errno) {
                // Without an Ethernet frame behind its header there is nothing to write.
                if frame.count <= Tap.headerSize { throw .inval }
                try writeOne(frame)
                settle([frame], { $0.sent += 1 })
            } catch {
                if error == .again { return }
                settle([frame]) { counts in
                    counts.refused += 1
                    if counts.refusal == nil { counts.refusal = error }
                }
            }
            written += 1
        }
        writing = []
        written = 0
    }

    private func writeOne(_ frame: [UInt8]) throws(Errno) {
        var failure: Errno?
        unsafe frame.withUnsafeBytes { bytes in
            do throws(Errno) { _ = try unsafe device.write(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Frames are not under way any more, one way or another.
    private func settle(_ frames: [[UInt8]], _ count: (inout TapStatistics) -> Void) {
        condition.withLock {
            for frame in frames {
                unsent -= 1
                unsentBytes -= frame.count
                count(&counts)
            }
            if unsent == 0 { condition.broadcast() }
        }
    }

    /// The interface was removed.
    private func lose() {
        let kick = condition.withLock {
            counts.isGone = true
            return self.kick
        }
        kick?()
    }
}
