// The probe of /dev/kvm: every answer a kernel can give, every way the device can be out of reach.
import Foundation
import Host
import KVM
import Testing

/// A kernel made up for a test: what it answers to each request, in the order it was asked.
struct Kernel {
    var version: Result<Int, Errno> = .success(12)
    var vz: Result<Int, Errno> = .success(0)
    var te: Result<Int, Errno> = .success(0)
    var mapSize: Result<Int, Errno> = .success(32768)

    func answer(_ request: UInt, _ argument: UInt) -> Result<Int, Errno> {
        switch (request, argument) {
        case (ProbeRequest.getAPIVersion, 0): version
        case (ProbeRequest.checkExtension, 137): vz
        case (ProbeRequest.checkExtension, 138): te
        case (ProbeRequest.getVCPUMapSize, 0): mapSize
        default: .failure(.notty)
        }
    }

    func probe(machine: String = "mips") throws(KVMProbeError.Reason) -> KVMHost {
        try KVMProbe.question(machine: machine) { request, argument in answer(request, argument) }
    }
}

@Suite struct ProbeQuestionTests {
    @Test func trapAndEmulate() throws {
        let host = try Kernel(te: .success(1)).probe()
        #expect(host == KVMHost(apiVersion: 12, kind: .trapAndEmulate, vcpuMapSize: 32768))
        #expect(host.description == "KVM for MIPS, API 12, trap-and-emulate, 16384 byte pages")
    }

    @Test func hardware() throws {
        let host = try Kernel(vz: .success(1), mapSize: .success(8192)).probe(machine: "mips64")
        #expect(host.kind == .vz)
        #expect(host.description.contains("VZ"))
    }

    @Test func anotherArchitecture() {
        #expect(throws: KVMProbeError.Reason.otherArchitecture(machine: "x86_64")) {
            _ = try Kernel().probe(machine: "x86_64")
        }
    }

    @Test func neither() {
        for machine in ["mips", "mips64"] {
            #expect(throws: KVMProbeError.Reason.neitherVZNorTE) { _ = try Kernel().probe(machine: machine) }
        }
    }

    @Test(arguments: [0, 11, 13])
    func anotherVersion(version: Int) {
        #expect(throws: KVMProbeError.Reason.apiVersion(version)) {
            _ = try Kernel(version: .success(version), te: .success(1)).probe()
        }
    }

    @Test(arguments: [Errno.notty, .inval, .io])
    func failures(error: Errno) {
        #expect(throws: KVMProbeError.Reason.notKVM(error)) { _ = try Kernel(version: .failure(error)).probe() }
        #expect(throws: KVMProbeError.Reason.question(.checkExtension, error)) {
            _ = try Kernel(vz: .failure(error)).probe()
        }
        #expect(throws: KVMProbeError.Reason.question(.checkExtension, error)) {
            _ = try Kernel(te: .failure(error)).probe()
        }
        #expect(throws: KVMProbeError.Reason.question(.vcpuMapSize, error)) {
            _ = try Kernel(vz: .success(1), mapSize: .failure(error)).probe()
        }
    }

    @Test func interruptionsAreOutwaited() throws {
        var interruptions = 3
        let host = try KVMProbe.question(machine: "mips") { request, argument in
            if interruptions > 0 {
                interruptions -= 1
                return .failure(.intr)
            }
            return Kernel(te: .success(1)).answer(request, argument)
        }
        #expect(host.kind == .trapAndEmulate)
        #expect(interruptions == 0)
    }

    @Test func requestNumbers() {
        #if !HOST_MIPS
            #expect(ProbeRequest.getAPIVersion == 0xAE00)
            #expect(ProbeRequest.checkExtension == 0xAE03)
            #expect(ProbeRequest.getVCPUMapSize == 0xAE04)
        #else
            #expect(ProbeRequest.getAPIVersion == 0x2000_AE00)
            #expect(ProbeRequest.checkExtension == 0x2000_AE03)
            #expect(ProbeRequest.getVCPUMapSize == 0x2000_AE04)
        #endif
    }
}

@Suite struct ProbeDeviceTests {
    func reason(_ path: String) -> KVMProbeError? {
        do throws(KVMProbeError) {
            _ = try KVMProbe.examine(path: path)
            return nil
        } catch {
            return error
        }
    }

    @Test func missing() throws {
        let isMIPS = KVMProbe.isMIPS(Process.machine ?? "")
        let error = try #require(reason("/dev/no-such-device"))
        #expect(error.reason == .missing(isMIPSHost: isMIPS))
        #expect(error.description == "/dev/no-such-device: there is no such device")
        #expect(error.remedy.contains(isMIPS ? "modprobe" : "simulator"))
    }

    @Test func notKVM() throws {
        let error = try #require(reason("/dev/null"))
        #expect(error.reason == .notKVM(.notty))
        #expect(error.description.contains("not KVM"))
    }

