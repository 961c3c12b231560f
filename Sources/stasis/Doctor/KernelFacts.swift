// What a MIPS kernel's KVM offers and which of the known defects it has.

import Host
import Hypervisor
import KVM

/// A known defect of KVM/MIPS, and whether this kernel has it.
struct Defect {
    enum State {
        case present, absent
        /// This version may have it; trying would do harm, or only a guest would see it.
        case possible

        var name: String {
            switch self {
            case .present: "present"
            case .absent: "absent"
            case .possible: "possible"
            }
        }
    }

    /// For programs.
    var name: String
    var title: String
    var state: State
    /// What it means here.
    var meaning: String
    /// What to do about it; nil where Stasis does it.
    var remedy: String?
}

/// Made only where /dev/kvm runs MIPS guests.
struct KernelFacts {
    let facts: KVMFacts
    let kind: KVMHost.Kind
    let defects: [Defect]

    /// - Parameter profile: as found by opening the system; nil when it could not be opened.
    init(_ facts: KVMFacts, _ kind: KVMHost.Kind, _ profile: Profile?) {
        self.facts = facts
        self.kind = kind
        defects = [Self.mask(kind, profile), Self.creation(facts), Self.spurious(facts)]
    }

    private static func mask(_ kind: KVMHost.Kind, _ profile: Profile?) -> Defect {
        let state: Defect.State =
            if kind == .vz { .absent } else if let profile { profile.kind == .te510 ? .present : .absent } else {
                .possible
            }
        return Defect(
            name: "interruptMask", title: "every interrupt gated by Status.IM0 (5.8 to 5.12)", state: state,
            meaning: "a guest that does not set Status.IM0 gets no interrupts; Linux does not",
            remedy: "take guests that set IM0 as well, or a kernel with the mask repaired (docs/hosts.md)")
    }

    private static func creation(_ facts: KVMFacts) -> Defect {
        let state: Defect.State = if case .avoided = facts.vcpu { .possible } else { .absent }
        return Defect(
            name: "vcpuCreation", title: "creating a vCPU crashes the kernel (5.13 to 6.4)", state: state,
            meaning: "Stasis makes no vCPU on this kernel unless told that it is repaired", remedy: nil)
    }

    private static func spurious(_ facts: KVMFacts) -> Defect {
        let state: Defect.State =
            if case .seen(_, let seen?) = facts.vcpu { seen ? .present : .absent } else { .possible }
        return Defect(
            name: "spuriousTimerInterrupt", title: "a timer interrupt too many after a long freeze", state: state,
            meaning: "Stasis goes round it: it arms the timer anew before a thaw", remedy: nil)
    }

    /// What there is to do something about.
    var problems: [Diagnosis.Problem] {
        var problems: [Diagnosis.Problem] = []
        for defect in defects where defect.state == .present {
            if let remedy = defect.remedy { problems.append(Diagnosis.Problem(text: defect.meaning, remedy: remedy)) }
        }
        if case .failed(let error) = facts.vcpu {
            problems.append(
                Diagnosis.Problem(
                    text: "/dev/kvm: no vCPU can be made: \(error.description)",
                    remedy: "free memory or descriptors (ulimit -v, ulimit -n), and look for kvm in the kernel's log"))
        }
        return problems
    }

    /// "VM types 0, 2; COUNT_HZ 100000000".
    var timer: String {
        var text = "VM types "
        for (index, type) in facts.machineTypes.enumerated() { text += (index == 0 ? "" : ", ") + "\(type.rawValue)" }
        if facts.machineTypes.isEmpty { text += "none" }
        text += facts.value(of: .mipsFPU) > 0 ? "; FPU" : "; no FPU"
        switch facts.vcpu {
        case .seen(let hz, _): return text + "; COUNT_HZ \(hz)"
        case .avoided: return text + "; COUNT_HZ unknown, as no vCPU was made"
        case .failed(let error): return text + "; no vCPU: " + error.description
        }
    }

    /// The capabilities that are there, in lines of some width.
    var capabilities: [String] {
        var lines: [String] = []
        var line = ""
        for answer in facts.answers where answer.value > 0 {
            let word = "\(answer.name)" + (answer.value > 1 ? " \(answer.value)" : "")
            if line.utf8.count + word.utf8.count > 76 {
                lines.append(line + ",")
                line = ""
            }
            line += (line.utf8.isEmpty ? "" : ", ") + word
        }
        lines.append(line)
        return lines
    }
}
