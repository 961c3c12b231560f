// The dispatcher: finds the next block, runs it, and between blocks looks at the clock, signals and interrupts when the
// slice is used up.
//
// Unsafe code: jump cache entries are written here only, with ops of blocks that live until `removeAll`, which bumps the
// epoch and so makes every entry stale.

import Host
import Hypervisor
import MIPS

extension CPU {
    /// Executes the guest until there is a reason to leave it. `exitKind` says which. The caller holds the vCPU's lock.
    func enter() {
        exitKind = .none
        clock.acquire()
        signals.begin()
        memoryUser.begin()
        defer {
            memoryUser.end()
            signals.end()
            clock.release()
        }
        zeroRegister = 0
        sliceStart = clock.now()
        sliceBudget = 0
        core.budget = 0
        slicesUntilSignalPoll = 0
        isEntering = true
        if blockMode & 2 != 0 { core.fcsr &= CPU.fcsrMask }
        if completedLoad {
            completedLoad = false
            sliceBudget = 1
        }
        takeMemoryChanges()
        if wasTouched {
            wasTouched = false
            bumpEpoch()
        } else {
            takeWrites()
        }
        dispatch()
        settle()
        checkInvariants()
        if exitKind == .interrupted {
            runArea.exitReason = ExitReason.interrupted
            runArea.readyForInterruptInjection = 1
        }
    }

    private func dispatch() {
        let core = self.core
        let cache = unsafe jumpCache
        while true {
            if core.budget <= 0, events() { return }
            let pc = core.pc
            var entry = unsafe cache + JumpCache.offset(pc)
            if unsafe _slowPath(entry.load(as: UInt64.self) != core.context | UInt64(pc)) {
                guard let found = unsafe prepare(pc) else {
                    if exitKind != .none { return }
                    continue
                }
                unsafe entry = found
            }
            let warmth = unsafe entry.load(fromByteOffset: JumpCache.warmthOffset, as: UInt32.self)
            if _slowPath(warmth != 0), unsafe warm(entry, warmth) { continue }
            let length = unsafe entry.load(fromByteOffset: 16, as: UInt32.self)
            let ops = unsafe entry.load(fromByteOffset: 8, as: UnsafeRawPointer.self)
            core.budget -= Int64(length)
            core.blockLength = length
            core.blockPC = pc
            unsafe core.blockOps = ops
            if unsafe Op(ops).handler(core.p, ops) != Flow.next { return }
        }
    }

    /// Between slices. Returns true to leave the guest.
    @inline(never)
    private func events() -> Bool {
        settle()
        let alarm = clock.alarmInstant
        if sliceStart >= alarm {
            exitKind = .interrupted
            return true
        }
        takeMemoryChanges()
        refreshInterrupts(now: sliceStart)
        deliverInterrupt(entering: isEntering)
        isEntering = false
        slicesUntilSignalPoll -= 1
        if slicesUntilSignalPoll < 0 {
            slicesUntilSignalPoll = 16
            if signals.pending {
                exitKind = .interrupted
                return true
            }
        }
        beginSlice(alarm: alarm)
        return false
    }

    /// Drops what came from slots that changed.
    private func takeMemoryChanges() {
        let generation = memory.generation
        guard generation != memoryGeneration else { return memoryUser.acknowledge(generation) }
        memoryGeneration = generation
        recentSlot.size = 0
        writeLog = memory.soleWriteLog
        findUnmapped()
        flushSoftTLBs()
        dropBlocks()
        memoryUser.acknowledge(generation)
    }

    /// Checks the blocks of pages that others wrote against memory; all blocks, before each runs again, if it is not known what they wrote.
    func takeWrites() {
        guard let writeLog else { return bumpEpoch() }
        guard writeLog.isPending else { return }
        var isStale = false
        let isKnown = writeLog.take { first, last in
            for page in first...last where blocks.hasCode(page << 12) {
                guard let found = self.page(UInt64(page) << 12) else {
                    isStale = true
                    continue
                }
                let host = unsafe UnsafeRawPointer(found.host)
                if unsafe blocks.recheck(page << 12, length: 4096, page: host) { isStale = true }
            }
        }
        guard isStale || !isKnown else { return }
        restoreHandlers()
        bumpEpoch()
    }

    /// The RAM the unmapped segment begins with, which code loads from without a lookup. Forgotten when slots change, as `recentSlot` is.
    func findUnmapped() {
        let region = memory.region(0)
        let isThere = region != nil && region!.guestPhysicalAddress == 0 && region!.hostAddress != 0
        core.setUnmapped(
            host: isThere ? UInt(region!.hostAddress) : 0, size: isThere ? UInt32(min(region!.size, 0x2000_0000)) : 0)
    }

