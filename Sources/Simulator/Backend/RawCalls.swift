// Raw calls: requests by number with an address or a scalar, for what the typed calls cannot say.
//
// Unsafe code: an argument is an address the caller vouches for, as with ioctl(2); only null (and the page around it, where
// nothing is ever mapped) is refused, with EFAULT.

public import Hypervisor
import Host

/// A structure in the caller's memory.
@safe
private struct UserStructure {
    private let base: UnsafeMutableRawPointer

    /// Throws EFAULT for a null pointer.
    init(_ argument: UInt, _ request: Request) throws(HypervisorError) {
        guard argument >= 4096, let p = unsafe UnsafeMutableRawPointer(bitPattern: argument) else {
            throw HypervisorError(request, .fault)
        }
        unsafe base = p
    }

    func u32(_ offset: Int) -> UInt32 { unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
    func u64(_ offset: Int) -> UInt64 { unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
    func set32(_ offset: Int, _ v: UInt32) { unsafe base.storeBytes(of: v, toByteOffset: offset, as: UInt32.self) }
    func set64(_ offset: Int, _ v: UInt64) { unsafe base.storeBytes(of: v, toByteOffset: offset, as: UInt64.self) }
}

extension SimulatedMachine {
    public func ioctl(_ request: Request, _ argument: UInt) throws(HypervisorError) -> Int {
        try checkOwner(request)
        switch request {
        case .checkExtension:
            return Capabilities.value(Capability(rawValue: UInt32(truncatingIfNeeded: argument)), system.profile)
        case .setUserMemoryRegion:
            let s = try UserStructure(argument, request)
            try setMemoryRegion(
                MemoryRegion(
                    slot: s.u32(0), flags: MemoryRegion.Flags(rawValue: s.u32(4)), guestPhysicalAddress: s.u64(8),
                    size: s.u64(16),
                    hostAddress: s.u64(24)))
            return 0
        case .getDirtyLog:
            let s = try UserStructure(argument, request)
            let bitmap = try dirtyLog(slot: s.u32(0))
            let out = try UserStructure(UInt(truncatingIfNeeded: s.u64(8)), request)
            for i in 0..<bitmap.count { out.set64(i * 8, bitmap[i]) }
            return 0
        case .enableCapability:
            let s = try UserStructure(argument, request)
            try enable(Capability(rawValue: s.u32(0)), flags: s.u32(4), argument: s.u64(8))
            return 0
        case .ioEventFD:
            let s = try UserStructure(argument, request)
            let flags = s.u32(24)
            let event = IOEvents.Event(
                address: s.u64(8), length: s.u32(16), descriptor: Int32(bitPattern: s.u32(20)),
                match: flags & 1 != 0 ? s.u64(0) : nil)
            if let errno = ioEvents.change(event, flags: flags) { throw HypervisorError(request, errno) }
            return 0
        case .registerCoalescedMMIO, .unregisterCoalescedMMIO:
            let s = try UserStructure(argument, request)
            guard s.u32(12) <= 1 else { throw HypervisorError(request, .inval) }
            if request == .registerCoalescedMMIO {
                ioEvents.addZone(s.u64(0), s.u32(8))
            } else {
                ioEvents.removeZone(s.u64(0), s.u32(8))
            }
            return 0
        case .irqFD: throw HypervisorError(request, .inval)
        case .createDevice: throw HypervisorError(request, .nodev)
        default: throw HypervisorError(request, .notty)
        }
    }
}

extension SimulatedVCPU {
    public func ioctl(_ request: Request, _ argument: UInt) throws(HypervisorError) -> Int {
        try machine.checkOwner(request)
        guard request.type == Request.kvmType else { throw HypervisorError(request, .inval) }
        switch request {
        case .run:
            guard argument == 0 else { throw HypervisorError(request, .inval) }
            _ = try run()
        case .getOneRegister: try getOneRegister(argument)
        case .setOneRegister: try setOneRegister(argument)
        case .getRegisterList: try getRegisterList(argument)
        case .getRegisters: try getRegisters(argument)
        case .setRegisters: try setRegisters(argument)
        case .interrupt:
            let s = try UserStructure(argument, request)
            try interrupt(Int32(bitPattern: s.u32(4)), vcpuIndex: s.u32(0))
        case .setSignalMask: try setSignalMask(argument)
        case .enableCapability:
            let s = try UserStructure(argument, request)
            try enable(Capability(rawValue: s.u32(0)), flags: s.u32(4), argument: s.u64(8))
        case .translate:
            // Answers success and translates nothing (reference 1.2).
            _ = try UserStructure(argument, request)
        default: throw HypervisorError(request, .notty)
        }
        return 0
    }

    private func getOneRegister(_ argument: UInt) throws(HypervisorError) {
        let s = try UserStructure(argument, .getOneRegister)
        let id = RegisterID(rawValue: s.u64(0))
        let value = try register(id)
        let out = try UserStructure(UInt(truncatingIfNeeded: s.u64(8)), .getOneRegister)
        if id.width == .u32 { out.set32(0, UInt32(truncatingIfNeeded: value)) } else { out.set64(0, value) }
    }

    /// The kernel copies the value in before it looks at the id, and accepts any 128-bit id without effect (reference 3.2).
    private func setOneRegister(_ argument: UInt) throws(HypervisorError) {
        let s = try UserStructure(argument, .setOneRegister)
        let id = RegisterID(rawValue: s.u64(0))
        guard let width = id.width else { throw HypervisorError(.setOneRegister, .inval) }
        let value = try UserStructure(UInt(truncatingIfNeeded: s.u64(8)), .setOneRegister)
        switch width {
        case .u32: try setRegister(id, UInt64(value.u32(0)))
        case .u64: try setRegister(id, value.u64(0))
        case .u128: break
        }
    }

    private func getRegisterList(_ argument: UInt) throws(HypervisorError) {
        let s = try UserStructure(argument, .getRegisterList)
        let list = try registerList()
        let room = s.u64(0)
        s.set64(0, UInt64(list.count))
        guard room >= UInt64(list.count) else { throw HypervisorError(.getRegisterList, .toobig) }
        for i in 0..<list.count { s.set64(8 + i * 8, list[i].rawValue) }
    }

    private func getRegisters(_ argument: UInt) throws(HypervisorError) {
        let out = try UserStructure(argument, .getRegisters)
        let r = try registers()
        for i in 0..<32 { out.set64(i * 8, r.gpr[i]) }
        out.set64(256, r.hi)
        out.set64(264, r.lo)
        out.set64(272, r.pc)
    }

    private func setRegisters(_ argument: UInt) throws(HypervisorError) {
        let s = try UserStructure(argument, .setRegisters)
        var r = Registers()
        for i in 0..<32 { r.gpr[i] = s.u64(i * 8) }
        r.hi = s.u64(256)
        r.lo = s.u64(264)
        r.pc = s.u64(272)
        try setRegisters(r)
    }

    /// MIPS has 128 signals, so the set is 16 bytes; of these the simulator's hosts have 64.
    private func setSignalMask(_ argument: UInt) throws(HypervisorError) {
        guard argument != 0 else { return try setSignalMask(nil as UInt64?) }
        let s = try UserStructure(argument, .setSignalMask)
        guard s.u32(0) == 16 else { throw HypervisorError(.setSignalMask, .inval) }
        try setSignalMask(UInt64(s.u32(4)) | UInt64(s.u32(8)) << 32)
    }
}
