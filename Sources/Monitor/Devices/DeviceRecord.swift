// What a snapshot says about the virtio devices of a machine and what they were connected to. Their own state is in the
// sections VIRT.
//
// Layout of section DEVS, version 1, little endian: number of devices n, at most 8 (4), 0 (4), then n times in the order of the slots:
// kind (1) and
//   1  disk: path (text), bytes (8), last change in ns since 1970 (8), inode (8), read-only (1), serial number (text)
//   2  entropy: a repeatable sequence (1), where it stands (8, else 0)
//   3  network card: TAP interface (text), address (6)
//   4  console: 0 pseudo-terminal, 1 socket (1), the socket's path (text, else empty), output that nobody has got (bytes), input that
//      the guest has not taken (bytes), at most 64 KiB each
// A text is its length (4) and UTF-8.

public import HostIO
import Machine
import Snapshot

/// One device of a saved machine.
public enum DeviceRecord: Equatable, Sendable {
    case disk(DiskIdentity)
    /// `seed` is where a repeatable sequence stands; nil for the host's random numbers.
    case entropy(seed: UInt64?)

    case net(NetConfiguration)
    /// `unsent`: what the guest said and nobody has got; `untaken`: what was typed and the guest has not taken.
    case console(Line.Kind, unsent: [UInt8], untaken: [UInt8])

    static func encode(_ records: [DeviceRecord], _ writer: inout ByteWriter) {
        writer.u32(UInt32(truncatingIfNeeded: records.count))
        writer.u32(0)
        for record in records { record.encode(&writer) }
    }

    static func decode(_ reader: inout ByteReader) throws(ByteError) -> [DeviceRecord] {
        let count = try reader.u32("the number of devices")
        guard UInt64(count) <= AddressMap.virtioSlots else {
            throw .value(field: "the number of devices", UInt64(count))
        }
        try reader.zeros(4)
        var records: [DeviceRecord] = []
        for _ in 0..<count { records.append(try DeviceRecord(&reader)) }
        return records
    }

    private func encode(_ writer: inout ByteWriter) {
        switch self {
        case .disk(let disk):
            writer.u8(1)
            writer.text(disk.path)
            writer.u64(disk.size)
            writer.u64(UInt64(bitPattern: disk.modified))
            writer.u64(disk.inode)
            writer.bool(disk.isReadOnly)
            writer.blob(disk.serial)
        case .entropy(let seed):
            writer.u8(2)
            writer.bool(seed != nil)
            writer.u64(seed ?? 0)
        case .net(let net):
            writer.u8(3)
            writer.text(net.tap)
            writer.raw(net.mac ?? [UInt8](repeating: 0, count: Self.addressLength))
        case .console(let kind, let unsent, let untaken):
            writer.u8(4)
            switch kind {
            case .pty:
                writer.u8(0)
                writer.text("")
            case .socket(let path):
                writer.u8(1)
                writer.text(path)
            }
            writer.blob(unsent)
            writer.blob(untaken)
        }
    }

    private init(_ reader: inout ByteReader) throws(ByteError) {
        let kind = try reader.u8("a device's kind")
        switch kind {
        case 1:
            let path = try reader.text("a disk's path")
            let size = try reader.u64("a disk's size")
            let modified = Int64(bitPattern: try reader.u64("a disk's last change"))
            let inode = try reader.u64("a disk's inode")
            let isReadOnly = try reader.bool("a disk's read-only mark")
            let serial = try reader.blob("a disk's serial number")
            guard serial.count <= Disk.serialLimit else {
                throw .value(field: "the length of a disk's serial number", UInt64(serial.count))
            }
            self = .disk(
                DiskIdentity(
                    path: path, size: size, modified: modified, inode: inode, isReadOnly: isReadOnly, serial: serial))
        case 2:
            let isRepeatable = try reader.bool("the kind of entropy")
            let seed = try reader.u64("the state of entropy")
            guard isRepeatable || seed == 0 else { throw .value(field: "the state of entropy", seed) }
            self = .entropy(seed: isRepeatable ? seed : nil)
        case 3:
            let tap = try reader.text("a TAP interface's name")
            self = .net(NetConfiguration(tap: tap, mac: try reader.raw(Self.addressLength, "a card's address")))
        case 4:
            let isSocket = try reader.bool("a console's kind")
            let path = try reader.text("a console's socket")
            guard isSocket != path.utf8.isEmpty else { throw .value(field: "a console's kind", isSocket ? 1 : 0) }
            let unsent = try Self.bytes(&reader, "a console's output")
            self = .console(
                isSocket ? .socket(path) : .pty, unsent: unsent, untaken: try Self.bytes(&reader, "a console's input"))
        default: throw .value(field: "a device's kind", UInt64(kind))
        }
    }

    private static let addressLength = 6

    private static func bytes(_ reader: inout ByteReader, _ field: StaticText) throws(ByteError) -> [UInt8] {
        let bytes = try reader.blob(field)
        guard bytes.count <= Line.limit else { throw .value(field: field, UInt64(bytes.count)) }
        return bytes
    }
}
