// Why KVM_RUN came back (reference 6.1).

/// An exit of a vCPU. Payloads are valid until the next `run`.
public enum Exit: Equatable, Sendable {
    /// A load or store outside RAM (6). For a store everything is done; for a load put the bytes into the run area with
    /// `RunArea.setMMIOData` before the next `run`, which completes it.
    case mmio(MMIO)
    /// TE only (7): the guest's WAIT was woken. Run again.
    case interruptWindowOpen
    /// The kernel cannot emulate what the guest did (17).
    case internalError(suberror: UInt32, dataCount: UInt32)
    /// Any other exit reason.
    case other(UInt32)
}

/// A memory-mapped access the guest made.
public struct MMIO: Equatable, Sendable {
    /// Guest-physical address.
    public var address: UInt64
    /// Bytes in guest memory order; byte 0 is the least significant of this value. Meaningful for stores.
    public var data: UInt64
    /// 1, 2 or 4 bytes (8 on 64-bit VZ).
    public var length: UInt32
    public var isWrite: Bool

    public init(address: UInt64, data: UInt64, length: UInt32, isWrite: Bool) {
        self.address = address
        self.data = data
        self.length = length
        self.isWrite = isWrite
    }
}

/// Numbers of `kvm_run.exit_reason` that MIPS uses.
public enum ExitReason {
    public static let unknown: UInt32 = 0
    public static let mmio: UInt32 = 6
    public static let interruptWindowOpen: UInt32 = 7
    public static let interrupted: UInt32 = 10
    public static let internalError: UInt32 = 17
}

extension Exit {
    /// The exit a run area describes.
    @inline(__always)
    public init(_ area: RunArea) {
        switch area.exitReason {
        case ExitReason.mmio: self = .mmio(area.mmio)
        case ExitReason.interruptWindowOpen: self = .interruptWindowOpen
        case ExitReason.internalError:
            self = .internalError(suberror: area.internalSuberror, dataCount: area.internalDataCount)
        case let reason: self = .other(reason)
        }
    }
}

extension Exit: CustomStringConvertible {
    public var description: String {
        switch self {
        case .mmio(let m):
            "MMIO \(m.isWrite ? "store" : "load") of \(m.length) at 0x" + String(m.address, radix: 16)
        case .interruptWindowOpen: "interrupt window open"
        case .internalError(let suberror, _): "internal error (suberror \(suberror))"
        case .other(let reason): "exit reason \(reason)"
        }
    }
}