    /// Whatever this host has, the probe ends with an answer a user can read.
    @Test func thisHost() {
        do throws(KVMProbeError) {
            let host = try KVMProbe.examine()
            #expect(host.apiVersion == 12)
            #expect(KVMProbe.isMIPS(Process.machine ?? ""))
        } catch {
            #expect(error.description.hasPrefix("/dev/kvm: "))
            #expect(!error.remedy.isEmpty)
        }
    }

    #if DEBUG
        func reason(_ path: String, _ driver: SystemCallDriver) -> KVMProbeError? {
            driver.run { reason(path) }
        }

        @Test func callsInOrder() {
            let driver = SystemCallDriver()
            _ = reason("/dev/null", driver)
            #expect(driver.trace.map(\.name) == [.open, .ioctl, .close])
            #expect(driver.trace[0].path == "/dev/null")
            #expect(driver.trace[1].arguments.1 == UInt64(ProbeRequest.getAPIVersion))
            #expect(driver.trace[1].arguments.2 == 0, "an argument other than 0 is EINVAL")
        }

        @Test(arguments: [Errno.nodev, .nxio])
        func noDriver(error: Errno) throws {
            let found = try #require(reason("/dev/null", .failing(.open, error)))
            #expect(found.reason == .noDriver(error))
            #expect(found.remedy.contains("modprobe kvm"))
        }

        @Test(arguments: [Errno.acces, .perm])
        func noPermission(error: Errno) throws {
            let found = try #require(reason("/dev/null", .failing(.open, error, count: 1)))
            guard case .noPermission(error, let access) = found.reason else {
                Issue.record("\(found)")
                return
            }
            #expect(access.mode == 0o666)
            #expect(access.groupID == 0)
            #expect(found.description.contains(error.description))
            #expect(found.description.contains("mode 666"))
        }

        @Test func aClosedDirectoryTellsNothing() throws {
            let driver = SystemCallDriver { _, call in call.name == .open || call.name == .fstat ? .fail(.acces) : .pass
            }
            #expect(try #require(reason("/dev/null", driver)).reason == .cannotOpen(.acces))
        }

        @Test(arguments: [Errno.mfile, .nfile, .nomem, .io])
        func cannotOpen(error: Errno) throws {
            #expect(try #require(reason("/dev/null", .failing(.open, error))).reason == .cannotOpen(error))
        }

        @Test func interruptedQuestionIsAskedAgain() throws {
            let driver = SystemCallDriver.failing(.ioctl, .intr, count: 2)
            #expect(try #require(reason("/dev/null", driver)).reason == .notKVM(.notty))
            #expect(driver.trace.filter { $0.name == .ioctl }.count == 3)
        }
    #endif
}

@Suite struct ProbeTextTests {
    func error(_ reason: KVMProbeError.Reason) -> KVMProbeError { KVMProbeError(path: "/dev/kvm", reason) }

    @Test func permissionRemedies() {
        func remedy(mode: UInt32, member: Bool) -> String {
            error(.noPermission(.acces, .init(mode: mode, groupID: 104, group: "kvm", isMember: member))).remedy
        }
        #expect(remedy(mode: 0o660, member: false).contains("usermod -aG kvm"))
        #expect(remedy(mode: 0o660, member: true).contains("container"))
        #expect(remedy(mode: 0o600, member: false).contains("chmod g+rw /dev/kvm"))
        #expect(remedy(mode: 0o600, member: true).contains("chmod g+rw /dev/kvm"))
        let nameless = error(.noPermission(.acces, .init(mode: 0o660, groupID: 104, group: nil, isMember: false)))
        #expect(nameless.description.contains("group 104, mode 660"))
        #expect(nameless.remedy.contains("usermod -aG 104"))
    }

    @Test func everyReasonHasOneLineAndARemedy() {
        let reasons: [(KVMProbeError.Reason, String)] = [
            (.missing(isMIPSHost: true), "no such device"), (.missing(isMIPSHost: false), "no such device"),
            (.noDriver(.nodev), "ENODEV"), (.cannotOpen(.mfile), "EMFILE"), (.notKVM(.notty), "ENOTTY"),
            (.apiVersion(11), "is 11"), (.otherArchitecture(machine: "x86_64"), "virtualizes x86_64, not MIPS"),
            (.neitherVZNorTE, "neither VZ"), (.question(.vcpuMapSize, .io), "KVM_GET_VCPU_MMAP_SIZE failed: EIO"),
        ]
        for (reason, words) in reasons {
            let error = error(reason)
            #expect(error.description.hasPrefix("/dev/kvm: "))
            #expect(error.description.contains(words), "\(error.description)")
            #expect(!error.description.contains("\n") && !error.remedy.contains("\n"))
            #expect(!error.remedy.isEmpty)
        }
        #expect(error(.otherArchitecture(machine: "x86_64")).remedy.contains("--backend simulator"))
        #expect(error(.missing(isMIPSHost: true)).remedy.contains("CONFIG_KVM"))
    }
}
