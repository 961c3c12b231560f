// Measures the interpreter: runs guest programs on the bare contract and prints, for each, the instructions it retired, the seconds
// of processor time that took, and millions of instructions a second.
//
//     interpreter-bench GUEST.elf …
//
// The last line is the geometric mean. Scripts/bench runs it beside QEMU.

import Devices
import Foundation
import Host
import Hypervisor
import Machine
import Simulator

func measure(_ path: String) throws -> (instructions: UInt64, seconds: Double, console: String) {
    let system = SimulatedSystem(
        profile: .vz, clock: .virtual(start: 1_000_000_000, nanosecondsPerInstruction: 10, realtime: 0))
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
    return (vcpu.retiredInstructions, seconds, String(decoding: text, as: UTF8.self))
}

var product = 0.0
let paths = Array(CommandLine.arguments.dropFirst())
for path in paths {
    let (instructions, seconds, console) = try measure(path)
    let rate = Double(instructions) / seconds / 1e6
    product += log(rate)
    let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    print(
        name.padding(toLength: 12, withPad: " ", startingAt: 0),
        String(format: "%12llu instructions %8.3f s %8.1f million/s", instructions, seconds, rate))
    if ProcessInfo.processInfo.environment["SHOW_CONSOLE"] != nil { print(console) }
}
if !paths.isEmpty {
    print("geomean \(String(format: "%.1f", exp(product / Double(paths.count)))) million instructions/s")
}
