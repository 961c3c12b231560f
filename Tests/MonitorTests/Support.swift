// What the tests of this module share.

import Foundation
import Host
import Hypervisor
import Machine
import Simulator
import Snapshot
import Timekeeping
@testable import Monitor

/// Folder of the built guests: from the environment, or beside the package's build.
let guests =
    ProcessInfo.processInfo.environment["STASIS_GUESTS"]
    ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent(".build/guests").path

/// A folder for the files of one test, gone with the object.
final class Folder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/monitor-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }
    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
}

typealias Guest = VirtualMachine<SimulatedSystem>

let virtualClock = ClockSource.virtual(start: 1_000_000_000, nanosecondsPerInstruction: 10, realtime: 0)

/// A machine that has booted a guest.
func boot(
    _ name: String, _ profile: Profile = .vz, _ arguments: [String] = [], clock: ClockSource = virtualClock,
    memory: UInt64 = 4 << 20
) throws -> Guest {
    let vm = try Guest(
        SimulatedSystem(profile: profile, clock: clock), MachineConfiguration(memorySize: memory),
        console: Console(.capture))
    try vm.boot(
        BootImage(path: guests + "/\(name)\(profile.isTE ? ".te" : "").elf", arguments: arguments))
    return vm
}

/// A machine from a file, on the clock the file was written by.
func restore(_ file: String, profile: Profile? = nil) throws -> Guest {
    let contents = try SnapshotContents(path: file)
    let saved = contents.clock
    let clock: ClockSource =
        saved.domain.kind == .host
        ? .host
        : .virtual(
            start: saved.reading.monotonic, nanosecondsPerInstruction: saved.domain.nanosecondsPerInstruction,
            realtime: saved.reading.realtime - Int64(saved.reading.monotonic))
    let system = SimulatedSystem(profile: profile ?? Profile(named: contents.file.header.profile)!, clock: clock)
    return try Guest(system, restoring: contents, console: Console(.capture))
}

extension VirtualMachine {
    var text: String { String(decoding: console.captured, as: UTF8.self) }
    var now: UInt64 { system.clock().monotonic }
    var ticker: TickerState? {
        TickerState { UInt32(truncatingIfNeeded: memory.load(at: $0, size: 4) ?? 0) }
    }
}
