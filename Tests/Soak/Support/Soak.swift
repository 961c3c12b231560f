// Soak: a guest that is stopped, saved, restored and let go on at random, thousands of times, ends as if it had never been
// touched.
//
// `ticker` runs on the virtual clock twice. Once in one piece. Once in cycles: it runs for a random while, often ending within a
// few instructions of a timer interrupt; it is frozen; the clock goes on for a random while or not at all; and then it is thawed, or
// saved to a file and restored into a new machine on a new system. All with policy freeze. At the end everything the guest has or
// could have seen must be the same, bit for bit: every register, all of memory (the guest's trace of its ticks among it), what it
// said; and its time must be the host's less what the ledger says was hidden.

import Host
import Hypervisor
import Machine
import Monitor
import Simulator
import Snapshot
import Timekeeping

typealias Guest = VirtualMachine<SimulatedSystem>

/// What to soak.
public struct Soak: Sendable {
    /// `te-5.10`, `te-fixed`, `vz`.
    public var profile: String
    /// `wait` or `spin`.
    public var work: String
    public var cycles: Int
    public var seed: UInt64
    /// Folder of the built guests.
    public var guests: String
    /// Folder for snapshots; best one in memory.
    public var scratch: String
    /// Nanoseconds an instruction takes.
    public var step: UInt32 = 10

    public init(profile: String, work: String, cycles: Int, seed: UInt64, guests: String, scratch: String) {
        self.profile = profile
        self.work = work
        self.cycles = cycles
        self.seed = seed
        self.guests = guests
        self.scratch = scratch
    }

    /// Guest time between two freezes, on average.
    static let stretch: UInt64 = 20_000
    /// Ticks a second: one every 50 stretches.
    static let rate = 1000
    static let memory: UInt64 = 2 << 20
    /// Nanoseconds of a tick of Count at 100 MHz.
    static let tick: UInt64 = 10

    /// What a run of cycles did.
    public struct Outcome: Sendable {
        public var cycles = 0
        public var thaws = 0
        public var restores = 0
        public var ticks: UInt32 = 0
        /// Nanoseconds hidden from the guest.
        public var hidden: Int64 = 0
        /// How the end differs from that of the uninterrupted run; empty if it does not.
        public var differences: [String] = []
    }

    /// Runs both ways and compares.
    public func run(progress: (Int) -> Void = { _ in }) throws -> Outcome {
        let reference = try boot()
        let referenceStop = try reference.run()
        var outcome = Outcome()
        var random = SplitMix(state: seed)
        var vm = try boot()
        let file = scratch + "/soak-\(Process.pid)-\(seed)-\(profile)-\(work).snapshot"
        defer { try? Files.unlink(file) }
        var console: [UInt8] = []
        var stop = Stop.deadline
        while stop == .deadline {
            stop = try vm.run(until: target(vm, &random))
            guard stop == .deadline else { break }
            // The planned number of cycles done, the rest runs in one piece.
            if outcome.cycles == cycles {
                stop = try vm.run()
                break
            }
            outcome.cycles += 1
            progress(outcome.cycles)
            try vm.pause()
            try wait(vm, &random)
            if random.next() & 1 == 0 {
                outcome.thaws += 1
                try vm.resume(.freeze)
            } else {
                outcome.restores += 1
                try vm.save(to: file)
                console += vm.console.captured
                vm = try restore(file)
                try wait(vm, &random)
                try vm.resume(.freeze)
            }
        }
        console += vm.console.captured
        outcome.hidden = vm.ledger.total.hidden
        outcome.ticks = TickerState { UInt32(truncatingIfNeeded: vm.memory.load(at: $0, size: 4) ?? 0) }?.ticks ?? 0
        if stop != referenceStop { outcome.differences.append("it ended with \(stop), not \(referenceStop)") }
        if console != reference.console.captured {
            outcome.differences.append("it said: " + String(decoding: console, as: UTF8.self))
        }
        outcome.differences += try compare(reference, vm)
        return outcome
    }

    // MARK: Machines

