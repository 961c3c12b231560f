// A snapshot of a machine, decoded and checked.
//
//   section  instance  contents
//   MACH     0         MachineRecord
//   VCPU     n         SavedRegisters of vCPU n
//   BACK     n         what the backend keeps beyond registers (TLB), optional: another backend passes it over
//   TIME     0         Timekeeping's `Frozen`: every timer at one instant
//   LEDG     0         Timekeeping's `TimeLedger`
//   CLOK     0         Timekeeping's `FreezeInstant`: the clock when the file was written
//   UPTM     0         nanoseconds the guest had run, by its own time (8 bytes), optional
//   DEVS     0         what virtio devices are connected to (`DeviceRecord`); missing in files of older builds
//   BORD UART CONS GRTC BROM VIRT  the board's devices, see Machine
//   MEM                guest memory, see Snapshot

public import Machine
public import Snapshot
public import Timekeeping

extension SectionName {
    static var machine: SectionName { "MACH" }
    static var vcpu: SectionName { "VCPU" }
    static var backend: SectionName { "BACK" }
    static var time: SectionName { "TIME" }
    static var ledger: SectionName { "LEDG" }
    static var clock: SectionName { "CLOK" }
    static var attached: SectionName { "DEVS" }
    static var uptime: SectionName { "UPTM" }

    /// The sections of the board.
    static let devices = SectionID.all

    init?(_ device: SectionID) { self.init(rawValue: device.rawValue) }
}

/// Everything a snapshot file says about a machine; its memory stays in the file.
public final class SnapshotContents: Sendable {
    /// The file, checked as a whole; as far as `verifyingMemory` went.
    public let file: SnapshotReader
    public let machine: MachineRecord
    public let registers: SavedRegisters
    /// What the backend keeps beyond registers; nil where it had nothing.
    public let backendState: [UInt8]?
    /// The timer at the instant of the freeze.
    public let frozen: Frozen
    public let ledger: TimeLedger
    /// The clock when the file was written.
    public let clock: FreezeInstant
    public let devices: [DeviceSection]
    /// Nanoseconds the guest had run, by its own time; nil in files of older builds.
    public let uptime: UInt64?
    /// What the virtio devices were connected to, by slot.
    public let attached: [DeviceRecord]

    static let version: UInt16 = 1

    /// Reads and checks a file.
    ///
    /// - Parameter verifyingMemory: whether the checksums of guest memory are compared too. If not, a machine restored from these contents
    ///   does it while the guest runs.
    public init(path: String, verifyingMemory: Bool = true) throws(MonitorError) {
        var known: [SectionName] = [.machine, .vcpu, .backend, .time, .ledger, .clock, .attached, .uptime]
        for device in SectionName.devices { if let name = SectionName(device) { known.append(name) } }
        do throws(SnapshotError) {
            let file = try SnapshotReader(path: path, known: known, verifyingMemory: verifyingMemory)
            self.file = file
            try file.require(architecture: .mips32LittleEndian)
            machine = try file.decode(.machine, upTo: Self.version) { reader throws(ByteError) in
                try MachineRecord(&reader)
            }
            registers = try file.decode(.vcpu, upTo: Self.version) { reader throws(ByteError) in
                try SavedRegisters(&reader)
            }
            if let section = file.find(.backend) {
                backendState = try file.bytes(of: section)
            } else {
                backendState = nil
            }
            var devices: [DeviceSection] = []
            for id in SectionName.devices {
                for section in file.sections where section.name == SectionName(id) {
                    devices.append(
                        DeviceSection(
                            id: id, instance: section.instance, version: UInt32(section.version),
                            bytes: try file.bytes(of: section)))
                }
            }
            self.devices = devices
            if file.find(.attached) != nil {
                attached = try file.decode(.attached, upTo: Self.version) { reader throws(ByteError) in
                    try DeviceRecord.decode(&reader)
                }
            } else {
                attached = []
            }
            if file.find(.uptime) != nil {
                uptime = try file.decode(.uptime, upTo: Self.version) { reader throws(ByteError) in
                    let value = try reader.u64("the guest's time")
                    guard value < 1 << 62 else { throw .value(field: "the guest's time", value) }
                    return value
                }
            } else {
                uptime = nil
            }
        } catch {
            throw .snapshot(error)
        }
        frozen = try Self.layout(file, .time) { bytes throws(LayoutError) in try Frozen(bytes: bytes) }
        ledger = try Self.layout(file, .ledger) { bytes throws(LayoutError) in try TimeLedger(bytes: bytes) }
        clock = try Self.layout(file, .clock) { bytes throws(LayoutError) in try FreezeInstant(bytes: bytes) }
        guard frozen.timers.count == Int(machine.vcpuCount) else {
            throw .inconsistent(file: path, "as many saved timers as vCPUs")
        }
        try checkMemory()
    }

    private static func layout<Value>(
        _ file: SnapshotReader, _ name: SectionName, _ body: ([UInt8]) throws(LayoutError) -> Value
    ) throws(MonitorError) -> Value {
        let bytes: [UInt8]
        do throws(SnapshotError) {
            bytes = try file.section(name, upTo: version)
        } catch {
            throw .snapshot(error)
        }
        do throws(LayoutError) {
            return try body(bytes)
        } catch {
            throw .layout(file: file.path, name, error)
        }
    }

    /// Memory has to be what a board with so much RAM has, at the same addresses.
    private func checkMemory() throws(MonitorError) {
        let expected = GuestMemory.regions(of: machine.memorySize)
        var matches = expected.count == file.regions.count
        for (region, wanted) in zip(file.regions, expected)
        where region.guestAddress != wanted.window.base || region.size != wanted.window.size { matches = false }
        guard matches else { throw .inconsistent(file: file.path, "memory where the board has it") }
    }
}

extension SnapshotContents {
    /// Reads words of guest memory from a stretch of it; addresses outside read as zero.
    func reader(_ address: UInt64, _ count: Int) throws(MonitorError) -> (UInt64) -> UInt32 {
        var bytes = [UInt8](repeating: 0, count: count)
        do throws(SnapshotError) {
            for region in file.regions
            where address >= region.guestAddress && address - region.guestAddress < region.size {
                _ = try file.readMemory(region, at: address - region.guestAddress, into: &bytes)
            }
        } catch {
            throw .snapshot(error)
        }
        return { [bytes] at in
            guard at >= address, at - address <= UInt64(bytes.count - 4) else { return 0 }
            let index = Int(at - address)
            return UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2]) << 16
                | UInt32(bytes[index + 3]) << 24
        }
    }
}
