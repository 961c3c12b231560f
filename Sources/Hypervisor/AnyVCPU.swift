// A vCPU without its type: see AnySystem.swift.

public import Host

/// A vCPU of any type.
public final class AnyVCPU: HypervisorVCPU, Sendable {
    private let real: any HypervisorVCPU
    public let id: UInt32
    // A view of memory that stays where it is: looked at before and after every entry.
    public let runArea: RunArea

    init(_ real: any HypervisorVCPU) {
        self.real = real
        id = real.id
        runArea = real.runArea
    }

    public func register(_ id: RegisterID) throws(HypervisorError) -> UInt64 { try real.register(id) }
    public func setRegister(_ id: RegisterID, _ value: UInt64) throws(HypervisorError) {
        try real.setRegister(id, value)
    }
    public func registerList() throws(HypervisorError) -> [RegisterID] { try real.registerList() }
    public func registers() throws(HypervisorError) -> Registers { try real.registers() }
    public func setRegisters(_ registers: Registers) throws(HypervisorError) { try real.setRegisters(registers) }
    public func interrupt(_ line: Int32) throws(HypervisorError) { try real.interrupt(line) }
    public func interrupt(_ line: Int32, vcpuIndex: UInt32) throws(HypervisorError) {
        try real.interrupt(line, vcpuIndex: vcpuIndex)
    }
    public func run(on thread: HostThread.ID) throws(HypervisorError) -> Exit { try real.run(on: thread) }
    public func run() throws(HypervisorError) -> Exit { try real.run() }
    public func setSignalMask(_ mask: UInt64?) throws(HypervisorError) { try real.setSignalMask(mask) }
    public func enable(_ capability: Capability, flags: UInt32, argument: UInt64) throws(HypervisorError) {
        try real.enable(capability, flags: flags, argument: argument)
    }
    public func backendState() throws(HypervisorError) -> [UInt8] { try real.backendState() }
    public func setBackendState(_ bytes: [UInt8]) throws(HypervisorError) { try real.setBackendState(bytes) }
    public func ioctl(_ request: Request, _ argument: UInt) throws(HypervisorError) -> Int {
        try real.ioctl(request, argument)
    }
}
