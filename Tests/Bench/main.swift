// Measures the engines: runs guest programs on the bare contract and prints, for each, the instructions it retired, the seconds
// of processor time that took, and millions of instructions a second. An engine that translates has a second line: blocks it
// translated, the guest's instructions in them, and the bytes of code they became.
//
//     interpreter-bench [--engine interpreted|translated|eager] GUEST.elf …
//     interpreter-bench --unpack KERNEL FILE.elf      instead: a kernel as Stasis starts it, for others to start
//
// The last line is the geometric mean. Scripts/bench runs it beside QEMU.

import Devices
import Foundation
import Host
import Hypervisor
import Machine
import Simulator

struct Figures {
    let instructions: UInt64
    let seconds: Double
    let blocks: Int
    let code: (instructions: Int, bytes: Int)
    let console: String
}

func measure(_ path: String, _ engine: Engine) throws -> Figures {
    let system = SimulatedSystem(
        profile: .vz, clock: .virtual(start: 1_000_000_000, nanosecondsPerInstruction: 10, realtime: 0), engine: engine)
    let machine = try system.createMachine(.auto)
    let memory = try GuestMemory(size: 64 << 20)
    var slot: UInt32 = 0
    for region in memory.regions {
        try machine.setMemoryRegion(
            MemoryRegion(
                slot: slot, guestPhysicalAddress: UInt64(region.window.base), size: UInt64(region.window.size),
                hostAddress: memory.hostAddress(of: region)))
        slot += 1
    }
    let vcpu = try machine.createVCPU(0)
    try vcpu.enable(.mipsFPU, flags: 0, argument: 0)
    try vcpu.setRegister(.config1, vcpu.register(.config1) | 1)
    let image = try ImageLoader.load(path: path, format: .elf, window: .kseg0, into: memory)
    try vcpu.setRegister(.pc, UInt64(image.entry))
    let board = Board(memory: memory)
    var text: [UInt8] = []
    let start = Clock.cpuTime()
    while true {
        guard case .mmio(let access) = try vcpu.run() else { throw HypervisorError(.run, .io) }
        let (value, event) = board.handleMMIO(
            address: access.address, size: access.length, isWrite: access.isWrite, data: access.data)
        if !access.isWrite { vcpu.runArea.mmioData = value }
        if event != .none { break }
        text += board.drainOutput()
    }
    let seconds = Double(Clock.cpuTime() - start) / 1e9
    text += board.drainOutput()
    return Figures(
        instructions: vcpu.retiredInstructions, seconds: seconds, blocks: vcpu.translatedBlocks,
        code: vcpu.translatedCode,
        console: String(decoding: text, as: UTF8.self))
}

var engine = Engine.interpreted
var paths = Array(CommandLine.arguments.dropFirst())
if paths.first == "--engine", paths.count > 1 {
    guard let named = ["interpreted": Engine.interpreted, "translated": .translated, "eager": .eager][paths[1]] else {
        print("interpreter-bench: no engine \(paths[1]); there are interpreted, translated and eager")
        exit(2)
    }
    engine = named
    paths.removeFirst(2)
}
if paths.first == "--unpack", paths.count == 3 {
    try unpack(paths[1], to: paths[2])
    exit(0)
}
var product = 0.0
for path in paths {
    let figures = try measure(path, engine)
    let rate = Double(figures.instructions) / figures.seconds / 1e6
    product += log(rate)
    let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    print(
        name.padding(toLength: 12, withPad: " ", startingAt: 0),
        String(format: "%12llu instructions %8.3f s %8.1f million/s", figures.instructions, figures.seconds, rate))
    if figures.blocks > 0 {
        print(
            "  code: \(figures.blocks) blocks, \(figures.code.instructions) instructions, \(figures.code.bytes) bytes")
    }
    if ProcessInfo.processInfo.environment["SHOW_CONSOLE"] != nil { print(figures.console) }
}
if !paths.isEmpty {
    print("geomean \(String(format: "%.1f", exp(product / Double(paths.count)))) million instructions/s")
}