    private func boot() throws -> Guest {
        guard let profile = Profile(named: profile) else { throw MonitorError.console(.inval) }
        let clock = ClockSource.virtual(
            start: 3_600_000_000_000, nanosecondsPerInstruction: step, realtime: 946_681_200_000_000_000)
        let vm = try Guest(
            SimulatedSystem(profile: profile, clock: clock), MachineConfiguration(memorySize: Self.memory),
            console: Console(.capture))
        // So many ticks that the cycles end before them.
        let ticks = cycles * Int(Self.stretch) * 3 / 2 / (1_000_000_000 / Self.rate) + 20
        try vm.boot(
            BootImage(
                path: guests + "/ticker\(profile.isTE ? ".te" : "").elf",
                arguments: ["hz=\(Self.rate)", "ticks=\(ticks)", "print=every=100", "work=\(work)"]))
        return vm
    }

    private func restore(_ file: String) throws -> Guest {
        let contents = try SnapshotContents(path: file)
        guard let profile = Profile(named: contents.file.header.profile) else { throw MonitorError.console(.inval) }
        let saved = contents.clock
        let clock = ClockSource.virtual(
            start: saved.reading.monotonic, nanosecondsPerInstruction: saved.domain.nanosecondsPerInstruction,
            realtime: saved.reading.realtime - Int64(saved.reading.monotonic))
        // The engine that goes on is the other one as often as not; the uninterrupted run is interpreted.
        let isTranslated = Engine.obstacle == nil && saved.reading.monotonic / 10 & 1 == 0
        return try Guest(
            SimulatedSystem(profile: profile, clock: clock, engine: isTranslated ? .eager : .interpreted),
            restoring: contents, console: Console(.capture))
    }

    // MARK: Chance

    /// The next instant to stop at: anywhere, or around the next timer interrupt.
    private func target(_ vm: Guest, _ random: inout SplitMix) throws -> UInt64 {
        let now = vm.system.clock().monotonic
        if random.next() & 3 == 0 {
            // The running Count can be read at any time; on the virtual clock reading it changes nothing but what is due anyway.
            let count = UInt32(truncatingIfNeeded: try vm.vcpu.register(.count))
            let compare = UInt32(truncatingIfNeeded: try vm.vcpu.register(.compare))
            let ahead = UInt64(compare &- count) * Self.tick
            if ahead < 3 * Self.stretch, ahead > 500 { return now + ahead - 500 + random.next() % 1000 }
        }
        return now + 1 + random.next() % (2 * Self.stretch)
    }

    /// Lets the clock go on while the guest stands still, or not.
    private func wait(_ vm: Guest, _ random: inout SplitMix) throws {
        switch random.next() & 3 {
        case 0: vm.system.sleep(until: vm.system.clock().monotonic + random.next() % 100)
        case 1: vm.system.sleep(until: vm.system.clock().monotonic + random.next() % 50_000_000)
        default: break
        }
    }

    // MARK: The end

    private func compare(_ a: Guest, _ b: Guest) throws -> [String] {
        var differences: [String] = []
        let left = try a.registers()
        let right = try b.registers()
        if left.all.count != right.all.count { differences.append("\(right.all.count) registers") }
        for register in left.all where register.id != .countResume {
            guard let other = right[register.id], other == register.value else {
                let other = right[register.id].map { String($0, radix: 16) } ?? "nothing"
                differences.append("\(register.id) is \(other), not \(String(register.value, radix: 16))")
                continue
            }
        }
        if try a.vcpu.backendState() != b.vcpu.backendState() { differences.append("the backend's state") }
        for address in stride(from: UInt64(0), to: Self.memory, by: 4096) {
            let x = try a.memory.read(at: address, count: 4096)
            let y = try b.memory.read(at: address, count: 4096)
            guard x != y, let at = x.indices.first(where: { x[$0] != y[$0] }) else { continue }
            differences.append("memory at 0x" + String(address + UInt64(at), radix: 16))
        }
        // Not to the nanosecond: at every thaw the kernel arms its soft timer anew from a Count rounded down, so a guest in WAIT
        // is woken up to a tick later than one whose timer was left alone (reference 4.2, `arm`). It cannot tell, its Count is
        // the same, and the next thaw starts from the grid again: it does not add up.
        let error = Int64(b.system.clock().monotonic) - b.ledger.total.hidden - Int64(a.system.clock().monotonic)
        if error.magnitude >= Self.tick { differences.append("its time less what was hidden is off by \(error) ns") }
        return differences
    }
}

/// Vigna's SplitMix64: small, good enough, the same everywhere.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
