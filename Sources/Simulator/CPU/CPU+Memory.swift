// Loads and stores that miss the software TLBs: translation, MMIO, unaligned addresses, code pages, dirty logging.
//
// Unsafe code: host addresses come from `MemorySlots.page` and stay within that 4 KiB page, because every access here is
// naturally aligned or a part of an aligned word.

import Host
import Hypervisor

extension CPU {
    /// The 4 KiB page of guest-physical `address`, or nil where there is no slot. Most are in the slot of the last one, which needs no
    /// lock: when slots change, their user waits until `takeMemoryChanges` has forgotten it.
    func page(_ address: UInt64) -> MemorySlots.Page? {
        if !recentSlot.contains(address) {
            guard let region = memory.region(address) else { return nil }
            recentSlot = region
        }
        return MemorySlots.Page(address, in: recentSlot)
    }

    /// Where an access goes after translation.
    @safe
    private enum Place {
        case host(UnsafeMutableRawPointer)
        case mmio(UInt32)
        /// An exception or exit happened.
        case gone
    }

    /// Finds the host address of `address`, raising what there is to raise; installs a software TLB entry if later accesses
    /// may go straight there.
    private func place(_ o: Op, _ address: UInt32, _ access: Access, alignedTo size: UInt32) -> Place {
        if address & (size - 1) != 0 {
            if isTE, kernelMode {
                // The kernel sees an address error from its own guest: only its MMIO windows make sense of it.
                guard address >= 0x8000_0000, address < 0xC000_0000 else {
                    internalError(o)
                    return .gone
                }
                return .mmio(address & 0x1FFF_FFFF)
            }
            raiseAddressError(address, store: access == .store, o)
            return .gone
        }
        let t = translate(address, access)
        switch t.kind {
        case .physical, .mapped:
            return physical(o, t, address, access)
        case .mmio:
            return .mmio(t.physical)
        case .commpage:
            let host = unsafe UnsafeMutableRawPointer(cells) + Int(t.physical)
            if access == .store {
                // The guest may be unmasking interrupts with this store.
                requestEvents()
                contextMayChange = true
            } else {
                unsafe install(core.readTLB, address, host)
            }
            return unsafe .host(host)
        default:
            _ = raiseFault(t, address, access, o)
            return .gone
        }
    }

    private func physical(_ o: Op, _ t: Translation, _ address: UInt32, _ access: Access) -> Place {
        guard let page = page(UInt64(t.physical)) else {
            guard t.kind != .mapped else {
                internalError(o)
                return .gone
            }
            return .mmio(t.physical)
        }
        let host = unsafe page.host + Int(t.physical & 0xFFF)
        if access != .store {
            unsafe install(core.readTLB, address, host)
            return unsafe .host(host)
        }
        guard page.writable else { return .mmio(t.physical) }
        let code = blocks.hasCode(t.physical)
        // The widest store is 8 bytes; smaller ones lie within the word or double word they are aligned to.
        if code, blocks.invalidate(t.physical & ~7, length: 8) {
            restoreHandlers()
            bumpEpoch()
        }
        if page.logged { memory.markDirty(UInt64(t.physical)) }
        if !page.logged, !blocks.hasCode(t.physical) { unsafe install(core.writeTLB, address, host) }
        return unsafe .host(host)
    }

    private func install(_ table: UnsafeMutableRawPointer, _ address: UInt32, _ host: UnsafeMutableRawPointer) {
        let entry = unsafe table + SoftTLB.offset(address)
        unsafe entry.storeBytes(of: address & 0xFFFF_F000, as: UInt32.self)
        unsafe entry.storeBytes(of: UInt(bitPattern: host) &- UInt(address), toByteOffset: 8, as: UInt.self)
    }

    // MARK: Entries from the instruction handlers

    /// A load of `size` bytes; `SlowLoad.failed` when it did not complete.
    func load(_ o: Op, _ address: UInt32, _ size: UInt32) -> UInt64 {
        switch place(o, address, .load, alignedTo: size) {
        case .host(let p):
            switch size {
            case 1: return UInt64(unsafe p.load(as: UInt8.self))
            case 2: return UInt64(unsafe p.load(as: UInt16.self))
            default: return UInt64(unsafe p.load(as: UInt32.self))
            }
        case .mmio(let physical):
            beginMMIOLoad(o, physical, size, byte: 0)
        case .gone: break
        }
        return SlowLoad.failed
    }

