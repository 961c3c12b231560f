// A backend of any type: abstract classes with generic subclasses, as Embedded Swift has no existentials of protocols
// with associated types.

import Host
import Hypervisor

class Backend {
    let name: String
    let profile: Profile
    /// How late its timer may be, ns (TimeModel.swift).
    let lateness: UInt64

    init(_ name: String, _ profile: Profile, lateness: UInt64) {
        self.name = name
        self.profile = profile
        self.lateness = lateness
    }

    func setAlarm(_ instant: UInt64?) { abstract() }
    func machine() throws(HypervisorError) -> BackendMachine { abstract() }
}

class BackendMachine {
    func map(_ region: MemoryRegion) throws(HypervisorError) { abstract() }
    func dirtyLog(_ slot: UInt32) throws(HypervisorError) -> [UInt64] { abstract() }
    func vcpu(_ id: UInt32) throws(HypervisorError) -> any HypervisorVCPU { abstract() }
}

private func abstract() -> Never { preconditionFailure("a subclass does this") }

final class BackendOf<S: HypervisorSystem>: Backend {
    private let system: S

    init(_ name: String, _ system: S, lateness: UInt64) {
        self.system = system
        super.init(name, system.profile, lateness: lateness)
    }

    override func setAlarm(_ instant: UInt64?) { system.setAlarm(instant) }
    override func machine() throws(HypervisorError) -> BackendMachine {
        BackendMachineOf(try system.createMachine(profile.machineType))
    }
}

final class BackendMachineOf<M: HypervisorMachine>: BackendMachine {
    private let machine: M

    init(_ machine: M) { self.machine = machine }

    override func map(_ region: MemoryRegion) throws(HypervisorError) { try machine.setMemoryRegion(region) }
    override func dirtyLog(_ slot: UInt32) throws(HypervisorError) -> [UInt64] { try machine.dirtyLog(slot: slot) }
    override func vcpu(_ id: UInt32) throws(HypervisorError) -> any HypervisorVCPU { try machine.createVCPU(id) }
}

/// Memory of a guest, used for one scenario after the other.
///
/// Unsafe code: the class owns the mapping; every access is checked against its size first.
@safe
final class GuestRAM {
    private let mapping: Mapping

    init() throws(Errno) { mapping = try Mapping.anonymous(size: Int(Map.size)) }

    var hostAddress: UInt64 { UInt64(UInt(bitPattern: unsafe mapping.base)) }

    subscript(offset: UInt32) -> UInt32 {
        get {
            precondition(Int(offset) + 4 <= mapping.size)
            return unsafe mapping.base.load(fromByteOffset: Int(offset), as: UInt32.self)
        }
        set {
            precondition(Int(offset) + 4 <= mapping.size)
            unsafe mapping.base.storeBytes(of: newValue, toByteOffset: Int(offset), as: UInt32.self)
        }
    }

    func store(_ words: [UInt32], at offset: UInt32) {
        var at = offset
        for word in words {
            self[at] = word
            at += 4
        }
    }

    func clear() { unsafe mapping.base.initializeMemory(as: UInt8.self, repeating: 0, count: mapping.size) }

    /// Offset of the first word in which the two differ.
    func firstDifference(_ other: GuestRAM) -> UInt32? {
        let count = min(mapping.size, other.mapping.size)
        var at = 0
        while at < count {
            // Both mappings have `count` bytes.
            if unsafe mapping.base.load(fromByteOffset: at, as: UInt32.self)
                != other.mapping.base.load(fromByteOffset: at, as: UInt32.self)
            {
                return UInt32(truncatingIfNeeded: at)
            }
            at += 4
        }
        return nil
    }
}
