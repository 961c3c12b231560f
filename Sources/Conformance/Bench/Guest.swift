// A guest: one machine, memory, one vCPU, and the calls of the contract as a check wants them: a failure that was not asked for
// ends the check.

import Host
import Hypervisor

/// Where things are in a guest of the rows. Offsets are guest-physical; the kernel window shows them at `window`.
enum GuestMap {
    static let size: UInt32 = 1 << 20
    /// Exception vectors, EBase being at the window's start: TLB refill, general, interrupt with Cause.IV.
    static let vectors: [UInt32] = [0x000, 0x180, 0x200]
    /// The program.
    static let code: UInt32 = 0x1000
    /// An endless loop, for entries into the guest that shall do nothing.
    static let idle: UInt32 = 0x3000
    /// Room for data; a multiple of 64 KiB, so of every page size.
    static let data: UInt32 = 0x40000

    /// Device addresses as the guest kernel writes them: all of MMIO, outside of any slot, at the same place on TE and VZ.
    static let device: UInt32 = 0xB400_0000
    /// The same, guest-physical.
    static let devicePhysical: UInt64 = 0x1400_0000
    /// Offset from `device`: a store here means the program is through.
    static let done: UInt32 = 0x800
    /// Offset from `device` of the default handlers' stores; the vector's offset is added.
    static let handler: UInt32 = 0x1000
}

final class Guest {
    let bench: Bench
    let machine: AnyMachine
    let vcpu: AnyVCPU
    let ram: GuestPages

    /// Virtual address of guest-physical 0.
    var window: UInt32 { bench.profile.kernelWindow }
    var isTE: Bool { bench.isTE }

    init(_ bench: Bench, _ machine: AnyMachine, id: UInt32, flags: MemoryRegion.Flags) throws(Verdict) {
        self.bench = bench
        self.machine = machine
        ram = try guestPages(Int(GuestMap.size))
        vcpu = try bench.vcpu(machine, id)
        try map(ram, slot: 0, at: 0, flags)
        for vector in GuestMap.vectors { store(Self.handler(vector), at: vector) }
        store(Asm.spin, at: GuestMap.idle)
        try set(.status, 0)
        try setPC(window + GuestMap.code)
    }

    deinit {
        // The slot goes before the memory behind it does. A process that must not use the VM (A16) gets EIO, and goes too.
        try? machine.setMemoryRegion(
            MemoryRegion(slot: 0, guestPhysicalAddress: 0, size: 0, hostAddress: ram.hostAddress))
    }

    // MARK: Memory

    /// Makes memory a slot.
    @inline(never)
    func map(_ pages: GuestPages, slot: UInt32, at address: UInt64, _ flags: MemoryRegion.Flags = []) throws(Verdict) {
        let region = MemoryRegion(
            slot: slot, flags: flags, guestPhysicalAddress: address, size: UInt64(pages.size),
            hostAddress: pages.hostAddress)
        try checkOK("SET_USER_MEMORY_REGION of \(hex(address))") { () throws(HypervisorError) in
            try machine.setMemoryRegion(region)
        }
    }

    @inline(never)
    func unmap(_ pages: GuestPages, slot: UInt32, at address: UInt64) throws(Verdict) {
        let region = MemoryRegion(slot: slot, guestPhysicalAddress: address, size: 0, hostAddress: pages.hostAddress)
        try checkOK("deletion of slot \(slot)") { () throws(HypervisorError) in try machine.setMemoryRegion(region) }
    }

    @inline(never)
    func store(_ words: [UInt32], at address: UInt32) {
        for (i, word) in words.enumerated() { ram[address + UInt32(i) * 4] = word }
    }

    /// Puts a program at `GuestMap.code`, which ends by reporting that it is through.
    @inline(never)
    func load(_ parts: [UInt32]...) {
        var at = GuestMap.code
        for part in parts + [Self.done] {
            store(part, at: at)
            at += UInt32(part.count) * 4
        }
    }

