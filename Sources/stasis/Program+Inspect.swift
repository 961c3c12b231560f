// `stasis inspect`: what a snapshot holds, for people and for programs.

import CommandLine
import Host
import HostIO
import Hypervisor
import JSON
import MIPS
import Machine
import Monitor
import Snapshot
import Timekeeping

extension Program {
    /// `stasis inspect`.
    static func inspect(_ options: InspectOptions) -> ExitStatus {
        reporting { () throws(Failure) in
            let contents = try monitor { () throws(MonitorError) in try SnapshotContents(path: options.file) }
            // What it takes on the disk; if that cannot be told, its length.
            let allocated = (try? Files.status(options.file))?.allocated ?? contents.file.header.fileSize
            let view = SnapshotView(contents: contents, allocated: allocated)
            return show(options.json ? view.json : view.text)
        }
    }
}

/// A snapshot to be shown.
struct SnapshotView {
    let contents: SnapshotContents
    /// Bytes on the disk.
    let allocated: UInt64

    // MARK: For people

    var text: String {
        let header = contents.file.header
        var text = "snapshot \(contents.file.path)\n"
        text += "  format \(header.format).\(header.revision), \(header.architecture), profile \(header.profile), "
        text += "pages of \(header.guestPageSize) bytes\n"
        text += "  \(header.fileSize) bytes, \(allocated >> 10) KiB of them on the disk\n"
        text += "  written " + calendarText(contents.clock.reading.realtime) + ", clock " + clock + "\n"
        text += "\nmachine\n"
        text += "  \(contents.machine.memorySize >> 10) KiB of RAM, \(contents.machine.vcpuCount) vCPU, "
        text += (contents.machine.hasFPU ? "with" : "without") + " FPU\n"
        if let image = contents.machine.image { text += "  image \(image)\n" }
        text += "\nclock\n" + guestClock + "\ntimer\n" + timer + "\nregisters\n" + registers + "\ndevices\n" + devices
        text += "\ntime ledger\n" + ledger + "\nsections\n" + sections + "\nmemory\n" + memory
        return text
    }

    private var clock: String {
        let domain = contents.clock.domain
        guard domain.kind == .host else { return "virtual, \(domain.nanosecondsPerInstruction) ns an instruction" }
        return "of the host, boot " + String(domain.identity.0, radix: 16) + String(domain.identity.1, radix: 16)
    }

    private var guestClock: String {
        var table = TextTable([.init(""), .init("")])
        table.row(["  the guest's wall clock", calendarText(contents.guestRealtime)])
        table.row(["  the host's", calendarText(contents.frozen.realtime)])
        if let uptime = contents.uptime { table.row(["  the guest has run", spanText(Int64(clamping: uptime))]) }
        return table.text
    }

    private var timer: String {
        var text = "  frozen at " + calendarText(contents.frozen.realtime) + "\n"
        for timer in contents.frozen.timers {
            var table = TextTable([.init(""), .init("")])
            for line in timer.lines { table.row(["  " + line.0, line.1]) }
            text += table.text
        }
        return text
    }

    private var registers: String {
        var table = TextTable([.init(""), .init(""), .init("")])
        var untouched = 0
        for register in contents.registers.all {
            // Forty lines that say nothing would hide the rest.
            if register.isUntouchedFloatingPoint {
                untouched += 1
                continue
            }
            table.row(["  " + register.id.manualName, hexadecimal(register), register.fields])
        }
        return table.text + (untouched > 0 ? "  and \(untouched) FPU registers that are 0 or all ones\n" : "")
    }

    private var devices: String {
        var table = TextTable([.init(""), .init(""), .init("")])
        for (slot, record) in contents.attached.enumerated() {
            table.row(["  virtio \(slot)", record.model, record.connection])
        }
        for section in contents.devices {
            for line in DeviceText.lines(section) { table.row(["  " + section.title, line.name, line.value]) }
        }
        if let state = contents.backendState { table.row(["  BACK", "state of the backend", "\(state.count) bytes"]) }
        return table.text
    }

    private var ledger: String {
        let total = contents.ledger.total
        var text = "  \(total.count) freezes: stood " + spanText(total.gap) + ", hidden " + spanText(total.hidden)
        text += ", caught up " + spanText(total.caughtUp) + "\n"
        let older = contents.ledger.older.count
        if older > 0 { text += "  \(older) older ones as sums only\n" }
        for entry in contents.ledger.entries { text += "  \(entry)\n" }
        return text
    }

    private var sections: String {
        var table = TextTable([
            .init("  name"), .init("instance", .right), .init("version", .right), .init("bytes", .right),
            .init("CRC-32C"),
        ])
        for section in contents.file.sections {
            table.row([
                "  \(section.name)", "\(section.instance)", "\(section.version)", "\(section.length)",
                String(section.checksum, radix: 16),
            ])
        }
        return table.text
    }

    private var memory: String {
        var table = TextTable([.init("  guest-physical"), .init("bytes", .right), .init("in the file at", .right)])
        for region in contents.file.regions {
            table.row(["  0x" + String(region.guestAddress, radix: 16), "\(region.size)", "\(region.offset)"])
        }
        return table.text
    }

