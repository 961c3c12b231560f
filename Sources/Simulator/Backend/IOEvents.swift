// KVM_IOEVENTFD and KVM_REGISTER_COALESCED_MMIO (reference 1.5, 6.2; virt/kvm/eventfd.c, coalesced_mmio.c).
//
// Locks: `lock` guards both lists; nothing is locked while it is held.

import Host
import Hypervisor

@safe
final class IOEvents: @unchecked Sendable {
    /// One ioeventfd.
    struct Event: Equatable {
        var address: UInt64
        var length: UInt32
        var descriptor: Int32
        /// nil: any data.
        var match: UInt64?
    }

    private let lock = Lock()
    private var events: [Event] = []
    private var zones: [(address: UInt64, size: UInt32)] = []

    /// KVM_IOEVENTFD assign or deassign; flags: 1 datamatch, 4 deassign. nil, or the errno.
    func change(_ e: Event, flags: UInt32) -> Errno? {
        guard e.length <= 8, e.length.nonzeroBitCount <= 1, flags & ~7 == 0 else { return .inval }
        if e.length == 0, flags & 1 != 0 { return .inval }
        return lock.withLock {
            let same = events.firstIndex {
                $0.address == e.address && $0.length == e.length && $0.match == e.match
            }
            if flags & 4 != 0 {
                guard let same else { return Errno.noent }
                events.remove(at: same)
                return nil
            }
            guard same == nil else { return Errno.exist }
            events.append(e)
            return nil
        }
    }

    func addZone(_ address: UInt64, _ size: UInt32) { lock.withLock { zones.append((address, size)) } }

    func removeZone(_ address: UInt64, _ size: UInt32) {
        lock.withLock {
            zones.removeAll { $0.address >= address && $0.address + UInt64($0.size) <= address + UInt64(size) }
        }
    }

    /// A guest store to a device address. Returns whether an eventfd or the ring took it.
    func store(_ address: UInt64, _ data: UInt64, _ size: UInt32, ring: RunArea) -> Bool {
        lock.withLock {
            let mask: UInt64 = size >= 8 ? .max : (1 << (UInt64(size) * 8)) - 1
            for e in events where e.address == address && (e.length == 0 || e.length == size) {
                if let match = e.match, match & mask != data & mask { continue }
                let descriptor = FileDescriptor(raw: e.descriptor, owned: false)
                // A user's eventfd that is full or closed loses the event, as it would in the kernel.
                try? descriptor.signalEvent()
                return true
            }
            for zone in zones
            where address >= zone.address && address + UInt64(size) <= zone.address + UInt64(zone.size) {
                return ring.appendCoalesced(address, data, size)
            }
            return false
        }
    }
}
