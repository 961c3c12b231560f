// Kernels that are old, odd or dangerous: what opening and `stasis doctor` make of them.
import Host
import Testing
@testable import KVM

@Suite struct KernelVersionTests {
    @Test(arguments: [
        ("5.10.0-34-4kc-malta", KernelVersion(5, 10, 0)), ("6.1.192", KernelVersion(6, 1, 192)),
        ("6.5-rc1", KernelVersion(6, 5)), ("5.10.223+", KernelVersion(5, 10, 223)), ("4.19.", KernelVersion(4, 19)),
        ("6.12.1.2", KernelVersion(6, 12, 1)),
    ])
    func releases(text: String, version: KernelVersion) {
        #expect(KernelVersion(release: text) == version)
    }

    @Test(arguments: ["", "6", "6.", "linux", ".1", "-5.10", "6-5"])
    func noReleases(text: String) {
        #expect(KernelVersion(release: text) == nil)
    }

    @Test func debianSaysWhichItReallyIs() {
        func banner(_ text: String) -> KernelVersion? { KernelVersion.debian(Array(text.utf8)) }
        let text =
            "Linux version 6.1.0-50-loongson-3 (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14) 12.2.0) "
            + "#1 SMP PREEMPT Debian 6.1.192-1 (2025-06-01)\n"
        #expect(banner(text) == KernelVersion(6, 1, 192))
        #expect(banner("Linux version 5.10.223 (a@b) (gcc 10) #1 SMP\n") == nil)
        #expect(banner("") == nil)
        #expect(banner(" Debian ") == nil)
    }

    @Test func thisHost() { #expect(KernelVersion.running() != nil) }

    @Test func crashes() {
        for (version, may) in [
            (KernelVersion(5, 12, 19), false), (KernelVersion(5, 13), true), (KernelVersion(5, 15, 100), true),
            (KernelVersion(6, 1), true), (KernelVersion(6, 1, 191), true), (KernelVersion(6, 1, 192), false),
            (KernelVersion(6, 2), true), (KernelVersion(6, 4, 16), true), (KernelVersion(6, 5), false),
            (KernelVersion(6, 12, 117), false), (KernelVersion(7, 0), false), (KernelVersion(4, 12), false),
        ] {
            #expect(version.mayCrashAtVCPUCreation == may, "\(version)")
        }
    }
}

#if DEBUG
    import Hypervisor

    /// Which calls were made, by request.
    private func count(_ driver: SystemCallDriver, _ request: Request) -> Int {
        driver.trace.filter { $0.name == .ioctl && $0.arguments.1 == UInt64(request.rawValue) }.count
    }

    @Suite struct OddKernelTests {
        private func opening(_ kernel: FakeKernel, _ version: KernelVersion, trusting: Bool = false) -> KVMOpenError? {
            do throws(KVMOpenError) {
                _ = try kernel.open(version: version, trusting: trusting)
                return nil
            } catch {
                return error
            }
        }

        @Test(arguments: [KernelVersion(5, 13), KernelVersion(6, 1, 55), KernelVersion(6, 4, 16)])
        func aKernelThatMayCrash(version: KernelVersion) {
            let kernel = FakeKernel()
            kernel.hasVZ = true
            let driver = kernel.driver()
            let error = driver.run { opening(kernel, version) }
            #expect(error == .mayCrash(version))
            #expect(error?.description.contains("\(version)") == true)
            #expect(error?.remedy.contains("STASIS_TRUST_KERNEL=") == true)
            #expect(count(driver, .createVCPU) == 0 && count(driver, .createVM) == 0)
            #expect(kernel.isClean(driver.trace))
            // Who knows better says so; trap-and-emulate never had the defect.
            #expect(kernel.driver().run { opening(kernel, version, trusting: true) } == nil)
            kernel.hasVZ = false
            #expect(kernel.driver().run { opening(kernel, version) } == nil)
        }

        @Test(arguments: KVMOpenError.Need.allCases)
        func withoutACapability(need: KVMOpenError.Need) {
            for hasVZ in [false, true] {
                let kernel = FakeKernel()
                kernel.hasVZ = hasVZ
                kernel.absent = [UInt(need.rawValue)]
                let driver = kernel.driver()
                let error = driver.run { opening(kernel, KernelVersion(4, 4)) }
                #expect(error == .lacks(need))
                #expect(error?.description.contains(need.name) == true)
                #expect(count(driver, .createVCPU) == 0)
                #expect(kernel.isClean(driver.trace))
            }
        }

