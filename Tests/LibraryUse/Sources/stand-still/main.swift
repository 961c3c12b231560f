// A guest whose time is stopped, put into a file, and goes on in another machine.

import Hypervisor
import Simulator
import Snapshot
import Timekeeping

/// A machine with 64 KiB of RAM and one vCPU at the start of it.
final class Guest {
    let machine: SimulatedMachine
    let vcpu: SimulatedVCPU
    let ram = UnsafeMutableRawBufferPointer.allocate(byteCount: 65536, alignment: 65536)

    init(_ system: SimulatedSystem) throws {
        ram.initializeMemory(as: UInt8.self, repeating: 0)
        machine = try system.createMachine(.auto)
        try machine.setMemoryRegion(
            Hypervisor.MemoryRegion(
                slot: 0, guestPhysicalAddress: 0, size: 65536, hostAddress: UInt64(UInt(bitPattern: ram.baseAddress))))
        vcpu = try machine.createVCPU(0)
        // KSEG0, in the sign-extended form of MIPS addresses.
        try vcpu.setRegister(.pc, 0xFFFF_FFFF_8000_0000)
    }

    deinit { ram.deallocate() }

    /// Runs until the clock has moved on by so much.
    func run(_ system: SimulatedSystem, nanoseconds: UInt64) throws {
        system.setAlarm(system.clock().monotonic + nanoseconds)
        do {
            _ = try vcpu.run()
        } catch  where error.errno == .intr {
            system.setAlarm(nil)
        }
    }
}

// A clock that counts instructions, so that this program prints the same every time.
let system = SimulatedSystem(
    profile: .vz, clock: .virtual(start: 3_600_000_000_000, nanosecondsPerInstruction: 10, realtime: 0))
let guest = try Guest(system)
// loop: addiu v0, v0, 1; b loop; nop
for (index, word) in [0x2442_0001, 0x1000_FFFE, 0 as UInt32].enumerated() {
    guest.ram.storeBytes(of: word.littleEndian, toByteOffset: index * 4, as: UInt32.self)
}
try guest.run(system, nanoseconds: 1_000_000)

// Freeze: Count and the timer interrupt stand still, whatever the clock does.
var keeper = Timekeeper(system)
let frozen = try keeper.freeze([guest.vcpu])
let before = try guest.vcpu.register(.count)
system.sleep(until: system.clock().monotonic + 2_000_000_000)
print("frozen for 2 s: Count \(before), then \(try guest.vcpu.register(.count))")

// Save: this guest lives in two registers, its timer and its memory.
var writer = SnapshotWriter(
    architecture: .mips32LittleEndian, profile: system.profile.name, guestPageSize: 4096, memoryAlignment: 4096)
var registers = ByteWriter()
registers.u64(try guest.vcpu.register(.pc))
registers.u64(try guest.vcpu.register(.gpr(2)))
writer.addSection(name: "REGS", version: 1, bytes: registers.bytes)
writer.addSection(name: "TIME", version: 1, bytes: frozen.bytes)
writer.addMemory(guestAddress: 0, UnsafeRawBufferPointer(guest.ram))
try writer.write(to: "guest.snap")

// Restore, in another machine. A damaged file would have been an error here, with nothing begun.
let reader = try SnapshotReader(path: "guest.snap")
let other = try Guest(system)
var memory = [UInt8](repeating: 0, count: other.ram.count)
_ = try reader.readMemory(reader.regions[0], at: 0, into: &memory)
other.ram.copyBytes(from: memory)
let saved = try Frozen(bytes: try reader.section("TIME"))
let restoration = try keeper.beginRestore([other.vcpu], saved)
var bytes = ByteReader(try reader.section("REGS"))
try other.vcpu.setRegister(.pc, bytes.u64())
try other.vcpu.setRegister(.gpr(2), bytes.u64())
try keeper.finishRestore([other.vcpu], restoration)
let entry = try keeper.release([other.vcpu], restoration, .freeze)
print("restored: Count \(try other.vcpu.register(.count)); \(entry)")

try other.run(system, nanoseconds: 1_000_000)
print(
    "1 ms later: Count \(try other.vcpu.register(.count)), the guest has counted to \(try other.vcpu.register(.gpr(2)))"
)
