// What a snapshot says about the virtio devices of a machine and what they were connected to. Their own state is in the
// sections VIRT.
//
// Layout of section DEVS, version 1, little endian: number of devices n, at most 8 (4), 0 (4), then n times in the order of the slots:
// kind (1) and
//   1  disk: path (text), bytes (8), last change in ns since 1970 (8), inode (8), read-only (1), serial number (text)
//   2  entropy: a repeatable sequence (1), where it stands (8, else 0)
// A text is its length (4) and UTF-8.

public import HostIO
import Machine
import Snapshot

/// One device of a saved machine.
public enum DeviceRecord: Equatable, Sendable {
    case disk(DiskIdentity)
    /// `seed` is where a repeatable sequence stands; nil for the host's random numbers.
    case entropy(seed: UInt64?)

    static func encode(_ records: [DeviceRecord], _ writer: inout ByteWriter) {
        writer.u32(UInt32(truncatingIfNeeded: records.count))
        writer.u32(0)
        for record in records { record.encode(&writer) }
    }

    static func decode(_ reader: inout ByteReader) throws(ByteError) -> [DeviceRecord] {
        let count = try reader.u32("the number of devices")
        guard UInt64(count) <= AddressMap.virtioSlots else { throw .value(field: "the number of devices", UInt64(count)) }
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
        default: throw .value(field: "a device's kind", UInt64(kind))
        }
    }
}
