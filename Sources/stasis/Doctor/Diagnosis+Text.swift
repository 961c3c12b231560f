// The diagnosis for people: one screen.

import CommandLine
import Host
import Hypervisor
import KVM

extension Diagnosis {
    var text: String {
        var text = facts.text
        let problems = problems
        if !problems.isEmpty { text += "\nTo know:\n" }
        for problem in problems {
            text += "  - " + problem.text + "\n    > " + problem.remedy + "\n"
        }
        text += canRun ? "\nStasis can run guests here.\n" : "\nStasis cannot run guests here.\n"
        return text
    }

    private var facts: TextTable {
        var table = TextTable([.init(""), .init("")])
        let left = memory.map { ", " + megabytes($0) + " of memory available" } ?? ""
        table.row(["stasis", Program.version + ", " + Self.compilation])
        table.row(["host", "\(machine), Linux \(kernel), \(processors) processors, \(pageSize) byte pages" + left])
        table.row([device.path, access])
        table.row(["", verdict])
        if let kernelFacts {
            table.row(["", kernelFacts.timer])
            for line in kernelFacts.capabilities { table.row(["", "  " + line]) }
            for (index, defect) in kernelFacts.defects.enumerated() {
                let meaning = defect.state != .absent && defect.remedy == nil ? "; " + defect.meaning : ""
                table.row([index == 0 ? "defects" : "", defect.title + ": " + defect.state.name + meaning])
            }
        }
        table.row(["backend", "auto takes \(backend): " + reason])
        for (index, simulator) in simulators.enumerated() {
            table.row([index == 0 ? "simulator" : "", describe(simulator)])
        }
        table.row(["clock", "host: CLOCK_MONOTONIC" + (clock.source.map { " from " + $0 } ?? "")])
        table.row(["", "  steps of \(duration(clock.step)), read with the calendar within \(duration(clock.width))"])
        table.row(["", "  a sleep of 1 ms ends \(duration(clock.lateness)) late"])
        table.row(["", "virtual: exact, from retired instructions"])
        table.row(["snapshots", saving])
        table.row(["guests", guests ?? "not built"])
        return table
    }

    /// Which of the compilations this program is.
    static var compilation: String {
        #if hasFeature(Embedded)
            let kind = "Embedded Swift"
        #else
            let kind = "Swift"
        #endif
        #if DEBUG
            return kind + ", debug: guests run slowly"
        #else
            return kind
        #endif
    }

    /// Who may open the device.
    private var access: String {
        guard let status = device.status else { return "is not there" }
        return "mode \(String(status.mode & 0o777, radix: 8)), owner \(status.uid), group \(device.group)"
            + (device.isMember ? " (you are in it)" : " (you are not in it)")
            + (device.isAllowed ? ": you may open it" : ": you may not open it")
    }

    /// What it answered.
    private var verdict: String {
        if let kvm { return kvm.description }
        guard let refusal else { return "" }
        switch refusal.reason {
        case .otherArchitecture(machine: let guests):
            return "API 12; this KVM virtualizes \(guests), not MIPS: the simulator is used"
        case .missing: return "without it the simulator is used"
        default: return refusal.description
        }
    }

    private func describe(_ simulator: SimulatorFacts) -> String {
        let profile = simulator.profile
        let name = profile.name + String(repeating: " ", count: max(0, 10 - profile.name.utf8.count))
        let pages = profile.pageSize < 10_000 ? " \(profile.pageSize)" : "\(profile.pageSize)"
        let speed =
            simulator.failure.map { "does not run: " + $0 }
            ?? (simulator.speed < 10_000_000
                ? "\(simulator.speed / 1000) thousand" : "\(simulator.speed / 1_000_000) million")
            + " instructions/s in a loop"
        return name + pages + " byte pages, " + (profile.hasFPU ? "FPU, " : "no FPU, ") + speed
    }

    private var saving: String {
        if let failure = folder.failure { return "not in this folder: " + failure.description }
        return folder.isSparse
            ? "this folder takes them, and keeps them sparse" : "this folder takes them, but not sparse"
    }
}