    // MARK: For programs

    var json: String {
        let header = contents.file.header
        var json = JSONWriter()
        json.beginObject()
        json.member("file", contents.file.path)
        json.member("format", header.format)
        json.member("revision", header.revision)
        json.member("architecture", header.architecture.description)
        json.member("profile", header.profile)
        json.member("pageSize", header.guestPageSize)
        json.member("bytes", header.fileSize)
        json.member("bytesOnDisk", allocated)
        writeClock(&json)
        json.key("machine")
        json.beginObject()
        json.member("memory", contents.machine.memorySize)
        json.member("vcpus", contents.machine.vcpuCount)
        json.member("fpu", contents.machine.hasFPU)
        if let image = contents.machine.image {
            json.member("image", image.path)
            json.key("arguments")
            json.beginArray()
            for argument in image.arguments { json.value(argument) }
            json.endArray()
        }
        json.endObject()
        writeAttached(&json)
        writeTimers(&json)
        json.key("registers")
        json.beginObject()
        for register in contents.registers.all {
            json.key(text: register.id.manualName)
            json.value(hexadecimal(register))
        }
        json.endObject()
        json.key("devices")
        json.beginObject()
        for section in contents.devices {
            json.key(text: section.title)
            json.beginObject()
            for line in DeviceText.lines(section) {
                json.key(text: line.name)
                json.value(line.value)
            }
            json.endObject()
        }
        json.endObject()
        writeLedger(&json)
        json.key("sections")
        json.beginArray()
        for section in contents.file.sections {
            json.beginObject()
            json.member("name", section.name.description)
            json.member("instance", section.instance)
            json.member("version", section.version)
            json.member("bytes", section.length)
            json.member("checksum", section.checksum)
            json.endObject()
        }
        json.endArray()
        json.key("memory")
        json.beginArray()
        for region in contents.file.regions {
            json.beginObject()
            json.member("address", region.guestAddress)
            json.member("bytes", region.size)
            json.member("offset", region.offset)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.text
    }

    private func writeClock(_ json: inout JSONWriter) {
        json.key("clock")
        json.beginObject()
        json.member("kind", contents.clock.domain.kind == .host ? "host" : "virtual")
        json.member("nanosecondsPerInstruction", contents.clock.domain.nanosecondsPerInstruction)
        json.member("monotonic", contents.clock.reading.monotonic)
        json.member("realtime", contents.clock.reading.realtime)
        json.endObject()
    }

    private func writeAttached(_ json: inout JSONWriter) {
        json.key("guestClock")
        json.beginObject()
        json.member("realtime", contents.guestRealtime)
        json.member("hostRealtime", contents.frozen.realtime)
        if let uptime = contents.uptime { json.member("uptime", uptime) }
        json.endObject()
        json.key("virtio")
        json.beginArray()
        for record in contents.attached {
            json.beginObject()
            json.member("model", record.model)
            json.member("connection", record.connection)
            if case .disk(let disk) = record {
                json.member("path", disk.path)
                json.member("bytes", disk.size)
                json.member("modified", disk.modified)
                json.member("readOnly", disk.isReadOnly)
            }
            json.endObject()
        }
        json.endArray()
    }

    private func writeTimers(_ json: inout JSONWriter) {
        json.key("timers")
        json.beginArray()
        for timer in contents.frozen.timers {
            json.beginObject()
            json.member("count", timer.count)
            json.member("compare", timer.compare)
            json.member("cause", timer.cause)
            json.member("hz", timer.hz)
            json.member("resume", timer.resume)
            json.member("interruptPending", timer.interruptPending)
            json.member("masterDisabledBefore", timer.masterDisabled)
            json.member("carry", timer.carry)
            json.endObject()
        }
        json.endArray()
        json.member("frozenRealtime", contents.frozen.realtime)
    }

    private func writeLedger(_ json: inout JSONWriter) {
        let total = contents.ledger.total
        json.key("ledger")
        json.beginObject()
        json.member("freezes", total.count)
        json.member("gap", total.gap)
        json.member("hidden", total.hidden)
        json.member("caughtUp", total.caughtUp)
        json.key("entries")
        json.beginArray()
        for entry in contents.ledger.entries {
            json.beginObject()
            json.member("cause", entry.cause.description)
            json.member("policy", entry.policy.description)
            json.member("frozenRealtime", entry.frozenRealtime)
            json.member("frozenAt", entry.frozenAt)
            json.member("gap", entry.gap)
            json.member("hidden", entry.hidden)
            json.member("carry", entry.carry)
            json.endObject()
        }
        json.endArray()
        json.endObject()
    }

    private func hexadecimal(_ register: SavedRegister) -> String {
        // A sign-extended 32-bit value is shown as the 32 bits it has.
        let isWide = register.value >> 32 != 0 && signExtended(register.value) != register.value
        let value = isWide ? register.value : register.value & 0xFFFF_FFFF
        let digits = String(value, radix: 16)
        return "0x" + String(repeating: "0", count: (isWide ? 16 : 8) - digits.utf8.count) + digits
    }
}
