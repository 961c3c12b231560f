// The two ends of a disk's queues: the machine's thread hands requests over and takes completions, the worker does one
// request after the other, in their order. So a flush finds everything done that came before it.

public import Devices
public import Host

extension Disk {
    // MARK: The machine's side

    /// Starts the worker.
    ///
    /// - Parameters:
    ///   - memory: the guest's.
    ///   - gate: what everything but reading waits for; nil for nothing. When it fails, those requests do.
    ///   - kick: called from the worker when there are completions and there were none.
    /// - Throws: EAGAIN when the host allows no more threads.
    public func start(
        memory: any DiskMemory, gate: Gate? = nil, kick: @escaping @Sendable () -> Void
    ) throws(Errno) {
        precondition(thread == nil)
        condition.withLock {
            self.kick = kick
            verdict = gate == nil ? .open : .shut
            isEnding = false
            isRunning = true
        }
        do throws(Errno) {
            thread = try HostThread(blockingSignals: true) { [self] in serve(memory) }
        } catch {
            condition.withLock { isRunning = false }
            throw error
        }
        gate?.whenDecided { [self] state in
            condition.withLock {
                verdict = state
                condition.broadcast()
            }
        }
    }

    /// Hands requests over. Those beyond the limit of the queue fail.
    public func submit(_ requests: [BlockRequest]) {
        if requests.isEmpty { return }
        let kick: (@Sendable () -> Void)? = condition.withLock {
            let hadNone = completions.isEmpty
            for request in requests {
                if unfinished < Disk.queueLimit {
                    queue.append(request)
                    unfinished += 1
                } else {
                    completions.append(BlockCompletion(token: request.token, status: .ioError, written: 0))
                }
            }
            condition.broadcast()
            return hadNone && !completions.isEmpty ? self.kick : nil
        }
        kick?()
    }

    /// What has been done since the last call, in the order of the requests.
    public func takeCompletions() -> [BlockCompletion] {
        condition.withLock {
            let all = completions
            completions = []
            return all
        }
    }

    /// Waits until nothing is under way. The completions are there to be taken then. Waits for the gate too, if it has
    /// to; not for a worker that does not run.
    public func drain() {
        condition.withLock {
            while unfinished > 0 && isRunning { condition.wait() }
        }
    }

    /// Ends the worker after the request it is at. The others stay in the queue for a later start.
    public func stop() {
        condition.withLock {
            isEnding = true
            kick = nil
            condition.broadcast()
        }
        thread?.join()
        thread = nil
    }

    // MARK: The worker's side

    private func serve(_ memory: any DiskMemory) {
        while let next = takeRequest() {
            let done =
                next.isAllowed
                ? perform(next.request, memory)
                : BlockCompletion(token: next.request.token, status: .ioError, written: 0)
            finish(done)
        }
    }

    /// The next request, and whether it may be done. Waits for one; nil when the worker is to end.
    private func takeRequest() -> (request: BlockRequest, isAllowed: Bool)? {
        condition.withLock {
            while true {
                if isEnding {
                    isRunning = false
                    condition.broadcast()
                    return nil
                }
                if taken < queue.count {
                    let request = queue[taken]
                    let isReading = request.kind == .read
                    if isReading || verdict != .shut {
                        taken += 1
                        if taken == queue.count || taken == 256 {
                            queue.removeFirst(taken)
                            taken = 0
                        }
                        return (request, isReading || verdict == .open)
                    }
                }
                condition.wait()
            }
        }
    }

    private func finish(_ completion: BlockCompletion) {
        let kick = condition.withLock {
            completions.append(completion)
            unfinished -= 1
            if unfinished == 0 { condition.broadcast() }
            return completions.count == 1 ? self.kick : nil
        }
        kick?()
    }
}