    /// Finds or builds the block at `pc` and enters it into the jump cache. nil when the fetch raised an exception (PC is at the
    /// vector) or left the guest (`exitKind` says so).
    @inline(never)
    private func prepare(_ pc: UInt32) -> UnsafeMutableRawPointer? {
        guard let fetched = unsafe fetch(pc, delaySlotOf: nil) else { return nil }
        let entry = unsafe jumpCache + JumpCache.offset(pc)
        let block = unsafe self.block(at: pc, physical: fetched.physical, memory: fetched.host, stale: entry)
        unsafe entry.storeBytes(of: core.context | UInt64(pc), as: UInt64.self)
        unsafe entry.storeBytes(of: UnsafeRawPointer(blocks.ops(block)), toByteOffset: 8, as: UnsafeRawPointer.self)
        unsafe entry.storeBytes(of: blocks.length(block), toByteOffset: 16, as: UInt32.self)
        unsafe remember(blocks.code(block), entry, warmth: blocks.warmth(block))
        return unsafe entry
    }

    func dropBlocks() {
        blocks.removeAll()
        translator?.removeAll()
        flushJumpCache()
        bumpEpoch()
    }

    private func block(
        at pc: UInt32, physical: UInt32, memory: UnsafeRawPointer, stale entry: UnsafeRawPointer
    ) -> UInt32 {
        let mode = blockMode
        if unsafe entry.load(as: UInt32.self) == pc {
            // Entries never outlive the blocks they lead to.
            let old = unsafe blocks.block(ops: entry.load(fromByteOffset: 8, as: UnsafeRawPointer.self))
            if unsafe blocks.confirm(
                old, physical: physical, pc: pc, mode: mode, memory: memory, epoch: epoch)
            {
                return old
            }
        }
        if let known = unsafe blocks.find(physical: physical, pc: pc, mode: mode, memory: memory, epoch: epoch) {
            return known
        }
        if blocks.isFull { dropBlocks() }
        let newCode = !blocks.hasCode(physical)
        let length = unsafe predecode(pc: pc, memory: memory, mode: mode, into: blocks.openOps)
        let block = unsafe blocks.close(
            physical: physical, pc: pc, mode: mode, length: length, memory: memory, epoch: epoch, warmth: warmth)
        if newCode { flushStoreTLBs() }
        return block
    }

    /// Where the instruction at `pc` lies. Raises what the fetch raises; `branch` is the address of the branch whose delay
    /// slot it is.
    func fetch(_ pc: UInt32, delaySlotOf branch: UInt32?) -> (physical: UInt32, host: UnsafeRawPointer)? {
        guard pc & 3 == 0 else {
            if isTE, kernelMode { return unsafe fetchFailed(branch ?? pc) }
            return unsafe fetchAddressError(pc, branch)
        }
        let t = translate(pc, .fetch)
        switch t.kind {
        case .physical, .mapped:
            guard let page = page(UInt64(t.physical)) else { return unsafe fetchFailed(branch ?? pc) }
            if isMapped(pc) { rememberMappedCode(pc) }
            return unsafe (t.physical, UnsafeRawPointer(page.host + Int(t.physical & 0xFFF)))
        case .addressError:
            return unsafe fetchAddressError(pc, branch)
        case .refill, .invalid:
            recordTLBFault(pc)
            enterException(
                ExceptionCode.tlbl, at: branch ?? pc, delaySlot: branch != nil, refill: t.kind == .refill)
            return nil
        case .modified, .mmio, .commpage, .unsupported:
            return unsafe fetchFailed(branch ?? pc)
        }
    }

    /// Does the TLB decide about this address? (While Status.ERL is set it does not of KUSEG; what is kept of that goes when ERL changes.)
    private func isMapped(_ address: UInt32) -> Bool {
        isTE ? address < 0x4000_0000 || address >= 0x6000_0000 : address < 0x8000_0000 || address >= 0xC000_0000
    }

    private func fetchAddressError(_ pc: UInt32, _ branch: UInt32?) -> (physical: UInt32, host: UnsafeRawPointer)? {
        self[Cell.badVAddr] = pc
        enterException(ExceptionCode.adEL, at: branch ?? pc, delaySlot: branch != nil)
        return nil
    }

    /// No memory to fetch from: KVM cannot emulate that.
    private func fetchFailed(_ pc: UInt32) -> (physical: UInt32, host: UnsafeRawPointer)? {
        core.pc = pc
        _ = leave(ExitReason.internalError)
        return nil
    }

    /// A delay slot on the page after its branch. `o` is the pseudo-op behind the branch; `core.target` is set.
    func executeRemoteDelaySlot(_ o: Op) -> Outcome {
        let slot = pc(o)
        let target = core.target
        guard let fetched = unsafe fetch(slot, delaySlotOf: slot &- 4) else {
            return exitKind == .none ? Flow.next : Flow.exit
        }
        let word = unsafe fetched.host.load(as: UInt32.self)
        // A block of one instruction that is never linked: it lies behind the last block and is overwritten by the next.
        if blocks.isFull { dropBlocks() }
        let ops = unsafe blocks.scratch(word: word)
        unsafe emitDelaySlot(InstructionWord(word), pc: slot, mode: blockMode, at: ops)
        unsafe Op.write(ops + Op.size, { unsafe endAfterBranch(Core($0), Op($1)) })
        core.budget -= 1
        core.blockPC = slot
        core.blockLength = 1
        core.target = target
        unsafe core.blockOps = UnsafeRawPointer(ops)
        return unsafe Op(ops).handler(core.p, ops)
    }
}
