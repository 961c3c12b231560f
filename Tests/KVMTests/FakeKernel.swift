// A kernel made up for tests of the backend: it answers the ioctls of one thread, has descriptors that are really open, and keeps
// account of what it handed out.
#if DEBUG
    import Foundation
    import Host
    import Hypervisor
    @testable import KVM

    /// What the fake device does. Structures are read and written at the addresses the backend passes, as the kernel does.
    final class FakeKernel {
        var hasVZ = false
        var hasFPU = true
        /// The interrupt-mask defect.
        var defect = false
        var mapSize = 32768
        /// Errors to answer to a request, one after the other.
        var failures: [UInt32: [Errno]] = [:]
        /// What GET_ONE_REG stores, and what SET_ONE_REG stored.
        var registers: [UInt64: UInt64] = [
            RegisterID.countControl.rawValue: 0, RegisterID.countHz.rawValue: 100_000_000, RegisterID.cause.rawValue: 0,
        ]
        /// The types KVM_CREATE_VM takes; nil: every number.
        var machineTypes: [UInt]?
        /// Capabilities it says it has not got.
        var absent: [UInt] = []
        /// The defect Q1: a thaw raises an interrupt where COUNT_HZ was lowered.
        var isSpurious = false
        var list: [UInt64] = []
        var regions: [(slot: UInt32, size: UInt64)] = []
        var interrupts: [(cpu: UInt32, irq: Int32)] = []
        var signalMask: [UInt8]?
        var capability: (number: UInt32, flags: UInt32, argument: UInt64)?
        var gpr: [UInt64] = []
        /// Called for KVM_RUN instead of the guest of the profile's probe.
        var onRun: ((FakeKernel) -> SystemCallDriver.Verdict)?
        /// Descriptors handed out, by what they are for.
        private(set) var given: [Int32] = []
        /// The file behind the run area that was made last.
        private(set) var area: Int32 = -1

        deinit { if area >= 0 { close(area) } }

        /// A driver that plays this kernel. `decide` comes first; nil leaves it to the kernel.
        func driver(_ decide: @escaping (Int, SystemCall) -> SystemCallDriver.Verdict? = { _, _ in nil })
            -> SystemCallDriver
        {
            SystemCallDriver { [self] index, call in
                if let verdict = decide(index, call) { return verdict }
                guard call.name == .ioctl else { return .pass }
                return answer(UInt32(truncatingIfNeeded: call.arguments.1), UInt(call.arguments.2))
            }
        }

        /// Opens the system under this kernel.
        func open(
            version: KernelVersion? = KernelVersion(5, 10, 223), trusting: Bool = false
        ) throws(KVMOpenError) -> KVMSystem {
            try KVMSystem.open(path: "/dev/null", trustingKernel: trusting, version: version)
        }

        private func answer(_ request: UInt32, _ argument: UInt) -> SystemCallDriver.Verdict {
            if let next = failures[request]?.first {
                failures[request]?.removeFirst()
                return .fail(next)
            }
            let p = unsafe UnsafeMutableRawPointer(bitPattern: argument)
            switch request {
            case UInt32(ProbeRequest.getAPIVersion), Request.getAPIVersion.rawValue: return .answer(12)
            case UInt32(ProbeRequest.getVCPUMapSize), Request.getVCPUMapSize.rawValue: return .answer(mapSize)
            case UInt32(ProbeRequest.checkExtension), Request.checkExtension.rawValue: return .answer(has(argument))
            case Request.createVM.rawValue where machineTypes?.contains(argument) == false: return .fail(.inval)
            case Request.createVM.rawValue: return .answer(give(unsafe Foundation.open("/dev/null", O_RDWR)))
            case Request.createVCPU.rawValue: return .answer(give(runArea()))
            case Request.setUserMemoryRegion.rawValue:
                regions.append(
                    unsafe (p!.load(as: UInt32.self), p!.load(fromByteOffset: 16, as: UInt64.self)))
            case Request.getDirtyLog.rawValue:
                let bitmap = unsafe UnsafeMutableRawPointer(
                    bitPattern: UInt(p!.load(fromByteOffset: 8, as: UInt64.self)))!
                unsafe bitmap.storeBytes(of: 0x10, as: UInt64.self)
            case Request.getOneRegister.rawValue: return unsafe oneRegister(p!, set: false)
            case Request.setOneRegister.rawValue: return unsafe oneRegister(p!, set: true)
            case Request.getRegisterList.rawValue:
                let room = unsafe p!.load(as: UInt64.self)
                unsafe p!.storeBytes(of: UInt64(list.count), as: UInt64.self)
                guard room >= list.count else { return .fail(.toobig) }
                for (i, id) in list.enumerated() {
                    unsafe p!.storeBytes(of: id, toByteOffset: 8 + i * 8, as: UInt64.self)
                }
            case Request.getRegisters.rawValue:
                for i in 0..<35 { unsafe p!.storeBytes(of: UInt64(1000 + i), toByteOffset: i * 8, as: UInt64.self) }
            case Request.setRegisters.rawValue:
                gpr = (0..<35).map { unsafe p!.load(fromByteOffset: $0 * 8, as: UInt64.self) }
            case Request.interrupt.rawValue:
                interrupts.append(unsafe (p!.load(as: UInt32.self), p!.load(fromByteOffset: 4, as: Int32.self)))
            case Request.setSignalMask.rawValue:
                signalMask = argument == 0 ? nil : (0..<20).map { unsafe p!.load(fromByteOffset: $0, as: UInt8.self) }
            case Request.enableCapability.rawValue:
                capability = unsafe (
                    p!.load(as: UInt32.self), p!.load(fromByteOffset: 4, as: UInt32.self),
                    p!.load(fromByteOffset: 8, as: UInt64.self)
                )
            case Request.run.rawValue:
                if let onRun { return onRun(self) }
                exitMMIO(address: defect ? 0x1400_0004 : 0x1400_0000, isWrite: true)
            default: return .fail(.notty)
            }
            return .answer(0)
        }

        private func has(_ capability: UInt) -> Int {
            if absent.contains(capability) { return 0 }
            return switch capability {
            case 3, 70, 136: 1
            case 10, 66: 16
            case 111: hasFPU ? 1 : 0
            case 137: hasVZ ? 1 : 0
            case 138: hasVZ ? 0 : 1
            default: 0
            }
        }

        private func oneRegister(_ p: UnsafeMutableRawPointer, set: Bool) -> SystemCallDriver.Verdict {
            let id = unsafe p.load(as: UInt64.self)
            let value = unsafe UnsafeMutableRawPointer(bitPattern: UInt(p.load(fromByteOffset: 8, as: UInt64.self)))!
            let isWord = id >> 52 & 0xF == 2
            if set {
                if isSpurious, id == RegisterID.countControl.rawValue,
                    registers[RegisterID.countHz.rawValue] == 1_000_000
                {
                    registers[RegisterID.cause.rawValue] = 0x4000_8000
                }
                registers[id] = isWord ? UInt64(unsafe value.load(as: UInt32.self)) : unsafe value.load(as: UInt64.self)
                return .answer(0)
            }
            guard let known = registers[id] else { return .fail(.inval) }
            if isWord {
                unsafe value.storeBytes(of: UInt32(truncatingIfNeeded: known), as: UInt32.self)
            } else {
                unsafe value.storeBytes(of: known, as: UInt64.self)
            }
            return .answer(0)
        }

        private func give(_ descriptor: Int32) -> Int {
            given.append(descriptor)
            return Int(descriptor)
        }

        /// A file that can be mapped in place of a vCPU.
        private func runArea() -> Int32 {
            let path = NSTemporaryDirectory() + "run-area-\(UUID().uuidString)"
            let descriptor = unsafe Foundation.open(path, O_RDWR | O_CREAT | O_EXCL, 0o600)
            unsafe unlink(path)
            ftruncate(descriptor, off_t(mapSize))
            if area >= 0 { close(area) }
            area = dup(descriptor)
            return descriptor
        }

        /// Bytes of the run area, as the kernel writes them.
        func poke<Value: BitwiseCopyable>(_ value: Value, at offset: Int) {
            _ = unsafe withUnsafeBytes(of: value) { unsafe pwrite(area, $0.baseAddress!, $0.count, off_t(offset)) }
        }

        func peek(_ offset: Int) -> UInt8 {
            var byte: UInt8 = 0
            unsafe pread(area, &byte, 1, off_t(offset))
            return byte
        }

        func exitMMIO(address: UInt64, isWrite: Bool, data: UInt64 = 0) {
            poke(UInt32(6), at: 8)
            poke(UInt8(1), at: 12)
            poke(address, at: 32)
            poke(data, at: 40)
            poke(UInt32(4), at: 48)
            poke(UInt8(isWrite ? 1 : 0), at: 52)
        }

        /// Everything handed out was given back: descriptors closed once each, mappings unmapped. `failed` is the name of the call
        /// that was made to fail, if any: it handed out nothing.
        func isClean(_ trace: [SystemCall], failed: SystemCall.Name? = nil) -> Bool {
            func count(_ name: SystemCall.Name) -> Int {
                trace.filter { $0.name == name }.count - (name == failed ? 1 : 0)
            }
            let closed = trace.filter { $0.name == .close }.map { Int32(truncatingIfNeeded: $0.arguments.0) }
            return given.allSatisfy { closed.contains($0) } && closed.count == given.count + count(.open)
                && count(.munmap) == count(.mmap)
        }
    }
#endif