    /// A store of `size` bytes; false when it did not complete.
    func store(_ o: Op, _ address: UInt32, _ value: UInt32, _ size: UInt32) -> Bool {
        switch place(o, address, .store, alignedTo: size) {
        case .host(let p):
            switch size {
            case 1: unsafe p.storeBytes(of: UInt8(truncatingIfNeeded: value), as: UInt8.self)
            case 2: unsafe p.storeBytes(of: UInt16(truncatingIfNeeded: value), as: UInt16.self)
            default: unsafe p.storeBytes(of: value, as: UInt32.self)
            }
            if contextMayChange {
                contextMayChange = false
                updateContext()
            }
            return true
        case .mmio(let physical):
            mmioStore(o, physical, UInt64(value), size)
        case .gone: break
        }
        return false
    }

    /// The aligned word around `address`, for LWL and LWR.
    func loadUnalignedPart(_ o: Op, _ address: UInt32) -> UInt64 {
        switch place(o, address, .load, alignedTo: 1) {
        case .host(let p):
            return UInt64(unsafe (p - Int(address & 3)).load(as: UInt32.self))
        case .mmio(let physical):
            beginMMIOLoad(o, physical & ~3, 4, byte: address & 3)
        case .gone: break
        }
        return SlowLoad.failed
    }

    /// SWL and SWR.
    func storeUnalignedPart(_ o: Op, _ address: UInt32, _ value: UInt32, left: Bool) -> Bool {
        let byte = address & 3
        switch place(o, address, .store, alignedTo: 1) {
        case .host(let p):
            let word = unsafe p - Int(byte)
            let memory = unsafe word.load(as: UInt32.self)
            unsafe word.storeBytes(
                of: left ? Unaligned.swl(memory, value, byte) : Unaligned.swr(memory, value, byte), as: UInt32.self)
            return true
        case .mmio(let physical):
            // Bytes the instruction does not write keep what the run area's data held before (reference 6.2).
            let before = UInt32(truncatingIfNeeded: runArea.mmioData)
            let data = left ? Unaligned.swl(before, value, byte) : Unaligned.swr(before, value, byte)
            mmioStore(o, physical & ~3, UInt64(data), 4)
        case .gone: break
        }
        return false
    }

    /// LL. Neither LL nor SC can go to a device.
    func loadLinked(_ o: Op, _ address: UInt32) -> UInt64 {
        switch place(o, address, .load, alignedTo: 4) {
        case .host(let p):
            let value = unsafe p.load(as: UInt32.self)
            core.llActive = true
            core.llAddress = address
            core.llValue = value
            // TE runs LL on the host: the guest's cell does not hear of it.
            if !isTE { self[Cell.llAddr] = translate(address, .load).physical >> 4 }
            return UInt64(value)
        case .mmio:
            internalError(o)
        case .gone: break
        }
        return SlowLoad.failed
    }

    /// SC: 1 if the store happened, 0 if not.
    func storeConditional(_ o: Op, _ address: UInt32, _ value: UInt32) -> UInt64 {
        // Address errors and TLB exceptions come first, whether or not LLbit is set.
        switch place(o, address, .store, alignedTo: 4) {
        case .host(let p):
            guard core.llActive, core.llAddress == address else {
                core.llActive = false
                return 0
            }
            core.llActive = false
            let word = unsafe p.assumingMemoryBound(to: UInt32.self)
            return unsafe Atomics.compareExchange32(word, expected: core.llValue, desired: value) ? 1 : 0
        case .mmio:
            internalError(o)
        case .gone: break
        }
        return SlowLoad.failed
    }

    /// A 64-bit FPU load; halves are accessed like the words they are, and the whole must be aligned to 8.
    func load64(_ o: Op, _ address: UInt32) -> UInt64? {
        switch place(o, address, .load, alignedTo: 8) {
        case .host(let p): return unsafe p.load(as: UInt64.self)
        case .mmio: internalError(o)
        case .gone: break
        }
        return nil
    }

    func store64(_ o: Op, _ address: UInt32, _ value: UInt64) -> Bool {
        switch place(o, address, .store, alignedTo: 8) {
        case .host(let p):
            unsafe p.storeBytes(of: value, as: UInt64.self)
            return true
        case .mmio: internalError(o)
        case .gone: break
        }
        return false
    }

    /// A 32-bit FPU load or store: as `load` and `store`, but devices do not take them (reference 6.2).
    func load32FPU(_ o: Op, _ address: UInt32) -> UInt32? {
        switch place(o, address, .load, alignedTo: 4) {
        case .host(let p): return unsafe p.load(as: UInt32.self)
        case .mmio: internalError(o)
        case .gone: break
        }
        return nil
    }

    func store32FPU(_ o: Op, _ address: UInt32, _ value: UInt32) -> Bool {
        switch place(o, address, .store, alignedTo: 4) {
        case .host(let p):
            unsafe p.storeBytes(of: value, as: UInt32.self)
            return true
        case .mmio: internalError(o)
        case .gone: break
        }
        return false
    }
}
