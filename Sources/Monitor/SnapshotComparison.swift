// What differs between two snapshots.

import Hypervisor
import Machine
import Devices
import Snapshot
import Timekeeping

/// One thing that is not the same.
public struct SnapshotDifference: Equatable, Sendable {
    /// Which part of a machine.
    public enum Part: UInt8, Sendable {
        case machine = 0
        case register = 1
        case timer = 2
        case clock = 3
        case ledger = 4
        case device = 5
        case backend = 6
    }

    public var part: Part
    public var name: String
    /// The values as text; empty where there is none.
    public var first: String
    public var second: String
}

/// Where memory differs.
public struct MemoryDifference: Equatable, Sendable {
    /// Bytes in the pages counted here.
    public static let page = 4096

    /// Pages with a difference.
    public var pages: UInt64 = 0
    /// Bytes that differ.
    public var bytes: UInt64 = 0
    /// The first differing byte of the first pages: guest-physical address and both values.
    public var first: [(address: UInt64, a: UInt8, b: UInt8)] = []
    /// Places kept in `first`.
    static let most = 8

    public static func == (a: MemoryDifference, b: MemoryDifference) -> Bool {
        a.pages == b.pages && a.bytes == b.bytes
            && a.first.elementsEqual(b.first) { $0.address == $1.address && $0.a == $1.a && $0.b == $1.b }
    }
}

/// Two snapshots, compared in everything but when and by which host they were written.
public struct SnapshotComparison: Sendable {
    public private(set) var differences: [SnapshotDifference] = []
    /// Nil when they do not have the same memory regions.
    public private(set) var memory: MemoryDifference?

    public var areSame: Bool { differences.isEmpty && memory == MemoryDifference() }

    public init(_ a: SnapshotContents, _ b: SnapshotContents) throws(MonitorError) {
        compareMachines(a, b)
        compareRegisters(a.registers, b.registers)
        compareTime(a, b)
        compareDevices(a, b)
        if a.backendState != b.backendState {
            add(.backend, "state", Self.digest(a.backendState), Self.digest(b.backendState))
        }
        if a.machine.memorySize == b.machine.memorySize {
            do throws(SnapshotError) {
                memory = try Self.compareMemory(a.file, b.file)
            } catch {
                throw .snapshot(error)
            }
        }
    }

    private mutating func add(_ part: SnapshotDifference.Part, _ name: String, _ a: String, _ b: String) {
        guard !a.utf8.elementsEqual(b.utf8) else { return }
        differences.append(SnapshotDifference(part: part, name: name, first: a, second: b))
    }

    private static func digest(_ bytes: [UInt8]?) -> String {
        bytes.map { "\($0.count) bytes, CRC-32C 0x" + String(CRC32C.of($0), radix: 16) } ?? ""
    }

    // MARK: Parts

    private mutating func compareMachines(_ a: SnapshotContents, _ b: SnapshotContents) {
        add(.machine, "profile", a.file.header.profile, b.file.header.profile)
        add(.machine, "page size", "\(a.file.header.guestPageSize)", "\(b.file.header.guestPageSize)")
        add(.machine, "memory", "\(a.machine.memorySize)", "\(b.machine.memorySize)")
        add(.machine, "FPU", a.machine.hasFPU ? "yes" : "no", b.machine.hasFPU ? "yes" : "no")
        add(.machine, "image", a.machine.image?.description ?? "", b.machine.image?.description ?? "")
    }

    private mutating func compareRegisters(_ a: SavedRegisters, _ b: SavedRegisters) {
        for register in a.all where !register.id.isHostTime {
            add(.register, register.id.description, hex(register.value), b[register.id].map(hex) ?? "")
        }
        for register in b.all where a[register.id] == nil {
            add(.register, register.id.description, "", hex(register.value))
        }
    }

