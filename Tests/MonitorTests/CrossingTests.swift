// From one backend to another: what goes along, what stays behind, what is refused.

import Host
import Hypervisor
import Machine
import Simulator
import Snapshot
import Testing
import Timekeeping
@testable import Monitor

@Suite struct CrossingTests {
    /// A kernel gives out no TLB: such a file has no section BACK. The guest goes on all the same.
    @Test(arguments: [Profile.teFixed, .te510])
    func withoutBackendState(profile: Profile) throws {
        let folder = try Folder()
        let (_, file) = try saved(folder, profile)
        try rewrite(file, to: folder.file("kernel")) { section, _ in section.name != "BACK" }
        let vm = try restore(folder.file("kernel"))
        #expect(vm.notes.isEmpty)
        try vm.resume(.freeze)
        #expect(try vm.run() == .powerOff(code: 0))
        #expect(vm.text.contains("ticks=9 late=0 lost=0 doubled=0 early=0"))
    }

    @Test func wiredEntries() throws {
        let folder = try Folder()
        let (_, file) = try saved(folder, .teFixed)
        try rewrite(file, to: folder.file("wired")) { section, bytes in
            if section.name == "VCPU" { setRegister(.wired, 3)(&bytes) }
            return true
        }
        // With the TLB they are no matter.
        _ = try restore(folder.file("wired"))
        try rewrite(folder.file("wired"), to: folder.file("lost")) { section, _ in section.name != "BACK" }
        let text = message { _ = try restore(folder.file("lost")) }
        #expect(text.contains("wired 3 TLB entries") && text.contains(folder.file("lost")), "\(text)")
    }

    @Test func hardwareThatIsAlmostTheSame() throws {
        let folder = try Folder()
        let (vm, file) = try saved(folder, .teFixed)
        func changed(_ id: RegisterID, _ bits: UInt64) throws -> String {
            let value = try vm.vcpu.register(id) ^ bits
            try rewrite(file, to: folder.file("changed")) { section, bytes in
                if section.name == "VCPU" { setRegister(id, value)(&bytes) }
                return true
            }
            return message { throw Notes(try restore(folder.file("changed")).notes) }
        }
        // 34Kf instead of 24Kf; an FPU without double precision.
        #expect(try changed(.fcrIR, 0x600).contains("FCR_IR was 0x739500 and is 0x739300"))
        #expect(try changed(.fcrIR, 0x600).hasPrefix("1 note"))
        #expect(try changed(.fcrIR, 1 << 17).contains("does not fit"))
        // More sets in the data cache; longer lines in it; fewer TLB entries.
        #expect(try changed(.config1, 1 << 13).hasPrefix("1 note"))
        #expect(try changed(.config1, 1 << 10).contains("does not fit"))
        #expect(try changed(.config1, 1 << 25).contains("does not fit"))
        // Linux writes Config.MM itself, and no VMM can; that is nobody's business. The endianness is.
        #expect(try changed(.config, 2 << 17).hasPrefix("0 note"))
        #expect(try changed(.config, 1 << 15).contains("does not fit"))
    }

    private struct Notes: Error, CustomStringConvertible {
        let description: String
        init(_ notes: [Crossing.Note]) {
            description = "\(notes.count) note: " + notes.map(\.description).joined(separator: "; ")
        }
    }

    @Test func interruptMask() throws {
        let folder = try Folder()
        let (_, file) = try saved(folder, .teFixed)
        let vm = try restore(file, profile: .te510)
        #expect(vm.notes == [.interruptMask(saved: .teFixed, here: .te510)])
    }

    @Test func reasons() throws {
        let folder = try Folder()
        let (_, te) = try saved(folder, .te510)
        #expect(message { _ = try restore(te, profile: .vz) }.contains("have been replaced by loads and stores"))
        var small = Profile.te510
        small.pageSize = 4096
        let text = message { _ = try restore(te, profile: small) }
        #expect(text.contains("0x00004000") && text.contains("0x00007000"), "\(text)")
        let (_, vz) = try saved(folder, .vz)
        #expect(message { _ = try restore(vz, profile: .te510) }.contains("segments that trap-and-emulate does not"))
    }
}
