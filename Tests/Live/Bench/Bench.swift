// What Stasis adds to the kernel's cost, measured beside a C program (Tests/MIPSHost/bench.c) that makes the same calls.
//
// The C program is the one that is started. It starts `live bench`, which measures what it is told to: a number a line
// (`Measurement`), answered by nanoseconds and operations. So the two take turns within one run of one machine, whose speed
// changes from one second to the next. Scripts/bench --mips-host runs it all.
//
// Everything goes through what the product uses; nothing here is a shortcut of its own.

import Devices
import Host
import Hypervisor
import KVM
import Machine
import Monitor
import Timekeeping

/// `live bench`: serves standard input until it ends.
func bench() -> Int32 {
    do throws(BenchError) {
        let bench = try Bench()
        var input = LineReader()
        var output = Output.standardOutput
        while let line = input.next() {
            guard let number = Int(line), let measurement = Measurement(rawValue: number) else {
                log("live bench: there is no measurement '\(line)'")
                return 2
            }
            let measured = try bench.measure(measurement)
            output.line("\(measured.nanoseconds) \(measured.operations)")
            output.flush()
        }
        return 0
    } catch {
        log("live bench: \(error)")
        return 1
    }
}

/// What went wrong: a text is enough for a program that only measures.
struct BenchError: Error, CustomStringConvertible {
    let description: String
}

/// Runs `body` and turns its error into text.
func telling<Result, Failure: Error & CustomStringConvertible>(
    _ body: () throws(Failure) -> Result
) throws(BenchError) -> Result {
    do throws(Failure) {
        return try body()
    } catch {
        throw BenchError(description: error.description)
    }
}

/// Lines of standard input.
private struct LineReader {
    private var buffer: [UInt8] = []

    mutating func next() -> String? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: buffer[..<end], as: UTF8.self)
                buffer.removeFirst(end + 1)
                return line
            }
            var bytes = [UInt8](repeating: 0, count: 256)
            var count = 0
            unsafe bytes.withUnsafeMutableBytes { space in
                // The buffer is written during the call. An error ends the input as its end does.
                count = (try? unsafe FileDescriptor(raw: 0, owned: false).read(into: space)) ?? 0
            }
            if count == 0 { return nil }
            buffer.append(contentsOf: bytes.prefix(count))
        }
    }
}

/// The machines that are measured.
private final class Bench {
    private static var batches: Int { 20 }
    // Of a batch:
    private static var calls: Int { 500 }
    private static var cycles: Int { 100 }
    private static var exits: Int { 100 }
    private static var loopTime: UInt64 { 150_000_000 }

    private let storing: BareGuest
    private let loading: BareGuest
    private let storeMachine: VirtualMachine<KVMSystem>
    private let loadMachine: VirtualMachine<KVMSystem>
    private var keeper: Timekeeper<KVMSystem>

    init() throws(BenchError) {
        let system = try telling { () throws(KVMOpenError) in try KVMSystem.open() }
        storing = try BareGuest(system, GuestLoop.stores)
        loading = try BareGuest(system, GuestLoop.loads)
        storeMachine = try GuestLoop.boot(system, GuestLoop.stores)
        loadMachine = try GuestLoop.boot(system, GuestLoop.loads)
        keeper = Timekeeper(system)
    }

    /// The fastest of some batches: each is short enough that many see neither an interrupt nor the emulator's own host busy
    /// elsewhere.
    func measure(_ measurement: Measurement) throws(BenchError) -> Measured {
        var best = try batch(measurement)
        // In the loops the guest looks for the fastest.
        if measurement.isLoop { return best }
        for _ in 1..<Self.batches {
            let result = try batch(measurement)
            if result.nanoseconds * best.operations < best.nanoseconds * result.operations { best = result }
        }
        return best
    }

    private func batch(_ measurement: Measurement) throws(BenchError) -> Measured {
        switch measurement {
        case .get: try telling { () throws(HypervisorError) in try get(storing.vcpu) }
        case .set: try telling { () throws(HypervisorError) in try set(storing.vcpu) }
        case .calls: try telling { () throws(HypervisorError) in try callByCall(storing.vcpu) }
        case .cycle: try telling { () throws(TimekeepingError) in try cycle([storing.vcpu]) }
        case .storeExit: try telling { () throws(HypervisorError) in try run(storing) }
        case .loadExit: try telling { () throws(HypervisorError) in try run(loading) }
        case .storeLoop: try run(storeMachine)
        case .loadLoop: try run(loadMachine)
        }
    }

    private func get(_ vcpu: KVMVCPU) throws(HypervisorError) -> Measured {
        try Measured { () throws(HypervisorError) in
            for _ in 0..<Self.calls { _ = try vcpu.register(.countControl) }
            return Self.calls
        }
    }

    private func set(_ vcpu: KVMVCPU) throws(HypervisorError) -> Measured {
        try Measured { () throws(HypervisorError) in
            for i in 0..<Self.calls { try vcpu.setRegister(.gpr(8), UInt64(i)) }
            return Self.calls
        }
    }

    private func callByCall(_ vcpu: KVMVCPU) throws(HypervisorError) -> Measured {
        try Measured { () throws(HypervisorError) in
            for _ in 0..<Self.cycles {
                try vcpu.setRegister(.countControl, 1)
                _ = try vcpu.register(.countResume)
                _ = try vcpu.register(.countHz)
                _ = try vcpu.register(.cause)
                _ = try vcpu.register(.count)
                _ = try vcpu.register(.compare)
                try vcpu.setRegister(.countControl, 0)
            }
            return Self.cycles
        }
    }

    private func cycle(_ vcpus: [KVMVCPU]) throws(TimekeepingError) -> Measured {
        try Measured { () throws(TimekeepingError) in
            for _ in 0..<Self.cycles {
                let frozen = try keeper.freeze(vcpus)
                try keeper.thaw(vcpus, frozen, .catchUp)
            }
            return Self.cycles
        }
    }

    private func run(_ guest: BareGuest) throws(HypervisorError) -> Measured {
        let thread = HostThread.current
        return try Measured { () throws(HypervisorError) in
            for _ in 0..<Self.exits {
                guard case .mmio(let access) = try guest.vcpu.run(on: thread) else { throw HypervisorError(.run, .io) }
                let result = guest.bus.perform(
                    MMIOAccess(
                        address: access.address, size: access.length, isWrite: access.isWrite, data: access.data))
                if !access.isWrite { guest.vcpu.runArea.mmioData = result?.value ?? 0 }
            }
            return Self.exits
        }
    }

    private func run(_ machine: VirtualMachine<KVMSystem>) throws(BenchError) -> Measured {
        try telling { () throws(HypervisorError) in try GuestLoop.forget(machine.vcpu) }
        _ = try telling { () throws(MonitorError) in try machine.run(until: Clock.monotonic() + Self.loopTime) }
        let fastest = try telling { () throws(HypervisorError) in try GuestLoop.fastest(machine.vcpu) }
        return Measured(nanoseconds: fastest, operations: GuestLoop.accesses)
    }
}
