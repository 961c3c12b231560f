// Guest-physical memory of a simulated machine: the slots of KVM_SET_USER_MEMORY_REGION (reference 1.5).
//
// Unsafe code: a slot holds the address of memory its user promised to keep mapped (the contract's rule for
// `setMemoryRegion`); lookups return pointers only inside a slot's range.
//
// Locks: `lock` guards the slot list and the bitmaps. CPUs look slots up on their slow path under it; nothing else is locked
// while it is held.

import Host
import Hypervisor

extension MemoryRegion {
    func contains(_ address: UInt64) -> Bool {
        address >= guestPhysicalAddress && address - guestPhysicalAddress < size
    }
}

@safe
final class MemorySlots: @unchecked Sendable {
    /// One slot with its dirty bitmap.
    struct Slot {
        var region: MemoryRegion
        var dirty: [UInt64]

        func contains(_ address: UInt64) -> Bool { region.contains(address) }
    }

    /// What a CPU may do with a page.
    @safe
    struct Page {
        /// Host address of the first byte of the 4 KiB page.
        var host: UnsafeMutableRawPointer
        var writable: Bool
        /// Stores must be reported one by one.
        var logged: Bool

        /// The page of `address`, which `region` contains.
        @inline(__always)
        init?(_ address: UInt64, in region: MemoryRegion) {
            let offset = (address & ~0xFFF) - region.guestPhysicalAddress
            guard let host = unsafe UnsafeMutableRawPointer(bitPattern: UInt(region.hostAddress + offset)) else {
                return nil
            }
            unsafe self.host = host
            writable = !region.flags.contains(.readOnly)
            logged = region.flags.contains(.logDirtyPages)
        }
    }

    private let lock = Lock()
    private var slots: [Slot] = []
    private let pageSize: UInt64
    private let slotLimit: UInt32
    private let changes = AtomicWord()
    private var users: [MemoryUser] = []
    private var writes: WriteLog?

    init(pageSize: UInt32, slotLimit: UInt32) {
        self.pageSize = UInt64(pageSize)
        self.slotLimit = slotLimit
    }

    /// Changes with every successful `set`.
    var generation: UInt32 { changes.value }

    /// KVM_SET_USER_MEMORY_REGION: nil, or the errno. When it returns, no CPU uses the old slots any more: host memory of a
    /// deleted slot may go.
    func set(_ r: MemoryRegion) -> Errno? {
        if let errno = lock.withLock({ unlocked(r) }) { return errno }
        let now = generation
        for user in lock.withLock({ users }) { user.wait(for: now) }
        return nil
    }

    /// What user space writes will be found in `log`.
    func announce(_ log: WriteLog) {
        lock.withLock {
            writes = log
            changed()
        }
    }

    /// Where a CPU finds what others wrote; nil if there is no such place, or if there is another CPU: that one's stores are not in it.
    var soleWriteLog: WriteLog? { lock.withLock { users.count == 1 ? writes : nil } }

    /// A CPU begins to use the slots.
    func add(_ user: MemoryUser) {
        lock.withLock {
            // Others must know that they are not alone.
            if !users.isEmpty { changed() }
            users.append(user)
        }
    }

    /// A CPU is gone.
    func remove(_ user: MemoryUser) { lock.withLock { users.removeAll { $0 === user } } }

    private func unlocked(_ r: MemoryRegion) -> Errno? {
        let mask = pageSize - 1
        guard r.slot >> 16 == 0, r.slot & 0xFFFF < slotLimit else { return .inval }
        // Host memory comes in pages of the host this runs on, which are not always the profile's.
        let hostMask = UInt64(Mapping.pageSize) - 1
        guard r.guestPhysicalAddress & mask == 0, r.size & mask == 0, r.hostAddress & hostMask == 0 else {
            return .inval
        }
        guard r.flags.rawValue & ~3 == 0 else { return .inval }
        let (end, overflow) = r.guestPhysicalAddress.addingReportingOverflow(r.size)
        guard !overflow, end <= 1 << 36 else { return .inval }
        let existing = slots.firstIndex { $0.region.slot == r.slot }
        if r.size == 0 {
            guard let existing else { return .inval }
            slots.remove(at: existing)
            changed()
            return nil
        }
        guard userAddress(r) else { return .inval }
        if let existing {
            let old = slots[existing].region
            guard old.size == r.size, old.hostAddress == r.hostAddress,
                !old.flags.symmetricDifference(r.flags).contains(.readOnly)
            else { return .inval }
        }
        for slot in slots where slot.region.slot != r.slot {
            let other = slot.region
            if r.guestPhysicalAddress < other.guestPhysicalAddress + other.size && other.guestPhysicalAddress < end {
                return .exist
            }
        }
        let words = r.flags.contains(.logDirtyPages) ? Int((r.size / pageSize + 63) / 64) : 0
        if let existing {
            let keep = slots[existing].region.flags.contains(.logDirtyPages) && words > 0
            slots[existing] = Slot(
                region: r, dirty: keep ? slots[existing].dirty : [UInt64](repeating: 0, count: words))
        } else {
            slots.append(Slot(region: r, dirty: [UInt64](repeating: 0, count: words)))
        }
        changed()
        return nil
    }

    /// The whole range lies in addresses a user-space program can own.
    private func userAddress(_ r: MemoryRegion) -> Bool {
        let (end, overflow) = r.hostAddress.addingReportingOverflow(r.size)
        return !overflow && r.hostAddress != 0 && end <= UInt64(UInt.max >> 1) + 1
    }

    private func changed() { changes.store(changes.value &+ 1) }

    /// The slot that holds guest-physical `address`, or nil.
    func region(_ address: UInt64) -> MemoryRegion? {
        lock.withLock {
            for slot in slots where slot.contains(address) { return slot.region }
            return nil
        }
    }

    /// Notes a store to guest-physical `address` in the dirty log, if the slot keeps one.
    func markDirty(_ address: UInt64) {
        lock.withLock {
            for i in slots.indices where slots[i].contains(address) && !slots[i].dirty.isEmpty {
                let page = (address - slots[i].region.guestPhysicalAddress) / pageSize
                slots[i].dirty[Int(page / 64)] |= 1 << (page % 64)
            }
        }
    }

    /// KVM_GET_DIRTY_LOG: the bitmap, which is cleared.
    func takeDirtyLog(_ slot: UInt32) throws(Errno) -> [UInt64] {
        lock.lock()
        defer { lock.unlock() }
        guard slot >> 16 == 0, slot & 0xFFFF < slotLimit else { throw .inval }
        guard let i = slots.firstIndex(where: { $0.region.slot == slot }),
            slots[i].region.flags.contains(.logDirtyPages)
        else {
            throw .noent
        }
        let bitmap = slots[i].dirty
        slots[i].dirty = [UInt64](repeating: 0, count: bitmap.count)
        return bitmap
    }
}

/// What a running CPU knows of the slots: which generation it has taken over, and whether it touches memory at all.
final class MemoryUser: @unchecked Sendable {
    private let seen = AtomicWord()
    private let active = AtomicWord()

    /// The CPU enters the guest; it must look at the generation after this.
    func begin() { active.store(1) }
    /// The CPU holds no pointer into guest memory now.
    func end() { active.store(0) }
    /// The CPU has dropped everything older than `generation`.
    func acknowledge(_ generation: UInt32) { seen.store(generation) }

    /// Waits until the CPU cannot use slots older than `generation`; a slice at most.
    func wait(for generation: UInt32) {
        while active.value != 0, Int32(bitPattern: seen.value &- generation) < 0 { HostThread.yield() }
    }
}
