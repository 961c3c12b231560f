// The diagnosis for programs. Names stay as they are from version to version; new ones may come.

import CommandLine
import Host
import Hypervisor
import JSON
import KVM

extension Diagnosis {
    var json: String {
        var json = JSONWriter()
        json.beginObject()
        json.member("version", Program.version)
        json.member("compilation", Self.compilation)
        json.member("canRun", canRun)
        write(host: &json)
        write(device: &json)
        json.key("backend")
        json.beginObject()
        json.member("auto", auto)
        json.member("reason", reason)
        json.endObject()
        write(simulator: &json)
        write(clock: &json)
        json.key("snapshots")
        json.beginObject()
        json.member("canSaveHere", folder.failure == nil)
        json.member("sparse", folder.isSparse)
        json.endObject()
        json.key("guests")
        if let guests { json.value(guests) } else { json.null() }
        json.key("problems")
        json.beginArray()
        for problem in problems {
            json.beginObject()
            json.member("problem", problem.text)
            json.member("remedy", problem.remedy)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.text
    }

    private func write(host json: inout JSONWriter) {
        json.key("host")
        json.beginObject()
        json.member("machine", machine)
        json.member("kernel", kernel)
        json.member("processors", processors)
        json.member("pageSize", pageSize)
        json.key("memoryAvailable")
        if let memory { json.value(memory) } else { json.null() }
        json.endObject()
    }

    private func write(device json: inout JSONWriter) {
        json.key("kvm")
        json.beginObject()
        json.member("path", device.path)
        json.member("exists", device.status != nil)
        if let status = device.status {
            json.member("mode", status.mode & 0o777)
            json.member("owner", status.uid)
            json.member("group", device.group)
            json.member("inGroup", device.isMember)
            json.member("mayOpen", device.isAllowed)
        }
        json.member("virtualizesMIPS", kvm != nil)
        if let kvm {
            json.member("apiVersion", kvm.apiVersion)
            json.member("kind", kvm.kind == .vz ? "vz" : "te")
            json.member("pageSize", kvm.vcpuMapSize / 2)
        }
        if let kernelFacts { write(kernelFacts, &json) }
        if let refusal {
            json.member("problem", refusal.description)
            json.member("remedy", refusal.remedy)
        }
        json.endObject()
    }

    private func write(_ kernel: KernelFacts, _ json: inout JSONWriter) {
        json.key("machineTypes")
        json.beginArray()
        for type in kernel.facts.machineTypes { json.value(type.rawValue) }
        json.endArray()
        json.member("fpu", kernel.facts.value(of: .mipsFPU) > 0)
        json.key("countHz")
        if case .seen(let hz, _) = kernel.facts.vcpu { json.value(hz) } else { json.null() }
        json.key("capabilities")
        json.beginObject()
        for answer in kernel.facts.answers {
            json.key(text: "\(answer.name)")
            json.value(answer.value)
        }
        json.endObject()
        json.key("defects")
        json.beginArray()
        for defect in kernel.defects {
            json.beginObject()
            json.member("name", defect.name)
            json.member("state", defect.state.name)
            json.endObject()
        }
        json.endArray()
    }

    private func write(simulator json: inout JSONWriter) {
        json.key("simulator")
        json.beginArray()
        for simulator in simulators {
            json.beginObject()
            json.member("profile", simulator.profile.name)
            json.member("pageSize", simulator.profile.pageSize)
            json.member("fpu", simulator.profile.hasFPU)
            json.member("instructionsPerSecond", simulator.speed)
            if let failure = simulator.failure { json.member("failure", failure) }
            json.endObject()
        }
        json.endArray()
    }

    private func write(clock json: inout JSONWriter) {
        json.key("clock")
        json.beginObject()
        json.key("source")
        if let source = clock.source { json.value(source) } else { json.null() }
        json.member("stepNanoseconds", clock.step)
        json.member("calendarWidthNanoseconds", clock.width)
        json.member("sleepLatenessNanoseconds", clock.lateness)
        json.endObject()
    }
}
