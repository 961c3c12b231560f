// A vCPU of the kernel.
//
// Locks: none of our own. The kernel's vCPU mutex makes every call but KVM_INTERRUPT wait while another thread is in KVM_RUN.

import CHost
public import Host
public import Hypervisor

/// One virtual CPU of a `KVMMachine`.
public final class KVMVCPU: HypervisorVCPU, @unchecked Sendable {
    public let id: UInt32
    public let runArea: RunArea
    private let machine: KVMMachine
    private let alarm: AlarmClock
    private let bell: Bell
    private let descriptor: KVMDescriptor
    private let mapping: Mapping

    init(
        _ machine: KVMMachine, _ id: UInt32, _ mapping: consuming Mapping, _ descriptor: consuming KVMDescriptor,
        _ alarm: AlarmClock
    ) {
        self.machine = machine
        self.id = id
        self.alarm = alarm
        // The mapping lives as long as this object, and the area and the bell are of no use longer.
        let area = unsafe RunArea(base: mapping.base, size: mapping.size)
        runArea = area
        self.mapping = mapping
        self.descriptor = descriptor
        bell = alarm.add(area)
    }

    deinit { alarm.remove(bell) }

    // MARK: Registers

    @inline(__always)
    public func register(_ id: RegisterID) throws(HypervisorError) -> UInt64 { try descriptor.register(id) }

    @inline(__always)
    public func setRegister(_ id: RegisterID, _ value: UInt64) throws(HypervisorError) {
        try descriptor.setRegister(id, value)
    }

    public func registerList() throws(HypervisorError) -> [RegisterID] {
        // More than any kernel lists (reference 3.3); one that lists more says how many, and is asked again.
        var room = 256
        while true {
            var list = [UInt64](repeating: 0, count: room + 1)
            list[0] = UInt64(room)
            var failure: HypervisorError?
            unsafe list.withUnsafeMutableBytes { bytes in
                do throws(HypervisorError) {
                    _ = try descriptor.call(.getRegisterList, UInt(bitPattern: bytes.baseAddress))
                } catch {
                    failure = error
                }
            }
            // Bounded, so that a kernel gone mad costs no memory.
            let count = Int(truncatingIfNeeded: min(list[0], 65536))
            if let failure {
                guard failure.errno == .toobig, count > room, count < 65536 else { throw failure }
                room = count
                continue
            }
            return list[1...].prefix(count).map { RegisterID(rawValue: $0) }
        }
    }

    public func registers() throws(HypervisorError) -> Registers {
        var structure = chost_kvm_regs()
        try descriptor.call(.getRegisters, &structure)
        var r = Registers()
        // 32 words, as a tuple in Swift.
        unsafe withUnsafeBytes(of: &structure.gpr) { bytes in
            for i in 0..<32 { r.gpr[i] = unsafe bytes.load(fromByteOffset: i * 8, as: UInt64.self) }
        }
        r.hi = structure.hi
        r.lo = structure.lo
        r.pc = structure.pc
        return r
    }

    public func setRegisters(_ registers: Registers) throws(HypervisorError) {
        var structure = chost_kvm_regs()
        unsafe withUnsafeMutableBytes(of: &structure.gpr) { bytes in
            for i in 0..<32 { unsafe bytes.storeBytes(of: registers.gpr[i], toByteOffset: i * 8, as: UInt64.self) }
        }
        structure.hi = registers.hi
        structure.lo = registers.lo
        structure.pc = registers.pc
        try descriptor.call(.setRegisters, &structure)
    }

    // MARK: Interrupts

    /// "The vCPU of this descriptor". Kernels do not check other indices (reference 6.5).
    private static let itself = UInt32.max

    public func interrupt(_ line: Int32) throws(HypervisorError) {
        try interrupt(line, vcpuIndex: Self.itself)
    }

    public func interrupt(_ line: Int32, vcpuIndex: UInt32) throws(HypervisorError) {
        var structure = chost_kvm_mips_interrupt(cpu: vcpuIndex, irq: line)
        try descriptor.call(.interrupt, &structure)
    }

    // MARK: Running

    public func run() throws(HypervisorError) -> Exit { try run(on: HostThread.current) }

    public func run(on thread: HostThread.ID) throws(HypervisorError) -> Exit {
        let asked = runArea.immediateExit
        bell.enter(thread)
        defer { bell.leave(keeping: asked) }
        _ = try descriptor.call(.run)
        return Exit(runArea)
    }

    public func setSignalMask(_ mask: UInt64?) throws(HypervisorError) {
        guard let mask else {
            _ = try descriptor.call(.setSignalMask)
            return
        }
        var structure = chost_kvm_signal_mask()
        structure.len = 16
        // The first 64 of MIPS's 128 signals; the alarm is not the caller's to block.
        let words = mask & ~AlarmClock.signalMask
        unsafe withUnsafeMutableBytes(of: &structure.sigset) { bytes in
            // Inside the 16 bytes of the set.
            for i in 0..<8 { unsafe bytes[i] = UInt8(truncatingIfNeeded: words >> UInt64(i * 8)) }
        }
        try descriptor.call(.setSignalMask, &structure)
    }

    // MARK: The rest

    public func enable(_ capability: Capability, flags: UInt32, argument: UInt64) throws(HypervisorError) {
        try descriptor.enable(capability, flags, argument)
    }

    /// Nothing: all the state this kernel gives is in its registers.
    public func backendState() throws(HypervisorError) -> [UInt8] { [] }

    public func setBackendState(_ bytes: [UInt8]) throws(HypervisorError) {
        guard bytes.isEmpty else { throw HypervisorError(.setOneRegister, .inval) }
    }

    public func ioctl(_ request: Request, _ argument: UInt) throws(HypervisorError) -> Int {
        try descriptor.call(request, argument)
    }
}

extension KVMDescriptor {
    /// KVM_GET_ONE_REG.
    func register(_ id: RegisterID) throws(HypervisorError) -> UInt64 {
        // The kernel stores 4, 8 or 16 bytes, as the id says; on little-endian hosts 4 are the low half.
        var value: (UInt64, UInt64) = (0, 0)
        _ = try unsafe withUnsafeMutableBytes(of: &value) { bytes throws(HypervisorError) in
            var structure = chost_kvm_one_reg(id: id.rawValue, addr: UInt64(UInt(bitPattern: bytes.baseAddress)))
            try call(.getOneRegister, &structure)
        }
        return value.0
    }

    /// KVM_SET_ONE_REG.
    func setRegister(_ id: RegisterID, _ value: UInt64) throws(HypervisorError) {
        var value: (UInt64, UInt64) = (value, 0)
        _ = try unsafe withUnsafeMutableBytes(of: &value) { bytes throws(HypervisorError) in
            var structure = chost_kvm_one_reg(id: id.rawValue, addr: UInt64(UInt(bitPattern: bytes.baseAddress)))
            try call(.setOneRegister, &structure)
        }
    }
}
