// Whether the simulator runs a guest on this host, and how fast: it is tried.

import Host
import Hypervisor
import Machine
import Simulator

/// One profile of the simulator after a guest has counted on it for some milliseconds.
struct SimulatorFacts {
    let profile: Profile
    /// Guest instructions a second, in a loop that only counts.
    private(set) var speed: UInt64 = 0
    /// What went wrong; nil if the guest ran.
    private(set) var failure: String?

    init(profile: Profile) {
        self.profile = profile
        do throws(Failure) {
            speed = try Self.measure(profile)
        } catch {
            failure = error.description
        }
    }

    private enum Failure: Error {
        case memory(GuestMemoryError)
        case call(HypervisorError)
        case otherExit
        case stoodStill

        var description: String {
            switch self {
            case .memory(let error): error.description
            case .call(let error): error.description
            case .otherExit: "a loop left the machine"
            case .stoodStill: "no instruction was carried out"
            }
        }
    }

    /// addiu v0, v0, 1; b back to it; nop in the delay slot.
    private static var program: [UInt32] { [0x2442_0001, 0x1000_FFFE, 0] }

    /// How long the guest counts, in nanoseconds.
    private static var span: UInt64 { 10_000_000 }

    private static func measure(_ profile: Profile) throws(Failure) -> UInt64 {
        let memory: GuestMemory
        do throws(GuestMemoryError) {
            memory = try GuestMemory(size: 1 << 16)
        } catch {
            throw .memory(error)
        }
        var address: UInt64 = 0
        for word in program {
            // 12 bytes at the start of 64 KiB: this cannot fail.
            _ = memory.store(UInt64(word), at: address, size: 4)
            address += 4
        }
        let result: Result<UInt64, Failure>
        do throws(HypervisorError) {
            let system = SimulatedSystem(profile: profile, clock: .host)
            let machine = try system.createMachine(.auto)
            let region = memory.lowRegion
            try machine.setMemoryRegion(
                MemoryRegion(
                    slot: 0, guestPhysicalAddress: UInt64(region.window.base), size: UInt64(region.window.size),
                    hostAddress: memory.hostAddress(of: region)))
            let vcpu = try machine.createVCPU(0)
            // Addresses are sign-extended, as the kernel's registers are.
            try vcpu.setRegister(.pc, UInt64(bitPattern: Int64(Int32(bitPattern: profile.kernelWindow))))
            try vcpu.setRegister(.gpr(2), 0)
            result = try count(system, vcpu)
        } catch {
            result = .failure(.call(error))
        }
        // The machine used it until here.
        withExtendedLifetime(memory) {}
        switch result {
        case .success(let speed): return speed
        case .failure(let failure): throw failure
        }
    }

    /// Lets the guest run until the alarm, which ends it with EINTR.
    private static func count(
        _ system: SimulatedSystem, _ vcpu: SimulatedVCPU
    ) throws(HypervisorError) -> Result<UInt64, Failure> {
        let start = Clock.monotonic()
        system.setAlarm(start + span)
        do throws(HypervisorError) {
            _ = try vcpu.run()
            return .failure(.otherExit)
        } catch {
            guard error.errno == .intr else { throw error }
        }
        let elapsed = max(1, Clock.monotonic() - start)
        let rounds = try vcpu.register(.gpr(2)) & 0xFFFF_FFFF
        guard rounds > 0 else { return .failure(.stoodStill) }
        return .success(rounds * UInt64(program.count) * 1_000_000_000 / elapsed)
    }
}