    private mutating func compareTime(_ a: SnapshotContents, _ b: SnapshotContents) {
        for (x, y) in zip(a.frozen.timers, b.frozen.timers) {
            add(.timer, "Count", "\(x.count)", "\(y.count)")
            add(.timer, "Compare", "\(x.compare)", "\(y.compare)")
            add(.timer, "Cause", hex(x.cause), hex(y.cause))
            add(.timer, "COUNT_HZ", "\(x.hz)", "\(y.hz)")
            add(.timer, "COUNT_RESUME", "\(x.resume)", "\(y.resume)")
            add(.timer, "carry", "\(x.carry)", "\(y.carry)")
            add(
                .timer, "master disable before the freeze", x.masterDisabled ? "set" : "clear",
                y.masterDisabled ? "set" : "clear")
        }
        add(.timer, "frozen at", calendarText(a.frozen.realtime), calendarText(b.frozen.realtime))
        add(
            .clock, "kind", a.clock.domain.kind == .virtual ? "virtual" : "host",
            b.clock.domain.kind == .virtual ? "virtual" : "host")
        add(
            .clock, "nanoseconds per instruction", "\(a.clock.domain.nanosecondsPerInstruction)",
            "\(b.clock.domain.nanosecondsPerInstruction)")
        let (x, y) = (a.ledger.total, b.ledger.total)
        add(.ledger, "freezes", "\(x.count)", "\(y.count)")
        add(.ledger, "stood", spanText(x.gap), spanText(y.gap))
        add(.ledger, "hidden", spanText(x.hidden), spanText(y.hidden))
    }

    private mutating func compareDevices(_ a: SnapshotContents, _ b: SnapshotContents) {
        for section in a.devices {
            guard let other = b.devices.first(where: { $0.isSamePart(as: section) }) else {
                add(.device, section.title, Self.digest(section.bytes), "")
                continue
            }
            let (x, y) = (DeviceText.lines(section), DeviceText.lines(other))
            for (left, right) in zip(x, y) {
                add(.device, section.title + " " + left.name, left.value, right.value)
            }
            // Longer lists, or bytes that no line shows.
            if section.bytes != other.bytes, x.elementsEqual(y) || x.count != y.count {
                add(.device, section.title, Self.digest(section.bytes), Self.digest(other.bytes))
            }
        }
        for section in b.devices where !a.devices.contains(where: { $0.isSamePart(as: section) }) {
            add(.device, section.title, "", Self.digest(section.bytes))
        }
    }

    /// By checksums first; only chunks that differ are read.
    private static func compareMemory(
        _ a: SnapshotReader, _ b: SnapshotReader
    ) throws(SnapshotError) -> MemoryDifference {
        var result = MemoryDifference()
        let chunk = 65536
        var x = [UInt8](repeating: 0, count: chunk)
        var y = [UInt8](repeating: 0, count: chunk)
        for (left, right) in zip(a.regions, b.regions) {
            for index in left.checksums.indices where left.checksums[index] != right.checksums[index] {
                let at = UInt64(index) * UInt64(chunk)
                let count = min(try a.readMemory(left, at: at, into: &x), try b.readMemory(right, at: at, into: &y))
                for start in stride(from: 0, to: count, by: MemoryDifference.page) {
                    var isFirst = true
                    for byte in start..<min(start + MemoryDifference.page, count) where x[byte] != y[byte] {
                        result.bytes += 1
                        guard isFirst else { continue }
                        isFirst = false
                        result.pages += 1
                        if result.first.count < MemoryDifference.most {
                            result.first.append((left.guestAddress + at + UInt64(byte), x[byte], y[byte]))
                        }
                    }
                }
            }
        }
        return result
    }
}

extension SnapshotDifference.Part: CustomStringConvertible {
    public var description: String {
        switch self {
        case .machine: "machine"
        case .register: "register"
        case .timer: "timer"
        case .clock: "clock"
        case .ledger: "ledger"
        case .device: "device"
        case .backend: "backend"
        }
    }
}

extension BootImage: CustomStringConvertible {
    public var description: String {
        var text = path
        if case .raw(let address) = format { text += " at " + hex(address) }
        for argument in arguments { text += " " + argument }
        return text
    }
}

extension RegisterID {
    /// Registers that the timer's part of a snapshot shows, or that mean an instant of the host's.
    var isHostTime: Bool {
        switch self {
        case .count, .compare, .cause, .countControl, .countResume, .countHz: true
        default: false
        }
    }
}

/// Sixteen digits, or eight for what is a 32-bit value, sign-extended or not.
@inline(never)
func hex(_ value: UInt64) -> String {
    let low = UInt32(truncatingIfNeeded: value)
    if value >> 32 == 0 || signExtended(value) == value { return hex(low) }
    return hex(UInt32(truncatingIfNeeded: value >> 32)) + String(decoding: Array(hex(low).utf8)[2...], as: UTF8.self)
}
