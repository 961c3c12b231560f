// The backend over a made-up kernel: what it asks, what it makes of answers and errors, what it leaves behind.
#if DEBUG
    import Foundation
    import Host
    import Hypervisor
    import Testing
    @testable import KVM

    @Suite struct OpeningTests {
        @Test(arguments: [(true, Profile.Kind.te510), (false, .teFixed)])
        func defect(has: Bool, kind: Profile.Kind) throws {
            let kernel = FakeKernel()
            kernel.defect = has
            let driver = kernel.driver()
            try driver.run { () throws(KVMOpenError) in
                let system = try kernel.open()
                #expect(system.profile == Profile(kind: kind, pageSize: 16384, hasFPU: true))
            }
            #expect(kernel.registers[RegisterID.status.rawValue] == 0x101, "IE and IM0 alone")
            #expect(kernel.interrupts.map(\.irq) == [2])
            #expect(kernel.isClean(driver.trace), "\(driver.trace)")
        }

        @Test func hardware() throws {
            let kernel = FakeKernel()
            kernel.hasVZ = true
            kernel.hasFPU = false
            kernel.mapSize = 8192
            let driver = kernel.driver()
            try driver.run { () throws(KVMOpenError) in
                let system = try kernel.open()
                #expect(system.profile == Profile(kind: .vz, pageSize: 4096, hasFPU: false))
                #expect(system.timeDomain.kind == .host)
            }
            // No guest is made to find out.
            #expect(driver.trace.allSatisfy { $0.arguments.1 != UInt64(Request.createVM.rawValue) })
            #expect(kernel.isClean(driver.trace))
        }

        @Test(arguments: [0, 4096, 24576, 32767, 1 << 20])
        func mapSize(size: Int) {
            let kernel = FakeKernel()
            kernel.mapSize = size
            let driver = kernel.driver()
            let error = driver.run { opening(kernel) }
            #expect(error == .mapSize(size))
            #expect(kernel.isClean(driver.trace))
        }

        private func opening(_ kernel: FakeKernel) -> KVMOpenError? {
            do throws(KVMOpenError) {
                _ = try kernel.open()
                return nil
            } catch {
                return error
            }
        }

        /// Each call of the opening fails once; nothing stays open, and the user gets a reason and a remedy.
        @Test(arguments: [Errno.io, .nomem, .inval])
        func everyCallFails(error: Errno) throws {
            let whole = FakeKernel()
            let driver = whole.driver()
            try driver.run { () throws(KVMOpenError) in _ = try whole.open() }
            var failed = 0
            for (index, call) in driver.trace.enumerated() where ![.close, .munmap].contains(call.name) {
                let kernel = FakeKernel()
                let broken = kernel.driver { number, _ in number == index ? .fail(error) : nil }
                let reason = broken.run { opening(kernel) }
                // The boot's identity is good to have, and not a reason to fail.
                guard let reason else { continue }
                failed += 1
                #expect(!reason.description.contains("\n") && !reason.remedy.isEmpty)
                #expect(
                    reason.description.contains(error.description) || call.name == .open, "\(call): \(reason)")
                #expect(kernel.isClean(broken.trace, failed: call.name), "\(call): \(broken.trace)")
            }
            #expect(failed >= 15, "only \(failed) calls can fail")
        }

        @Test func interruptedCreationIsAskedAgain() throws {
            let kernel = FakeKernel()
            kernel.failures[Request.createVM.rawValue] = [.intr, .intr]
            kernel.failures[Request.run.rawValue] = [.intr]
            let driver = kernel.driver()
            try driver.run { () throws(KVMOpenError) in _ = try kernel.open() }
            #expect(driver.trace.filter { $0.arguments.1 == UInt64(Request.createVM.rawValue) }.count == 3)
            #expect(kernel.isClean(driver.trace))
        }

        @Test func aGuestThatDoesSomethingElse() {
            let kernel = FakeKernel()
            kernel.onRun = { kernel in
                kernel.poke(UInt32(17), at: 8)
                return .answer(0)
            }
            let driver = kernel.driver()
            #expect(driver.run { opening(kernel) } == .guest(HypervisorError(.run, .io)))
            #expect(kernel.isClean(driver.trace))
        }
    }

    @Suite struct CallTests {
        /// A vCPU on a made-up VZ kernel, which makes no guest of its own.
        private func withVCPU(
            _ body: (FakeKernel, KVMMachine, KVMVCPU, KVMSystem) throws -> Void
        ) throws {
            let kernel = FakeKernel()
            kernel.hasVZ = true
            let driver = kernel.driver()
            try driver.run { () throws in
                let system = try kernel.open()
                let machine = try system.createMachine(.auto)
                let vcpu = try machine.createVCPU(3)
                #expect(vcpu.id == 3)
                try body(kernel, machine, vcpu, system)
            }
            #expect(kernel.isClean(driver.trace), "\(driver.trace)")
        }

        @Test func registers() throws {
            try withVCPU { kernel, _, vcpu, _ in
                kernel.registers[RegisterID.cause.rawValue] = 0xFFFF_FFFF_4000_8000
                let value1 = try vcpu.register(.cause)
                #expect(value1 == 0x4000_8000, "the upper half of a 32-bit register is zero")
                kernel.registers[RegisterID.pc.rawValue] = 0xFFFF_FFFF_8000_0180
                let value2 = try vcpu.register(.pc)
                #expect(value2 == 0xFFFF_FFFF_8000_0180)
                try vcpu.setRegister(.countControl, 1)
                #expect(kernel.registers[RegisterID.countControl.rawValue] == 1)
                try vcpu.setRegister(.compare, 0x1_0000_0005)
                #expect(kernel.registers[RegisterID.compare.rawValue] == 5)
                #expect(throws: HypervisorError(.getOneRegister, .inval)) { _ = try vcpu.register(.xContext) }
                var all = try vcpu.registers()
                #expect(all.gpr[0] == 1000 && all.gpr[31] == 1031 && all.hi == 1032 && all.lo == 1033 && all.pc == 1034)
                all.gpr[5] = 7
                all.pc = 9
                try vcpu.setRegisters(all)
                #expect(kernel.gpr[5] == 7 && kernel.gpr[31] == 1031 && kernel.gpr[32] == 1032 && kernel.gpr[34] == 9)
            }
        }

        @Test(arguments: [0, 1, 70, 256, 257, 3000])
        func registerList(count: Int) throws {
            try withVCPU { kernel, _, vcpu, _ in
                kernel.list = (0..<count).map { UInt64($0) }
                let list = try vcpu.registerList().map(\.rawValue)
                #expect(list == kernel.list)
            }
        }

        @Test func aListWithoutEnd() throws {
            try withVCPU { kernel, _, vcpu, _ in
                kernel.list = [UInt64](repeating: 0, count: 70000)
                #expect(throws: HypervisorError(.getRegisterList, .toobig)) { _ = try vcpu.registerList() }
            }
        }

        @Test func memory() throws {
            try withVCPU { kernel, machine, _, _ in
                // 100 pages of 16 KiB: two words of 64 bits.
                let region = MemoryRegion(
                    slot: 2, flags: .logDirtyPages, guestPhysicalAddress: 0, size: 100 * 16384, hostAddress: 0x10000)
                try machine.setMemoryRegion(region)
                let log = try machine.dirtyLog(slot: 2)
                #expect(log == [0x10, 0])
                kernel.failures[Request.getDirtyLog.rawValue] = [.noent]
                #expect(throws: HypervisorError(.getDirtyLog, .noent)) { _ = try machine.dirtyLog(slot: 1) }
                // A refused change is not remembered.
                kernel.failures[Request.setUserMemoryRegion.rawValue] = [.exist]
                var other = region
                other.size = 16384
                #expect(throws: HypervisorError(.setUserMemoryRegion, .exist)) { try machine.setMemoryRegion(other) }
                let stillTwo = try machine.dirtyLog(slot: 2).count
                #expect(stillTwo == 2)
                // Slots made by raw calls count too: their logs are as long.
                var raw: (UInt32, UInt32, UInt64, UInt64, UInt64) = (4, 1, 0, 65 * 16384, 0x10000)
                _ = try unsafe withUnsafeMutablePointer(to: &raw) {
                    try machine.ioctl(.setUserMemoryRegion, UInt(bitPattern: $0))
                }
                let rawLog = try machine.dirtyLog(slot: 4).count
                #expect(rawLog == 2)
            }
        }

        @Test func interrupts() throws {
            try withVCPU { kernel, _, vcpu, _ in
                try vcpu.interrupt(2)
                try vcpu.interrupt(-6)
                try vcpu.interrupt(3, vcpuIndex: 1)
                #expect(kernel.interrupts.map(\.cpu) == [.max, .max, 1])
                #expect(kernel.interrupts.map(\.irq) == [2, -6, 3])
                kernel.failures[Request.interrupt.rawValue] = [.inval]
                #expect(throws: HypervisorError(.interrupt, .inval)) { try vcpu.interrupt(5) }
            }
        }

        @Test func signalMask() throws {
            try withVCPU { kernel, _, vcpu, _ in
                let alarm = Signals.mask(Signals.user2)
                try vcpu.setSignalMask(0x8000_0001_0000_0102 | alarm)
                let bytes = try #require(kernel.signalMask)
                #expect(bytes[..<4] == [16, 0, 0, 0])
                var expected = [UInt8](repeating: 0, count: 16)
                for i in 0..<8 {
                    expected[i] = UInt8(truncatingIfNeeded: (0x8000_0001_0000_0102 & ~alarm) >> UInt64(i * 8))
                }
                #expect(Array(bytes[4...]) == expected, "the alarm's signal is never blocked")
                try vcpu.setSignalMask(nil)
                #expect(kernel.signalMask == nil)
            }
        }

        @Test func capabilities() throws {
            try withVCPU { kernel, machine, vcpu, system in
                let vz = try system.checkExtension(.mipsVZ)
                let te = try machine.checkExtension(.mipsTE)
                #expect(vz == 1 && te == 0)
                try vcpu.enable(.mipsFPU, flags: 1, argument: 2)
                let capability = try #require(kernel.capability)
                #expect(capability == (111, 1, 2))
                let version = try system.apiVersion()
                let size = try system.runAreaSize()
                #expect(version == 12 && size == 32768)
                #expect(throws: HypervisorError(.getFPU, .notty)) { _ = try vcpu.ioctl(.getFPU, 0) }
                let state = try vcpu.backendState()
                #expect(state == [])
                try vcpu.setBackendState([])
                #expect(throws: HypervisorError.self) { try vcpu.setBackendState([1]) }
            }
        }

        @Test(arguments: [Errno.inval, .exist, .mfile])
        func noVCPU(error: Errno) throws {
            try withVCPU { kernel, machine, _, _ in
                kernel.failures[Request.createVCPU.rawValue] = [error]
                #expect(throws: HypervisorError(.createVCPU, error)) { _ = try machine.createVCPU(3) }
            }
        }
    }

    @Suite struct RunningTests {
        private func withVCPU(_ body: (FakeKernel, KVMVCPU, KVMSystem) throws -> Void) throws {
            let kernel = FakeKernel()
            kernel.hasVZ = true
            try kernel.driver().run { () throws in
                let system = try kernel.open()
                try body(kernel, system.createMachine(.auto).createVCPU(0), system)
            }
        }

        @Test func exits() throws {
            try withVCPU { kernel, vcpu, _ in
                kernel.onRun = { kernel in
                    kernel.exitMMIO(address: 0x1000_0005, isWrite: true, data: 0x41)
                    return .answer(0)
                }
                let exit9 = try vcpu.run()
                #expect(exit9 == .mmio(MMIO(address: 0x1000_0005, data: 0x41, length: 4, isWrite: true)))
                #expect(vcpu.runArea.readyForInterruptInjection == 1)
                kernel.onRun = { kernel in
                    kernel.poke(UInt32(7), at: 8)
                    return .answer(0)
                }
                let exit10 = try vcpu.run()
                #expect(exit10 == .interruptWindowOpen)
                kernel.onRun = { kernel in
                    kernel.poke(UInt32(17), at: 8)
                    kernel.poke(UInt64(0), at: 32)
                    return .answer(0)
                }
                let exit11 = try vcpu.run()
                #expect(exit11 == .internalError(suberror: 0, dataCount: 0))
            }
        }

        @Test(arguments: [Errno.intr, .inval, .io, .nomem])
        func errorsArePassedOn(error: Errno) throws {
            try withVCPU { kernel, vcpu, _ in
                var runs = 0
                kernel.onRun = { _ in
                    runs += 1
                    return .fail(error)
                }
                #expect(throws: HypervisorError(.run, error)) { _ = try vcpu.run() }
                #expect(runs == 1, "asked once")
            }
        }

        @Test func immediateExitIsTheUsers() throws {
            try withVCPU { kernel, vcpu, _ in
                kernel.onRun = { kernel in kernel.peek(1) == 1 ? .fail(.intr) : .answer(0) }
                vcpu.runArea.immediateExit = true
                #expect(throws: HypervisorError(.run, .intr)) { _ = try vcpu.run() }
                #expect(vcpu.runArea.immediateExit, "who sets it clears it")
                vcpu.runArea.immediateExit = false
                _ = try vcpu.run()
            }
        }

        @Test func anAlarmOfThePast() throws {
            try withVCPU { kernel, vcpu, system in
                kernel.onRun = { kernel in kernel.peek(1) == 1 ? .fail(.intr) : .answer(0) }
                system.setAlarm(Clock.monotonic())
                for _ in 0..<3 {
                    // It stays in force.
                    #expect(throws: HypervisorError(.run, .intr)) { _ = try vcpu.run() }
                    #expect(!vcpu.runArea.immediateExit)
                }
                system.setAlarm(nil)
                _ = try vcpu.run()
                system.setAlarm(Clock.monotonic() + 3_600_000_000_000)
                _ = try vcpu.run()
            }
        }

        /// A guest that never leaves by itself: only the alarm's thread can set the byte, and its signal ends the wait.
        @Test func anAlarmDuringARun() throws {
            try withVCPU { kernel, vcpu, system in
                kernel.onRun = { kernel in
                    let patience = Clock.monotonic() + 30_000_000_000
                    while kernel.peek(1) == 0, Clock.monotonic() < patience { usleep(1000) }
                    return kernel.peek(1) == 1 ? .fail(.intr) : .answer(0)
                }
                let instant = Clock.monotonic() + 20_000_000
                system.setAlarm(instant)
                #expect(throws: HypervisorError(.run, .intr)) { _ = try vcpu.run() }
                #expect(Clock.monotonic() >= instant)
                #expect(!vcpu.runArea.immediateExit)
                #expect(Signals.recorded() & Signals.mask(Signals.user2) != 0, "the thread got its signal")
            }
        }
    }
#endif
