// What a check works with: the system under test, its clock, and guests made for the occasion. The checks themselves are
// methods of `Bench`, in Rows/.

import Host
import Hypervisor

struct Bench {
    let system: AnySystem

    var profile: Profile { system.profile }
    var isTE: Bool { profile.isTE }
    var isVirtual: Bool { system.timeDomain.kind == .virtual }

    /// The clock of COUNT_RESUME, ns.
    func now() -> UInt64 { system.clock().monotonic }

    /// Waits on that clock.
    func wait(_ nanoseconds: UInt64) { system.sleep(until: now() + nanoseconds) }

    @inline(never)
    func machine() throws(Verdict) -> AnyMachine {
        do throws(HypervisorError) {
            return try system.createMachine(profile.machineType)
        } catch {
            throw .unexpected("CREATE_VM(\(profile.machineType.rawValue))", error)
        }
    }

    @inline(never)
    func vcpu(_ machine: AnyMachine, _ id: UInt32 = 0) throws(Verdict) -> AnyVCPU {
        do throws(HypervisorError) {
            return try machine.createVCPU(id)
        } catch {
            throw .unexpected("CREATE_VCPU(\(id))", error)
        }
    }

    /// A machine with memory at guest-physical 0 and one vCPU, fresh in the sense of the reference's section 8: Status 0, PC in
    /// the unmapped window at `GuestMap.code`.
    @inline(never)
    func guest(id: UInt32 = 0, flags: MemoryRegion.Flags = []) throws(Verdict) -> Guest {
        try Guest(self, machine(), id: id, flags: flags)
    }
}

/// Milliseconds in ns.
func ms(_ n: UInt64) -> UInt64 { n * 1_000_000 }

/// Ticks of a clock of `hz` in so many ns, rounded down. The reference's T(t) without its wrap.
func ticks(_ nanoseconds: UInt64, _ hz: UInt64) -> UInt64 {
    // In two parts, because the product does not fit.
    nanoseconds / 1_000_000_000 * hz + nanoseconds % 1_000_000_000 * hz / 1_000_000_000
}