    /// Reports that the program is through, then stays there.
    static var done: [UInt32] { [Asm.lui(.k0, GuestMap.device >> 16), Asm.sw(.zero, GuestMap.done, .k0)] + Asm.spin }

    /// The default exception handler: reports Cause and the vector, then returns.
    @inline(never)
    static func handler(_ vector: UInt32) -> [UInt32] {
        [
            Asm.lui(.k0, GuestMap.device >> 16), Asm.mfc0(.k1, .cause), Asm.sw(.k1, GuestMap.handler + vector, .k0),
            Asm.eret, Asm.nop,
        ]
    }

    // MARK: Registers

    @inline(never)
    func get(_ id: RegisterID) throws(Verdict) -> UInt64 {
        do throws(HypervisorError) {
            return try vcpu.register(id)
        } catch {
            throw .unexpected("GET \(id)", error)
        }
    }

    @inline(never)
    func set(_ id: RegisterID, _ value: UInt64) throws(Verdict) {
        do throws(HypervisorError) {
            try vcpu.setRegister(id, value)
        } catch {
            throw .unexpected("SET \(id) = \(hex(value))", error)
        }
    }

    /// The register holds this.
    @inline(never)
    func expect(_ id: RegisterID, _ want: UInt64) throws(Verdict) {
        try check("\(id)", get(id), want)
    }

    /// A general register, its low 32 bits.
    @inline(never)
    func reg(_ r: Reg) throws(Verdict) -> UInt32 { UInt32(truncatingIfNeeded: try get(.gpr(r.number))) }

    @inline(never)
    func expect(_ r: Reg, _ want: UInt32) throws(Verdict) {
        try check("R\(r.number)", reg(r), want)
    }

    @inline(never)
    func setReg(_ r: Reg, _ value: UInt32) throws(Verdict) { try set(.gpr(r.number), signExtended(UInt64(value))) }

    @inline(never)
    func pc() throws(Verdict) -> UInt32 { UInt32(truncatingIfNeeded: try get(.pc)) }
    @inline(never)
    func setPC(_ address: UInt32) throws(Verdict) { try set(.pc, signExtended(UInt64(address))) }
    @inline(never)
    func expectPC(_ want: UInt32) throws(Verdict) { try check("PC", pc(), want) }

    /// SET fails with this error and, as GET shows, changes nothing.
    @inline(never)
    func expectRefused(_ id: RegisterID, _ value: UInt64) throws(Verdict) {
        let before = try get(id)
        try checkError("SET \(id) = \(hex(value))", .inval) { () throws(HypervisorError) in
            try vcpu.setRegister(id, value)
        }
        try expect(id, before)
    }

    @inline(never)
    func registers() throws(Verdict) -> Registers {
        do throws(HypervisorError) {
            return try vcpu.registers()
        } catch {
            throw .unexpected("GET_REGS", error)
        }
    }

    @inline(never)
    func registerList() throws(Verdict) -> [RegisterID] {
        do throws(HypervisorError) {
            return try vcpu.registerList()
        } catch {
            throw .unexpected("GET_REG_LIST", error)
        }
    }

    @inline(never)
    func enable(_ capability: Capability) throws(Verdict) {
        do throws(HypervisorError) {
            try vcpu.enable(capability, flags: 0, argument: 0)
        } catch {
            throw .unexpected("ENABLE_CAP(\(capability.rawValue))", error)
        }
    }

    @inline(never)
    func interrupt(_ line: Int32) throws(Verdict) {
        do throws(HypervisorError) {
            try vcpu.interrupt(line)
        } catch {
            throw .unexpected("INTERRUPT \(line)", error)
        }
    }
}

/// Memory for a guest; a host without any lets the check down.
@inline(never)
func guestPages(_ size: Int) throws(Verdict) -> GuestPages {
    do throws(Errno) {
        return try GuestPages(size)
    } catch {
        throw .host("memory for a guest", error)
    }
}
