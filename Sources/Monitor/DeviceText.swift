// What a snapshot says about devices, in words.

import Devices
import HostIO
public import Machine
import Snapshot
import Timekeeping

/// A device's state in words.
public enum DeviceText {
    public struct Line: Equatable, Sendable {
        public var name: String
        public var value: String

        public static func == (a: Line, b: Line) -> Bool {
            a.name.utf8.elementsEqual(b.name.utf8) && a.value.utf8.elementsEqual(b.value.utf8)
        }
    }

    /// A section's fields by their names; none where it does not decode.
    public static func lines(_ section: DeviceSection) -> [Line] {
        var lines: [Line] = []
        func add(_ name: String, _ value: UInt32) {
            lines.append(Line(name: name, value: "0x" + String(value, radix: 16)))
        }
        switch section.id {
        case .uart:
            guard let state = try? UARTState.decode(section.bytes) else { return [] }
            add("IER", UInt32(state.interruptEnable))
            add("FCR", UInt32(state.fifoControl))
            add("LCR", UInt32(state.lineControl))
            add("MCR", UInt32(state.modemControl))
            add("overrun", UInt32(state.overrun))
            add("MSR deltas", UInt32(state.modemDeltas))
            add("SCR", UInt32(state.scratch))
            add("divisor", UInt32(state.divisor))
            add("transmitter empty pending", state.transmitterEmptyPending ? 1 : 0)
            lines.append(Line(name: "characters waiting", value: "\(state.received.count)"))
        case .board:
            var reader = ByteReader(section.bytes)
            guard let size = try? reader.u64() else { return [] }
            lines.append(Line(name: "RAM", value: "\(size >> 10) KiB"))
        case .console:
            var reader = ByteReader(section.bytes)
            guard let count = try? reader.u32() else { return [] }
            lines.append(Line(name: "input waiting", value: "\(count) bytes"))
        case .rtc:
            guard let state = try? GoldfishRTCState.decode(section.bytes) else { return [] }
            lines.append(Line(name: "ahead of the clock", value: spanText(Int64(bitPattern: state.offset))))
            if state.isArmed {
                lines.append(Line(name: "alarm", value: calendarText(Int64(clamping: state.alarm))))
            }
        case .virtio:
            guard let state = try? VirtioState.decode(section.bytes) else { return [] }
            add("device id", UInt32(state.deviceID))
            add("status", UInt32(state.status))
            add("interrupt status", UInt32(state.interruptStatus))
            lines.append(Line(name: "features", value: hex(state.features)))
            for (number, queue) in state.queues.enumerated() where queue.isReady {
                lines.append(
                    Line(name: "queue \(number)", value: "\(queue.size) entries, \(queue.nextUsed) chains done"))
            }
        default: break
        }
        return lines
    }
}

extension DeviceSection {
    /// Its name; with the slot's number where there may be several.
    public var title: String { id == .virtio ? "VIRT \(instance)" : id.description }

    func isSamePart(as other: DeviceSection) -> Bool { id == other.id && instance == other.instance }
}

extension DeviceRecord {
    /// What it is: `virtio-blk`.
    public var model: String {
        let kind: DeviceKind
        switch self {
        case .disk: kind = .disk
        case .entropy: kind = .entropy
        case .net: kind = .net
        case .console: kind = .console
        }
        return kind.model.description
    }

    /// What it was connected to on the host, for people.
    public var connection: String {
        switch self {
        case .disk(let disk):
            var words = "\(disk.path), \(disk.size) bytes, last written " + calendarText(disk.modified)
            if disk.isReadOnly { words += ", read-only" }
            if !disk.serial.isEmpty { words += ", serial " + String(decoding: disk.serial, as: UTF8.self) }
            return words
        case .entropy(let seed): return seed == nil ? "the host's random numbers" : "a repeatable sequence"
        case .net(let net): return "TAP " + net.tap + ", " + Self.address(net.mac ?? [])
        case .console(let kind, let unsent, let untaken):
            var words = "a pseudo-terminal"
            if case .socket(let path) = kind { words = "socket " + path }
            return words + ", \(unsent.count) bytes to be read, \(untaken.count) typed"
        }
    }

    private static func address(_ bytes: [UInt8]) -> String {
        var words = ""
        for byte in bytes {
            words += (words.utf8.isEmpty ? "" : ":") + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return words
    }
}

extension SnapshotContents {
    /// What the guest's wall clock showed when it was frozen, in nanoseconds since 1970 UTC.
    public var guestRealtime: Int64 { frozen.realtime &- ledger.total.hidden }
}
