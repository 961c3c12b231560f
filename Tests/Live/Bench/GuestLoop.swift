// The guests: they store to a device, or load from it, for ever, and keep the fewest ticks that took.
//
// A guest is the best judge of a run loop: it sees nothing but the time its accesses take, and short stretches of it, of which
// many are disturbed by nothing.

import Devices
import Host
import Hypervisor
import KVM
import Machine
import Monitor

enum GuestLoop {
    static let stores = program(0xA128_0007)
    static let loads = program(0x9128_0007)

    /// Accesses between two looks at Count.
    static let accesses: UInt64 = 100

    /// - Parameter access: sb t0, 7(t1) or lbu t0, 7(t1); the UART's scratch register is at 0x10000007.
    private static func program(_ access: UInt32) -> [UInt32] {
        [
            0x3C09_B000,  //          lui t1, 0xb000
            0x240C_FFFF,  //          li t4, -1
            0x400A_4800,  // outer:   mfc0 t2, Count
            0x240B_0064,  //          li t3, 100
            access,  //      inner:
            0x256B_FFFF,  //          addiu t3, t3, -1
            0x1560_FFFD,  //          bnez t3, inner
            0,
            0x400D_4800,  //          mfc0 t5, Count
            0x01AA_6823,  //          subu t5, t5, t2
            0x01AC_702B,  //          sltu t6, t5, t4
            0x01AE_600B,  //          movn t4, t5, t6
            0x1000_FFF5,  //          b outer
            0,
        ]
    }

    /// Has the guest look for its fewest ticks anew.
    static func forget(_ vcpu: KVMVCPU) throws(HypervisorError) {
        try vcpu.setRegister(.gpr(12), UInt64(UInt32.max))
    }

    /// The fewest ticks that `accesses` took, in nanoseconds.
    static func fastest(_ vcpu: KVMVCPU) throws(HypervisorError) -> UInt64 {
        try vcpu.register(.gpr(12)) & 0xFFFF_FFFF * 1_000_000_000 / vcpu.register(.countHz)
    }

    static let start: UInt32 = 0x1000
    static let memorySize: UInt64 = 1 << 20

    /// The board with this program.
    static func boot(_ system: KVMSystem, _ program: [UInt32]) throws(BenchError) -> VirtualMachine<KVMSystem> {
        let path = "/tmp/live-bench-\(Process.pid).bin"
        var bytes: [UInt8] = []
        for word in program {
            for shift in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(shift * 8))) }
        }
        try telling { () throws(Errno) in
            try FileDescriptor.open(path: path, [.write, .create, .truncate]).writeAll(bytes)
        }
        defer { try? Files.unlink(path) }
        let console = try telling { () throws(Errno) in try Console(.none) }
        return try telling { () throws(MonitorError) in
            let machine = try VirtualMachine(system, MachineConfiguration(memorySize: memorySize), console: console)
            try machine.boot(BootImage(path: path, format: .raw(address: machine.kernelWindow.base + start)))
            return machine
        }
    }
}

/// A vCPU with nothing around it but memory, and a bus with two trivial devices.
final class BareGuest {
    let vcpu: KVMVCPU
    let bus = Bus()
    private let memory: GuestMemory
    private let machine: KVMMachine

    init(_ system: KVMSystem, _ program: [UInt32]) throws(BenchError) {
        let memory = try telling { () throws(GuestMemoryError) in try GuestMemory(size: GuestLoop.memorySize) }
        self.memory = memory
        for (index, word) in program.enumerated() {
            _ = memory.store(UInt64(word), at: UInt64(GuestLoop.start) + UInt64(index) * 4, size: 4)
        }
        let machine = try telling { () throws(HypervisorError) in try system.createMachine(.auto) }
        self.machine = machine
        vcpu = try telling { () throws(HypervisorError) in
            for (slot, region) in memory.regions.enumerated() {
                try machine.setMemoryRegion(
                    MemoryRegion(
                        slot: UInt32(slot), guestPhysicalAddress: region.window.base, size: region.window.size,
                        hostAddress: memory.hostAddress(of: region)))
            }
            let vcpu = try machine.createVCPU(0)
            let window: KernelWindow = system.profile.isTE ? .trapAndEmulate : .kseg0
            try vcpu.setRegister(.pc, signExtended(UInt64(window.base + GuestLoop.start)))
            return vcpu
        }
        bus.attach(Port(EightBytes()), at: AddressMap.uart)
        bus.attach(Port(EightBytes()), at: AddressMap.syscon)
    }
}

/// The most trivial device.
private struct EightBytes: Device {
    private var registers = InlineArray<8, UInt8>(repeating: 0)

    mutating func read(offset: UInt32, size: UInt32) -> UInt32 {
        offset < 8 ? UInt32(registers[Int(offset)]) : 0
    }

    mutating func write(offset: UInt32, size: UInt32, value: UInt32) -> DeviceEvent {
        if offset < 8 { registers[Int(offset)] = UInt8(truncatingIfNeeded: value) }
        return .none
    }

    var interruptLevel: Bool { false }
}
