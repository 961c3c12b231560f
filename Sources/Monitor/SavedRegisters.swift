// A vCPU's registers as a snapshot keeps them, and in which order they go into another vCPU.
//
// Layout of section VCPU, version 1, little endian: number of registers n (4), 0 (4), then n times the contract's id (8) and the value (8), in
// the order of KVM_GET_REG_LIST.

public import Hypervisor
import Host
import Snapshot

/// One register and its value, sign-extended or not as ONE_REG gives it.
public struct SavedRegister: Equatable, Sendable {
    public let id: RegisterID
    public let value: UInt64

    public init(id: RegisterID, value: UInt64) {
        self.id = id
        self.value = value
    }
}

/// All registers of one vCPU.
public struct SavedRegisters: Equatable, Sendable {
    public internal(set) var all: [SavedRegister]

    /// No kernel lists more; MSA and MAARs included there are some 200.
    static let most: UInt32 = 1024

    /// Reads every register the vCPU lists.
    ///
    /// FPU registers that cannot be read as things are (odd doubles while Status.FR is 0, all of them without Config1.FP) are listed by
    /// kernels and hold nothing the others do not (reference 3.3); vector registers cannot be restored by any kernel (reference 3.2).
    init<VCPU: HypervisorVCPU>(of vcpu: VCPU) throws(HypervisorError) {
        all = []
        for id in try vcpu.registerList() where id.width != .u128 {
            do throws(HypervisorError) {
                all.append(SavedRegister(id: id, value: try vcpu.register(id)))
            } catch {
                guard error.errno == .inval, id.isFPU else { throw error }
            }
        }
    }

    /// The value of a register, nil where it was not saved.
    public subscript(_ id: RegisterID) -> UInt64? {
        for register in all where register.id == id { return register.value }
        return nil
    }

    func encode(_ writer: inout ByteWriter) {
        writer.u32(UInt32(truncatingIfNeeded: all.count))
        writer.u32(0)
        for register in all {
            writer.u64(register.id.rawValue)
            writer.u64(register.value)
        }
    }

    init(_ reader: inout ByteReader) throws(ByteError) {
        let count = try reader.u32("the number of registers")
        guard count <= Self.most else { throw .value(field: "the number of registers", UInt64(count)) }
        try reader.zeros(4)
        all = []
        for _ in 0..<count {
            let id = RegisterID(rawValue: try reader.u64("a register's id"))
            // Found twice, the second would silently win.
            guard self[id] == nil else { throw .value(field: "a register's id", id.rawValue) }
            let value = try reader.u64("a register's value")
            guard id.width != .u32 || value >> 32 == 0 else { throw .value(field: "a 32-bit register", value) }
            all.append(SavedRegister(id: id, value: value))
        }
    }

    /// In the order in which they can be written (reference 5.2): Config decides which registers exist, Status which form the FPU's have.
    /// The timer's registers are not among them: module Timekeeping writes those.
    var inRestoreOrder: [SavedRegister] {
        var ordered: [SavedRegister] = []
        for rank in RegisterID.Rank.allCases {
            for register in all where register.id.rank == rank { ordered.append(register) }
        }
        return ordered
    }
}

extension RegisterID {
    /// When a register is restored.
    enum Rank: UInt8, CaseIterable {
        case config = 0
        case status = 1
        case fpu = 2
        case control = 3
        case general = 4
    }

    /// The register's turn, nil for those of the timer.
    var rank: Rank? {
        switch self {
        case .countControl, .countResume, .countHz, .count, .compare, .cause: nil
        case .config, .config1, .config2, .config3, .config4, .config5, .config6, .config7: .config
        case .status: .status
        default: isFPU ? .fpu : isGeneral ? .general : .control
        }
    }

    var isFPU: Bool { rawValue >> 16 & 0xFFFF == Set.fpu.rawValue }
    var isGeneral: Bool { rawValue >> 16 & 0xFFFF == Set.gpr.rawValue }
}
