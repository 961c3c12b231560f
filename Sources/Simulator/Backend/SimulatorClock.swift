// The clock a simulated system keeps time by.
//
// Two kinds. The host's: CLOCK_MONOTONIC, as KVM's timer uses it. The virtual one: it advances by a fixed span for each
// instruction a vCPU retires and is moved ahead when the guest waits, so that a run repeats to the bit whatever the host does.
// On a virtual clock one vCPU runs at a time (`baton`).
//
// Threads: a virtual clock is advanced by the thread that holds the baton; `lock` guards the value itself.

import Host

/// How guest time passes.
public enum ClockSource: Equatable, Sendable {
    /// With the host's monotonic clock.
    case host
    /// With retired instructions: each takes `nanosecondsPerInstruction` (1 or more). `start` is the first instant, `realtime` the
    /// wall clock at instant 0, both in nanoseconds.
    case virtual(start: UInt64, nanosecondsPerInstruction: UInt32, realtime: Int64)
}

final class SimulatorClock: @unchecked Sendable {
    /// Nanoseconds an instruction takes; 0 on the host's clock.
    let step: UInt64
    /// Held by the vCPU that runs, on a virtual clock.
    private let baton = Lock()
    private let lock = Lock()
    private var virtualNow: UInt64
    private let realtimeBase: Int64
    private var alarm: UInt64 = .max

    init(_ source: ClockSource) {
        switch source {
        case .host:
            step = 0
            virtualNow = 0
            realtimeBase = 0
        case .virtual(let start, let nanoseconds, let realtime):
            step = UInt64(max(1, nanoseconds))
            virtualNow = start
            realtimeBase = realtime
        }
    }

    var isVirtual: Bool { step != 0 }

    func now() -> UInt64 { isVirtual ? lock.withLock { virtualNow } : Clock.monotonic() }

    func read() -> ClockReading {
        guard isVirtual else { return Clock.read() }
        let now = lock.withLock { virtualNow }
        return ClockReading(monotonic: now, realtime: realtimeBase &+ Int64(bitPattern: now), width: 0)
    }

    /// Takes the right to run, on a virtual clock.
    func acquire() { if isVirtual { baton.lock() } }
    func release() { if isVirtual { baton.unlock() } }

    /// Moves a virtual clock on; never back.
    func advance(to instant: UInt64) { lock.withLock { virtualNow = max(virtualNow, instant) } }

    func sleep(until instant: UInt64) {
        if isVirtual { advance(to: instant) } else { Clock.sleep(until: instant) }
    }

    /// The instant at which `run` returns EINTR, `.max` for never.
    var alarmInstant: UInt64 {
        get { lock.withLock { alarm } }
        set { lock.withLock { alarm = newValue } }
    }
}