        /// Trap-and-emulate before 3.16: registers, but none that stops time. And a ONE_REG that is announced only.
        @Test(arguments: [Errno.inval, .notty])
        func withoutTheMasterDisable(error: Errno) {
            let kernel = FakeKernel()
            kernel.failures[Request.getOneRegister.rawValue] = [error]
            let driver = kernel.driver()
            let found = driver.run { opening(kernel, KernelVersion(3, 10)) }
            #expect(found == .noMasterDisable(HypervisorError(.getOneRegister, error)))
            #expect(found?.description.contains("COUNT_CTL") == true)
            #expect(kernel.isClean(driver.trace))
        }

        /// Before 5.9 the types are TE 0 and VZ 1; what a profile asks for is taken by old kernels and new ones.
        @Test(arguments: [
            (false, [UInt(0)]), (false, [0, 2]), (true, [1]), (true, [0, 1]),
        ])
        func machineTypes(hasVZ: Bool, types: [UInt]) throws {
            let kernel = FakeKernel()
            kernel.hasVZ = hasVZ
            kernel.machineTypes = types
            let driver = kernel.driver()
            try driver.run { () throws in
                let system = try kernel.open()
                _ = try system.createMachine(system.profile.machineType).createVCPU(0)
            }
            #expect(kernel.isClean(driver.trace))
        }
    }

    @Suite struct FactsTests {
        private func facts(
            _ kernel: FakeKernel, _ driver: SystemCallDriver, _ version: KernelVersion = KernelVersion(5, 10, 223),
            trusting: Bool = false
        ) throws(KVMProbeError) -> KVMFacts {
            try driver.run { () throws(KVMProbeError) in
                try KVMFacts(path: "/dev/null", trustingKernel: trusting, version: version)
            }
        }

        @Test(arguments: [false, true])
        func trapAndEmulate(spurious: Bool) throws {
            let kernel = FakeKernel()
            kernel.machineTypes = [0, 2]
            kernel.isSpurious = spurious
            let driver = kernel.driver()
            let facts = try facts(kernel, driver)
            #expect(facts.machineTypes == [.auto, .te])
            #expect(facts.value(of: .memorySlotCount) == 16)
            #expect(facts.value(of: .oneRegister) == 1)
            #expect(facts.value(of: .mipsVZ) == 0)
            guard case .seen(100_000_000, spurious) = facts.vcpu else {
                Issue.record("\(facts.vcpu)")
                return
            }
            #expect(count(driver, .run) == 0, "no guest runs")
            #expect(kernel.isClean(driver.trace), "\(driver.trace)")
        }

        @Test func hardware() throws {
            let kernel = FakeKernel()
            kernel.hasVZ = true
            kernel.machineTypes = [1]
            let driver = kernel.driver()
            let facts = try facts(kernel, driver, KernelVersion(4, 19))
            #expect(facts.machineTypes == [.vz])
            guard case .seen(100_000_000, nil) = facts.vcpu else {
                Issue.record("\(facts.vcpu)")
                return
            }
            #expect(kernel.isClean(driver.trace))
        }

        @Test func aKernelThatMayCrash() throws {
            let kernel = FakeKernel()
            kernel.hasVZ = true
            let driver = kernel.driver()
            let facts = try facts(kernel, driver, KernelVersion(6, 4))
            guard case .avoided(KernelVersion(6, 4)) = facts.vcpu else {
                Issue.record("\(facts.vcpu)")
                return
            }
            #expect(count(driver, .createVCPU) == 0)
            #expect(kernel.isClean(driver.trace))
            let trusted = kernel.driver()
            _ = try self.facts(kernel, trusted, KernelVersion(6, 4), trusting: true)
            #expect(count(trusted, .createVCPU) == 1)
        }

        /// Each call fails once: an answer all the same, and nothing left open.
        @Test(arguments: [Errno.io, .nomem, .inval])
        func everyCallFails(error: Errno) throws {
            let whole = FakeKernel()
            let driver = whole.driver()
            _ = try facts(whole, driver)
            for (index, call) in driver.trace.enumerated() where call.name != .close {
                let kernel = FakeKernel()
                let broken = kernel.driver { number, _ in number == index ? .fail(error) : nil }
                do throws(KVMProbeError) {
                    let facts = try facts(kernel, broken)
                    #expect(facts.answers.count == 14)
                } catch {
                    #expect(!error.remedy.isEmpty)
                }
                #expect(kernel.isClean(broken.trace, failed: call.name), "\(call): \(broken.trace)")
            }
        }
    }
#endif
